import type { FileKind } from '../../contract/report.ts';
import { type EpochDay, formatIsoDay } from '../../contract/units.ts';
import { holdingsText } from './holdings.ts';
import { type SampleMarket, type Series, rowAt, simulateMarket, ticksText } from './market.ts';
import { type StockSpec, SECTOR_NAME, fundName, sampleFunds, sampleStocks } from './universe.ts';

/** A native file (CLI.md) held in memory. */
export interface SampleFile {
  readonly name: string;
  readonly kind: FileKind;
  readonly text: string;
}

/** What is true of one simulated company; betas are on the cleaned factors and constant over time. */
export interface SampleTruth {
  /** The last ticker it had. Two companies share the recycled one: `isin` tells them apart. */
  readonly ticker: string;
  readonly isin: string;
  readonly marketEtf: string;
  readonly sectorEtf: string;
  readonly subsectorEtf: string | null;
  readonly market: number;
  readonly sector: number;
  /** Null (as `lamUm`, `lamUs`) when the sub-industry has no ETF. */
  readonly subsector: number | null;
  /** Link betas of the chain's ETFs (MODEL.md 4). */
  readonly lamSm: number;
  readonly lamUm: number | null;
  readonly lamUs: number | null;
  /** Annualised volatility of the residual. */
  readonly idioVol: number;
}

/** Scheme of the sample's classification and map: GICS names. */
const SCHEME = 'gics';

/**
 * The simulated market as native files, in the order to import them. `sessions`: NYSE session days (EpochDay) in ascending order, reaching at
 * least from 2021-01-04 to 2026-06-30. The same list gives the same bytes on every machine.
 */
export function sampleFiles(sessions: ArrayLike<number>): readonly SampleFile[] {
  const market = simulateMarket(sessions);
  const file = (kind: FileKind, text: string): SampleFile => ({ name: `simulated-${kind}.csv`, kind, text });
  return [
    file('securities', securitiesText(market)),
    file('classification', classificationText(market)),
    file('etf-map', mapText(market)),
    file('prices', pricesText(market)),
    file('actions', actionsText(market)),
    file('shares', sharesText(market)),
    file('holdings', holdingsText(market)),
  ];
}

/** The true betas behind the sample, one entry per company. */
export function sampleTruth(): readonly SampleTruth[] {
  const funds = new Map(sampleFunds().map((fund) => [fund.etf, fund]));
  return sampleStocks().map((stock) => {
    const subsector = stock.subsectorEtf === null ? undefined : funds.get(stock.subsectorEtf);
    return {
      ticker: tickerAt(stock, 1, 1),
      isin: stock.isin,
      marketEtf: 'SPY',
      sectorEtf: stock.sectorEtf,
      subsectorEtf: stock.subsectorEtf,
      market: stock.betaMarket,
      sector: stock.betaSector,
      subsector: subsector ? stock.betaSubsector : null,
      lamSm: funds.get(stock.sectorEtf)?.linkMarket ?? NaN,
      lamUm: subsector?.linkMarket ?? null,
      lamUs: subsector?.linkSector ?? null,
      idioVol: stock.idioVol,
    };
  });
}

/** The ticker a company trades under on a row; a rename takes effect on its own row. */
export function tickerAt(stock: StockSpec, row: number, rows: number): string {
  for (const event of stock.events) if (event.kind === 'rename' && row >= rowAt(event.at, rows)) return event.ticker;
  return stock.ticker;
}

function lines(header: string, rows: readonly string[]): string {
  return `${header}\n${rows.join('\n')}\n`;
}

function dayText(market: SampleMarket, row: number): string {
  return formatIsoDay(market.days[row] as EpochDay);
}

function securitiesText(market: SampleMarket): string {
  const rows: string[] = [];
  const count = market.days.length;
  for (const { spec } of market.funds) {
    rows.push([spec.etf, spec.isin, 'ARCA', quoted(fundName(spec)), 'etf', dayText(market, 0), ''].join(','));
  }
  for (const { spec, series } of market.stocks) {
    const push = (ticker: string, from: number): void => {
      // Half-open: the identity holds through the terminal action's ex-date, which names the company by this ticker.
      const to = spec.ends ? dayText(market, series.end + 1) : '';
      rows.push([ticker, spec.isin, spec.exchange, quoted(spec.name), 'stock', dayText(market, from), to].join(','));
    };
    push(spec.ticker, series.first);
    for (const event of spec.events) if (event.kind === 'rename') push(event.ticker, rowAt(event.at, count));
  }
  return lines('ticker,isin,exchange,name,type,valid_from,valid_to', rows);
}

function classificationText(market: SampleMarket): string {
  const rows = market.stocks.map(({ spec, series }) => {
    const sector = SECTOR_NAME.get(spec.sectorEtf) ?? '';
    return [spec.ticker, quoted(sector), quoted(spec.industry), SCHEME, dayText(market, series.first)].join(',');
  });
  return lines('ticker,sector,industry,scheme,valid_from', rows);
}

function mapText(market: SampleMarket): string {
  const rows = market.funds.map(({ spec }) =>
    [spec.level, quoted(spec.code), spec.etf, spec.level === 'market' ? '' : SCHEME, dayText(market, 0)].join(','),
  );
  return lines('level,code,etf,scheme,valid_from', rows);
}

function pricesText(market: SampleMarket): string {
  const count = market.days.length;
  const texts = market.days.map(formatIsoDay);
  const rows: string[] = [];
  const push = (series: Series, ticker: (row: number) => string): void => {
    for (let t = series.first; t < series.end; t++) {
      const close = series.closes[t] ?? 0;
      if (close > 0) rows.push(`${texts[t]},${ticker(t)},${ticksText(close)}`);
    }
  };
  for (const { spec, series } of market.funds) push(series, () => spec.etf);
  for (const { spec, series } of market.stocks) push(series, (row) => tickerAt(spec, row, count));
  return lines('date,ticker,close', rows);
}

function actionsText(market: SampleMarket): string {
  const count = market.days.length;
  const rows: string[] = [];
  const push = (series: Series, ticker: (row: number) => string): void => {
    for (const { row, type, value } of series.actions) rows.push([ticker(row), dayText(market, row), type, value].join(','));
  };
  for (const { spec, series } of market.funds) push(series, () => spec.etf);
  for (const { spec, series } of market.stocks) push(series, (row) => tickerAt(spec, row, count));
  return lines('ticker,ex_date,type,value', rows);
}

/** Shares outstanding: constant but for splits, which start a new record on the ex-date. */
function sharesText(market: SampleMarket): string {
  const count = market.days.length;
  const rows: string[] = [];
  for (const { spec, series } of market.stocks) {
    let shares = spec.shares;
    const push = (row: number): void => {
      const to = spec.ends ? dayText(market, series.end) : '';
      rows.push([tickerAt(spec, row, count), String(shares), dayText(market, row), to].join(','));
    };
    push(series.first);
    for (const { row, type, value } of series.actions) {
      if (type !== 'split') continue;
      shares = Math.round(shares * Number(value));
      push(row);
    }
  }
  return lines('ticker,shares,valid_from,valid_to', rows);
}

/** CSV cell of a text that may hold a comma or a quote. */
function quoted(text: string): string {
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
