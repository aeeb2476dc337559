/**
 * A securities file against the master: FIGI, else ISIN, else ticker + exchange decides who is who; a provisional security whose
 * ticker a row claims keeps its id. Two securities never own one (ticker, exchange) on one day.
 */
import { readIdentities, type BatchWriter, type IdentityRow, type Workspace } from '../../../db/index.ts';
import { formatIsoDay, type EpochDay, type SymbolId } from '../../contract/units.ts';
import type { IssueCollector } from '../../importers/issues.ts';
import type { SecurityRow, StagedRows, SymbolRef } from '../../importers/staged.ts';
import { decidedSecurities, handovers, storedClaims, storedExtents, storedListings } from './adoption.ts';
import { groupBy, tally } from './group.ts';
import { claimOf, findSecurities, knownOf, tickerKey } from './find-security.ts';
import { ALWAYS, type SymbolRow } from './identity.ts';
import { conflicts, latestVersions, type Group } from './identity-conflicts.ts';
import { restatedFix } from './restated.ts';
import type { MasterStage, RowCounts } from './stage-master.ts';
import type { StageDays } from './stage-series.ts';

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

/** Rows of a file that the store does not have, and from when each is known. */
type Chosen = readonly { readonly row: SecurityRow; readonly known: EpochDay }[];

type Facts = Readonly<Record<'figi' | 'isin' | 'cusip' | 'sedol' | 'name' | 'type', string | null>> & { readonly validTo: EpochDay | null };

/** What a row says of its name from its `validFrom` on; empty and absent are one. */
const facts = ({ validTo, figi, isin, cusip, sedol, name, type }: Facts): string =>
  JSON.stringify([validTo, ...[figi, isin, cusip, sedol, name, type].map((text) => text || null)]);

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
  const listings = storedListings(stored, symbols, storedExtents(ws, revision));
  const claims = storedClaims(stored, symbols);
  findSecurities(groups, stored, symbols, listings, claims, days);
  const bySecurity = groupBy(stored, (row): number | null => row.securityId);
  const wrong = conflicts(groups, stored, symbols, issues);
  const counts: RowCounts = { new: 0, unchanged: 0, restated: 0 };
  const repeats = new Map<number, number>();

  const plans: Plan[] = [];
  for (const group of groups) {
    const chosen: Chosen[number][] = [];
    const own = (bySecurity.get(group.securityId) ?? []).filter((row) => !row.provisional);
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
      const said = row.knownFrom ?? days.knownAsOf;
      // What the file says was known on an earlier day is compared with what was known then.
      const isEarlier = latest !== undefined && said !== null && said < (latest.knownFrom ?? ALWAYS);
      const then = isEarlier ? latestVersions(same.filter((held) => (held.knownFrom ?? ALWAYS) <= said))[0] : latest;
      if (then && facts(then) === facts(row)) {
        counts.unchanged++;
        tally(repeats, then.batchId, 1);
        continue;
      }
      counts[latest ? 'restated' : 'new']++;
      if (latest)
        issues.add('warning', 'restated', row.line, 0, () => ({
          found: row.ticker.raw,
          reason: `${row.ticker.code} from ${formatIsoDay(row.validFrom)}: the stored master row ${facts(latest) === facts(row) ? `is known from ${formatIsoDay(latest.knownFrom!)} only` : 'says otherwise'}.`,
          fix: restatedFix(said, latest.knownFrom ?? ALWAYS, days.importDay),
        }));
      chosen.push({ row, known: latest ? (row.knownFrom ?? days.knownAsOf ?? days.importDay) : knownOf(row, days) });
    }
    if (chosen.length) plans.push({ group, rows: chosen, identifiers: newIdentifiers(chosen, own, symbols) });
  }
  for (const { group, rows: chosen } of plans)
    if (group.securityId !== null)
      claims.set(group.securityId, [...(claims.get(group.securityId) ?? []), ...chosen.map(({ row, known }) => claimOf(row, known))]);
  const moved = handovers(
    [...listings].map(([symbolId, one]) => ({ ...one, symbolId })),
    claims,
    decidedSecurities(ws, revision),
  );
  const froms = rows.map((row) => row.validFrom);
  return {
    counts,
    repeats,
    rejected: wrong.size,
    securities: groups.length,
    firstDay: froms.length ? froms.reduce((a, b) => (a < b ? a : b)) : null,
    lastDay: froms.length ? froms.reduce((a, b) => (a > b ? a : b)) : null,
    write(writer) {
      for (const { listing, securityId } of moved) writeProvisional(writer, listing.symbolId as SymbolId, listing.exchange, securityId);
      for (const plan of plans) writeGroup(writer, plan);
    },
  };
}

interface Plan {
  readonly group: Group;
  readonly rows: Chosen;
  readonly identifiers: readonly (Chosen[number] & { readonly ref: SymbolRef })[];
}

/** FIGI and ISIN are the security's for good, from when it is first known to have them: those that rows are the first to tell, or tell of earlier. */
function newIdentifiers(chosen: Chosen, own: readonly IdentityRow[], symbols: ReadonlyMap<number, SymbolRow>): Plan['identifiers'] {
  const first = new Map<string, Plan['identifiers'][number]>();
  for (const one of chosen)
    for (const type of ['figi', 'isin'] as const) {
      const code = one.row[type];
      const held = first.get(`${type} ${code}`);
      if (code && !(held && held.known <= one.known))
        first.set(`${type} ${code}`, { ...one, ref: { type, code, exchange: '', raw: code } });
    }
  for (const { symbolId, knownFrom } of own) {
    const { type, code } = symbols.get(symbolId)!;
    const told = first.get(`${type} ${code}`);
    if (told && (knownFrom ?? ALWAYS) <= told.known) first.delete(`${type} ${code}`);
  }
  return [...first.values()];
}

function writeGroup(writer: BatchWriter, { group, rows: chosen, identifiers }: Plan): void {
  const last = chosen.at(-1)!.row;
  const securityId = group.securityId ?? writer.security({ provisional: false, name: last.name || null, type: last.type || null });
  const symbolIds = writer.symbols([
    ...chosen.map(({ row }) => ({ ...row.ticker, exchange: row.exchange })),
    ...identifiers.map(({ ref }) => ref),
  ]);
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
  identifiers.forEach(({ row, known }, i) =>
    writer.identity({
      securityId,
      symbolId: symbolIds[chosen.length + i]! as SymbolId,
      validFrom: null,
      validTo: null,
      knownFrom: known,
      provisional: false,
      line: row.line,
      ...text(row),
    }),
  );
}

/** Makes a name on days of which nothing is known that of a stored security, or (null) of one of its own. */
export function writeProvisional(writer: BatchWriter, symbolId: SymbolId, exchange: string, held: number | null): void {
  const securityId = held ?? writer.security({ provisional: true, name: null, type: null });
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
