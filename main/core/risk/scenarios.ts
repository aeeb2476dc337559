/** `scenarios`: profit of a book before and after its hedge, of shocks to ETFs and of past stretches of days. */
import type { LayerShares, Outcome, PastOutcome, ScenarioEtf, ScenariosView } from '../../contract/results-outcomes.ts';
import { HedgerowError } from '../../contract/errors.ts';
import { isModelled } from '../../contract/results.ts';
import { spreadMoves } from '../../quant/risk/index.ts';
import { etfCovariance, mapCodes, type BookRequest } from '../book.ts';
import { lineage, profitsOf, rowOf, seriesIndex } from '../engine.ts';
import { planHedge } from '../hedge.ts';
import { iso, type Hooks, type Session } from '../session.ts';

export interface ScenariosRequest extends BookRequest {
  /** Per cent of each layer to hedge; all of the level when left out. */
  readonly layers?: LayerShares | undefined;
  /** Moves of ETFs, decimals; the market ETF by -10 % when left out. */
  readonly shocks?: readonly { readonly etf: string; readonly move: number }[] | undefined;
  /** Whether the other ETFs move with the shocked ones; default yes. */
  readonly spread?: boolean | undefined;
  readonly stretch?: { readonly from: string; readonly to: string } | undefined;
}

/** Lengths of the worst stretches that are looked for. */
const LENGTHS = [1, 5, 21];
/** Less of the dollars with a return than this says nothing about the book. */
const COVERED = 0.9;

/**
 * Residuals of a shock are taken as nothing: what the layers do is shown. Past stretches are the positions' own returns with today's dollars
 * on each day. Rejects like the hedge; usage for an ETF that is not in the map or a stretch without a session.
 */
export async function scenarios(session: Session, request: ScenariosRequest, hooks: Hooks = {}): Promise<ScenariosView> {
  const { shocks, spread = true, stretch, layers, ...given } = request;
  const asked = { minTrade: 0, ...given, ...(layers ? { layers } : {}) } as Parameters<typeof planHedge>[1];
  const plan = await planHedge(session, asked, undefined, [], hooks);
  const { book, view } = plan;
  const { panel, basis, row, exposure } = book;
  const market = book.priced.etfs.find((etf) => etf.level === 'market')?.etf;
  if (market === undefined) throw new HedgerowError('data', 'The map has no market ETF.', 'Import a map with one, then run again.');
  const stated = new Map((shocks ?? [{ etf: market, move: -0.1 }]).map(({ etf, move }) => [mapCodes(book.etfs, [etf], 'shock')[0]!, move]));
  const codes = [...new Set([...view.legs.map(({ etf }) => etf), ...stated.keys()])].sort();
  const { matrix } = await etfCovariance(session, book, codes);
  const moves = spread
    ? spreadMoves(
        codes.map((code) => stated.get(code) ?? null),
        matrix,
      )
    : codes.map((code) => stated.get(code) ?? 0);
  const legs = new Map(view.legs.map((leg) => [leg.etf, leg]));
  const etfs = codes.map((etf, i): ScenarioEtf => {
    const { before = 0, rounded = 0 } = legs.get(etf) ?? {};
    return { etf, before, after: rounded, move: Number.isNaN(moves[i]!) ? null : moves[i]!, stated: stated.has(etf) };
  });
  const index = seriesIndex(panel);
  const trades = new Map<number, number>();
  for (const { etf, before, after } of etfs) {
    const series = index.get(book.etfs.get(etf)?.securityId ?? -1);
    if (series !== undefined && after !== before) trades.set(series, after - before);
  }
  const held = new Map<number, number>();
  for (const { view: one } of book.held) {
    if (!isModelled(one)) continue;
    const series = index.get(one.securityId!)!;
    held.set(series, (held.get(series) ?? 0) + one.marketValue!);
  }
  const marketSeries = index.get(book.etfs.get(market)?.securityId ?? -1);
  const [own, hedge, factor] = await Promise.all([
    profitsOf(session, panel, basis.settings, held, row),
    profitsOf(session, panel, basis.settings, trades, row),
    profitsOf(session, panel, basis.settings, new Map(marketSeries === undefined ? [] : [[marketSeries, 1]]), row),
  ]);
  const day = (at: number): string => iso(panel.days[at]!);
  const past: PastOutcome[] = [];
  const add = (name: string, from: number, to: number): void =>
    void past.push({ name, from: day(from), to: day(to), sessions: to - from + 1, ...outcomeOf(own, hedge, from, to) });
  /** A stretch that was the worst of several is listed once. */
  const addWorst = (words: string, whose: string, from: number, to: number): void => {
    const same = past.findIndex((one) => one.name.startsWith(words) && one.to === day(to));
    if (same < 0) add(`${words} of ${whose}`, from, to);
    else past[same] = { ...past[same]!, name: `${past[same]!.name}, ${whose}` };
  };
  if (stretch) {
    const to = Math.min(rowOf(panel, stretch.to), row);
    let from = 0;
    while (from <= to && day(from) < stretch.from) from++;
    if (from > to)
      throw new HedgerowError(
        'usage',
        `There is no session from ${stretch.from} to ${stretch.to} that is not after ${day(row)}, the day of the book.`,
        'Choose a longer stretch, or a later day of the book.',
      );
    add('your stretch', from, to);
  }
  const hedged = own.profit.map((profit, t) => profit + hedge.profit[t]!);
  for (const length of LENGTHS) {
    const words = length === 1 ? 'worst day' : `worst ${length} sessions`;
    for (const [whose, profit, trades] of [
      [market, factor.profit, false],
      ['the book', own.profit, false],
      ['the hedged book', hedged, true],
    ] as const) {
      // A fund of the hedge that has no return on a day hides nothing the book lost on it: the hedge of that day is missing, no more.
      const end = worst(profit, length, (t) => own.covered[t]! >= COVERED && (!trades || hedge.covered[t]! === 1));
      if (end !== null) addWorst(words, whose, end - length + 1, end);
    }
  }
  return {
    lineage: lineage(session, basis, panel, book.simulated),
    snapshotId: book.priced.snapshotId,
    date: view.date,
    gross: exposure.gross,
    net: exposure.net,
    coverage: exposure.coverage,
    unvalued: exposure.unpriced,
    layers: layers ?? allOf(request.level ?? 3),
    first: day(0),
    last: day(row),
    etfs,
    market,
    shock: shockOf(etfs),
    past,
  };
}

const allOf = (level: 1 | 2 | 3): LayerShares => ({ market: 100, sector: level >= 2 ? 100 : 0, subsector: level >= 3 ? 100 : 0 });

/** Sum of dollars times moves; an ETF without a known move counts only where its dollars are none. */
function shockOf(etfs: readonly ScenarioEtf[]): Outcome {
  const sum = (dollars: (etf: ScenarioEtf) => number): number | null =>
    etfs.reduce<number | null>((total, etf) => {
      const x = dollars(etf);
      return total === null || (x !== 0 && etf.move === null) ? null : total + x * (etf.move ?? 0);
    }, 0);
  return { before: sum((etf) => etf.before), hedge: sum((etf) => etf.after - etf.before), after: sum((etf) => etf.after) };
}

type Profits = Awaited<ReturnType<typeof profitsOf>>;

/** Null where a hedge ETF, or every position, lacks its return on a day. */
function outcomeOf(own: Profits, hedge: Profits, from: number, to: number): Outcome & { readonly coverage: number } {
  let [before, trades, coverage] = [0, 0, 0];
  for (let t = from; t <= to; t++) {
    before += own.profit[t]!;
    trades += hedge.covered[t]! < 1 ? NaN : hedge.profit[t]!;
    coverage += own.covered[t]!;
  }
  const known = (value: number): number | null => (Number.isNaN(value) ? null : value);
  return { before: known(before), hedge: known(trades), after: known(before + trades), coverage: coverage / (to - from + 1) };
}

/** Last row of the stretch of `length` rows that lost most, all of them usable; null when there is none. */
function worst(profit: Float64Array, length: number, usable: (row: number) => boolean): number | null {
  let [best, end]: [number, number | null] = [Infinity, null];
  let [sum, run] = [0, 0];
  for (let t = 0; t < profit.length; t++) {
    if (Number.isNaN(profit[t]!) || !usable(t)) {
      [sum, run] = [0, 0];
      continue;
    }
    sum += profit[t]!;
    run += 1;
    if (run > length) sum -= profit[t - length]!;
    if (run >= length && sum < best) [best, end] = [sum, t];
  }
  return end;
}
