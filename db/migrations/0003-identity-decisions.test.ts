import { createHash } from 'node:crypto';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { initial } from './0001-initial.ts';
import { looksAndLists } from './0002-looks-and-lists.ts';
import { identityDecisions } from './0003-identity-decisions.ts';

it('adds a table for decisions to a file of version 2, and keeps nonsense out of it', () => {
  const sql = new Database(':memory:');
  initial.up(sql);
  looksAndLists.up(sql);
  sql.exec(`INSERT INTO batch (revision, kind, file, source, sha256, bytes, importer_version, imported_at, import_day, counts, report, options)
    VALUES (1, 'prices', '', '', '', 0, '', '', 0, '{}', '{}', '{}');
    INSERT INTO symbol (type, code, exchange) VALUES ('ticker', 'A', '');
    INSERT INTO security (created_batch, provisional) VALUES (1, 1), (1, 1)`);
  identityDecisions.up(sql);
  const add = (kind: string, other: number | null, symbol: number | null, from: number | null, to: number | null) =>
    sql
      .prepare(
        `INSERT INTO identity_decision (kind, security_id, other_id, symbol_id, valid_from, valid_to, known_from, reason, batch_id)
         VALUES (?, 1, ?, ?, ?, ?, 0, 'because', 1)`,
      )
      .run(kind, other, symbol, from, to);
  add('merge', 2, null, null, null);
  add('assign', null, 1, 10, 20);
  expect(() => add('merge', 1, null, null, null)).toThrow('CHECK');
  expect(() => add('merge', null, 1, null, null)).toThrow('CHECK');
  expect(() => add('assign', 2, 1, null, null)).toThrow('CHECK');
  expect(() => add('assign', null, 1, 20, 10)).toThrow('CHECK');
  const text = (sql.prepare("SELECT sql FROM sqlite_schema WHERE name = 'identity_decision'").pluck().get() as string).replace(/\s+/g, ' ');
  expect(createHash('sha256').update(text).digest('hex')).toBe('d685d9f6acd0bf13e361ed4aa311f42770ff06d809d3b540b0dbe13db8624f1f');
  sql.close();
});
