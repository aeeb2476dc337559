/** Securities with their names, master rows and decisions, for people. */
import { allSymbols, listBatches, readDecisions, readIdentities, type Workspace } from '../../../db/index.ts';
import { HedgerowError } from '../../contract/errors.ts';
import {
  MOST_HITS,
  type DecisionView,
  type IdentityFactRow,
  type IdentityHit,
  type IdentityView,
  type NameDays,
} from '../../contract/results-identities.ts';
import { family, type Piece } from './identity.ts';
import { readHistory } from './master.ts';
import { openDay, titles } from './quarantine.ts';
import { isoOrNull, originsOf } from './provenance.ts';

/** Securities whose ticker of any day, identifier or name matches, at most MOST_HITS; exact matches first. */
export function findIdentities(ws: Workspace, { revision, text }: { readonly revision: number; readonly text: string }): IdentityHit[] {
  const history = readHistory(ws, revision, Infinity);
  const view = history.at(Infinity);
  const title = titles(ws, revision, view);
  const wanted = text.trim().toUpperCase();
  if (wanted === '') return [];
  const symbols = new Map(allSymbols(ws).map((symbol) => [symbol.symbolId as number, symbol.code]));
  const provisional = provisionalIds(ws, revision);
  const best = new Map<number, { rank: number; matched: string }>();
  const note = (id: number, found: string | null | undefined, matched: (found: string) => string): void => {
    if (!found) return;
    const upper = found.toUpperCase();
    const rank = upper === wanted ? 0 : upper.startsWith(wanted) ? 1 : upper.includes(wanted) ? 2 : 3;
    const held = best.get(id);
    if (rank < 3 && (held === undefined || rank < held.rank)) best.set(id, { rank, matched: matched(found) });
  };
  const asId = /^#?(\d+)$/.exec(wanted);
  if (asId && history.securities().includes(Number(asId[1]))) best.set(Number(asId[1]), { rank: 0, matched: `security ${asId[1]}` });
  for (const id of view.securities())
    for (const piece of view.pieces(id)) note(id, symbols.get(piece.symbolId), (code) => `${code}${daysText(piece)}`);
  for (const row of readIdentities(ws, { revision })) {
    const id = view.root(row.securityId);
    note(id, row.name, (name) => name);
    for (const type of ['figi', 'isin', 'cusip', 'sedol'] as const) note(id, row[type], (code) => `${type.toUpperCase()} ${code}`);
  }
  return [...best]
    .map(([id, found]) => ({ ...title(id), provisional: provisional.has(id), ...found }))
    .sort((a, b) => a.rank - b.rank || (a.ticker < b.ticker ? -1 : a.ticker > b.ticker ? 1 : a.securityId - b.securityId))
    .slice(0, MOST_HITS)
    .map(({ rank: _, ...hit }) => hit);
}

const daysText = ({ fromDay, toDay }: Piece): string => {
  const [from, until] = [openDay(fromDay), openDay(toDay)];
  return `${from === null ? '' : ` from ${from}`}${until === null ? '' : ` until ${until}`}`;
};

/** Securities without any master row. */
export function provisionalIds(ws: Workspace, revision: number): Set<number> {
  const rows = readIdentities(ws, { revision });
  const ids = new Set<number>(rows.flatMap((row) => (row.provisional ? [row.securityId] : [])));
  for (const row of rows) if (!row.provisional) ids.delete(row.securityId);
  return ids;
}

/** One security with its names through time. Throws `not_found`. */
export function showIdentity(
  ws: Workspace,
  { revision, securityId }: { readonly revision: number; readonly securityId: number },
): IdentityView {
  const history = readHistory(ws, revision, Infinity);
  const view = history.at(Infinity);
  if (!history.securities().includes(securityId))
    throw new HedgerowError('not_found', `There is no security ${securityId}.`, 'Search for it by ticker, identifier or name.');
  const title = titles(ws, revision, view);
  const symbols = new Map(allSymbols(ws).map((symbol) => [symbol.symbolId as number, symbol]));
  const root = view.root(securityId);
  const decisions = readDecisions(ws, revision);
  const assigned = new Set(decisions.flatMap((one) => (one.kind === 'assign' ? [`${one.symbolId}/${one.validFrom}/${one.validTo}`] : [])));
  const stored = readIdentities(ws, { revision }).filter((row) => view.root(row.securityId) === root);
  const byMaster = new Set(stored.flatMap((row) => (row.provisional ? [] : [family(symbols.get(row.symbolId)!)])));
  const nullable = (day: number): number | null => (openDay(day) === null ? null : day);
  const names = view
    .pieces(root)
    .map((piece): NameDays & { order: number } => {
      const { symbolId, fromDay, toDay } = piece;
      const { type, code, exchange } = symbols.get(symbolId)!;
      const byHand = assigned.has(`${symbolId}/${nullable(fromDay)}/${nullable(toDay)}`);
      const by = byHand
        ? 'hand'
        : byMaster.has(`${type}:${code}`) || type !== 'ticker'
          ? 'master'
          : fromDay > -1e6
            ? 'master'
            : 'provisional';
      return { type, code, exchange, from: openDay(fromDay), until: openDay(toDay), by, order: fromDay };
    })
    .sort((a, b) => a.order - b.order || (a.code < b.code ? -1 : 1))
    .map(({ order: _, ...name }) => name);
  const origins = originsOf(ws);
  const rows = stored
    .filter((row) => !row.provisional && symbols.get(row.symbolId)!.type === 'ticker')
    .map((row): IdentityFactRow => {
      const { batchId, file, line } = origins.of(row);
      const { figi, isin, cusip, sedol, name } = row;
      return {
        ticker: symbols.get(row.symbolId)!.code,
        exchange: row.exchange ?? '',
        from: isoOrNull(row.validFrom),
        until: isoOrNull(row.validTo),
        knownFrom: isoOrNull(row.knownFrom),
        ...{ figi, isin, cusip, sedol, name, batchId, file, line },
      };
    });
  const about = new Set(
    decisions.flatMap((one) => {
      const ids = one.kind === 'merge' ? [one.securityId, one.otherId] : [one.securityId];
      // What a split took away is about the security that had it too.
      const taken =
        one.kind === 'assign' &&
        stored.some(
          (row) =>
            row.symbolId === one.symbolId &&
            (row.validFrom ?? -Infinity) < (one.validTo ?? Infinity) &&
            (one.validFrom ?? -Infinity) < (row.validTo ?? Infinity),
        );
      return taken || ids.some((id) => view.root(id) === root) ? [one.batchId as number] : [];
    }),
  );
  return {
    ...title(securityId),
    provisional: provisionalIds(ws, revision).has(securityId),
    mergedInto: root === securityId ? null : title(root),
    names,
    rows,
    decisions: listDecisions(ws).filter((one) => about.has(one.batchId)),
  };
}

/** Every decision made by hand, undone ones too, newest first. */
export function listDecisions(ws: Workspace): DecisionView[] {
  const batches = listBatches(ws).filter((batch) => batch.kind === 'identity');
  return batches.reverse().map((batch): DecisionView => {
    const [first] = readDecisions(ws, batch.revision).filter((one) => one.batchId === batch.batchId);
    return {
      batchId: batch.batchId,
      kind: first?.kind ?? 'assign',
      text: batch.file,
      reason: first?.reason ?? '',
      knownFrom: isoOrNull(first?.knownFrom ?? null) ?? '',
      madeAt: batch.importedAt,
      undone: batch.undoneRevision !== null,
    };
  });
}
