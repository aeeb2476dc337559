/** A universe chosen at each month end against today's list applied to the past: who differs, and what that does to mean returns. */
import { formatIsoDay, parseIsoDay, type EpochDay } from '../../contract/units.ts';
import { returnsOfSeries, type Panel } from '../../workers/panel.ts';
import { panelFor } from '../engine.ts';
import { completeSettings } from '../settings.ts';
import { getUniverse } from '../universe.ts';
import { matrixLines } from './listings.ts';
import { cut, type ModernMaster } from './modern-master.ts';

export interface BiasYear {
  readonly year: string;
  readonly sessions: number;
  /** Mean members a day, and of the point-in-time members how many today's list has not. */
  readonly members: number;
  readonly notOnTodaysList: number;
  /** Equal-weighted return of a day, averaged over the sessions, times 252. */
  readonly pointInTime: number;
  readonly todaysList: number;
  readonly difference: number;
}

/** Imports capitalisations and today's members as a list; both masks through the ordinary panel. `name`: such as `mc_500`. */
export async function universeBias(master: ModernMaster, wanted: (ticker: string) => boolean, name: string): Promise<BiasYear[]> {
  const { session, give } = master;
  await give('caps.csv', cut('modern_market_cap_monthly.csv.gz', wanted), { kind: 'market_cap' });
  const now = await getUniverse(session, { name, date: '2026-07-31' });
  await give('todays-list.csv', ['ticker', ...now.members.map((member) => member.ticker), ''].join('\n'));
  const { revision } = await session.reader.call('state', null);
  const panel = (universe: string): Promise<Panel> =>
    panelFor(
      session,
      { runId: '', settings: completeSettings({ returns: 'raw', universe }), knownAsOf: parseIsoDay('2026-08-01')!, revision },
      null,
    );
  const dated = await panel(name);
  const fixed = await panel('todays-list');
  const { nRows, days } = dated;
  const returns = dated.series.map((_, i) => returnsOfSeries(dated, i));
  const sums = new Map<string, { sessions: number; members: number; others: number; dated: number; fixed: number }>();
  for (let row = 0; row < nRows; row++) {
    let [inside, other, sumDated, nDated, sumFixed, nFixed] = [0, 0, 0, 0, 0, 0];
    dated.series.forEach((_, i) => {
      const at = i * nRows + row;
      const [a, b, value] = [dated.mask![at] === 0, fixed.mask![at] === 0, returns[i]![row]!];
      if (a) {
        inside++;
        if (!b) other++;
      }
      if (Number.isNaN(value)) return;
      if (a) [sumDated, nDated] = [sumDated + value, nDated + 1];
      if (b) [sumFixed, nFixed] = [sumFixed + value, nFixed + 1];
    });
    if (nDated === 0 || nFixed === 0) continue;
    const year = formatIsoDay(days[row]! as EpochDay).slice(0, 4);
    const held = sums.get(year) ?? { sessions: 0, members: 0, others: 0, dated: 0, fixed: 0 };
    held.sessions++;
    held.members += inside;
    held.others += other;
    held.dated += sumDated / nDated;
    held.fixed += sumFixed / nFixed;
    sums.set(year, held);
  }
  return [...sums].map(([year, { sessions, members, others, dated: own, fixed: theirs }]) => ({
    year,
    sessions,
    members: members / sessions,
    notOnTodaysList: others / sessions,
    pointInTime: (own / sessions) * 252,
    todaysList: (theirs / sessions) * 252,
    difference: ((theirs - own) / sessions) * 252,
  }));
}

/** Tickers that were among the `count` largest capitalisations at any month end of the set. */
export function largestEver(count: number): Set<string> {
  const { header, lines } = matrixLines('modern_market_cap_monthly.csv.gz');
  const caps = [...lines].map(([ticker, line]) => ({ ticker, cells: line.split(',').slice(1).map(Number) }));
  const months = header.split(',').length - 1;
  return new Set(
    Array.from({ length: months }, (_, month) =>
      [...caps]
        .sort((a, b) => (b.cells[month] ?? 0) - (a.cells[month] ?? 0))
        .slice(0, count)
        .map((one) => one.ticker),
    ).flat(),
  );
}
