/** `security.history`: closes and returns of a security with its actions, symbols, classifications and chains. */
import type { Columns } from '../contract/methods.ts';
import type { ChainRow, HistoryHeader } from '../contract/results-security.ts';
import { HedgerowError } from '../contract/errors.ts';
import { returnsOfSeries, SPAN, type Panel } from '../workers/panel.ts';
import { lineage, panelFor, panelSettings, seriesIndex, tickerAt } from './engine.ts';
import { basisOf } from './runs.ts';
import { iso, type Session } from './session.ts';

/** Rejects with not_found for a security without prices. */
export async function securityHistory(session: Session, request: { runId?: string | undefined; securityId: number }): Promise<Columns> {
  const { securityId } = request;
  const [basis, { simulated }] = await Promise.all([basisOf(session, request), session.reader.call('state', null)]);
  const { revision, knownAsOf, settings } = basis;
  const panel = await panelFor(session, basis, [securityId]);
  const series = seriesIndex(panel).get(securityId);
  if (series === undefined)
    throw new HedgerowError('not_found', `Security ${securityId} has no prices.`, 'Import its prices, then run again.');
  const { close, adjClose, ...facts } = await session.reader.call('history', {
    revision,
    knownAsOf,
    settings: panelSettings(settings),
    securityId,
  });
  const header: HistoryHeader = {
    lineage: lineage(session, basis, panel, simulated),
    securityId,
    ticker: tickerAt(panel, series, panel.nRows - 1),
    ...facts,
    chains: chainsOf(panel, series),
  };
  return {
    header: { ...header },
    columns: {
      day: Int32Array.from(panel.days),
      close,
      adj_close: adjClose,
      return: returnsOfSeries(panel, series).slice(),
    },
  };
}

/** Stretches with the same names, the last day included; stretches that only differ in what is behind a name are one. */
function chainsOf(panel: Panel, series: number): ChainRow[] {
  const out: ChainRow[] = [];
  for (let p = panel.planStart[series]!; p < panel.planStart[series + 1]!; p++) {
    const [from, to] = [panel.plan[p * SPAN]!, panel.plan[p * SPAN + 1]!];
    if (to <= from) continue;
    const { market, sector, subsector, sectorName, industryName } = panel.chains[panel.plan[p * SPAN + 5]!]!;
    const row = { from: iso(panel.days[from]!), to: iso(panel.days[to - 1]!), market, sector, subsector, sectorName, industryName };
    const last = out.at(-1);
    if (
      last &&
      [last.market, last.sector, last.subsector, last.sectorName, last.industryName].join() ===
        [market, sector, subsector, sectorName, industryName].join()
    )
      out[out.length - 1] = { ...last, to: row.to };
    else out.push(row);
  }
  return out;
}
