/** Totals over the rows that a run computes: counts by level and flag, and the largest deviations of the identities. */
import { F, FLAG, type Tile } from '../../quant/cascade/index.ts';

/** Of the securities one worker served; merging is order-free. */
export interface RunTotals {
  securities: number;
  rows: number;
  byLevel: [number, number, number, number];
  failedRows: number;
  worstAdditivity: number;
  worstReplication: number;
  collinearRows: number;
  /** Rows outside the universe of the run. */
  maskedRows: number;
}

export interface Tally {
  /** Adds rows [from, to) of the security that is in the tile, and answers how many of them exist. */
  add(from: number, to: number): number;
  totals(): RunTotals;
}

/** Sums up what passes through a tile. */
export function createTally({ values, nRows }: Tile): Tally {
  const column = (wire: string): Float64Array => values.subarray(F[wire]! * nRows, (F[wire]! + 1) * nRows);
  const level = column('level');
  const flags = column('flags');
  const additivity = column('additivity_dev');
  const replication = column('replication_dev');
  const byLevel = new Int32Array(4);
  /** Rows by their flags. */
  const byFlags = new Int32Array(2 * Math.max(...Object.values(FLAG)));
  const allFlags = byFlags.length - 1;
  const worst = new Float64Array(2);
  let securities = 0;

  /** One loop over typed arrays and local numbers: fields of an object would double its time. */
  function add(from: number, to: number): number {
    let rows = 0;
    let worstAdditivity = worst[0]!;
    let worstReplication = worst[1]!;
    for (let row = from; row < to; row++) {
      const deepest = level[row]!;
      if (deepest !== deepest) continue;
      rows++;
      byLevel[deepest]!++;
      byFlags[flags[row]! & allFlags]!++;
      const a = additivity[row]!;
      if (a > worstAdditivity) worstAdditivity = a;
      const b = replication[row]!;
      if (b > worstReplication) worstReplication = b;
    }
    worst[0] = worstAdditivity;
    worst[1] = worstReplication;
    if (rows > 0) securities++;
    return rows;
  }

  const flagged = (mask: number): number => byFlags.reduce((sum, count, bits) => (bits & mask ? sum + count : sum), 0);

  return {
    add,
    totals: () => ({
      securities,
      rows: byLevel.reduce((sum, count) => sum + count, 0),
      byLevel: [byLevel[0]!, byLevel[1]!, byLevel[2]!, byLevel[3]!],
      failedRows: flagged(FLAG.additivity | FLAG.replication),
      worstAdditivity: worst[0]!,
      worstReplication: worst[1]!,
      collinearRows: flagged(FLAG.collinear),
      maskedRows: flagged(FLAG.masked),
    }),
  };
}
