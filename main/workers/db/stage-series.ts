/** Diffs a parsed price-like file against the store: counts, findings and the blocks a commit would write. */
import { readActions, readBlocks, type SeriesField, type Workspace } from '../../../db/index.ts';
import { dayOfSession, sessionOfDay } from '../../calendar/index.ts';
import type { ImportCounts } from '../../contract/report.ts';
import { dayOfSlot, formatIsoDay, percentText, slotOfDay, type EpochDay, type Session, type Slot } from '../../contract/units.ts';
import type { IssueCollector } from '../../importers/issues.ts';
import { rowsBySymbol, slotRange } from '../../importers/index.ts';
import { NOT_STATED, type StagedSeries } from '../../importers/staged.ts';
import type { TaskContext } from '../rpc.ts';
import { ALWAYS, FOREVER } from './identity.ts';
import { tally } from './group.ts';
import { restatedFix } from './restated.ts';
import { delistedDays } from './stage-actions.ts';
import type { IdentityHistory, Span, Stretch } from './identity.ts';
import {
  blocksOf,
  diffRows,
  NEW,
  REBASED,
  RESTATED,
  sameReturn,
  storedView,
  UNCHANGED,
  versionOn,
  type NewBlock,
  type StoredBlock,
  type StoredView,
} from './series-diff.ts';

/** A move beyond this without an action is a finding. */
const JUMP = 0.5;

export interface StageDays {
  readonly importDay: EpochDay;
  /** `--known-as-of`; null when not given. */
  readonly knownAsOf: EpochDay | null;
}

export interface SeriesStage {
  readonly counts: Omit<ImportCounts, 'rows' | 'rejected' | 'nonSession'>;
  /** Per symbol of the file and field: what to store. */
  readonly blocks: readonly { readonly symbol: number; readonly field: SeriesField; readonly block: NewBlock }[];
  /** Per symbol of the file with stored values: the rows written, by slot. */
  readonly lines: readonly { readonly symbol: number; readonly slots: Int32Array; readonly lines: Int32Array }[];
  /** Symbols of the file, their first and last day in it, and whether some day of it belongs to no security yet. */
  readonly names: readonly { readonly symbol: number; readonly first: EpochDay; readonly last: EpochDay; readonly unclaimed: boolean }[];
  /** Values per earlier batch that says the same of them: they are not stored again. */
  readonly repeats: ReadonlyMap<number, number>;
  readonly firstDay: EpochDay | null;
  readonly lastDay: EpochDay | null;
}

/** Slot of the session before a slot's session; -1 when the slot has no session. */
export function previousSlotLookup(): (slot: number) => number {
  const cache = new Map<number, number>();
  return (slot) => {
    let before = cache.get(slot);
    if (before === undefined) {
      const session = sessionOfDay(dayOfSlot(slot as Slot));
      before = session === null || session <= 0 ? -1 : slotOfDay(dayOfSession((session - 1) as Session))!;
      cache.set(slot, before);
    }
    return before;
  };
}

/**
 * Compares every value with the stored one. `symbolIds[i]` is the stored id of the file's symbol i, or null when the store has
 * never seen the name.
 */
export function stageSeries(
  ws: Workspace,
  revision: number,
  staged: StagedSeries,
  symbolIds: readonly (number | null)[],
  history: IdentityHistory,
  days: StageDays,
  issues: IssueCollector,
  context: TaskContext,
): SeriesStage {
  const { fields } = staged;
  const previousSlot = previousSlotLookup();
  // Raw closes too: where adjusted ones cannot give a return, they may.
  const asked = fields.includes('adj_close') ? [...new Set([...fields, 'close' as const])] : fields;
  const stored = storedBlocks(ws, revision, asked, symbolIds, slotsOf(staged, previousSlot));
  const splits = splitDays(ws, revision, symbolIds);
  const delisted = delistedDays(ws, revision, symbolIds);
  const counts = { new: 0, unchanged: 0, restated: 0, rebased: 0 };
  const blocks: { symbol: number; field: SeriesField; block: NewBlock }[] = [];
  const names: SeriesStage['names'][number][] = [];
  const repeats = new Map<number, number>();
  let first = Infinity;
  let last = -Infinity;
  let done = 0;
  const lines: { symbol: number; slots: Int32Array; lines: Int32Array }[] = [];
  const jumpField = Math.max(
    fields.indexOf('adj_close'),
    fields.indexOf('return'),
    fields.indexOf('adj_close') < 0 ? fields.indexOf('close') : -1,
  );

  for (const { symbol, slot, line, known, values } of rowsBySymbol(staged)) {
    const which = symbol[0]!;
    const rows = symbol.length;
    if ((which & 63) === 0) {
      context.check();
      context.progress(done / staged.rows, 'comparing with the store');
    }
    done += rows;
    const status = new Uint8Array(rows);
    const rowStatus = new Uint8Array(rows);
    const write = new Uint8Array(rows);
    /** Rows of which some field is stored. */
    const written = new Uint8Array(rows);
    const name = staged.symbols[which]!.code;
    const symbolId = symbolIds[which] ?? null;
    first = Math.min(first, slot[0]!);
    last = Math.max(last, slot[rows - 1]!);
    /** Day from which a row is known as the file or the command says; NOT_STATED where neither does. */
    const statedKnown = (row: number): number => {
      const own = known ? known[row]! : NOT_STATED;
      return own === NOT_STATED ? (days.knownAsOf ?? NOT_STATED) : own;
    };
    const writtenKnown = (row: number, isNew: boolean): number => {
      const stated = statedKnown(row);
      if (stated !== NOT_STATED) return stated;
      return isNew ? dayOfSlot(slot[row]! as Slot) : days.importDay;
    };
    const views = fields.map((field) => (symbolId === null ? null : storedView(stored.get(`${symbolId}/${field}`) ?? [], previousSlot)));
    fields.forEach((field, f) => {
      const column = { slot, values: values[f]!, from: 0, to: rows };
      const adjusted = field === 'adj_close';
      const view = views[f] ?? null;
      diffRows(column, view, adjusted, previousSlot, status, write);
      for (let row = 0; row < rows; row++) {
        const at = slot[row]! - (view?.firstSlot ?? 0);
        let repeated = view?.batches[at];
        const value = values[f]![row]!;
        const own = row > 0 && slot[row - 1] === previousSlot(slot[row]!) ? values[f]![row - 1]! : NaN;
        // A return of adjusted closes is known with the later of its two.
        const stated = adjusted && own === own ? Math.max(statedKnown(row), statedKnown(row - 1)) : statedKnown(row);
        // What the file says was known on an earlier day is compared with what was known then.
        const isHeld = status[row] === UNCHANGED || status[row] === RESTATED || status[row] === REBASED;
        const heldKnown = isHeld ? Math.max(view!.known[at]!, adjusted && own === own ? view!.previousKnown[at]! : ALWAYS) : ALWAYS;
        if (stated !== NOT_STATED && stated < heldKnown) {
          const then = versionOn(stored.get(`${symbolId}/${field}`)!, slot[row]!, stated, previousSlot);
          const sameAdjusted = then !== null && (own !== own || sameReturn(value / own, then.value / then.previous));
          const same = adjusted ? sameAdjusted : then?.value === value;
          status[row] = same ? (then!.value === value ? UNCHANGED : REBASED) : RESTATED;
          write[row] = Number(!same);
          repeated = then?.batchId;
        }
        if (write[row]) written[row] = 1;
        else if (status[row] === UNCHANGED || status[row] === REBASED) tally(repeats, repeated!, 1);
        if (status[row]! > rowStatus[row]!) rowStatus[row] = status[row]!;
        if (status[row] === RESTATED)
          issues.add('warning', 'restated', line[row]!, 0, () => ({
            field,
            found: String(value),
            reason: `${name} ${isoOf(slot[row]!)}: ${
              view!.values[at] === value || (adjusted && sameReturn(value / own, view!.values[at]! / view!.previous[at]!))
                ? `the stored ${adjusted ? 'return' : 'value'} is known from ${formatIsoDay(view!.known[at]! as EpochDay)} only`
                : `differs from the stored value${adjusted ? ' (another daily return)' : ` ${view!.values[at]}; it is ${value} in the file`}`
            }.`,
            fix: restatedFix(stated === NOT_STATED ? null : stated, heldKnown, days.importDay),
          }));
      }
      if (adjusted && view) {
        const closes = storedView(stored.get(`${symbolId}/close`) ?? [], previousSlot);
        const inFile = fields.indexOf('close');
        const hasClose = (row: number, at: number): boolean =>
          valueAt(closes, at) === valueAt(closes, at) || (inFile >= 0 && row >= 0 && values[inFile]![row] === values[inFile]![row]);
        for (let row = 0; row < rows; row++) {
          const before = previousSlot(slot[row]!);
          if (status[row] !== NEW || (row > 0 && slot[row - 1] === before) || Number.isNaN(valueAt(view, before))) continue;
          if (hasClose(row, slot[row]!) && hasClose(-1, before)) continue;
          issues.add('warning', 'adjusted_base_unknown', line[row]!, 0, () => ({
            field,
            reason: `${name} ${isoOf(slot[row]!)}: the file does not overlap the stored adjusted closes, so the return into this day is missing.`,
            fix: 'Import a file that repeats at least the last stored day, or raw closes and actions.',
          }));
        }
      }
      if (f === jumpField) findJumps(name, column, status, field === 'return', splits.get(symbolId ?? -1), previousSlot, line, issues);
      for (const block of blocksOf(
        column,
        write,
        adjusted,
        previousSlot,
        // An adjusted close stored again because the day before it is new gives a return as new as that day.
        (row) => writtenKnown(row, status[row] === NEW || (status[row] !== RESTATED && status[row - 1] === NEW)),
        (at) => dayOfSlot(at as Slot),
        (row) => (statedKnown(row) === NOT_STATED ? dayOfSlot(slot[row]! as Slot) : statedKnown(row)),
      ))
        blocks.push({ symbol: which, field, block });
    });
    const isWritten = (_: number, row: number): boolean => written[row] === 1;
    if (written.includes(1)) lines.push({ symbol: which, slots: slot.filter(isWritten), lines: line.filter(isWritten) });
    findGaps(name, slot, line, views, previousSlot, issues);
    const named = staged.symbols[which]!;
    const [firstDay, lastDay] = [dayOfSlot(slot[0]! as Slot), dayOfSlot(slot[rows - 1]! as Slot)];
    const rowsIn = ({ from: start, to: end }: Span): number => {
      let count = 0;
      for (const at of slot) {
        const day = dayOfSlot(at as Slot);
        if (start <= day && day < end) count++;
      }
      return count;
    };
    // A name of which nothing at all was said on some day of the file needs a provisional security.
    const unclaimed = history.unknown(named, firstDay, lastDay + 1).some((span) => rowsIn(span) > 0);
    names.push({ symbol: which, first: firstDay, last: lastDay, unclaimed });
    const view = history.at(Infinity);
    const gone = symbolId === null ? undefined : delisted.get(symbolId);
    // A later owner of the name is another company's listing.
    if (gone !== undefined && lastDay > gone && view.resolve(named, gone) === view.resolve(named, lastDay)) {
      const after = slot.findIndex((at) => dayOfSlot(at as Slot) > gone);
      issues.add('warning', 'price_after_delisting', line[after]!, 0, () => ({
        found: named.raw,
        reason: `${name} ${isoOf(slot[after]!)}: prices after the delisting of ${formatIsoDay(gone as EpochDay)}; rows after it do not exist.`,
        fix: 'Correct the date of the delisting, or give the later prices to another security (split).',
      }));
    }
    noteQuarantine(named, view.stretches(named), rowsIn, line[0]!, issues);
    for (const s of rowStatus) {
      if (s === NEW) counts.new++;
      else if (s === UNCHANGED) counts.unchanged++;
      else if (s === REBASED) counts.rebased++;
      else if (s === RESTATED) counts.restated++;
    }
  }
  return {
    counts,
    blocks,
    lines,
    names,
    repeats,
    firstDay: first === Infinity ? null : dayOfSlot(first as Slot),
    lastDay: last === -Infinity ? null : dayOfSlot(last as Slot),
  };
}

/** Rows of a name that belong to nobody, or to two: they are kept, and enter nothing until somebody says whose they are. */
function noteQuarantine(
  named: StagedSeries['symbols'][number],
  stretches: readonly Stretch[],
  rowsIn: (span: Span) => number,
  line: number,
  issues: IssueCollector,
): void {
  const claimed = stretches.some((one) => one.owners.length > 0);
  for (const { from, to, owners } of stretches) {
    const rows = owners.length === 1 || !claimed ? 0 : rowsIn({ from, to });
    if (rows === 0) continue;
    const period = `${from === ALWAYS ? '' : ` from ${formatIsoDay(from as EpochDay)}`}${to === FOREVER ? '' : ` until ${formatIsoDay(to as EpochDay)}`}`;
    if (owners.length > 1)
      issues.add('warning', 'ambiguous_ticker', line, 0, () => ({
        found: named.raw,
        reason: `${named.code}: two securities claim it${period} (${owners.join(' and ')}); its ${rows} rows there are in quarantine and enter nothing.`,
        fix: 'Name the exchange in the file (column exchange), use FIGI or ISIN, or say whose they are (resolve).',
      }));
    else
      issues.add('warning', 'quarantined', line, 0, () => ({
        found: named.raw,
        reason: `${named.code}: no security owns it${period}; its ${rows} rows there are in quarantine and enter nothing.`,
        fix: 'Say whose they are (resolve), or correct the validity in the securities file.',
      }));
  }
}

const valueAt = (view: StoredView | null, slot: number): number => (view ? (view.values[slot - view.firstSlot] ?? NaN) : NaN);
const isoOf = (slot: number): string => formatIsoDay(dayOfSlot(slot as Slot));

/** The slots of a file and the session before them: a day is compared with a day, however long the history is. */
function slotsOf(staged: StagedSeries, previousSlot: (slot: number) => number): { first: number; last: number } {
  const { first, last } = slotRange(staged) ?? { first: 0, last: -1 };
  const before = previousSlot(first);
  return { first: before < 0 ? first : before, last };
}

function storedBlocks(
  ws: Workspace,
  revision: number,
  fields: readonly SeriesField[],
  symbolIds: readonly (number | null)[],
  slots: { readonly first: number; readonly last: number },
): Map<string, StoredBlock[]> {
  const out = new Map<string, StoredBlock[]>();
  const ids = Int32Array.from(symbolIds.filter((id): id is number => id !== null)).sort();
  if (ids.length === 0) return out;
  readBlocks(ws, { fields: [...fields], symbolIds: ids, revision, slots }, (block) => {
    const key = `${block.symbolId}/${block.field}`;
    const list = out.get(key);
    if (list) list.push(block);
    else out.set(key, [block]);
  });
  return out;
}

/** Days with a split, spin-off or other action but an ordinary dividend per symbol: a jump on such a day is explained. */
function splitDays(ws: Workspace, revision: number, symbolIds: readonly (number | null)[]): Map<number, Set<number>> {
  const out = new Map<number, Set<number>>();
  const ids = Int32Array.from(symbolIds.filter((id): id is number => id !== null)).sort();
  if (ids.length === 0) return out;
  for (const action of readActions(ws, { revision, symbolIds: ids })) {
    if (action.type === 'dividend') continue;
    const set = out.get(action.symbolId);
    if (set) set.add(action.exDay);
    else out.set(action.symbolId, new Set([action.exDay]));
  }
  return out;
}

function findJumps(
  name: string,
  column: { slot: Int32Array; values: Float64Array; from: number; to: number },
  status: Uint8Array,
  areReturns: boolean,
  explained: ReadonlySet<number> | undefined,
  previousSlot: (slot: number) => number,
  line: Int32Array,
  issues: IssueCollector,
): void {
  const { slot, values, from, to } = column;
  for (let row = from; row < to; row++) {
    if (status[row] !== NEW && status[row] !== RESTATED) continue;
    let move = values[row]!;
    if (!areReturns) {
      if (row === from || slot[row - 1] !== previousSlot(slot[row]!)) continue;
      move = values[row]! / values[row - 1]! - 1;
    }
    if (!(Math.abs(move) > JUMP) || explained?.has(dayOfSlot(slot[row]! as Slot))) continue;
    issues.add('warning', 'jump', line[row]!, 0, () => ({
      found: String(values[row]),
      reason: `${name} ${isoOf(slot[row]!)}: moved ${percentText(move)} in a day without a corporate action.`,
      fix: 'Check the price; import the split or other action if there was one.',
    }));
  }
}

/** Sessions between two rows of a symbol that neither the file nor the store has: the first return after them is missing (MODEL.md 1). */
function findGaps(
  name: string,
  slot: Int32Array,
  line: Int32Array,
  stored: readonly (StoredView | null)[],
  previousSlot: (slot: number) => number,
  issues: IssueCollector,
): void {
  for (let row = 1; row < slot.length; row++) {
    if (slot[row]! - slot[row - 1]! === 1 || previousSlot(slot[row - 1]!) < 0) continue;
    let missing = 0;
    for (let at = previousSlot(slot[row]!); at > slot[row - 1]!; at = previousSlot(at))
      if (stored.every((view) => Number.isNaN(valueAt(view, at)))) missing++;
    if (missing === 0) continue;
    issues.add('info', 'gap', line[row]!, 0, () => ({
      reason: `${name}: no value on ${missing} session${missing > 1 ? 's' : ''} before ${isoOf(slot[row]!)}; the first return after the gap is missing.`,
      fix: 'Import the missing days if there was trading.',
    }));
  }
}
