import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dayOfSession, isSession, sessionAtOrBefore } from '../../calendar/index.ts';
import { formatIsoDay, parseIsoDay, type Session } from '../../contract/units.ts';
import { parseFile, type HalfRequest, type Parsed } from '../../importers/index.ts';
import { unpacked } from './bytes.ts';
import { secondThread } from './second.ts';

const TODAY = parseIsoDay('2026-11-20')!;
const SCRIPT = join(process.env.HEDGEROW_TEST_WORKERS!, 'io.worker.cjs');
const folder = mkdtempSync(join(tmpdir(), 'second-'));
const path = join(folder, 'prices.csv');

beforeAll(() => {
  const last = sessionAtOrBefore(TODAY);
  const dates = Array.from({ length: 400 }, (_, t) => formatIsoDay(dayOfSession((last - t) as Session)));
  const rows = Array.from({ length: 60_000 }, (_, i) => {
    const close = i % 977 === 0 ? 'oops' : (1 + (i % 9973) / 7).toFixed(3);
    return `S${Math.floor(i / 400)},${dates[i % 400]},${close},${i % 31 === 0 ? '"12"' : i}`;
  });
  writeFileSync(path, `ticker,date,close,volume\n${rows.join('\n')}\n`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function read(
  threads: 1 | 2,
  cancelled: () => boolean = () => false,
): Promise<{ readonly parsed: Parsed; readonly rowsOfSecond: number }> {
  const thread = threads === 2 ? secondThread(SCRIPT, path, TODAY, { cancelled }) : null;
  let rowsOfSecond = 0;
  const second = thread && {
    ...thread,
    start(request: HalfRequest) {
      const job = thread.start(request);
      const result = job.result.then((half) => {
        rowsOfSecond = half?.rows ?? 0;
        return half;
      });
      result.catch(() => undefined);
      return { ...job, result };
    },
  };
  const open = (): AsyncIterable<Uint8Array> => unpacked({ path, name: 'prices.csv' }, 0, () => undefined);
  try {
    const parsed = await parseFile('prices.csv', open, {}, { today: TODAY, isSession, bytes: statSync(path).size, second, cancelled });
    return { parsed, rowsOfSecond };
  } finally {
    await thread?.close();
  }
}

test('a second thread reads its half of a file: the same rows and issues as one thread finds', async () => {
  const two = await read(2);
  expect(two.parsed).toEqual((await read(1)).parsed);
  expect(two.parsed.rejected).toBe(62);
  expect(two.rowsOfSecond).toBeGreaterThan(25_000);
});

test('cancelling ends both threads', async () => {
  let looks = 0;
  await expect(read(2, () => ++looks > 2)).rejects.toMatchObject({ data: { code: 'cancelled' } });
});
