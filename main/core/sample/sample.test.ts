import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { sessionDays } from '../../calendar/index.ts';
import { formatIsoDay } from '../../contract/units.ts';
import { simulateMarket } from './market.ts';
import { naturalLog, randomStream } from './random.ts';
import { sampleFiles, sampleTruth, tickerAt } from './sample.ts';
import { leastSquares, totalReturns } from './testing/oracle.ts';
import { RECYCLED_TICKER } from './universe.ts';

const started = performance.now();
const files = sampleFiles(sessionDays());
const generated = performance.now() - started;
const market = simulateMarket(sessionDays());
const dates = market.days.map(formatIsoDay);

type Row = Record<string, string>;
const table = (kind: string): Row[] => parse(files.find((file) => file.kind === kind)?.text ?? '', { columns: true });
const securities = table('securities');
const prices = table('prices');
const actions = table('actions');

/** ISIN of a ticker on a day, by the securities file alone. */
function owner(ticker: string | undefined, date: string | undefined): string {
  const named = securities.filter(
    (row) => row.ticker === ticker && date! >= row.valid_from! && (row.valid_to === '' || date! < row.valid_to!),
  );
  expect(named.length, `${ticker} on ${date}`).toBe(1);
  return named[0]!.isin!;
}

/** Total returns by ISIN, computed from the text of the files by MODEL.md 1. */
const returns = (() => {
  const byIsin = new Map<string, { closes: Map<string, number>; actions: Row[] }>();
  for (const { isin } of securities) byIsin.set(isin!, { closes: new Map(), actions: [] });
  // A ticker with one owner needs no dated look-up for each of its prices.
  const only = new Map<string, string | null>();
  for (const row of securities) only.set(row.ticker!, only.has(row.ticker!) ? null : row.isin!);
  for (const row of prices) byIsin.get(only.get(row.ticker!) ?? owner(row.ticker, row.date))!.closes.set(row.date!, Number(row.close));
  for (const row of actions) byIsin.get(owner(row.ticker, row.ex_date))!.actions.push(row);
  return new Map([...byIsin].map(([isin, facts]) => [isin, totalReturns(dates, facts.closes, facts.actions)]));
})();

describe('the sample files', () => {
  it('are the same bytes on every machine', () => {
    const digests = files.map((file) => `${file.kind} ${createHash('sha256').update(file.text).digest('hex')}`);
    expect(digests).toMatchInlineSnapshot(`
      [
        "securities 6d1bf62f4e64fbab39dc89354fbb7af389cf82afb6a4cc51b5f71a707baec6f7",
        "classification b92014a5a94d05b56b14c913f86f3bf1ff2adeb0f375ed86b136c69a868ab17e",
        "etf-map bfa1452a7db87980eab24a75abc97939d392ce60547db4da5eb0d3b183e14f46",
        "prices 26984ff18211725e3fbf31ccd846daff9670029a545461561edca90fd6ae20e1",
        "actions 55d74a2f21c120080bc23443f51df372283a85c76595d8300a9817e82dba331e",
        "shares 6e841f2da47d31901870e147c2a43a8432e2055ff204d70659fead73bf5ca6ef",
        "holdings b6aed8cefa5ba20086bc25dde6c15b128fd3c2132f56b4de7332c169d9bfb8d6",
      ]
    `);
    expect(sampleFiles(sessionDays()).map((file) => file.text)).toEqual(files.map((file) => file.text));
    const bytes = files.reduce((sum, file) => sum + file.text.length, 0);
    console.log(`sample: ${prices.length} prices, ${(bytes / 1e6).toFixed(1)} MB, made in ${generated.toFixed(0)} ms`);
    expect(bytes).toBeLessThan(15e6);
  });

  it('have the columns of the native kinds, the same number on every line', () => {
    expect(files.map((file) => [file.kind, file.text.split('\n')[0]])).toEqual([
      ['securities', 'ticker,isin,exchange,name,type,valid_from,valid_to'],
      ['classification', 'ticker,sector,industry,scheme,valid_from'],
      ['etf-map', 'level,code,etf,scheme,valid_from'],
      ['prices', 'date,ticker,close'],
      ['actions', 'ticker,ex_date,type,value'],
      ['shares', 'ticker,shares,valid_from,valid_to'],
      ['holdings', 'account,ticker,quantity,price,market_value,currency,as_of,name,cusip,isin'],
    ]);
    // csv-parse refuses a line with another number of cells than the header.
    for (const file of files) expect(table(file.kind).length).toBeGreaterThan(20);
  });

  it('follow the calendar: SPY has a price on every session of the period and nobody has one on another day', () => {
    expect(dates[0]).toBe('2021-01-04');
    expect(dates[dates.length - 1]).toBe('2026-06-30');
    expect(prices.filter((row) => row.ticker === 'SPY').map((row) => row.date)).toEqual(dates);
    const sessions = new Set(dates);
    expect([...prices.map((row) => row.date!), ...actions.map((row) => row.ex_date!)].filter((date) => !sessions.has(date))).toEqual([]);
  });

  it('refuse a calendar that does not reach over the period', () => {
    expect(() => sampleFiles(sessionDays().filter((day) => day > 19_000))).toThrow('does not cover');
  });

  it('say "simulated" on every security and in the account', () => {
    expect(securities.filter((row) => !row.name!.endsWith(' (simulated)'))).toEqual([]);
    const holdings = table('holdings');
    expect(holdings.filter((row) => !row.name!.endsWith(' (simulated)') || row.account !== 'SIMULATED-1')).toEqual([]);
    expect(files.filter((file) => !file.name.startsWith('simulated-'))).toEqual([]);
  });

  it('carry valid check digits on invented codes', () => {
    for (const { isin } of securities) expect(luhnOfExpanded(isin!), isin).toBe(0);
    expect(securities.every((row) => row.isin!.startsWith('ZZ'))).toBe(true);
    const cusips = table('holdings').filter((row) => row.cusip !== '');
    expect(cusips.length).toBe(1);
    expect(cusipSum(cusips[0]!.cusip!) % 10).toBe(0);
  });

  it('hold one of each awkward fact', () => {
    const kinds = (type: string) => actions.filter((row) => row.type === type);
    expect(
      kinds('split')
        .map((row) => row.value)
        .sort(),
    ).toEqual(['0.1', '2', '2', '3']);
    expect([kinds('special_dividend').length, kinds('spinoff').length, kinds('merger').length, kinds('delisting').length]).toEqual([
      2, 1, 1, 1,
    ]);
    const payers = new Set(kinds('dividend').map((row) => owner(row.ticker, row.ex_date)));
    expect([...payers].filter((isin) => isin.startsWith('ZZSIM9')).length).toBe(36);
    expect([...payers].filter((isin) => isin.startsWith('ZZSIM0')).length).toBeGreaterThan(55);
    // A recycled ticker: two companies, no day in common, different exchanges. A rename: one company, two tickers.
    const recycled = securities.filter((row) => row.ticker === RECYCLED_TICKER);
    expect(new Set(recycled.map((row) => row.isin)).size).toBe(2);
    expect(new Set(recycled.map((row) => row.exchange)).size).toBe(2);
    const tickers = new Map<string, Set<string>>();
    for (const row of securities) tickers.set(row.isin!, (tickers.get(row.isin!) ?? new Set()).add(row.ticker!));
    expect([...tickers.values()].filter((set) => set.size === 2).length).toBe(1);
    // The young listing has 200 prices; one company lacks prices between its first and its last.
    expect(market.stocks.filter(({ series }) => dates.length - series.first === 200).length).toBe(1);
    const gaps = market.stocks.filter(({ series }) => series.closes.subarray(series.first, series.end).includes(0));
    expect(gaps.map(({ series }) => series.closes.filter((close) => close === 0).length)).toEqual([18]);
  });

  it('hold a snapshot as of the last session, valued at its closes', () => {
    const holdings = table('holdings');
    const lastClose = new Map(prices.filter((row) => row.date === dates[dates.length - 1]).map((row) => [row.ticker!, Number(row.close)]));
    expect(new Set(holdings.map((row) => row.as_of))).toEqual(new Set(['2026-06-30']));
    const priced = holdings.filter((row) => lastClose.has(row.ticker!));
    expect(holdings.filter((row) => !lastClose.has(row.ticker!)).map((row) => row.ticker)).toEqual(['99SIM0AA6', '$CASH']);
    for (const row of priced) {
      expect(Number(row.price)).toBe(lastClose.get(row.ticker!));
      expect(Number(row.market_value)).toBeCloseTo(Number(row.quantity) * Number(row.price), 3);
      expect(owner(row.ticker, row.as_of)).toBe(row.isin);
    }
    expect(priced.filter((row) => !Number.isInteger(Number(row.quantity))).length).toBe(1);
    expect(Number(priced.find((row) => row.ticker === 'SPY')?.quantity)).toBeLessThan(0);
    expect(Number(priced.find((row) => row.ticker === 'IGV')?.quantity)).toBeGreaterThan(0);
    expect(priced.filter((row) => Number(row.quantity) < 0).length).toBe(6);
  });
});

describe('the simulated market', () => {
  it('gives back the drawn total returns from raw closes and actions', () => {
    let worst = 0;
    let compared = 0;
    for (const { spec, series } of [...market.funds, ...market.stocks]) {
      const computed = returns.get(spec.isin)!;
      const ratios = new Map(series.actions.filter((action) => action.type === 'split').map(({ row, value }) => [row, Number(value)]));
      for (let t = series.first + 1; t < series.end; t++) {
        if (series.closes[t] === 0 || series.closes[t - 1] === 0) {
          expect(computed[t]).toBeNaN();
          continue;
        }
        // Half a tick of today's price, seen per share held before a split.
        const tolerance = ((0.5001 * (ratios.get(t) ?? 1)) / series.closes[t - 1]!) * 1.000001;
        const error = Math.abs(computed[t]! - series.returns[t]!);
        if (!(error <= tolerance)) expect.fail(`${spec.isin} ${dates[t]}: ${computed[t]} against ${series.returns[t]}`);
        worst = Math.max(worst, error);
        compared++;
      }
    }
    console.log(`sample: ${compared} returns compared, largest difference ${worst.toExponential(1)}`);
    expect(compared).toBeGreaterThan(200_000);
  });

  it('lists the spun-off company at the value the parent paid', () => {
    const spinoff = actions.find((row) => row.type === 'spinoff')!;
    const child = market.stocks.find(({ series }) => dates[series.first] === spinoff.ex_date)!;
    expect(child.series.closes[child.series.first]! / 10_000).toBeCloseTo(Number(spinoff.value) * 4, 6);
  });

  it('has betas that least squares recovers within its standard errors', () => {
    let slopes = 0;
    let outside = 0;
    let squares = 0;
    const check = (estimate: { slope: number; error: number }, truth: number): void => {
      const z = (estimate.slope - truth) / estimate.error;
      slopes++;
      squares += z * z;
      if (Math.abs(z) > 4) outside++;
    };
    const isinOf = new Map(market.funds.map(({ spec }) => [spec.etf, spec.isin]));
    const fund = (etf: string) => returns.get(isinOf.get(etf)!)!;
    for (const truth of sampleTruth()) {
      const r = returns.get(truth.isin)!;
      const chain = [fund(truth.marketEtf), fund(truth.sectorEtf), ...(truth.subsectorEtf ? [fund(truth.subsectorEtf)] : [])];
      // The slope on a cleaned factor is the last coefficient of the joint regression on the raw ETFs down to it.
      check(leastSquares(r, chain.slice(0, 1))[0]!, truth.market);
      check(leastSquares(r, chain.slice(0, 2))[1]!, truth.sector);
      if (truth.subsector !== null) check(leastSquares(r, chain)[2]!, truth.subsector);
    }
    for (const { spec } of market.funds) {
      if (spec.level === 'market') continue;
      check(leastSquares(fund(spec.etf), [fund('SPY')])[0]!, spec.linkMarket);
      if (spec.level === 'subsector') check(leastSquares(fund(spec.etf), [fund('SPY'), fund(spec.sectorEtf)])[1]!, spec.linkSector);
    }
    const rms = Math.sqrt(squares / slopes);
    console.log(`sample: ${slopes} slopes, ${outside} beyond 4 standard errors, root mean square of z ${rms.toFixed(3)}`);
    expect(outside / slopes).toBeLessThanOrEqual(0.01);
    // Standard errors are right, not merely large: z has unit spread.
    expect(rms).toBeGreaterThan(0.85);
    expect(rms).toBeLessThan(1.15);
  });

  it('tells the truth by the last ticker of every company', () => {
    const last = dates.length - 1;
    expect(sampleTruth().map((truth) => truth.ticker)).toEqual(market.stocks.map(({ spec }) => tickerAt(spec, last, dates.length)));
    expect(new Set(sampleTruth().map((truth) => truth.isin)).size).toBe(120);
  });
});

describe('the random numbers', () => {
  it('agree with the logarithm of the engine to the last digits', () => {
    for (const x of [1e-300, 1e-9, 0.1, 0.5, 0.7071, 0.999, 1, 1.5, 2, 12345.678]) expect(naturalLog(x)).toBeCloseTo(Math.log(x), 12);
  });

  it('have the moments of a standard normal', () => {
    const random = randomStream(7);
    const moments = [0, 0, 0, 0];
    const count = 200_000;
    for (let i = 0; i < count; i++) {
      const x = random.normal();
      for (let k = 0; k < 4; k++) moments[k]! += x ** (k + 1) / count;
    }
    // Standard errors of the four: 0.0022, 0.0032, 0.0087, 0.022.
    [0, 1, 0, 3].forEach((expected, k) => expect(Math.abs(moments[k]! - expected)).toBeLessThan([0.009, 0.013, 0.035, 0.09][k]!));
  });
});

const DATA = process.env.HEDGEROW_TEST_DATA ?? fileURLToPath(new URL('../../../../shared/data', import.meta.url));
describe.skipIf(!existsSync(`${DATA}/modern_listing_spans.csv.gz`))('against real listings', () => {
  it('uses no company ticker that a listed company had', () => {
    const listed = new Set(
      gunzipSync(readFileSync(`${DATA}/modern_listing_spans.csv.gz`))
        .toString()
        .split('\n')
        .map((line) => line.split(',')[0]),
    );
    expect(securities.filter((row) => row.type === 'stock' && listed.has(row.ticker!))).toEqual([]);
  });
});

/** Remainder of the Luhn sum over the digits of an ISIN with letters written as 10 to 35; 0 = valid. */
function luhnOfExpanded(isin: string): number {
  const digits = [...isin]
    .flatMap((char) => [...parseInt(char, 36).toString()])
    .map(Number)
    .reverse();
  return digits.reduce((sum, digit, i) => sum + (i % 2 ? Math.floor((digit * 2) / 10) + ((digit * 2) % 10) : digit), 0) % 10;
}

/** Sum of the digits of a CUSIP with every second value doubled, check digit included; a multiple of 10 = valid. */
function cusipSum(cusip: string): number {
  return [...cusip]
    .map((char, i) => parseInt(char, 36) * (i % 2 === 1 ? 2 : 1))
    .reduce((sum, value) => sum + Math.floor(value / 10) + (value % 10), 0);
}
