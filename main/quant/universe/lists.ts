/** Memberships of a list that the user defined, point in time: which version of it and which of its rows were known on each day. */
import { addBreaks, compareDated, correctedVersions, type Dated } from '../chains/versions.ts';
import type { RowAxis } from '../returns/types.ts';
import type { Membership, UniverseOptions } from './types.ts';

/** A member's row of a list. */
export interface ListRow extends Dated {
  readonly securityId: number;
}

/** A list as one batch told it; a later version replaces it whole from the day that one was known. */
export interface ListVersion {
  readonly known: number;
  readonly order: number;
  readonly rows: readonly ListRow[];
}

/** The versions as `knowledge` has them: under `corrected` the last one known by K holds for all days. */
function inKnowledge(versions: readonly ListVersion[], { knownAsOf, knowledge }: UniverseOptions): ListVersion[] {
  const known = versions.filter((one) => one.known <= knownAsOf).sort((a, b) => a.known - b.known || a.order - b.order);
  if (knowledge === 'strict' || known.length === 0) return known;
  const last = known.at(-1)!;
  const rows = correctedVersions(last.rows, (row) => `${row.securityId}/${row.validFrom}`, knownAsOf);
  return [{ ...last, rows, known: Math.min(...known.map((one) => one.known)) }];
}

/** Securities that the rows have as members on a day as known at k: per period the version known last. */
function membersOn(rows: readonly ListRow[], day: number, k: number): number[] {
  const latest = new Map<string, ListRow>();
  for (const row of rows) {
    if (row.known > k) continue;
    const key = `${row.securityId}/${row.validFrom}`;
    const held = latest.get(key);
    if (held === undefined || compareDated(held, row) <= 0) latest.set(key, row);
  }
  const inside = new Set<number>();
  for (const { securityId, validFrom, validTo } of latest.values())
    if ((validFrom ?? -Infinity) <= day && day < (validTo ?? Infinity)) inside.add(securityId);
  return [...inside].sort((a, b) => a - b);
}

/**
 * Memberships of rows [fromRow, toRow), one per stretch on which nothing changes. `active` counts the securities that the version in
 * force names on any day; a list ranks nobody. Rows before the first version was known have no members.
 */
export function listMemberships(
  versions: readonly ListVersion[],
  axis: RowAxis,
  options: UniverseOptions,
  fromRow = 0,
  toRow = axis.nRows,
): Membership[] {
  const known = inKnowledge(versions, options);
  const breaks = new Set([fromRow]);
  const moments = known.map(({ known: day, order }): Dated => ({ validFrom: null, validTo: null, known: day, order }));
  addBreaks([...moments, ...known.flatMap(({ rows }) => rows)], axis, options.knownAsOf, breaks);
  const starts = [...breaks].filter((row) => row >= fromRow && row < toRow).sort((a, b) => a - b);
  return starts.map((row, i): Membership => {
    const day = axis.days[row]!;
    const k = Math.min(day, options.knownAsOf);
    const rows = known.findLast((one) => one.known <= k)?.rows ?? [];
    const members = membersOn(rows, day, k);
    const named = Int32Array.from(new Set(rows.map((one) => one.securityId)));
    return {
      stampRow: row,
      sizedRow: row,
      fromRow: row,
      toRow: starts[i + 1] ?? toRow,
      members: Int32Array.from(members),
      sizes: new Float64Array(members.length).fill(NaN),
      sources: new Uint8Array(members.length),
      named,
      active: named.length,
      ranked: members.length,
    };
  });
}
