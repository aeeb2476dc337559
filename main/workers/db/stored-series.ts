/** Series as the panel reads them: one security's after the other, so that the same memory serves all of them, and none that change nothing. */
import { indexSeries, readBlocks, type SeriesIndex, type StoredBlock, type Workspace } from '../../../db/index.ts';
import { lowerBound, type RowAxis } from '../../quant/returns/index.ts';
import type { Era, Master } from './master.ts';
import { RETURN_FIELDS } from './master.ts';
import { isTerminal, type StoredSeries } from './security-inputs.ts';

export interface ReadSeries {
  readonly stored: ReadonlyMap<number, StoredSeries>;
  /**
   * Closes were left unread, because adjusted closes give every return that they could: two fields are read at the price of one.
   */
  readonly idle: boolean;
}

/** Reads the blocks of any security of a revision, or of those alone that `symbolIds` may belong to. */
export function seriesReader(
  ws: Workspace,
  revision: number,
  master: Master,
  mode: 'auto' | 'adjusted' | 'raw',
  symbolIds: Int32Array | null,
): (security: number, eras: readonly Era[]) => ReadSeries {
  const index = indexSeries(ws, { fields: RETURN_FIELDS, revision, symbolIds });
  return (security, eras) => {
    const symbols = [...symbolsOf(eras.flatMap(({ view }) => view.pieces(security)))].filter((id) => index.symbols.has(id));
    const adjusted = new Map(symbols.map((id) => [id, index.blocks(id, 'adj_close')]));
    const idle = mode !== 'raw' && symbols.length === 1 && adjustedServes(adjusted.get(symbols[0]!)!, symbols[0]!, index, master);
    const stored = symbols.map((id): [number, StoredSeries] => [
      id,
      { close: idle ? [] : index.blocks(id, 'close'), adj_close: adjusted.get(id)!, return: index.blocks(id, 'return') },
    ]);
    return { stored: new Map(stored), idle };
  };
}

/** The symbols of pieces, each once. */
export const symbolsOf = (pieces: readonly { readonly symbolId: number }[]): Int32Array =>
  Int32Array.from(new Set(pieces.map(({ symbolId }) => symbolId))).sort();

/** Reads some symbols, all at once: days as they came, unless it does not matter which batch brought each (`joined`). */
export function seriesOfSome(
  ws: Workspace,
  revision: number,
  symbolIds: Int32Array,
  how: { readonly joined?: true } = {},
): Map<number, StoredSeries> {
  const out = new Map<number, StoredSeries>();
  readBlocks(ws, { fields: RETURN_FIELDS, symbolIds, revision, ...how }, (block) => {
    let entry = out.get(block.symbolId);
    if (!entry) out.set(block.symbolId, (entry = { close: [], adj_close: [], return: [] }));
    entry[block.field as (typeof RETURN_FIELDS)[number]].push(block);
  });
  return out;
}

/**
 * Whether adjusted closes give every return that closes could give: blocks known day by day, each resting on the last value of the one before,
 * with a value on every row on which there may be a close, and no delisting or merger, which look at closes.
 */
function adjustedServes(blocks: readonly StoredBlock[], symbolId: number, index: SeriesIndex, { axis, actions }: Master): boolean {
  const close = index.extent(symbolId, 'close');
  if (close === null || blocks.length === 0 || actions.get(symbolId)?.some(isTerminal)) return false;
  if (close.first < blocks[0]!.firstSlot) return false;
  let end = -Infinity;
  for (const { firstSlot, values, known, anchored } of blocks) {
    if (known !== null || anchored !== end > -Infinity || (anchored && (firstSlot !== end - 1 || !(values[0]! > 0)))) return false;
    end = firstSlot + values.length;
    const from = Math.max(close.first, firstSlot);
    if (!everyRow(axis, from, Math.min(close.last + 1, end), (slot) => values[slot - firstSlot]! > 0)) return false;
  }
  return close.last < end;
}

function everyRow({ slots }: RowAxis, from: number, to: number, holds: (slot: number) => boolean): boolean {
  const end = lowerBound(slots, to);
  for (let row = lowerBound(slots, from); row < end; row++) if (!holds(slots[row]!)) return false;
  return true;
}
