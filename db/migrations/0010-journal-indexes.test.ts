import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { MIGRATIONS } from './index.ts';
import { journalField, journalIndexes } from './0010-journal-indexes.ts';

it('finds a frozen set by its number or by what it was made of, and entries of a kind, without walking the journal', () => {
  const sql = new Database(':memory:');
  for (const migration of MIGRATIONS) if (migration.version < journalIndexes.version) migration.up(sql);
  sql.exec(
    `INSERT INTO journal VALUES (1, '', 'freeze', '{"packageId":7,"specSha256":"ab"}', '', ''), (2, '', 'freeze', '{"damaged', '', '')`,
  );
  journalIndexes.up(sql);
  const [number, spec] = [journalField('packageId'), journalField('specSha256')];
  const plan = (rest: string): string =>
    (sql.prepare(`EXPLAIN QUERY PLAN SELECT detail FROM journal ${rest}`).all() as { detail: string }[]).map(({ detail }) => detail).join();
  const frozen = "INDEXED BY journal_package WHERE action = 'freeze'";
  expect(plan(`${frozen} AND ${number} = 7`)).toContain('SEARCH journal USING INDEX journal_package (<expr>=?)');
  expect(plan(`${frozen} AND ${number} > 6 ORDER BY ${number}`)).toMatch(/^SEARCH journal USING INDEX journal_package \(<expr>>\?\)$/);
  expect(plan(`INDEXED BY journal_package_spec WHERE action = 'freeze' AND ${spec} = 'ab'`)).toContain('(<expr>=?)');
  expect(plan("WHERE action = 'desk' ORDER BY seq")).toMatch(/^SEARCH journal USING INDEX journal_by_action \(action=\?\)$/);
  expect(sql.prepare(`SELECT seq FROM journal ${frozen} AND ${number} = 7`).pluck().all()).toEqual([1]);
  sql.close();
});
