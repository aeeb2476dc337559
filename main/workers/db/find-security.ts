/** Which stored security the rows of a securities file are of. */
import type { IdentityRow } from '../../../db/index.ts';
import type { EpochDay } from '../../contract/units.ts';
import type { SecurityRow } from '../../importers/staged.ts';
import { adopters, type Listing, type NameClaim } from './adoption.ts';
import { groupBy } from './group.ts';
import type { SymbolRow } from './identity.ts';
import type { Group } from './identity-conflicts.ts';
import type { StageDays } from './stage-series.ts';

export const tickerKey = (code: string, exchange: string): string => `${code}@${exchange}`;

/** Day from which a new row is known. */
export const knownOf = (row: SecurityRow, { knownAsOf }: StageDays): EpochDay => row.knownFrom ?? knownAsOf ?? row.validFrom;

/** A row as the claim that it makes. */
export const claimOf = ({ ticker, exchange, validFrom, validTo }: SecurityRow, known: number): NameClaim => ({
  ...{ code: ticker.code, exchange, validFrom, validTo, known },
});

/**
 * Gives each group the stored security with its FIGI, else its ISIN, else its ticker and exchange; else the one that prices made of its
 * first name and that nobody else claims. The others stay null: they are new.
 */
export function findSecurities(
  groups: readonly Group[],
  stored: readonly IdentityRow[],
  symbols: ReadonlyMap<number, SymbolRow>,
  listings: ReadonlyMap<number, Listing>,
  claims: ReadonlyMap<number, readonly NameClaim[]>,
  days: StageDays,
): void {
  const named = stored.filter((row) => !row.provisional);
  const byFigi = groupBy(named, (row) => row.figi);
  const byIsin = groupBy(named, (row) => row.isin);
  const byTicker = groupBy(
    named.filter((row) => !row.figi && !row.isin),
    (row) => tickerKey(symbols.get(row.symbolId)?.code ?? '', row.exchange ?? ''),
  );
  const identified = ({ rows }: Group): number | null => {
    const figi = rows.find((row) => row.figi)?.figi;
    const isin = rows.find((row) => row.isin)?.isin;
    const row = (figi ? byFigi.get(figi)?.[0] : undefined) ?? (isin ? byIsin.get(isin)?.find((one) => !figi || !one.figi) : undefined);
    if (row || figi || isin) return row?.securityId ?? null;
    const keys = new Set(rows.map((one) => tickerKey(one.ticker.code, one.exchange)));
    const held = [...keys].flatMap((key) => byTicker.get(key) ?? []).sort((a, b) => a.identityId - b.identityId);
    return held[0]?.securityId ?? null;
  };
  const all = new Map<number | Group, NameClaim[]>([...claims].map(([id, list]) => [id, [...list]]));
  for (const group of groups) {
    group.securityId = identified(group);
    const key = group.securityId ?? group;
    const list = all.get(key) ?? [];
    all.set(key, list);
    for (const row of group.rows) list.push(claimOf(row, knownOf(row, days)));
  }
  for (const [{ holder }, key] of adopters(listings.values(), all))
    if (typeof key !== 'number' && holder !== null && !claims.has(holder)) key.securityId = holder;
}
