import { describe, expect, it } from 'vitest';
import { preTradeChecks, type CheckContext, type OrderProfile } from './index.ts';
import { clean, FINAL, leg } from './testing/context.ts';
import { order } from './testing/sample.ts';

const check = (id: string, patch: Partial<CheckContext>) => preTradeChecks({ ...clean, ...patch }).find((own) => own.id === id)!;
const found = (id: string, patch: Partial<CheckContext>) => {
  const { status, severity, message } = check(id, patch);
  return [status === 'fail' ? severity : null, message] as const;
};
const buy = (account: string, side: 'BUY' | 'BUY_TO_COVER' = 'BUY') => order({ side, account, orderId: `H${account}${side.length}` });
const held = (shares: number, more: object = {}) => [{ account: 'ACCT01', symbol: 'SPY', shares, role: 'investment' as const, ...more }];
const session = (kind: 'full' | 'half' | 'closed', time: string | null) => ({ tradeSession: { day: '2026-03-09', kind, time } });
const close = { output: { format: 'generic', profile: { orderType: 'MOC' } } } as const;
const locate = { status: 'LOCATED', symbol: 'SPY', quantity: 410, expires: '2026-03-09', broker: 'PB', id: 'L1' } as const;
const profiled = (format: 'generic' | 'ems' | 'alpaca' | 'tradier' | 'emsx' | 'fix42', profile: OrderProfile = {}) => ({
  output: { format, profile },
});
const adv = (shares: number) => ({ averageVolume: { SPY: shares } });

describe('checks of optional data', () => {
  it('say what they lack, and never pass silently', () => {
    const silent = ['liquidity', 'fat_finger', 'rule_201', 'session', 'market_order', 'settlement', 'ex_date', 'restricted', 'order_terms'];
    for (const id of silent)
      expect(check(id, {})).toMatchObject({
        severity: 'inform',
        status: 'pass',
        message: expect.stringMatching(/^Not checked: no data on /),
      });
    expect(check('hedge_sleeve', { etfHoldings: held(10) }).message).toBe('Not checked: no data on who chose the roles of held ETFs.');
    const bare = { ticker: 'SPY', price: 612.25, day: '2026-03-06', filePrice: null, adjusted: false };
    expect(check('price_file', { prices: [bare] })).toMatchObject({
      status: 'pass',
      message: 'Not checked: no data on prices in the holdings file.',
    });
    for (const id of ['price_age', 'price_day'])
      expect(check(id, { prices: [] }).message).toBe('Not checked: no data on prices but those of the holdings file.');
    expect(check('account', {}).message).toMatch(/Not checked: whether ACCT01 is worth \$2,000\.00; no data\./);
    expect(check('account', { accountEquity: { ACCT01: 2000 } }).message).toBe('Every account may trade its orders.');
    expect(check('market_order', adv(1e9)).message).toMatch(/Not checked: their spreads; no data\./);
    expect(check('session', session('full', null)).message).toBe('The orders are for the session of 2026-03-09.');
    expect(check('short_reporting', {}).message).toMatch(/Not checked: the 2\.5 % of the shares outstanding; no data\./);
  });

  const day = '2026-03-10';
  const cases: readonly [string, string, Partial<CheckContext>, 'block' | 'warn' | 'inform' | null, RegExp?][] = [
    ['410 of 41,000 shares a day', 'liquidity', adv(41_000), null],
    ['a little above 5 % of volume', 'liquidity', adv(8190), 'block', /are 5\.01 % .*limit 5\.0 %/],
    ['just above 1 % of volume', 'liquidity', adv(40_999), 'warn', /410 SPY to sell are 1\.0 % of the average daily volume of 40999/],
    ['5 % of volume', 'liquidity', adv(8200), 'warn'],
    ['above 5 % of volume', 'liquidity', adv(8199), 'block', /limit 5\.0 %/],
    [
      'two accounts together above 5 %',
      'liquidity',
      { ...adv(10_000), orders: [order(), order({ orderId: 'H2', account: 'B' })] },
      'block',
      /820/,
    ],
    [
      'a sale and a purchase of 5 % each',
      'liquidity',
      { ...adv(8200), orders: [order(), buy('B')] },
      'warn',
      /to sell are 5\.0 % .*limit 1\.0 %.* to buy are 5\.0 %/,
    ],
    [
      'purchases that close and that open together above 5 %',
      'liquidity',
      { ...adv(10_000), orders: [buy('A'), buy('B', 'BUY_TO_COVER')] },
      'block',
      /820 SPY to buy/,
    ],
    ['no volume at all', 'liquidity', adv(0), 'block', /410 SPY to sell, of which none were traded/],
    ['an unknown volume', 'liquidity', { averageVolume: {} }, 'inform', /SPY: not checked/],
    ['an undefined volume', 'liquidity', adv(NaN), 'inform'],
    ['a fall of just 10 %', 'rule_201', { lastReturns: { SPY: 90 / 100 - 1 } }, 'warn', /10\.0 %.*national best bid/],
    ['a fall of 9.9 %', 'rule_201', { lastReturns: { SPY: -0.099 } }, null],
    ['a fall without a short sale', 'rule_201', { lastReturns: { SPY: -0.2 }, orders: [buy('ACCT01')] }, null],
    ['an unknown return', 'rule_201', { lastReturns: {} }, 'inform', /not known/],
    ['a side of exempt short sales', 'short_exempt', { orders: [order({ side: 'SELL_SHORT_EXEMPT' as 'SELL' })] }, 'block'],
    ['four sides', 'short_exempt', {}, null],
    [
      'a long against the hedge, unmarked',
      'hedge_sleeve',
      { etfHoldings: held(80, { marked: false }) },
      'block',
      /80 SPY in ACCT01.*investment: mark/,
    ],
    ['a long against the hedge, marked', 'hedge_sleeve', { etfHoldings: held(80, { marked: true }) }, null],
    [
      'a long against the hedge, marked by nobody, beside one whose role nobody is known to have chosen',
      'hedge_sleeve',
      { etfHoldings: [...held(80, { marked: false }), ...held(10)] },
      'block',
    ],
    ['a short like the hedge', 'hedge_sleeve', { etfHoldings: held(-80, { marked: false }) }, null],
    ['opposite trades, owners unknown', 'netting', { orders: [order(), buy('B')] }, 'warn', /bought in B and sold in ACCT01.*not known/],
    [
      'opposite trades of one owner',
      'netting',
      { orders: [order(), buy('B')], owners: { ACCT01: 'Ann', B: 'Ann' } },
      'warn',
      /both of Ann/,
    ],
    [
      'opposite trades of two owners',
      'netting',
      { orders: [order(), buy('B')], owners: { ACCT01: 'Ann', B: 'Bo' } },
      'inform',
      /never netted/,
    ],
    [
      'opposite trades, one owner unknown',
      'netting',
      { orders: [order(), buy('B')], owners: { ACCT01: 'Ann' } },
      'warn',
      /owners are not known/,
    ],
    [
      'opposite trades, the other unknown',
      'netting',
      { orders: [order(), buy('B')], owners: { B: 'Ann' } },
      'warn',
      /owners are not known/,
    ],
    ['opposite trades of two ETFs', 'netting', { orders: [order(), order({ ...buy('B'), symbol: 'XLK' })] }, null],
    ['opposite trades in one account', 'netting', { orders: [order(), buy('ACCT01')] }, null],
    ['trades of one direction', 'netting', { orders: [order(), order({ account: 'B', orderId: 'H2' })] }, null],
    [
      'a change within the band',
      'no_trade_band',
      { legs: [leg({ held: -248_000, trade: -3018.44 })] },
      'inform',
      /^One change is within 2\.0 % of the target .*: SPY \$3,018\.44 of \$251,018\.44\.$/,
    ],
    ['a narrower band', 'no_trade_band', { legs: [leg({ held: -248_000, trade: -3018.44 })], noTradeBand: 0.01 }, null],
    ['a new hedge', 'no_trade_band', {}, null],
    [
      'a restricted ticker',
      'restricted',
      { restricted: [{ code: 'spy', kind: 'restricted' }] },
      'block',
      /spy is on the list of restricted/,
    ],
    [
      'a restricted class share',
      'restricted',
      { orders: [order({ symbol: 'BRK.B' })], restricted: [{ code: 'BRK/B', kind: 'restricted' }] },
      'block',
    ],
    [
      'a restricted CUSIP',
      'restricted',
      { ...profiled('generic', { cusips: { SPY: '78462F103' } }), restricted: [{ code: '78462F103', kind: 'restricted' }] },
      'block',
    ],
    ['a name not to be sold short', 'restricted', { restricted: [{ code: 'SPY', kind: 'no_short' }] }, 'block', /not to be sold short/],
    ['the same name bought', 'restricted', { restricted: [{ code: 'SPY', kind: 'no_short' }], orders: [buy('A')] }, null],
    ['a restricted name bought', 'restricted', { restricted: [{ code: ' SPY', kind: 'restricted' }], orders: [buy('A')] }, 'block'],
    [
      'an identifier that stands for the ETF',
      'restricted',
      { restricted: [{ code: 'US78462F1030', kind: 'restricted', etfs: ['SPY'], known: true }] },
      'block',
      /^SELL SHORT SPY in ACCT01: US78462F1030 is on the list of restricted names\.$/,
    ],
    [
      'the identifier of another',
      'restricted',
      { restricted: [{ code: 'US81369Y8030', kind: 'restricted', etfs: ['XLK'], known: true }] },
      null,
    ],
    [
      'an entry that stands for nothing',
      'restricted',
      { restricted: [{ code: '78462F103', kind: 'restricted', known: false }] },
      'warn',
      /restrict nothing: 78462F103\. Use tickers/,
    ],
    [
      'a CUSIP that only the profile knows',
      'restricted',
      {
        ...profiled('generic', { cusips: { XLK: '81369Y803' } }),
        restricted: [{ code: '81369Y803', kind: 'restricted', known: false }],
      },
      null,
    ],
    ['a watched name', 'restricted', { restricted: [{ code: 'SPY', kind: 'watch' }] }, 'warn'],
    ['an empty list', 'restricted', { restricted: [] }, null],
    ['no session', 'session', session('closed', '10:00'), 'block', /2026-03-09 is not a trading day/],
    ['during the session', 'session', session('full', '15:59'), null],
    ['after the close', 'session', session('full', '16:00'), 'warn', /ended at 16:00; it is 16:00/],
    ['a half day', 'session', session('half', '12:59'), 'inform', /13:00/],
    ['after a half day', 'session', session('half', '13:00'), 'warn'],
    ['at the close, before the cut-off', 'session', { ...session('full', '15:49'), ...close }, null],
    ['at the close, after the cut-off', 'session', { ...session('full', '15:50'), ...close }, 'warn', /until 15:50/],
    [
      'an own cut-off',
      'session',
      { ...session('full', '15:46'), ...close, closeCutOff: { full: '15:45', half: '12:45' } },
      'warn',
      /15:45/,
    ],
    ['a later session', 'session', session('full', null), null],
    ['every order in the format', 'order_terms', profiled('generic'), null],
    ['a short without an EMSX word', 'order_terms', profiled('emsx'), 'block', /no confirmed word for SELL_SHORT/],
    ['a close order for Tradier', 'order_terms', profiled('tradier', { orderType: 'MOC' }), 'block', /no order type MOC/],
    ['two accounts for Alpaca', 'order_terms', { ...profiled('alpaca'), orders: [order(), buy('B')] }, 'block', /name no account/],
    ['a wide spread', 'market_order', { spreads: { SPY: 0.0011 } }, 'warn', /11\.0 basis points/],
    ['a spread of 10 basis points', 'market_order', { spreads: { SPY: 0.001 } }, null],
    ['little traded', 'market_order', adv(10_000), 'warn', /\$6,122,500\.00 trade a day.*limit on close/],
    ['much traded', 'market_order', adv(20_000), null],
    ['$10 m traded', 'market_order', { ...adv(20_000), orders: [order({ price: 500 })] }, null],
    ['neither known', 'market_order', { spreads: {} }, 'inform', /not checked/],
    [
      'a split on the day',
      'settlement',
      { corporateActions: [{ symbol: 'SPY', day: '2026-03-07', what: 'a split 2 for 1' }], unsettled: [] },
      'warn',
      /SPY: a split 2 for 1 takes effect on 2026-03-07/,
    ],
    [
      'a split that the orders do not count',
      'settlement',
      { corporateActions: [{ symbol: 'SPY', day: '2026-03-07', what: 'a split of 4 for 1', split: 4 }], unsettled: [] },
      'block',
      /on 2026-03-07, the orders count shares of before it: 410 shares would be 1640/,
    ],
    [
      'a split that the price counts and the holdings do not',
      'settlement',
      {
        orders: [order({ priceDay: '2026-03-07' })],
        etfHoldings: held(-5),
        corporateActions: [{ symbol: 'SPY', day: '2026-03-07', what: 'a split of 4 for 1', split: 4 }],
        unsettled: [],
      },
      'block',
      /410 shares would be 1640/,
    ],
    [
      'a split that both count',
      'settlement',
      {
        orders: [order({ priceDay: '2026-03-07' })],
        etfHoldings: held(-5),
        holdingsAsOf: [null, '2026-03-07'],
        corporateActions: [{ symbol: 'SPY', day: '2026-03-07', what: 'a split of 4 for 1', split: 4 }],
      },
      'warn',
      /may not be of the same day.*Unsettled purchases are not checked/,
    ],
    [
      'a split of a fund that is not held, of which the price counts it',
      'settlement',
      {
        orders: [order({ priceDay: '2026-03-07' })],
        etfHoldings: held(5, { symbol: 'XLK' }),
        corporateActions: [{ symbol: 'SPY', day: '2026-03-06', what: 'a split of 4 for 1', split: 4 }],
        unsettled: [],
      },
      null,
    ],
    [
      'a split to come, and one of another ETF',
      'settlement',
      {
        corporateActions: ['SPY 2026-03-10', 'XLK 2026-03-07'].map((own) => {
          return { symbol: own.slice(0, 3), day: own.slice(4), what: 'a split of 4 for 1', split: 4 };
        }),
        unsettled: [],
      },
      null,
    ],
    ['a split on another day', 'settlement', { corporateActions: [{ symbol: 'SPY', day, what: 'a split' }], unsettled: [] }, null],
    [
      'unsettled purchases sold',
      'settlement',
      { unsettled: [{ account: 'ACCT01', symbol: 'SPY', shares: 5 }] },
      'warn',
      /5 shares.*Corporate actions are not checked/,
    ],
    [
      'unsettled purchases sold long',
      'settlement',
      { unsettled: [{ account: 'ACCT01', symbol: 'SPY', shares: 5 }], orders: [order({ side: 'SELL' })], corporateActions: [] },
      'warn',
      /5 shares/,
    ],
    [
      'unsettled purchases of another ETF, or bought more of',
      'settlement',
      {
        unsettled: [
          { account: 'ACCT01', symbol: 'XLK', shares: 5 },
          { account: 'B', symbol: 'SPY', shares: 5 },
        ],
        orders: [order(), buy('B')],
        corporateActions: [],
      },
      null,
    ],
    ['unsettled elsewhere', 'settlement', { unsettled: [{ account: 'B', symbol: 'SPY', shares: 5 }], corporateActions: [] }, null],
    [
      'a coming ex-date',
      'ex_date',
      { exDates: [{ symbol: 'SPY', day, amount: 1.5 }] },
      'inform',
      /410 shares short then owe the dividend, \$615\.00/,
    ],
    ['an ex-date today', 'ex_date', { exDates: [{ symbol: 'SPY', day: clean.today, amount: null }] }, null],
    ['an ex-date of a long', 'ex_date', { exDates: [{ symbol: 'SPY', day, amount: 1 }], etfHoldings: held(500) }, null],
    ['a plain short sale', 'tax_notes', {}, null, /1092.*70 %.*not advice/],
    [
      'a short sale against a long elsewhere',
      'tax_notes',
      { etfHoldings: held(5, { account: 'B' }) },
      'inform',
      /SPY short while it is held long.*1259/,
    ],
    ['a cover', 'tax_notes', { orders: [buy('A', 'BUY_TO_COVER')] }, 'inform', /covering SPY.*1091/],
    [
      '$8 m short',
      'short_reporting',
      { etfHoldings: held(-12_657) },
      'inform',
      /\$8,000,270\.75 short, against a threshold of \$10,000,000\.00/,
    ],
    ['less short', 'short_reporting', { etfHoldings: held(-12_650) }, null],
    [
      '2.5 % of the shares outstanding',
      'short_reporting',
      { sharesOutstanding: { SPY: 16_400 } },
      'inform',
      /2\.5 % of the shares outstanding, against/,
    ],
    [
      'a short without a price',
      'short_reporting',
      { etfHoldings: [{ account: 'A', symbol: 'ZZZ', shares: -1, role: 'hedge' }] },
      'inform',
      /ZZZ: without/,
    ],
    ['a short sale that goes to a desk without a locate', 'locate', profiled('ems'), 'block', /1 short sale needs a locate/],
    ['a short sale that a retail broker locates', 'locate', profiled('generic'), 'warn'],
    ['a short sale that is located', 'locate', profiled('ems', { locates: [locate] }), null],
    ['a locate that is too small', 'locate', profiled('ems', { locates: [{ ...locate, quantity: 400 }] }), 'block', /400 shares; 410/],
    [
      'a locate that expires before the session',
      'locate',
      { ...profiled('ems', { locates: [locate] }), tradeSession: { day, kind: 'full', time: null } },
      'block',
      /The locate for SPY expired on 2026-03-09, before .*1 short sale needs a locate by the broker: SPY\./,
    ],
    [
      'a locate that other sets have used up in part',
      'locate',
      { ...profiled('ems', { locates: [{ ...locate, quantity: 820 }] }), locatesUsed: { SPY: 411 } },
      'block',
      /Of the locate for SPY of 820 shares 411 went out in other sets: 410 more are not in it\..*needs a locate/,
    ],
    [
      'a locate of which other sets have left enough',
      'locate',
      { ...profiled('ems', { locates: [{ ...locate, quantity: 820 }] }), locatesUsed: { SPY: 410 } },
      null,
    ],
    [
      'a new locate beside the expired one',
      'locate',
      { ...profiled('ems', { locates: [locate, { ...locate, expires: '2026-03-12' }] }), tradeSession: { day, kind: 'full', time: null } },
      null,
    ],
    [
      'what else is written while a locate has expired',
      'fields',
      { ...profiled('ems', { locates: [{ ...locate, expires: '2026-03-01' }] }), tradeSession: { day, kind: 'full', time: null } },
      null,
    ],
  ];
  it.each(cases)('%s', (_, id, patch, severity, message) => {
    const [own, text] = found(id, patch);
    expect([own, text]).toEqual([severity, text]);
    if (message) expect(text).toMatch(message);
    expect(check(id, patch).final === true).toBe(severity === 'block' && FINAL.includes(id));
  });
});
