/** Workspaces for benchmarks: the synthetic universe as prices in a real store, with an ETF map and a classification. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { commitBatch, createWorkspace, type BatchMeta, type NewBlock, type Workspace } from '../../db/index.ts';
import { dayOfSession, sessionAtOrBefore } from '../calendar/index.ts';
import { formatIsoDay, parseIsoDay, slotOfDay, type EpochDay, type Session } from '../contract/units.ts';
import { createNoise, createRandom } from '../quant/cascade/testing/market.ts';
import { SECTORS, SUBSECTORS } from './universe.ts';

/** Last day of every benchmark workspace. */
const LAST = parseIsoDay('2026-06-30')!;

export interface BenchSpec {
  readonly stocks: number;
  readonly dates: number;
  /**
   * `complete`: every stock on every day. `realistic`: names are listed and delisted over the whole history, a tenth of them misses
   * single days, some funds begin in the middle.
   */
  readonly data: 'complete' | 'realistic';
}

export interface BenchMarket extends BenchSpec {
  /** Sessions of the rows. */
  readonly firstSession: number;
  /** Share of (stock, date) cells that have a price. */
  readonly filled: number;
}

const metaOf = (kind: string, file: string, day: EpochDay): BatchMeta => ({
  kind,
  file,
  source: 'benchmark',
  sha256: `${file}:${day}`,
  bytes: 0,
  importerVersion: 'benchmark',
  importedAt: `${formatIsoDay(day)}T18:00:00.000Z`,
  importDay: day,
  counts: { rows: 0, new: 0, unchanged: 0, restated: 0, rebased: 0, rejected: 0, nonSession: 0 },
  report: null,
  options: {},
});

export const stockCode = (i: number): string => `Q${String(i).padStart(5, '0')}`;
export const etfCodes: readonly string[] = [
  'MKT',
  ...Array.from({ length: SECTORS }, (_, k) => `SEC${k}`),
  ...Array.from({ length: SUBSECTORS }, (_, k) => `SUB${k}`),
];

/** Makes the workspace anew in `dir`, one batch of prices; answers what it holds. */
export function makeWorkspace(dir: string, spec: BenchSpec): BenchMarket {
  if (existsSync(dir)) rmSync(dir, { recursive: true });
  const ws = createWorkspace(dir, { softwareVersion: 'benchmark' });
  try {
    return fill(ws, spec);
  } finally {
    ws.close();
  }
}

/** Normal noise out of a table: a hundred million fresh values would take minutes. */
function quickNoise(random: () => number): () => number {
  const slow = createNoise(11);
  const table = Float64Array.from({ length: 1 << 20 }, slow);
  let at = 0;
  let step = 1;
  return () => {
    at = (at + step) & (table.length - 1);
    if ((at & 1023) === 0) step = 1 | Math.floor(random() * 4096);
    return table[at]!;
  };
}

function fill(ws: Workspace, { stocks, dates, data }: BenchSpec): BenchMarket {
  const random = createRandom(12);
  const noise = quickNoise(random);
  const last = sessionAtOrBefore(LAST);
  const firstSession = last - dates + 1;
  const days = Array.from({ length: dates }, (_, t) => dayOfSession((firstSession + t) as Session));
  const slots = days.map((day) => slotOfDay(day)!);
  const first = slots[0]!;
  const width = slots[dates - 1]! - first + 1;
  const day = days[dates - 1]!;
  const series = (value: (t: number) => number) => Float64Array.from({ length: dates }, (_, t) => value(t));
  const market = series(() => 0.0003 + 0.01 * noise());
  const mix = (a: number, x: Float64Array, b: number, y: Float64Array, sd: number): Float64Array => {
    const out = new Float64Array(dates);
    for (let t = 0; t < dates; t++) out[t] = a * x[t]! + b * y[t]! + sd * noise();
    return out;
  };
  const sectors = Array.from({ length: SECTORS }, () => mix(0.8 + 0.4 * random(), market, 0, market, 0.006));
  const subsectors = Array.from({ length: SUBSECTORS }, (_, k) =>
    mix(0.3 * random(), market, 0.7 + 0.5 * random(), sectors[k % SECTORS]!, 0.006),
  );

  /** Prices of a series of returns on the slots of rows [from, to), without those in `holes`; closes are not adjusted for a yearly dividend of 2 %. */
  function blocks(symbolId: number, r: Float64Array, from: number, to: number, hole: (t: number) => boolean): NewBlock[] {
    const [adjusted, close] = [new Float64Array(width).fill(NaN), new Float64Array(width).fill(NaN)];
    let [level, paid] = [50, 1];
    for (let t = from; t < to; t++) {
      level *= 1 + r[t]!;
      if (t % 252 === 251) paid *= 0.98;
      if (hole(t)) continue;
      adjusted[slots[t]! - first] = level;
      close[slots[t]! - first] = level * paid;
    }
    const [a, b] = [slots[from]! - first, slots[to - 1]! - first + 1];
    return (['adj_close', 'close'] as const).map((field) => ({
      symbolId,
      field,
      firstSlot: first + a,
      values: (field === 'close' ? close : adjusted).slice(a, b),
      known: null,
      anchored: false,
    }));
  }

  let cells = 0;
  commitBatch(ws, metaOf('prices', 'prices.csv', day), (writer) => {
    const codes = [...etfCodes, ...Array.from({ length: stocks }, (_, i) => stockCode(i))];
    const ids = writer.symbols(codes.map((code) => ({ type: 'ticker', code })));
    [market, ...sectors, ...subsectors].forEach((r, k) => {
      const young = data === 'realistic' && k > SECTORS && k % 10 === 0;
      for (const block of blocks(ids[k]!, r, young ? dates >> 1 : 0, dates, () => false)) writer.block(block);
    });
    for (let i = 0; i < stocks; i++) {
      const u = Math.floor((i * SUBSECTORS) / stocks);
      const factor = mix(0.6 * random() + 0.3, market, 0.3, sectors[u % SECTORS]!, 0);
      const r = mix(1, factor, 0.5 * random(), subsectors[u]!, 0.015);
      let [from, to] = [0, dates];
      if (data === 'realistic') {
        // A third is there throughout; a third is listed later; a third stops trading, half of those listed later as well.
        const kind = i % 3;
        if (kind === 1 || i % 6 === 2) from = Math.floor(random() * dates * 0.8);
        if (kind === 2) to = Math.min(dates, from + 30 + Math.floor(random() * (dates - from)));
      }
      const gappy = data === 'realistic' && i % 10 === 3;
      const holes = new Set(gappy ? Array.from({ length: 6 }, () => from + 1 + Math.floor(random() * (to - from - 2))) : []);
      cells += to - from - holes.size;
      for (const block of blocks(ids[etfCodes.length + i]!, r, from, to, (t) => holes.has(t))) writer.block(block);
    }
    codes.forEach((code, i) => {
      const securityId = writer.security({ provisional: true, name: `${code} Corp.`, type: i < etfCodes.length ? 'ETF' : 'stock' });
      const open = { validFrom: null, validTo: null, knownFrom: null, line: 0, figi: null, isin: null, cusip: null, sedol: null };
      writer.identity({ ...open, securityId, symbolId: ids[i]! as never, provisional: true, exchange: null, name: null, type: null });
    });
    const always = { validFrom: null, validTo: null, knownFrom: null, scheme: '' };
    writer.etfMap([
      { ...always, level: 'market', code: '*', symbolId: ids[0]! as never, line: 1 },
      ...sectors.map((_, k) => ({ ...always, level: 'sector' as const, code: `Sector ${k}`, symbolId: ids[1 + k]! as never, line: 2 })),
      ...subsectors.map((_, k) => ({
        ...always,
        level: 'subsector' as const,
        code: `Industry ${k}`,
        symbolId: ids[1 + SECTORS + k]! as never,
        line: 3,
      })),
    ]);
    writer.classifications(
      Array.from({ length: stocks }, (_, i) => {
        const u = Math.floor((i * SUBSECTORS) / stocks);
        return {
          ...always,
          symbolId: ids[etfCodes.length + i]! as never,
          sector: `Sector ${u % SECTORS}`,
          industry: `Industry ${u}`,
          line: i + 1,
        };
      }),
    );
  });
  return { stocks, dates, data, firstSession, filled: cells / (stocks * dates) };
}

export const benchDay = (): string => formatIsoDay(dayOfSession(sessionAtOrBefore(LAST)));
export const folderOf = (root: string, { stocks, dates, data }: BenchSpec): string => join(root, `${stocks}x${dates}-${data}.hedgerow`);

/** Stores the closes and adjusted closes of one more session of every name; answers the day and what storing took. */
export function appendDay(
  ws: Workspace,
  session: number,
  prices: Map<number, number>,
  noise: () => number,
): { readonly day: EpochDay; readonly ms: number } {
  const day = dayOfSession(session as Session);
  const before = slotOfDay(dayOfSession((session - 1) as Session))!;
  const slot = slotOfDay(day)!;
  const start = performance.now();
  commitBatch(ws, metaOf('prices', `day-${session}.csv`, day), (writer) => {
    for (const [symbolId, price] of prices) {
      const next = price * (1 + 0.01 * noise());
      const adjusted = new Float64Array(slot - before + 1).fill(NaN);
      adjusted[0] = price;
      adjusted[slot - before] = next;
      writer.block({ symbolId, field: 'close', firstSlot: slot, values: Float64Array.of(next), known: null, anchored: false });
      writer.block({ symbolId, field: 'adj_close', firstSlot: before, values: adjusted, known: null, anchored: true });
      prices.set(symbolId, next);
    }
  });
  return { day, ms: performance.now() - start };
}
