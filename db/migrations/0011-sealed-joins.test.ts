import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { MIGRATIONS } from './index.ts';
import { sealedJoins } from './0011-sealed-joins.ts';

it('drops joins that say nothing of which tiles they stand for, and keeps the days they were made of', () => {
  const sql = new Database(':memory:');
  sql.pragma('foreign_keys = ON');
  for (const migration of MIGRATIONS) if (migration.version < sealedJoins.version) migration.up(sql);
  sql.exec(`INSERT INTO batch (revision, kind, file, source, sha256, bytes, importer_version, imported_at, import_day, counts, report, options)
    VALUES (1, 'prices', '', '', '', 0, '', '', 0, '{}', '{}', '{}');
    INSERT INTO symbol (type, code, exchange) VALUES ('ticker', 'AAA', '');
    INSERT INTO series_tile (field, batch_id, first_slot, n, anchored, crc, symbols, "values") VALUES ('close', 1, 5, 1, 0, 7, x'01000000', x'00');
    INSERT INTO series_join (field, first_tile, last_tile, first_batch, last_batch, revision) VALUES ('close', 0, 1, 1, 1, 1);
    INSERT INTO series_joined (join_id, symbol_id, field, batch_id, first_slot, n, anchored, crc, "values")
      VALUES (1, 1, 'close', 1, 5, 1, 0, 0, x'00')`);
  sealedJoins.up(sql);
  const count = (table: string) => sql.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
  expect(['series_join', 'series_joined', 'series_tile'].map(count)).toEqual([0, 0, 1]);
  sql.close();
});
