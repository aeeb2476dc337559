/** What a desk lays down once for every hedge: accounts and what they may do, roles of held ETFs, lists, caps, locates, order layouts, its usual ticket. */
import * as v from 'valibot';
import { account, day, level, percent, strictObject, text, ticker } from './schemas.ts';

const list = <const Item extends v.GenericSchema>(item: Item) => v.optional(v.pipe(v.array(item), v.maxLength(2000)));
const dollars = v.pipe(v.number(), v.minValue(0), v.maxValue(1e12));
const word = (max: number) =>
  v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9 _-]*$/, 'letters, digits, blanks, _ and -'), v.maxLength(max));
const clock = v.pipe(v.string(), v.regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time as HH:MM'));

/** What an export sets beside the desk rules. */
export const orderTerms = strictObject({
  orderType: v.optional(v.picklist(['MKT', 'MOC', 'LMT', 'LOC'] as const)),
  /** Limit orders: basis points a buy may pay above, or a sale may take below, the reference price. */
  limitBps: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(5000))),
});
export type OrderTerms = v.InferOutput<typeof orderTerms>;

/** One of the formats of `ORDER_FORMATS`, or a template of the desk rules. */
export const orderFormat = v.pipe(
  v.string(),
  v.regex(
    /^(generic|ibkr-basket|ems|emsx|fix42|fix44|alpaca|tradier|template:[A-Za-z0-9][A-Za-z0-9 _-]{0,39})$/,
    'an order format or template:NAME',
  ),
);

/** What a hedge is asked for besides its book (`HedgeRequest`). */
export const ticketEntries = {
  level: v.optional(level),
  layers: v.optional(strictObject({ market: percent, sector: percent, subsector: percent })),
  minTrade: v.optional(dollars),
  band: v.optional(percent),
  rounding: v.optional(v.picklist(['joint', 'nearest'] as const)),
  exclude: v.optional(v.pipe(v.array(ticker), v.maxLength(500))),
  netting: v.optional(v.picklist(['across', 'per-account'] as const)),
  limits: v.optional(v.pipe(v.array(strictObject({ etf: ticker, dollars })), v.maxLength(500))),
  grossCap: v.optional(dollars),
};

/** The desk rules. Whatever is left out is not laid down: defaults apply, and checks that lack their data say so. */
export const deskRules = strictObject({
  accounts: list(
    strictObject({
      account,
      /** The account as order files name it, where the holdings file masks it or spells it out. */
      id: v.optional(v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,19}$/, 'letters, digits and -, at most 20'))),
      /** `cash` and `retirement` accounts cannot sell short. Without it the name decides (IRA, ROTH, CASH, 401K, HSA). */
      kind: v.optional(v.picklist(['margin', 'cash', 'retirement'] as const)),
      /** Beneficial owner: accounts of one owner are netted and warned about wash trades, others never. */
      owner: v.optional(text(60)),
      /** False: no part of the book, whatever snapshots have it. */
      inBook: v.optional(v.boolean()),
    }),
  ),
  /** Role of held ETFs; the others: short = hedge, long = investment. */
  marks: list(strictObject({ etf: ticker, role: v.picklist(['hedge', 'investment'] as const) })),
  restricted: list(strictObject({ code: ticker, kind: v.picklist(['restricted', 'no_short', 'watch'] as const) })),
  locates: list(
    strictObject({
      status: v.picklist(['LOCATED', 'ETB_ASSUMED'] as const),
      symbol: ticker,
      quantity: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1e9)),
      expires: day,
      broker: text(20),
      id: text(30),
    }),
  ),
  caps: v.optional(
    strictObject({
      /** Dollars per order. */
      order: v.optional(dollars),
      /** Share of the book's net value per order, e.g. 0.05. */
      orderShare: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(100))),
      /** Gross hedge as a share of the long value, or of the short value where that is larger, e.g. 1.5. */
      basket: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(100))),
      /** Dollars of orders per account. */
      account: v.optional(dollars),
      /** Gross value after the hedge over the net value of the book. */
      leverage: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1000))),
    }),
  ),
  /** Last times for orders at the close, New York. */
  closeCutOff: v.optional(strictObject({ full: clock, half: clock })),
  /** Bloomberg's words for what its public pages do not name. */
  emsx: v.optional(strictObject({ SELL_SHORT: v.optional(word(8)), BUY_TO_COVER: v.optional(word(8)) })),
  fix: v.optional(
    strictObject({
      message: v.optional(v.picklist(['single', 'list'] as const)),
      senderCompId: v.optional(word(30)),
      targetCompId: v.optional(word(30)),
      handlInst: v.optional(v.picklist(['1', '2', '3'] as const)),
      capacity: v.optional(v.pipe(v.string(), v.regex(/^[A-Z]$/, 'one letter'))),
    }),
  ),
  /** Order layouts by name, `template:NAME`; checked in full when they are stored. */
  templates: list(v.looseObject({ name: text(40) })),
  /** What the ticket starts with. */
  ticket: v.optional(strictObject({ ...ticketEntries, format: v.optional(orderFormat), terms: v.optional(orderTerms) })),
});
export type DeskRules = v.InferOutput<typeof deskRules>;
