/** Which stored security the rows of a securities file are of, and which names that prices brought first are taken over or given back. */
import type { IdentityRow } from '../../../db/index.ts';
import type { EpochDay } from '../../contract/units.ts';
import type { SecurityRow } from '../../importers/staged.ts';
import { groupBy } from './group.ts';
import { ALWAYS, type SymbolRow } from './identity.ts';
import { withEnds, type Group } from './identity-conflicts.ts';
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
  const ends = withEnds(group.rows);
  const first = Math.min(...group.rows.map((row) => knownOf(row, days)));
  const codes = new Set(group.rows.map((row) => row.ticker.code));
  const claimed = ({ row, symbol }: Provisional): boolean => {
    if (taken.has(row.securityId)) return false;
    // Only one whose every row the claims cover: rows outside may be another company's, and stay with the provisional security.
    const extent = extents.get(row.symbolId);
    const mine = group.rows
      .map((one, i) => ({ one, from: one.validFrom as number, to: ends[i]! }))
      .filter(({ one }) => one.ticker.code === symbol.code && fits(one.exchange, symbol.exchange))
      .sort((a, b) => a.from - b.from);
    // Nor one of a name that is learned to be the security's after another: until then the two would be one that nobody knew to be.
    if (!mine.some(({ one }) => knownOf(one, days) === first)) return false;
    if (!extent) return true;
    let covered = extent.first;
    for (const { from, to } of mine) if (from <= covered) covered = Math.max(covered, to);
    return covered > extent.last;
  };
  const names = [...codes].flatMap((code) => stored.provisional.get(code) ?? []);
  return earliest(names.filter(claimed).map(({ row }) => row))?.securityId ?? null;
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
