/** The stored series as the doctor reads them: days joined, and the closes day by day of those few where it matters which batch brought them. */
import { readBlocks, type Workspace } from '../../../db/index.ts';
import type { SeriesBlock } from '../../quant/returns/index.ts';
import { ALWAYS } from './identity.ts';

/** Batches of this kind are made by fixes. */
export const FIX_KIND = 'fix';

export const FIELDS = ['close', 'adj_close', 'return', 'volume'] as const;
type Field = (typeof FIELDS)[number];
export type SymbolSeries = Record<Field, SeriesBlock[]>;

export const noSeries = (): SymbolSeries => ({ close: [], adj_close: [], return: [], volume: [] });

/** Series of all symbols, in commit order; joined days are of the batch of the last of them. */
export function readSeries(ws: Workspace, revision: number, check: () => void): Map<number, SymbolSeries> {
  const series = new Map<number, SymbolSeries>();
  let read = 0;
  readBlocks(ws, { fields: FIELDS, symbolIds: null, revision, joined: true }, (block) => {
    if ((++read & 255) === 0) check();
    let entry = series.get(block.symbolId);
    if (!entry) series.set(block.symbolId, (entry = noSeries()));
    entry[block.field as Field].push({ ...block, fromDay: ALWAYS, toDay: -ALWAYS });
  });
  return series;
}

/** Puts the closes of some symbols in place of those read joined, each day under its own batch. */
export function readClosesByBatch(ws: Workspace, revision: number, symbols: ReadonlySet<number>, series: Map<number, SymbolSeries>): void {
  if (symbols.size === 0) return;
  for (const symbol of symbols) series.get(symbol)!.close = [];
  readBlocks(ws, { fields: ['close'], symbolIds: Int32Array.from(symbols), revision }, (block) => {
    series.get(block.symbolId)!.close.push({ ...block, fromDay: ALWAYS, toDay: -ALWAYS });
  });
}
