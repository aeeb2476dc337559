/** Ranks securities at every month end and says on which rows the ranking is in force (MODEL.md 8). */
import { isMonthEnd } from '../../calendar/index.ts';
import type { Session } from '../../contract/units.ts';
import type { RowSpan } from '../chains/types.ts';
import type { RowAxis } from '../returns/types.ts';
import type { UniverseRule } from './names.ts';
import { sizesOf } from './sizes.ts';
import type { Candidate, Membership, UniverseOptions } from './types.ts';

/** Rows a stamp may look back when no security at all has a size on its own day. */
const HOLE_ROWS = 5;

export interface Ranking {
  /** Adds a security; order does not matter. `inMap`: rows on which it stands in the ETF map and is no candidate. */
  add(securityId: number, candidate: Candidate, inMap?: readonly RowSpan[]): void;
  /** One membership per month end of the axis, oldest first. Rows before the first month's end have none. */
  memberships(): Membership[];
}

/** Rows that are the last session of their month by the calendar's rules, never by what data there is. */
export function stampRows(axis: RowAxis): Int32Array {
  const rows: number[] = [];
  for (let row = 0; row < axis.nRows; row++) if (isMonthEnd((axis.firstSession + row) as Session)) rows.push(row);
  return Int32Array.from(rows);
}

interface Ranked {
  readonly ids: number[];
  readonly sizes: number[];
  readonly sources: number[];
  active: number;
}

/** Starts the ranking of a universe over an axis. */
export function createRanking(rule: UniverseRule, axis: RowAxis, options: UniverseOptions): Ranking {
  const stamps = stampRows(axis);
  // Capitalisations of one day may be missing for everybody; a mean over 63 rows bridges such a hole by itself.
  const back = rule.by === 'mc' ? HOLE_ROWS : 1;
  // Capitalisations are read on few rows: tabulating those alone is four times quicker than the whole axis.
  const { read, place } = rule.by === 'mc' ? thinned(axis, stamps, back) : { read: axis, place: null };
  const lists: Ranked[] = Array.from({ length: stamps.length * back }, () => ({ ids: [], sizes: [], sources: [], active: 0 }));

  return {
    add(securityId, candidate, inMap = []) {
      const sizes = sizesOf(rule, candidate, read, options);
      stamps.forEach((stamp, i) => {
        if (inMap.some(({ fromRow, toRow }) => fromRow <= stamp && stamp < toRow)) return;
        const k = Math.min(axis.days[stamp]!, options.knownAsOf);
        for (let b = 0; b < back && b <= stamp; b++) {
          const list = lists[i * back + b]!;
          const row = place ? place[stamp - b]! : stamp - b;
          const size = sizes.size(row, k);
          if (size === size) {
            list.ids.push(securityId);
            list.sizes.push(size);
            list.sources.push(sizes.source);
            list.active++;
          } else if (sizes.priced(row, k)) list.active++;
        }
      });
    },
    memberships() {
      return Array.from(stamps, (stampRow, i): Membership => {
        const own = lists.slice(i * back, (i + 1) * back);
        const b = Math.max(
          0,
          own.findIndex(({ ids }) => ids.length > 0),
        );
        const { ids, sizes, sources, active } = own[b]!;
        const order = ids.map((_, at) => at).sort((x, y) => sizes[y]! - sizes[x]! || ids[x]! - ids[y]!);
        const first = order.slice(0, rule.count);
        const toRow = stamps[i + 1];
        return {
          stampRow,
          sizedRow: stampRow - b,
          fromRow: stampRow + 1,
          toRow: toRow === undefined ? axis.nRows : toRow + 1,
          members: Int32Array.from(first, (at) => ids[at]!),
          sizes: Float64Array.from(first, (at) => sizes[at]!),
          sources: Uint8Array.from(first, (at) => sources[at]!),
          active,
          ranked: ids.length,
        };
      });
    },
  };
}

/** The rows that stamps read, as an axis of their own, and where each row of the whole axis stands in it. */
function thinned(axis: RowAxis, stamps: Int32Array, back: number): { read: RowAxis; place: Int32Array } {
  const wanted = new Uint8Array(axis.nRows);
  for (const stamp of stamps) wanted.fill(1, Math.max(0, stamp - back + 1), stamp + 1);
  const rows = Int32Array.from(wanted.keys()).filter((row) => wanted[row] === 1);
  const place = new Int32Array(axis.nRows).fill(-1);
  rows.forEach((row, i) => (place[row] = i));
  const read = {
    firstSession: axis.firstSession,
    nRows: rows.length,
    days: rows.map((row) => axis.days[row]!),
    slots: rows.map((row) => axis.slots[row]!),
  };
  return { read, place };
}

/** Membership in force on a row; null before the first stamp. */
export function membershipAt(memberships: readonly Membership[], row: number): Membership | null {
  return memberships.find(({ fromRow, toRow }) => fromRow <= row && row < toRow) ?? null;
}

/**
 * Mask of some securities over an axis, `mask[i * nRows + row]`: 1 where row is outside the membership of its own date. Rows
 * before the first stamp are outside: nobody was chosen yet. `mask` may be given (shared memory).
 */
export function maskOf(
  memberships: readonly Membership[],
  securityIds: readonly number[],
  nRows: number,
  mask: Uint8Array = new Uint8Array(securityIds.length * nRows),
): Uint8Array {
  const index = new Map(securityIds.map((id, i) => [id, i]));
  mask.fill(1);
  for (const { members, fromRow, toRow } of memberships)
    for (const id of members) {
      const i = index.get(id);
      if (i !== undefined) mask.fill(0, i * nRows + fromRow, i * nRows + Math.min(toRow, nRows));
    }
  return mask;
}
