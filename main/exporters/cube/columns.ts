/** What the writers of the cube share: the columns, and rows of them. */

/** A column of the cube. */
export interface CubeColumn {
  /** Name in the file, wire or long. */
  readonly name: string;
  readonly wire: string;
  readonly long: string;
  readonly unit: string;
  readonly description: string;
  /** Of a bit mask: the names of its bits. Absent for numbers. */
  readonly bits?: Readonly<Record<string, number>>;
}

/** Rows of the cube in the order of ticker and date. */
export interface CubeRows {
  readonly count: number;
  /** EpochDay per row, and the ticker valid on it. */
  readonly days: Int32Array;
  readonly tickers: readonly string[];
  /** One array per column, `count` values each; NaN = missing. */
  readonly values: readonly Float64Array[];
}

/** Lineage of a file: run, settings, days, versions. */
export type Lineage = readonly (readonly [key: string, value: string])[];

/** Names of the bits set in a mask, joined by `|`; a missing mask has none. */
export function bitNames(bits: Readonly<Record<string, number>>, mask: number): string {
  if (!(mask > 0)) return '';
  return Object.entries(bits)
    .filter(([, bit]) => (mask & bit) !== 0)
    .map(([name]) => name)
    .join('|');
}
