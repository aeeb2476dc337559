import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { sessionOfDay } from '../../calendar/index.ts';
import { parseIsoDay, slotOfDay } from '../../contract/units.ts';
import type { EpochDay } from '../../contract/units.ts';
import { returnsAsKnown, rowAxis } from './index.ts';
import type { DatedAction, RowAxis, SecurityInputs, SeriesBlock } from './types.ts';

const data = process.env.HEDGEROW_TEST_DATA ?? '../shared/data';
const lines = (name: string): string[] =>
  gunzipSync(readFileSync(join(data, name)))
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .slice(1);
const days = new Map<string, EpochDay>();

function dayOf(text: string): EpochDay {
  const seen = days.get(text);
  if (seen !== undefined) return seen;
  const parsed = parseIsoDay(text)!;
  days.set(text, parsed);
  return parsed;
}

/** Absolute differences between raw + actions and the vendor's adjusted closes over a whole file, ascending. */
function differences(file: string, closeColumn: number, actions: Map<string, DatedAction[]>, axis: RowAxis): Float64Array {
  const firstSlot = axis.slots[0]!;
  const size = axis.slots.at(-1)! - firstSlot + 1;
  const prices = new Map<string, { close: Float64Array; adjClose: Float64Array }>();
  for (const line of lines(file)) {
    const cells = line.split(',');
    let own = prices.get(cells[1]!);
    if (!own) prices.set(cells[1]!, (own = { close: new Float64Array(size).fill(NaN), adjClose: new Float64Array(size).fill(NaN) }));
    const index = slotOfDay(dayOf(cells[0]!))! - firstSlot;
    own.close[index] = Number(cells[closeColumn]);
    own.adjClose[index] = Number(cells[closeColumn + 1]);
  }
  const found: number[] = [];
  const block = (values: Float64Array): SeriesBlock[] => [
    { firstSlot, values, known: null, anchored: false, order: 1, batchId: 1, fromDay: -1e9, toDay: 1e9 },
  ];
  const k = axis.days.at(-1)!;
  const raw = new Float64Array(axis.nRows);
  const adjusted = new Float64Array(axis.nRows);
  for (const [ticker, { close, adjClose }] of prices) {
    const inputs: SecurityInputs = { close: block(close), adjClose: block(adjClose), returns: [], actions: actions.get(ticker) ?? [] };
    returnsAsKnown(inputs, axis, { knowledgeDay: k, asKnownAt: k, knowledge: 'strict', mode: 'raw' }, raw);
    returnsAsKnown(inputs, axis, { knowledgeDay: k, asKnownAt: k, knowledge: 'strict', mode: 'adjusted' }, adjusted);
    raw.forEach((value, row) => {
      const difference = Math.abs(value - adjusted[row]!);
      if (!Number.isNaN(difference)) found.push(difference);
    });
  }
  return Float64Array.from(found).sort();
}

describe.skipIf(!existsSync(join(data, 'classic_sp500_long.csv.gz')))('raw closes and actions against the vendor’s adjusted closes', () => {
  const actions = new Map<string, DatedAction[]>();

  test.each([
    { name: 'stocks', file: 'classic_sp500_long.csv.gz', column: 2, from: '2017-12-01', to: '2020-12-11', atLeast: 355_000 },
    { name: 'ETFs', file: 'classic_etf_ohlcv_long.csv.gz', column: 5, from: '2010-01-04', to: '2020-12-11', atLeast: 445_000 },
  ])('$name', ({ name, file, column, from, to, atLeast }) => {
    if (actions.size === 0) {
      for (const line of lines('classic_corporate_actions.csv.gz')) {
        const [ticker, ex, type, value] = line.split(',') as [string, string, DatedAction['type'], string];
        const exDay = dayOf(ex);
        const list = actions.get(ticker) ?? [];
        list.push({ exDay, type, value: Number(value), known: exDay, order: 1, batchId: 1 });
        actions.set(ticker, list);
      }
    }
    const first = sessionOfDay(parseIsoDay(from)!)!;
    const axis = rowAxis(first, sessionOfDay(parseIsoDay(to)!)! - first + 1);
    const sorted = differences(file, column, actions, axis);
    const quantile = (q: number): number => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!;
    console.log(
      `${name}: ${sorted.length} returns, median |difference| ${quantile(0.5).toExponential(2)}, 99.9th percentile ${quantile(0.999).toExponential(2)}, ` +
        `over 0.1 %: ${sorted.filter((d) => d > 1e-3).length}, largest ${sorted.at(-1)!.toExponential(2)}`,
    );
    expect(sorted.length).toBeGreaterThan(atLeast);
    expect(quantile(0.5)).toBeLessThan(1e-11);
    expect(quantile(0.999)).toBeLessThan(1e-4);
  });
});
