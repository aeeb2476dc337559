/** What the pre-trade checks want to know of the ETFs to be traded: volumes, the last return, events, shares outstanding. */
import { currentRevision, readActions, readBlocks, readShares, type Workspace } from '../../../db/index.ts';
import { dayOfSession, sessionAtOrBefore, sessionOfDay } from '../../calendar/index.ts';
import { dayOfSlot, formatIsoDay, slotOfDay, type EpochDay, type Slot } from '../../contract/units.ts';
import { readMaster } from './master.ts';

export interface MarketFactsRequest {
  readonly revision: number;
  readonly knownAsOf: number;
  /** ETFs of the map, by code. */
  readonly etfs: readonly string[];
  /** Last day that may be looked at. */
  readonly day: number;
  /** Day whose shares the orders count. */
  readonly sharesOn: number;
  /** Session the orders are for: what takes effect by then matters, however late it was learned. */
  readonly tradeDay: number;
}

export interface MarketFacts {
  /** Mean shares a day over the last 20 sessions with a volume; only ETFs with at least 10. */
  readonly averageVolume: Readonly<Record<string, number>>;
  /** Return of the last session by its closes, a split counted, where those of it and the session before are there. */
  readonly lastReturns: Readonly<Record<string, number>>;
  /** Actions with their ex-date after `day`, or within the 5 days up to it; `counted`: the prices and shares of the orders are of after it. */
  readonly actions: readonly {
    readonly symbol: string;
    readonly type: string;
    readonly day: string;
    readonly value: number;
    readonly counted: boolean;
  }[];
  readonly sharesOutstanding: Readonly<Record<string, number>>;
  /** Kinds of data there are none of for these ETFs. */
  readonly none: readonly ('volume' | 'actions' | 'shares')[];
}

/** Sessions a mean volume is taken over, and how many of them it needs. */
const SESSIONS = 20;
const LEAST = 10;
/** Calendar days that surely hold them. */
const LOOK_BACK = 45;

export function marketFacts(ws: Workspace, request: MarketFactsRequest): MarketFacts {
  const { revision, knownAsOf, day, sharesOn, tradeDay } = request;
  const master = readMaster(ws, revision, knownAsOf);
  const last = Math.min(day, knownAsOf);
  const owner = new Map<number, { readonly etf: string; readonly fromDay: number; readonly toDay: number }[]>();
  for (const etf of request.etfs) {
    const security = master.etfSecurity.get(etf) ?? null;
    if (security === null) continue;
    for (const { symbolId, fromDay, toDay } of master.identities.pieces(security))
      owner.set(symbolId, [...(owner.get(symbolId) ?? []), { etf, fromDay, toDay }]);
  }
  const symbolIds = Int32Array.from(owner.keys()).sort();
  const owners = (symbolId: number, on: number): string[] =>
    (owner.get(symbolId) ?? []).filter(({ fromDay, toDay }) => on >= fromDay && on < toDay).map(({ etf }) => etf);
  const latest = latestValues(ws, request, symbolIds, owners);
  const newest = sessionAtOrBefore(last as EpochDay);
  const recent = [...Array(SESSIONS + 1).keys()].map((back) => newest - back);
  // An action that was imported after the run is no less true.
  const known = readActions(ws, { revision: currentRevision(ws), symbolIds });
  const ofRun = new Set(readActions(ws, { revision, symbolIds }).map(({ batchId }) => batchId));
  const actions = known
    // A day that is only assumed to be known on itself is known as soon as it stands here.
    .filter(
      ({ exDay, knownFrom }) =>
        exDay > day - 5 && (knownFrom === exDay ? -Infinity : (knownFrom ?? -Infinity)) <= Math.max(day, knownAsOf, tradeDay),
    )
    .flatMap(({ symbolId, exDay, type, value, knownFrom, batchId }) =>
      owners(symbolId, exDay).map((symbol) => ({
        ...{ symbol, type, value, day: formatIsoDay(exDay as EpochDay) },
        counted: ofRun.has(batchId) && Math.max(exDay, knownFrom ?? exDay) <= sharesOn,
      })),
    );
  const newestDay = formatIsoDay(dayOfSession(newest));
  const splitOf = (etf: string): number =>
    actions.reduce(
      (all, { symbol, type, day: on, value }) => (symbol === etf && type === 'split' && on === newestDay ? all * value : all),
      1,
    );
  const averageVolume: Record<string, number> = {};
  const lastReturns: Record<string, number> = {};
  for (const etf of request.etfs) {
    const volumes = recent.slice(0, SESSIONS).flatMap((session) => latest.get(`volume ${etf} ${session}`)?.value ?? []);
    if (volumes.length >= LEAST) averageVolume[etf] = volumes.reduce((sum, volume) => sum + volume, 0) / volumes.length;
    // Rule 201 compares closes as quoted, in shares of today; adjusted ones serve where there are no others.
    for (const field of ['adj_close', 'close']) {
      const [now, before] = [recent[0], recent[1]].map((session) => latest.get(`${field} ${etf} ${session}`));
      const split = field === 'close' ? splitOf(etf) : 1;
      if (now && before && before.value > 0) lastReturns[etf] = (split * now.value) / before.value - 1;
    }
  }
  const sharesOutstanding: Record<string, number> = {};
  const shares = readShares(ws, { revision, symbolIds });
  for (const row of shares)
    if ((row.validFrom ?? -Infinity) <= last && (row.validTo ?? Infinity) > last && (row.knownFrom ?? row.validFrom ?? -Infinity) <= last)
      for (const etf of owners(row.symbolId, last)) sharesOutstanding[etf] = row.shares;
  const none: MarketFacts['none'][number][] = [];
  if (Object.keys(averageVolume).length === 0) none.push('volume');
  if (known.length === 0) none.push('actions');
  if (shares.length === 0) none.push('shares');
  return { averageVolume, lastReturns, actions, sharesOutstanding, none };
}

/** Values of the recent sessions up to the day, in the versions known as of the run, as orders are priced; keyed by field, ETF and session. */
function latestValues(
  ws: Workspace,
  { revision, knownAsOf, day }: MarketFactsRequest,
  symbolIds: Int32Array,
  owners: (symbolId: number, on: number) => readonly string[],
): Map<string, { readonly value: number; readonly known: number; readonly order: number }> {
  const last = Math.min(day, knownAsOf);
  const out = new Map<string, { value: number; known: number; order: number }>();
  // A slot is a weekday: as many days back are more than enough.
  const newest = slotOfDay(dayOfSession(sessionAtOrBefore(last as EpochDay)))!;
  const slots = { first: newest - LOOK_BACK, last: newest };
  readBlocks(ws, { fields: ['close', 'adj_close', 'volume'], symbolIds, revision, slots }, (block) => {
    const { values, firstSlot, order } = block;
    for (let i = values.length - 1; i >= (block.anchored ? 1 : 0); i--) {
      const at = dayOfSlot((firstSlot + i) as Slot);
      if (at > last) continue;
      if (at < last - LOOK_BACK) break;
      const value = values[i]!;
      const known = block.known ? block.known[i]! : at;
      const session = sessionOfDay(at);
      if (Number.isNaN(value) || known > knownAsOf || session === null) continue;
      for (const etf of owners(block.symbolId, at)) {
        const key = `${block.field} ${etf} ${session}`;
        const held = out.get(key);
        if (!held || known > held.known || (known === held.known && order >= held.order)) out.set(key, { value, known, order });
      }
    }
  });
  return out;
}
