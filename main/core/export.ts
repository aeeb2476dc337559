/** `export metrics`: the cube of a run as CSV, Parquet, Arrow or Zarr, computed and encoded by the compute workers, written in order. */
import { resolve } from 'node:path';
import { HedgerowError } from '../contract/errors.ts';
import { writeCsv } from './cube/csv.ts';
import { checkSpace, writeFileDraft, writeFolderDraft, type FolderDraft } from './cube/draft.ts';
import { writeArrow, writeParquet, writeParquetByYear } from './cube/pieces.ts';
import { planCube, type CubePlan, type CubeRequest } from './cube/plan.ts';
import { writeZarr } from './cube/zarr.ts';
import { writeZip } from './cube/zip.ts';
import type { Hooks, Session } from './session.ts';

export const CUBE_FORMATS = ['csv', 'parquet', 'arrow', 'zarr'] as const;
export type CubeFormat = (typeof CUBE_FORMATS)[number];

export interface ExportOptions extends CubeRequest {
  readonly out: string;
  readonly format: CubeFormat;
  /** CSV: leading `#` lines with the lineage; the other formats always carry it. */
  readonly lineage?: boolean | undefined;
  /** Parquet: a folder with one file per year. */
  readonly byYear?: boolean | undefined;
}

export interface ExportResult {
  /** File, or the folder of a Zarr store or of files by year. */
  readonly file: string;
  readonly format: CubeFormat;
  readonly bytes: number;
  readonly rows: number;
  readonly milliseconds: number;
  readonly runId: string;
  readonly simulated: boolean;
}

/** In a folder of files by year, so that it is known again. */
const YEARS_MARK = '_hedgerow';

/** Rough bytes of a value in a file, for the check of the disk before a long export; a date and ticker count as two. */
const VALUE_BYTES: Readonly<Record<CubeFormat, number>> = { csv: 16, parquet: 8, arrow: 8, zarr: 8 };

/**
 * Writes the cube; what would be a folder becomes one zip file where `out` ends in `.zip`. An interrupted export leaves what
 * was there before. Rejects with disk_full before starting when space is short.
 */
export async function exportMetrics(session: Session, options: ExportOptions, hooks: Hooks = {}): Promise<ExportResult> {
  const { format } = options;
  if (options.byYear && format !== 'parquet')
    throw new HedgerowError('usage', `Only Parquet is written by year, not ${format}.`, 'Leave --by-year out, or choose parquet.');
  const started = performance.now();
  const plan = await planCube(session, options, hooks);
  const out = resolve(options.out);
  const cells = plan.units.reduce((sum, unit) => sum + unit.to - unit.from, 0) * (plan.columns.length + 2);
  checkSpace(out, cells * VALUE_BYTES[format]);
  const { bytes, rows } = await write(plan, out, options, hooks);
  const { basis, simulated } = plan;
  return { file: out, format, bytes, rows, milliseconds: performance.now() - started, runId: basis.runId, simulated };
}

async function write(
  plan: CubePlan,
  out: string,
  { format, lineage, byYear }: ExportOptions,
  hooks: Hooks,
): Promise<{ bytes: number; rows: number }> {
  if (format === 'zarr' || byYear) {
    const fill = async (folder: FolderDraft): Promise<number> => {
      if (format === 'zarr') return writeZarr(plan, folder, hooks);
      await folder.put(YEARS_MARK, new TextEncoder().encode(`Metrics by year, ${plan.basis.runId}\n`));
      return writeParquetByYear(plan, folder, hooks);
    };
    if (out.endsWith('.zip')) return writeFileDraft(out, async (file) => ({ rows: await writeZip(file, fill), bytes: file.bytes }));
    return writeFolderDraft(out, format === 'zarr' ? '.zmetadata' : YEARS_MARK, async (folder) => ({
      rows: await fill(folder),
      bytes: folder.bytes,
    }));
  }
  return writeFileDraft(out, async (file) => {
    const writers = {
      csv: () => writeCsv(plan, file, lineage === true || plan.simulated, hooks),
      parquet: () => writeParquet(plan, file, hooks),
      arrow: () => writeArrow(plan, file, hooks),
    };
    return { rows: await writers[format](), bytes: file.bytes };
  });
}
