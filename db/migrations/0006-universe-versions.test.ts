import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { MIGRATIONS } from './index.ts';

it('holds one version of a list per batch, each of a stored batch', () => {
  const sql = new Database(':memory:');
  sql.pragma('foreign_keys = ON');
  for (const migration of MIGRATIONS) migration.up(sql);
  sql.exec(`INSERT INTO batch (revision, kind, file, source, sha256, bytes, importer_version, imported_at, import_day, counts, report, options)
    VALUES (1, 'universe', '', '', '', 0, '', '', 0, '{}', '{}', '{}')`);
  const add = (batch: number, name: string, removed: number) => () =>
    sql.exec(`INSERT INTO universe_list (batch_id, name, known_from, removed) VALUES (${batch}, '${name}', NULL, ${removed})`);
  add(1, 'core', 0)();
  add(1, 'energy', 1)();
  expect(add(1, 'core', 0)).toThrow('UNIQUE');
  expect(add(2, 'core', 0)).toThrow('FOREIGN KEY');
  expect(add(1, '', 0)).toThrow('CHECK');
  sql.close();
});
