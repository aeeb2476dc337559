/** The size of one security at month ends: capitalisation or dollar volume, from what was known then (MODEL.md 8). */
import { compareDated, inForce } from '../chains/versions.ts';
import { buildField, valueInForce } from '../returns/fields.ts';
import type { RowAxis } from '../returns/types.ts';
import type { UniverseRule } from './names.ts';
import { SIZE_SOURCE, type Candidate, type ShareCount, type UniverseOptions } from './types.ts';

/** Rows of the mean dollar volume, and how many of them must have a close and a volume. */
const VOLUME_ROWS = 63;
const VOLUME_LEAST = 42;

/** Answers for a row as known at day k. */
export interface SizeOf {
  /** Dollars; NaN for none. Sets `source`. */
  size(row: number, k: number): number;
  /** Whether the row has a raw close. */
  priced(row: number, k: number): boolean;
  /** SIZE_SOURCE of the size answered last; 0 for none. */
  source: number;
}

/** Tabulates a candidate once; its sizes are then cheap at any month end. */
export function sizesOf(rule: UniverseRule, candidate: Candidate, axis: RowAxis, options: UniverseOptions): SizeOf {
  const corrected = options.knowledge === 'corrected';
  const table = (blocks: Candidate['close']) => buildField(blocks, axis, options.knownAsOf);
  const close = table(candidate.close);
  const other = table(rule.by === 'mc' ? candidate.marketCap : candidate.volume);
  const shares = corrected ? withCorrections(candidate.shares, options.knownAsOf) : candidate.shares;

  const capitalisation = (row: number, k: number): number => {
    const price = valueInForce(close, row, k, corrected);
    const count = price < 0 ? null : inForce(shares, axis.days[row]!, k);
    if (count !== null) {
      answer.source = SIZE_SOURCE.shares;
      return count.shares * close.value[price]!;
    }
    const given = valueInForce(other, row, k, corrected);
    answer.source = SIZE_SOURCE.market_cap;
    return given < 0 ? NaN : other.value[given]!;
  };

  const dollarVolume = (last: number, k: number): number => {
    let sum = 0;
    let rows = 0;
    for (let row = Math.max(0, last - VOLUME_ROWS + 1); row <= last; row++) {
      const price = valueInForce(close, row, k, corrected);
      const traded = price < 0 ? -1 : valueInForce(other, row, k, corrected);
      if (traded < 0) continue;
      sum += close.value[price]! * other.value[traded]!;
      rows++;
    }
    answer.source = SIZE_SOURCE.volume;
    return rows < VOLUME_LEAST ? NaN : sum / rows;
  };

  const measure = rule.by === 'mc' ? capitalisation : dollarVolume;
  const answer: SizeOf = {
    source: 0,
    size(row, k) {
      const size = measure(row, k);
      if (size > 0 && size < Infinity) return size;
      answer.source = 0;
      return NaN;
    },
    priced: (row, k) => valueInForce(close, row, k, corrected) >= 0,
  };
  return answer;
}

/** Of the versions of one period known by K the last one, as if known when the first was. */
function withCorrections(shares: readonly ShareCount[], knownAsOf: number): ShareCount[] {
  const periods = new Map<number | null, ShareCount>();
  for (const row of shares.filter(({ known }) => known <= knownAsOf).sort(compareDated)) {
    const first = periods.get(row.validFrom);
    periods.set(row.validFrom, { ...row, known: Math.min(row.known, first?.known ?? row.known) });
  }
  return [...periods.values()];
}
