/** Rows of names that belong to no security, or to several: kept, entering nothing, until somebody says whose they are. */
import { allSymbols, readActions, readBlocks, readClassifications, readShares, seriesExtents, type Workspace } from '../../../db/index.ts';
import { sessionAtOrAfter } from '../../calendar/index.ts';
import type { QuarantineEntry, QuarantineView, SecurityTitle } from '../../contract/results-identities.ts';
import { dayOfSlot, type EpochDay, type Slot } from '../../contract/units.ts';
import { ALWAYS, FOREVER, type IdentityHistory, type IdentityIndex, type Stretch, type SymbolRow } from './identity.ts';
import { readHistory, RETURN_FIELDS } from './master.ts';
import { securityNames } from './names.ts';
import { isoOrNull } from './provenance.ts';

/** Sessions between rows and a validity that still count as joining it. */
const NEAR = 5;
const EXAMPLES = 8;

/** A quarantined stretch as the worker handles it. */
export interface Quarantined {
  readonly symbol: SymbolRow;
  readonly stretch: Stretch;
  readonly first: number;
  readonly last: number;
  readonly rows: number;
  readonly proposal: { readonly securityId: number; readonly because: string } | null;
}

export const openDay = (day: number): string | null => (day === ALWAYS || day === FOREVER ? null : isoOrNull(day));

/** Titles of securities as known now. */
export function titles(ws: Workspace, revision: number, view: IdentityIndex): (securityId: number) => SecurityTitle {
  const names = securityNames(ws, revision);
  return (securityId) => ({ securityId, ticker: view.tickerOn(securityId, FOREVER - 1), name: names.get(securityId) ?? null });
}

/** Days with a value of a price or return field, ascending, of some symbols. */
export function valueDays(ws: Workspace, revision: number, symbolIds: readonly number[]): Map<number, number[]> {
  const found = new Map<number, Set<number>>();
  if (symbolIds.length === 0) return new Map();
  readBlocks(ws, { fields: [...RETURN_FIELDS], symbolIds: Int32Array.from(symbolIds).sort(), revision }, (block) => {
    const set = found.get(block.symbolId) ?? new Set();
    found.set(block.symbolId, set);
    for (let i = block.anchored ? 1 : 0; i < block.values.length; i++)
      if (block.values[i] === block.values[i]) set.add(dayOfSlot((block.firstSlot + i) as Slot));
  });
  return new Map([...found].map(([id, set]) => [id, [...set].sort((a, b) => a - b)]));
}

const sessionsBetween = (from: number, to: number): number => sessionAtOrAfter(to as EpochDay) - sessionAtOrAfter(from as EpochDay);

/** The owner beside a stretch whose validity its rows join without a gap; null when none or two do. */
function proposalFor(stretches: readonly Stretch[], at: number, first: number, last: number): Quarantined['proposal'] {
  const [before, after] = [stretches[at - 1], stretches[at + 1]];
  const joins = {
    before: before?.owners.length === 1 && sessionsBetween(before.to, first) <= NEAR ? before.owners[0]! : null,
    after: after?.owners.length === 1 && sessionsBetween(last, after.from) <= NEAR ? after.owners[0]! : null,
  };
  const [owner] = [joins.after, joins.before].filter((one) => one !== null);
  if (owner === undefined || (joins.before !== null && joins.after !== null && joins.before !== joins.after)) return null;
  const day = joins.after === null ? before!.to : after!.from;
  const side =
    joins.before !== null && joins.after !== null ? 'lie between days' : joins.after === null ? 'follow the days' : 'lead up to the days';
  return { securityId: owner, because: `Its rows ${side} on which the security owns the name (${isoOrNull(day)}), without a gap.` };
}

/** Quarantined stretches of every name with prices or returns, by name and day. */
export function quarantined(ws: Workspace, revision: number, history: IdentityHistory): Quarantined[] {
  const view = history.at(Infinity);
  const extents = seriesExtents(ws, { fields: RETURN_FIELDS, revision });
  const doubtful = allSymbols(ws).flatMap((symbol) => {
    const extent = extents.get(symbol.symbolId);
    if (!extent) return [];
    const [first, last] = [dayOfSlot(extent.first as Slot), dayOfSlot(extent.last as Slot)];
    const stretches = view.stretches(symbol);
    if (stretches.every((one) => one.owners.length === 1 || one.to <= first || one.from > last)) return [];
    return [{ symbol, stretches }];
  });
  const days = valueDays(
    ws,
    revision,
    doubtful.map(({ symbol }) => symbol.symbolId),
  );
  return doubtful
    .flatMap(({ symbol, stretches }) =>
      stretches.flatMap((stretch, at): Quarantined[] => {
        if (stretch.owners.length === 1) return [];
        const inside = (days.get(symbol.symbolId) ?? []).filter((day) => stretch.from <= day && day < stretch.to);
        if (inside.length === 0) return [];
        const [first, last] = [inside[0]!, inside.at(-1)!];
        const proposal = stretch.owners.length === 0 ? proposalFor(stretches, at, first, last) : null;
        return [{ symbol, stretch, first, last, rows: inside.length, proposal }];
      }),
    )
    .sort((a, b) => (a.symbol.code < b.symbol.code ? -1 : a.symbol.code > b.symbol.code ? 1 : a.first - b.first));
}

/** The quarantine with everything known, for people. */
export function quarantineView(ws: Workspace, { revision }: { readonly revision: number }): QuarantineView {
  const history = readHistory(ws, revision, Infinity);
  const view = history.at(Infinity);
  const title = titles(ws, revision, view);
  const entries = quarantined(ws, revision, history).map(({ symbol, stretch, first, last, rows, proposal }): QuarantineEntry => {
    const { type, code, exchange } = symbol;
    const claims = view.stretches(symbol).filter((one) => one.owners.length > 0 && (stretch.owners.length === 0 || one === stretch));
    return {
      type,
      code,
      exchange,
      why: stretch.owners.length === 0 ? 'unowned' : 'disputed',
      first: isoOrNull(first)!,
      last: isoOrNull(last)!,
      rows,
      from: openDay(stretch.from),
      until: openDay(stretch.to),
      claimants: claims.flatMap(({ owners, from, to }) => owners.map((id) => ({ ...title(id), from: openDay(from), until: openDay(to) }))),
      proposal: proposal && { ...title(proposal.securityId), because: proposal.because },
    };
  });
  return { revision, entries, rows: entries.reduce((sum, one) => sum + one.rows, 0), waiting: waitingNames(ws, revision, view) };
}

function waitingNames(ws: Workspace, revision: number, view: IdentityIndex): QuarantineView['waiting'] {
  const used = new Set<number>();
  for (const rows of [readClassifications(ws, { revision }), readShares(ws, { revision }), readActions(ws, { revision })])
    for (const row of rows) used.add(row.symbolId);
  const names = allSymbols(ws)
    .filter((symbol) => used.has(symbol.symbolId) && view.stretches(symbol).every((one) => one.owners.length === 0))
    .map((symbol) => symbol.code);
  return { names: names.length, examples: names.slice(0, EXAMPLES) };
}
