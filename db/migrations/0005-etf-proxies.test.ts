import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { MIGRATIONS } from './index.ts';
import { etfProxies } from './0005-etf-proxies.ts';

it('gives the rows of maps imported before no proxy, and takes only stored names', () => {
  const sql = new Database(':memory:');
  sql.pragma('foreign_keys = ON');
  for (const migration of MIGRATIONS) if (migration.version < etfProxies.version) migration.up(sql);
  sql.exec(`INSERT INTO batch (revision, kind, file, source, sha256, bytes, importer_version, imported_at, import_day, counts, report, options)
    VALUES (1, 'etf-map', '', '', '', 0, '', '', 0, '{}', '{}', '{}');
    INSERT INTO symbol (type, code, exchange) VALUES ('ticker', 'XLC', ''), ('ticker', 'VOX', '');
    INSERT INTO etf_map (level, code, scheme, symbol_id, batch_id, line) VALUES ('sector', 'Communication', '', 1, 1, 2)`);
  etfProxies.up(sql);
  expect(sql.prepare('SELECT proxy_id FROM etf_map').pluck().all()).toEqual([null]);
  sql.exec('UPDATE etf_map SET proxy_id = 2');
  expect(() => sql.exec('UPDATE etf_map SET proxy_id = 3')).toThrow('FOREIGN KEY');
  sql.close();
});
