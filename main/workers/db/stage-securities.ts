/**
 * A securities file against the master: FIGI, else ISIN, else ticker + exchange decides who is who; a provisional security whose
 * ticker a row claims keeps its id. Two securities never own one (ticker, exchange) on one day.
 */
import { readIdentities, readSecurities, seriesExtents, type BatchWriter, type IdentityRow, type Workspace } from '../../../db/index.ts';
import { dayOfSlot, formatIsoDay, type EpochDay, type Slot, type SymbolId } from '../../contract/units.ts';
import type { IssueCollector } from '../../importers/issues.ts';
import type { SecurityRow, StagedRows, SymbolRef } from '../../importers/staged.ts';
import { tally } from './group.ts';
import { ALWAYS, type SymbolRow } from './identity.ts';
import { conflicts, latestVersions, withEnds, type Group } from './identity-conflicts.ts';
import { RETURN_FIELDS } from './master.ts';
import type { MasterStage, RowCounts } from './stage-master.ts';
import type { StageDays } from './stage-series.ts';

const tickerKey = (code: string, exchange: string): string => `${code}@${exchange}`;

function groupRows(rows: readonly SecurityRow[]): Group[] {
  /** FIGIs beside each ISIN: a row with the ISIN alone is of the security that has it, as it is when it comes in another file. */
  const figis = new Map<string, Set<string>>();
  for (const { figi, isin } of rows) if (figi && isin) figis.set(isin, (figis.get(isin) ?? new Set()).add(figi));
  const byKey = new Map<string, Group>();
  for (const row of rows) {
    const [only, other] = figis.get(row.isin) ?? [];
    const figi = row.figi || (other === undefined && only);
    const key = figi ? `figi ${figi}` : row.isin ? `isin ${row.isin}` : `ticker ${tickerKey(row.ticker.code, row.exchange)}`;
    const group = byKey.get(key);
    if (group) group.rows.push(row);
    else byKey.set(key, { rows: [row], securityId: null });
  }
  return [...byKey.values()];
}

/** Existing security of a group, or the provisional one it takes over. */
function findSecurity(
  group: Group,
  stored: readonly IdentityRow[],
  symbols: ReadonlyMap<number, SymbolRow>,
  taken: ReadonlySet<number>,
  extents: ReadonlyMap<number, Extent>,
  days: StageDays,
): number | null {
  const figi = group.rows.find((row) => row.figi)?.figi;
  const isin = group.rows.find((row) => row.isin)?.isin;
  const named = stored.filter((row) => !row.provisional);
  const byFigi = figi ? named.find((row) => row.figi === figi) : undefined;
  if (byFigi) return byFigi.securityId;
  const byIsin = isin ? named.find((row) => row.isin === isin && (!figi || !row.figi)) : undefined;
  if (byIsin) return byIsin.securityId;
  const keys = new Set(group.rows.map((row) => tickerKey(row.ticker.code, row.exchange)));
  if (!figi && !isin) {
    const byTicker = named.find(
      (row) => !row.figi && !row.isin && keys.has(tickerKey(symbols.get(row.symbolId)?.code ?? '', row.exchange ?? '')),
    );
    if (byTicker) return byTicker.securityId;
  }
  const ends = withEnds(group.rows);
  const first = Math.min(...group.rows.map((row) => knownOf(row, days)));
  const settled = new Set(named.map((row) => row.securityId as number));
  const provisional = stored.find((row) => {
    const symbol = symbols.get(row.symbolId);
    if (!row.provisional || symbol?.type !== 'ticker' || settled.has(row.securityId) || taken.has(row.securityId)) return false;
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
  });
  return provisional?.securityId ?? null;
}

/** First and last day with a stored price or return of a symbol. */
interface Extent {
  readonly first: number;
  readonly last: number;
}

/** Day from which a new row is known. */
const knownOf = (row: SecurityRow, { knownAsOf }: StageDays): EpochDay => row.knownFrom ?? knownAsOf ?? row.validFrom;

/** A name without an exchange is one on every exchange. */
const fits = (a: string, b: string): boolean => a === b || a === '' || b === '';

/** Rows already known that say the same are unchanged; others add versions. */
export function stageSecurities(
  ws: Workspace,
  revision: number,
  { rows }: StagedRows<'securities'>,
  symbolRows: readonly SymbolRow[],
  days: StageDays,
  issues: IssueCollector,
): MasterStage {
  const stored = readIdentities(ws, { revision });
  const symbols = new Map(symbolRows.map((row) => [row.symbolId, row]));
  const groups = groupRows(rows);
  const taken = new Set<number>();
  const extents = new Map(
    [...seriesExtents(ws, { fields: RETURN_FIELDS, revision })].map(([id, { first, last }]): [number, Extent] => [
      id,
      { first: dayOfSlot(first as Slot), last: dayOfSlot(last as Slot) },
    ]),
  );
  for (const group of groups) {
    group.securityId = findSecurity(group, stored, symbols, taken, extents, days);
    if (group.securityId !== null) taken.add(group.securityId);
  }
  const wrong = conflicts(groups, stored, symbols, issues);
  const counts: RowCounts = { new: 0, unchanged: 0, restated: 0 };
  const repeats = new Map<number, number>();
  const provisionalIds = new Set(
    readSecurities(ws, { revision: null })
      .filter((row) => row.provisional)
      .map((row) => row.securityId as number),
  );

  const plans: Plan[] = [];
  for (const group of groups) {
    const chosen: { row: SecurityRow; known: EpochDay }[] = [];
    const own = stored.filter((row) => row.securityId === group.securityId && !row.provisional);
    for (const row of group.rows) {
      if (wrong.has(row.line)) continue;
      const same = own.filter((held) => {
        const symbol = symbols.get(held.symbolId);
        return (
          symbol?.type === 'ticker' &&
          symbol.code === row.ticker.code &&
          symbol.exchange === row.exchange &&
          held.validFrom === row.validFrom
        );
      });
      const latest = latestVersions(same)[0];
      const facts = (x: {
        validTo: EpochDay | null;
        figi: string | null;
        isin: string | null;
        cusip: string | null;
        sedol: string | null;
        name: string | null;
        type: string | null;
      }): string =>
        JSON.stringify([x.validTo, x.figi || null, x.isin || null, x.cusip || null, x.sedol || null, x.name || null, x.type || null]);
      if (latest && facts(latest) === facts(row)) {
        counts.unchanged++;
        tally(repeats, latest.batchId, 1);
        continue;
      }
      counts[latest ? 'restated' : 'new']++;
      if (latest)
        issues.add('warning', 'restated', row.line, 0, () => ({
          found: row.ticker.raw,
          reason: `${row.ticker.code} from ${formatIsoDay(row.validFrom)}: the stored master row says otherwise.`,
          fix: 'If this is a correction, import with accepted restatements (--accept-restatements); the old version is kept.',
        }));
      chosen.push({ row, known: latest ? (row.knownFrom ?? days.knownAsOf ?? days.importDay) : knownOf(row, days) });
    }
    if (chosen.length) plans.push({ group, rows: chosen, freed: freedNames(group, chosen, stored, symbols) });
  }
  const froms = rows.map((row) => row.validFrom);
  return {
    counts,
    repeats,
    rejected: wrong.size,
    securities: groups.length,
    firstDay: froms.length ? froms.reduce((a, b) => (a < b ? a : b)) : null,
    lastDay: froms.length ? froms.reduce((a, b) => (a > b ? a : b)) : null,
    write(writer) {
      for (const plan of plans) writeGroup(writer, plan, provisionalIds);
    },
  };
}

type Chosen = readonly { readonly row: SecurityRow; readonly known: EpochDay }[];

interface Plan {
  readonly group: Group;
  readonly rows: Chosen;
  /** Names that get a provisional security of their own again. */
  readonly freed: readonly SymbolRow[];
}

/**
 * Names taken over with a provisional security of which another name is now known to be the security's before they are: until then they
 * are a security of their own, as they are where the rows are told in the order in which they were learned.
 */
function freedNames(
  { securityId }: Group,
  chosen: Chosen,
  stored: readonly IdentityRow[],
  symbols: ReadonlyMap<number, SymbolRow>,
): SymbolRow[] {
  const own = stored.filter((row) => row.securityId === securityId);
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
    const newest = stored.findLast((other) => other.provisional && other.symbolId === row.symbolId);
    if (row !== newest || symbol === undefined) return [];
    const isFirst = ({ code, exchange, known }: (typeof claims)[number]): boolean =>
      known === first && code === symbol.code && fits(exchange, symbol.exchange);
    return claims.some(isFirst) ? [] : [symbol];
  });
}

function writeGroup(writer: BatchWriter, { group, rows: chosen, freed }: Plan, provisional: ReadonlySet<number>): void {
  for (const { symbolId, exchange } of freed) writeProvisional(writer, symbolId as SymbolId, exchange);
  const last = chosen.at(-1)!.row;
  const isNew = group.securityId === null || provisional.has(group.securityId);
  const securityId = group.securityId ?? writer.security({ provisional: false, name: last.name || null, type: last.type || null });
  const ids: SymbolRef[] = [];
  if (isNew)
    for (const type of ['figi', 'isin'] as const) {
      const code = chosen.findLast(({ row }) => row[type])?.row[type];
      if (code) ids.push({ type, code, exchange: '', raw: code });
    }
  const symbolIds = writer.symbols([...chosen.map(({ row }) => ({ ...row.ticker, exchange: row.exchange })), ...ids]);
  const text = (row: SecurityRow) => ({
    figi: row.figi || null,
    isin: row.isin || null,
    cusip: row.cusip || null,
    sedol: row.sedol || null,
    exchange: row.exchange,
    name: row.name || null,
    type: row.type || null,
  });
  chosen.forEach(({ row, known }, i) =>
    writer.identity({
      securityId,
      symbolId: symbolIds[i]! as SymbolId,
      validFrom: row.validFrom,
      validTo: row.validTo,
      knownFrom: known,
      provisional: false,
      line: row.line,
      ...text(row),
    }),
  );
  // FIGI and ISIN are the security's for good, from when it is first known to have them.
  const known = chosen.map((one) => one.known).reduce((a, b) => (a < b ? a : b));
  ids.forEach((_, i) =>
    writer.identity({
      securityId,
      symbolId: symbolIds[chosen.length + i]! as SymbolId,
      validFrom: null,
      validTo: null,
      knownFrom: known,
      provisional: false,
      line: last.line,
      ...text(last),
    }),
  );
}

/** Makes a security of a name that no row claims, until one does. */
export function writeProvisional(writer: BatchWriter, symbolId: SymbolId, exchange: string): void {
  const securityId = writer.security({ provisional: true, name: null, type: null });
  const nothing = {
    validFrom: null,
    validTo: null,
    knownFrom: null,
    figi: null,
    isin: null,
    cusip: null,
    sedol: null,
    name: null,
    type: null,
  };
  writer.identity({ ...nothing, securityId, symbolId, provisional: true, line: 0, exchange: exchange || null });
}
