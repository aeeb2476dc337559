import { createHash } from 'node:crypto';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { initial } from './0001-initial.ts';

it('makes every table STRICT, links every fact to its batch and allows neither triggers nor views', () => {
  const sql = new Database(':memory:');
  initial.up(sql);
  const tables = sql
    .prepare("SELECT name, strict, type FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite%'")
    .all() as { name: string; strict: number; type: string }[];
  expect(tables.filter((table) => table.strict !== 1 || table.type !== 'table')).toEqual([]);
  for (const { name } of tables) {
    const columns = sql.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(name) as string[];
    const links = sql.prepare('SELECT "from" FROM pragma_foreign_key_list(?)').pluck().all(name) as string[];
    expect([
      name,
      columns.filter(
        (column) =>
          ['batch_id', 'symbol_id', 'security_id', 'snapshot_id', 'run_id'].includes(column) &&
          !links.includes(column) &&
          column !== `${name.replace('holdings_', '')}_id`,
      ),
    ]).toEqual([name, []]);
  }
  sql.close();
});

it('is never changed once released: files are compared with its text', () => {
  const sql = new Database(':memory:');
  initial.up(sql);
  const text = (sql.prepare('SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name').pluck().all() as string[])
    .join(';')
    .replace(/\s+/g, ' ');
  sql.close();
  expect(createHash('sha256').update(text).digest('hex')).toBe('5a4a652b411eb8af37f204c0d6cb1b027fa82ebfc53fb4ee7dd08d1b93ab3c31');
});
