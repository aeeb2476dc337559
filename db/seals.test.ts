import { expect, it } from 'vitest';
import type { EpochDay } from '../main/contract/units.ts';
import { appendJournal, commitBatch, foreignWrites, journalOf, undoBatch, verifyJournal } from './index.ts';
import { writeAll } from './testing/one-of-each.ts';
import { freshWorkspace, meta, reopen } from './testing/workspace.ts';

/** Three batches, the first undone; and what the check says after a change that is then taken back. */
function filled() {
  const ws = freshWorkspace();
  const commit = (tag: number): unknown => commitBatch(ws, meta({ file: `${tag}.csv` }), (writer) => writeAll(writer, tag));
  commit(1);
  commit(2);
  const mark = verifyJournal(ws).whole!;
  commit(3);
  undoBatch(ws, 1);
  ws.sql.pragma('foreign_keys = OFF');
  return (change: string, since?: 'since the second') => {
    ws.sql.exec(`BEGIN; ${change}`);
    const found = since ? verifyJournal(ws, mark) : verifyJournal(ws);
    ws.sql.exec('ROLLBACK');
    return found;
  };
}

it('shows nothing altered in what batches stored and undid', () => {
  expect(filled()('')).toMatchObject({ brokenAt: null, altered: [] });
});

it('reads the same as when it was made, whatever reads it: seals are for ever', () => {
  const ws = freshWorkspace();
  commitBatch(ws, meta({ file: 'a "b"\\c.csv' }), (writer) => writeAll(writer, 7, 'T,"7"\t\\ é € 😀 \u0001\u001f\u007f /'));
  const [commit] = journalOf(ws, 'commit');
  expect(commit!.detail).toMatchObject({
    seal: {
      rows: 'cf4aa7f0106a524cc63c62b6638f17d7cf0bae75e896e6fe25fc4eb633042aba',
      names: '9f71ba20b9a53169c3a4374df3493e16549da43097daba157d36e1bc49debf14',
      after: 0,
      upTo: 1,
    },
  });
});

it('of many lines of holdings the seal is for ever too: they are in the order of the file', () => {
  const ws = freshWorkspace();
  const line = { disposition: 'note', account: '', ticker: '', symbolId: null, quantity: null, price: null, marketValue: null } as const;
  const unsaid = { currency: null, name: null, cusip: null, isin: null, kind: null };
  commitBatch(ws, meta(), (writer) =>
    writer.holdings(
      writer.snapshot({ asOf: 5 as EpochDay, source: 's' }),
      [3, 2, 10].map((n) => ({ ...line, ...unsaid, line: n, raw: `${n}` })),
    ),
  );
  expect(journalOf(ws, 'commit')[0]!.detail).toMatchObject({
    seal: { rows: 'dbc4a55f2a02c106f98d7b5fa9b6c75ef5558cb392ea5fe52f524086a110b80b' },
  });
});

it('of a batch from before there were seals says only whether it is there', () => {
  const ws = freshWorkspace();
  const { batchId, revision } = commitBatch(ws, meta({ file: 'old.csv' }), (writer) => writeAll(writer, 1));
  ws.sql.exec("DELETE FROM journal WHERE action = 'commit'; DELETE FROM meta WHERE key = 'journalEnd'; UPDATE shares SET shares = 5");
  appendJournal(ws, 'commit', { batchId, revision, kind: 'prices', file: 'old.csv', sha256: '' });
  expect(verifyJournal(ws)).toMatchObject({ brokenAt: null, altered: [] });
  ws.sql.pragma('foreign_keys = OFF');
  ws.sql.exec('DELETE FROM batch');
  expect(verifyJournal(ws).altered).toEqual([{ batchId, file: 'old.csv', part: 'rows' }]);
});

it('of a batch sealed before prices were counted says nothing of how many there are', () => {
  const ws = freshWorkspace();
  commitBatch(ws, meta({ file: 'old.csv' }), (writer) => writeAll(writer, 1));
  const detail = journalOf(ws, 'commit')[0]!.detail as { seal: { series?: number } };
  expect(detail.seal.series).toBe(1);
  delete detail.seal.series;
  ws.sql.exec("DELETE FROM journal WHERE action = 'commit'; DELETE FROM meta WHERE key = 'journalEnd'");
  appendJournal(ws, 'commit', detail);
  ws.sql.exec('DELETE FROM series_block');
  expect(verifyJournal(ws)).toMatchObject({ brokenAt: null, altered: [] });
});

const VALUES = [
  ['batch', 'import_day = import_day + 1'],
  ['security', "name = 'x'"],
  ['identity', 'valid_to = 5'],
  ['identity_decision', "reason = 'x'"],
  ['classification', "sector = 'x'"],
  ['action', 'value = value * 1.0000000000000002'],
  ['shares', 'shares = -shares'],
  ['etf_map', "code = 'x'"],
  ['universe_list', 'removed = 1'],
  ['universe_member', 'valid_from = 1'],
  ['holdings_snapshot', 'as_of = as_of + 1'],
  ['holdings_line', "quantity = quantity || '0'"],
  ['holdings_line', 'quantity_e8 = quantity_e8 + 1'],
] as const;

/** The last row of a table, which is of the last batch. */
function last(table: string): string {
  const key = table === 'universe_list' ? 'batch_id' : 'rowid';
  return `${key} = (SELECT max(${key}) FROM ${table})`;
}

it('shows whose row has another value, in every table', () => {
  const after = filled();
  for (const [table, change] of VALUES) {
    const found = after(`UPDATE ${table} SET ${change} WHERE ${last(table)}`);
    expect(found, `${table}: ${change}`).toMatchObject({ brokenAt: null, altered: [{ batchId: 3, file: '3.csv', part: 'rows' }] });
  }
});

it('goes on from where all was whole: what came later is compared as ever, what came before is not read again', () => {
  const after = filled();
  expect(after('', 'since the second')).toEqual(after(''));
  for (const [table, change] of VALUES) {
    const altered = after(`UPDATE ${table} SET ${change} WHERE ${last(table)}`, 'since the second');
    expect(altered, `${table}: ${change}`).toMatchObject({ altered: [{ batchId: 3, part: 'rows' }], whole: null });
  }
  for (const [what, change, altered] of CHANGES)
    if (LATER.includes(what)) expect(after(change, 'since the second'), what).toMatchObject({ brokenAt: null, altered, whole: null });
  expect(after("UPDATE journal SET at = 'x' WHERE seq = 4", 'since the second')).toMatchObject({ entries: 3, brokenAt: 4, whole: null });
  expect(after("UPDATE shares SET shares = 5 WHERE batch_id = 2; UPDATE journal SET at = 'x' WHERE seq = 2", 'since the second')).toEqual(
    after(''),
  );
});

it('tells writes of another connection from its own', () => {
  const ws = freshWorkspace();
  const other = reopen(ws.dir, 'read');
  const [own, others] = [foreignWrites(ws), foreignWrites(other)];
  commitBatch(ws, meta(), (writer) => writeAll(writer, 1));
  expect(foreignWrites(ws)).toBe(own);
  expect(foreignWrites(other)).not.toBe(others);
});

const COPY = 'SELECT NULL, symbol_id, field, batch_id, first_slot, n, anchored, crc, known_day, known, "values"';
const LATER = ['prices put in', 'in force again', 'undone by nobody', 'a batch of nobody'];
const CHANGES: readonly [what: string, change: string, altered: readonly object[]][] = [
  ['lost', 'DELETE FROM holdings_line WHERE rowid = 2', [{ batchId: 2, file: '2.csv', part: 'rows' }]],
  ['put in', 'INSERT INTO classification SELECT * FROM classification WHERE batch_id = 2', [{ batchId: 2, file: '2.csv', part: 'rows' }]],
  ['prices lost', 'DELETE FROM series_block WHERE batch_id = 2', [{ batchId: 2, file: '2.csv', part: 'rows' }]],
  ['prices put in', `INSERT INTO series_block ${COPY} FROM series_block WHERE batch_id = 3`, [{ batchId: 3, file: '3.csv', part: 'rows' }]],
  [
    'prices given to another batch',
    'UPDATE series_block SET batch_id = 3 WHERE batch_id = 2',
    [
      { batchId: 2, file: '2.csv', part: 'rows' },
      { batchId: 3, file: '3.csv', part: 'rows' },
    ],
  ],
  ['renamed', "UPDATE symbol SET code = 'T9' WHERE symbol_id = 2", [{ batchId: 2, file: '2.csv', part: 'names' }]],
  [
    'given to another batch',
    'UPDATE shares SET batch_id = 3 WHERE batch_id = 2',
    [
      { batchId: 2, file: '2.csv', part: 'rows' },
      { batchId: 3, file: '3.csv', part: 'rows' },
    ],
  ],
  ['in force again', 'UPDATE batch SET undone_revision = NULL WHERE batch_id = 1', [{ batchId: 1, file: '1.csv', part: 'undo' }]],
  ['undone by nobody', 'UPDATE batch SET undone_revision = 9 WHERE batch_id = 3', [{ batchId: 3, file: '3.csv', part: 'undo' }]],
  [
    'a batch of nobody',
    `INSERT INTO batch SELECT 7, 7, NULL, NULL, kind, 'x.csv', source, sha256, bytes, importer_version, imported_at, import_day, counts, report, options
     FROM batch WHERE batch_id = 3`,
    [{ batchId: 7, file: 'x.csv', part: 'rows' }],
  ],
  ['a batch that is gone', 'DELETE FROM batch WHERE batch_id = 2', [{ batchId: 2, file: '2.csv', part: 'rows' }]],
  // Nothing new reads it; undoing what is altered is a way out.
  ['altered and undone', 'UPDATE shares SET shares = 5 WHERE batch_id = 1', []],
];

it('shows rows that were lost, put in or moved, names, undos and batches that nobody made', () => {
  const after = filled();
  for (const [what, change, altered] of CHANGES) expect(after(change), what).toMatchObject({ brokenAt: null, altered });
});
