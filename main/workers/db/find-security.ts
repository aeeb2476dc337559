/** Which stored security the rows of a securities file are of, and which names that prices brought first are taken over or given back. */
import { allSymbols, readIdentities, seriesExtents, type IdentityRow, type Workspace } from '../../../db/index.ts';
import { dayOfSlot, type EpochDay } from '../../contract/units.ts';
import type { SecurityRow } from '../../importers/staged.ts';
import { groupBy } from './group.ts';
import { ALWAYS, FOREVER, type Name, type SymbolRow } from './identity.ts';
import { withEnds, type Group } from './identity-conflicts.ts';
import { RETURN_FIELDS } from './master.ts';
import type { StageDays } from './stage-series.ts';

/** First and last day with a stored price or return of a symbol. */
export interface Extent {
  readonly first: number;
  readonly last: number;
}

/** Rows of a file that the store does not have, and from when each is known. */
export type Chosen = readonly { readonly row: SecurityRow; readonly known: EpochDay }[];

interface Provisional {
  readonly row: IdentityRow;
  readonly symbol: SymbolRow;
}

/** Stored identity rows by what is asked of them, each list in stored order: files and stores have tens of thousands of names. */
export interface StoredNames {
  readonly symbols: ReadonlyMap<number, SymbolRow>;
  readonly bySecurity: ReadonlyMap<number | null, readonly IdentityRow[]>;
  /** Of the rows that are not provisional. */
  readonly byFigi: ReadonlyMap<string | null, readonly IdentityRow[]>;
  readonly byIsin: ReadonlyMap<string | null, readonly IdentityRow[]>;
  /** Those with neither FIGI nor ISIN, by `tickerKey`. */
  readonly byTicker: ReadonlyMap<string, readonly IdentityRow[]>;
  /** Rows of names that no other row claims, by ticker. */
  readonly provisional: ReadonlyMap<string, readonly Provisional[]>;
  /** Provisional rows by symbol. */
  readonly bySymbol: ReadonlyMap<number, readonly IdentityRow[]>;
}

export function storedExtents(ws: Workspace, revision: number): Map<number, Extent> {
  const extents = seriesExtents(ws, { fields: RETURN_FIELDS, revision });
  return new Map([...extents].map(([id, { first, last }]) => [id, { first: dayOfSlot(first), last: dayOfSlot(last) }]));
}

export const tickerKey = (code: string, exchange: string): string => `${code}@${exchange}`;

/** Day from which a new row is known. */
export const knownOf = (row: SecurityRow, { knownAsOf }: StageDays): EpochDay => row.knownFrom ?? knownAsOf ?? row.validFrom;

/** A name without an exchange is one on every exchange. */
const fits = (a: string, b: string): boolean => a === b || a === '' || b === '';

export function storedNames(stored: readonly IdentityRow[], symbols: ReadonlyMap<number, SymbolRow>): StoredNames {
  const named = stored.filter((row) => !row.provisional);
  const provisional = stored.filter((row) => row.provisional);
  const settled = new Set(named.map((row) => row.securityId));
  const free = provisional.flatMap((row): Provisional[] => {
    const symbol = symbols.get(row.symbolId);
    return symbol?.type === 'ticker' && !settled.has(row.securityId) ? [{ row, symbol }] : [];
  });
  return {
    symbols,
    bySecurity: groupBy(stored, (row): number | null => row.securityId),
    byFigi: groupBy(named, (row) => row.figi),
    byIsin: groupBy(named, (row) => row.isin),
    byTicker: groupBy(
      named.filter((row) => !row.figi && !row.isin),
      (row) => tickerKey(symbols.get(row.symbolId)?.code ?? '', row.exchange ?? ''),
    ),
    provisional: groupBy(free, ({ symbol }) => symbol.code),
    bySymbol: groupBy(provisional, (row): number => row.symbolId),
  };
}

const earliest = (rows: readonly IdentityRow[]): IdentityRow | undefined => [...rows].sort((a, b) => a.identityId - b.identityId)[0];

/** Existing security of a group, or the provisional one it takes over. */
export function findSecurity(
  group: Group,
  stored: StoredNames,
  taken: ReadonlySet<number>,
  extents: ReadonlyMap<number, Extent>,
  days: StageDays,
): number | null {
  const figi = group.rows.find((row) => row.figi)?.figi;
  const isin = group.rows.find((row) => row.isin)?.isin;
  const byFigi = figi ? stored.byFigi.get(figi)?.[0] : undefined;
  if (byFigi) return byFigi.securityId;
  const byIsin = isin ? stored.byIsin.get(isin)?.find((row) => !figi || !row.figi) : undefined;
  if (byIsin) return byIsin.securityId;
  if (!figi && !isin) {
    const keys = new Set(group.rows.map((row) => tickerKey(row.ticker.code, row.exchange)));
    const byTicker = earliest([...keys].flatMap((key) => stored.byTicker.get(key) ?? []));
    if (byTicker) return byTicker.securityId;
  }
  const claims = group.rows.map((row) => ({ ...row, code: row.ticker.code, known: knownOf(row, days) }));
  const names = [...new Set(claims.map(({ code }) => code))].flatMap((code) => stored.provisional.get(code) ?? []);
  const free = names.filter(({ row, symbol }) => !taken.has(row.securityId) && takesOver(claims, symbol, extents.get(row.symbolId)));
  return oldest(free.map(({ row, symbol }) => ({ ...symbol, extent: extents.get(row.symbolId), row })))?.row.securityId ?? null;
}

/** A name that prices bring, with its days in the file. */
type PricedName = Name & { readonly symbolId: number | null; readonly first: EpochDay; readonly last: EpochDay };

/**
 * Which stored security goes on with each name that prices bring for days on which nothing is said of it: the one that would take the name
 * over if its rows came after the prices. null for a name that needs a security of its own.
 */
export function continued<N extends PricedName>(
  ws: Workspace,
  revision: number,
  names: readonly N[],
): readonly (N & { readonly securityId: number | null })[] {
  if (names.length === 0) return [];
  const extents = storedExtents(ws, revision);
  const symbols = new Map(allSymbols(ws).map((row) => [row.symbolId as number, row]));
  const claims = new Map<number, readonly NameClaim[]>();
  const claimants = new Map<string, Set<number>>();
  for (const [securityId, rows] of groupBy(readIdentities(ws, { revision }), (row): number => row.securityId)) {
    // It goes on with one name only: of two, nobody knew then that they are one company's.
    if (rows.some((row) => row.provisional)) continue;
    const own = rows.flatMap(({ symbolId, validFrom, validTo, knownFrom }): NameClaim[] => {
      const { type, code, exchange } = symbols.get(symbolId)!;
      return type === 'ticker' && validFrom !== null ? [{ code, exchange, validFrom, validTo, known: knownFrom ?? ALWAYS }] : [];
    });
    claims.set(securityId, own);
    for (const { code } of own) claimants.set(code, (claimants.get(code) ?? new Set()).add(securityId));
  }
  const dated = names.map((name) => {
    const held = name.symbolId === null ? undefined : extents.get(name.symbolId);
    const extent = { first: Math.min(name.first, held?.first ?? Infinity), last: Math.max(name.last, held?.last ?? -Infinity) };
    return { name, code: name.code, exchange: name.exchange, type: name.type, extent };
  });
  const takers = dated.flatMap((one) => {
    const [securityId, other] = [...(claimants.get(one.code) ?? [])].filter((id) => takesOver(claims.get(id)!, one, one.extent));
    return securityId !== undefined && other === undefined ? [{ ...one, securityId }] : [];
  });
  const taken = new Map([...groupBy(takers, ({ securityId }) => securityId)].map(([id, list]) => [oldest(list)!.name, id]));
  return names.map((name) => ({ ...name, securityId: taken.get(name) ?? null }));
}

/** A row that claims a name, and from when it is known. */
interface NameClaim extends Pick<SecurityRow, 'exchange' | 'validFrom' | 'validTo'> {
  readonly code: string;
  readonly known: number;
}

/**
 * Whether the security of some claims goes on with what prices brought under a name: what is first known of it covers every row of the name
 * (others may be another company's). Not with a name that is learned to be its own after another: until then they were two.
 */
function takesOver(claims: readonly NameClaim[], name: Name, extent: Extent | undefined): boolean {
  const first = Math.min(...claims.map(({ known }) => known));
  const known = claims.filter((one) => one.known === first);
  const ends = withEnds(known);
  const mine = known
    .map((one, i) => ({ ...one, from: one.validFrom as number, to: ends[i]! }))
    .filter((one) => one.code === name.code && fits(one.exchange, name.exchange))
    .sort((a, b) => a.from - b.from);
  if (mine.length === 0 || extent === undefined) return mine.length > 0;
  let covered = extent.first;
  for (const { from, to } of mine) if (from <= covered) covered = Math.max(covered, to);
  return covered > extent.last;
}

/** Of the names of a security the one with the first prices: whichever file came first. */
function oldest<N extends Name & { readonly extent: Extent | undefined }>(names: readonly N[]): N | undefined {
  const start = ({ extent }: N): number => extent?.first ?? FOREVER;
  return [...names].sort((a, b) => start(a) - start(b) || (tickerKey(a.code, a.exchange) < tickerKey(b.code, b.exchange) ? -1 : 1))[0];
}

/**
 * Names taken over with a provisional security of which another name is now known to be the security's before they are: until then they
 * are a security of their own, as they are where the rows are told in the order in which they were learned.
 */
export function freedNames({ securityId }: Group, chosen: Chosen, { symbols, bySecurity, bySymbol }: StoredNames): SymbolRow[] {
  const own = bySecurity.get(securityId) ?? [];
  const claims = [
    ...chosen.map(({ row, known }) => ({ code: row.ticker.code, exchange: row.exchange, known: known as number })),
    ...own.flatMap((row) => {
      const symbol = symbols.get(row.symbolId);
      if (row.provisional || symbol?.type !== 'ticker') return [];
      return [{ code: symbol.code, exchange: symbol.exchange, known: row.knownFrom ?? ALWAYS }];
    }),
  ];
  const first = Math.min(...claims.map(({ known }) => known));
  return own.flatMap((row) => {
    const symbol = symbols.get(row.symbolId);
    if (row !== bySymbol.get(row.symbolId)?.at(-1) || symbol === undefined) return [];
    const isFirst = ({ code, exchange, known }: (typeof claims)[number]): boolean =>
      known === first && code === symbol.code && fits(exchange, symbol.exchange);
    return claims.some(isFirst) ? [] : [symbol];
  });
}
