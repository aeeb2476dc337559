/** Several settings on the same securities, one after the other while their returns are at hand; sums per security and setting. */
import { F, FLAG } from '../../quant/cascade/index.ts';
import { createEstimator, type RobustSettings } from '../../quant/robust/index.ts';
import type { Panel } from '../panel.ts';
import type { TaskContext } from '../rpc.ts';
import { createFitter } from './fits.ts';

/** Per security and setting: rows by level (4), failed rows, and over the common rows their count, residual share, r², e² of three levels, turnover. */
export const COMPARED = { level: 0, failed: 4, common: 5, residualShare: 6, gross: 7, left: 8, turnover: 11, moves: 12 } as const;
export const COMPARED_SUMS = 13;

/** Room for factor tables of all the settings together. */
const TABLE_BYTES = 64 * 2 ** 20;

export interface CompareRequest {
  readonly panel: Panel;
  readonly settings: readonly RobustSettings[];
  readonly counter: Int32Array;
  /** Series in the order of a run. */
  readonly order: Int32Array;
  readonly from: number;
  readonly to: number;
  /** `sums[(series * settings + setting) * COMPARED_SUMS + k]`, shared. */
  readonly sums: Float64Array;
}

const at = (wire: string): number => F[wire]!;
const LEFT = [at('l1_rr'), at('l2_rr'), at('l3_rr')];
const HEDGE = [at('l3_mkt_exp'), at('l3_sec_exp'), at('l3_sub_exp')];
const COLUMNS = [at('level'), at('flags'), at('returns_gross'), at('l3_res_er'), ...LEFT, ...HEDGE];
const BROKEN = FLAG.additivity | FLAG.replication;

/** Serves securities from the shared counter until none is left. */
export function compareSettings({ panel, settings, counter, order, from, to, sums }: CompareRequest, context: TaskContext): null {
  const tableBytes = Math.floor(TABLE_BYTES / settings.length);
  const fitters = settings.map((one) =>
    createFitter(panel, one, (axis) => ({ cascade: createEstimator(one, axis, { tableBytes }), chains: new Map(), columns: new Map() })),
  );
  const rows = to - from;
  const { nRows } = panel;
  // Column c of setting k at [(k * COLUMNS + c) * rows].
  const kept = new Float64Array(settings.length * COLUMNS.length * rows);
  const column = (setting: number, c: number): Float64Array =>
    kept.subarray((setting * COLUMNS.length + c) * rows, (setting * COLUMNS.length + c + 1) * rows);
  const common = new Uint8Array(rows);
  for (let next = Atomics.add(counter, 0, 1); next < order.length; next = Atomics.add(counter, 0, 1)) {
    if ((next & 15) === 0) {
      context.check();
      context.progress(next / order.length, 'comparing settings');
    }
    const series = order[next]!;
    common.fill(1);
    fitters.forEach((fitter, k) => {
      const { values } = fitter.fit(series, from, to);
      COLUMNS.forEach((field, c) => column(k, c).set(values.subarray(field * nRows + from, field * nRows + to)));
      const [gross, share, left] = [column(k, 2), column(k, 3), column(k, 6)];
      for (let t = 0; t < rows; t++) if (!(gross[t]! * 0 === 0 && share[t]! * 0 === 0 && left[t]! * 0 === 0)) common[t] = 0;
    });
    fitters.forEach((_, k) => addUp((c) => column(k, c), common, sums, (series * settings.length + k) * COMPARED_SUMS));
  }
  return null;
}

function addUp(column: (c: number) => Float64Array, common: Uint8Array, sums: Float64Array, o: number): void {
  const [level, flags, gross, share] = [column(0), column(1), column(2), column(3)];
  const left = [column(4), column(5), column(6)];
  const hedge = [column(7), column(8), column(9)];
  for (let t = 0; t < common.length; t++) {
    const deepest = level[t]!;
    if (deepest !== deepest) continue;
    sums[o + COMPARED.level + deepest]!++;
    if (flags[t]! & BROKEN) sums[o + COMPARED.failed]!++;
    if (common[t] !== 1) continue;
    sums[o + COMPARED.common]!++;
    sums[o + COMPARED.residualShare]! += share[t]!;
    sums[o + COMPARED.gross]! += gross[t]! * gross[t]!;
    for (let k = 0; k < 3; k++) sums[o + COMPARED.left + k]! += left[k]![t]! * left[k]![t]!;
    if (t === 0 || common[t - 1] !== 1) continue;
    let moved = 0;
    for (const h of hedge) moved += Math.abs(h[t]! - h[t - 1]!);
    sums[o + COMPARED.turnover]! += moved;
    sums[o + COMPARED.moves]!++;
  }
}
