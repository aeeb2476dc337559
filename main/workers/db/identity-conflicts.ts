/** What a securities file may not say: two securities with one name on one day, or one security with two names at once. */
import type { IdentityRow } from '../../../db/index.ts';
import { formatIsoDay, type EpochDay } from '../../contract/units.ts';
import type { IssueCollector } from '../../importers/issues.ts';
import type { SecurityRow } from '../../importers/staged.ts';
import { ALWAYS, FOREVER, type SymbolRow } from './identity.ts';

/** Rows of a file that are one security. */
export interface Group {
  readonly rows: SecurityRow[];
  /** Existing security, or null for a new one. */
  securityId: number | null;
}

/** Closes open ends of one security's rows: a row lasts until its next one begins. */
export function withEnds(rows: readonly { validFrom: EpochDay | null; validTo: EpochDay | null }[]): number[] {
  const starts = rows.map((row) => row.validFrom ?? ALWAYS).sort((a, b) => a - b);
  return rows.map((row) => row.validTo ?? starts.find((start) => start > (row.validFrom ?? ALWAYS)) ?? FOREVER);
}

/** Of each (security, symbol, valid_from) the version with the latest knowledge; ties go to the later batch. */
export function latestVersions(rows: readonly IdentityRow[]): IdentityRow[] {
  const latest = new Map<string, IdentityRow>();
  for (const row of rows) {
    const key = `${row.securityId}/${row.symbolId}/${row.validFrom}/${row.provisional}`;
    const held = latest.get(key);
    if (!held || (row.knownFrom ?? ALWAYS) >= (held.knownFrom ?? ALWAYS)) latest.set(key, row);
  }
  return [...latest.values()];
}

/** A row of the file or the store on its days. */
interface Claim {
  /** `12`, or `new 3` for the third security that the file would make. */
  readonly owner: string;
  readonly code: string;
  readonly exchange: string;
  readonly from: number;
  readonly to: number;
  /** 0: a stored row. */
  readonly line: number;
  readonly title: string;
  readonly identifiers: readonly { readonly type: Identifier; readonly code: string }[];
}

const IDENTIFIERS = ['figi', 'isin', 'cusip', 'sedol'] as const;
type Identifier = (typeof IDENTIFIERS)[number];

const alike = (a: Claim, b: Claim): boolean => a.exchange === b.exchange || a.exchange === '' || b.exchange === '';
const day = (value: number): string => formatIsoDay(value as EpochDay);
const identifiersOf = (row: { readonly [type in Identifier]: string | null }): Claim['identifiers'] =>
  IDENTIFIERS.flatMap((type) => (row[type] ? [{ type, code: row[type] }] : []));

function claimsOf(groups: readonly Group[], stored: readonly IdentityRow[], symbols: ReadonlyMap<number, SymbolRow>): Claim[] {
  const bySecurity = new Map<number, IdentityRow[]>();
  for (const row of latestVersions(stored)) {
    if (row.provisional || symbols.get(row.symbolId)?.type !== 'ticker') continue;
    const list = bySecurity.get(row.securityId);
    if (list) list.push(row);
    else bySecurity.set(row.securityId, [row]);
  }
  const code = (row: IdentityRow): string => symbols.get(row.symbolId)!.code;
  /** Claims of one security: the file's rows, and the stored ones the file does not replace. */
  const claims = (owner: string, fromFile: readonly SecurityRow[], held: readonly IdentityRow[]): Claim[] => {
    const replaced = new Set(fromFile.map((row) => `${row.ticker.code}@${row.exchange}@${row.validFrom}`));
    const kept = held.filter((row) => !replaced.has(`${code(row)}@${row.exchange ?? ''}@${row.validFrom}`));
    const ends = withEnds([...fromFile, ...kept]);
    return [
      ...fromFile.map((row, i): Claim => {
        const title = `line ${row.line} (${row.name || row.figi || row.isin || row.ticker.raw})`;
        const { exchange, validFrom: from, line } = row;
        return { owner, code: row.ticker.code, exchange, from, to: ends[i]!, line, title, identifiers: identifiersOf(row) };
      }),
      ...kept.map((row, i): Claim => {
        const title = `security ${owner}${row.name ? ` (${row.name})` : ''}`;
        const [from, to] = [row.validFrom ?? ALWAYS, ends[fromFile.length + i]!];
        return { owner, code: code(row), exchange: row.exchange ?? '', from, to, line: 0, title, identifiers: identifiersOf(row) };
      }),
    ];
  };
  const out = groups.flatMap(({ rows, securityId }, g) => {
    const held = securityId === null ? [] : (bySecurity.get(securityId) ?? []);
    if (securityId !== null) bySecurity.delete(securityId);
    return claims(securityId === null ? `new ${g}` : `${securityId}`, rows, held);
  });
  for (const [securityId, held] of bySecurity) out.push(...claims(`${securityId}`, [], held));
  return out;
}

/** Pairs of claims in one list that overlap in days and exchange. */
function* overlapping(claims: readonly Claim[]): Generator<readonly [Claim, Claim]> {
  const list = [...claims].sort((a, b) => a.from - b.from);
  for (let i = 0; i < list.length; i++)
    for (let j = i + 1; j < list.length && list[j]!.from < list[i]!.to; j++) if (alike(list[i]!, list[j]!)) yield [list[i]!, list[j]!];
}

function grouped<T>(items: readonly T[], keysOf: (item: T) => readonly string[]): Map<string, T[]> {
  const out = new Map<string, T[]>();
  for (const item of items)
    for (const key of keysOf(item)) {
      const list = out.get(key);
      if (list) list.push(item);
      else out.set(key, [item]);
    }
  return out;
}

/** Lines of the file that contradict another line or the store; each is reported with both sides. */
export function conflicts(
  groups: readonly Group[],
  stored: readonly IdentityRow[],
  symbols: ReadonlyMap<number, SymbolRow>,
  issues: IssueCollector,
): Set<number> {
  const wrong = new Set<number>();
  const report = (
    pair: readonly [Claim, Claim],
    code: string,
    field: string,
    found: string,
    reason: (a: Claim, b: Claim) => string,
    fix: string,
  ) => {
    for (const claim of pair) {
      if (!claim.line || wrong.has(claim.line)) continue;
      wrong.add(claim.line);
      const other = claim === pair[0] ? pair[1] : pair[0];
      issues.add('error', code, claim.line, 0, () => ({ field, found, reason: reason(claim, other), fix }));
    }
  };
  const claims = claimsOf(groups, stored, symbols);
  for (const [ticker, list] of grouped(claims, (claim) => [claim.code]))
    for (const pair of overlapping(list))
      if (pair[0].owner !== pair[1].owner)
        report(
          pair,
          'ticker_claimed_twice',
          'ticker',
          ticker,
          (claim, other) => `${ticker} is claimed from ${day(pair[1].from)} on by ${claim.title} and by ${other.title}.`,
          'Give the earlier row a valid_to, or correct the dates, so that one security owns the ticker on a day.',
        );
  for (const [identifier, list] of grouped(claims, (claim) => claim.identifiers.map(({ type, code }) => `${type} ${code}`)))
    for (const pair of overlapping(list))
      if (pair[0].owner !== pair[1].owner) {
        const [type, code] = identifier.split(' ') as [string, string];
        report(
          pair,
          'identifier_claimed_twice',
          type,
          code,
          (claim, other) =>
            `${type.toUpperCase()} ${code} is claimed from ${day(pair[1].from)} on by ${claim.title} and by ${other.title}.`,
          'An identifier names one security: correct it, or give the earlier row a valid_to.',
        );
      }
  for (const [, list] of grouped(claims, (claim) => [claim.owner]))
    for (const pair of overlapping(list))
      report(
        pair,
        'overlapping_validity',
        'valid_to',
        pair[0].code,
        (claim, other) =>
          claim.from === other.from
            ? `One security is called ${claim.code} and ${other.code} from ${day(claim.from)} on (${claim.title}, ${other.title}): a circle of renames has no order.`
            : `${claim.title} and ${other.title} of one security overlap from ${day(pair[1].from)} on (${pair[0].code}, ${pair[1].code}).`,
        'End the earlier row (valid_to) where the later one begins.',
      );
  return wrong;
}
