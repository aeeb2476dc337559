/** Daily returns from raw closes held against those of published adjusted closes, and what the days are on which they differ. */

export interface Agreement {
  readonly days: number;
  /** Share of days within 10 bp. */
  readonly within: number;
  /** Days beyond 10 bp by what they look like. */
  readonly rest: Readonly<Record<Reason, number>>;
}

export type Reason = 'distribution' | 'rounding' | 'one close' | 'two companies' | 'split' | 'other';

const TEN_BP = 1e-3;
/** A penny stock's closes come with two to four digits; half a unit of the last one on either day. */
const HALF_CENT = 0.005;
/** As many differing days of one security are no mistakes of single days any more. */
const TWO_COMPANIES = 12;

/** Whether a gross return ratio is a plain split: n for one or one for n, or a few for a few, within 2 %. */
function isSplitRatio(ratio: number): boolean {
  const n = ratio < 1 ? 1 / ratio : ratio;
  return n > 1.4 && [n, 2 * n, 3 * n].some((one, i) => Math.abs(one - Math.round(one)) < 0.02 * one && (i === 0 || n < 4));
}

/** `raw` and `adjusted` are returns by row; `close` the raw closes, which say what rounding explains. NaN is missing. */
export function compareReturns(
  series: Iterable<{ readonly raw: Float64Array; readonly adjusted: Float64Array; readonly close: Float64Array }>,
): Agreement {
  const rest: Record<Reason, number> = { distribution: 0, rounding: 0, 'one close': 0, 'two companies': 0, split: 0, other: 0 };
  let days = 0;
  let within = 0;
  for (const { raw, adjusted, close } of series) {
    const gap = (row: number): number => Math.log((1 + adjusted[row]!) / (1 + raw[row]!));
    const differing: number[] = [];
    for (let row = 1; row < raw.length; row++) {
      const difference = Math.abs(raw[row]! - adjusted[row]!);
      if (Number.isNaN(difference)) continue;
      days++;
      if (difference <= TEN_BP) within++;
      else differing.push(row);
    }
    const reasons = differing.map((row): Reason => {
      const slack = (HALF_CENT / close[row - 1]! + HALF_CENT / close[row]!) * (1 + Math.abs(raw[row]!));
      if (Math.abs(gap(row)) <= slack + TEN_BP) return 'rounding';
      // The day before or after takes it back: one close is not that of its day.
      if ([row - 1, row + 1].some((other) => Math.abs(gap(row) + gap(other)) <= Math.max(TEN_BP, 0.1 * Math.abs(gap(row)))))
        return 'one close';
      if (isSplitRatio(Math.exp(gap(row)))) return 'split';
      return gap(row) > 0 && gap(row) < 0.3 ? 'distribution' : 'other';
    });
    const strange = reasons.filter((reason) => reason === 'other' || reason === 'one close').length;
    for (const reason of reasons)
      rest[strange >= TWO_COMPANIES && (reason === 'other' || reason === 'one close') ? 'two companies' : reason]++;
  }
  return { days, within: within / days, rest };
}
