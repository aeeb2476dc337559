/** A small invented market: few names, few sessions, closes in whole cents; quick to import. */
import { sessionDays } from '../../calendar/index.ts';
import { formatIsoDay, type EpochDay } from '../../contract/units.ts';

/** ISO days of the sessions from `first`, `count` of them. */
export function sessionsFrom(first: string, count: number): string[] {
  const days = Array.from(sessionDays(), (day) => formatIsoDay(day as EpochDay));
  const from = days.findIndex((day) => day >= first);
  return days.slice(from, from + count);
}

/** Numbers in [-1, 1) by a linear congruential generator: the same on every machine. */
export function noise(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/** ETFs and stocks with betas on SPY, XLK and SOXX. */
const NAMES: readonly (readonly [string, number, number, number, number])[] = [
  ['SPY', 1, 0, 0, 400],
  ['XLK', 1.2, 1, 0, 150],
  ['SOXX', 1.4, 1.1, 1, 220],
  ['XLF', 0.9, 0, 0, 40],
  ['AAA', 0.9, 0.6, 0.5, 50],
  ['BBB', 1.1, 0.4, 0.3, 120],
  ['CCC', 0.7, 0, 0, 80],
];

export interface Market {
  readonly days: readonly string[];
  /** Closes by ticker, one per day. */
  readonly closes: Readonly<Record<string, readonly number[]>>;
}

/** Closes of the names over `count` sessions from 2024-01-02 on. */
export function smallMarket(count = 160, first = '2024-01-02'): Market {
  const days = sessionsFrom(first, count);
  const own = NAMES.map((_, i) => noise(1000 + i));
  const closes: Record<string, number[]> = {};
  const last = NAMES.map(([, , , , start]) => start);
  for (const [name] of NAMES) closes[name] = [];
  for (let t = 0; t < count; t++) {
    const [m, s, u, ...rest] = own.map((next) => next());
    NAMES.forEach(([name, bm, bs, bu], i) => {
      const e = i < 3 ? 0 : rest[i - 3]!;
      const r = 0.012 * bm * m! + 0.01 * bs * s! + 0.014 * bu * u! + 0.015 * e;
      if (t > 0) last[i] = last[i]! * (1 + r);
      closes[name]!.push(Math.round(last[i]! * 100) / 100);
    });
  }
  return { days, closes };
}

/** Native `prices` of some names (default: all) over days [from, to). */
export function pricesText({ days, closes }: Market, names = Object.keys(closes), from = 0, to = days.length): string {
  const rows = names.flatMap((name) => days.slice(from, to).map((day, i) => `${day},${name},${closes[name]![from + i]}`));
  return ['date,ticker,close', ...rows, ''].join('\n');
}

export const MAP = [
  'level,code,etf,scheme,valid_from',
  'market,*,SPY,,2000-01-03',
  'sector,Technology,XLK,gics,2000-01-03',
  'sector,Financials,XLF,gics,2000-01-03',
  'subsector,Semiconductors,SOXX,gics,2000-01-03',
  '',
].join('\n');

export const CLASSES = [
  'ticker,sector,industry,scheme,valid_from',
  'AAA,Technology,Semiconductors,gics,2020-01-01',
  'BBB,Technology,Semiconductors,gics,2020-01-01',
  'CCC,Financials,Banks,gics,2020-01-01',
  '',
].join('\n');

/** Settings that give levels on a short market. */
export const SHORT = ['--set', 'window=60', '--set', 'minObs=30'];
