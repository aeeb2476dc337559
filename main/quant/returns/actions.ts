import { lowerBound } from './axis.ts';
import type { ActionType, DatedAction, RowAxis } from './types.ts';

/** All versions of the actions of one ex-date and type, ordered by (known, order). */
export interface ActionGroup {
  readonly exDay: number;
  readonly type: ActionType;
  /** First row on or after the ex-date; nRows when it lies after the axis. */
  readonly row: number;
  readonly versions: readonly DatedAction[];
}

export interface ActionTable {
  /** Everything but delistings, by row; within a row by ex-date, splits first within an ex-date. */
  readonly byRow: ReadonlyMap<number, readonly ActionGroup[]>;
  /** By ex-date. */
  readonly delistings: readonly ActionGroup[];
}

/** What the actions of a row do to its raw return `split * (price + income) / previous - 1`. */
export interface ActionEffect {
  split: number;
  /** Dollars per share held after all splits of the row. */
  income: number;
  /** Terminal value of a merger; NaN without one. */
  terminal: number;
}

// A split comes before the cash of its date: dividends are per share held after it.
const RANK: Readonly<Record<ActionType, number>> = { split: 0, dividend: 1, special_dividend: 2, spinoff: 3, merger: 4, delisting: 5 };

/** Groups the actions known by `limit`. Actions before the first row are left out: there is no return for them. */
export function buildActions(actions: readonly DatedAction[], axis: RowAxis, limit: number): ActionTable {
  const byRow = new Map<number, ActionGroup[]>();
  const delistings: ActionGroup[] = [];
  const first = axis.nRows > 0 ? axis.days[0]! : Infinity;
  const sorted = actions.filter((action) => action.known <= limit && action.exDay >= first).sort(compareActions);
  for (let start = 0, end = 0; start < sorted.length; start = end) {
    const { exDay, type } = sorted[start]!;
    while (end < sorted.length && sorted[end]!.exDay === exDay && sorted[end]!.type === type) end++;
    const group = { exDay, type, row: lowerBound(axis.days, exDay), versions: sorted.slice(start, end) };
    const list = byRow.get(group.row);
    if (type === 'delisting') delistings.push(group);
    else if (list) list.push(group);
    else byRow.set(group.row, [group]);
  }
  return { byRow, delistings };
}

/**
 * Combined value of a group as known at k: splits and delisting returns compound, amounts add. null when nothing is
 * known yet. The version in force is the set of actions with the latest (known, order), so a later file that repeats a
 * dividend supersedes it and one file that lists two dividends of a date pays both.
 */
export function groupValue(group: ActionGroup, k: number, corrected: boolean): number | null {
  const { versions, type } = group;
  if (group.exDay > k || versions[0]!.known > k) return null;
  let last = versions.length - 1;
  if (!corrected) while (versions[last]!.known > k) last--;
  const winner = versions[last]!;
  let value = type === 'split' || type === 'delisting' ? 1 : 0;
  for (const action of versions) {
    if (action.known !== winner.known || action.order !== winner.order || action.batchId !== winner.batchId) continue;
    if (type === 'split') value *= action.value;
    else if (type === 'delisting') value *= 1 + action.value;
    else value += action.value;
  }
  return type === 'delisting' ? value - 1 : value;
}

/** Writes the effect at k of a row's groups into `effect`. */
export function combine(groups: readonly ActionGroup[] | undefined, k: number, corrected: boolean, effect: ActionEffect): void {
  effect.split = 1;
  effect.income = 0;
  effect.terminal = NaN;
  if (groups === undefined) return;
  for (const group of groups) {
    const value = groupValue(group, k, corrected);
    if (value === null) continue;
    if (group.type === 'split') {
      // Income of an earlier ex-date that fell on the same row was per share before this split.
      effect.income /= value;
      effect.split *= value;
    } else if (group.type === 'merger') {
      effect.terminal = value;
    } else {
      effect.income += value;
    }
  }
}

function compareActions(a: DatedAction, b: DatedAction): number {
  return (
    a.exDay - b.exDay || RANK[a.type] - RANK[b.type] || a.known - b.known || a.order - b.order || a.batchId - b.batchId || a.value - b.value
  );
}
