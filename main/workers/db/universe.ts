/** Memberships of a universe from the store: shares, capitalisations, closes and volumes as of a revision and a knowledge day. */
import type { SeriesField, Workspace } from '../../../db/index.ts';
import { readBlocks, readShares } from '../../../db/index.ts';
import type { SeriesBlock } from '../../quant/returns/index.ts';
import {
  createRanking,
  maskOf,
  parseUniverse,
  type Membership,
  type ShareCount,
  type UniverseOptions,
} from '../../quant/universe/index.ts';
import { ALWAYS } from './identity.ts';
import type { Master } from './master.ts';
import { listMembershipsOf } from './universe-list.ts';

export interface UniverseRequest extends UniverseOptions {
  readonly revision: number;
  /** `mc_500`, `dv_1000` …, or a list of the user's own. */
  readonly name: string;
}

/** What a universe needs of the security master. */
export type UniverseMaster = Pick<Master, 'axis' | 'views'>;

/** Memberships kept: a run and the pages about it ask for the same one again and again. */
const KEPT = 3;
const kept = new Map<string, readonly Membership[]>();

/** Memberships of every month of the axis. `master` is of the same revision and knowledge day. Throws `usage` for an unknown name. */
export function membershipsOf(ws: Workspace, master: UniverseMaster, request: UniverseRequest): readonly Membership[] {
  const { revision, name, knownAsOf, knowledge } = request;
  const { axis } = master;
  const key = JSON.stringify([ws.dir, revision, name, knownAsOf, knowledge, axis.firstSession, axis.nRows]);
  const held = kept.get(key);
  if (held) return held;
  const rule = parseUniverse(name);
  if (!rule) return keep(key, listMembershipsOf(ws, master, request));

  const fields: readonly SeriesField[] = ['close', rule.by === 'mc' ? 'market_cap' : 'volume'];
  const blocks = new Map<string, SeriesBlock[]>();
  readBlocks(ws, { fields, symbolIds: null, revision, joined: true }, (block) =>
    push(blocks, `${block.symbolId}/${block.field}`, { ...block, fromDay: 0, toDay: 0 }),
  );
  const counts = rule.by === 'mc' ? readShares(ws, { revision }) : [];
  // Who is who at a month end is what was known then: a ranking per stretch of rows that sees identities alike.
  const memberships = master.views().flatMap(({ fromRow, toRow, view, map }): Membership[] => {
    const shares = new Map<number, ShareCount[]>();
    for (const row of counts) {
      const security = view.resolveFact(row.symbolId, row.validFrom ?? axis.days[toRow - 1]!);
      if (security !== null) push(shares, security, { ...row, known: row.knownFrom ?? ALWAYS, order: row.batchId });
    }
    const ranking = createRanking(rule, axis, { knownAsOf, knowledge });
    for (const security of view.securities()) {
      const pieces = view.pieces(security);
      const series = (field: SeriesField): SeriesBlock[] =>
        pieces.flatMap(({ symbolId, fromDay, toDay }) =>
          (blocks.get(`${symbolId}/${field}`) ?? []).map((block) => ({ ...block, fromDay, toDay })),
        );
      const candidate = {
        close: series('close'),
        volume: series('volume'),
        marketCap: series('market_cap'),
        shares: shares.get(security) ?? [],
      };
      if (candidate.close.length === 0 && candidate.marketCap.length === 0) continue;
      ranking.add(security, candidate, map.standing.get(security));
    }
    return ranking.memberships().filter(({ stampRow }) => fromRow <= stampRow && stampRow < toRow);
  });
  return keep(key, memberships);
}

function keep(key: string, memberships: readonly Membership[]): readonly Membership[] {
  kept.set(key, memberships);
  while (kept.size > KEPT) kept.delete(kept.keys().next().value!);
  return memberships;
}

/** `mask[i * nRows + row]` in shared memory: 1 where row is outside the membership of its own date. */
export function universeMask(ws: Workspace, master: UniverseMaster, request: UniverseRequest, securityIds: readonly number[]): Uint8Array {
  const { nRows } = master.axis;
  const mask = new Uint8Array(new SharedArrayBuffer(Math.max(1, securityIds.length * nRows)));
  return maskOf(membershipsOf(ws, master, request), securityIds, nRows, mask);
}

/** A universe that nobody is too small for. */
const EVERYBODY = 'mc_99999';

/** Capitalisations of some securities at every month end of the axis, as known then: `caps[i * months + k]`, NaN for none. */
export function monthEndCaps(
  ws: Workspace,
  master: UniverseMaster,
  request: Omit<UniverseRequest, 'name'>,
  securityIds: readonly number[],
): Float64Array {
  const memberships = membershipsOf(ws, master, { ...request, name: EVERYBODY });
  const months = memberships.length;
  const caps = new Float64Array(new SharedArrayBuffer(Math.max(1, securityIds.length * months) * 8)).fill(NaN);
  const index = new Map(securityIds.map((id, i) => [id, i]));
  memberships.forEach(({ members, sizes }, k) =>
    members.forEach((id, j) => {
      const i = index.get(id);
      if (i !== undefined) caps[i * months + k] = sizes[j]!;
    }),
  );
  return caps;
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
