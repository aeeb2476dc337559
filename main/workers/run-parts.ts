/**
 * What a run keeps of its outputs, piece by piece: a piece is one series on one segment of the calendar. A later run computes the pieces that
 * changed and takes the others over. Segments are cut on absolute sessions, so they stay where they are when the history grows.
 */
import type { Panel } from './panel.ts';

/** Rows of a segment; counts of rows fit a byte. */
const SEGMENT = 128;

/** Counts of a piece, in the order of COUNT. */
export const COUNTS = 8;
export const COUNT = { level: 0, failed: 4, collinear: 5, masked: 6, rows: 7 } as const;

/** Shared memory, filled by the compute workers; piece p of series i and segment s is `i * segments + s`. */
export interface RunParts {
  readonly segments: number;
  /** Row of the first segment's start, zero or negative. */
  readonly origin: number;
  /** Rows [from, to) of the run; the first and the last segment may be cut by them. */
  readonly from: number;
  readonly to: number;
  /** Digest of every output of the piece; 0 for a piece without rows. */
  readonly digests: Uint32Array;
  /** COUNTS bytes per piece. */
  readonly counts: Uint8Array;
  /** Largest additivity and replication deviation of each piece. */
  readonly worst: Float64Array;
}

export function createParts(
  { firstSession, nRows, series }: Pick<Panel, 'firstSession' | 'nRows' | 'series'>,
  from = 0,
  to = nRows,
): RunParts {
  const origin = -(((firstSession % SEGMENT) + SEGMENT) % SEGMENT);
  const segments = Math.ceil((nRows - origin) / SEGMENT);
  const pieces = Math.max(1, series.length * segments);
  return {
    segments,
    origin,
    from,
    to,
    digests: new Uint32Array(new SharedArrayBuffer(pieces * 4)),
    counts: new Uint8Array(new SharedArrayBuffer(pieces * COUNTS)),
    worst: new Float64Array(new SharedArrayBuffer(pieces * 16)),
  };
}

/** Rows [from, to) of a segment that belong to the run. */
export function segmentRows({ origin, from, to }: RunParts, segment: number): { from: number; to: number } {
  const start = origin + segment * SEGMENT;
  return { from: Math.max(from, start), to: Math.min(to, start + SEGMENT) };
}

export const segmentOf = ({ origin }: Pick<RunParts, 'origin'>, row: number): number => Math.floor((row - origin) / SEGMENT);

/** Copies a piece of another run. */
export function takePiece(into: RunParts, at: number, from: RunParts, other: number): void {
  into.digests[at] = from.digests[other]!;
  for (let k = 0; k < COUNTS; k++) into.counts[at * COUNTS + k] = from.counts[other * COUNTS + k]!;
  into.worst[at * 2] = from.worst[other * 2]!;
  into.worst[at * 2 + 1] = from.worst[other * 2 + 1]!;
}

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

/** Sums over all pieces; whichever worker filled them, and whenever. */
export function totalsOf({ segments, digests, counts, worst }: RunParts): RunTotals {
  const totals: RunTotals = {
    securities: 0,
    rows: 0,
    byLevel: [0, 0, 0, 0],
    failedRows: 0,
    worstAdditivity: 0,
    worstReplication: 0,
    collinearRows: 0,
    maskedRows: 0,
  };
  for (let first = 0; first + segments <= digests.length; first += segments) {
    let rows = 0;
    for (let piece = first; piece < first + segments; piece++) {
      const at = piece * COUNTS;
      if (counts[at + COUNT.rows] === 0) continue;
      rows += counts[at + COUNT.rows]!;
      for (let level = 0; level < 4; level++) totals.byLevel[level as 0 | 1 | 2 | 3] += counts[at + level]!;
      totals.failedRows += counts[at + COUNT.failed]!;
      totals.collinearRows += counts[at + COUNT.collinear]!;
      totals.maskedRows += counts[at + COUNT.masked]!;
      totals.worstAdditivity = Math.max(totals.worstAdditivity, worst[piece * 2]!);
      totals.worstReplication = Math.max(totals.worstReplication, worst[piece * 2 + 1]!);
    }
    totals.rows += rows;
    if (rows > 0) totals.securities++;
  }
  return totals;
}
