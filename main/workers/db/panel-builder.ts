/** Builds a panel: reads blocks and master data as of a revision, decides who is who per day, forms returns, resolves chains. */
import { randomUUID } from 'node:crypto';
import { snapshotRead, type Workspace } from '../../../db/index.ts';
import { CALENDAR_VERSION } from '../../calendar/index.ts';
import { withProxy, type EpochReturns, type ReturnEpoch } from '../../quant/returns/index.ts';
import { OPEN, type Panel, type PanelSeries, type PanelSettings } from '../panel.ts';
import type { TaskContext } from '../rpc.ts';
import { readMaster, type Era, type Master } from './master.ts';
import { securityNames } from './names.ts';
import { chainsOf, nameSpans, planOf, proxyPairs, type ProxyPair, type RowRange } from './panel-plan.ts';
import { createTails, setTail, tailOf, type Tails } from './panel-tail.ts';
import { createRooms, roomsFor } from './rooms.ts';
import { formReturns } from './security-inputs.ts';
import { seriesReader, symbolsOf } from './stored-series.ts';
import { monthEndCaps, universeMask } from './universe.ts';

export interface PanelRequest {
  readonly revision: number;
  /** EpochDay K. */
  readonly knownAsOf: number;
  readonly settings: PanelSettings;
  /** Securities wanted; the ETFs of their chains come along. null: all. */
  readonly securities: readonly number[] | null;
}

/** A panel together with what continues it by a day or a correction. */
export interface GrowingPanel {
  readonly request: PanelRequest;
  readonly panel: Panel;
  /** Names and chains of the revision the panel was built at, which have not changed since; axis and actions as now. */
  readonly master: Master;
  /** Securities of the panel, in its order, without the pairs behind them. */
  readonly ids: readonly number[];
  readonly pairs: readonly ProxyPair[];
  /** On the axis that the panel was built on. */
  readonly erasOf: ReadonlyMap<number, readonly Era[]>;
  readonly builtRows: number;
  /** Series that each symbol ever belongs to. */
  readonly owners: ReadonlyMap<number, readonly number[]>;
  /** Only where the panel is of everything. */
  readonly tails: Tails;
  /** Rooms of `panel.returns` in use. */
  readonly used: number;
}

/** Rows and series a panel of everything can take in later; memory that is not touched costs nothing. */
const SPARE_ROWS = 64;
const SPARE_SERIES = 256;
/** So few series are formed before a word about it could be shown. */
const AT_ONCE = 16;

/** One series is formed after the other. */
let scratch = { base: new Float64Array(0), source: new Uint8Array(0) };

/** Builds the panel of a request. */
export const buildPanel = (ws: Workspace, request: PanelRequest, context: TaskContext): GrowingPanel =>
  snapshotRead(ws, () => build(ws, request, context));

function build(ws: Workspace, request: PanelRequest, context: TaskContext): GrowingPanel {
  const { revision, knownAsOf, settings } = request;
  const { knowledge, universe } = settings;
  const all = request.securities === null;
  const master = readMaster(ws, revision, knownAsOf, knowledge);
  const { axis, priced } = master;
  const { nRows, days } = axis;

  const erasOf = new Map<number, readonly Era[]>();
  const hasPrices = (security: number): boolean => {
    const eras = master.erasOf(security);
    const found = eras.some(({ view }) => view.pieces(security).some((piece) => priced.has(piece.symbolId)));
    if (found) erasOf.set(security, eras);
    return found;
  };
  for (const security of request.securities ?? master.history.securities()) hasPrices(security);
  const stretches = new Map([...erasOf].map(([security, eras]) => [security, chainsOf(eras, master, request)]));
  for (const list of stretches.values())
    for (const { securities, proxies } of list)
      for (const etf of [...securities, ...proxies]) if (etf !== null && !erasOf.has(etf)) hasPrices(etf);
  const ids = [...erasOf.keys()].sort((a, b) => a - b);
  const seriesOf = new Map(ids.map((security, i) => [security, i]));
  const pairs = proxyPairs(stretches, seriesOf);
  const count = ids.length + pairs.length;

  const tell = all || ids.length > AT_ONCE ? context.progress : () => undefined;
  tell(0.1, 'reading prices');
  const basis = panelBasis(ws, request);
  const rooms = all ? createRooms(count + SPARE_SERIES, nRows + SPARE_ROWS) : roomsFor(basis, nRows, count);
  const { returns, stride, funds } = rooms;
  const toRead = ids.filter((security) => !funds.has(security));
  const read = seriesReader(
    ws,
    revision,
    master,
    settings.returns,
    all ? null : symbolsOf(toRead.flatMap((id) => erasOf.get(id)!.flatMap(({ view }) => view.pieces(id)))),
  );
  const place = new Int32Array(count);
  /** Puts the returns of series i in a room. */
  const put = (i: number, base: Float64Array): void => {
    place[i] = rooms.used++;
    returns.set(base, place[i]! * stride);
  };
  const lastRow = new Int32Array(new SharedArrayBuffer(Math.max(1, count) * 4)).fill(OPEN);
  const epochs = new Map<number, readonly ReturnEpoch[]>();
  const gone = new Map<number, readonly RowRange[]>();
  if (scratch.base.length !== nRows) scratch = { base: new Float64Array(nRows), source: new Uint8Array(nRows) };
  const tails = createTails(all ? ids.length : 0);
  ids.forEach((security, i) => {
    if ((i & 127) === 0) {
      context.check();
      tell(0.2 + (0.7 * i) / ids.length, 'forming returns');
    }
    const eras = erasOf.get(security)!;
    let fund = funds.get(security);
    if (fund) place[i] = fund.room;
    else {
      const { stored, idle } = read(security, eras);
      const formed = formReturns(master, security, eras, stored, { knownAsOf, knowledge, mode: settings.returns }, scratch);
      put(i, formed.returns.base);
      if (all) setTail(tails, i, tailOf(formed.inputs, axis, idle));
      fund = { room: place[i]!, epochs: formed.returns.epochs, gone: formed.gone };
      if (!all && master.etfs.has(security)) funds.set(security, fund);
    }
    if (fund.epochs.length > 1) epochs.set(i, fund.epochs);
    const last = fund.gone.at(-1);
    if (last?.toRow === nRows) lastRow[i] = last.fromRow - 1;
    if (fund.gone.length) gone.set(security, fund.gone);
  });
  const proxied = new Map<number, number>();
  pairs.forEach((pair, p) => {
    const i = ids.length + p;
    const joined = joinPair(pair, nRows, (security) => {
      const at = place[seriesOf.get(security)!]! * stride;
      return { base: returns.subarray(at, at + nRows), epochs: epochs.get(seriesOf.get(security)!) };
    });
    put(i, joined.base);
    if (joined.epochs.length > 1) epochs.set(i, joined.epochs);
    proxied.set(i, joined.until);
  });

  const { plan, planStart, chains } = planOf(nRows, ids, stretches, gone, seriesOf, pairs, erasOf, request.securities);
  const names = securityNames(ws, revision);
  const series: PanelSeries[] = ids.map((security) => ({
    securityId: security,
    names: nameSpans(master, erasOf.get(security)!, security),
    name: names.get(security) ?? null,
    isEtf: master.etfs.has(security),
  }));
  // No securities of their own: they have no output, and numbers that no security has.
  pairs.forEach(({ etf }, p) => series.push({ ...series[seriesOf.get(etf)!]!, securityId: -1 - p }));
  const panel: Panel = {
    key: randomUUID(),
    basis,
    firstSession: axis.firstSession,
    nRows,
    days,
    series,
    returns,
    stride,
    place,
    epochs,
    plan,
    planStart,
    lastRow,
    chains,
    ...(proxied.size > 0 ? { proxied } : {}),
    ...(universe === undefined ? {} : { mask: universeMask(ws, master, { revision, knownAsOf, knowledge, name: universe }, ids) }),
    ...(settings.caps ? { caps: monthEndCaps(ws, master, { revision, knownAsOf, knowledge }, ids) } : {}),
    dataAsOf: days[nRows - 1]!,
    knownAsOf,
    revision,
  };
  const owners: ReadonlyMap<number, number[]> = all ? ownersOf(ids, erasOf) : new Map();
  return { request, panel, master, ids, pairs, erasOf, builtRows: nRows, owners, tails, used: rooms.used };
}

function ownersOf(ids: readonly number[], erasOf: ReadonlyMap<number, readonly Era[]>): Map<number, number[]> {
  const owners = new Map<number, number[]>();
  ids.forEach((security, i) => {
    for (const { view } of erasOf.get(security)!)
      for (const { symbolId } of view.pieces(security)) {
        const list = owners.get(symbolId);
        if (list === undefined) owners.set(symbolId, [i]);
        else if (!list.includes(i)) list.push(i);
      }
  });
  return owners;
}

interface Held {
  readonly base: Float64Array;
  readonly epochs: readonly ReturnEpoch[] | undefined;
}

/** A fund's returns behind those of its proxy; rows before `until` come from the proxy. */
export function joinPair(
  { etf, proxy }: ProxyPair,
  nRows: number,
  held: (security: number) => Held,
): Held & { readonly epochs: readonly ReturnEpoch[]; readonly until: number } {
  const source = new Uint8Array(nRows);
  const whole = ({ base, epochs }: Held): EpochReturns => ({ base, source, epochs: epochs ?? [oneEpoch(nRows)] });
  const { returns, firstRow } = withProxy(whole(held(etf)), whole(held(proxy)), nRows);
  let until = firstRow;
  while (until > 0 && Number.isNaN(returns.base[until - 1]!)) until--;
  return { base: returns.base, epochs: returns.epochs, until };
}

const oneEpoch = (nRows: number): ReturnEpoch => ({
  fromRow: 0,
  toRow: nRows,
  patchRows: new Int32Array(),
  patchValues: new Float64Array(),
  patchSources: new Uint8Array(),
});

/** Names what decides each return; no two workspaces have one in common. */
export function panelBasis({ dir }: Workspace, { revision, knownAsOf, settings }: PanelRequest): string {
  return JSON.stringify([dir, revision, knownAsOf, settings.knowledge, settings.returns, CALENDAR_VERSION]);
}
