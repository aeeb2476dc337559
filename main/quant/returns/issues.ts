import { combine } from './actions.ts';
import { valueInForce } from './fields.ts';
import { buildFacts, delistingRow, hasPrice, returnAt } from './facts.ts';
import { SOURCE } from './types.ts';
import type { EpochOptions, ReturnIssue, RowAxis, SecurityInputs } from './types.ts';

/** A move beyond this without an action on its day is reported. */
export const JUMP = 0.5;

/**
 * What is remarkable about a security's returns as known at K, by row: gaps, jumps without an action, and adjusted closes
 * on consecutive rows that share no base while raw closes do not serve either.
 */
export function findReturnIssues(inputs: SecurityInputs, axis: RowAxis, options: EpochOptions): ReturnIssue[] {
  const k = options.knownAsOf;
  const facts = buildFacts(inputs, axis, k, options.knowledge, options.mode);
  const issues: ReturnIssue[] = [];
  const effect = { split: 1, income: 0, terminal: NaN };
  const delisted = new Set(facts.actions.delistings.map((group) => delistingRow(facts, group, k)));
  let lastPriced = -1;
  for (let row = 0; row < axis.nRows; row++) {
    const value = returnAt(facts, row, k);
    const none = facts.lastSource === SOURCE.none;
    const say = (code: ReturnIssue['code'], amount: number): void => {
      issues.push({ code, row, day: axis.days[row]!, value: amount });
    };
    if (hasPrice(facts, row, k)) {
      if (lastPriced >= 0 && lastPriced < row - 1) say('gap', row - 1 - lastPriced);
      lastPriced = row;
    }
    if (Math.abs(value) > JUMP && !delisted.has(row)) {
      combine(facts.actions.byRow.get(row), k, facts.corrected, effect);
      if (effect.split === 1 && effect.income === 0 && Number.isNaN(effect.terminal)) say('jump', value);
    }
    const adjusted = (at: number): boolean => at >= 0 && valueInForce(facts.adjClose, at, k, facts.corrected) >= 0;
    if (none && options.mode !== 'raw' && adjusted(row) && adjusted(row - 1)) say('adjusted_base_unknown', NaN);
  }
  return issues;
}
