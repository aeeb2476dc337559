/**
 * Continues a panel by what was committed or undone since: another day, a corrected value, a dividend. Only the series concerned are touched.
 * A day that follows is written behind the rows there are; changed history gets a room of its own, so that earlier panels keep theirs.
 */
import { randomUUID } from 'node:crypto';
import type { SeriesChanges, Workspace } from '../../../db/index.ts';
import { nextFactDay, readActions, seriesChanges } from '../../../db/index.ts';
import { sessionAtOrBefore } from '../../calendar/index.ts';
import { dayOfSlot, type Slot } from '../../contract/units.ts';
import { isPlain, plainReturns, rowAxis, SOURCE, type RowAxis } from '../../quant/returns/index.ts';
import { updated, type PanelUpdate } from '../panel.ts';
import type { Era, Master } from './master.ts';
import { RETURN_FIELDS } from './master.ts';
import { joinPair, panelBasis, type GrowingPanel, type PanelRequest } from './panel-builder.ts';
import {
  addPart,
  copyOfTails,
  createParts,
  nextDay,
  setClose,
  setTail,
  tailAxis,
  tailInputs,
  tailOf,
  valueAt,
  type NextDay,
  type Parts,
} from './panel-tail.ts';
import { formReturns } from './security-inputs.ts';
import { seriesOfSome, symbolsOf } from './stored-series.ts';

export interface Continued {
  readonly grown: GrowingPanel;
  readonly update: PanelUpdate;
}

/** The panel of a later request, or null when it must be built anew: other settings, changed names or chains, rows taken back, no room. */
export function continuePanel(ws: Workspace, from: GrowingPanel, request: PanelRequest): Continued | null {
  if (!mayFollow(from, request)) return null;
  const { panel, ids, request: old } = from;
  const { revision, knownAsOf, settings } = request;
  const changes = seriesChanges(ws, RETURN_FIELDS, old.revision, revision);
  const axis = longerAxis(from, changes, knownAsOf);
  if (axis === null || axis.nRows > panel.stride) return null;
  const horizon = Math.max(axis.days[axis.nRows - 1]!, knownAsOf);
  if (changes.facts || nextFactDay(ws, lastDayOf(from.master.axis)) <= horizon) return null;
  const touched = concerned(from, changes, horizon);
  if (touched === null || touched.again.size > Math.max(16, ids.length / 4)) return null;

  const before = panel.nRows;
  const { nRows } = axis;
  const { returns, stride } = panel;
  const place = panel.place.slice();
  const epochs = new Map(panel.epochs);
  const tails = copyOfTails(from.tails);
  const { fresh, again } = touched;
  const tail = nRows > before ? tailAxis(axis, before) : null;
  for (let i = 0; i < ids.length; i++) {
    if (again.has(i)) continue;
    // A series without new values has no return on new rows, and no close on the last.
    if (fresh.newest[i]! < 0) {
      returns.fill(NaN, place[i]! * stride + before, place[i]! * stride + nRows);
      if (tail !== null) setClose(tails, i, NaN);
      continue;
    }
    const appended = tail === null ? null : append(from, i, fresh, tail, knownAsOf);
    if (appended === null) again.add(i);
    else {
      const { value, close } = appended;
      if (typeof value === 'number') returns[place[i]! * stride + before] = value;
      else returns.set(value, place[i]! * stride + before);
      setClose(tails, i, close);
    }
  }

  let { used } = from;
  /** Puts a whole series in place: in its own room when only rows behind the earlier ones are new. False: no room is left. */
  const put = (i: number, base: Float64Array): boolean => {
    if (!sameBits(base, returns, place[i]! * stride, before)) {
      if ((used + 1) * stride > returns.length) return false;
      place[i] = used++;
    }
    returns.set(base, place[i]! * stride);
    return true;
  };
  const master = masterNow(ws, from.master, axis, changes, revision);
  if (again.size > 0) {
    const pieces = [...again].flatMap((i) => from.erasOf.get(ids[i]!)!.flatMap(({ view }) => view.pieces(ids[i]!)));
    const stored = seriesOfSome(ws, revision, symbolsOf(pieces), { joined: true });
    // The last value of a name was taken back: the panel may have a series less.
    for (const symbolId of changes.removed) if (!stored.has(symbolId)) return null;
    for (const i of again) {
      const formed = formReturns(master, ids[i]!, erasNow(from, ids[i]!, nRows), stored, {
        knownAsOf,
        knowledge: settings.knowledge,
        mode: settings.returns,
      });
      if (formed.gone.length > 0 || !put(i, formed.returns.base)) return null;
      if (formed.returns.epochs.length > 1) epochs.set(i, formed.returns.epochs);
      else epochs.delete(i);
      setTail(tails, i, tailOf(formed.inputs, axis, false));
    }
  }
  for (const [i, list] of epochs) {
    const last = list.at(-1)!;
    if (last.toRow !== nRows) epochs.set(i, [...list.slice(0, -1), { ...last, toRow: nRows }]);
  }
  const proxied = new Map<number, number>();
  for (const [p, pair] of from.pairs.entries()) {
    const i = ids.length + p;
    const joined = joinPair(pair, nRows, (security) => {
      const k = ids.indexOf(security);
      return { base: returns.subarray(place[k]! * stride, place[k]! * stride + nRows), epochs: epochs.get(k) };
    });
    if (!put(i, joined.base)) return null;
    if (joined.epochs.length > 1) epochs.set(i, joined.epochs);
    else epochs.delete(i);
    proxied.set(i, joined.until);
  }

  const update: PanelUpdate = {
    base: panel.key,
    key: randomUUID(),
    basis: panelBasis(ws, request),
    nRows,
    days: axis.days,
    place,
    epochs,
    ...(proxied.size > 0 ? { proxied } : {}),
    dataAsOf: axis.days[nRows - 1]!,
    knownAsOf,
    revision,
  };
  return { grown: { ...from, request, panel: updated(panel, update), master, tails, used }, update };
}

/** Whether a request asks for the same panel, later. */
function mayFollow({ request: old, master, panel }: GrowingPanel, { settings, securities, revision, knownAsOf }: PanelRequest): boolean {
  return (
    securities === null &&
    old.securities === null &&
    JSON.stringify(settings) === JSON.stringify(old.settings) &&
    panel.mask === undefined &&
    panel.caps === undefined &&
    revision >= old.revision &&
    knownAsOf >= old.knownAsOf &&
    // Nothing that is stored waits for a later K to be seen.
    master.lastStored <= old.knownAsOf
  );
}

const lastDayOf = ({ days, nRows }: RowAxis): number => days[nRows - 1]!;

/** The axis with the days that the new blocks add; null when it would begin earlier, end earlier or be cut by K. */
function longerAxis(
  { master: { axis } }: GrowingPanel,
  { added, removed, removedSlots }: SeriesChanges,
  knownAsOf: number,
): RowAxis | null {
  const [first, last] = [axis.slots[0]!, axis.slots[axis.nRows - 1]!];
  if (removed.size > 0 && (removedSlots.first <= first || removedSlots.last >= last)) return null;
  let lastSlot = -Infinity;
  for (const { firstSlot, n } of added) {
    if (firstSlot < first) return null;
    lastSlot = Math.max(lastSlot, firstSlot + n - 1);
  }
  if (lastSlot <= last) return axis;
  const day = dayOfSlot(lastSlot as Slot);
  if (day > knownAsOf) return null;
  const more = sessionAtOrBefore(day) - axis.firstSession + 1 - axis.nRows;
  if (more <= 0) return axis;
  const next = rowAxis((axis.firstSession + axis.nRows) as RowAxis['firstSession'], more);
  const joined = (a: Int32Array, b: Int32Array): Int32Array => {
    const out = new Int32Array(a.length + b.length);
    out.set(a);
    out.set(b, a.length);
    return out;
  };
  return {
    firstSession: axis.firstSession,
    nRows: axis.nRows + more,
    days: joined(axis.days, next.days),
    slots: joined(axis.slots, next.slots),
  };
}

interface Touched {
  readonly fresh: Parts;
  /** Series to be formed anew. */
  readonly again: Set<number>;
}

const NONE: readonly number[] = [];

/** Which series the changes concern; null when it is not only series there are. */
function concerned(
  { ids, owners, tails, master }: GrowingPanel,
  { added, removed, acted }: SeriesChanges,
  horizon: number,
): Touched | null {
  const fresh = createParts(ids.length);
  const again = new Set<number>();
  tails.pending.forEach((pending, i) => void (pending <= horizon && again.add(i)));
  for (const symbolId of [...removed, ...acted]) for (const i of owners.get(symbolId) ?? []) again.add(i);
  const lastSlot = master.axis.slots[master.axis.nRows - 1]!;
  for (const tile of added) {
    const { symbols, known, knownDay, firstSlot, anchored } = tile;
    const follows = known === null && knownDay === null && firstSlot + anchored > lastSlot;
    for (let place = 0; place < symbols.length; place++) {
      const symbolId = symbols[place]!;
      // The first values of a name: a series more, or an earlier name of one.
      if (!master.priced.has(symbolId)) return null;
      const own = owners.get(symbolId) ?? NONE;
      for (let k = 0; k < own.length; k++) {
        const i = own[k]!;
        if (!follows || tails.open[i] === 0) again.add(i);
        addPart(fresh, i, tile, place);
      }
    }
  }
  return { fresh, again };
}

/** Returns of new rows out of the new blocks alone; null when what is stored of earlier rows is needed. */
function append(
  { ids, erasOf, tails, request: { settings } }: GrowingPanel,
  i: number,
  parts: Parts,
  tail: RowAxis,
  knownAsOf: number,
): NextDay | { readonly value: Float64Array; readonly close: number } | null {
  const close = tails.read[i] === 0 ? null : tails.close[i]!;
  const { view } = erasOf.get(ids[i]!)!.at(-1)!;
  const pieces = view.pieces(ids[i]!);
  const next = nextDay(parts, i, pieces, tail, close, knownAsOf, settings.returns);
  if (next !== undefined) return next;
  const inputs = tailInputs(parts, i, pieces, tail, close ?? NaN);
  if (!isPlain(inputs, tail)) return null;
  const values = new Float64Array(tail.nRows);
  const source = new Uint8Array(tail.nRows);
  plainReturns(inputs, tail, knownAsOf, settings.returns, values, source);
  // Only the close before the first new row can be missing here.
  if (close === null && source[1] === SOURCE.none && !Number.isNaN(valueAt(inputs.close, tail, 1))) return null;
  return { value: values.subarray(1), close: valueAt(inputs.close, tail, tail.nRows - 1) };
}

/** The master on the longer axis, with the actions as now; nothing else of it has changed. */
function masterNow(ws: Workspace, master: Master, axis: RowAxis, { added, acted }: SeriesChanges, revision: number): Master {
  let { actions, lastStored } = master;
  for (const { firstSlot, n } of added) lastStored = Math.max(lastStored, dayOfSlot((firstSlot + n - 1) as Slot));
  if (acted.size > 0) {
    const now = new Map(actions);
    for (const symbolId of acted) now.delete(symbolId);
    for (const row of readActions(ws, { revision, symbolIds: Int32Array.from(acted) }))
      now.set(row.symbolId, [...(now.get(row.symbolId) ?? []), row]);
    actions = now;
  }
  return { ...master, axis, actions, lastStored };
}

/** Eras of a security on an axis of `nRows` rows: what reached to the last row still does. */
const erasNow = ({ erasOf, builtRows }: GrowingPanel, security: number, nRows: number): readonly Era[] =>
  erasOf.get(security)!.map((era) => (era.toRow === builtRows ? { ...era, toRow: nRows } : era));

function sameBits(base: Float64Array, returns: Float64Array, at: number, n: number): boolean {
  for (let row = 0; row < n; row++) if (!Object.is(base[row], returns[at + row])) return false;
  return true;
}
