/** Trades under limits: what may not be traded is replaced, as well as can be, by the legs that may (MODEL.md 11). */
import { HedgerowError } from '../../contract/errors.ts';

export interface LimitedLeg {
  readonly etf: string;
  /** Dollars of hedge held before. */
  readonly held: number;
  /** The trade the model asks for, dollars. */
  readonly wanted: number;
  /** Bounds of the trade, dollars. */
  readonly lowest: number;
  readonly highest: number;
}

export interface LimitedTrades {
  /** Dollars per leg, within the bounds. */
  readonly trades: readonly number[];
  /** Whether any leg differs from what was wanted. */
  readonly limited: boolean;
  /** Factor on all positions that keeps their sum within the gross cap; 1 without. */
  readonly scale: number;
  /** The trades had no other leg leaned against what is limited. */
  readonly alone: readonly number[];
}

/** Bounds closer than this count as reached, dollars. */
const CENT = 1e-4;

/**
 * What a leg is off its wanted trade counts this share of its own variance more. Without it two ETFs that are nearly the same would be
 * bought and sold against each other for many times the hedge, to take off next to nothing; others stand in by a thousandth less.
 */
const RIDGE = 1e-3;

/**
 * The trades within their bounds that minimise y'Cov(F)y + RIDGE y'diag(Cov(F))y, `y` = trade - wanted; then all hedge positions
 * (held + trade) are scaled down alike when their gross sum is above `grossCap`. Without any limit in the way the trades are the wanted
 * ones, to the bit.
 * `cov` is row-major, aligned with the legs; with null or a missing entry a leg is only cut at its bounds, nothing leans against it.
 */
export function limitTrades(legs: readonly LimitedLeg[], cov: ArrayLike<number> | null, grossCap = Infinity): LimitedTrades {
  for (const { etf, wanted, lowest, highest } of legs)
    if (!Number.isFinite(wanted) || !(lowest <= highest))
      throw new HedgerowError('internal', `The limits of ${etf} are ${lowest} to ${highest} around a trade of ${wanted}.`, 'Report this.');
  const cut = legs.map(({ wanted, lowest, highest }) => Math.min(highest, Math.max(lowest, wanted)));
  const measured = cov !== null && cov.length === legs.length ** 2 && allFinite(cov);
  const isCut = legs.some(({ wanted }, i) => cut[i] !== wanted);
  const trades = isCut && measured ? lean(legs, cut, withRidge(cov, legs.length)) : cut;
  const scaled = scaleToCap(legs, trades, grossCap);
  return {
    trades: scaled.trades,
    limited: isCut || scaled.scale < 1,
    scale: scaled.scale,
    alone: isCut ? scaleToCap(legs, cut, grossCap).trades : scaled.trades,
  };
}

const withRidge = (cov: ArrayLike<number>, size: number): Float64Array =>
  Float64Array.from(cov, (value, at) => (at % (size + 1) === 0 ? value * (1 + RIDGE) : value));

function allFinite(values: ArrayLike<number>): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}

/** Bounded least squares by active sets: legs at a bound are fixed, the others solve exactly, until no fixed leg wants to move inside. */
function lean(legs: readonly LimitedLeg[], cut: readonly number[], cov: ArrayLike<number>): number[] {
  const size = legs.length;
  const trade = [...cut];
  // A leg that may not trade at all never moves; one that is cut starts at its bound.
  const fixed = legs.map(({ wanted, lowest, highest }, i) => highest - lowest <= CENT || cut[i] !== wanted);
  const gradient = (i: number): number => {
    let sum = 0;
    for (let j = 0; j < size; j++) sum += cov[i * size + j]! * (trade[j]! - legs[j]!.wanted);
    return sum;
  };
  for (let round = 0; round < 20 * size + 20; round++) {
    const free = legs.flatMap((_, i) => (fixed[i] ? [] : [i]));
    const goal = solveFree(legs, trade, free, cov);
    // As far towards the goal as the bounds allow; the leg that stops it is fixed there.
    let step = 1;
    let stop = -1;
    free.forEach((i, k) => {
      const { lowest, highest } = legs[i]!;
      const move = goal[k]! - trade[i]!;
      const room = move > 0 ? highest - trade[i]! : lowest - trade[i]!;
      if (move !== 0 && Math.abs(move) > Math.abs(room) && room / move < step) [step, stop] = [Math.max(0, room / move), i];
    });
    free.forEach((i, k) => (trade[i] = trade[i]! + step * (goal[k]! - trade[i]!)));
    if (stop >= 0) {
      const { lowest, highest } = legs[stop]!;
      trade[stop] = Math.abs(trade[stop]! - highest) < Math.abs(trade[stop]! - lowest) ? highest : lowest;
      fixed[stop] = true;
      continue;
    }
    // Release the fixed leg that gains most by moving back inside.
    let best = -1;
    let most = 1e-12;
    legs.forEach(({ lowest, highest }, i) => {
      if (!fixed[i] || highest - lowest <= CENT) return;
      const slope = gradient(i);
      const inward = trade[i]! >= highest - CENT ? slope : -slope;
      const gain = inward / Math.sqrt(Math.max(cov[i * size + i]!, Number.MIN_VALUE)) / (1 + Math.abs(legs[i]!.wanted));
      if (gain > most) [best, most] = [i, gain];
    });
    if (best < 0) return trade;
    fixed[best] = false;
  }
  return trade;
}

/** The free legs' trades that minimise y'cov y with the others where they are: cov_FF y_F = -cov_FB y_B. */
function solveFree(legs: readonly LimitedLeg[], trade: readonly number[], free: readonly number[], cov: ArrayLike<number>): number[] {
  const size = legs.length;
  const n = free.length;
  const isFree = new Set(free);
  const a = new Float64Array(n * n);
  const b = new Float64Array(n);
  free.forEach((i, r) => {
    free.forEach((j, c) => (a[r * n + c] = cov[i * size + j]!));
    for (let j = 0; j < size; j++) if (!isFree.has(j)) b[r] = b[r]! - cov[i * size + j]! * (trade[j]! - legs[j]!.wanted);
  });
  const y = cholesky(a, b, n);
  return free.map((i, r) => legs[i]!.wanted + y[r]!);
}

/** Solves a y = b for a symmetric positive semidefinite a; directions without variance get 0. */
function cholesky(a: Float64Array, b: Float64Array, n: number): Float64Array {
  for (let j = 0; j < n; j++) {
    const whole = a[j * n + j]!;
    let d = whole;
    for (let k = 0; k < j; k++) d -= a[j * n + k]! ** 2;
    const root = d > 1e-10 * whole ? Math.sqrt(d) : 0;
    a[j * n + j] = root;
    for (let i = j + 1; i < n; i++) {
      let sum = a[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= a[i * n + k]! * a[j * n + k]!;
      a[i * n + j] = root === 0 ? 0 : sum / root;
    }
  }
  const y = Float64Array.from(b);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) y[i] = y[i]! - a[i * n + k]! * y[k]!;
    y[i] = a[i * n + i] === 0 ? 0 : y[i]! / a[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) y[i] = y[i]! - a[k * n + i]! * y[k]!;
    y[i] = a[i * n + i] === 0 ? 0 : y[i]! / a[i * n + i]!;
  }
  return y;
}

/** Scales the positions after the trades down to the cap; those that may not trade stay as they are. */
function scaleToCap(legs: readonly LimitedLeg[], trades: readonly number[], cap: number): { trades: readonly number[]; scale: number } {
  const moves = ({ lowest, highest }: LimitedLeg): boolean => highest - lowest > CENT;
  const grossOf = (some: (leg: LimitedLeg) => boolean): number =>
    legs.reduce((sum, leg, i) => sum + (some(leg) ? Math.abs(leg.held + trades[i]!) : 0), 0);
  const gross = grossOf(() => true);
  if (!(gross > cap)) return { trades, scale: 1 };
  const free = grossOf(moves);
  const scale = free > 0 ? Math.max(0, cap - (gross - free)) / free : 1;
  if (!(scale < 1)) return { trades, scale: 1 };
  return {
    scale,
    // Towards zero from a position within the bounds; a bound that keeps a leg away from zero wins.
    trades: legs.map((leg, i) =>
      moves(leg) ? Math.min(leg.highest, Math.max(leg.lowest, scale * (leg.held + trades[i]!) - leg.held)) : trades[i]!,
    ),
  };
}
