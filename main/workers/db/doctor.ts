/** A look of the doctor: every security's prices and actions, the master data, the holdings; what it does to the book. Reads only. */
import { batchesOf, readActions, listSnapshots, type KeyedFinding, type Workspace } from '../../../db/index.ts';
import { HedgerowError } from '../../contract/errors.ts';
import type { BookSessions, CoverageSource } from '../../contract/results-health.ts';
import { formatIsoDay, type EpochDay } from '../../contract/units.ts';
import {
  batchMatters,
  examine,
  gapFindings,
  holeRows,
  lay,
  makeLaid,
  ownGaps,
  type ActionInForce,
  type Diagnosis,
  type Presence,
} from '../../quant/doctor/index.ts';
import { buildActions, groupValue } from '../../quant/returns/actions.ts';
import { returnsAsKnown, type DatedAction, type RowAxis } from '../../quant/returns/index.ts';
import type { TaskContext } from '../rpc.ts';
import { watchBook, type BookWatch } from './doctor-book.ts';
import { currencyMixes, overlappingValidities, provisionalNames, twoOwners, type Noticed } from './doctor-master.ts';
import { coverageOf } from './doctor-coverage.ts';
import { alteredStore } from './doctor-store.ts';
import { FIELDS, FIX_KIND, noSeries, readClosesByBatch, readSeries, type SymbolSeries } from './doctor-series.ts';
import { pricedBook, type PricedBook } from './look-ups.ts';
import { lastChains } from './last-chains.ts';
import { readMaster, type Master } from './master.ts';

export interface LookRequest {
  readonly revision: number;
  readonly knownAsOf: number;
  /** Accounts that are no part of the book. */
  readonly leftOut?: readonly string[];
}

/** Part of a look that is stored with it. */
export interface LookSummary {
  readonly securities: number;
  readonly milliseconds: number;
  readonly snapshotId: number | null;
  readonly bookValue: number | null;
  readonly bookVolatility: number | null;
  /** Absent: of an earlier version. */
  readonly bookSessions?: BookSessions | null;
  /** EpochDays. */
  readonly days: readonly number[];
  readonly coverage: readonly CoverageSource[];
}

export interface Look {
  readonly findings: readonly KeyedFinding[];
  readonly summary: LookSummary;
}

/** What every diagnosis keeps for the screen and for the fix. */
export interface DoctorDetail {
  readonly securityId: number | null;
  readonly advice: string;
  readonly remedy: Diagnosis['remedy'];
  readonly effect: ReturnType<BookWatch['effect']>;
  readonly days: readonly number[];
}

/** Kinds that speak of a security as a whole: their day moves on with the data, so it is no part of the key. */
const ROLLING = new Set([
  'zero_volume',
  'stale',
  'gap',
  'two_companies',
  'after_delisting',
  'action_outside',
  'source_level',
  'jump',
  'market_gap',
]);

export function look(ws: Workspace, request: LookRequest, context: TaskContext): Look {
  const started = performance.now();
  const altered = alteredStore(ws);
  let master: Master;
  try {
    master = readMaster(ws, request.revision, request.knownAsOf);
  } catch (error) {
    if (!(error instanceof HedgerowError) || error.data.code !== 'data') throw error;
    return withoutMarket(error, altered, started);
  }
  const { axis } = master;
  const book = bookNow(ws, request, axis);
  const watch = watchBook(book);
  const { seen, coverage } = examineAll(ws, request, master, watch, context);
  context.progress(0.92, 'comparing days');
  watch.finish();

  const holes = holeRows(
    seen.flatMap(({ presence }) => presence ?? []),
    axis.nRows,
  );
  const holeSet = new Set(holes.map(({ row }) => row));
  const usedBy = chainUse(master, request.knownAsOf, seen);
  const findings: KeyedFinding[] = [];
  for (const { securityId, ticker, presence, diagnoses, gaps } of seen) {
    const own = presence ? ownGaps(presence.gaps, holeSet) : [];
    const market = securityId === master.etfSecurity.get(master.marketCode);
    // Every gap of the market ETF takes the market return from everybody, also on a day that is a hole for others.
    const told = market ? marketGap(presence?.gaps ?? [], ticker, axis) : gaps(own);
    for (const diagnosis of [...diagnoses, ...told])
      findings.push(keyed(securityId, ticker, diagnosis, axis, watch, usedBy.get(securityId) ?? 0));
  }
  for (const { row, missing, inside } of holes)
    findings.push(
      noticed(
        {
          severity: missing > inside / 2 ? 'warning' : 'info',
          code: 'source_gap',
          subject: 'all',
          day: axis.days[row]!,
          message: `${missing} of ${inside} securities with prices around have none on this day; their returns of this day and the next are missing.`,
          advice: 'Import the day again if the source has it now.',
        },
        watch,
        axis,
      ),
    );
  const others = [
    ...altered,
    ...provisionalNames(ws, master, request.revision, new Set(seen.map(({ securityId }) => securityId))),
    ...twoOwners(ws, master, request.revision),
    ...overlappingValidities(ws, master, request.revision),
    ...currencyMixes(ws, master, book),
  ];
  for (const one of others) findings.push(noticed(one, watch, axis));
  return {
    findings: unique(findings),
    summary: {
      securities: seen.length,
      milliseconds: performance.now() - started,
      snapshotId: watch.snapshotId,
      bookValue: watch.value,
      bookVolatility: watch.volatility,
      bookSessions: watch.sessions,
      days: [...axis.days],
      coverage,
    },
  };
}

/** Sessions without a price of the market ETF (MODEL.md 1). */
function marketGap(gaps: Presence['gaps'], ticker: string, axis: RowAxis): Diagnosis[] {
  const rows = gaps.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + i));
  if (rows.length === 0) return [];
  const listed = rows.slice(0, 8).map((row) => formatIsoDay(axis.days[row]! as EpochDay));
  const more = rows.length > listed.length ? ` and ${rows.length - listed.length} more` : '';
  return [
    {
      code: 'market_gap',
      severity: 'warning',
      row: rows[0]!,
      rows,
      message: `no price on ${rows.length} session${rows.length > 1 ? 's' : ''}: ${listed.join(', ')}${more}. The market return is missing there, and with it every level.`,
      advice: `Import the prices of ${ticker} on these days.`,
      remedy: null,
      asIs: NaN,
      fixed: NaN,
      sharesFactor: 1,
    },
  ];
}

function withoutMarket(error: HedgerowError, altered: readonly Noticed[], started: number): Look {
  const one: Noticed = {
    severity: 'warning',
    code: 'no_market',
    subject: 'market',
    day: null,
    message: error.data.message,
    advice: error.data.action,
  };
  const summary = { securities: 0, milliseconds: performance.now() - started, snapshotId: null, bookValue: null, bookVolatility: null };
  const findings = [...altered, one].map((each) => noticed(each, watchBook(null), null));
  return { findings, summary: { ...summary, days: [], coverage: [] } };
}

function bookNow(ws: Workspace, { revision, knownAsOf, leftOut }: LookRequest, axis: RowAxis): PricedBook | null {
  if (listSnapshots(ws, revision).length === 0) return null;
  const day = axis.days[axis.nRows - 1]!;
  return pricedBook(ws, {
    revision,
    snapshotId: null,
    snapshotsUntil: null,
    account: null,
    leftOut,
    day,
    knownAsOf,
    schemes: [],
    knowledge: 'strict',
  });
}

interface Seen {
  readonly securityId: number;
  readonly ticker: string;
  readonly diagnoses: readonly Diagnosis[];
  readonly presence: Presence | null;
  /** Findings of the security's own gaps, told when everybody's are known. */
  gaps(own: readonly Presence['gaps'][number][]): Diagnosis[];
}

function examineAll(
  ws: Workspace,
  { revision, knownAsOf }: LookRequest,
  master: Master,
  watch: BookWatch,
  context: TaskContext,
): { seen: Seen[]; coverage: CoverageSource[] } {
  const { axis, identities } = master;
  const { nRows } = axis;
  context.progress(0.02, 'reading prices');
  const coverage = coverageOf(ws, revision, axis, context.check);
  const blocks = readSeries(ws, revision, context.check);
  // A repair is on another level than what it repairs: that is no second source.
  const repairs = new Set(batchesOf(ws, FIX_KIND));
  const actions = new Map<number, DatedAction[]>();
  for (const row of readActions(ws, { revision })) {
    const { exDay, type, value, batchId } = row;
    const entry = { exDay, type, value, known: row.knownFrom ?? exDay, order: batchId, batchId };
    const list = actions.get(row.symbolId);
    if (list) list.push(entry);
    else actions.set(row.symbolId, [entry]);
  }

  const [close, adjClose, volume] = [makeLaid(nRows), makeLaid(nRows), makeLaid(nRows)];
  const [served, adjusted, raw] = [new Float64Array(nRows), new Float64Array(nRows), new Float64Array(nRows)];
  const form = { knowledgeDay: knownAsOf, asKnownAt: knownAsOf, knowledge: 'strict' as const };
  const lastDay = axis.days[nRows - 1]!;
  const securities = identities.securities();
  const found = new Map<number, Seen>();
  /** Examines a security; answers false, and does nothing, when its closes are joined and the batch of each matters. */
  const examined = (securityId: number, joined: boolean): boolean => {
    const inputs: SymbolSeries & { actions: DatedAction[] } = { ...noSeries(), actions: [] };
    for (const piece of identities.pieces(securityId)) {
      const entry = blocks.get(piece.symbolId);
      if (entry)
        for (const field of FIELDS)
          for (const block of entry[field]) inputs[field].push({ ...block, fromDay: piece.fromDay, toDay: piece.toDay });
      for (const action of actions.get(piece.symbolId) ?? [])
        if (action.exDay >= piece.fromDay && (action.exDay < piece.toDay || action.type === 'delisting' || action.type === 'merger'))
          inputs.actions.push(action);
    }
    if (inputs.close.length + inputs.adj_close.length + inputs.return.length === 0) return true;
    const overlaps = lay(inputs.close, axis, knownAsOf, close);
    if (joined && batchMatters(close.value, overlaps)) return false;
    lay(inputs.adj_close, axis, knownAsOf, adjClose);
    lay(inputs.volume, axis, knownAsOf, volume);
    const parts = { close: inputs.close, adjClose: inputs.adj_close, returns: inputs.return, actions: inputs.actions };
    returnsAsKnown(parts, axis, { ...form, mode: 'auto' }, served);
    if (inputs.adj_close.length === 0) adjusted.fill(NaN);
    else returnsAsKnown({ ...parts, returns: [], close: [], actions: [] }, axis, { ...form, mode: 'adjusted' }, adjusted);
    if (inputs.close.length === 0) raw.fill(NaN);
    else returnsAsKnown({ ...parts, returns: [], adjClose: [] }, axis, { ...form, mode: 'raw' }, raw);
    if (watch.wanted.has(securityId)) watch.give(securityId, served);
    const patient = {
      axis,
      ticker: identities.tickerOn(securityId, lastDay),
      close: close.value,
      adjClose: adjClose.value,
      volume: volume.value,
      closeBatch: close.batch,
      served,
      adjusted,
      raw,
      actions: actionsInForce(inputs.actions, axis, knownAsOf),
      overlaps: overlaps.filter(({ later }) => !repairs.has(later)),
    };
    const { diagnoses, presence } = examine(patient);
    if (presence === null) return true;
    // The price arrays are used again for the next security: what a gap needs of them is kept.
    const around = presence.gaps.map(({ from, to }) => [from - 1, to] as const);
    const kept = new Map(around.flat().map((row) => [row, [close.value[row]!, adjClose.value[row]!, served[row]!] as const]));
    found.set(securityId, {
      securityId,
      ticker: patient.ticker,
      diagnoses,
      presence,
      gaps: (own) => gapFindings(axis, (row) => firstOf(kept.get(row)), own),
    });
    return true;
  };
  let done = 0;
  const next = (): void => {
    if ((done++ & 63) !== 0) return;
    context.check();
    context.progress(Math.min(0.9, 0.25 + (0.65 * done) / securities.length), 'examining');
  };
  const again = securities.filter((securityId) => (next(), !examined(securityId, true)));
  const symbols = again.flatMap((securityId) => identities.pieces(securityId).map(({ symbolId }) => symbolId));
  readClosesByBatch(ws, revision, new Set(symbols.filter((symbolId) => blocks.has(symbolId))), blocks);
  for (const securityId of again) {
    next();
    examined(securityId, false);
  }
  return { seen: securities.flatMap((securityId) => found.get(securityId) ?? []), coverage };
}

/** Raw close, else adjusted close, else 1 for a return alone. */
function firstOf(prices: readonly [number, number, number] | undefined): number {
  if (!prices) return NaN;
  const [raw, adjusted, given] = prices;
  return raw === raw ? raw : adjusted === adjusted ? adjusted : given === given ? 1 : NaN;
}

function actionsInForce(actions: readonly DatedAction[], axis: RowAxis, knownAsOf: number): ActionInForce[] {
  if (actions.length === 0) return [];
  const { byRow, delistings } = buildActions(actions, axis, knownAsOf);
  const out: ActionInForce[] = [];
  for (const group of [...[...byRow.values()].flat(), ...delistings]) {
    const value = groupValue(group, knownAsOf, false);
    // A voided action (split of 1, cash of 0) is none.
    const none = group.type === 'split' ? value === 1 : group.type !== 'delisting' && group.type !== 'merger' && value === 0;
    if (value !== null && !none) out.push({ exDay: group.exDay, row: group.row, type: group.type, value });
  }
  return out.sort((a, b) => a.exDay - b.exDay);
}

/** How many securities name each ETF in their chain on the last row; counted only when an ETF has a finding. */
function chainUse(master: Master, knownAsOf: number, seen: readonly Seen[]): ReadonlyMap<number, number> {
  const etfs = new Map([...master.etfSecurity].flatMap(([code, id]) => (id === null ? [] : [[id, code] as const])));
  const uses = new Map<number, number>();
  if (!seen.some(({ securityId, diagnoses }) => etfs.has(securityId) && diagnoses.length > 0)) return uses;
  const chains = lastChains(
    master,
    knownAsOf,
    seen.map(({ securityId }) => securityId),
  );
  for (const [securityId, chain] of chains)
    for (const etf of chain) {
      const id = master.etfSecurity.get(etf);
      if (id !== null && id !== undefined && id !== securityId) uses.set(id, (uses.get(id) ?? 0) + 1);
    }
  return uses;
}

function keyed(securityId: number, ticker: string, diagnosis: Diagnosis, axis: RowAxis, watch: BookWatch, usedBy: number): KeyedFinding {
  const { code, severity, row, rows, message, advice, remedy } = diagnosis;
  const day = row >= 0 && row < axis.nRows ? axis.days[row]! : null;
  const days = rows.length > 0 ? rows.map((at) => axis.days[at]!).filter((at) => at !== undefined) : day === null ? [] : [day];
  const effect = watch.effect(securityId, diagnosis, axis.days, usedBy);
  const detail: DoctorDetail = { securityId, advice, remedy, effect, days };
  return {
    key: [code, ticker, ROLLING.has(code) ? `#${securityId}` : day === null ? '' : formatIsoDay(day as EpochDay)].join('/'),
    severity,
    code,
    subject: ticker,
    day: day as EpochDay | null,
    message: code === 'jump' && days.length === 1 ? `${ticker} ${formatIsoDay(day as EpochDay)}: ${message}` : `${ticker}: ${message}`,
    detail,
    days,
  };
}

function noticed(one: Noticed, watch: BookWatch, axis: RowAxis | null): KeyedFinding {
  const { severity, code, subject, day, message, advice, securityId = null } = one;
  const days = one.days ?? (day === null ? [] : [day]);
  const effect = axis ? watch.effect(securityId, null, axis.days, 0) : null;
  const detail: DoctorDetail = { securityId, advice, remedy: null, effect, days };
  return {
    key: [code, subject, day === null ? '' : formatIsoDay(day as EpochDay)].join('/'),
    severity,
    code,
    subject,
    day: day as EpochDay | null,
    message: ['all', 'market', 'many'].includes(subject) ? message : `${subject}: ${message}`,
    detail,
    days,
  };
}

/** Two findings of one key on one day (two accounts, say) are told apart by a number. */
function unique(findings: readonly KeyedFinding[]): KeyedFinding[] {
  const seen = new Map<string, number>();
  return findings.map((one) => {
    const n = (seen.get(one.key) ?? 0) + 1;
    seen.set(one.key, n);
    return n === 1 ? one : { ...one, key: `${one.key}/${n}` };
  });
}
