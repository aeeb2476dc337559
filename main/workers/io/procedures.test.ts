import { createHash } from 'node:crypto';
import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { parseIsoDay } from '../../contract/units.ts';
import type { TaskContext } from '../rpc.ts';
import { WorkerClient } from '../rpc.ts';
import { procedures, type IoProcedures, type ReadFile } from './procedures.ts';

const TODAY = parseIsoDay('2026-11-20')!;
const folder = mkdtempSync(join(tmpdir(), 'read-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A row of about `width` bytes per security. */
const rows = (count: number, width = 1000): string =>
  `ticker,date,close,remark\n${Array.from({ length: count }, (_, i) => `T${i},2021-01-04,${i + 1}.25,${'x'.repeat(width)}\n`).join('')}`;
const sha256 = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** Reads a file in this thread; \`meanwhile\` happens once, after its first MiB. */
async function read(path: string, name: string, meanwhile: () => void = () => undefined): Promise<ReadFile> {
  let once = meanwhile;
  const context: TaskContext = {
    progress() {
      once();
      once = () => undefined;
    },
    cancelled: () => false,
    check: () => undefined,
  };
  const { port1: into, port2: from } = new MessageChannel();
  try {
    await procedures.parse({ path, name, options: {}, today: TODAY, into }, context);
    return receiveMessageOnPort(from)!.message as ReadFile;
  } finally {
    into.close();
  }
}

test.each([
  ['small.csv', rows(3)],
  ['large.csv', rows(4000)],
  ['packed.csv.gz', gzipSync(rows(4000))],
  // What lies behind the packed bytes is not read for its rows.
  ['behind.csv.gz', Buffer.concat([gzipSync(rows(1000)), Buffer.alloc(3_000_000)])],
])('%s is told apart by the SHA-256 of all its bytes, from the pass that reads its rows', async (name, content) => {
  const { sha256: told, bytes } = await read(file(name, content), name);
  expect(told).toBe(sha256(content));
  expect(bytes).toBe(Buffer.from(content).length);
});

test('a file that changes while it is read is refused: no rows carry the hash of others', async () => {
  const changed = { data: { code: 'io', message: 'prices.csv changed while it was read.' } };
  const path = file('prices.csv', rows(4000));
  await expect(read(path, 'prices.csv', () => appendFileSync(path, 'LAST,2021-01-04,1\n'))).rejects.toMatchObject(changed);
  const other = file('other.csv', rows(4001));
  await expect(read(path, 'prices.csv', () => renameSync(other, path))).rejects.toMatchObject(changed);
  const { sha256: told, parsed } = await read(path, 'prices.csv');
  expect(told).toBe(sha256(readFileSync(path)));
  expect(parsed.rows).toBe(4001);
});

test('two threads that read a file know its hash too', async () => {
  const script = join(process.env.HEDGEROW_TEST_WORKERS!, 'io.worker.cjs');
  const client = new WorkerClient<IoProcedures>('import', script, { workerData: { second: script } });
  const content = rows(34_000);
  const { port1: into, port2: from } = new MessageChannel();
  await client.call('parse', { path: file('two.csv', content), name: 'two.csv', options: {}, today: TODAY, into }, { transfer: [into] });
  const { sha256: told, parsed } = receiveMessageOnPort(from)!.message as ReadFile;
  expect(Buffer.byteLength(content)).toBeGreaterThan(32 * 2 ** 20);
  expect(told).toBe(sha256(content));
  expect(parsed.rows).toBe(34_000);
  await client.stop();
});
