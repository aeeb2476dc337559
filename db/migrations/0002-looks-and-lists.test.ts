import { createHash } from 'node:crypto';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { initial } from './0001-initial.ts';
import { looksAndLists } from './0002-looks-and-lists.ts';

function before(): Database.Database {
  const sql = new Database(':memory:');
  initial.up(sql);
  return sql;
}

it('keeps the findings of a file of the format before, dismissals included, as found by no look', () => {
  const sql = before();
  sql.exec(`INSERT INTO finding (severity, code, subject, message, detail, dismissed_reason, dismissed_at)
    VALUES ('info', 'gap', 'AAA', 'm', 'null', 'known', '2026-01-01T00:00:00.000Z')`);
  looksAndLists.up(sql);
  expect(sql.prepare('SELECT subject, dismissed_reason AS reason, key, look_id AS look FROM finding').all()).toEqual([
    { subject: 'AAA', reason: 'known', key: null, look: null },
  ]);
  sql.close();
});

it('holds one finding per key and any number without one', () => {
  const sql = before();
  looksAndLists.up(sql);
  const add = (key: string): void =>
    void sql.exec(`INSERT INTO finding (severity, code, subject, message, detail, key) VALUES ('info', 'c', 's', 'm', 'null', ${key})`);
  add('NULL');
  add('NULL');
  add("'a'");
  expect(() => add("'a'")).toThrow('UNIQUE');
  sql.close();
});

it('is never changed once released: files are compared with its text', () => {
  const sql = before();
  looksAndLists.up(sql);
  const text = (sql.prepare('SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name').pluck().all() as string[])
    .join(';')
    .replace(/\s+/g, ' ');
  sql.close();
  expect(createHash('sha256').update(text).digest('hex')).toBe('6a74f4baa3b091c6109351ba4b5eb2ceed8fceaf6ec3252ffebc2855fda6d8fd');
});
