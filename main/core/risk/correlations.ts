/** `corr`: gross and residual returns of a security or of the book against those of others. */
import type { CorrelationView } from '../../contract/results-risk.ts';
import { HedgerowError } from '../../contract/errors.ts';
import { correlation, type Period } from '../../quant/attribution/index.ts';
import { F } from '../../quant/cascade/index.ts';
import type { Panel } from '../../workers/panel.ts';
import { fieldsOf, lineage, panelFor, returnsOf, rowOf, seriesIndex, type RunBasis } from '../engine.ts';
import { basisOf } from '../runs.ts';
import { dayGiven, iso, type Hooks, type Session } from '../session.ts';
import { bookParts } from './attribution.ts';

export interface CorrelationRequest {
  readonly runId?: string | undefined;
  /** ISO day: what the run would have said with what was known then. */
  readonly knownAsOf?: string | undefined;
  /** A security; without one, the book. */
  readonly ticker?: string | undefined;
  /** Any imported series, style and macro ETFs included. */
  readonly with: readonly string[];
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Of the book. */
  readonly snapshotId?: number | undefined;
  readonly account?: string | undefined;
  readonly weights?: 'frozen' | 'dated' | undefined;
}

/** Gross return and the ex-ante residual of each level, over rows [from, to). */
interface Ours {
  readonly subject: string;
  readonly netShort: boolean;
  readonly period: Period;
  readonly columns: readonly Float64Array[];
}

const NAMES = ['gross', 'residual L1', 'residual L2', 'residual L3'] as const;
const FIELDS = ['returns_gross', 'l1_rr', 'l2_rr', 'l3_rr'];

/**
 * Over the window of the run that ends at `to`, unless `from` says otherwise. Rejects with not_found for an unknown ticker or without
 * holdings, usage for a period without sessions.
 */
export async function correlations(session: Session, request: CorrelationRequest, hooks: Hooks = {}): Promise<CorrelationView> {
  const basis = await basisOf(session, request);
  const { simulated } = await session.reader.call('state', null);
  const names = [...(request.ticker === undefined ? [] : [request.ticker]), ...request.with];
  const ids: number[] = [];
  for (const ticker of names) {
    const id = await session.reader.call('resolve', { revision: basis.revision, knownAsOf: basis.knownAsOf, ticker, day: null });
    if (id === null) throw new HedgerowError('not_found', `No security is called ${ticker}.`, 'Check its spelling, or import its prices.');
    ids.push(id);
  }
  const panel = await panelFor(session, basis, ids, hooks);
  const index = seriesIndex(panel);
  const series = ids.map((id, i) => {
    const found = index.get(id);
    if (found === undefined) throw new HedgerowError('not_found', `${names[i]} has no prices.`, 'Import its prices, then run again.');
    return found;
  });
  const period = periodOf(panel, basis, request);
  const ours =
    request.ticker === undefined
      ? await ofBook(session, basis, panel, period, request, hooks)
      : await ofSecurity(session, basis, panel, series[0]!, period, request.ticker);
  const others = await returnsOf(session, panel, basis.settings, series.slice(-request.with.length), period.to - 1, period.from, period.to);
  return {
    lineage: lineage(session, basis, panel, simulated),
    ticker: ours.subject,
    netShort: ours.netShort,
    from: iso(panel.days[period.from]!),
    to: iso(panel.days[period.to - 1]!),
    rows: request.with.flatMap((other, i) =>
      NAMES.map((name, k) => ({ with: other, series: name, ...correlation(ours.columns[k]!, others[i]!) })),
    ),
  };
}

function periodOf(panel: Panel, basis: RunBasis, request: CorrelationRequest): Period {
  const last = rowOf(panel, request.to);
  let first = Math.max(0, last - basis.settings.window + 1);
  if (request.from !== undefined) {
    const day = dayGiven(request.from, 'from');
    for (first = 0; first <= last && panel.days[first]! < day;) first++;
  }
  if (first > last) throw new HedgerowError('usage', 'There is no session in that period.', 'Choose a longer one.');
  return { from: first, to: last + 1 };
}

async function ofSecurity(session: Session, basis: RunBasis, panel: Panel, series: number, period: Period, subject: string): Promise<Ours> {
  const indexes = FIELDS.map((wire) => F[wire]!);
  const { values } = await fieldsOf(session, panel, basis.settings, [series], indexes, period.from, period.to);
  const rows = period.to - period.from;
  return { subject, netShort: false, period, columns: NAMES.map((_, k) => values.subarray(k * rows, (k + 1) * rows)) };
}

/** The book's weighted daily parts: what is left of its return after each layer. */
async function ofBook(
  session: Session,
  basis: RunBasis,
  panel: Panel,
  period: Period,
  request: CorrelationRequest,
  hooks: Hooks,
): Promise<Ours> {
  const { snapshotId, account, weights, runId, knownAsOf } = request;
  const day = (row: number): string => iso(panel.days[row]!);
  const { book, netShort } = await bookParts(
    session,
    basis,
    {
      runId,
      knownAsOf,
      snapshotId,
      account,
      weights,
      from: day(period.from),
      // A last day that nobody asked for does not leave out holdings that came after it.
      to: request.to,
    },
    hooks,
  );
  const after = (...layers: readonly Float64Array[]): Float64Array =>
    book.gross.map((gross, t) => layers.reduce((left, layer) => left - layer[t]!, gross));
  const { gross, market, sector, subsector } = book;
  return { subject: 'book', netShort, period, columns: [gross, after(market), after(market, sector), after(market, sector, subsector)] };
}
