import type { EpochReturns, ReturnEpoch } from './types.ts';

/** A fund's returns with those of another one before its first, and the row of that first. */
export interface ProxiedReturns {
  readonly returns: EpochReturns;
  /** Rows before it are the proxy's. */
  readonly firstRow: number;
}

/**
 * The returns of a fund, and of its proxy on the rows before the fund's first return. Which row that is was known on it: nothing before it
 * depends on when the fund begins. A return of the fund learned late for an earlier row stands in for the proxy's from then on.
 */
export function withProxy(own: EpochReturns, proxy: EpochReturns, nRows: number): ProxiedReturns {
  const found = own.base.findIndex((value) => !Number.isNaN(value));
  const firstRow = found < 0 ? nRows : found;
  const base = own.base.slice();
  const source = own.source.slice();
  base.set(proxy.base.subarray(0, firstRow));
  source.set(proxy.source.subarray(0, firstRow));
  /** Rows before the first that the fund has taken over. */
  const taken = new Set<number>();
  const starts = [...new Set([...own.epochs, ...proxy.epochs].map((epoch) => epoch.fromRow))].sort((a, b) => a - b);
  const at = (returns: EpochReturns, fromRow: number) => returns.epochs.find((epoch) => epoch.fromRow === fromRow);
  const epochs = starts.map((fromRow, i): ReturnEpoch => {
    const patches = new Map<number, { value: number; source: number }>();
    const take = (epoch: ReturnEpoch | undefined, wanted: (row: number, value: number) => boolean): void =>
      epoch?.patchRows.forEach((row, p) => {
        const value = epoch.patchValues[p]!;
        if (wanted(row, value)) patches.set(row, { value, source: epoch.patchSources[p]! });
      });
    take(at(proxy, fromRow), (row) => row < firstRow && !taken.has(row));
    take(at(own, fromRow), (row, value) => {
      if (row < firstRow && !Number.isNaN(value)) taken.add(row);
      return row >= firstRow || taken.has(row);
    });
    const rows = [...patches.keys()].sort((a, b) => a - b);
    return {
      fromRow,
      toRow: starts[i + 1] ?? nRows,
      patchRows: Int32Array.from(rows),
      patchValues: Float64Array.from(rows, (row) => patches.get(row)!.value),
      patchSources: Uint8Array.from(rows, (row) => patches.get(row)!.source),
    };
  });
  return { returns: { base, source, epochs }, firstRow };
}
