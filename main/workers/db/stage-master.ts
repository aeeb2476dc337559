/** Diffs a master-data file against the store: which rows are new, known already, or corrections that add a version. */
import {
  findSymbols,
  readActions,
  readClassifications,
  readEtfMap,
  readShares,
  type BatchWriter,
  type Classification,
  type CorporateAction,
  type EtfMapRow,
  type SharesOutstanding,
  type Workspace,
} from '../../../db/index.ts';
import { formatIsoDay, type EpochDay, type SymbolId } from '../../contract/units.ts';
import type { IssueCollector } from '../../importers/issues.ts';
import type { StagedRows, SymbolRef } from '../../importers/staged.ts';
import { groupBy, tally } from './group.ts';
import { ALWAYS } from './identity.ts';
import { restatedFix } from './restated.ts';
import { misplacedActions } from './stage-actions.ts';
import type { StageDays } from './stage-series.ts';

export interface RowCounts {
  new: number;
  unchanged: number;
  restated: number;
}

export interface MasterStage {
  readonly counts: RowCounts;
  /** Rows per earlier batch that says the same: they are not stored again. */
  readonly repeats?: ReadonlyMap<number, number>;
  /** Rows left out because they contradict something (errors are in the issues). */
  readonly rejected: number;
  readonly securities: number;
  readonly firstDay: EpochDay | null;
  readonly lastDay: EpochDay | null;
  /** Whether there is something to store although no count says so. */
  readonly writes?: boolean;
  write(writer: BatchWriter): void;
}

/** What a kind of fact needs for the diff. `Fact` is the stored row without its symbol id. */
interface FactKind<Row, Fact> {
  symbol(row: Row): SymbolRef;
  /** Names the fact; rows with equal keys are versions of one fact (or its parts, as two dividends of one day). */
  key(symbolId: number, fact: Fact): string;
  /** What is compared. */
  value(fact: Fact): string;
  fact(row: Row): Fact;
  /** Day from which a row without known_from is known. */
  defaultKnown(fact: Fact): EpochDay | null;
  day(fact: Fact): EpochDay | null;
  title(row: Row): string;
}

interface Stored {
  readonly batchId: number;
  readonly knownFrom: EpochDay | null;
  readonly symbolId: number;
}

interface Version {
  readonly known: number;
  readonly batch: number;
  readonly values: string[];
}

/**
 * The version in force with everything known, per key: latest known, then latest batch; and that of each day on which one became known,
 * per key and day.
 */
function inForce<Fact>(stored: readonly (Fact & Stored)[], kind: FactKind<never, Fact>): Map<string, Version> {
  const versions = new Map<string, Version>();
  for (const row of stored) {
    const key = kind.key(row.symbolId, row);
    const known = row.knownFrom ?? ALWAYS;
    for (const name of [key, onDay(key, known)]) {
      const held = versions.get(name);
      if (!held || known > held.known || (known === held.known && row.batchId > held.batch))
        versions.set(name, { known, batch: row.batchId, values: [kind.value(row)] });
      else if (held.known === known && held.batch === row.batchId) held.values.push(kind.value(row));
    }
  }
  for (const { values } of versions.values()) values.sort();
  return versions;
}

const onDay = (key: string, known: number): string => `${key} known ${known}`;

function stageFacts<Row extends { readonly line: number; readonly knownFrom: EpochDay | null }, Fact>(
  ws: Workspace,
  rows: readonly Row[],
  stored: readonly (Fact & Stored)[],
  kind: FactKind<Row, Fact>,
  days: StageDays,
  issues: IssueCollector,
  insert: (writer: BatchWriter, rows: readonly (Fact & { symbolId: SymbolId; knownFrom: EpochDay | null; line: number })[]) => void,
): MasterStage {
  const held = inForce(stored, kind as FactKind<never, Fact>);
  const counts: RowCounts = { new: 0, unchanged: 0, restated: 0 };
  const repeats = new Map<number, number>();
  const ids = findSymbols(ws, rows.map(kind.symbol));
  const groups = new Map<string, number[]>();
  rows.forEach((row, i) => {
    // A name the store has never seen cannot be held: its own text keeps it apart.
    const ref = kind.symbol(row);
    const key = ids[i] ? kind.key(ids[i]!, kind.fact(row)) : `new ${ref.type} ${ref.code} ${ref.exchange} ${kind.key(0, kind.fact(row))}`;
    const group = groups.get(key);
    if (group) group.push(i);
    else groups.set(key, [i]);
  });
  const chosen: { row: Row; fact: Fact; known: EpochDay | null }[] = [];
  const textOf = (members: readonly number[]): string =>
    members
      .map((i) => kind.value(kind.fact(rows[i]!)))
      .sort()
      .join('\n');
  for (const [key, group] of groups) {
    const before = held.get(key);
    /** The day that the file or the import says, of a row. */
    const saidKnown = (i: number): EpochDay | null => rows[i]!.knownFrom ?? days.knownAsOf;
    // Known before the stored version is is news, though the words are the same.
    const earlier = group.some((i) => (saidKnown(i) ?? Infinity) < (before?.known ?? ALWAYS));
    const whole = !earlier && before?.values.join('\n') === textOf(group);
    // Else a row with the day it became known says nothing new where the version of that very day says the same.
    for (const members of whole ? [group] : groupBy(group, saidKnown).values()) {
      const knownFrom = saidKnown(members[0]!);
      const same = whole ? before : knownFrom === null ? before : held.get(onDay(key, knownFrom));
      if (same?.values.join('\n') === textOf(members)) {
        counts.unchanged += members.length;
        tally(repeats, same.batch, members.length);
        continue;
      }
      for (const i of members) {
        const row = rows[i]!;
        const fact = kind.fact(row);
        counts[before ? 'restated' : 'new']++;
        if (before)
          issues.add('warning', 'restated', row.line, 0, () => ({
            found: kind.value(fact),
            reason: `${kind.title(row)}: the stored version ${before.values.join('\n') === textOf(members) ? `is known from ${formatIsoDay(before.known as EpochDay)} only` : `says ${before.values.join(' and ')}`}.`,
            fix: restatedFix(knownFrom, before.known, days.importDay),
          }));
        chosen.push({ row, fact, known: row.knownFrom ?? days.knownAsOf ?? (before ? days.importDay : kind.defaultKnown(fact)) });
      }
    }
  }
  const all = rows.map((row) => kind.day(kind.fact(row))).filter((day): day is EpochDay => day !== null);
  return {
    counts,
    repeats,
    rejected: 0,
    securities: new Set(rows.map((row) => JSON.stringify([kind.symbol(row).type, kind.symbol(row).code, kind.symbol(row).exchange]))).size,
    firstDay: all.length ? all.reduce((a, b) => (a < b ? a : b)) : null,
    lastDay: all.length ? all.reduce((a, b) => (a > b ? a : b)) : null,
    write(writer) {
      const symbolIds = writer.symbols(chosen.map(({ row }) => kind.symbol(row)));
      insert(
        writer,
        chosen.map(({ row, fact, known }, i) => ({ ...fact, symbolId: symbolIds[i]! as SymbolId, knownFrom: known, line: row.line })),
      );
    },
  };
}

const iso = (day: EpochDay | null): string => (day === null ? 'always' : formatIsoDay(day));
type Bare<T> = Omit<T, 'symbolId' | 'knownFrom' | 'line'>;

export function stageClassification(
  ws: Workspace,
  revision: number,
  rows: StagedRows<'classification'>['rows'],
  days: StageDays,
  issues: IssueCollector,
): MasterStage {
  const stored = readClassifications(ws, { revision });
  return stageFacts<(typeof rows)[number], Bare<Classification>>(
    ws,
    rows,
    stored,
    {
      symbol: (row) => row.symbol,
      key: (id, fact) => `${id}/${fact.scheme}/${fact.validFrom}`,
      value: (fact) => [fact.sector, fact.industry ?? '', fact.validTo ?? ''].join(' | '),
      fact: (row) => ({
        sector: row.sector,
        industry: row.industry || null,
        scheme: row.scheme,
        validFrom: row.validFrom,
        validTo: row.validTo,
      }),
      defaultKnown: (fact) => fact.validFrom,
      day: (fact) => fact.validFrom,
      title: (row) => `${row.symbol.code} ${row.scheme || 'classification'} from ${iso(row.validFrom)}`,
    },
    days,
    issues,
    (writer, facts) => writer.classifications(facts),
  );
}

export function stageActions(
  ws: Workspace,
  revision: number,
  { rows: given }: StagedRows<'actions'>,
  days: StageDays,
  issues: IssueCollector,
): MasterStage {
  const stored = readActions(ws, { revision });
  const early = misplacedActions(ws, revision, given, issues);
  const rows = given.filter((row) => !early.has(row.line));
  const staged = stageFacts<(typeof rows)[number], Bare<CorporateAction>>(
    ws,
    rows,
    stored,
    {
      symbol: (row) => row.symbol,
      key: (id, fact) => `${id}/${fact.exDay}/${fact.type}`,
      value: (fact) => String(fact.value),
      fact: (row) => ({ exDay: row.exDate, type: row.type, value: row.value }),
      defaultKnown: (fact) => fact.exDay,
      day: (fact) => fact.exDay,
      title: (row) => `${row.symbol.code} ${row.type} of ${iso(row.exDate)}`,
    },
    days,
    issues,
    (writer, facts) => writer.actions(facts),
  );
  return { ...staged, rejected: early.size };
}

export function stageShares(
  ws: Workspace,
  revision: number,
  { rows }: StagedRows<'shares'>,
  days: StageDays,
  issues: IssueCollector,
): MasterStage {
  const stored = readShares(ws, { revision });
  return stageFacts<(typeof rows)[number], Bare<SharesOutstanding>>(
    ws,
    rows,
    stored,
    {
      symbol: (row) => row.symbol,
      key: (id, fact) => `${id}/${fact.validFrom}`,
      value: (fact) => [fact.shares, fact.validTo ?? ''].join(' | '),
      fact: (row) => ({ shares: row.shares, validFrom: row.validFrom, validTo: row.validTo }),
      defaultKnown: (fact) => fact.validFrom,
      day: (fact) => fact.validFrom,
      title: (row) => `${row.symbol.code} shares from ${iso(row.validFrom)}`,
    },
    days,
    issues,
    (writer, facts) => writer.shares(facts),
  );
}

/** An ETF map replaces the whole map; an equal one changes nothing. */
export function stageEtfMap(
  ws: Workspace,
  revision: number,
  { rows }: StagedRows<'etf-map'>,
  days: StageDays,
  issues: IssueCollector,
): MasterStage {
  const text = (
    row: { level: string; code: string; scheme: string; validFrom: number | null; validTo: number | null; knownFrom: number | null },
    symbol: number,
    proxy: number | null,
  ): string => JSON.stringify([row.level, row.code, row.scheme, symbol, proxy, row.validFrom, row.validTo, row.knownFrom]);
  const known = (row: (typeof rows)[number]): EpochDay | null => row.knownFrom ?? days.knownAsOf ?? row.validFrom;
  const ids = findSymbols(
    ws,
    rows.map((row) => row.etf),
  );
  // A name never stored before is no proxy of the present map.
  const proxyIds = rows.map((row) => (row.proxy === null ? null : findSymbols(ws, [row.proxy])[0]!));
  const before = readEtfMap(ws, revision)
    .map((row) => text(row, row.symbolId, row.proxyId ?? null))
    .sort();
  const now = rows.map((row, i) => text({ ...row, knownFrom: known(row) }, ids[i]!, proxyIds[i]!)).sort();
  const same = before.join('\n') === now.join('\n');
  if (!same && before.length > 0)
    issues.add('info', 'map_replaced', 0, 0, () => ({
      reason: `This map of ${rows.length} rows replaces the present one of ${before.length} rows whole.`,
      fix: 'Undo the batch to have the present map back.',
    }));
  return {
    counts: { new: same ? 0 : rows.length, unchanged: same ? rows.length : 0, restated: 0 },
    rejected: 0,
    securities: new Set(rows.map((row) => row.etf.code)).size,
    firstDay: null,
    lastDay: null,
    write(writer) {
      const symbolIds = writer.symbols(rows.map((row) => row.etf));
      const proxies = rows.map((row) => (row.proxy === null ? null : (writer.symbols([row.proxy])[0]! as SymbolId)));
      writer.etfMap(
        rows.map((row, i): EtfMapRow => ({
          level: row.level,
          code: row.code,
          scheme: row.scheme,
          symbolId: symbolIds[i]! as SymbolId,
          proxyId: proxies[i]!,
          validFrom: row.validFrom,
          validTo: row.validTo,
          knownFrom: known(row),
          line: row.line,
        })),
      );
    },
  };
}
