/** Where stored facts come from: batch, file, line and the days they are valid and known. */
import { listBatches, type Workspace } from '../../../db/index.ts';
import type { DatedOrigin, Origin } from '../../contract/results-explain.ts';
import { formatIsoDay, type EpochDay } from '../../contract/units.ts';

export const isoOrNull = (day: number | null): string | null => (day === null ? null : formatIsoDay(day as EpochDay));

interface Row {
  readonly batchId: number;
  readonly line?: number;
  readonly knownFrom: number | null;
}

export interface Origins {
  of(row: Row): Origin;
  dated(row: Row & { readonly validFrom: number | null; readonly validTo: number | null }): DatedOrigin;
}

/** Reads the batches once; answers for any row. */
export function originsOf(ws: Workspace): Origins {
  const batches = new Map<number, { file: string; source: string; revision: number }>(
    listBatches(ws).map((batch) => [batch.batchId, batch]),
  );
  const of = ({ batchId, line, knownFrom }: Row): Origin => {
    const { file, source, revision } = batches.get(batchId)!;
    return { batchId, file, source, revision, line: line || null, knownFrom: isoOrNull(knownFrom) };
  };
  return { of, dated: (row) => ({ ...of(row), validFrom: isoOrNull(row.validFrom), validTo: isoOrNull(row.validTo) }) };
}
