/** The doctor on joined days finds what it finds on the days one by one, and reads far fewer blocks. */
import { expect, test } from 'vitest';
import { commitBatch, currentRevision, joinTiles, type Workspace } from '../../../db/index.ts';
import { freshWorkspace, meta } from '../../../db/testing/workspace.ts';
import { dayOfSession, sessionAtOrAfter } from '../../calendar/index.ts';
import { parseIsoDay, slotOfDay, type EpochDay, type Session } from '../../contract/units.ts';
import { createRandom } from '../../quant/cascade/testing/market.ts';
import { look } from './doctor.ts';
import { readSeries } from './doctor-series.ts';

const CONTEXT = { progress: () => undefined, cancelled: () => false, check: () => undefined };
const FIRST = sessionAtOrAfter(parseIsoDay('2015-01-02')!);
const [SYMBOLS, DAYS] = [40, 90];
const OPEN = { validFrom: null, validTo: null, knownFrom: null, line: 1 };
const NONE = { figi: null, isin: null, cusip: null, sedol: null, exchange: null, name: null, type: null };
const dayAt = (row: number): EpochDay => dayOfSession((FIRST + row) as Session);
const slotAt = (row: number): number => slotOfDay(dayAt(row))!;

/** A file a day, of two sources in turn. T3 goes to another level where a file begins, T4 is in pence for a while, T5 and on are restated. */
function daily(): Workspace {
  const ws = freshWorkspace();
  const random = createRandom(3);
  const prices = Array.from({ length: SYMBOLS }, () => 50);
  let ids = new Int32Array(0);
  commitBatch(ws, meta(), (writer) => {
    ids = writer.symbols(prices.map((_, i) => ({ type: 'ticker' as const, code: `T${i}` }))) as never;
    ids.forEach((symbolId) => {
      const securityId = writer.security({ provisional: true, name: null, type: null });
      writer.identity({ ...OPEN, ...NONE, securityId, symbolId: symbolId as never, provisional: true });
    });
    writer.etfMap([{ ...OPEN, level: 'market', code: '*', scheme: '', symbolId: ids[0]! as never }]);
  });
  for (let day = 0; day < DAYS; day++) {
    prices.forEach((price, i) => (prices[i] = price * (1 + 0.02 * (random() - 0.5)) * (i === 3 && day === 40 ? 1.7 : 1)));
    commitBatch(ws, { ...meta(), source: day % 2 === 0 ? 'even' : 'odd' }, (writer) =>
      ids.forEach((symbolId, i) => {
        const base = { symbolId, firstSlot: slotAt(day), known: null, anchored: false };
        const factor = i === 4 && day >= 20 && day < 50 ? 100 : 1;
        writer.block({ ...base, field: 'close', values: Float64Array.of(prices[i]! * factor) });
        writer.block({ ...base, field: 'volume', values: Float64Array.of(1e6 + day) });
      }),
    );
    if (day === 60)
      commitBatch(ws, { ...meta(), source: 'second' }, (writer) => {
        const values = (i: number) => Float64Array.from({ length: slotAt(29) - slotAt(20) + 1 }, () => prices[i]! * 1.06);
        ids.subarray(5, 30).forEach((symbolId, i) => {
          writer.block({ symbolId, field: 'close', firstSlot: slotAt(20), values: values(i), known: dayAt(60), anchored: false });
        });
      });
  }
  return ws;
}

test('findings and coverage are those of the days one by one', () => {
  const [plain, joined] = [daily(), daily()];
  while (joinTiles(joined));
  const request = { revision: currentRevision(plain), knownAsOf: dayAt(DAYS - 1) };
  const said = (ws: Workspace) => {
    const { findings, summary } = look(ws, request, CONTEXT);
    return { findings, summary: { ...summary, milliseconds: 0 } };
  };
  const found = said(joined);
  expect(found).toEqual(said(plain));
  const codes = new Set(found.findings.map(({ code }) => code));
  expect([...codes]).toEqual(expect.arrayContaining(['unit_break', 'level_break']));
  // Of each day's batch the second source has one day: joined, the days would be one batch that differs on many.
  expect(codes).not.toContain('source_level');
  expect(found.summary.coverage.map(({ source, field }) => `${source} ${field}`)).toEqual(
    expect.arrayContaining(['even close', 'odd close', 'second close', 'odd volume']),
  );
  const blocks = (ws: Workspace): number =>
    [...readSeries(ws, request.revision, () => undefined).values()].reduce((sum, one) => sum + one.close.length + one.volume.length, 0);
  expect(blocks(joined)).toBeLessThan(blocks(plain) / 8);
  plain.close();
  joined.close();
});
