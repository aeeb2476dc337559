import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { MIGRATIONS } from './index.ts';
import { seriesJoins } from './0009-series-joins.ts';

it('adds room for joined days beside the tiles of before, each block of a join, a batch and a stored name', () => {
  const sql = new Database(':memory:');
  sql.pragma('foreign_keys = ON');
  for (const migration of MIGRATIONS) if (migration.version < seriesJoins.version) migration.up(sql);
  sql.exec(`INSERT INTO batch (revision, kind, file, source, sha256, bytes, importer_version, imported_at, import_day, counts, report, options)
    VALUES (1, 'prices', '', '', '', 0, '', '', 0, '{}', '{}', '{}');
    INSERT INTO symbol (type, code, exchange) VALUES ('ticker', 'AAA', '');
    INSERT INTO series_tile (field, batch_id, first_slot, n, anchored, crc, symbols, "values") VALUES ('close', 1, 5, 1, 0, 7, x'01000000', x'00')`);
  seriesJoins.up(sql);
  expect(sql.prepare('SELECT crc FROM series_tile').pluck().all()).toEqual([7]);
  sql.exec(`INSERT INTO series_join (field, first_tile, last_tile, first_batch, last_batch, revision) VALUES ('close', 0, 1, 1, 1, 1)`);
  const add = (join: number, symbol: number, n: number) => () =>
    sql.exec(`INSERT INTO series_joined (join_id, symbol_id, field, batch_id, first_slot, n, anchored, crc, "values")
      VALUES (${join}, ${symbol}, 'close', 1, 5, ${n}, 0, 0, x'00')`);
  add(1, 1, 1)();
  expect(add(2, 1, 1)).toThrow('FOREIGN KEY');
  expect(add(1, 2, 1)).toThrow('FOREIGN KEY');
  expect(add(1, 1, 0)).toThrow('CHECK');
  sql.close();
});
