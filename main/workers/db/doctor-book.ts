/** What a finding does to the book: market value and volatility as they are and as they would be. */
import type { FindingEffect } from '../../contract/results-health.ts';
import type { Diagnosis } from '../../quant/doctor/index.ts';
import type { PricedBook } from './look-ups.ts';

const WINDOW = 252;
const YEAR = 252;

interface Holding {
  /** Dollars, short below 0. */
  value: number;
  readonly returns: Float64Array;
}

export interface BookWatch {
  readonly value: number | null;
  readonly volatility: number | null;
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
    const { securityId, price, quantity, splitFactor, disposition, priceDay } = position;
    if (securityId === null || price === null || priceDay === null || disposition !== 'position') continue;
    const held = values.get(securityId);
    values.set(securityId, { value: (held?.value ?? 0) + quantity * splitFactor * price, priceDay });
  }
  const holdings = new Map<number, Holding>();
  let total: Float64Array | null = null;
  let first = 0;
  let volatility = NaN;

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
      return values.size === 0 ? null : [...values.values()].reduce((sum, one) => sum + one.value, 0);
    },
    get volatility() {
      return orNull(volatility);
    },
    wanted: new Set(values.keys()),
    give(securityId, returns) {
      first = Math.max(0, returns.length - WINDOW);
      holdings.set(securityId, { value: values.get(securityId)!.value, returns: returns.slice(first) });
    },
    finish() {
      // A young name would empty the window of all others: it waits until it has most of one.
      const covered = [...holdings.values()].filter(({ returns }) => returns.filter((r) => r === r).length >= returns.length / 2);
      if (covered.length === 0) return;
      total = new Float64Array(covered[0]!.returns.length);
      for (const { value, returns } of covered) for (let i = 0; i < total.length; i++) total[i]! += value * returns[i]!;
      volatility = volatilityWith(-1, 0);
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
