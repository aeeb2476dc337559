import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { MIGRATIONS } from './index.ts';

it('keeps the lines of older snapshots, of a kind nobody noted', () => {
  const sql = new Database(':memory:');
  sql.pragma('foreign_keys = OFF');
  for (const migration of MIGRATIONS.slice(0, 6)) migration.up(sql);
  sql.exec(`INSERT INTO holdings_line (snapshot_id, line, disposition, account, ticker, raw) VALUES (1, 2, 'position', 'A', 'SPY', '')`);
  MIGRATIONS[6]!.up(sql);
  sql.exec(
    `INSERT INTO holdings_line (snapshot_id, line, disposition, account, ticker, raw, kind) VALUES (1, 3, 'position', 'A', 'X', '', 'bond')`,
  );
  expect(sql.prepare('SELECT ticker, kind FROM holdings_line ORDER BY line').all()).toEqual([
    { ticker: 'SPY', kind: null },
    { ticker: 'X', kind: 'bond' },
  ]);
  sql.close();
});
