/** The cube as Parquet or Arrow; Parquet also as one file per year in folders `year=2026` as Spark and DuckDB read them. */
import { parquetFile, type CubeFile } from '../../exporters/cube/index.ts';
import type { CubeFields, CubeUnit } from '../../workers/compute/cube.ts';
import type { ComputeProcedures } from '../../workers/compute/procedures.ts';
import type { CallOptions, WorkerClient } from '../../workers/rpc.ts';
import { iso, type Hooks } from '../session.ts';
import type { FileDraft, FolderDraft } from './draft.ts';
import { inOrder } from './in-order.ts';
import { inTurn, type CubePlan } from './plan.ts';

/** Rows of a row group, as whole stretches allow: 8 MB of all fields. */
const GROUP_ROWS = 20_000;

/** Resolves to the number of rows. */
export const writeParquet = (plan: CubePlan, file: FileDraft, hooks: Hooks): Promise<number> =>
  writePieces(plan, parquetFile(plan.columns, plan.lineage), (worker, ...request) => worker.call('rowGroup', ...request), file, hooks);

/** Resolves to the number of rows. */
export async function writeArrow(plan: CubePlan, file: FileDraft, hooks: Hooks): Promise<number> {
  const { arrowFile } = await import('../../exporters/cube/arrow.ts');
  return writePieces(
    plan,
    arrowFile(plan.columns, plan.lineage),
    (worker, ...request) => worker.call('recordBatch', ...request),
    file,
    hooks,
  );
}

type Ask = [request: { key: string; units: readonly CubeUnit[] } & CubeFields, options: CallOptions];

async function writePieces<P extends { readonly rows: number; readonly bytes: Uint8Array }>(
  plan: CubePlan,
  frame: CubeFile<P>,
  encode: (worker: WorkerClient<ComputeProcedures>, ...ask: Ask) => Promise<P | null>,
  file: FileDraft,
  hooks: Hooks,
): Promise<number> {
  const { columns, fields, workers } = plan;
  const groups = groupsOf(plan.units);
  let rows = 0;
  await file.write(frame.head());
  await inOrder(
    groups.length,
    workers.length,
    (index) =>
      inTurn(plan, index, (worker, key) => encode(worker, { key, units: groups[index]!, columns, fields }, { signal: hooks.signal })),
    async (piece) => {
      if (!piece) return;
      rows += piece.rows;
      frame.place(piece, file.bytes);
      await file.write(piece.bytes);
    },
    hooks,
    2,
  );
  await file.write(frame.foot(file.bytes));
  return rows;
}

/** Resolves to the number of rows. Every year of the rows asked for gets a file, with or without rows in it. */
export async function writeParquetByYear(plan: CubePlan, folder: FolderDraft, hooks: Hooks): Promise<number> {
  const years = yearsOf(plan);
  let rows = 0;
  for (const [index, { year, from, to }] of years.entries()) {
    const units = plan.units
      .map((unit) => ({ ...unit, from: Math.max(unit.from, from), to: Math.min(unit.to, to) }))
      .filter((unit) => unit.from < unit.to);
    const within: Hooks = { ...hooks, onProgress: (share, note) => hooks.onProgress?.((index + (share ?? 0)) / years.length, note) };
    rows += await folder.file(`year=${year}/metrics.parquet`, (file) => writeParquet({ ...plan, units, from, to }, file, within));
  }
  return rows;
}

function groupsOf(units: readonly CubeUnit[]): CubeUnit[][] {
  const groups: CubeUnit[][] = [];
  let size = Infinity;
  for (const unit of units) {
    if (size >= GROUP_ROWS) {
      groups.push([]);
      size = 0;
    }
    groups.at(-1)!.push(unit);
    size += unit.to - unit.from;
  }
  return groups;
}

function yearsOf({ panel, from, to }: CubePlan): { year: string; from: number; to: number }[] {
  const out: { year: string; from: number; to: number }[] = [];
  for (let row = from; row < to; row++) {
    const year = iso(panel.days[row]!).slice(0, 4);
    if (out.at(-1)?.year === year) out.at(-1)!.to = row + 1;
    else out.push({ year, from: row, to: row + 1 });
  }
  return out;
}
