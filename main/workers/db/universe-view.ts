/** `universe NAME`: the members in force on a day, and who was left out why. */
import { seriesExtents, type Workspace } from '../../../db/index.ts';
import { HedgerowError } from '../../contract/errors.ts';
import type { UniverseCounts, UniverseMember, UniverseView } from '../../contract/results-universes.ts';
import { dayOfSlot, formatIsoDay, type EpochDay, type Slot } from '../../contract/units.ts';
import { lowerBound } from '../../quant/returns/index.ts';
import { membershipAt, parseUniverse, SIZE_SOURCE, type Membership } from '../../quant/universe/index.ts';
import { securityNames } from './names.ts';
import { readMaster, RETURN_FIELDS, type Master } from './master.ts';
import { membershipsOf, type UniverseRequest } from './universe.ts';
import { unresolvedNames } from './universe-list.ts';

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
  const list = parseUniverse(name) === null;
  return {
    universe: name,
    date: iso(days[row]!),
    stamped: iso(days[found.stampRow]!),
    sized: iso(days[found.sizedRow]!),
    inForce: { first: iso(days[found.fromRow]!), last: memberships.at(-1) === found ? null : iso(days[found.toRow - 1]!) },
    knownAsOf: iso(knownAsOf),
    revision,
    knowledge,
    counts: list ? listCounts(ws, master, revision, row, found) : rankCounts(found),
    unresolved: list ? unresolvedNames(ws, revision, name, viewAt(master, row), days[row]!) : [],
    members: Array.from(found.members, (securityId, i) => ({
      rank: i + 1,
      securityId,
      ticker: master.identities.tickerOn(securityId, days[row]!),
      name: names.get(securityId) ?? null,
      size: list ? null : found.sizes[i]!,
      source: list ? 'list' : SOURCE_NAME[found.sources[i]!]!,
    })),
  };
}

const viewAt = (master: Master, row: number) => master.views().find(({ fromRow, toRow }) => fromRow <= row && row < toRow)!.view;

const rankCounts = ({ active, ranked, members }: Membership): UniverseCounts => ({
  active,
  inMask: members.length,
  outByValidity: active - ranked,
  outByRank: ranked - members.length,
  notListed: 0,
});

/** Everybody with a series over the day counts as active, and so does whom the list names. */
function listCounts(ws: Workspace, master: Master, revision: number, row: number, found: Membership): UniverseCounts {
  const { active, members } = found;
  const named = new Set(found.named);
  const extents = seriesExtents(ws, { fields: RETURN_FIELDS, revision });
  const day = master.axis.days[row]!;
  const view = viewAt(master, row);
  const { standing } = master.mapAt(row);
  let others = 0;
  for (const security of view.securities()) {
    if (named.has(security) || standing.get(security)?.some(({ fromRow, toRow }) => fromRow <= row && row < toRow)) continue;
    const priced = view.pieces(security).some(({ symbolId, fromDay, toDay }) => {
      const extent = extents.get(symbolId);
      return (
        extent && Math.max(fromDay, dayOfSlot(extent.first as Slot)) <= day && day <= Math.min(toDay - 1, dayOfSlot(extent.last as Slot))
      );
    });
    if (priced) others++;
  }
  return { active: active + others, inMask: members.length, outByValidity: active - members.length, outByRank: 0, notListed: others };
}
