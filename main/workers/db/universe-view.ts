/** `universe NAME`: the members in force on a day, and who was left out why. */
import type { Workspace } from '../../../db/index.ts';
import { HedgerowError } from '../../contract/errors.ts';
import { formatIsoDay, type EpochDay } from '../../contract/units.ts';
import { lowerBound } from '../../quant/returns/index.ts';
import { membershipAt, SIZE_SOURCE } from '../../quant/universe/index.ts';
import { securityNames } from './names.ts';
import { readMaster } from './master.ts';
import { membershipsOf, type UniverseRequest } from './universe.ts';

export interface UniverseMember {
  readonly rank: number;
  readonly securityId: number;
  /** Ticker and name on the date. */
  readonly ticker: string;
  readonly name: string | null;
  /** Dollars of capitalisation, or mean dollars traded a day. */
  readonly size: number;
  readonly source: keyof typeof SIZE_SOURCE;
}

export interface UniverseView {
  readonly universe: string;
  /** ISO; the session asked for. */
  readonly date: string;
  /** Last session of the month before. */
  readonly stamped: string;
  /** Session whose closes were used: `stamped`, unless nobody had a size on it. */
  readonly sized: string;
  readonly inForce: { readonly first: string; readonly last: string | null };
  readonly knownAsOf: string;
  readonly revision: number;
  readonly knowledge: 'strict' | 'corrected';
  /** At the stamp: securities with a close or a size; members; no valid size; ranked below the last member. */
  readonly counts: { readonly active: number; readonly inMask: number; readonly outByValidity: number; readonly outByRank: number };
  readonly members: readonly UniverseMember[];
}

const iso = (day: number): string => formatIsoDay(day as EpochDay);
const SOURCE_NAME = Object.fromEntries(Object.entries(SIZE_SOURCE).map(([name, id]) => [id, name])) as Record<
  number,
  UniverseMember['source']
>;

/** The universe on the session at or before `day` (null: the last one). Throws `usage` outside the data and before the first month end. */
export function universeView(ws: Workspace, request: UniverseRequest & { readonly day: number | null }): UniverseView {
  const { revision, knownAsOf, knowledge, name } = request;
  const master = readMaster(ws, revision, knownAsOf, knowledge);
  const { days, nRows } = master.axis;
  const memberships = membershipsOf(ws, master, request);
  const row = request.day === null ? nRows - 1 : lowerBound(days, request.day + 1) - 1;
  const lastDay = Math.max(knownAsOf, days[nRows - 1]!);
  if (row < 0 || (request.day ?? 0) > lastDay)
    throw new HedgerowError(
      'usage',
      `${iso(request.day!)} is outside the data (${iso(days[0]!)} to ${iso(days[nRows - 1]!)}).`,
      'Choose a date inside.',
    );
  const found = membershipAt(memberships, row);
  if (!found)
    throw new HedgerowError(
      'usage',
      `The universe ${name} begins after the first month end of the data; ${iso(days[row]!)} is before it.`,
      memberships[0] ? `The first month end is ${iso(days[memberships[0].stampRow]!)}.` : 'Import prices over a month end.',
    );
  const names = securityNames(ws, revision);
  return {
    universe: name,
    date: iso(days[row]!),
    stamped: iso(days[found.stampRow]!),
    sized: iso(days[found.sizedRow]!),
    inForce: { first: iso(days[found.fromRow]!), last: memberships.at(-1) === found ? null : iso(days[found.toRow - 1]!) },
    knownAsOf: iso(knownAsOf),
    revision,
    knowledge,
    counts: {
      active: found.active,
      inMask: found.members.length,
      outByValidity: found.active - found.ranked,
      outByRank: found.ranked - found.members.length,
    },
    members: Array.from(found.members, (securityId, i) => ({
      rank: i + 1,
      securityId,
      ticker: master.identities.tickerOn(securityId, days[row]!),
      name: names.get(securityId) ?? null,
      size: found.sizes[i]!,
      source: SOURCE_NAME[found.sources[i]!]!,
    })),
  };
}
