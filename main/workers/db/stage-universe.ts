/** Diffs a file of lists against the store: a list that differs becomes a further version, which holds whole. */
import { findSymbols, readUniverses, type StoredUniverseVersion, type Workspace } from '../../../db/index.ts';
import type { EpochDay, SymbolId } from '../../contract/units.ts';
import { groupBy } from './group.ts';
import type { IssueCollector } from '../../importers/issues.ts';
import type { StagedRows } from '../../importers/staged.ts';
import { readHistory } from './master.ts';
import type { MasterStage } from './stage-master.ts';
import type { StageDays } from './stage-series.ts';

type Row = StagedRows<'universe'>['rows'][number];

/** Whether the file tells a list as the store holds it; an empty known_from says nothing of the stored one. */
function sameList(rows: readonly Row[], ids: readonly number[], { members }: StoredUniverseVersion): boolean {
  if (rows.length !== members.length) return false;
  const key = (symbol: number, row: { readonly validFrom: number | null; readonly validTo: number | null }): string =>
    `${symbol}/${row.validFrom}/${row.validTo}`;
  const stored = groupBy(members, (row) => key(row.symbolId, row));
  return rows.every((row, i) => {
    const like = stored.get(key(ids[i]!, row)) ?? [];
    const at = like.findIndex((one) => row.knownFrom === null || row.knownFrom === one.knownFrom);
    if (at >= 0) like.splice(at, 1);
    return at >= 0;
  });
}

/** Day from which the version counts: as long as its first known row when the file says so, else not before it replaced another one. */
function versionKnown(rows: readonly Row[], replaces: boolean, days: StageDays): EpochDay | null {
  const stated = rows.map((row) => row.knownFrom).filter((day) => day !== null);
  if (stated.length > 0 && stated.length === rows.length) return stated.reduce((a, b) => (a < b ? a : b));
  return days.knownAsOf ?? (replaces ? days.importDay : null);
}

/** Stages lists. A list that the file does not name stays as it is. */
export function stageUniverse(
  ws: Workspace,
  revision: number,
  { rows }: StagedRows<'universe'>,
  days: StageDays,
  issues: IssueCollector,
): MasterStage {
  const present = groupBy(readUniverses(ws, { revision }), (one) => one.name);
  const view = readHistory(ws, revision, Infinity).at(Infinity);
  const counts = { new: 0, unchanged: 0, restated: 0 };
  const changed: { readonly name: string; readonly knownFrom: EpochDay | null; readonly members: readonly Row[] }[] = [];
  for (const [name, members] of groupBy(rows, (row) => row.universe)) {
    const ids = findSymbols(
      ws,
      members.map((row) => row.symbol),
    );
    const before = present.get(name)?.at(-1);
    if (before && sameList(members, Array.from(ids), before)) {
      counts.unchanged += members.length;
      continue;
    }
    counts.new += members.length;
    changed.push({ name, knownFrom: versionKnown(members, before !== undefined, days), members });
    if (before)
      issues.add('info', 'list_replaced', 0, 0, () => ({
        found: name,
        reason: `${name}: this list of ${members.length} rows replaces the present one of ${before.members.length} rows; the rows of a strict run before it was known keep the present one.`,
        fix: 'Undo the batch to have the present list back.',
      }));
    const nobody = members.filter((row) => view.stretches(row.symbol).every((one) => one.owners.length === 0));
    if (nobody.length > 0)
      issues.add('warning', 'unknown_member', nobody[0]!.line, 0, () => ({
        found: nobody[0]!.symbol.raw,
        reason: `${name}: ${nobody.length} of its names mean no security yet: ${nobody
          .slice(0, 8)
          .map((row) => row.symbol.raw)
          .join(', ')}${nobody.length > 8 ? ', …' : ''}.`,
        fix: 'They count once prices or a securities file bring them; correct misspelled ones.',
      }));
  }
  const all = rows.map((row) => row.validFrom).filter((day) => day !== null);
  return {
    counts,
    rejected: 0,
    securities: new Set(rows.map(({ symbol }) => `${symbol.type} ${symbol.code} ${symbol.exchange}`)).size,
    firstDay: all.length > 0 ? all.reduce((a, b) => (a < b ? a : b)) : null,
    lastDay: all.length > 0 ? all.reduce((a, b) => (a > b ? a : b)) : null,
    write(writer) {
      for (const { name, knownFrom, members } of changed) {
        const ids = writer.symbols(members.map((row) => row.symbol));
        writer.universe({
          name,
          knownFrom,
          removed: false,
          members: members.map(({ validFrom, validTo, knownFrom: known, line }, i) => ({
            symbolId: ids[i]! as SymbolId,
            validFrom,
            validTo,
            knownFrom: known,
            line,
          })),
        });
      }
    },
  };
}
