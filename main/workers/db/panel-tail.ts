/** What the next day of a series must know of the days before it. */
import { blockOfTile, type Tile } from '../../../db/index.ts';
import type { RowAxis, SecurityInputs, SeriesBlock } from '../../quant/returns/index.ts';
import { ALWAYS, FOREVER, type Piece } from './identity.ts';
import type { RETURN_FIELDS } from './master.ts';
import { isTerminal } from './security-inputs.ts';

export interface SeriesTail {
  /** No delisting and no merger, whose return looks for its row: the next return needs `close` and the new values only. */
  readonly open: boolean;
  /** Close in force on the last row, NaN when there is none; null when closes were not read. */
  readonly close: number | null;
  /** First day after the last row on which something already stored takes effect; Infinity when there is none. */
  readonly pending: number;
}

/** The tails of a panel, by series. Columns: thousands of objects that live from day to day cost more to keep than a day costs to add. */
export interface Tails {
  readonly open: Uint8Array;
  readonly close: Float64Array;
  /** 0 where closes were not read. */
  readonly read: Uint8Array;
  readonly pending: Float64Array;
}

export const createTails = (count: number): Tails => ({
  open: new Uint8Array(count),
  close: new Float64Array(count),
  read: new Uint8Array(count),
  pending: new Float64Array(count),
});

export const copyOfTails = ({ open, close, read, pending }: Tails): Tails => ({
  open: open.slice(),
  close: close.slice(),
  read: read.slice(),
  pending: pending.slice(),
});

export function setTail(tails: Tails, i: number, { open, close, pending }: SeriesTail): void {
  tails.open[i] = Number(open);
  tails.close[i] = close ?? NaN;
  tails.read[i] = Number(close !== null);
  tails.pending[i] = pending;
}

/** Sets the close on the last row, NaN for none, of a series that goes on. */
export function setClose(tails: Tails, i: number, close: number): void {
  tails.close[i] = close;
  tails.read[i] = 1;
}

/** The tail of a series made of `inputs`; `idle`: closes were left unread, because adjusted closes gave every return. */
export function tailOf(inputs: SecurityInputs, axis: RowAxis, idle: boolean): SeriesTail {
  const last = axis.nRows - 1;
  return {
    open: !inputs.actions.some(isTerminal),
    close: idle ? null : valueAt(inputs.close, axis, last),
    pending: pendingDay(inputs, axis.days[last]!),
  };
}

/** Value in force on a row as known on its day: of several versions the last known, then the last told (as quant/returns has it). */
export function valueAt(blocks: readonly SeriesBlock[], axis: RowAxis, row: number): number {
  const [slot, day] = [axis.slots[row]!, axis.days[row]!];
  let best: { readonly block: SeriesBlock; readonly known: number; readonly value: number } | null = null;
  for (const block of blocks) {
    const at = slot - block.firstSlot;
    if (at < (block.anchored ? 1 : 0) || at >= block.values.length || day < block.fromDay || day >= block.toDay) continue;
    const value = block.values[at]!;
    const known = block.known === null ? day : block.known[at]!;
    if (Number.isNaN(value) || known > day) continue;
    const later =
      best === null
        ? 1
        : known - best.known ||
          block.order - best.block.order ||
          block.batchId - best.block.batchId ||
          (block.symbolId ?? 0) - (best.block.symbolId ?? 0) ||
          value - best.value;
    if (later > 0) best = { block, known, value };
  }
  return best?.value ?? NaN;
}

function pendingDay({ close, adjClose, returns, actions }: SecurityInputs, lastDay: number): number {
  let pending = Infinity;
  const note = (day: number): void => {
    if (day > lastDay && day < pending) pending = day;
  };
  for (const blocks of [close, adjClose, returns]) for (const { known } of blocks) known?.forEach(note);
  for (const action of actions) {
    note(action.known);
    note(action.exDay);
  }
  return pending;
}

/** The last row before the new ones, and the new ones. */
export function tailAxis({ firstSession, nRows, days, slots }: RowAxis, before: number): RowAxis {
  return {
    firstSession: (firstSession + before - 1) as RowAxis['firstSession'],
    nRows: nRows - before + 1,
    days: days.subarray(before - 1),
    slots: slots.subarray(before - 1),
  };
}

/** A block of a series where it is stored. */
interface Part {
  readonly tile: Tile;
  readonly place: number;
}

/**
 * New blocks of each series, a chain from the newest to the first. Columns, read by number: thousands of lists and iterators that live
 * through an append cost more than all else of it.
 */
export interface Parts {
  /** The newest part of each series, and the part before each part; -1 = none. */
  readonly newest: Int32Array;
  readonly before: number[];
  readonly tiles: Tile[];
  readonly places: number[];
}

export const createParts = (count: number): Parts => ({ newest: new Int32Array(count).fill(-1), before: [], tiles: [], places: [] });

export function addPart({ newest, before, tiles, places }: Parts, series: number, tile: Tile, place: number): void {
  before.push(newest[series]!);
  newest[series] = tiles.push(tile) - 1;
  places.push(place);
}

/** The parts of a series in the order in which they came. */
function partsOf({ newest, before, tiles, places }: Parts, series: number): Part[] {
  const out: Part[] = [];
  for (let k = newest[series]!; k >= 0; k = before[k]!) out.push({ tile: tiles[k]!, place: places[k]! });
  return out.reverse();
}

/** What a day adds to a series. */
export interface NextDay {
  readonly value: number;
  /** Close of that day, NaN when it has none. */
  readonly close: number;
}

/**
 * The return of the only new row of a series under one name, from the one close and the one adjusted close with its base that a day brings:
 * what `plainReturns` makes of the same blocks, without the objects it would need, which cost more than all else of an appended day.
 * undefined when the blocks are of another kind; null when `close` is needed and was not read (null).
 */
export function nextDay(
  parts: Parts,
  series: number,
  pieces: readonly Piece[],
  { nRows, slots, days }: RowAxis,
  close: number | null,
  knownAsOf: number,
  mode: 'auto' | 'adjusted' | 'raw',
): NextDay | null | undefined {
  const piece = pieces[0]!;
  if (nRows !== 2 || pieces.length !== 1 || piece.fromDay > days[0]! || piece.toDay <= days[1]! || knownAsOf < days[1]!) return undefined;
  let newClose = NaN;
  let value = NaN;
  let adjusted = NaN;
  let closes = 0;
  let bases = 0;
  for (let part = parts.newest[series]!; part >= 0; part = parts.before[part]!) {
    const tile = parts.tiles[part]!;
    const place = parts.places[part]!;
    const { field, symbols, values, firstSlot, n, anchored } = tile;
    if (tile.known !== null || tile.knownDay !== null || symbols[place] !== piece.symbolId || firstSlot + n - 1 !== slots[1])
      return undefined;
    const at = place * n;
    if (field === 'close' && n === 1 && anchored === 0 && closes++ === 0) {
      newClose = values[at]!;
      if (newClose > 0 && close !== null && close > 0) value = newClose / close - 1;
    } else if (field === 'adj_close' && anchored === 1 && firstSlot === slots[0] && bases++ === 0) {
      const base = values[at]!;
      const last = values[at + n - 1]!;
      if (last > 0 && base > 0) adjusted = last / base - 1;
    } else return undefined;
  }
  if (mode === 'adjusted') value = NaN;
  if (mode !== 'raw' && !Number.isNaN(adjusted)) value = adjusted;
  if (close === null && Number.isNaN(value) && !Number.isNaN(newClose)) return null;
  return { value, close: newClose };
}

/** New blocks of a security on a tail axis, behind the close of the row before. */
export function tailInputs(parts: Parts, series: number, pieces: readonly Piece[], tail: RowAxis, close: number): SecurityInputs {
  const inputs: Record<(typeof RETURN_FIELDS)[number], SeriesBlock[]> = { close: [], adj_close: [], return: [] };
  if (!Number.isNaN(close))
    inputs.close.push({
      firstSlot: tail.slots[0]!,
      values: Float64Array.of(close),
      known: null,
      anchored: false,
      order: -1,
      batchId: -1,
      fromDay: ALWAYS,
      toDay: FOREVER,
    });
  for (const { tile, place } of partsOf(parts, series)) {
    const block = blockOfTile(tile, place);
    for (const { symbolId, fromDay, toDay } of pieces)
      if (symbolId === block.symbolId) inputs[block.field as (typeof RETURN_FIELDS)[number]].push({ ...block, fromDay, toDay });
  }
  return { close: inputs.close, adjClose: inputs.adj_close, returns: inputs.return, actions: [] };
}
