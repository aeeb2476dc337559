/** What the checks' tests start from. */
import type { HedgeLeg } from '../../../contract/results.ts';
import type { CheckContext, UsedPrice } from '../index.ts';
import { order } from './sample.ts';

/** March 2026 has no holiday: Monday to Friday are sessions. */
function businessDaysBetween(from: string, to: string): number {
  let count = 0;
  for (let day = Date.parse(from) + 86_400_000; day <= Date.parse(to); day += 86_400_000) if (new Date(day).getUTCDay() % 6 !== 0) count++;
  return count;
}

export const price = (patch: Partial<UsedPrice> = {}): UsedPrice => ({
  ticker: 'SPY',
  price: 612.25,
  day: '2026-03-06',
  filePrice: 612,
  adjusted: false,
  ...patch,
});
export const leg = (patch: Partial<HedgeLeg> = {}): HedgeLeg => ({
  ...{
    etf: 'SPY',
    exposure: 251_018.44,
    held: 0,
    heldShares: 0,
    target: -251_018.44,
    modelTarget: -251_018.44,
    trade: -251_018.44,
    price: 612.25,
    priceDay: '2026-03-06',
  },
  ...{ shares: -410, side: 'SELL_SHORT', notional: 251_022.5, before: 251_018.44, after: 0, rounded: -4.06, dropped: null },
  ...patch,
});
/** Checks whose blocks nobody overrides: those the format notes mark B without a star, and the owners who are never netted. */
export const FINAL: readonly string[] = [
  ...['side', 'account', 'short_exempt', 'hedge_sleeve', 'order_terms', 'order_ids', 'fields', 'formula', 'read_back', 'journal'],
  'netting',
];
/** A hedge with nothing wrong but the locate its short sale needs. */
export const clean: CheckContext = {
  runId: 'R12',
  orders: [order()],
  legs: [leg()],
  today: '2026-03-07',
  lastSession: '2026-03-06',
  businessDaysBetween,
  holdingsAsOf: ['2026-03-06'],
  unresolvedLines: 0,
  coverage: 0.98,
  unmodelled: ['XYZ'],
  longValue: 300_000,
  shortValue: 0,
  prices: [price()],
  etfHoldings: [],
  accountKinds: { ACCT01: 'margin' },
  superseded: [],
  earlierExport: null,
  simulated: false,
};
