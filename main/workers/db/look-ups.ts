/** Small reads for the screens and the command line. */
import {
  allMeta,
  currentRevision,
  damagedRuns,
  getMeta,
  getRun,
  listBatches,
  listRuns,
  readSecurities,
  runNumbers,
  slotRange,
  storeInfo,
  type BatchRecord,
  type RunRecord,
  type Workspace,
} from '../../../db/index.ts';
import { HedgerowError } from '../../contract/errors.ts';
import type { BatchRow, DamagedRun, SnapshotRow, WorkspaceInfo } from '../../contract/results.ts';
import { dayOfSlot, exactShares, formatIsoDay, type Session } from '../../contract/units.ts';
import { PINNED_RUN } from '../meta-keys.ts';
import { chainSpans, type ChainOptions } from '../../quant/chains/index.ts';
import { canonicalTicker } from '../../importers/symbols.ts';
import { lowerBound, rowAxis } from '../../quant/returns/index.ts';
import { bookLines, type BookLine, type LinesRequest } from './book-lines.ts';
import { holderOf, resolveTicker, search } from './name-look-ups.ts';
import { snapshotsNow } from './remembered.ts';
import { securityNames } from './names.ts';
import { readMaster, type Knowledge, type Master } from './master.ts';
import { isForeign } from './position-value.ts';
import { sharesOfValues, tellsValue, type Worth } from './worth.ts';
import { rememberedQuotes, type PositionEnd, type Quote } from './quotes.ts';
import { editLines, type PositionEdit } from './position-edits.ts';

export { resolveTicker, search };

export const PRICE_FIELDS = ['close', 'adj_close', 'return'] as const;

export function info(ws: Workspace): WorkspaceInfo {
  const store = storeInfo(ws);
  const range = slotRange(ws, { fields: PRICE_FIELDS, revision: store.revision });
  return {
    name: store.name,
    simulated: store.simulated,
    revision: store.revision,
    firstDay: range && formatIsoDay(dayOfSlot(range.first)),
    lastDay: range && formatIsoDay(dayOfSlot(range.last)),
    securities: readSecurities(ws, { revision: store.revision }).length,
    bytes: store.bytes,
    batches: store.batches,
    schemaVersion: store.schemaVersion,
  };
}

export function batchRow(batch: BatchRecord): BatchRow {
  const { batchId, kind, file, source, sha256, importedAt, counts } = batch;
  return {
    batchId,
    kind,
    file,
    source,
    sha256,
    importedAt,
    rows: counts.rows,
    new: counts.new,
    restated: counts.restated,
    undone: batch.undoneRevision !== null,
  };
}

export const batches = (ws: Workspace): BatchRow[] => listBatches(ws).map(batchRow);

export function snapshots(ws: Workspace): SnapshotRow[] {
  return snapshotsNow(ws).map((row) => ({
    snapshotId: row.snapshotId,
    asOf: formatIsoDay(row.asOf),
    source: row.source,
    file: row.file,
    positions: row.positions,
    accounts: row.accounts,
    importedAt: row.importedAt,
  }));
}

/** Stored runs that are what was stored, newest first. */
export const runs = (ws: Workspace): RunRecord[] => listRuns(ws).reverse();

/** A run by id text (`R12`), or the pinned one, or the newest, when none is named. Throws not_found, and `workspace_damaged` of a damaged run. */
export function findRun(ws: Workspace, runId: string | undefined): RunRecord {
  if (runId === undefined) {
    const latest = defaultRun(ws);
    if (latest === null) throw new HedgerowError('not_found', 'There is no run yet.', 'Run the cascade first ("run").');
    return getRun(ws, latest)!;
  }
  return getRun(ws, runNumber(ws, runId))!;
}

/** Number of the run that is meant where none is named: the pinned one, or the newest, damaged or not. */
function defaultRun(ws: Workspace): number | null {
  const numbers = runNumbers(ws).flatMap(({ runId, deletedAt }) => (deletedAt === null ? [runId] : []));
  const pinned = getMeta(ws, PINNED_RUN);
  return numbers.find((number) => number === pinned) ?? numbers.at(-1) ?? null;
}

/** Number of a run by its id text, also of a damaged or deleted one. Throws not_found. */
export function runNumber(ws: Workspace, runId: string): number {
  const [, r, digits] = /^(R?)(\d+)$/.exec(runId) ?? [];
  const found = runNumbers(ws).find((run) => run.runId === Number(digits));
  if (found && r) return found.runId;
  throw new HedgerowError('not_found', `There is no run ${runId}.`, found ? `Name it R${runId}.` : 'List the runs to see their ids.');
}

/** Runs that are not what was stored, newest first. */
export function damaged(ws: Workspace): DamagedRun[] {
  const pinned = getMeta(ws, PINNED_RUN);
  const meant = defaultRun(ws);
  return damagedRuns(ws)
    .reverse()
    .map(({ runId, createdAt, error }) => ({
      damaged: true,
      runId: `R${runId}`,
      createdAt: Number.isNaN(Date.parse(createdAt)) ? null : createdAt,
      message: error.data.message,
      action: error.data.action,
      ...(runId === pinned ? { pinned: true as const } : {}),
      ...(runId === meant ? { meant: true as const } : {}),
    }));
}

export interface WorkspaceState {
  readonly revision: number;
  readonly simulated: boolean;
  readonly meta: Record<string, unknown>;
}

export function state(ws: Workspace): WorkspaceState {
  const meta = allMeta(ws);
  return { revision: currentRevision(ws), simulated: meta.simulated === true, meta };
}

export interface PricedPosition {
  readonly line: number;
  /** Day of the position's own snapshot. */
  readonly asOf: number;
  readonly account: string;
  readonly ticker: string;
  readonly name: string | null;
  readonly securityId: number | null;
  /** Null where the file tells a value and there was no price to turn it into shares. */
  readonly quantity: number | null;
  /** Where the file tells a value: the price that made shares of it. */
  readonly worth: Worth | null;
  readonly currency: string | null;
  readonly disposition: string;
  /** Share, fund, bond, option …; null where nobody noted it. */
  readonly kind: string | null;
  readonly filePrice: number | null;
  readonly fileValue: number | null;
  /** Shares of the book's day for one of the snapshot's: the splits between. */
  readonly splitFactor: number;
  /** Per share of the book's day: a close of before a split is divided by it. */
  readonly price: number | null;
  /** What it was divided by. */
  readonly priceSplit: number;
  readonly priceDay: number | null;
  readonly priceSource: 'close' | 'adjusted' | 'file' | null;
  /** A delisting or merger that came with or after that price. */
  readonly ended: PositionEnd | null;
}

export interface PricedEtf {
  readonly etf: string;
  readonly level: 'market' | 'sector' | 'subsector';
  /** Market ETF of the map; null for the market ETF itself. */
  readonly market: string | null;
  /** Sector ETF above a subsector ETF that is held: the one most chains of the day have above it; null when none has. */
  readonly parent: string | null;
  readonly securityId: number | null;
  /** What it is called on the day known as of, where the map's name means it no more; else null. */
  readonly nameNow: string | null;
  /** Per share of the book's day, as of positions. */
  readonly price: number | null;
  readonly priceDay: number | null;
  readonly priceSource: 'close' | 'adjusted' | null;
}

export interface PricedBook {
  /** The newest of `snapshots`. */
  readonly snapshotId: number;
  /** Its import batch. */
  readonly batchId: number;
  readonly asOf: number;
  readonly source: string;
  readonly file: string;
  /** Every snapshot the positions come from, by date, the newest last. */
  readonly snapshots: readonly BookSnapshot[];
  readonly positions: readonly PricedPosition[];
  readonly etfs: readonly PricedEtf[];
  readonly errorLines: number;
  /** Day whose shares all quantities and prices count: that of the book, or of later holdings. */
  readonly sharesOn: number;
}

interface BookSnapshot {
  readonly snapshotId: number;
  readonly batchId: number;
  readonly asOf: number;
  readonly source: string;
  readonly file: string;
  readonly accounts: readonly string[];
}

export interface BookRequest extends LinesRequest {
  readonly revision: number;
  /** As-of day for prices and identities' knowledge. */
  readonly day: number;
  readonly knownAsOf: number;
  /** Of the run, as for its chains. */
  readonly schemes: readonly string[];
  readonly knowledge: Knowledge;
  /** A scratch copy: quantities in place of the snapshot's; nothing is stored. */
  readonly edits?: readonly PositionEdit[];
}

/**
 * A snapshot with each position resolved at the snapshot's date and priced at the last raw close at or before the day (MODEL.md 10). Holdings and
 * closes are of different days: both are counted in shares of one day, so that a split between them changes no value.
 */
export function pricedBook(ws: Workspace, request: BookRequest): PricedBook {
  const { revision, day, knownAsOf } = request;
  // Holdings are no input of a run: a snapshot imported after it is valued on it.
  const { snapshots: used, lines: stored, errorLines } = bookLines(ws, request);
  const chosen = used.at(-1)!;
  const master = readMaster(ws, revision, knownAsOf);
  const until = Math.min(day, knownAsOf);
  // Of an edit: a name of the as-of day, which the snapshot's file may never have carried.
  const ofTicker = (ticker: string): number | null => resolveTicker(ws, { revision, knownAsOf, ticker, day: null });
  const ofLine = (line: BookLine): number | null => {
    // As known on the day of the book, so that a book of the past is the one of that day.
    if (line.symbolId !== null) return holderOf(master.history.at(until), line, line.asOf);
    return line.line < 0 ? ofTicker(line.ticker) : null;
  };
  const held = editLines(stored, request.edits ?? [], { ofLine, ofTicker });
  const securityOf = held.map(ofLine);
  const etfIds = [...master.etfSecurity];
  const sharesOn = Math.max(until, ...used.map(({ asOf }) => asOf));
  const quotes = rememberedQuotes(
    ws,
    master,
    { revision, knownAsOf },
    until,
    new Set([...securityOf, ...etfIds.map(([, id]) => id)].filter((id): id is number => id !== null)),
  );
  const worths = sharesOfValues(ws, master, { revision, knownAsOf }, until, held, securityOf);
  const names = securityNames(ws, revision);
  const positions = held.map((line, i): PricedPosition => {
    const securityId = securityOf[i]!;
    // Closes here are in dollars: of a line in other money they are another listing's.
    const worth = worths.get(line) ?? null;
    const unpriced = tellsValue(line) && worth === null;
    const quote = securityId === null || isForeign(line) || unpriced ? undefined : quotes.get(securityId);
    const filePrice = line.price === null || (tellsValue(line) && Number(line.price) === 0) ? null : Number(line.price);
    const fileValue = line.marketValue === null ? null : Number(line.marketValue);
    return {
      line: line.line,
      asOf: line.asOf,
      account: line.account,
      ticker: line.ticker,
      name: line.name ?? (securityId === null ? null : (names.get(securityId) ?? null)),
      securityId,
      quantity: tellsValue(line) ? worth && exactShares(worth.shares) : Number(line.quantity ?? 0),
      worth,
      currency: line.currency,
      disposition: line.disposition,
      kind: line.kind,
      filePrice,
      fileValue,
      splitFactor: quote && !line.edited ? quote.splits(line.asOf, sharesOn) : 1,
      price: quote ? priceOn(quote, sharesOn) : filePrice,
      priceSplit: quote?.splits(quote.day, sharesOn) ?? 1,
      priceDay: quote?.price === undefined ? (filePrice === null ? null : line.asOf) : quote.day,
      priceSource: quote?.price === undefined ? (filePrice === null ? null : 'file') : quote.source,
      ended: quote?.ended ?? null,
    };
  });
  const place = etfPlaces(master);
  const owned = new Set(securityOf);
  const isParented = (etf: string, securityId: number | null): boolean =>
    securityId !== null && owned.has(securityId) && place(etf).level === 'subsector';
  const { identities } = master;
  const nameNow = (etf: string, id: number | null): string | null =>
    id === null || identities.resolve({ type: 'ticker', code: canonicalTicker(etf), exchange: '' }, knownAsOf) === id
      ? null
      : identities.tickerOn(id, knownAsOf);
  const parents = etfIds.some(([etf, id]) => isParented(etf, id)) ? sectorEtfs(master, until, request) : null;
  const etfs = etfIds.map(([etf, securityId]): PricedEtf => {
    const quote = securityId === null ? undefined : quotes.get(securityId);
    return {
      etf,
      ...place(etf),
      parent: isParented(etf, securityId) ? (parents?.get(etf) ?? null) : null,
      securityId,
      nameNow: nameNow(etf, securityId),
      price: quote ? priceOn(quote, sharesOn) : null,
      priceDay: quote?.day ?? null,
      priceSource: quote?.source ?? null,
    };
  });
  return {
    snapshotId: chosen.snapshotId,
    batchId: chosen.batchId,
    asOf: chosen.asOf,
    source: chosen.source,
    file: chosen.file,
    snapshots: used.map(({ snapshotId, batchId, asOf, source, file, accounts }) => ({ snapshotId, batchId, asOf, source, file, accounts })),
    positions,
    etfs,
    errorLines,
    sharesOn,
  };
}

const priceOn = (quote: Quote, day: number): number => quote.price / quote.splits(quote.day, day);

type PlaceOf = (etf: string) => Pick<PricedEtf, 'level' | 'market'>;
const places = new WeakMap<Master, PlaceOf>();

/** Level of each ETF of the map; counted once for a master. */
function etfPlaces(master: Master): PlaceOf {
  const known = places.get(master) ?? levelPlaces(master);
  places.set(master, known);
  return known;
}

function levelPlaces(master: Master): PlaceOf {
  const rank = { market: 0, sector: 1, subsector: 2 } as const;
  const levels = new Map<string, PricedEtf['level']>();
  for (const row of master.mapRows) {
    const held = levels.get(row.etf);
    if (held === undefined || rank[row.level] < rank[held]) levels.set(row.etf, row.level);
  }
  return (etf) => {
    const level = levels.get(etf) ?? 'subsector';
    return { level, market: level === 'market' ? null : master.marketCode };
  };
}

/** By subsector ETF, the sector ETF that most chains in force on the day have above it; of equally many the first by name. */
function sectorEtfs(master: Master, day: number, options: ChainOptions): ReadonlyMap<string, string> {
  const { axis, classRows } = master;
  const row = Math.max(0, lowerBound(axis.days, day + 1) - 1);
  const only = rowAxis((axis.firstSession + row) as Session, 1);
  const { index } = master.mapAt(row);
  const votes = new Map<string, Map<string, number>>();
  for (const rows of classRows.values())
    for (const { sector, subsector } of chainSpans(rows, index, only, options)) {
      if (sector === null || subsector === null) continue;
      const of = votes.get(subsector) ?? new Map<string, number>();
      votes.set(subsector, of.set(sector, (of.get(sector) ?? 0) + 1));
    }
  return new Map([...votes].map(([etf, of]) => [etf, [...of].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0]![0]]));
}
