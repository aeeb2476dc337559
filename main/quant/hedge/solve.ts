/** From wanted trades to whole shares: limits, the minimum trade, rounding (MODEL.md 11). */
import { quadratic } from '../book/risk.ts';
import { limitTrades, type LimitedLeg, type LimitedTrades } from './limits.ts';
import { isInBand, roundOrders, type Rounding, type RoundingOptions } from './rounding.ts';

export interface SolveLeg extends LimitedLeg {
  /** Raw close; null or not positive = the leg cannot be traded. */
  readonly price: number | null;
  /** No-trade band of a leg that is held, dollars; a trade that a limit or the gross cap asks for is made all the same. */
  readonly band?: number;
}

export interface SolveOptions extends RoundingOptions {
  /** Dollars of all hedge positions together. */
  readonly grossCap?: number;
}

export interface SolvedTrades {
  readonly limited: LimitedTrades;
  /** Dollars per leg that whole shares are near to: those of `limited` unless other legs stand in for dropped ones. */
  readonly trades: readonly number[];
  /** `left` and `variance` are told against the trades of `limited`: what a dropped leg leaves counts. */
  readonly rounding: Rounding;
}

/**
 * Trades within their limits, then whole shares. What the minimum trade or a band drops stays in the book: the legs that have an order are solved
 * once more around it, and that answer is taken when it leaves less `y'Cov(F)y`, so it is never more than without. A leg that has no
 * order gets none that way: a hedged book is left alone.
 */
export function solveTrades(legs: readonly SolveLeg[], cov: ArrayLike<number>, options: SolveOptions): SolvedTrades {
  const limited = limitTrades(legs, cov, options.grossCap);
  const wanted = limited.trades;
  const plain = rounded(legs, wanted, limited.scale < 1, cov, options);
  let best: SolvedTrades = { limited, trades: wanted, rounding: plain };
  let least = left(legs, best, cov, wanted);
  const small = wanted.some(
    (trade, i) => trade !== 0 && (Math.abs(trade) < options.minTrade || (limited.scale === 1 && isInBand(trade, bandOf(legs[i]!)))),
  );
  let open = plain.legs.map(({ shares }) => shares !== 0);
  /** Why each leg has no order, from the first time on that it had none. */
  const reasons = plain.legs.map(({ dropped }) => dropped);
  let because: readonly (string | null)[] = reasons;
  while (small && Number.isFinite(least) && open.includes(true)) {
    const bounded = legs.map((leg, i) => ({ ...leg, wanted: wanted[i]!, ...(open[i] ? {} : { lowest: 0, highest: 0 }) }));
    const leaned = limitTrades(bounded, cov, options.grossCap);
    const rounding = rounded(legs, leaned.trades, leaned.scale < 1 || limited.scale < 1, cov, options);
    const own = { limited, trades: leaned.trades, rounding };
    const variance = left(legs, own, cov, wanted);
    rounding.legs.forEach(({ dropped }, i) => (reasons[i] ??= dropped));
    if (variance < least) [best, least, because] = [own, variance, [...reasons]];
    // Leaning may bring another leg below the minimum: it is dropped too, and the rest solved around both.
    const still = open.map((is, i) => is && rounding.legs[i]!.shares !== 0);
    if (still.every((is, i) => is === open[i])) break;
    open = still;
  }
  return best.trades === wanted ? best : { ...best, rounding: against(legs, best, because, cov, options) };
}

/** 0 where the leg has to be traded. */
const bandOf = ({ lowest, highest, band = 0 }: SolveLeg): number => (lowest <= 0 && highest >= 0 ? band : 0);

/** Whole shares; towards zero where the positions are scaled to the gross cap, or the nearest shares of positions within it lie beyond. */
function rounded(
  legs: readonly SolveLeg[],
  trades: readonly number[],
  scaled: boolean,
  cov: ArrayLike<number>,
  options: SolveOptions,
): Rounding {
  const all = legs.map(({ etf, held, price, lowest, highest }, i) => {
    const trade = trades[i]!;
    const capped = scaled ? (held + trade < 0 ? { lowest: trade } : { highest: trade }) : {};
    return { etf, trade, price, lowest, highest, band: scaled ? 0 : bandOf(legs[i]!), ...capped };
  });
  const rounding = roundOrders(all, cov, options);
  const after = dollars(
    legs,
    rounding,
    legs.map(({ held }) => -held),
  );
  const gross = after.reduce((sum, position) => sum + Math.abs(position), 0);
  return !scaled && gross > (options.grossCap ?? Infinity) ? rounded(legs, trades, true, cov, options) : rounding;
}

const dollars = (legs: readonly SolveLeg[], { legs: own }: Rounding, wanted: readonly number[]): number[] =>
  legs.map(({ price }, i) => (own[i]!.shares === 0 ? 0 : own[i]!.shares * price!) - wanted[i]!);

/** y'Cov(F)y against the trades wanted; NaN without a full covariance. */
function left(legs: readonly SolveLeg[], { rounding }: SolvedTrades, cov: ArrayLike<number>, wanted: readonly number[]): number {
  return rounding.variance.nearest === null ? NaN : quadratic(dollars(legs, rounding, wanted), cov);
}

const standIn = (reason: string | null): string | null => (reason === null ? null : `${reason}; the legs that trade stand in for it`);

/** A rounding around dropped legs, told against what was wanted, with the reasons the legs were dropped for. */
function against(
  legs: readonly SolveLeg[],
  { limited, trades, rounding }: SolvedTrades,
  reasons: readonly (string | null)[],
  cov: ArrayLike<number>,
  options: SolveOptions,
): Rounding {
  const y = dollars(legs, rounding, limited.trades);
  const otherMode = options.mode === 'joint' ? 'nearest' : 'joint';
  const other = dollars(legs, rounded(legs, trades, limited.scale < 1, cov, { ...options, mode: otherMode }), limited.trades);
  const variance = { [options.mode]: quadratic(y, cov), [otherMode]: quadratic(other, cov) } as Record<'joint' | 'nearest', number>;
  return {
    ...rounding,
    variance: { nearest: variance.nearest, joint: Math.min(variance.joint, variance.nearest) },
    legs: rounding.legs.map((leg, i) => ({ ...leg, left: y[i]!, dropped: leg.shares === 0 ? standIn(reasons[i]!) : null })),
  };
}
