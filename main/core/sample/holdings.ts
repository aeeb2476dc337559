import type { DeskRules } from '../../contract/desk.ts';
import { type EpochDay, formatIsoDay } from '../../contract/units.ts';
import { withCusipCheck } from './identifiers.ts';
import { type SampleMarket, type Series, TICKS, ticksText } from './market.ts';
import { randomStream } from './random.ts';
import { SEED, fundName } from './universe.ts';

const SAMPLE_ACCOUNT = 'SIMULATED-1';

/** What the sample's desk lays down: how its two held funds are meant, and that its account may sell short. */
export const SAMPLE_DESK: DeskRules = {
  accounts: [{ account: SAMPLE_ACCOUNT, kind: 'margin' }],
  marks: [
    { etf: 'SPY', role: 'hedge' },
    { etf: 'IGV', role: 'investment' },
  ],
};

// Companies held, by index: long names include the renamed one (5), the recycled ticker's second owner (8) and the young listing (118).
const LONG = [0, 1, 2, 4, 5, 7, 8, 15, 21, 27, 33, 42, 48, 56, 63, 71, 80, 88, 97, 105, 110, 118];
const SHORT = [12, 36, 60, 84, 113];
/** The one long position that is not whole shares. */
const FRACTIONAL = 42;

/**
 * The holdings snapshot as of the last session: stocks long and short, SPY sold short as a hedge, a subsector fund held as an
 * investment, cash, and a bond nothing can model.
 */
export function holdingsText(market: SampleMarket): string {
  const last = market.days.length - 1;
  const asOf = formatIsoDay(market.days[last] as EpochDay);
  const random = randomStream(SEED + 50_000);
  const rows: string[] = [];
  const push = (ticker: string, quantity: number, price: string, value: string, name: string, cusip: string, isin: string): void => {
    rows.push([SAMPLE_ACCOUNT, ticker, String(quantity), price, value, 'USD', asOf, name, cusip, isin].join(','));
  };
  const security = (ticker: string, isin: string, name: string, series: Series, quantity: number): void => {
    const close = series.closes[last] ?? 0;
    push(ticker, quantity, ticksText(close), signedText(Math.round(close * quantity)), name, '', isin);
  };
  const stock = (index: number, sign: 1 | -1): void => {
    const entry = market.stocks[index];
    if (!entry) return;
    const { spec, series } = entry;
    const rename = spec.events.find((event) => event.kind === 'rename');
    const dollars = random.between(40_000, 250_000, 0);
    const quantity = (Math.floor(dollars / ((series.closes[last] ?? 0) / TICKS) / 10) + 1) * 10;
    security(rename?.ticker ?? spec.ticker, spec.isin, spec.name, series, index === FRACTIONAL ? quantity + 0.375 : sign * quantity);
  };
  const fund = (etf: string, quantity: number): void => {
    const entry = market.funds.find(({ spec }) => spec.etf === etf);
    if (entry) security(etf, entry.spec.isin, fundName(entry.spec), entry.series, quantity);
  };
  for (const index of LONG) stock(index, 1);
  for (const index of SHORT) stock(index, -1);
  fund('SPY', -900);
  fund('IGV', 650);
  // A bond: the quantity is face value, the price percent of par; the CUSIP is invented.
  const bond = withCusipCheck('99SIM0AA');
  push(bond, 100_000, '98.2500', '98250.0000', 'Bond 4.5% 2031 (simulated)', bond, '');
  push('$CASH', 184_250.75, '1.0000', '184250.7500', 'US dollars (simulated)', '', '');
  return `account,ticker,quantity,price,market_value,currency,as_of,name,cusip,isin\n${rows.join('\n')}\n`;
}

function signedText(ticks: number): string {
  return ticks < 0 ? `-${ticksText(-ticks)}` : ticksText(ticks);
}
