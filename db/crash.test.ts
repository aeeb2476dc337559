import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import * as path from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { HedgerowError } from '../main/contract/errors.ts';
import { allSymbols, backupWorkspace, commitBatch, currentRevision, listBatches, readBlocks, verifyJournal } from './index.ts';
import type { BatchWriter, Workspace } from './index.ts';
import { guarded } from './connection.ts';
import { freshDir, freshWorkspace, meta, reopen } from './testing/workspace.ts';

function fill(writer: BatchWriter, symbols: number, value: number, slots = 500): void {
  const ids = writer.symbols(Array.from({ length: symbols }, (_, i) => ({ type: 'ticker' as const, code: `T${i}` })));
  for (const symbolId of ids)
    writer.block({ symbolId, field: 'close', firstSlot: 0, values: new Float64Array(slots).fill(value), known: null, anchored: false });
}

/** Count and sum of all values in force. */
function totals(ws: Workspace): { blocks: number; sum: number } {
  const total = { blocks: 0, sum: 0 };
  readBlocks(ws, { fields: ['close'], symbolIds: null, revision: currentRevision(ws) }, (block) => {
    total.blocks++;
    for (const value of block.values) total.sum += value;
  });
  return total;
}

function errorOf(work: () => unknown): HedgerowError {
  try {
    work();
  } catch (error) {
    if (error instanceof HedgerowError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

it('a writer killed in the middle of a batch leaves the last good state', async () => {
  const dir = freshDir();
  const script = path.join(import.meta.dirname, 'testing', 'killed-writer.ts');
  const child = spawn(process.execPath, [script, dir, JSON.stringify(meta())], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  const log = fs.statSync(path.join(dir, 'workspace.db-wal')).size;
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(log).toBeGreaterThan(300 * 500 * 8 * 1.5); // part of the second batch had reached the log
  expect(fs.existsSync(path.join(dir, 'lock'))).toBe(true);
  const ws = reopen(dir);
  expect(listBatches(ws)).toHaveLength(1);
  expect(totals(ws)).toEqual({ blocks: 300, sum: 300 * 500 });
  expect(allSymbols(ws)).toHaveLength(300);
  expect(verifyJournal(ws).brokenAt).toBeNull();
  commitBatch(ws, meta(), (writer) => fill(writer, 600, 2));
  expect(totals(ws)).toEqual({ blocks: 900, sum: 300 * 500 + 600 * 500 * 2 });
});

it('a full disk stops a batch whole, says so, and nothing is lost', () => {
  const ws = freshWorkspace();
  commitBatch(ws, meta(), (writer) => fill(writer, 20, 1));
  ws.sql.pragma(`max_page_count = ${Number(ws.sql.pragma('page_count', { simple: true })) + 10}`);
  const error = errorOf(() => commitBatch(ws, meta(), (writer) => fill(writer, 500, 2)));
  expect(error.data).toMatchObject({ code: 'disk_full', action: expect.stringContaining('nothing was changed') });
  expect(currentRevision(ws)).toBe(1);
  expect(totals(ws)).toEqual({ blocks: 20, sum: 20 * 500 });
  ws.sql.pragma('max_page_count = 1000000');
  commitBatch(ws, meta(), (writer) => fill(writer, 500, 2));
  expect(totals(ws).blocks).toBe(520);
});

it.each([
  ['disk I/O error', 'SQLITE_IOERR_SHMSIZE', 'disk I/O error'],
  ['EIO: i/o error, fsync', 'EIO', 'the drive failed (EIO)'],
  ['EFBIG: file too large, copyfile', 'EFBIG', 'a file so large is more than the drive or a limit allows (EFBIG)'],
])('a disk that fails, has no room for the index of the log or takes no file so large sends to the disk: %s', (text, code, reason) => {
  const error = errorOf(() =>
    guarded('desk', () => {
      throw Object.assign(new Error(text), { code });
    }),
  );
  expect(error.data).toMatchObject({
    code: 'io',
    message: `The workspace desk cannot be used: ${reason}.`,
    action: 'See that the drive is there, has free space and takes files so large, and try again.',
  });
});

it('a batch that throws half way leaves nothing', () => {
  const ws = freshWorkspace();
  const broken = () =>
    commitBatch(ws, meta(), (writer) => {
      fill(writer, 5, 1);
      throw new Error('cancelled');
    });
  expect(broken).toThrow('cancelled');
  expect(errorOf(() => commitBatch(ws, meta(), async () => {})).data.code).toBe('internal');
  expect([currentRevision(ws), listBatches(ws).length, allSymbols(ws).length, verifyJournal(ws).entries]).toEqual([0, 0, 0, 1]);
});

it('a writer kept after its batch writes nothing', () => {
  const ws = freshWorkspace();
  let kept: BatchWriter | undefined;
  commitBatch(ws, meta(), (writer) => (kept = writer));
  expect(() => fill(kept!, 1, 1)).toThrow('committed already');
});

it('a flipped bit in a block is told with symbol, field and batch', () => {
  const ws = freshWorkspace();
  commitBatch(ws, meta(), (writer) => fill(writer, 3, 1));
  backupWorkspace(ws);
  ws.close();
  // One bit of one value, found by its place in the file: the pages themselves stay well-formed.
  const file = path.join(ws.dir, 'workspace.db');
  const bytes = fs.readFileSync(file);
  const place = bytes.indexOf(Buffer.from(new Float64Array(200).fill(1).buffer));
  bytes[place + 800] = bytes[place + 800]! ^ 4;
  fs.writeFileSync(file, bytes);
  const error = errorOf(() => totals(reopen(ws.dir)));
  expect(error.message).toMatch(/the close values of T\d in batch 1 do not agree with their checksum/);
  expect(error.data).toMatchObject({ code: 'workspace_damaged', details: { field: 'close', batchId: 1 } });
  expect(error.data.action).toContain('-manual.db');
});

it.each(['first_slot = 1', 'known_day = 5', 'batch_id = 2', "field = 'open'", 'anchored = 1', 'symbol_id = 2'])(
  'a block changed to %s is told',
  (change) => {
    const ws = freshWorkspace();
    commitBatch(ws, meta(), (writer) => fill(writer, 2, 1));
    commitBatch(ws, meta(), () => {});
    ws.sql.exec(`UPDATE series_block SET ${change} WHERE block_id = 1`);
    const read = () => readBlocks(ws, { fields: ['close', 'open'], symbolIds: null, revision: 2 }, () => {});
    expect(errorOf(read).data.code).toBe('workspace_damaged');
  },
);

it.each([
  'first_slot = 1',
  'known_day = 5',
  'batch_id = 2',
  "field = 'open'",
  'symbols = "values"',
  'n = 1',
  'symbols = substr("values", 1, 80)',
])('a day of many symbols changed to %s is told', (change) => {
  const ws = freshWorkspace();
  commitBatch(ws, meta(), (writer) => fill(writer, 20, 1, 2));
  commitBatch(ws, meta(), () => {});
  ws.sql.exec(`UPDATE series_tile SET ${change}`);
  const error = errorOf(() => readBlocks(ws, { fields: ['close', 'open'], symbolIds: null, revision: 2 }, () => {}));
  expect(error.data.code).toBe('workspace_damaged');
  expect(error.message).toMatch(/(close|open) values of .* in batch/);
});

it('a corrupted page is told plainly at opening, with the newest backup', () => {
  const ws = freshWorkspace();
  commitBatch(ws, meta(), (writer) => fill(writer, 50, 1));
  backupWorkspace(ws);
  ws.close();
  const sql = new Database(path.join(ws.dir, 'workspace.db'), { readonly: true });
  const page = sql.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'series_block'").pluck().get() as number;
  sql.close();
  const handle = fs.openSync(path.join(ws.dir, 'workspace.db'), 'r+');
  fs.writeSync(handle, Buffer.alloc(4000, 0xa5), 0, 4000, (page - 1) * 16384);
  fs.closeSync(handle);
  const error = errorOf(() => reopen(ws.dir));
  expect(error.data.code).toBe('workspace_damaged');
  expect(error.data.action).toMatch(/Restore the newest backup, backups\/\d{8}T\d{9}Z-manual\.db/);
  expect(error.message).not.toMatch(/\n|at .*\.ts|\*\*\*/);
});

it('an index that lists a block under another name is told at opening: the values would be missing', () => {
  const ws = freshWorkspace();
  commitBatch(ws, meta(), (writer) => fill(writer, 50, 1));
  const page = ws.sql.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'series_block_by_series'").pluck().get() as number;
  ws.close();
  const file = path.join(ws.dir, 'workspace.db');
  const bytes = fs.readFileSync(file);
  const place = bytes.indexOf('close\x07', (page - 1) * 16384, 'latin1');
  expect(Math.floor(place / 16384)).toBe(page - 1);
  bytes[place + 5] = 60;
  fs.writeFileSync(file, bytes);
  expect(errorOf(() => reopen(ws.dir)).data).toMatchObject({ code: 'workspace_damaged', message: expect.stringContaining('index') });
});

it('a file cut short is told plainly', () => {
  const ws = freshWorkspace();
  commitBatch(ws, meta(), (writer) => fill(writer, 50, 1));
  ws.close();
  fs.truncateSync(path.join(ws.dir, 'workspace.db'), 16384 * 3);
  const error = errorOf(() => reopen(ws.dir));
  expect(error.data).toMatchObject({ code: 'workspace_damaged', action: expect.stringContaining('no backup') });
});
