/** Runs the cascade of one security of a panel: cuts its plan at knowledge epochs and hands the kernel the arrays in force. */
import { F, FLAG, type Chain, type Served, type Span, type Tile } from '../../quant/cascade/index.ts';
import { RETURN_LIMIT } from '../../quant/cascade/sums.ts';
import { enterEpoch } from '../../quant/returns/index.ts';
import { robustPath, type RobustSettings } from '../../quant/robust/index.ts';
import { lastRowOf, NO_PRICES, returnsOfSeries, SPAN, type Panel } from '../panel.ts';
import { createIndustries } from './industries.ts';
import { kernelFor } from './kernels.ts';
import { LATE_CHAINS, shortAxis, shortStage, wholeStage, type CreateKernel, type Returns, type Stage } from './stage.ts';

/** Sessions of a month at most. */
const LONGEST_MONTH = 23;

/** Returns in force and what names them. */
interface View extends Returns {
  readonly key: string;
}

/** Outputs of some rows of a security: field f of row t of the panel is `values[f * nRows + t - start]`. Valid until the next fit of any panel. */
export interface Rows {
  readonly values: Float64Array;
  readonly nRows: number;
  readonly start: number;
}

/** Copies fields over rows [from, to) of the panel, one after the other, to `at`. */
export function copyFields(
  { values, nRows, start }: Rows,
  fields: readonly number[],
  from: number,
  to: number,
  into: Float64Array,
  at: number,
): void {
  for (const field of fields) {
    const first = field * nRows - start;
    // A view costs more than a few numbers.
    if (to - from < 8) for (let row = from; row < to; row++) into[at + row - from] = values[first + row]!;
    else into.set(values.subarray(first + from, first + to), at);
    at += to - from;
  }
}

/** How many funds of a chain count. */
export type Depth = 1 | 2 | 3;

export interface Fitter {
  readonly panel: Panel;
  readonly settings: RobustSettings;
  readonly tile: Tile;
  /**
   * Rows [from, to) of a series by the shortest way: a few late rows need no kernel as long as the history. With a `depth` its chains end
   * after so many funds; slopes are not shrunk then, for its peers have the whole chain.
   */
  rows(series: number, from: number, to: number, depth?: Depth): Rows;
  /**
   * Rows [from, to) of a fund as if it were a security under the funds above it: its slopes are its links. `chain` holds two or three series,
   * from the market down to the fund itself.
   */
  fundRows(chain: readonly number[], from: number, to: number): Rows;
  /** Whether level `level` of a row may have rows that level `deepest` has not: one of the funds between misses a return there. */
  splits(series: number, row: number, level: Depth, deepest: Depth): boolean;
  /** Fills the tile with every row of a series (or only with what rows [from, to) need) and answers it. */
  fit(series: number, from?: number, to?: number): Tile;
  /** Digest of every field of rows [from, to) of the last fit. */
  digest(from: number, to: number): number;
  /** How a row of a series came about. */
  served(series: number, row: number): Served;
  /** Returns of a series as row `row` knows them; a view, not to be changed. */
  returnsAt(series: number, row: number): Float64Array;
}

export function createFitter(
  panel: Panel,
  settings: RobustSettings,
  create: CreateKernel = (axis, tableBytes) => kernelFor(settings, axis, panel.basis, tableBytes),
): Fitter {
  const { nRows, firstSession, plan, stride, place } = panel;
  let none: View | null = null;
  const empty = (): View => (none ??= { key: '-', values: new Float64Array(nRows).fill(NaN), at: 0 });
  const scratch = new Map<string, Float64Array>();
  const industries = settings.shrink === 'vasicek' ? createIndustries(panel, settings.refresh) : null;
  // What holds slopes from refresh to refresh reads further back than a window.
  const windowed = robustPath(settings) === null;
  let all: Stage | null = null;
  let short: Stage | null = null;
  const whole = (): Stage => (all ??= wholeStage(create, firstSession, nRows));

  function stageFor(from: number, to: number): Stage {
    const axis = windowed ? shortAxis(settings.window, firstSession, from, to, nRows) : null;
    if (axis === null) return whole();
    if (short?.start !== axis.start) short = shortStage(create, firstSession, axis.start, axis.length, nRows);
    return short;
  }

  function epochAt(series: number, row: number): number {
    const epochs = panel.epochs.get(series);
    if (!epochs) return 0;
    let at = 0;
    while (at + 1 < epochs.length && epochs[at + 1]!.fromRow <= row) at++;
    return at;
  }

  const viewOf = ({ values, at }: Returns): Float64Array => values.subarray(at, at + nRows);
  const peerReturns = (series: number, row: number): { key: string; values: Float64Array } => {
    const known = view(series, row);
    return { key: known.key, values: viewOf(known) };
  };
  const isLate = (series: number): boolean => series >= 0 && panel.epochs.has(series);

  /** The array of a series in an epoch after its first; built by laying the patches of all epochs up to it over the base. */
  function lateReturns(series: number, epoch: number): View {
    const key = `${series}/${epoch}`;
    let values = scratch.get(key);
    if (!values) {
      const before = scratch.get(`${series}/${epoch - 1}`);
      values = Float64Array.from(before ?? returnsOfSeries(panel, series));
      const epochs = panel.epochs.get(series)!;
      for (let e = before ? epoch : 1; e <= epoch; e++) enterEpoch(epochs[e]!, values);
      if (scratch.size >= LATE_CHAINS) scratch.delete(scratch.keys().next().value!);
      scratch.set(key, values);
    }
    return { key, values, at: 0 };
  }

  /** Returns of a series as known at a row. */
  function returnsKnown(series: number, row: number): Returns {
    const epoch = epochAt(series, row);
    return epoch === 0 ? { values: panel.returns, at: place[series]! * stride } : lateReturns(series, epoch);
  }

  /** The same, named. A fund joined with its proxy is no security, and another one in another panel. */
  function view(series: number, row: number): View {
    if (series === NO_PRICES) return empty();
    const epoch = epochAt(series, row);
    if (epoch > 0) return lateReturns(series, epoch);
    const { securityId } = panel.series[series]!;
    return { key: securityId < 0 ? `${series}/0` : `${securityId}`, ...returnsKnown(series, row) };
  }

  /** The chain of a plan span as known at a row, as deep as asked. */
  function chainOf(stage: Stage, span: number, row: number, depth: Depth): Chain {
    const at = span * SPAN + 2;
    const width = panel.series.length + 2;
    const [s, u] = [depth > 1 ? plan[at + 1]! : -1, depth > 2 ? plan[at + 2]! : -1];
    const name = ((plan[at]! + 2) * width + s + 2) * width + u + 2;
    const known = stage.bySeries.get(name);
    if (known) return known;
    const etfs = etfsOf(span, depth);
    const { chain, isSteady } = chainUnder(stage, etfs, row);
    if (isSteady && !etfs.some(isLate)) stage.bySeries.set(name, chain);
    return chain;
  }

  /** The chain of some funds as known at a row; steady when nothing later changes it. */
  function chainUnder(stage: Stage, etfs: readonly number[], row: number): { chain: Chain; isSteady: boolean } {
    const views = etfs.map((series) => view(series, row));
    const key = views.map((one) => one.key).join(':');
    const store = key.includes('/') ? stage.late : stage.steady;
    let chain = store.get(key);
    if (!chain) {
      const [m, s, u] = views.map((one) => stage.column(one.key, one));
      chain = stage.cascade.chain(m!, s ?? null, u ?? null);
      if (store === stage.late && store.size >= LATE_CHAINS) store.delete(store.keys().next().value!);
      store.set(key, chain);
    }
    return { chain, isSteady: store === stage.steady };
  }

  const etfsOf = (span: number, depth: Depth = 3): number[] =>
    [...plan.subarray(span * SPAN + 2, span * SPAN + 2 + depth)].filter((one) => one !== -1);

  /** Rows of [from, to) at which the series or one of a plan span's begins another epoch, `from` first. */
  function cuts(series: number, span: number, from: number, to: number): number[] {
    // Most panels have no late facts, and one date of thousands of series asks this for each.
    if (panel.epochs.size === 0) return [from];
    const out = new Set<number>([from]);
    for (const one of [series, ...etfsOf(span), ...(industries?.members(span) ?? [])].filter(isLate))
      for (const epoch of panel.epochs.get(one)!) if (epoch.fromRow > from && epoch.fromRow < to) out.add(epoch.fromRow);
    return [...out].sort((a, b) => a - b);
  }

  function fitOn(stage: Stage, series: number, wantedFrom: number, wantedTo: number, depth: Depth = 3): Tile {
    const { start: first, cascade } = stage;
    const spans: Span[] = [];
    let previous = -1;
    for (let p = panel.planStart[series]!; p < panel.planStart[series + 1]!; p++) {
      // One row early, so that the ex-ante fields of the first wanted row have the exposures before it.
      const from = Math.max(plan[p * SPAN]!, wantedFrom - 1);
      const to = Math.min(plan[p * SPAN + 1]!, wantedTo);
      if (from >= to) continue;
      const last = spans.at(-1);
      // Rows on which the security itself stands in the ETF map have no output: a span without returns keeps them empty.
      if (last && last.to + first < from) spans.push({ from: last.to, to: from - first, chain: last.chain, r: empty().values });
      const starts = cuts(series, p, from, to);
      for (let i = 0; i < starts.length; i++) {
        const row = starts[i]!;
        const { values, at } = returnsKnown(series, row);
        // Row `row` uses the exposures of the row before with the ETF returns as known now.
        const before = previous >= 0 && row > 0 ? { before: chainOf(stage, previous, row, depth) } : null;
        const peers = depth < 3 ? undefined : industries?.peers(p, series, row, peerReturns);
        spans.push({
          from: row - first,
          to: (starts[i + 1] ?? to) - first,
          chain: chainOf(stage, p, row, depth),
          r: values,
          at: at + first,
          ...before,
          ...(peers && { peers }),
        });
        previous = p;
      }
    }
    // The kernel fills its own tile in place; any other would cost a copy of every column.
    const tile = cascade.tile();
    cascade.security(spans, lastRowOf(panel, series) - first, tile);
    if (panel.proxied) markProxied(tile, first, panel, series, reachOf(settings));
    if (panel.mask) markMasked(tile, panel.mask.subarray(series * nRows + first, (series + 1) * nRows));
    return tile;
  }

  function fitFund(stage: Stage, chain: readonly number[], wantedFrom: number, to: number): Tile {
    const { start: first, cascade } = stage;
    const own = chain.at(-1)!;
    // One row early, as for a security.
    const from = Math.max(first, wantedFrom - 1);
    const late = chain.filter(isLate).flatMap((one) => panel.epochs.get(one)!.map(({ fromRow }) => fromRow));
    const starts = [from, ...[...new Set(late)].filter((row) => row > from && row < to).sort((a, b) => a - b)];
    const spans = starts.map((row, i): Span => {
      const above = chainUnder(stage, chain.slice(0, -1), row).chain;
      const { values, at } = returnsKnown(own, row);
      const span = { from: row - first, to: (starts[i + 1] ?? to) - first, chain: above, r: values, at: at + first };
      return i === 0 ? span : { ...span, before: above };
    });
    const tile = cascade.tile();
    cascade.security(spans, lastRowOf(panel, own) - first, tile);
    return tile;
  }

  const fitter: Fitter = {
    panel,
    settings,
    get tile() {
      return whole().cascade.tile();
    },
    rows(series, from, to, depth) {
      const stage = stageFor(from, to);
      return { values: fitOn(stage, series, from, to, depth).values, nRows: stage.nRows, start: stage.start };
    },
    fundRows(chain, from, to) {
      const stage = stageFor(from, to);
      return { values: fitFund(stage, chain, from, to).values, nRows: stage.nRows, start: stage.start };
    },
    splits(series, row, level, deepest) {
      let span = panel.planStart[series]!;
      while (row >= plan[span * SPAN + 1]!) span++;
      const etfs = etfsOf(span, deepest);
      const [own, ...funds] = [series, ...etfs].map((one) => (one === NO_PRICES ? empty() : returnsKnown(one, row)));
      const has = ({ values, at }: Returns, t: number): boolean => Math.abs(values[at + t]!) < RETURN_LIMIT;
      // Slopes that are held are of a window that ended in the month before.
      const reach = settings.window + (settings.refresh === 'month-end' ? LONGEST_MONTH : 0);
      for (let t = Math.max(0, row - reach + 1); t <= row; t++)
        if (has(own!, t) && funds.some((fund, k) => k >= level && !has(fund, t)) && funds.every((fund, k) => k >= level || has(fund, t)))
          return true;
      return false;
    },
    fit: (series, from = 0, to = nRows) => fitOn(whole(), series, from, to),
    digest: (from, to) => whole().cascade.digest(from, to),
    served(series, row) {
      fitter.fit(series, row, row + 1);
      return whole().cascade.served(row);
    },
    returnsAt: (series, row) => viewOf(returnsKnown(series, row)),
  };
  return fitter;
}

/**
 * Rows that an estimate of a level looks back on. Slopes that are held use the window of the refresh before; realised residuals are made with
 * slopes of windows before their own, one deeper per level.
 */
const reachOf =
  ({ window, refresh, chain }: RobustSettings) =>
  (level: number): number =>
    window * (chain === 'realised' ? level : 1) + (refresh === 'month-end' ? LONGEST_MONTH * (chain === 'realised' ? level : 1) : 0);

/** Flags the rows with a level whose window reaches back to returns of a fund's proxy. */
function markProxied(
  { nRows, values, from, to }: Tile,
  start: number,
  panel: Panel,
  series: number,
  reach: (level: number) => number,
): void {
  const level = F.level! * nRows;
  const flags = F.flags! * nRows;
  for (let p = panel.planStart[series]!; p < panel.planStart[series + 1]!; p++)
    for (let leg = 0; leg < 3; leg++) {
      const firstRow = panel.proxied!.get(panel.plan[p * SPAN + 2 + leg]!);
      if (firstRow === undefined) continue;
      const end = Math.min(to, Math.min(panel.plan[p * SPAN + 1]!, firstRow + reach(leg + 1) - 1) - start);
      for (let row = Math.max(from, panel.plan[p * SPAN]! - start); row < end; row++)
        if (values[level + row]! > leg) values[flags + row] = values[flags + row]! | FLAG.proxy_etf;
    }
}

/** Flags the rows that exist and are outside the universe on their own date; their values stay. */
function markMasked({ nRows, values, from, to }: Tile, mask: Uint8Array): void {
  const level = F.level! * nRows;
  const flags = F.flags! * nRows;
  for (let row = from; row < to; row++)
    if (mask[row] === 1 && values[level + row] === values[level + row]) values[flags + row] = values[flags + row]! | FLAG.masked;
}
