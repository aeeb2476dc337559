/** `attribution`: where the return of a stock or a book came from over a period (MODEL.md 9), ex-ante. */
import type { AttributionView, BridgeParts, NamedParts } from '../../contract/results-risk.ts';
import { HedgerowError } from '../../contract/errors.ts';
import { isModelled } from '../../contract/results.ts';
import { alpha, bridge, residualPath, sumParts, type DailyParts, type Period } from '../../quant/attribution/index.ts';
import type { Panel } from '../../workers/panel.ts';
import { groupBy } from '../../workers/db/group.ts';
import { loadBook, nothingModelled } from '../book.ts';
import { datedBooks, weightedBook, type WeightedLine } from '../dated-books.ts';
import { chainUntil, counted, lineage, onPanel, orNull, panelFor, rowOf, seriesIndex, tickerAt, type RunBasis } from '../engine.ts';
import { basisOf } from '../runs.ts';
import { dayGiven, iso, type Hooks, type Session } from '../session.ts';
import { unpacked } from '../turns.ts';

export interface AttributionRequest {
  readonly runId?: string | undefined;
  /** ISO day: what the run would have said with what was known then. */
  readonly knownAsOf?: string | undefined;
  /** A stock by ticker or id; without one, the book. */
  readonly ticker?: string | undefined;
  readonly securityId?: number | undefined;
  readonly snapshotId?: number | undefined;
  readonly account?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly weights?: 'frozen' | 'dated' | undefined;
  readonly skipMissing?: boolean | undefined;
}

/** Rejects with not_found for an unknown ticker or without holdings, usage for a period without days. */
export async function attribution(session: Session, request: AttributionRequest, hooks: Hooks = {}): Promise<AttributionView> {
  const basis = await basisOf(session, request);
  const { panel, period, book, lines, simulated, uncoveredModelled: _, ...subject } = await subjectParts(session, basis, request, hooks);
  const named = { ...subject, uncovered: meanOf(subject.uncovered) };
  return view(session, basis, panel, simulated, period, request.skipMissing === true, named, book, lines);
}

export const meanOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Rows [from, to) of a period; default: the year to the last day. */
function periodOf(panel: Panel, { from, to }: AttributionRequest): Period {
  const last = rowOf(panel, to);
  const start = from ?? `${iso(panel.days[last]!).slice(0, 4)}-01-01`;
  const day = dayGiven(start, 'from');
  let first = 0;
  while (first < panel.nRows && panel.days[first]! < day) first++;
  if (first > last)
    throw new HedgerowError('usage', `There is no session from ${start} to ${iso(panel.days[last]!)}.`, 'Choose a longer period.');
  return { from: first, to: last + 1 };
}

/** Daily parts of a stock over a period. */
async function stockParts(session: Session, basis: RunBasis, request: AttributionRequest): Promise<SubjectParts> {
  const { ticker = `Security ${request.securityId}` } = request;
  const id =
    request.securityId ??
    (await session.reader.call('resolve', { revision: basis.revision, knownAsOf: basis.knownAsOf, ticker, day: null }));
  if (id === null) throw new HedgerowError('not_found', `No security is called ${ticker}.`, 'Check its spelling.');
  const panel = await panelFor(session, basis, [id]);
  const series = seriesIndex(panel).get(id);
  if (series === undefined) throw new HedgerowError('not_found', `${ticker} has no prices.`, 'Import its prices, then run again.');
  const period = periodOf(panel, request);
  const worker = session.answering;
  const book = await onPanel(worker, panel, basis.settings, (key) => worker.call('parts', { key, series, ...period }));
  const { simulated } = await session.reader.call('state', null);
  return {
    subject: tickerAt(panel, series, period.to - 1),
    weights: null,
    weightBase: null,
    netShort: false,
    unvalued: 0,
    noSectorEtf: chainUntil(panel, series, period.to)?.sector === null,
    panel,
    period,
    book,
    lines: [],
    uncovered: new Float64Array(period.to - period.from),
    uncoveredModelled: new Float64Array(period.to - period.from),
    simulated,
  };
}

/** Daily parts of what a request names, and what it is. */
export interface SubjectParts extends BookParts {
  readonly subject: string;
  readonly weights: AttributionView['weights'];
}

/** Of a stock, or without one of the book. Rejects like `attribution`. */
export async function subjectParts(session: Session, basis: RunBasis, request: AttributionRequest, hooks: Hooks): Promise<SubjectParts> {
  if (request.ticker !== undefined || request.securityId !== undefined) return stockParts(session, basis, request);
  return { ...(await bookParts(session, basis, request, hooks)), subject: 'book', weights: request.weights ?? 'frozen' };
}

/** A position of the period with its place at the end of it. */
interface Line {
  readonly name: string;
  readonly place: { readonly sector: string; readonly subsector: string };
  /** Null where no day has every part. */
  readonly parts: BridgeParts | null;
}

/** Daily parts of the book over a period, and what its positions add to them. */
export interface BookParts {
  readonly panel: Panel;
  readonly period: Period;
  readonly book: DailyParts;
  readonly lines: readonly Line[];
  /** Share of the weight without every part, per day: of everything held, and of what is modelled alone. */
  readonly uncovered: Float64Array;
  readonly uncoveredModelled: Float64Array;
  readonly weightBase: AttributionView['weightBase'];
  readonly netShort: boolean;
  /** Of the last holdings. */
  readonly unvalued: number;
  readonly noSectorEtf: boolean;
  readonly simulated: boolean;
}

/** Rejects like `attribution`. */
export async function bookParts(session: Session, basis: RunBasis, request: AttributionRequest, hooks: Hooks): Promise<BookParts> {
  const kind = request.weights ?? 'frozen';
  const { snapshotId, account, knownAsOf } = request;
  // A hedge earns and loses too: every held ETF is taken with its slopes.
  const own = { runId: basis.runId, knownAsOf, account, hedgeSleeve: [] };
  const axis = await panelFor(session, basis, []);
  const period = periodOf(axis, request);
  // A last day that nobody asked for does not leave out holdings that came after it.
  const within = { from: iso(axis.days[period.from]!), to: request.to ?? null };
  // Frozen weights are those of the end of the period, dated ones those of the days of the holdings.
  const books =
    kind === 'dated'
      ? await datedBooks(session, own, within, hooks)
      : [weightedBook(await loadBook(session, { ...own, snapshotId, date: request.to }, hooks))];
  if (books.length === 0) throw new HedgerowError('not_found', 'There are no holdings of the book.', 'Import a holdings file.');
  // What was too young for a level on the day of its holdings may come of age before the next ones.
  const counts = ({ role, securityId, weight }: WeightedLine): boolean =>
    isModelled({ role }) || (kind === 'dated' && role === 'unmodelled' && securityId !== null && weight !== null);
  const held = new Map<number, WeightedLine>();
  for (const { lines } of books)
    for (const line of lines) if (counts(line) && (isModelled(line) || !held.has(line.securityId!))) held.set(line.securityId!, line);
  if (held.size === 0) throw nothingModelled();
  const funds = [...held.values()].flatMap(({ fund }) => fund ?? []);
  const panel = await panelFor(session, basis, [...new Set([...held.keys(), ...funds])], hooks);
  const index = seriesIndex(panel);
  const ids = [...held.keys()].filter((id) => index.has(id)).sort((a, b) => a - b);
  const positions = ids.map((id) => {
    const { fund } = held.get(id)!;
    return fund === null ? index.get(id)! : { chain: fund.map((one) => index.get(one)!) };
  });
  const place = new Map(ids.map((id, i) => [id, i]));
  const stretches = books
    .map(({ day, lines }) => {
      const weights = new Map<number, number>();
      const young = new Set<number>();
      let unmodelled = 0;
      for (const line of lines) {
        const at = counts(line) ? place.get(line.securityId!) : undefined;
        if (at !== undefined && line.weight !== null) {
          weights.set(at, (weights.get(at) ?? 0) + line.weight);
          if (!isModelled(line)) young.add(at);
        } else unmodelled += Math.abs(line.weight ?? 0);
      }
      return { from: kind === 'dated' ? panelRow(panel, day) : -1, weights, young, unmodelled };
    })
    .sort((a, b) => a.from - b.from);
  const worker = session.answering;
  const sums = await onPanel(worker, panel, basis.settings, (key) =>
    worker.call(
      'bookParts',
      { key, positions, stretches, drift: kind === 'dated', ...period },
      counted(hooks, positions.length, 'positions'),
    ),
  );
  const parts = await unpacked(sums.parts);
  const chains = ids.map((id) => chainUntil(panel, index.get(id)!, period.to));
  const lines = ids.map((id, i): Line => {
    const chain = chains[i];
    const { role, ticker } = held.get(id)!;
    const place =
      role === 'investment'
        ? { sector: 'held ETFs', subsector: 'held ETFs' }
        : { sector: chain?.sectorName ?? 'no sector', subsector: chain?.industryName ?? 'no subsector' };
    return { name: ticker, place, parts: parts[i]! };
  });
  const { book, uncovered, uncoveredModelled } = sums;
  return {
    panel,
    period,
    book,
    lines,
    uncovered,
    uncoveredModelled,
    weightBase: books.at(-1)!.weightBase,
    netShort: books.some(({ weightBase, net }) => weightBase === 'net' && net < 0),
    unvalued: books.at(-1)!.unpriced,
    noSectorEtf: ids.every((id, i) => held.get(id)!.role !== 'investment' && !chains[i]?.sector),
    simulated: books[0]!.simulated,
  };
}

function panelRow(panel: Panel, day: number): number {
  let row = panel.nRows - 1;
  while (row > 0 && panel.days[row]! > day) row--;
  return row;
}

const NO_PARTS = { market: null, sector: null, subsector: null, residual: null, total: null };

function grouped(lines: readonly Line[], of: (line: Line) => string): NamedParts[] {
  return [...groupBy(lines, of)]
    .map(([name, own]): NamedParts => {
      const found = own.flatMap(({ parts }) => parts ?? []);
      return { name, ...(found.length > 0 ? sumParts(found) : NO_PARTS) };
    })
    .sort((a, b) => Math.abs(b.total ?? 0) - Math.abs(a.total ?? 0));
}

function view(
  session: Session,
  basis: RunBasis,
  panel: Panel,
  simulated: boolean,
  { from, to }: Period,
  skipMissing: boolean,
  subject: Pick<AttributionView, 'subject' | 'weights' | 'weightBase' | 'netShort' | 'uncovered' | 'unvalued' | 'noSectorEtf'>,
  daily: DailyParts,
  lines: readonly Line[],
): AttributionView {
  const { geometric, arithmetic, logLinked, days, missing } = bridge(daily, skipMissing);
  const residual = daily.gross.map((g, t) => g - daily.market[t]! - daily.sector[t]! - daily.subsector[t]!);
  const { path, ...summary } = alpha(residual);
  return {
    lineage: lineage(session, basis, panel, simulated),
    ...subject,
    from: iso(panel.days[from]!),
    to: iso(panel.days[to - 1]!),
    days,
    missing,
    skipped: skipMissing,
    geometric,
    arithmetic,
    logLinked,
    alpha: summary,
    positions: grouped(lines, ({ name }) => name),
    sectors: grouped(lines, ({ place }) => place.sector),
    subsectors: grouped(lines, ({ place }) => place.subsector),
    series: {
      day: Array.from(panel.days.subarray(from, to), iso),
      gross: Array.from(daily.gross, orNull),
      residual: Array.from(residual, orNull),
      cumulativeResidual: Array.from(path),
      bridgeResidual: Array.from(residualPath(daily, skipMissing), orNull),
    },
  };
}
