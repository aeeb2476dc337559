/** What a finding does to the book: market value and volatility as they are and as they would be. */
import type { BookSessions, FindingEffect } from '../../contract/results-health.ts';
import { bookExposure, historicalRisk } from '../../quant/book/index.ts';
import { ALIVE_ROWS } from '../../quant/cascade/types.ts';
import type { Diagnosis } from '../../quant/doctor/index.ts';
import type { PricedBook } from './look-ups.ts';
import { dollarsOf } from './position-value.ts';

const WINDOW = 252;
const YEAR = 252;

interface Holding {
  /** Dollars, short below 0. */
  value: number;
  readonly returns: Float64Array;
}

export interface BookWatch {
  /** Net dollars of the book; null when no position has a value. */
  readonly value: number | null;
  /** Annualised dollars over the last window. */
  readonly volatility: number | null;
  /** Days it is of. */
  readonly sessions: BookSessions | null;
  /** Securities whose returns `give` wants. */
  readonly wanted: ReadonlySet<number>;
  give(securityId: number, returns: Float64Array): void;
  /** After all of `wanted` were given. */
  finish(): void;
  effect(securityId: number | null, diagnosis: Diagnosis | null, days: Int32Array, usedBy: number): FindingEffect | null;
  readonly snapshotId: number | null;
}

const sd = (values: readonly number[]): number => {
  const n = values.length;
  if (n < 2) return NaN;
  const mean = values.reduce((a, b) => a + b, 0) / n;
  return Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1));
};
const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** Watches the positions of a book (null: none) over the last window of the axis. */
export function watchBook(book: PricedBook | null): BookWatch {
  const values = new Map<number, { value: number; priceDay: number }>();
  for (const position of book?.positions ?? []) {
    const { securityId, disposition, priceDay } = position;
    const dollars = dollarsOf(position);
    if (securityId === null || dollars === null || priceDay === null || disposition !== 'position') continue;
    const held = values.get(securityId);
    values.set(securityId, { value: (held?.value ?? 0) + dollars, priceDay });
  }
  const { net, gross } = bookExposure(
    (book?.positions ?? []).map((position) => ({
      value: dollarsOf(position),
      role: position.disposition === 'cash' ? 'cash' : 'unmodelled',
      etfs: [],
      exposure: [],
    })),
  );
  const holdings = new Map<number, Holding>();
  let total: Float64Array | null = null;
  let first = 0;
  let volatility = NaN;
  let sessions: BookSessions | null = null;

  /** Annualised dollars of the book's return over the window, with one row changed (NaN: left out). */
  function volatilityWith(row: number, change: number): number {
    if (!total) return NaN;
    const rows: number[] = [];
    total.forEach((value, i) => {
      const at = first + i === row ? value + change : value;
      if (at === at) rows.push(at);
    });
    return Math.sqrt(YEAR) * sd(rows);
  }

  return {
    snapshotId: book?.snapshotId ?? null,
    get value() {
      return gross === 0 ? null : net;
    },
    get volatility() {
      return orNull(volatility);
    },
    get sessions() {
      return sessions;
    },
    wanted: new Set(values.keys()),
    give(securityId, returns) {
      first = Math.max(0, returns.length - WINDOW);
      holdings.set(securityId, { value: values.get(securityId)!.value, returns: returns.slice(first) });
    },
    finish() {
      // A name that is listed no more has no row (MODEL.md 3), and is no part of the book's risk: of it and a young one no session is common.
      const modelled = [...holdings.values()].filter(({ returns }) => returns.subarray(-ALIVE_ROWS).some((r) => r === r));
      if (modelled.length === 0) return;
      const rows = modelled[0]!.returns.length;
      const risk = historicalRisk(
        modelled.map(({ value }) => value),
        modelled.map(({ returns }) => returns),
        0,
        rows,
        rows / 2,
      );
      total = risk.series;
      volatility = risk.volatility ?? NaN;
      if (risk.volatility !== null) sessions = { counted: risk.rows, of: rows, young: risk.dropped.length };
    },
    effect(securityId, diagnosis, days, usedBy) {
      const held = securityId === null ? undefined : values.get(securityId);
      const { asIs, fixed, row, sharesFactor, remedy } = diagnosis ?? { asIs: NaN, fixed: NaN, row: -1, sharesFactor: 1, remedy: null };
      // A fix that gives no return (NaN) leaves the day out.
      const distorted = asIs === asIs && !(Math.abs(asIs - fixed) <= 1e-9);
      if (!held) return usedBy > 0 || distorted ? { ...NOTHING, returnAsIs: orNull(asIs), returnFixed: orNull(fixed), usedBy } : null;
      const returns = holdings.get(securityId!)?.returns;
      const own = returns ? Math.sqrt(YEAR) * sd([...returns].filter((r) => r === r)) * Math.abs(held.value) : NaN;
      // Quantities are scaled by the splits between the snapshot and the price.
      const scaled = remedy !== null && row >= 0 && days[row]! > (book?.asOf ?? Infinity) && days[row]! <= held.priceDay;
      const inWindow = distorted && row >= first && returns?.[row - first] === asIs;
      return {
        marketValue: held.value,
        marketValueFixed: scaled ? held.value * sharesFactor : held.value,
        returnAsIs: orNull(asIs),
        returnFixed: orNull(fixed),
        volatility: orNull(volatility),
        volatilityFixed: orNull(inWindow ? volatilityWith(row, held.value * (fixed - asIs)) : volatility),
        ownRisk: orNull(own),
        usedBy,
      };
    },
  };
}

const NOTHING: FindingEffect = {
  marketValue: null,
  marketValueFixed: null,
  returnAsIs: null,
  returnFixed: null,
  volatility: null,
  volatilityFixed: null,
  ownRisk: null,
  usedBy: 0,
};
