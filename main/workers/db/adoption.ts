/**
 * Which security goes on with a name that prices brought before anybody knew whose it is. It is found out from all that is stored whenever
 * prices or a securities file come, so that it is the same in whatever order they came.
 */
import {
  allSymbols,
  readDecisions,
  readIdentities,
  SERIES_FIELDS,
  seriesExtents,
  type IdentityRow,
  type Workspace,
} from '../../../db/index.ts';
import { dayOfSlot } from '../../contract/units.ts';
import type { SecurityRow, SymbolRef } from '../../importers/staged.ts';
import { groupBy } from './group.ts';
import { ALWAYS, FOREVER, matches, type SymbolRow } from './identity.ts';
import { withEnds } from './identity-conflicts.ts';
import type { SeriesStage } from './stage-series.ts';

/** First and last day with a stored price, return or other daily value of a symbol. */
export interface Extent {
  readonly first: number;
  readonly last: number;
}

/** A ticker that is, or is to be, a security of itself on days of which nothing is known. */
export interface Listing {
  readonly code: string;
  readonly exchange: string;
  /** Absent without any series. */
  readonly extent: Extent | undefined;
  /** The security that it is; null when it has none yet. */
  readonly holder: number | null;
}

/** A row of a securities file: whose name it is, and from when that is known. */
export interface NameClaim extends Pick<SecurityRow, 'exchange' | 'validFrom' | 'validTo'> {
  readonly code: string;
  readonly known: number;
}

export function storedExtents(ws: Workspace, revision: number): Map<number, Extent> {
  const extents = seriesExtents(ws, { fields: SERIES_FIELDS, revision });
  return new Map([...extents].map(([id, { first, last }]) => [id, { first: dayOfSlot(first), last: dayOfSlot(last) }]));
}

/** Securities that decisions by hand are about. */
export const decidedSecurities = (ws: Workspace, revision: number): ReadonlySet<number> =>
  new Set(
    readDecisions(ws, revision).flatMap((one): number[] => (one.kind === 'merge' ? [one.securityId, one.otherId] : [one.securityId])),
  );

/** The stored listings by symbol. */
export function storedListings(
  stored: readonly IdentityRow[],
  symbols: ReadonlyMap<number, SymbolRow>,
  extents: ReadonlyMap<number, Extent>,
): Map<number, Listing> {
  const out = new Map<number, Listing>();
  for (const { provisional, symbolId, securityId } of stored) {
    const { type, code, exchange } = symbols.get(symbolId)!;
    if (provisional && type === 'ticker') out.set(symbolId, { code, exchange, extent: extents.get(symbolId), holder: securityId });
  }
  return out;
}

/** The stored claims by security. */
export function storedClaims(stored: readonly IdentityRow[], symbols: ReadonlyMap<number, SymbolRow>): Map<number, NameClaim[]> {
  const claims = stored.flatMap(({ provisional, securityId, symbolId, validFrom, validTo, knownFrom }) => {
    const { type, code, exchange } = symbols.get(symbolId)!;
    if (provisional || type !== 'ticker' || validFrom === null) return [];
    return [{ securityId: securityId as number, code, exchange, validFrom, validTo, known: knownFrom ?? ALWAYS }];
  });
  return groupBy(claims, ({ securityId }) => securityId);
}

/**
 * The day from which a security is known by a listing, where what is known of it then covers every day of the listing up to that day (others may
 * be another company's); else null. Later days and later knowledge are not looked at: earlier rows must not depend on them. Not a name that is
 * learned to be its own after another one: until then they were two.
 */
function coveredFrom(claims: readonly NameClaim[], { code, exchange, extent }: Listing): number | null {
  const first = claims.reduce((least, { known }) => Math.min(least, known), Infinity);
  const known = claims.filter((one) => one.known === first);
  const ends = withEnds(known);
  const mine = known
    .map((one, i) => ({ ...one, from: one.validFrom as number, to: ends[i]! }))
    .filter((one) => one.code === code && matches(one, { exchange }))
    .sort((a, b) => a.from - b.from);
  if (mine.length === 0) return null;
  if (extent === undefined) return first;
  let covered = extent.first;
  for (const { from, to } of mine) if (from <= covered) covered = Math.max(covered, to);
  return covered > Math.min(extent.last, first) ? first : null;
}

/** Who goes on with which listing: the security that was known by it first, and no other on that day; each with one, that of the first prices. */
export function adopters<L extends Listing, K>(listings: Iterable<L>, claims: ReadonlyMap<K, readonly NameClaim[]>): ReadonlyMap<L, K> {
  const claimants = new Map<string, Set<K>>();
  for (const [key, list] of claims) for (const { code } of list) claimants.set(code, (claimants.get(code) ?? new Set()).add(key));
  const wanted = new Map<K, L>();
  for (const listing of listings) {
    const takers = [...(claimants.get(listing.code) ?? [])].flatMap((key) => {
      const from = coveredFrom(claims.get(key)!, listing);
      return from === null ? [] : [{ key, from }];
    });
    const [one, other] = takers.sort((a, b) => a.from - b.from);
    if (one === undefined || one.from === other?.from) continue;
    const rival = wanted.get(one.key);
    if (rival === undefined || before(listing, rival)) wanted.set(one.key, listing);
  }
  return new Map([...wanted].map(([key, listing]) => [listing, key]));
}

function before(a: Listing, b: Listing): boolean {
  const [first, second] = [a.extent?.first ?? FOREVER, b.extent?.first ?? FOREVER];
  return first !== second ? first < second : `${a.code}@${a.exchange}` < `${b.code}@${b.exchange}`;
}

/**
 * Listings that are to be of another security than they are, or have none: of a stored one, or (null) of one of their own. What decisions by
 * hand are about (`decided`: securities) stays as it is.
 */
export function handovers<L extends Listing>(
  listings: Iterable<L>,
  claims: ReadonlyMap<number, readonly NameClaim[]>,
  decided: ReadonlySet<number>,
): { readonly listing: L; readonly securityId: number | null }[] {
  const free = [...listings].filter(({ holder }) => holder === null || !decided.has(holder));
  const adopted = adopters(free, new Map([...claims].filter(([id]) => !decided.has(id))));
  return free.flatMap((listing) => {
    const { holder } = listing;
    const securityId = adopted.get(listing) ?? (holder !== null && !claims.has(holder) ? holder : null);
    return holder === null || securityId !== holder ? [{ listing, securityId }] : [];
  });
}

/** A listing in the store (`symbolId`) or new with a price file, whose `symbol`-th name it is. */
type PricedListing = Listing & { readonly symbolId: number | null; readonly symbol: number | null };

/** The handovers that the series of a file bring about: its names (`symbols`, stored as `ids`) on the days that it has of them. */
export function handoversOfPrices(
  ws: Workspace,
  revision: number,
  symbols: readonly SymbolRef[],
  ids: readonly (number | null)[],
  names: SeriesStage['names'],
): ReturnType<typeof handovers<PricedListing>> {
  const stored = readIdentities(ws, { revision });
  const extents = stored.some((row) => !row.provisional) ? storedExtents(ws, revision) : new Map<number, Extent>();
  const fresh = names.flatMap(({ symbol, first, last, unclaimed }): PricedListing[] => {
    const symbolId = ids[symbol] ?? null;
    const held = symbolId === null ? undefined : extents.get(symbolId);
    const extent = { first: Math.min(first, held?.first ?? first), last: Math.max(last, held?.last ?? last) };
    if (symbolId !== null) extents.set(symbolId, extent);
    const { code, exchange } = symbols[symbol]!;
    return unclaimed ? [{ code, exchange, extent, holder: null, symbolId, symbol }] : [];
  });
  const rows = new Map(allSymbols(ws).map((row) => [row.symbolId as number, row]));
  const known = [...storedListings(stored, rows, extents)].map(([symbolId, one]) => ({ ...one, symbolId, symbol: null }));
  return handovers([...known, ...fresh], storedClaims(stored, rows), decidedSecurities(ws, revision));
}
