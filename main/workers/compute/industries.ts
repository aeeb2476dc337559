/** Who is in an industry, for estimators that shrink slopes towards it (MODEL.md 4). */
import { createSchedule, type Peer, type PeerGroup, type SpanPeers } from '../../quant/robust/index.ts';
import { lastRowOf, SPAN, type Panel } from '../panel.ts';

export interface Industries {
  /** Series of the industry of a plan span that are not the span's own; empty without an industry. */
  members(span: number): readonly number[];
  /** The industry of a plan span for the rows from `row` on, on the arrays that `returns` answers for a series; undefined without one. */
  peers(
    span: number,
    series: number,
    row: number,
    returns: (series: number, row: number) => { key: string; values: Float64Array },
  ): SpanPeers | undefined;
}

/** Groups kept; one is asked for by neighbours in the order of a run. */
const KEPT = 32;

/** Industries of a panel at the refreshes of a schedule. Members of a group share the chain: slopes on other ETFs say nothing. */
export function createIndustries(panel: Panel, refresh: 'daily' | 'month-end'): Industries {
  const { plan, nRows, firstSession } = panel;
  const schedule = createSchedule({ firstSession, nRows }, refresh);
  const months = createSchedule({ firstSession, nRows }, 'month-end');
  const groups = new Map<string, Set<number>>();
  const names = new Map<number, string | null>();
  panel.series.forEach((_, series) => {
    for (let p = panel.planStart[series]!; p < panel.planStart[series + 1]!; p++) {
      const name = nameOf(p);
      names.set(p, name);
      if (name === null) continue;
      const group = groups.get(name);
      if (group) group.add(series);
      else groups.set(name, new Set([series]));
    }
  });
  const kept = new Map<string, PeerGroup>();
  const weights = new Map<number, Float64Array>();

  function nameOf(span: number): string | null {
    const { scheme, industryName } = panel.chains[plan[span * SPAN + 5]!]!;
    return industryName === null ? null : JSON.stringify([...plan.subarray(span * SPAN + 2, span * SPAN + 5), scheme, industryName]);
  }

  const unmasked = (series: number, row: number): boolean => panel.mask === undefined || panel.mask[series * nRows + row] === 0;

  const unmaskedOf = (series: number): Uint8Array => Uint8Array.from(schedule.rows, (row) => (unmasked(series, row) ? 1 : 0));

  /** log(capitalisation + 1) at the last month end of each refresh; 0 without one. */
  function weightOf(series: number): Float64Array {
    let weight = weights.get(series);
    if (weight) return weight;
    weight = Float64Array.from(schedule.rows, (row) => {
      const month = months.carried[row]!;
      const cap = month < 0 ? NaN : panel.caps![series * months.rows.length + month]!;
      return cap > 0 ? Math.log(cap + 1) : 0;
    });
    weights.set(series, weight);
    return weight;
  }

  /** Refreshes at which a series is of the industry and unmasked. */
  function memberOf(series: number, name: string): Uint8Array {
    const member = new Uint8Array(schedule.rows.length);
    for (let p = panel.planStart[series]!; p < panel.planStart[series + 1]!; p++) {
      if (names.get(p) !== name) continue;
      schedule.rows.forEach((row, i) => {
        if (plan[p * SPAN]! <= row && row < plan[p * SPAN + 1]! && unmasked(series, row)) member[i] = 1;
      });
    }
    return member;
  }

  return {
    members(span) {
      const name = names.get(span) ?? null;
      return name === null ? [] : [...groups.get(name)!];
    },
    peers(span, series, row, returns) {
      const name = names.get(span) ?? null;
      if (name === null) return undefined;
      const members = [...groups.get(name)!];
      const views = members.map((one) => returns(one, row));
      const key = `${name}|${views.map((view) => view.key).join()}`;
      let group = kept.get(key);
      if (!group) {
        const peers = members.map((one, j): Peer => ({
          r: views[j]!.values,
          lastRow: lastRowOf(panel, one),
          member: memberOf(one, name),
          unmasked: unmaskedOf(one),
          weight: weightOf(one),
        }));
        group = { peers };
        if (kept.size >= KEPT) kept.delete(kept.keys().next().value!);
        kept.set(key, group);
      }
      // As if the chain had always held: the security counts as one of the industry wherever it is not masked.
      return { group, own: members.indexOf(series), member: unmaskedOf(series), weight: weightOf(series) };
    },
  };
}
