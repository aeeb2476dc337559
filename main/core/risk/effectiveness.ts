/** `effectiveness`: how much less a stock or a book would have varied with its layers hedged, out of sample. */
import type { EffectivenessView, EffectYear, HedgeKey, LayerShares } from '../../contract/results-outcomes.ts';
import { HedgerowError } from '../../contract/errors.ts';
import { cumulativeSquares, effect, hedgedReturns, HEDGES, ROLLING, rollingSaved } from '../../quant/attribution/index.ts';
import { lineage, orNull } from '../engine.ts';
import { basisOf } from '../runs.ts';
import { iso, type Hooks, type Session } from '../session.ts';
import { meanOf, subjectParts, type AttributionRequest } from './attribution.ts';

export type EffectivenessRequest = Omit<AttributionRequest, 'skipMissing'> & {
  /** Per cent of each layer; all of it when left out. */
  readonly layers?: LayerShares | undefined;
};

/** A day on which more of the modelled weight than this has no parts says nothing about the hedge of the book. */
const UNCOVERED = 0.5;

/** Before everything that can be stored. */
const EVER = '1900-01-01';

/** From the first day with every part on, unless a later one is asked for. Rejects like `attribution`; not_found without such a day. */
export async function effectiveness(session: Session, request: EffectivenessRequest, hooks: Hooks = {}): Promise<EffectivenessView> {
  const layers = request.layers ?? { market: 100, sector: 100, subsector: 100 };
  const basis = await basisOf(session, request);
  const found = await subjectParts(session, basis, { ...request, from: request.from ?? EVER }, hooks);
  const { panel, period, simulated, subject, weights } = found;
  const share = { market: layers.market / 100, sector: layers.sector / 100, subsector: layers.subsector / 100 };
  const gross = found.book.gross.map((value, t) => (found.uncoveredModelled[t]! > UNCOVERED ? NaN : value));
  const all = hedgedReturns({ ...found.book, gross }, share);
  const first = all.unhedged.findIndex((value) => !Number.isNaN(value));
  if (first < 0)
    throw new HedgerowError(
      'not_found',
      `No day of the period has factor parts for ${weights === null ? subject : 'the book'}.`,
      found.noSectorEtf
        ? 'Without a sector ETF there is a market part alone: import a classification, or give the sectors ETFs in the map, and run again.'
        : 'Choose another period or name: an ETF of the map is a factor itself, a young stock has no exposures yet, and a stock has no parts while an ETF of its chain has no prices (Data health names them).',
    );
  const returns = Object.fromEntries(Object.entries(all).map(([key, series]) => [key, series.subarray(first)])) as typeof all;
  const days = Array.from(panel.days.subarray(period.from + first, period.to), iso);
  const present = returns.unhedged.reduce((count, value) => count + (Number.isNaN(value) ? 0 : 1), 0);
  const squares = Object.fromEntries(Object.entries(returns).map(([key, series]) => [key, cumulativeSquares(series)])) as typeof all;
  const whole = squares.unhedged.at(-1)!;
  const of = <T>(make: (key: HedgeKey) => T): Record<HedgeKey, T> =>
    Object.fromEntries(HEDGES.map((key) => [key, make(key)])) as Record<HedgeKey, T>;
  const cumulative = (key: HedgeKey | 'unhedged'): number[] => Array.from(squares[key], (sum) => (whole === 0 ? 0 : sum / whole));
  return {
    lineage: lineage(session, basis, panel, simulated),
    subject,
    weights,
    layers,
    from: days[0]!,
    to: days.at(-1)!,
    days: present,
    missing: days.length - present,
    uncovered: meanOf(found.uncovered.subarray(first)),
    thin: returns.unhedged.reduce(
      (count, value, t) => count + (!Number.isNaN(value) && found.uncovered[first + t]! > UNCOVERED ? 1 : 0),
      0,
    ),
    unvalued: found.unvalued,
    rolling: ROLLING,
    years: yearsOf(days, returns),
    series: {
      day: days,
      cumulative: { unhedged: cumulative('unhedged'), ...of(cumulative) },
      saved: of((key) => Array.from(rollingSaved(returns.unhedged, returns[key]), orNull)),
    },
  };
}

/** Each calendar year, and the whole period last. */
function yearsOf(days: readonly string[], returns: ReturnType<typeof hedgedReturns>): EffectYear[] {
  const names = [...new Set(days.map((day) => day.slice(0, 4)))];
  const line = (year: string, from: number, to: number): EffectYear => {
    const { days: count, volatility } = effect(returns.unhedged, returns.unhedged, from, to);
    const lines = HEDGES.map((hedge) => {
      const { days: _, ...found } = effect(returns.unhedged, returns[hedge], from, to);
      return { hedge, ...found };
    });
    return { year, days: count, unhedged: volatility, lines };
  };
  return [
    ...names.map((year) =>
      line(
        year,
        days.findIndex((day) => day.startsWith(year)),
        days.findLastIndex((day) => day.startsWith(year)) + 1,
      ),
    ),
    line('all', 0, days.length),
  ];
}
