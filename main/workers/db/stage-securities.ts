/**
 * A securities file against the master: FIGI, else ISIN, else ticker + exchange decides who is who; a provisional security whose
 * ticker a row claims keeps its id. Two securities never own one (ticker, exchange) on one day.
 */
import { readIdentities, readSecurities, type BatchWriter, type IdentityRow, type Workspace } from '../../../db/index.ts';
import { formatIsoDay, type EpochDay, type SymbolId } from '../../contract/units.ts';
import type { IssueCollector } from '../../importers/issues.ts';
import type { SecurityRow, StagedRows, SymbolRef } from '../../importers/staged.ts';
import { ALWAYS, FOREVER, type IdentityIndex, type SymbolRow } from './identity.ts';
import type { MasterStage, RowCounts } from './stage-master.ts';
import type { StageDays } from './stage-series.ts';

interface Group {
  readonly rows: SecurityRow[];
  /** Existing security, or null for a new one. */
  securityId: number | null;
}

const tickerKey = (code: string, exchange: string): string => `${code}@${exchange}`;

function groupRows(rows: readonly SecurityRow[]): Group[] {
  const byKey = new Map<string, Group>();
  for (const row of rows) {
    const key = row.figi ? `figi ${row.figi}` : row.isin ? `isin ${row.isin}` : `ticker ${tickerKey(row.ticker.code, row.exchange)}`;
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
): number | null {
  const { figi, isin } = group.rows[0]!;
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
  const codes = new Set(group.rows.map((row) => row.ticker.code));
  const settled = new Set(named.map((row) => row.securityId as number));
  const provisional = stored.find((row) => {
    const symbol = symbols.get(row.symbolId);
    return (
      row.provisional && symbol?.type === 'ticker' && codes.has(symbol.code) && !settled.has(row.securityId) && !taken.has(row.securityId)
    );
  });
  return provisional?.securityId ?? null;
}

interface Claim {
  readonly owner: string;
  readonly exchange: string;
  readonly from: number;
  readonly to: number;
  readonly line: number;
  readonly title: string;
}

/** Closes open ends of one security's rows: a row lasts until its next one begins. */
function withEnds(rows: readonly { validFrom: EpochDay | null; validTo: EpochDay | null }[]): number[] {
  const starts = rows.map((row) => row.validFrom ?? ALWAYS).sort((a, b) => a - b);
  return rows.map((row) => row.validTo ?? starts.find((start) => start > (row.validFrom ?? ALWAYS)) ?? FOREVER);
}

/** Of each (security, symbol, valid_from) the version with the latest knowledge; ties go to the later batch. */
function latestVersions(rows: readonly IdentityRow[]): IdentityRow[] {
  const latest = new Map<string, IdentityRow>();
  for (const row of rows) {
    const key = `${row.securityId}/${row.symbolId}/${row.validFrom}/${row.provisional}`;
    const held = latest.get(key);
    if (!held || (row.knownFrom ?? ALWAYS) >= (held.knownFrom ?? ALWAYS)) latest.set(key, row);
  }
  return [...latest.values()];
}

/** Lines of the file that claim a (ticker, exchange) on a day another security owns it. */
function conflicts(
  groups: readonly Group[],
  stored: readonly IdentityRow[],
  symbols: ReadonlyMap<number, SymbolRow>,
  issues: IssueCollector,
): Set<number> {
  const claims = new Map<string, Claim[]>();
  const add = (code: string, claim: Claim): void => {
    const list = claims.get(code);
    if (list) list.push(claim);
    else claims.set(code, [claim]);
  };
  const bySecurity = new Map<number, IdentityRow[]>();
  for (const row of latestVersions(stored)) {
    if (row.provisional || symbols.get(row.symbolId)?.type !== 'ticker') continue;
    const list = bySecurity.get(row.securityId);
    if (list) list.push(row);
    else bySecurity.set(row.securityId, [row]);
  }
  const code = (row: IdentityRow): string => symbols.get(row.symbolId)!.code;
  /** Claims of one security: the file's rows, and the stored ones the file does not replace. */
  const claim = (owner: string, fromFile: readonly SecurityRow[], held: readonly IdentityRow[]): void => {
    const replaced = new Set(fromFile.map((row) => `${row.ticker.code}@${row.exchange}@${row.validFrom}`));
    const kept = held.filter((row) => !replaced.has(`${code(row)}@${row.exchange ?? ''}@${row.validFrom}`));
    const ends = withEnds([...fromFile, ...kept]);
    fromFile.forEach((row, i) => {
      const title = `line ${row.line} (${row.name || row.figi || row.isin || row.ticker.raw})`;
      add(row.ticker.code, { owner, exchange: row.exchange, from: row.validFrom, to: ends[i]!, line: row.line, title });
    });
    kept.forEach((row, i) => {
      const title = `security ${owner}${row.name ? ` (${row.name})` : ''}`;
      const to = ends[fromFile.length + i]!;
      add(code(row), { owner, exchange: row.exchange ?? '', from: row.validFrom ?? ALWAYS, to, line: 0, title });
    });
  };
  groups.forEach(({ rows, securityId }, g) => {
    claim(securityId === null ? `new ${g}` : `${securityId}`, rows, securityId === null ? [] : (bySecurity.get(securityId) ?? []));
    if (securityId !== null) bySecurity.delete(securityId);
  });
  for (const [securityId, held] of bySecurity) claim(`${securityId}`, [], held);
  const wrong = new Set<number>();
  for (const [ticker, list] of claims) {
    list.sort((a, b) => a.from - b.from);
    for (let i = 0; i < list.length; i++)
      for (let j = i + 1; j < list.length && list[j]!.from < list[i]!.to; j++) {
        const [a, b] = [list[i]!, list[j]!];
        // A claim without an exchange is one on every exchange.
        if (a.owner === b.owner || (a.exchange !== b.exchange && a.exchange !== '' && b.exchange !== '')) continue;
        for (const claim of [a, b]) {
          if (!claim.line || wrong.has(claim.line)) continue;
          wrong.add(claim.line);
          const other = claim === a ? b : a;
          issues.add('error', 'ticker_claimed_twice', claim.line, 0, () => ({
            field: 'ticker',
            found: ticker,
            reason: `${ticker} is claimed from ${formatIsoDay(b.from as EpochDay)} on by ${claim.title} and by ${other.title}.`,
            fix: 'Give the earlier row a valid_to, or correct the dates, so that one security owns the ticker on a day.',
          }));
        }
      }
  }
  return wrong;
}

/** Days `identities` index on which rows already known say the same as the file are unchanged; others add versions. */
export function stageSecurities(
  ws: Workspace,
  revision: number,
  { rows }: StagedRows<'securities'>,
  symbolRows: readonly SymbolRow[],
  _identities: IdentityIndex,
  days: StageDays,
  issues: IssueCollector,
): MasterStage {
  const stored = readIdentities(ws, { revision });
  const symbols = new Map(symbolRows.map((row) => [row.symbolId, row]));
  const groups = groupRows(rows);
  const taken = new Set<number>();
  for (const group of groups) {
    group.securityId = findSecurity(group, stored, symbols, taken);
    if (group.securityId !== null) taken.add(group.securityId);
  }
  const wrong = conflicts(groups, stored, symbols, issues);
  const counts: RowCounts = { new: 0, unchanged: 0, restated: 0 };
  const provisionalIds = new Set(
    readSecurities(ws, { revision: null })
      .filter((row) => row.provisional)
      .map((row) => row.securityId as number),
  );

  const plans: { group: Group; rows: { row: SecurityRow; known: EpochDay }[] }[] = [];
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
        continue;
      }
      counts[latest ? 'restated' : 'new']++;
      if (latest)
        issues.add('warning', 'restated', row.line, 0, () => ({
          found: row.ticker.raw,
          reason: `${row.ticker.code} from ${formatIsoDay(row.validFrom)}: the stored master row says otherwise.`,
          fix: 'If this is a correction, import with accepted restatements (--accept-restatements); the old version is kept.',
        }));
      chosen.push({ row, known: row.knownFrom ?? days.knownAsOf ?? (latest ? days.importDay : row.validFrom) });
    }
    if (chosen.length) plans.push({ group, rows: chosen });
  }
  const froms = rows.map((row) => row.validFrom);
  return {
    counts,
    rejected: wrong.size,
    securities: groups.length,
    firstDay: froms.length ? froms.reduce((a, b) => (a < b ? a : b)) : null,
    lastDay: froms.length ? froms.reduce((a, b) => (a > b ? a : b)) : null,
    write(writer) {
      for (const { group, rows: chosen } of plans) writeGroup(writer, group, chosen, provisionalIds);
    },
  };
}

function writeGroup(
  writer: BatchWriter,
  group: Group,
  chosen: readonly { row: SecurityRow; known: EpochDay }[],
  provisional: ReadonlySet<number>,
): void {
  const last = chosen.at(-1)!.row;
  const isNew = group.securityId === null || provisional.has(group.securityId);
  const securityId = group.securityId ?? writer.security({ provisional: false, name: last.name || null, type: last.type || null });
  const ids: SymbolRef[] = [];
  if (isNew) {
    if (last.figi) ids.push({ type: 'figi', code: last.figi, exchange: '', raw: last.figi });
    if (last.isin) ids.push({ type: 'isin', code: last.isin, exchange: '', raw: last.isin });
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
  // FIGI and ISIN are the security's for good.
  ids.forEach((_, i) =>
    writer.identity({
      securityId,
      symbolId: symbolIds[chosen.length + i]! as SymbolId,
      validFrom: null,
      validTo: null,
      knownFrom: null,
      provisional: false,
      line: last.line,
      ...text(last),
    }),
  );
}
