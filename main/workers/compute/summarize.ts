/** Computes units of a run and keeps digest and counts of every piece. */
import { F, FLAG } from '../../quant/cascade/index.ts';
import type { TaskContext } from '../rpc.ts';
import { COUNT, COUNTS, segmentOf, segmentRows, type RunParts } from '../run-parts.ts';
import type { Fitter } from './fits.ts';

/** Units from one word about the progress to the next, at least. */
const TOLD_EACH = 32;

const BROKEN = FLAG.additivity | FLAG.replication;

/** What the workers of a run share out among them. */
export interface Work {
  /** Series, from and to of each unit; rows begin and end with a segment or with the run. */
  readonly units: Int32Array;
  /** First unit of each turn, and one past the last unit. */
  readonly turns: Int32Array;
  /** [0]: next turn. */
  readonly counter: Int32Array;
}

export function summarize(fits: Fitter, { units, turns, counter }: Work, parts: RunParts, context: TaskContext): void {
  const { values, nRows } = fits.tile;
  const keep = createKeeper(values, nRows, parts);
  const unit = (next: number): void => {
    context.check();
    const [series, from, to] = [units[next * 3]!, units[next * 3 + 1]!, units[next * 3 + 2]!];
    fits.fit(series, from, to);
    for (let segment = segmentOf(parts, from); segment <= segmentOf(parts, to - 1); segment++) {
      const rows = segmentRows(parts, segment);
      const piece = series * parts.segments + segment;
      parts.digests[piece] = keep(rows.from, rows.to, piece) === 0 ? 0 : fits.digest(rows.from, rows.to);
    }
  };
  const count = units.length / 3;
  let told = -Infinity;
  for (let turn = Atomics.add(counter, 0, 1); turn < turns.length - 1; turn = Atomics.add(counter, 0, 1)) {
    const first = turns[turn]!;
    if (first - told >= TOLD_EACH) context.progress((told = first) / count, 'computing the cascade');
    for (let next = first; next < turns[turn + 1]!; next++) unit(next);
  }
}

/** Writes counts and deviations of rows [from, to) of the tile to a piece, and answers how many of them exist. */
function createKeeper(
  values: Float64Array,
  nRows: number,
  { counts, worst }: RunParts,
): (from: number, to: number, piece: number) => number {
  const column = (wire: string): Float64Array => values.subarray(F[wire]! * nRows, (F[wire]! + 1) * nRows);
  const [level, flags, additivity, replication] = ['level', 'flags', 'additivity_dev', 'replication_dev'].map(column) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const byLevel = new Int32Array(4);
  return (from, to, piece) => {
    // Local numbers: shared memory and objects would double the time of this loop.
    let [rows, failed, collinear, masked] = [0, 0, 0, 0];
    let [worstA, worstR] = [0, 0];
    byLevel.fill(0);
    for (let row = from; row < to; row++) {
      const deepest = level[row]!;
      if (deepest !== deepest) continue;
      rows++;
      byLevel[deepest]!++;
      const mask = flags[row]!;
      if (mask !== 0) {
        if (mask & BROKEN) failed++;
        if (mask & FLAG.collinear) collinear++;
        if (mask & FLAG.masked) masked++;
      }
      const a = additivity[row]!;
      if (a > worstA) worstA = a;
      const b = replication[row]!;
      if (b > worstR) worstR = b;
    }
    const at = piece * COUNTS;
    for (let k = 0; k < 4; k++) counts[at + COUNT.level + k] = byLevel[k]!;
    counts[at + COUNT.failed] = failed;
    counts[at + COUNT.collinear] = collinear;
    counts[at + COUNT.masked] = masked;
    counts[at + COUNT.rows] = rows;
    worst[piece * 2] = worstA;
    worst[piece * 2 + 1] = worstR;
    return rows;
  };
}
