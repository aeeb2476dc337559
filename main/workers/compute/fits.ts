/** Runs the cascade of one security of a panel: cuts its plan at knowledge epochs and hands the kernel the arrays in force. */
import { F, FLAG, type Axis, type Chain, type Served, type Span, type Tile } from '../../quant/cascade/index.ts';
import { enterEpoch } from '../../quant/returns/index.ts';
import { robustPath, type RobustSettings } from '../../quant/robust/index.ts';
import { NO_PRICES, returnsOfSeries, SPAN, type Panel } from '../panel.ts';
import { createIndustries } from './industries.ts';
import { kernelFor, type Kernel } from './kernels.ts';
import { LATE_CHAINS, shortAxis, shortStage, wholeStage, type Stage } from './stage.ts';

/** Sessions of a month at most. */
const LONGEST_MONTH = 23;

/** An array in force and what names it: series and epoch. */
interface View {
  readonly key: string;
  readonly values: Float64Array;
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

export interface Fitter {
  readonly panel: Panel;
  readonly tile: Tile;
  /** Rows [from, to) of a series by the shortest way: a few late rows need no kernel as long as the history. */
  rows(series: number, from: number, to: number): Rows;
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
  create: (axis: Axis) => Kernel = (axis) => kernelFor(settings, axis, panel.basis),
): Fitter {
  const { nRows, firstSession } = panel;
  const empty: View = { key: '-', values: new Float64Array(nRows).fill(NaN) };
  const base = (series: number): Float64Array => returnsOfSeries(panel, series);
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
    if (short?.start !== axis.start) short = shortStage(create, firstSession, axis.start, axis.length);
    return short;
  }

  function epochAt(series: number, row: number): number {
    const epochs = panel.epochs.get(series);
    if (!epochs) return 0;
    let at = 0;
    while (at + 1 < epochs.length && epochs[at + 1]!.fromRow <= row) at++;
    return at;
  }

  /** The array of a series in an epoch; built by laying the patches of all epochs up to it over the base. */
  function view(series: number, epoch: number): View {
    if (series === NO_PRICES) return empty;
    const { securityId } = panel.series[series]!;
    // A fund joined with its proxy is no security, and another one in another panel.
    if (epoch === 0) return { key: securityId < 0 ? `${series}/0` : `${securityId}`, values: base(series) };
    const key = `${series}/${epoch}`;
    let values = scratch.get(key);
    if (!values) {
      const before = scratch.get(`${series}/${epoch - 1}`);
      values = Float64Array.from(before ?? base(series));
      const epochs = panel.epochs.get(series)!;
      for (let e = before ? epoch : 1; e <= epoch; e++) enterEpoch(epochs[e]!, values);
      if (scratch.size >= LATE_CHAINS) scratch.delete(scratch.keys().next().value!);
      scratch.set(key, values);
    }
    return { key, values };
  }

  function chainOf(stage: Stage, etfs: readonly number[], row: number): Chain {
    const views = etfs.map((series) => view(series, series < 0 ? 0 : epochAt(series, row)));
    const key = views.map((one) => one.key).join(':');
    const store = key.includes('/') ? stage.late : stage.steady;
    let chain = store.get(key);
    if (!chain) {
      const [m, s, u] = views.map((one) => stage.column(one.key, one.values));
      chain = stage.cascade.chain(m!, s ?? null, u ?? null);
      if (store === stage.late && store.size >= LATE_CHAINS) store.delete(store.keys().next().value!);
      store.set(key, chain);
    }
    return chain;
  }

  /** Rows in (from, to) at which one of the series begins another epoch. */
  function cuts(series: readonly number[], from: number, to: number): number[] {
    // Most series have no late facts, and one date of thousands of them asks this for each.
    if (!series.some((one) => one >= 0 && panel.epochs.has(one))) return [from];
    const out = new Set<number>([from]);
    for (const one of series)
      for (const epoch of (one >= 0 ? panel.epochs.get(one) : undefined) ?? [])
        if (epoch.fromRow > from && epoch.fromRow < to) out.add(epoch.fromRow);
    return [...out].sort((a, b) => a - b);
  }

  function fitOn(stage: Stage, series: number, wantedFrom: number, wantedTo: number): Tile {
    const { start: first, cascade } = stage;
    const spans: Span[] = [];
    const push = (from: number, to: number, chain: Chain, values: Float64Array, more: Pick<Span, 'before' | 'peers'> = {}): void =>
      void spans.push({ from: from - first, to: to - first, chain, r: stage.rows(values, spans.length), ...more });
    let lastEtfs: readonly number[] | null = null;
    for (let p = panel.planStart[series]!; p < panel.planStart[series + 1]!; p++) {
      const at = p * SPAN;
      // One row early, so that the ex-ante fields of the first wanted row have the exposures before it.
      const from = Math.max(panel.plan[at]!, wantedFrom - 1);
      const to = Math.min(panel.plan[at + 1]!, wantedTo);
      if (from >= to) continue;
      const hole = spans.at(-1);
      // Rows on which the security itself stands in the ETF map have no output: a span without returns keeps them empty.
      if (hole && hole.to + first < from) push(hole.to + first, from, hole.chain, empty.values);
      const etfs = [panel.plan[at + 2]!, panel.plan[at + 3]!, panel.plan[at + 4]!].filter((one) => one !== -1);
      const starts = cuts([series, ...etfs, ...(industries?.members(p) ?? [])], from, to);
      starts.forEach((start, i) => {
        const end = starts[i + 1] ?? to;
        const chain = chainOf(stage, etfs, start);
        const previous = lastEtfs;
        lastEtfs = etfs;
        // Row `start` uses the exposures of the row before with the ETF returns as known now.
        const before = previous && start > 0 ? chainOf(stage, previous, start) : undefined;
        const peers = industries?.peers(p, series, start, (one, row) => view(one, epochAt(one, row)));
        const { values } = view(series, epochAt(series, start));
        push(start, end, chain, values, { ...(before ? { before } : {}), ...(peers ? { peers } : {}) });
      });
    }
    // The kernel fills its own tile in place; any other would cost a copy of every column.
    const tile = cascade.tile();
    cascade.security(spans, panel.lastRow[series]! - first, tile);
    if (panel.proxied) markProxied(tile, first, panel, series, reachOf(settings));
    if (panel.mask) markMasked(tile, panel.mask.subarray(series * nRows + first, (series + 1) * nRows));
    return tile;
  }

  const fitter: Fitter = {
    panel,
    get tile() {
      return whole().cascade.tile();
    },
    rows(series, from, to) {
      const stage = stageFor(from, to);
      return { values: fitOn(stage, series, from, to).values, nRows: stage.nRows, start: stage.start };
    },
    fit: (series, from = 0, to = nRows) => fitOn(whole(), series, from, to),
    digest: (from, to) => whole().cascade.digest(from, to),
    served(series, row) {
      fitter.fit(series, row, row + 1);
      return whole().cascade.served(row);
    },
    returnsAt: (series, row) => view(series, epochAt(series, row)).values,
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
