/** One hedge unit: the whole book, or one account of it, from targets to whole shares (MODEL.md 11). */
import type { DeskRules } from '../../contract/desk.ts';
import type { HedgeLimit, HedgeRequest } from '../../contract/results.ts';
import {
  hedgeTargets,
  netTrades,
  solveTrades,
  type LayerFractions,
  type Level,
  type LimitedTrades,
  type Rounding,
} from '../../quant/hedge/index.ts';
import { mapCodes, type Book } from '../book.ts';
import type { Held } from '../held.ts';
import { accountMayShort } from './desk.ts';
import { entryOf, type Listed } from './listed.ts';

/** A unit's leg; dollars. */
export interface UnitLeg {
  readonly etf: string;
  readonly held: number;
  readonly modelTarget: number;
  readonly target: number;
  readonly trade: number;
  readonly shares: number;
  readonly dropped: string | null;
}

export interface Unit {
  /** '' when the book is hedged as one. */
  readonly account: string;
  readonly accounts: readonly string[];
  readonly legs: readonly UnitLeg[];
  readonly limited: LimitedTrades;
  readonly limits: readonly HedgeLimit[];
  readonly rounding: Rounding;
}

/** What the model wants of a unit before any limit. */
export interface Wanted {
  readonly account: string;
  readonly accounts: readonly string[];
  readonly held: readonly Held[];
  /** ETFs of the whole book, in the order of the covariance. */
  readonly codes: readonly string[];
  /** Dollars per code. */
  readonly targets: readonly number[];
  readonly hedges: readonly number[];
}

/** Targets and hedges held of some positions. */
export function wantedOf(
  account: string,
  held: readonly Held[],
  layers: LayerFractions,
  level: Level,
): Omit<Wanted, 'codes' | 'targets' | 'hedges'> & {
  readonly trades: ReadonlyMap<string, { readonly target: number; readonly held: number }>;
} {
  const hedges = new Map<string, number>();
  for (const { view } of held) if (view.role === 'hedge') hedges.set(view.chain[0]!, (hedges.get(view.chain[0]!) ?? 0) + view.marketValue!);
  const targets = hedgeTargets(
    held.flatMap(({ hedge }) => (hedge ? [hedge] : [])),
    layers,
    level,
  );
  return {
    account,
    accounts: [...new Set(held.map(({ view }) => view.account))].sort(),
    held,
    trades: new Map(netTrades(targets, hedges).map((trade) => [trade.etf, trade])),
  };
}

/** Shares of the ETF the unit's accounts hold long, whole ones, hedge and investment: all that accounts without shorts can sell. */
function sellable({ held }: Wanted, etf: string): number {
  const byAccount = new Map<string, number>();
  for (const { view } of held)
    if ((view.role === 'hedge' || view.role === 'investment') && view.chain[0] === etf)
      byAccount.set(view.account, (byAccount.get(view.account) ?? 0) + view.quantity!);
  return [...byAccount.values()].reduce((sum, shares) => sum + Math.max(0, Math.floor(shares + 1e-6)), 0);
}

interface Bound {
  readonly lowest: number;
  readonly highest: number;
  readonly reasons: readonly string[];
}

/** Limits of every leg of a unit. `share` is the unit's part of what the whole book wants in the ETF, 0 to 1. */
export function boundsOf(
  book: Book,
  wanted: Wanted,
  request: HedgeRequest,
  desk: DeskRules,
  listed: readonly Listed[],
  share: (index: number) => number,
): Bound[] {
  const excluded = new Set(mapCodes(book.etfs, request.exclude ?? [], 'exclude'));
  const caps = new Map((request.limits ?? []).map(({ etf, dollars }) => [mapCodes(book.etfs, [etf], 'limit')[0]!, dollars]));
  const shorts = wanted.accounts.length === 0 || wanted.accounts.some((account) => accountMayShort(desk, account));
  return wanted.codes.map((etf, i) => {
    const held = wanted.hedges[i]!;
    const price = book.etfs.get(etf)?.price ?? null;
    const entry = entryOf(listed, etf);
    const kind = entry?.kind;
    const as = entry === undefined || entry.code.toUpperCase() === etf ? '' : ` as ${entry.code}`;
    const none = (reason: string): Bound => ({ lowest: 0, highest: 0, reasons: [reason] });
    if (excluded.has(etf)) return none('excluded by the request');
    if (kind === 'restricted') return none(`on the restricted list${as}`);
    if (price === null || !(price > 0)) return none('no price: the leg cannot be traded');
    let [lowest, highest] = [-Infinity, Infinity];
    const reasons: string[] = [];
    const cap = caps.get(etf);
    if (cap !== undefined) {
      const own = cap * share(i);
      [lowest, highest] = [-own - held, own - held];
      reasons.push(`limit of $${cap.toLocaleString('en-US', { maximumFractionDigits: 0 })} in ${etf}`);
    }
    if (!shorts || kind === 'no_short') {
      const floor = -sellable(wanted, etf) * price;
      if (floor > lowest) {
        lowest = Math.min(floor, highest);
        reasons.push(kind === 'no_short' ? `not to be sold short${as && `, listed${as}`}` : `${named(wanted)} cannot sell short`);
      }
    }
    return { lowest, highest, reasons };
  });
}

const named = ({ account, accounts }: Wanted): string =>
  account === '' && accounts.length !== 1 ? `no account of the book` : `account ${account || accounts[0] || ''}`.trim();

/** Limits, then whole shares. */
export function solveUnit(
  book: Book,
  wanted: Wanted,
  bounds: readonly Bound[],
  cov: ArrayLike<number>,
  request: HedgeRequest,
  grossCap: number,
): Unit {
  const { codes, targets, hedges } = wanted;
  const { limited, trades, rounding } = solveTrades(
    codes.map((etf, i) => ({
      ...{ etf, held: hedges[i]!, wanted: targets[i]! - hedges[i]!, price: book.etfs.get(etf)?.price ?? null },
      band: hedges[i] === 0 ? 0 : ((request.band ?? 0) / 100) * Math.abs(targets[i]!),
      ...{ lowest: bounds[i]!.lowest, highest: bounds[i]!.highest },
    })),
    cov,
    { minTrade: request.minTrade ?? 0, mode: request.rounding ?? 'joint', grossCap },
  );
  const limits = codes.flatMap((etf, i): HedgeLimit[] => {
    const wantedTrade = targets[i]! - hedges[i]!;
    const { lowest, highest, reasons } = bounds[i]!;
    if (wantedTrade >= lowest && wantedTrade <= highest) return [];
    return [
      { etf, account: wanted.account, reason: reasons.join('; '), modelTarget: targets[i]!, target: hedges[i]! + limited.trades[i]! },
    ];
  });
  const reasonOf = new Map(limits.map(({ etf, reason }) => [etf, reason]));
  const untraded = untradedReason(limited, limits);
  return {
    account: wanted.account,
    accounts: wanted.accounts,
    limited,
    limits,
    rounding,
    legs: codes.map((etf, i) => {
      const { shares, dropped } = rounding.legs[i]!;
      const price = book.etfs.get(etf)?.price ?? 0;
      const isWanted = Math.abs(targets[i]! - hedges[i]!) > SOME * price;
      return {
        etf,
        held: hedges[i]!,
        modelTarget: targets[i]!,
        target: hedges[i]! + trades[i]!,
        trade: trades[i]!,
        shares,
        dropped: dropped ?? reasonOf.get(etf) ?? (shares === 0 && isWanted ? untraded : null),
      };
    }),
  };
}

/** Part of a share from which on a trade is wanted at all. */
const SOME = 1e-6;

/** Why a leg within its own bounds that is wanted has nothing to trade. */
function untradedReason({ scale }: LimitedTrades, limits: readonly HedgeLimit[]): string {
  if (scale < 1) return 'the cap on all hedges leaves nothing to trade in it';
  if (limits.length === 0) return 'best not traded: the legs that trade stand in for it';
  return `best not traded while ${limits.map(({ etf }) => etf).join(', ')} ${limits.length === 1 ? 'is' : 'are'} limited`;
}
