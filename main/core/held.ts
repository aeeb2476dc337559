/** One position of a book: what it is worth, its role, exposures and shares (MODEL.md 10). */
import type { BookPosition } from '../contract/results.ts';
import { percentText } from '../contract/units.ts';
import { flagNames, FLAG } from '../quant/cascade/index.ts';
import { slopesOf } from '../quant/cascade/window-fit.ts';
import { investmentSlopes, type HedgePosition } from '../quant/hedge/index.ts';
import type { PricedEtf, PricedPosition } from '../workers/db/look-ups.ts';
import { dollarsOf, isForeign, pricedValue } from '../workers/db/position-value.ts';
import type { PositionEnd } from '../workers/db/quotes.ts';
import type { Worth } from '../workers/db/worth.ts';
import { orNull } from './engine.ts';
import { iso } from './session.ts';

/** A position with what the hedge needs besides the view. */
export interface Held {
  readonly view: BookPosition;
  readonly priced: PricedPosition;
  /** Slopes and links for the hedge; null unless a stock or investment ETF. */
  readonly hedge: HedgePosition | null;
  /** Daily residual variance per $1; 0 for ETFs. */
  readonly residualVariance: number;
  /** Whether somebody chose the role of a held ETF; absent for what is none. */
  readonly marked?: boolean;
}

export interface EtfRole {
  readonly role: 'hedge' | 'investment';
  readonly marked: boolean;
}

const LEGS = ['mkt', 'sec', 'sub'] as const;
const wiresOf = (level: 1 | 2 | 3) => {
  const legs = LEGS.slice(0, level);
  return {
    exposure: legs.map((leg) => `l${level}_${leg}_exp`),
    explained: legs.map((leg) => `l${level}_${leg}_er`),
    residual: `l${level}_res_er`,
  };
};
const WIRES = { 1: wiresOf(1), 2: wiresOf(2), 3: wiresOf(3) };

/** Fields read per position. */
export const WANTED: readonly string[] = [
  ...['level', 'flags', 'vol', 'stock_var', 'lam_sm', 'lam_um', 'lam_us'],
  ...Object.values(WIRES).flatMap(({ exposure, explained, residual }) => [...exposure, ...explained, residual]),
];
const PLACE = new Map(WANTED.map((wire, i) => [wire, i]));

/** The value of a wanted field on the date. */
export type FieldOf = (wire: string) => number;

/** Reads the `i`-th security of a block of the wanted fields over one row, links and variance of the level that was asked for. */
export const fieldOf =
  (values: Float64Array, i: number): FieldOf =>
  (wire) =>
    values[i * WANTED.length + PLACE.get(wire)!]!;

function baseView(
  position: PricedPosition,
): Omit<BookPosition, 'role' | 'level' | 'chain' | 'exposure' | 'hedgeRatio' | 'explained' | 'residual' | 'volatility' | 'reason'> {
  const flags: string[] = [];
  if (position.worth) flags.push(worthText(position.worth));
  else if (position.quantity === null && position.securityId !== null) flags.push(`value of ${iso(position.asOf)} from the holdings file`);
  if (position.priceSource === 'file' && position.worth?.source !== 'file') flags.push('price from the holdings file');
  if (position.priceSource === 'adjusted') flags.push('adjusted close as price');
  if (position.splitFactor !== 1) flags.push(`quantity times ${position.splitFactor} (split)`);
  if (position.priceSplit !== 1) flags.push(`close of ${iso(position.priceDay!)} divided by ${position.priceSplit} (split)`);
  if (position.ended) flags.push(endText(position.ended));
  return {
    account: position.account,
    securityId: position.securityId,
    ticker: position.ticker,
    name: position.name,
    quantity: position.quantity === null ? null : position.quantity * position.splitFactor,
    price: position.price,
    priceDay: position.priceDay === null ? null : iso(position.priceDay),
    marketValue: pricedValue(position),
    weight: null,
    flags,
  };
}

/** How a value of the file became shares. */
const worthText = ({ price, day, source }: Worth): string =>
  `shares from the value in the holdings file, at ${source === 'file' ? 'its price' : `the ${source === 'adjusted' ? 'adjusted close' : 'close'} of ${iso(day)}`} (${price})`;

/** The last close stays the price (MODEL.md 10): what came of the share after it is said, and left to the reader. */
function endText({ day, type, value }: PositionEnd): string {
  if (type === 'merger') return `merged on ${iso(day)} for ${value} a share: the value is at the last close before`;
  return `delisted on ${iso(day)} with a return of ${percentText(value)}: the value is at the last close, without it`;
}

function unmodelled(position: PricedPosition, reason: string, role: 'unmodelled' | 'cash' = 'unmodelled'): Held {
  return {
    view: {
      ...baseView(position),
      marketValue: dollarsOf(position),
      role,
      level: 0,
      chain: [],
      exposure: [],
      hedgeRatio: [],
      explained: [],
      residual: null,
      volatility: null,
      reason,
    },
    priced: position,
    hedge: null,
    residualVariance: 0,
  };
}

/** Kinds of instruments that no return history is looked for. */
const NOT_MODELLED: Readonly<Record<string, string>> = { option: 'option', bond: 'bond', future: 'future', crypto: 'crypto currency' };

/** A share that is listed no more has a history: it ends with its last price. */
function noReturns({ priceSource, priceDay }: PricedPosition): string {
  if (priceDay === null || priceSource === 'file') return 'no return history';
  return `no returns up to the date: the last price is of ${iso(priceDay)}`;
}

export function heldStock(
  position: PricedPosition,
  chain: readonly (string | null)[],
  value: FieldOf | undefined,
  wanted: 1 | 2 | 3,
): Held {
  const abroad = isForeign(position) ? `in ${position.currency}: no exchange rate series` : null;
  if (position.disposition === 'cash')
    return unmodelled(position, abroad === null ? 'cash: no factor exposure' : `cash ${abroad}, no factor exposure`, 'cash');
  if (abroad !== null) return unmodelled(position, abroad);
  if (position.securityId === null && position.kind !== null && NOT_MODELLED[position.kind])
    return unmodelled(position, `${NOT_MODELLED[position.kind]}: listed, not modelled`);
  if (position.securityId === null) return unmodelled(position, 'unknown here: no prices, and no securities file names it');
  if (pricedValue(position) === null) return unmodelled(position, 'no price at or before the date');
  const market = chain[0] ?? null;
  if (!value || market === null) return unmodelled(position, noReturns(position));
  const deepest = value('level');
  if (Number.isNaN(deepest) || deepest < 1) return unmodelled(position, 'too little return history for any level');
  const mask = value('flags');
  if (mask & (FLAG.additivity | FLAG.replication)) return unmodelled(position, 'an identity of the model failed on this row');
  const level = Math.min(deepest, wanted) as 1 | 2 | 3;
  const wires = WIRES[level];
  const h = wires.exposure.map(value);
  const lam = { sm: orNull(value('lam_sm')), um: orNull(value('lam_um')), us: orNull(value('lam_us')) };
  const base = baseView(position);
  const stockVariance = value('stock_var');
  const residual = value(wires.residual);
  return {
    view: {
      ...base,
      role: 'stock',
      level,
      chain: chain.slice(0, level) as string[],
      exposure: h,
      hedgeRatio: h.map((x) => (x === 0 ? 0 : -x)),
      explained: wires.explained.map((wire) => orNull(value(wire))),
      residual: orNull(residual),
      volatility: orNull(value('vol')),
      flags: [...base.flags, ...flagNames(mask)],
      reason: null,
    },
    priced: position,
    hedge: { value: base.marketValue!, beta: slopesOf(h, lam), lam, chain: { m: market, s: chain[1] ?? null, u: chain[2] ?? null } },
    residualVariance: stockVariance * residual,
  };
}

/** A held ETF of the map: one dollar of itself, as a hedge (default: short) or an investment. */
export function heldEtf(position: PricedPosition, etf: PricedEtf, links: HedgePosition['lam'] | null, { role, marked }: EtfRole): Held {
  if (isForeign(position)) return unmodelled(position, `in ${position.currency}: no exchange rate series`);
  if (position.price === null) return unmodelled(position, 'no price at or before the date');
  const base = baseView(position);
  const depth = etf.level === 'market' ? 1 : etf.level === 'sector' ? 2 : etf.parent === null ? 2 : 3;
  const chain =
    depth === 1
      ? { m: etf.etf, s: null, u: null }
      : depth === 2
        ? { m: etf.market ?? etf.etf, s: etf.etf, u: null }
        : { m: etf.market ?? etf.etf, s: etf.parent, u: etf.etf };
  const lam = links ?? NO_LINKS;
  const complete = depth === 1 || (lam.sm !== null && (depth === 2 || (lam.um !== null && lam.us !== null)));
  if (role === 'investment' && !complete) return unmodelled(position, `too little return history of ${etf.etf}`);
  return {
    view: {
      ...base,
      role,
      level: depth,
      chain: [etf.etf],
      exposure: [1],
      hedgeRatio: [-1],
      explained: [],
      residual: null,
      volatility: null,
      reason: null,
    },
    priced: position,
    hedge: role === 'investment' ? { value: base.marketValue!, beta: investmentSlopes(depth, lam), lam, chain } : null,
    residualVariance: 0,
    marked,
  };
}

const NO_LINKS: HedgePosition['lam'] = { sm: null, um: null, us: null };
