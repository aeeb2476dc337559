import { delistingRow, buildFacts, returnAt } from './facts.ts';
import type { Facts } from './facts.ts';
import type { FieldTable } from './fields.ts';
import { lowerBound } from './axis.ts';
import { isPlain, plainReturns } from './plain.ts';
import type { EpochOptions, EpochReturns, ReturnEpoch, ReturnOptions, RowAxis, SecurityInputs } from './types.ts';

/**
 * Writes the total returns of rows [0, nRows) as known at `knowledgeDay` into `out` (decimal, NaN for none) and, when
 * given, what each was made from into `source` (SOURCE).
 */
export function returnsAsKnown(
  inputs: SecurityInputs,
  axis: RowAxis,
  options: ReturnOptions,
  out: Float64Array,
  source?: Uint8Array,
): void {
  const { knowledgeDay: k, knowledge, mode } = options;
  if (isPlain(inputs, axis)) {
    plainReturns(inputs, axis, k, mode, out, source ?? null);
    return;
  }
  const facts = buildFacts(inputs, axis, knowledge === 'strict' ? k : options.asKnownAt, knowledge, mode);
  for (let row = 0; row < axis.nRows; row++) {
    out[row] = returnAt(facts, row, k);
    if (source) source[row] = facts.lastSource;
  }
}

/**
 * The returns every row of a run known as of K sees, as a base and sparse patches (see EpochReturns). Everything known on its
 * own day gives one epoch by one pass; else the cost grows with the number of late facts, never with their square. `base` and
 * `source` are filled; give arrays that are used again, where many securities are read.
 */
export function returnEpochs(
  inputs: SecurityInputs,
  axis: RowAxis,
  options: EpochOptions,
  base: Float64Array = new Float64Array(axis.nRows),
  source: Uint8Array = new Uint8Array(axis.nRows),
): EpochReturns {
  const { knownAsOf, knowledge, mode } = options;
  const { nRows, days } = axis;
  if (isPlain(inputs, axis)) {
    plainReturns(inputs, axis, knownAsOf, mode, base, source);
    return { base, source, epochs: cut([], nRows) };
  }
  const facts = buildFacts(inputs, axis, knownAsOf, knowledge, mode);
  const changes = rowsThatMayChange(facts, knownAsOf);
  const patches: Patch[] = [];
  for (let row = 0; row < nRows; row++) {
    let value = returnAt(facts, row, Math.min(days[row]!, knownAsOf));
    let from = facts.lastSource;
    base[row] = value;
    source[row] = from;
    for (const boundary of ascending(changes.get(row))) {
      const later = returnAt(facts, row, Math.min(days[boundary]!, knownAsOf));
      if (Object.is(later, value) && facts.lastSource === from) continue;
      value = later;
      from = facts.lastSource;
      patches.push({ boundary, row, value, source: from });
    }
  }
  return { base, source, epochs: cut(patches, nRows) };
}

/** Writes an epoch's patches over a working copy of the base; call once per epoch, in order, before computing its rows. */
export function enterEpoch(epoch: ReturnEpoch, returns: Float64Array, source?: Uint8Array): void {
  epoch.patchRows.forEach((row, i) => {
    returns[row] = epoch.patchValues[i]!;
    if (source) source[row] = epoch.patchSources[i]!;
  });
}

interface Patch {
  readonly boundary: number;
  readonly row: number;
  readonly value: number;
  readonly source: number;
}

/** Per row, the later rows from which its return may be another one (a superset: the values decide). */
function rowsThatMayChange(facts: Facts, knownAsOf: number): Map<number, Set<number>> {
  const { axis, actions } = facts;
  const changes = new Map<number, Set<number>>();
  const boundaries = new Set<number>();
  const note = (row: number, known: number): void => {
    const boundary = lowerBound(axis.days, known);
    if (known > knownAsOf || boundary >= axis.nRows || row >= axis.nRows) return;
    boundaries.add(boundary);
    if (boundary <= row) return;
    const set = changes.get(row);
    if (set) set.add(boundary);
    else changes.set(row, new Set([boundary]));
  };
  noteTable(facts.close, axis, note);
  noteTable(facts.adjClose, axis, note);
  noteTable(facts.imported, axis, note);
  for (const [row, groups] of actions.byRow) for (const group of groups) for (const version of group.versions) note(row, version.known);
  // A delisting return moves to another row when a late price moves the last priced row.
  for (const group of actions.delistings) {
    const own = group.versions.map((version) => lowerBound(axis.days, Math.max(version.known, group.exDay)));
    let previous = -1;
    for (const boundary of ascending(new Set([...own, ...boundaries]))) {
      if (boundary >= axis.nRows || axis.days[boundary]! < group.exDay) continue;
      const row = delistingRow(facts, group, Math.min(axis.days[boundary]!, knownAsOf));
      for (const touched of [previous, row]) if (touched >= 0) note(touched, Math.min(axis.days[boundary]!, knownAsOf));
      previous = row;
    }
  }
  return changes;
}

/** A late price changes the return of its own row and of the next. */
function noteTable(table: FieldTable, axis: RowAxis, note: (row: number, known: number) => void): void {
  for (let row = 0; row < axis.nRows; row++) {
    for (let entry = table.offsets[row]!; entry < table.offsets[row + 1]!; entry++) {
      const known = table.known[entry]!;
      if (known <= axis.days[row]!) continue;
      note(row, known);
      note(row + 1, known);
    }
  }
}

function ascending(rows: ReadonlySet<number> | undefined): number[] {
  return rows === undefined ? [] : [...rows].sort((a, b) => a - b);
}

function cut(patches: Patch[], nRows: number): ReturnEpoch[] {
  patches.sort((a, b) => a.boundary - b.boundary || a.row - b.row);
  const epochs: ReturnEpoch[] = [];
  for (let fromRow = 0, start = 0; fromRow < nRows;) {
    let end = start;
    while (end < patches.length && patches[end]!.boundary === fromRow) end++;
    const toRow = patches[end]?.boundary ?? nRows;
    const own = patches.slice(start, end);
    epochs.push({
      fromRow,
      toRow,
      patchRows: Int32Array.from(own, (patch) => patch.row),
      patchValues: Float64Array.from(own, (patch) => patch.value),
      patchSources: Uint8Array.from(own, (patch) => patch.source),
    });
    fromRow = toRow;
    start = end;
  }
  return epochs;
}
