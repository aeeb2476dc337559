/** `security.open`: a security on a date, its fields, closes and returns through time, its actions, symbols, classifications and chains. */
import type { Columns } from '../contract/methods.ts';
import type { ChainRow, SecurityHeader } from '../contract/results-security.ts';
import { returnsOfSeries, SPAN, type Panel } from '../workers/panel.ts';
import { fieldIndexes, fieldsOf, panelSettings } from './engine.ts';
import { subjectOf, viewOf } from './security.ts';
import { iso, type Session } from './session.ts';

export interface OpenRequest {
  readonly runId?: string | undefined;
  readonly date?: string | undefined;
  readonly securityId: number;
  /** Wire names of fields wanted over all days. */
  readonly fields: readonly string[];
}

/** Rejects with not_found for a security without prices or without a row on the date, and with usage for an unknown field. */
export async function openSecurity(session: Session, request: OpenRequest): Promise<Columns> {
  const { securityId, fields } = request;
  const indexes = fieldIndexes(fields);
  const subject = await subjectOf(session, request);
  const { panel, series, basis } = subject;
  const { revision, knownAsOf, settings } = basis;
  // Three threads at work at once: this one, the one that answers, and the one that reads.
  const [{ close, adjClose, ...facts }, view, { values }] = await Promise.all([
    session.reader.call('history', { revision, knownAsOf, settings: panelSettings(settings), securityId }),
    viewOf(session, subject, request.date),
    fieldsOf(session, panel, settings, [series], indexes, 0, panel.nRows),
  ]);
  const header: SecurityHeader = { view, ...facts, chains: chainsOf(panel, series) };
  const columns: Record<string, Float64Array | Int32Array> = {
    day: Int32Array.from(panel.days),
    close,
    adj_close: adjClose,
    return: returnsOfSeries(panel, series).slice(),
  };
  fields.forEach((wire, i) => (columns[wire] = values.subarray(i * panel.nRows, (i + 1) * panel.nRows)));
  return { header: { ...header }, columns };
}

/** Stretches with the same names, the last day included; stretches that only differ in what is behind a name are one. */
function chainsOf(panel: Panel, series: number): ChainRow[] {
  const out: ChainRow[] = [];
  for (let p = panel.planStart[series]!; p < panel.planStart[series + 1]!; p++) {
    const [from, to] = [panel.plan[p * SPAN]!, Math.min(panel.plan[p * SPAN + 1]!, panel.nRows)];
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
