import { enterEpoch } from './epochs.ts';
import type { EpochReturns, ReturnEpoch } from './types.ts';

/** What rows [fromRow, toRow) see, whatever it says of other rows. */
export interface EpochPart {
  readonly fromRow: number;
  readonly toRow: number;
  readonly returns: EpochReturns;
}

/**
 * One history from parts that follow each other over [0, nRows): where what was known about the inputs themselves changed (whose
 * prices they are), the rows from there on see another history. At each seam the rows before it become those of the new part.
 */
export function spliceEpochs(parts: readonly EpochPart[], nRows: number): EpochReturns {
  if (parts.length === 1) return parts[0]!.returns;
  const base = new Float64Array(nRows).fill(NaN);
  const source = new Uint8Array(nRows);
  const epochs: ReturnEpoch[] = [];
  const seen = { values: new Float64Array(nRows).fill(NaN), sources: new Uint8Array(nRows) };
  const add = (fromRow: number, rows: ArrayLike<number>, values: ArrayLike<number>, sources: ArrayLike<number>): void => {
    if (rows.length === 0 && epochs.length > 0) return;
    epochs.push({
      fromRow,
      toRow: nRows,
      patchRows: Int32Array.from(rows),
      patchValues: Float64Array.from(values),
      patchSources: Uint8Array.from(sources),
    });
  };
  for (const { fromRow, toRow, returns } of parts) {
    const now = { values: returns.base.slice(), sources: returns.source.slice() };
    for (const epoch of returns.epochs) if (epoch.fromRow <= fromRow) enterEpoch(epoch, now.values, now.sources);
    const changed: number[] = [];
    for (let row = 0; row < fromRow; row++)
      if (!Object.is(now.values[row], seen.values[row]) || now.sources[row] !== seen.sources[row]) changed.push(row);
    add(
      fromRow,
      changed,
      changed.map((row) => now.values[row]!),
      changed.map((row) => now.sources[row]!),
    );
    base.set(returns.base.subarray(fromRow, toRow), fromRow);
    source.set(returns.source.subarray(fromRow, toRow), fromRow);
    for (const epoch of returns.epochs) {
      if (epoch.fromRow <= fromRow || epoch.fromRow >= toRow) continue;
      enterEpoch(epoch, now.values, now.sources);
      add(epoch.fromRow, epoch.patchRows, epoch.patchValues, epoch.patchSources);
    }
    seen.values.set(now.values);
    seen.sources.set(now.sources);
  }
  return { base, source, epochs: epochs.map((epoch, i) => ({ ...epoch, toRow: epochs[i + 1]?.fromRow ?? nRows })) };
}
