/** Corporate actions that do not fit the life of their security: before its listing, or a delisting with prices after it. */
import { readActions, seriesExtents, type Workspace } from '../../../db/index.ts';
import { dayOfSlot, formatIsoDay, type EpochDay, type Slot } from '../../contract/units.ts';
import type { IssueCollector } from '../../importers/issues.ts';
import type { StagedRows } from '../../importers/staged.ts';
import { RETURN_FIELDS, readHistory } from './master.ts';
import { isTerminal } from './security-inputs.ts';

type ActionRow = StagedRows<'actions'>['rows'][number];

const iso = (day: number): string => formatIsoDay(day as EpochDay);

/**
 * Lines of actions dated before the security's listing, which are refused; a delisting or merger with stored prices after it, and
 * actions before the first stored price (they change nothing), are only said.
 */
export function misplacedActions(ws: Workspace, revision: number, rows: readonly ActionRow[], issues: IssueCollector): Set<number> {
  const wrong = new Set<number>();
  const view = readHistory(ws, revision, Infinity).at(Infinity);
  const extents = seriesExtents(ws, { fields: RETURN_FIELDS, revision });
  const before = new Map<string, ActionRow[]>();
  for (const row of rows) {
    const { symbol, exDate, line, type } = row;
    const stretches = view.stretches(symbol);
    const listed = stretches.find((one) => one.owners.length > 0);
    if (listed && exDate < listed.from) {
      wrong.add(line);
      issues.add('error', 'action_before_listing', line, 0, () => ({
        field: 'ex_date',
        found: iso(exDate),
        reason: `${symbol.code} ${iso(exDate)}: the ${type} lies before the first day on which a security owns the name, ${iso(listed.from)} (${listed.owners.map((id) => `security ${id}`).join(', ')}).`,
        fix: 'Correct the date, or the valid_from of the security; where another company had the name then, import its securities row first.',
      }));
      continue;
    }
    const owner = view.resolve(symbol, exDate) ?? view.resolve(symbol, exDate - 1);
    if (owner === null) continue;
    let [first, last] = [Infinity, -Infinity];
    for (const { symbolId, fromDay, toDay } of view.pieces(owner)) {
      const extent = extents.get(symbolId);
      if (!extent) continue;
      const [from, to] = [Math.max(fromDay, dayOfSlot(extent.first as Slot)), Math.min(toDay - 1, dayOfSlot(extent.last as Slot))];
      if (from > to) continue;
      first = Math.min(first, from);
      last = Math.max(last, to);
    }
    if (isTerminal(row) && last > exDate)
      issues.add('warning', 'price_after_delisting', line, 0, () => ({
        found: iso(exDate),
        reason: `${symbol.code} ${iso(exDate)}: prices go on until ${iso(last)} after the ${type}; rows after it do not exist.`,
        fix: 'Correct the date of the action, or give the later prices to another security (split).',
      }));
    if (exDate < first && first < Infinity) {
      const list = before.get(symbol.code);
      if (list) list.push(row);
      else before.set(symbol.code, [row]);
    }
  }
  for (const [code, list] of before)
    issues.add('info', 'action_before_prices', list[0]!.line, 0, () => ({
      found: code,
      reason: `${code}: ${list.length} action${list.length > 1 ? 's' : ''} from ${iso(list[0]!.exDate)} on lie before its first stored price; they change no return.`,
      fix: 'Nothing to do unless prices are missing.',
    }));
  return wrong;
}

/** Day of the last delisting or merger of each stored symbol that no later one follows; prices after it are in no row. */
export function delistedDays(ws: Workspace, revision: number, symbolIds: readonly (number | null)[]): Map<number, number> {
  const ids = Int32Array.from(symbolIds.filter((id): id is number => id !== null)).sort();
  const found = new Map<number, number>();
  if (ids.length === 0) return found;
  for (const action of readActions(ws, { revision, symbolIds: ids }))
    if (isTerminal(action)) found.set(action.symbolId, Math.max(action.exDay, found.get(action.symbolId) ?? action.exDay));
  return found;
}
