/** Deterministic synthetic markets and comparison helpers for the kernel's tests and benchmark. */
import { createCascade, createTile, FIELDS } from '../index.ts';
import type { KernelSettings, Tile } from '../index.ts';
import { oracleExAnte, oracleRow } from './oracle.ts';
import type { OracleChain, OracleRow } from './oracle.ts';

/** Uniform (0, 1) numbers of a seed (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return (((x ^ (x >>> 14)) >>> 0) + 0.5) / 4294967296;
  };
}

/** Fat-tailed noise of mean 0 and standard deviation near 1. */
export function createNoise(seed: number): () => number {
  const random = createRandom(seed);
  return () => {
    const z = Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
    return z * (0.7 + 0.5 * random() * random() * 4 * 0.5);
  };
}

export interface Market {
  readonly m: Float64Array;
  readonly s: Float64Array;
  readonly u: Float64Array;
  readonly r: Float64Array;
}

/** One chain and one stock of nRows realistic daily returns. */
export function createMarket(seed: number, nRows: number): Market {
  const noise = createNoise(seed);
  const m = Float64Array.from({ length: nRows }, () => 0.0003 + 0.01 * noise());
  const s = m.map((x) => 0.9 * x + 0.006 * noise());
  const u = m.map((x, t) => 0.2 * x + 0.9 * s[t]! + 0.006 * noise());
  const r = m.map((x, t) => 0.5 * x + 0.3 * s[t]! + 0.25 * u[t]! + 0.014 * noise());
  return { m, s, u, r };
}

/** Copies a series and takes out each value with the given probability. */
export function punch(x: Float64Array, seed: number, probability: number): Float64Array {
  const random = createRandom(seed);
  return x.map((value) => (random() < probability ? NaN : value));
}

/** Runs one security under one chain over rows [from, to). */
export function runOne(
  settings: KernelSettings,
  chain: OracleChain,
  r: Float64Array,
  options: { from?: number; to?: number; lastRow?: number; firstSession?: number } = {},
): Tile {
  const nRows = r.length;
  const cascade = createCascade(settings, { firstSession: options.firstSession ?? 0, nRows });
  const tile = createTile(nRows);
  const span = { from: options.from ?? 0, to: options.to ?? nRows, chain: cascade.chain(chain.m, chain.s, chain.u), r };
  cascade.security([span], options.lastRow ?? nRows - 1, tile);
  return tile;
}

/** Scale under which an absolute error counts instead of a relative one: a slope of 1e-9 has no ten digits. */
function floorOf(wire: string, row: OracleRow): number {
  if (/_(fr|cfr|rr)$|^res_in$/.test(wire)) return 0.1 * Math.sqrt(row['stock_var'] ?? 1e-4);
  if (/_(hr|exp|beta|er)$|^lam_/.test(wire)) return 1e-2;
  return 0;
}

export interface Comparison {
  /** Worst relative error per wire name, and where. */
  readonly worst: Map<string, { error: number; row: number; got: number; want: number }>;
  compared: number;
  /** Fields missing on one side only, or flags that differ. */
  readonly mismatches: string[];
}

/** Compares rows of a tile with the oracle, field by field, and adds to `into`. */
export function compareWithOracle(
  into: Comparison,
  settings: KernelSettings,
  chain: OracleChain,
  r: Float64Array,
  lastRow: number,
  tile: Tile,
  rows: (t: number) => boolean,
): void {
  const { nRows } = tile;
  let before: { t: number; row: OracleRow | null } = { t: -1, row: null };
  for (let t = 0; t < nRows; t++) {
    if (!rows(t)) continue;
    const previous = t === 0 ? null : before.t === t - 1 ? before.row : oracleRow(settings, chain, r, lastRow, t - 1);
    const row = oracleRow(settings, chain, r, lastRow, t);
    before = { t, row };
    const want: OracleRow = row === null ? {} : { ...row, ...oracleExAnte(previous, chain, r, t) };
    compareRow(into, tile, t, row, want);
  }
}

/** Compares one row with what brute force says of it: `row` null when it must not exist, `want` with the ex-ante fields. */
export function compareRow(into: Comparison, { values, nRows }: Tile, t: number, row: OracleRow | null, want: OracleRow): void {
  FIELDS.forEach(({ wire, internal }, k) => {
    const got = values[k * nRows + t]!;
    if (internal) {
      if (got > 1e-9) into.mismatches.push(`row ${t} ${wire}: ${got}`);
      return;
    }
    const expected = want[wire] ?? NaN;
    into.compared += 1;
    if (Number.isNaN(expected) !== Number.isNaN(got) || (wire === 'flags' && expected !== got && row !== null)) {
      into.mismatches.push(`row ${t} ${wire}: got ${got}, want ${expected}`);
    }
    const scale = Math.max(Math.abs(expected), floorOf(wire, want));
    const error = expected === got ? 0 : Math.abs(got - expected) / scale;
    if (error > (into.worst.get(wire)?.error ?? -1)) into.worst.set(wire, { error, row: t, got, want: expected });
  });
}

export const createComparison = (): Comparison => ({ worst: new Map(), compared: 0, mismatches: [] });
export const worstOf = (comparison: Comparison): number => Math.max(...[...comparison.worst.values()].map(({ error }) => error));
