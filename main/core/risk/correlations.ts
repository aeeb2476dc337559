/** `corr`: gross and residual returns of a security against those of others. */
import type { CorrelationView } from '../../contract/results-risk.ts';
import { HedgerowError } from '../../contract/errors.ts';
import { correlation } from '../../quant/attribution/index.ts';
import { F } from '../../quant/cascade/index.ts';
import { fieldsOf, lineage, panelFor, returnsOf, rowOf, seriesIndex } from '../engine.ts';
import { basisOf } from '../runs.ts';
import { dayGiven, iso, type Session } from '../session.ts';

export interface CorrelationRequest {
  readonly runId?: string | undefined;
  /** ISO day: what the run would have said with what was known then. */
  readonly knownAsOf?: string | undefined;
  readonly ticker: string;
  /** Any imported series, style and macro ETFs included. */
  readonly with: readonly string[];
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

const OURS = [
  ['gross', 'returns_gross'],
  ['residual L1', 'l1_rr'],
  ['residual L2', 'l2_rr'],
  ['residual L3', 'l3_rr'],
] as const;

/** Over the window of the run that ends at `to`, unless `from` says otherwise. Rejects with not_found for an unknown ticker. */
export async function correlations(session: Session, request: CorrelationRequest): Promise<CorrelationView> {
  const basis = await basisOf(session, request);
  const { simulated } = await session.reader.call('state', null);
  const ids: number[] = [];
  for (const ticker of [request.ticker, ...request.with]) {
    const id = await session.reader.call('resolve', { revision: basis.revision, knownAsOf: basis.knownAsOf, ticker, day: null });
    if (id === null) throw new HedgerowError('not_found', `No security is called ${ticker}.`, 'Check its spelling, or import its prices.');
    ids.push(id);
  }
  const panel = await panelFor(session, basis, ids);
  const index = seriesIndex(panel);
  const series = ids.map((id, i) => {
    const found = index.get(id);
    if (found === undefined)
      throw new HedgerowError('not_found', `${[request.ticker, ...request.with][i]} has no prices.`, 'Import its prices, then run again.');
    return found;
  });
  const last = rowOf(panel, request.to);
  let first = Math.max(0, last - basis.settings.window + 1);
  if (request.from !== undefined) {
    const day = dayGiven(request.from, 'from');
    for (first = 0; first <= last && panel.days[first]! < day;) first++;
  }
  if (first > last) throw new HedgerowError('usage', 'There is no session in that period.', 'Choose a longer one.');
  const block = await fieldsOf(
    session,
    panel,
    basis.settings,
    [series[0]!],
    OURS.map(([, wire]) => F[wire]!),
    first,
    last + 1,
  );
  const others = await returnsOf(session, panel, basis.settings, series.slice(1), last, first, last + 1);
  const rows = last + 1 - first;
  return {
    lineage: lineage(session, basis, panel, simulated),
    ticker: request.ticker,
    from: iso(panel.days[first]!),
    to: iso(panel.days[last]!),
    rows: request.with.flatMap((other, i) =>
      OURS.map(([name], f) => ({ with: other, series: name, ...correlation(block.values.subarray(f * rows, (f + 1) * rows), others[i]!) })),
    ),
  };
}
