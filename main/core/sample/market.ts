import { HedgerowError } from '../../contract/errors.ts';
import { type EpochDay, epochDay } from '../../contract/units.ts';
import { randomStream } from './random.ts';
import { type FundSpec, type StockEvent, type StockSpec, SPUN_OFF, sampleFunds, sampleStocks } from './universe.ts';

/** Prices are whole ten-thousandths of a dollar: the text is exact, and a return is off by at most half a tick of the price before. */
export const TICKS = 10_000;

interface SampleAction {
  /** Row of the ex-date in `SampleMarket.days`. */
  readonly row: number;
  readonly type: 'split' | 'dividend' | 'special_dividend' | 'spinoff' | 'merger' | 'delisting';
  /** Decimal text, as in the file. */
  readonly value: string;
}

/** One simulated series on the rows of `SampleMarket.days`. */
export interface Series {
  /** Raw closes in ticks; 0 = no price that day. */
  readonly closes: Float64Array;
  /** The total returns drawn; NaN before the second price and after the last. On a day without a price the return was drawn too. */
  readonly returns: Float64Array;
  readonly actions: readonly SampleAction[];
  /** First row with a price, and the row after the last one. */
  readonly first: number;
  readonly end: number;
}

export interface SampleMarket {
  readonly days: readonly EpochDay[];
  readonly funds: readonly { readonly spec: FundSpec; readonly series: Series }[];
  readonly stocks: readonly { readonly spec: StockSpec; readonly series: Series }[];
}

const FIRST = epochDay(2021, 1, 4) as EpochDay;
const LAST = epochDay(2026, 6, 30) as EpochDay;
const DAILY = 1 / Math.sqrt(252);
const MARKET_MEAN = 0.0004;
const MARKET_VOL = 0.165 * DAILY;
const QUARTER = 63;

/** Decimal text of a count of ticks, four places. */
export function ticksText(ticks: number): string {
  const whole = Math.floor(ticks / TICKS);
  return `${whole}.${String(ticks - whole * TICKS).padStart(4, '0')}`;
}

/** Row at which something at `at` (a fraction, or a negative count from the end) happens. */
export function rowAt(at: number, rows: number): number {
  return at < 0 ? rows + at : Math.floor(at * rows);
}

/** The sample's sessions: those of `sessions` from 2021-01-04 to 2026-06-30. Throws when the list does not reach over them. */
function sampleDays(sessions: ArrayLike<number>): readonly EpochDay[] {
  const days = (Array.from(sessions) as EpochDay[]).filter((day) => day >= FIRST && day <= LAST);
  if (days[0] !== FIRST || days[days.length - 1] !== LAST) {
    throw new HedgerowError('internal', 'The session list does not cover 2021-01-04 to 2026-06-30.', 'Pass the whole NYSE session list.');
  }
  return days;
}

/**
 * Draws the whole market: normal, independent days; every fund on the funds above it and every stock on its chain, with betas
 * constant over time, so that the classical least-squares theory holds exactly (up to the rounding of prices).
 */
export function simulateMarket(sessions: ArrayLike<number>): SampleMarket {
  const days = sampleDays(sessions);
  const rows = days.length;
  const own = new Map<string, Float64Array>();
  let market = new Float64Array(rows);
  const funds = sampleFunds().map((spec) => {
    const random = randomStream(spec.stream);
    const factor = new Float64Array(rows);
    const isMarket = spec.level === 'market';
    const vol = isMarket ? MARKET_VOL : spec.ownVol * DAILY;
    for (let t = 0; t < rows; t++) factor[t] = (isMarket ? MARKET_MEAN : 0) + vol * random.normal();
    own.set(spec.etf, factor);
    if (isMarket) market = factor;
    const sector = spec.level === 'subsector' ? own.get(spec.sectorEtf) : undefined;
    const drawn = isMarket
      ? factor
      : factor.map((value, t) => spec.linkMarket * (market[t] ?? 0) + (sector ? spec.linkSector * (sector[t] ?? 0) : 0) + value);
    return { spec, series: priceSeries(drawn, { ...spec, events: [], first: 0, end: rows, hasGaps: false }) };
  });
  const stocks: { spec: StockSpec; series: Series }[] = [];
  for (const spec of sampleStocks()) {
    const random = randomStream(spec.stream);
    const sector = own.get(spec.sectorEtf) as Float64Array;
    const subsector = spec.subsectorEtf === null ? null : (own.get(spec.subsectorEtf) as Float64Array);
    const drawn = market.map(
      (m, t) =>
        spec.betaMarket * m +
        spec.betaSector * (sector[t] ?? 0) +
        (subsector ? spec.betaSubsector * (subsector[t] ?? 0) : 0) +
        spec.idioVol * DAILY * random.normal(),
    );
    const first = rowAt(spec.listedAt, rows);
    const end = spec.ends ? rowAt(spec.ends.at, rows) : rows;
    const startPrice = stocks.length === SPUN_OFF.child ? childPrice(stocks) : spec.startPrice;
    const series = priceSeries(drawn, { ...spec, startPrice, first, end });
    stocks.push({ spec, series: spec.ends ? withEnd(series, spec.ends) : series });
  }
  return { days, funds, stocks };
}

/** The child's first close is what the spin-off was worth: parent holders got a fixed fraction of a share of it. */
function childPrice(stocks: readonly { readonly series: Series }[]): number {
  const spinoff = stocks[SPUN_OFF.parent]?.series.actions.find((action) => action.type === 'spinoff');
  return Number(spinoff?.value) / SPUN_OFF.sharesPerParentShare;
}

interface PathSpec {
  readonly startPrice: number;
  readonly dividendYield: number;
  readonly events: readonly StockEvent[];
  readonly first: number;
  readonly end: number;
  readonly hasGaps: boolean;
}

/**
 * Raw closes whose total return by MODEL.md 1 is the drawn one: `P = P_prev * (1 + r) / S - D - C`. Each step starts from the rounded
 * price, so rounding never accumulates.
 */
function priceSeries(drawn: Float64Array, spec: PathSpec): Series {
  const rows = drawn.length;
  const { first, end } = spec;
  const closes = new Float64Array(rows);
  const returns = new Float64Array(rows).fill(NaN);
  const actions: SampleAction[] = [];
  let price = Math.round(spec.startPrice * TICKS);
  closes[first] = price;
  for (let t = first + 1; t < end; t++) {
    const today = spec.events.filter((event) => rowAt(event.at, rows) === t);
    let split = 1;
    for (const event of today) if (event.kind === 'split') split = event.ratio;
    const base = price / split;
    let paid = 0;
    const pay = (type: SampleAction['type'], fraction: number): void => {
      const ticks = Math.round((base * fraction) / 100) * 100;
      if (ticks === 0) return;
      paid += ticks;
      actions.push({ row: t, type, value: ticksText(ticks) });
    };
    if (split !== 1) actions.push({ row: t, type: 'split', value: String(split) });
    for (const event of today) {
      if (event.kind === 'special') pay('special_dividend', event.fraction);
      if (event.kind === 'spinoff') pay('spinoff', event.fraction);
    }
    if (today.length === 0 && spec.dividendYield > 0 && (t - first) % QUARTER === 40) pay('dividend', spec.dividendYield / 4);
    const r = drawn[t] ?? NaN;
    price = Math.round(base * (1 + r)) - paid;
    closes[t] = spec.hasGaps && isGap(t, rows) ? 0 : price;
    returns[t] = r;
  }
  return { closes, returns, actions, first, end };
}

/** Days one company has no price: a stretch of four, and single days now and then; never the last day. */
function isGap(t: number, rows: number): boolean {
  const stretch = Math.floor(rows / 4);
  return (t >= stretch && t < stretch + 4) || (t % 97 === 50 && t < rows - 1);
}

/** The terminal action, dated the first session without a price. */
function withEnd(series: Series, ends: NonNullable<StockSpec['ends']>): Series {
  const last = series.closes[series.end - 1] ?? 0;
  const value = ends.how === 'delisting' ? String(ends.value) : ticksText(Math.round((last * (1 + ends.value)) / 100) * 100);
  return { ...series, actions: [...series.actions, { row: series.end, type: ends.how, value }] };
}
