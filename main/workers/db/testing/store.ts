/** A store of one symbol's one field in memory: files go in through the diff, returns come out as the panel forms them. */
import { sessionAtOrAfter } from '../../../calendar/index.ts';
import { dayOfSlot, parseIsoDay, type Slot } from '../../../contract/units.ts';
import { returnsAsKnown, rowAxis, type SeriesBlock } from '../../../quant/returns/index.ts';
import { blocksOf, diffRows, NEW, storedView } from '../series-diff.ts';
import { previousSlotLookup } from '../stage-series.ts';

export const ROWS = 60;
const AXIS = rowAxis(sessionAtOrAfter(parseIsoDay('2024-01-02')!), ROWS);
const previousSlot = previousSlotLookup();
const dayOf = (slot: number): number => dayOfSlot(slot as Slot);

/** Values by calendar row; NaN or absent = not in the file. */
export type File = readonly (number | undefined)[];

export class MemoryStore {
  readonly adjusted: boolean;
  readonly blocks: SeriesBlock[] = [];
  #batch = 0;

  constructor(adjusted: boolean) {
    this.adjusted = adjusted;
  }

  /** Imports a file: the status of each of its rows. Corrections are known from `importRow`'s day on. */
  import(file: File, importRow = ROWS - 1): number[] {
    const rows = [...file.keys()].filter((row) => Number.isFinite(file[row]));
    const slot = Int32Array.from(rows, (row) => AXIS.slots[row]!);
    const column = { slot, values: Float64Array.from(rows, (row) => file[row]!), from: 0, to: rows.length };
    const status = new Uint8Array(rows.length);
    const write = new Uint8Array(rows.length);
    diffRows(column, this.view(), this.adjusted, previousSlot, status, write);
    const known = (row: number): number => (status[row] === NEW ? dayOf(slot[row]!) : AXIS.days[importRow]!);
    const made = blocksOf(column, write, this.adjusted, previousSlot, known, dayOf);
    const batchId = ++this.#batch;
    for (const block of made)
      this.blocks.push({
        ...block,
        known: typeof block.known === 'number' ? new Int32Array(block.values.length).fill(block.known) : block.known,
        batchId,
        order: batchId,
        fromDay: -1e6,
        toDay: 1e7,
      });
    return [...status];
  }

  view() {
    return storedView(this.blocks, previousSlot);
  }

  /** Values in force by calendar row, with everything known. */
  values(): number[] {
    const view = this.view();
    return Array.from(AXIS.slots, (slot) => view?.values[slot - view.firstSlot] ?? NaN);
  }

  /** Returns by calendar row, as known on a row's day (default: with everything known). */
  returns(knowledgeRow = ROWS - 1): Float64Array {
    const out = new Float64Array(ROWS);
    const day = AXIS.days[knowledgeRow]!;
    const inputs = { close: this.adjusted ? [] : this.blocks, adjClose: this.adjusted ? this.blocks : [], returns: [], actions: [] };
    returnsAsKnown(inputs, AXIS, { knowledgeDay: day, asKnownAt: day, knowledge: 'strict', mode: 'auto' }, out);
    return out;
  }
}
