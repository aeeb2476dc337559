/** Whole-share rounding of hedge trades (MODEL.md 11). */
import { HedgerowError } from '../../contract/errors.ts';
import { quadratic } from '../book/risk.ts';

export interface RoundingLeg {
  readonly etf: string;
  /** Exact trade, dollars, buy > 0. */
  readonly trade: number;
  /** Raw close; null or not positive = the leg cannot be traded. */
  readonly price: number | null;
  /** Why the leg must not be traded (excluded by the user …); absent = it may be. */
  readonly blocked?: string;
  /** Dollars whole shares may not go beyond: a leg with only one count inside its bounds has no choice. */
  readonly lowest?: number;
  readonly highest?: number;
  /** No-trade band: a change up to so many dollars is left. */
  readonly band?: number;
}

export interface RoundingOptions {
  /** Dollars; orders below it are dropped. */
  readonly minTrade: number;
  readonly mode: 'joint' | 'nearest';
}

interface RoundedLeg {
  readonly etf: string;
  /** Signed whole shares. */
  readonly shares: number;
  /** Dollars left: shares x price - trade. */
  readonly left: number;
  /** Why a wanted trade has no order; null for traded legs and where nothing was wanted. */
  readonly dropped: string | null;
}

export interface Rounding {
  /** In the order given. */
  readonly legs: readonly RoundedLeg[];
  /** y'Cov(F)y (daily, dollars squared) of the dollars left, dropped legs included; null without a full covariance. */
  readonly variance: { readonly joint: number | null; readonly nearest: number | null };
  /** How the joint answer was found; null when rounding was to nearest (asked for, or no covariance). */
  readonly method: 'exact' | 'local' | null;
}

/** A leg's possible share counts, the nearest first. */
type Choices = readonly [number] | readonly [number, number];

/** Up to this many free legs every combination is tried (65,536 at most). */
const EXACT_LEGS = 16;
/** Shares this close to a whole number are whole: a hedged book must not trade on rounding noise. */
const WHOLE = 1e-9;

/**
 * Rounds each leg down or up to whole shares. `joint` minimises y'Cov(F)y over all combinations (a deterministic search
 * with one and two changes at a time beyond 16 free legs) and is never worse than nearest rounding. `cov` is row-major,
 * aligned with `legs`; with null or any missing entry, rounding is to nearest. An order below `minTrade` or the leg's band is
 * never made: a leg whose exact trade is below it is dropped, one that could round to below it rounds up. Ties keep nearest rounding.
 */
export function roundOrders(legs: readonly RoundingLeg[], cov: ArrayLike<number> | null, options: RoundingOptions): Rounding {
  const bad = legs.find((leg) => !Number.isFinite(leg.trade));
  if (bad)
    throw new HedgerowError('internal', `The trade in ${bad.etf} is ${bad.trade}.`, 'Report this with the steps; nothing was written.');
  const reasons = legs.map((leg) => refusal(leg, options.minTrade));
  const choices = legs.map((leg, i): Choices => (reasons[i] === null ? shareChoices(leg, Math.max(options.minTrade, leg.band ?? 0)) : [0]));
  const leftOf = (shares: readonly number[]) => legs.map((leg, i) => (shares[i] === 0 ? 0 : shares[i]! * leg.price!) - leg.trade);
  const nearest = choices.map(([first]) => first);
  const measured = cov !== null && isComplete(cov, legs.length);
  let joint = nearest;
  let method: Rounding['method'] = null;
  if (measured) {
    const free = choices.flatMap((choice, i) => (choice.length === 2 ? [i] : []));
    const step = legs.map((leg, i) => (choices[i]!.length === 2 ? (choices[i]![1]! - choices[i]![0]) * leg.price! : 0));
    method = free.length <= EXACT_LEGS ? 'exact' : 'local';
    const search = method === 'exact' ? searchAll : searchLocal;
    const flipped = search(leftOf(nearest), step, free, cov);
    const found = choices.map((choice, i) => (flipped[i] ? choice[1]! : choice[0]));
    // The searches update sums step by step; the decision between the two is made on directly computed ones.
    if (quadratic(leftOf(found), cov) < quadratic(leftOf(nearest), cov)) joint = found;
  }
  const shares = options.mode === 'joint' ? joint : nearest;
  const left = leftOf(shares);
  return {
    legs: legs.map((leg, i) => ({ etf: leg.etf, shares: shares[i]!, left: left[i]!, dropped: reasons[i] ?? zeroReason(leg, shares[i]!) })),
    variance: { joint: measured ? quadratic(leftOf(joint), cov) : null, nearest: measured ? quadratic(leftOf(nearest), cov) : null },
    method: options.mode === 'joint' ? method : null,
  };
}

/** Whether a change is small enough to be left. */
export const isInBand = (trade: number, band = 0): boolean => band > 0 && Math.abs(trade) <= band;

function refusal(leg: RoundingLeg, minTrade: number): string | null {
  if (leg.trade === 0) return null;
  if (leg.blocked !== undefined) return leg.blocked;
  if (leg.price === null || !(leg.price > 0)) return 'no price: the leg cannot be traded';
  if (Math.abs(leg.trade) / leg.price <= WHOLE) return null;
  if (Math.abs(leg.trade) < minTrade) return `below the minimum trade (${money(leg.trade)} of ${money(minTrade)})`;
  if (isInBand(leg.trade, leg.band)) return `within the no-trade band (${money(leg.trade)} of up to ${money(leg.band!)})`;
  return null;
}

function shareChoices(leg: RoundingLeg, least: number): Choices {
  if (leg.trade === 0 || leg.price === null || !(leg.price > 0)) return [0];
  const exact = Math.abs(leg.trade) / leg.price;
  const sign = leg.trade < 0 ? -1 : 1;
  const whole = Math.round(exact);
  if (Math.abs(exact - whole) <= WHOLE * Math.max(1, exact)) return [signed(sign, whole)];
  const down = Math.floor(exact);
  const up = down + 1;
  const fits = (count: number): boolean => {
    const dollars = sign * count * leg.price!;
    return dollars <= (leg.highest ?? Infinity) + WHOLE && dollars >= (leg.lowest ?? -Infinity) - WHOLE;
  };
  if (!fits(up) && (down === 0 || down * leg.price >= least)) return [signed(sign, down)];
  if (!fits(up)) return [0];
  if (!fits(down)) return [signed(sign, up)];
  if (down > 0 && down * leg.price < least) return [signed(sign, up)];
  return exact - down < 0.5 ? [signed(sign, down), signed(sign, up)] : [signed(sign, up), signed(sign, down)];
}

/** -0 would print as a sold order of nothing. */
function signed(sign: number, shares: number): number {
  return shares === 0 ? 0 : sign * shares;
}

function zeroReason(leg: RoundingLeg, shares: number): string | null {
  if (shares !== 0 || leg.trade === 0 || !leg.price || Math.abs(leg.trade) / leg.price <= WHOLE) return null;
  return `${money(leg.trade)} is ${(Math.abs(leg.trade) / leg.price).toFixed(2)} of one share and rounds to none`;
}

/** Every combination, in Gray-code order from `left` on, one change at a time. */
function searchAll(left: readonly number[], step: readonly number[], free: readonly number[], cov: ArrayLike<number>): boolean[] {
  const state = start(left, step, cov);
  let best = state.value;
  let bestFlips = state.flipped.slice();
  for (let code = 1; code < 2 ** free.length; code++) {
    flip(state, free[31 - Math.clz32(code & -code)]!);
    if (state.value < best) {
      best = state.value;
      bestFlips = state.flipped.slice();
    }
  }
  return bestFlips;
}

/** Best single or double change, repeated until none helps. */
function searchLocal(left: readonly number[], step: readonly number[], free: readonly number[], cov: ArrayLike<number>): boolean[] {
  const state = start(left, step, cov);
  const size = left.length;
  // A gain must stand out from rounding noise, or two equal answers could alternate for ever.
  const noise = 1e-12 * Math.abs(state.value);
  for (;;) {
    let best = -noise;
    let pair: readonly number[] | null = null;
    for (let a = 0; a < free.length; a++) {
      const i = free[a]!;
      const di = delta(state, i);
      const gainI = 2 * di * state.gradient[i]! + di * di * cov[i * size + i]!;
      if (gainI < best) [best, pair] = [gainI, [i]];
      for (let b = a + 1; b < free.length; b++) {
        const j = free[b]!;
        const dj = delta(state, j);
        const gain = gainI + 2 * dj * state.gradient[j]! + dj * dj * cov[j * size + j]! + 2 * di * dj * cov[i * size + j]!;
        if (gain < best) [best, pair] = [gain, [i, j]];
      }
    }
    if (pair === null) return state.flipped;
    for (const i of pair) flip(state, i);
  }
}

interface SearchState {
  readonly cov: ArrayLike<number>;
  readonly step: readonly number[];
  readonly flipped: boolean[];
  /** Cov(F) y. */
  readonly gradient: Float64Array;
  /** y'Cov(F)y. */
  value: number;
}

function start(left: readonly number[], step: readonly number[], cov: ArrayLike<number>): SearchState {
  const size = left.length;
  const gradient = new Float64Array(size);
  for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) gradient[i] = gradient[i]! + cov[i * size + j]! * left[j]!;
  return { cov, step, flipped: left.map(() => false), gradient, value: quadratic(left, cov) };
}

function delta(state: SearchState, leg: number): number {
  return state.flipped[leg] ? -state.step[leg]! : state.step[leg]!;
}

function flip(state: SearchState, leg: number): void {
  const { cov, gradient } = state;
  const size = gradient.length;
  const d = delta(state, leg);
  state.value += 2 * d * gradient[leg]! + d * d * cov[leg * size + leg]!;
  for (let i = 0; i < size; i++) gradient[i] = gradient[i]! + d * cov[i * size + leg]!;
  state.flipped[leg] = !state.flipped[leg];
}

function isComplete(cov: ArrayLike<number>, size: number): boolean {
  if (cov.length !== size * size) {
    throw new HedgerowError('internal', `The covariance has ${cov.length} entries for ${size} legs.`, 'Report this with the steps.');
  }
  for (let i = 0; i < cov.length; i++) if (!Number.isFinite(cov[i])) return false;
  return true;
}

function money(dollars: number): string {
  return `$${Math.abs(dollars).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}
