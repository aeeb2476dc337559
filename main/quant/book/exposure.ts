/** Dollar exposures, weights and coverage of a holdings snapshot (MODEL.md 10). */
import { HedgerowError } from '../../contract/errors.ts';
import type { BookPosition, EtfExposure } from '../../contract/results.ts';

/** One position as the book sees it. */
export interface ExposedPosition {
  /** Dollars, short < 0; null when the position has no price (only allowed for `unmodelled` and `cash`). */
  readonly value: number | null;
  readonly role: BookPosition['role'];
  /** ETFs of the served level, market first; a held ETF (investment or hedge) names itself alone. */
  readonly etfs: readonly string[];
  /** Exposure per $1 on each of `etfs`; `[1]` for a held ETF. */
  readonly exposure: readonly number[];
}

export interface BookExposure {
  /** Sum of |V| and of V over every position with a value, hedge holdings and unmodelled ones included; cash is in no sum. */
  readonly gross: number;
  readonly net: number;
  /** What weights are on: gross when |net| is under 5 % of gross. */
  readonly weightBase: 'net' | 'gross';
  /** One per position; null without a value, for cash, or when the base is 0. */
  readonly weights: readonly (number | null)[];
  /** Gross dollars of stocks and investment ETFs. */
  readonly covered: number;
  /** `covered` over the gross of everything but hedge holdings; null when that is 0. */
  readonly coverage: number | null;
  /** Positions without a value; they are in none of the sums. */
  readonly unpriced: number;
  /** One per ETF exposed to or held as a hedge, by name; `net` = exposure + hedgeHolding. */
  readonly etfs: readonly EtfExposure[];
}

const NET_SHARE = 0.05;

/**
 * Exposure per ETF (`X_e`, over stocks and investment ETFs), with hedge holdings beside it, and the totals of the book.
 * A hedge holding must not enter `X`, or hedging twice would look like hedging once.
 * Throws `internal` when a modelled position lacks a finite value or exposure.
 */
export function bookExposure(positions: readonly ExposedPosition[]): BookExposure {
  const exposure = new Map<string, number>();
  const hedge = new Map<string, number>();
  let gross = 0;
  let net = 0;
  let covered = 0;
  let hedges = 0;
  let unpriced = 0;
  for (const position of positions) {
    const { value, role } = position;
    if (role === 'cash') continue;
    if (value === null && role === 'unmodelled') {
      unpriced++;
      continue;
    }
    if (value === null || !Number.isFinite(value)) throw fault(`a ${role} position has no value`);
    gross += Math.abs(value);
    net += value;
    if (role === 'unmodelled') continue;
    if (role === 'hedge') hedges += Math.abs(value);
    else covered += Math.abs(value);
    addExposure(role === 'hedge' ? hedge : exposure, position, value);
  }
  const weightBase = Math.abs(net) < NET_SHARE * gross ? 'gross' : 'net';
  const base = weightBase === 'gross' ? gross : net;
  const weights = positions.map(({ value, role }) => (value === null || role === 'cash' || base === 0 ? null : value / base));
  const names = [...new Set([...exposure.keys(), ...hedge.keys()])].sort();
  const etfs = names.map((etf) => {
    const own = exposure.get(etf) ?? 0;
    const held = hedge.get(etf) ?? 0;
    return { etf, exposure: own, hedgeHolding: held, net: own + held, shareOfGross: gross === 0 ? null : own / gross };
  });
  const unhedged = gross - hedges;
  return { gross, net, weightBase, weights, covered, coverage: unhedged > 0 ? covered / unhedged : null, unpriced, etfs };
}

function addExposure(sums: Map<string, number>, position: ExposedPosition, value: number): void {
  if (position.etfs.length === 0) throw fault('a modelled position has no ETF');
  position.etfs.forEach((etf, index) => {
    const per = position.exposure[index];
    if (per === undefined || !Number.isFinite(per)) throw fault(`the exposure to ${etf} is missing`);
    sums.set(etf, (sums.get(etf) ?? 0) + value * per);
  });
}

/** Holdings-weighted mean of a field: the uncovered (NaN or weight null) count as 0, never renormalised (MODEL.md 10). */
export function weightedAggregate(weights: readonly (number | null)[], field: readonly number[]): number {
  let sum = 0;
  weights.forEach((weight, index) => {
    const value = field[index] ?? NaN;
    if (weight !== null && !Number.isNaN(value)) sum += weight * value;
  });
  return sum;
}

function fault(what: string): HedgerowError {
  return new HedgerowError('internal', `Book: ${what}.`, 'Report this with the holdings file; nothing was written.');
}
