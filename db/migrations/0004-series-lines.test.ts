import { createHash } from 'node:crypto';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { MIGRATIONS } from './index.ts';
import { seriesLines } from './0004-series-lines.ts';

it('adds an empty table to a file of version 3', () => {
  const sql = new Database(':memory:');
  for (const migration of MIGRATIONS) if (migration.version < seriesLines.version) migration.up(sql);
  seriesLines.up(sql);
  expect(sql.prepare('SELECT count(*) FROM series_line').pluck().get()).toBe(0);
  const text = (sql.prepare("SELECT sql FROM sqlite_schema WHERE name = 'series_line'").pluck().get() as string).replace(/\s+/g, ' ');
  expect(createHash('sha256').update(text).digest('hex')).toBe('00e5def524fe6ce48889daa48ae4bcbcbe1720bb8c2360d62548a43119e40c15');
  sql.close();
});
