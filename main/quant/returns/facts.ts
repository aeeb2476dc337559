import { buildActions, combine, groupValue } from './actions.ts';
import type { ActionEffect, ActionGroup, ActionTable } from './actions.ts';
import { adjustedInForce, baseInForce, buildField, valueInForce } from './fields.ts';
import type { FieldTable } from './fields.ts';
import { SOURCE } from './types.ts';
import type { RowAxis, SecurityInputs } from './types.ts';

/** All versions of everything a security's returns depend on: `returnAt` answers for any row and knowledge day. */
export interface Facts {
  readonly axis: RowAxis;
  readonly close: FieldTable;
  readonly adjClose: FieldTable;
  readonly imported: FieldTable;
  readonly actions: ActionTable;
  readonly corrected: boolean;
  readonly mode: 'auto' | 'adjusted' | 'raw';
  /** Source of the return answered last (SOURCE). */
  lastSource: number;
  readonly effect: ActionEffect;
}

/** Tabulates the facts known by `limit` (strict: the knowledge day; corrected: K). */
export function buildFacts(
  inputs: SecurityInputs,
  axis: RowAxis,
  limit: number,
  knowledge: 'strict' | 'corrected',
  mode: 'auto' | 'adjusted' | 'raw',
): Facts {
  return {
    axis,
    close: buildField(inputs.close, axis, limit),
    adjClose: buildField(inputs.adjClose, axis, limit),
    imported: buildField(inputs.returns, axis, limit),
    actions: buildActions(inputs.actions, axis, limit),
    corrected: knowledge === 'corrected',
    mode,
    lastSource: SOURCE.none,
    effect: { split: 1, income: 0, terminal: NaN },
  };
}

/** Total return of a row as known at k, delisting return included; NaN when there is none. Sets `lastSource`. */
export function returnAt(facts: Facts, row: number, k: number): number {
  let delisted = NaN;
  for (const group of facts.actions.delistings) {
    if (delistingRow(facts, group, k) !== row) continue;
    const value = groupValue(group, k, facts.corrected)!;
    delisted = Number.isNaN(delisted) ? value : (1 + delisted) * (1 + value) - 1;
  }
  const plain = plainReturn(facts, row, k);
  if (Number.isNaN(delisted)) return plain;
  if (!Number.isNaN(plain)) return (1 + plain) * (1 + delisted) - 1;
  facts.lastSource = SOURCE.raw;
  return delisted;
}

/**
 * Row a delisting return belongs to as known at k: the ex-date's row when that has a return of its own, else the row
 * after the last priced one not after it; -1 while the delisting is unknown or nothing was ever priced.
 */
export function delistingRow(facts: Facts, group: ActionGroup, k: number): number {
  if (groupValue(group, k, facts.corrected) === null) return -1;
  const n = facts.axis.nRows;
  if (group.row < n && !Number.isNaN(plainReturn(facts, group.row, k))) return group.row;
  for (let row = Math.min(group.row, n - 1); row >= 0; row--) {
    if (hasPrice(facts, row, k)) return row + 1 < n ? row + 1 : -1;
  }
  return -1;
}

/** Whether a row has a price (or an imported return) as known at k. */
function hasPrice(facts: Facts, row: number, k: number): boolean {
  const { corrected } = facts;
  return (
    valueInForce(facts.close, row, k, corrected) >= 0 ||
    valueInForce(facts.adjClose, row, k, corrected) >= 0 ||
    valueInForce(facts.imported, row, k, corrected) >= 0
  );
}

/** Return of a row without delisting returns: imported, else adjusted, else raw closes with actions, as the mode allows. */
function plainReturn(facts: Facts, row: number, k: number): number {
  const { close, adjClose, imported, corrected, mode } = facts;
  const given = valueInForce(imported, row, k, corrected);
  if (given >= 0) {
    facts.lastSource = SOURCE.imported;
    return imported.value[given]!;
  }
  facts.lastSource = SOURCE.none;
  if (row === 0) return NaN;
  const adjusted = mode === 'raw' ? -1 : adjustedInForce(adjClose, row, k, corrected);
  if (adjusted >= 0) {
    const base = baseInForce(adjClose, row - 1, adjClose.group[adjusted]!, k, corrected);
    if (adjClose.value[base]! > 0 && adjClose.value[adjusted]! > 0) {
      facts.lastSource = SOURCE.adjusted;
      return adjClose.value[adjusted]! / adjClose.value[base]! - 1;
    }
  }
  if (mode === 'adjusted') return NaN;
  const before = valueInForce(close, row - 1, k, corrected);
  if (before < 0 || !(close.value[before]! > 0)) return NaN;
  const { effect } = facts;
  combine(facts.actions.byRow.get(row), k, corrected, effect);
  const traded = valueInForce(close, row, k, corrected);
  // A merger's terminal value stands in for the close of a day on which the share no longer trades.
  const isPriced = valueInForce(adjClose, row, k, corrected) >= 0;
  const price = traded >= 0 ? close.value[traded]! : isPriced ? NaN : effect.terminal;
  if (!(price > 0 || (traded < 0 && price === 0))) return NaN;
  facts.lastSource = SOURCE.raw;
  return (effect.split * (price + effect.income)) / close.value[before]! - 1;
}
