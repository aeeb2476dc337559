import { describe, expect, it } from 'vitest';
import { preTradeChecks, type CheckContext } from './index.ts';
import { clean, leg, price } from './testing/context.ts';
import { order } from './testing/sample.ts';

const failed = (patch: Partial<CheckContext>) =>
  preTradeChecks({ ...clean, ...patch }).flatMap(({ id, severity, status, message }) =>
    status === 'fail' ? [[id, severity, message] as const] : [],
  );
const only = (id: string, patch: Partial<CheckContext>) => failed(patch).find(([own]) => own === id);

describe('pre-trade checks', () => {
  it('of a clean hedge only ask for the locate and inform of rounding', () => {
    expect(failed({}).map(([id, severity]) => [id, severity])).toEqual([
      ['locate', 'warn'],
      ['rounding', 'inform'],
      ['dry_run', 'inform'],
    ]);
    const checks = preTradeChecks(clean);
    expect(new Set(checks.map(({ id }) => id)).size).toBe(checks.length);
    expect(checks.every(({ message }) => message.length > 0)).toBe(true);
  });

  const cases: readonly [string, string, Partial<CheckContext>, 'block' | 'warn' | 'inform' | null, RegExp?][] = [
    ['simulated data', 'simulated', { simulated: true }, 'inform', /^Simulated data: not for trading\.$/],
    ['no orders', 'orders', { orders: [] }, 'inform', /nothing to trade/],
    ['unresolved lines', 'inputs_complete', { unresolvedLines: 3 }, 'block', /3 lines/],
    ['positions told by their value', 'inputs_complete', { toldByValue: ['AAPL', 'SPY'] }, 'warn', /^AAPL, SPY: the holdings tell values/],
    [
      'a what-if that was kept',
      'inputs_complete',
      { whatIfs: ['A', 'B'] },
      'block',
      /^The holdings of A, B are a what-if .* may not be held\.$/,
    ],
    [
      'an ETF with another name',
      'fields',
      { renamed: [{ symbol: 'SPY', now: 'SPYX' }] },
      'block',
      /^SPY is called SPYX now, .*import a map/,
    ],
    ['an ETF whose name is gone', 'fields', { renamed: [{ symbol: 'SPY', now: 'SPY' }] }, 'block', /^Nothing is called SPY any more/],
    ['coverage of 95 %', 'coverage', { coverage: 0.95 }, null],
    ['coverage under 95 %', 'coverage', { coverage: 0.9 }, 'warn', /90\.0 %.*95\.0 %.*XYZ/],
    ['coverage a little under 95 %', 'coverage', { coverage: 0.9499 }, 'warn', /^Only 94\.99 % .*limit 95\.0 %/],
    ['coverage under 80 %', 'coverage', { coverage: 0.79 }, 'block', /79\.0 %.*80\.0 %/],
    ['positions without a value', 'coverage', { valueless: ['QQ', 'ZZ'] }, 'warn', /QQ, ZZ.*not hedged, and 98\.0 %/],
    ['no value at all', 'coverage', { coverage: null }, 'block'],
    ['holdings one session old', 'holdings_age', { today: '2026-03-09' }, null],
    ['holdings two sessions old', 'holdings_age', { today: '2026-03-10' }, 'warn', /2 business days/],
    ['holdings four sessions old', 'holdings_age', { today: '2026-03-12' }, 'block', /4 business days/],
    ['holdings of unknown age', 'holdings_age', { holdingsAsOf: [null] }, 'warn', /unknown/],
    ['holdings of two days', 'holdings_age', { holdingsAsOf: ['2026-03-06', '2026-03-05'] }, 'warn', /2 days: 2026-03-06, 2026-03-05/],
    ['holdings of tomorrow', 'holdings_age', { holdingsAsOf: ['2026-03-08'] }, 'warn', /dated 2026-03-08, after today/],
    ['a price one session old', 'price_age', { prices: [price({ day: '2026-03-05' })] }, 'warn', /SPY is of 2026-03-05, 1 session before/],
    ['a price two sessions old', 'price_age', { prices: [price({ day: '2026-03-04' })] }, 'warn', /2 sessions/],
    ['a price three sessions old', 'price_age', { prices: [price(), price({ day: '2026-03-03' })] }, 'block', /3 sessions/],
    ['prices of another day than the holdings', 'price_day', { holdingsAsOf: ['2026-03-05'] }, 'warn', /2026-03-06.*2026-03-05/],
    [
      'holdings of two days, of which one is that of the prices',
      'price_day',
      { holdingsAsOf: ['2026-03-05', '2026-03-06'] },
      'warn',
      /^Prices are of 2026-03-06, holdings of 2026-03-05, 2026-03-06/,
    ],
    ['one unresolved line', 'inputs_complete', { unresolvedLines: 1 }, 'block', /^1 line of the holdings is rejected/],
    [
      'prices of another day, in numbers',
      'price_day',
      { holdingsAsOf: ['2026-03-05'], drift: { positions: 3, then: 1000, now: 970 } },
      'warn',
      /the 3 positions priced in both went from \$1,000\.00 to \$970\.00 gross, -3\.0 %/,
    ],
    ['a price 5 % from the file', 'price_file', { prices: [price({ price: 105, filePrice: 100 })] }, null],
    [
      'a price 6 % from the file',
      'price_file',
      { prices: [price({ price: 106.00000000000001, filePrice: 100 })] },
      'warn',
      /is 106, in the holdings file 100: 6\.0 % apart/,
    ],
    ['a price half that of the file', 'price_file', { prices: [price({ price: 50, filePrice: 100 })] }, 'block', /50\.0 % apart/],
    [
      'a price a little over 20 % from the file',
      'price_file',
      { prices: [price({ price: 120.01, filePrice: 100 })] },
      'block',
      /20\.01 % .*limit 20\.0 %/,
    ],
    [
      'a position without a price in the file',
      'price_file',
      { prices: [price(), price({ ticker: 'XYZ', filePrice: null })] },
      'inform',
      /no price .* of XYZ/,
    ],
    [
      'a fund that is only traded',
      'price_file',
      { prices: [price(), { ticker: 'XLK', price: 1, day: '2026-03-06', adjusted: false }] },
      null,
    ],
    ['an adjusted close as price', 'price_adjusted', { prices: [price({ adjusted: true })] }, 'warn', /SPY/],
    ['a leg without any raw close', 'price_adjusted', { legs: [leg({ price: null })] }, 'block', /No raw close of SPY/],
    ['an order above the cap', 'order_cap', { orderCap: 250_000 }, 'block', /\$251,022\.50.*\$250,000\.00/],
    [
      'an order of the cap to the cent',
      'order_cap',
      { orderCap: 26_801.28, orders: [order({ notional: 282 * 95.04, quantity: 282, price: 95.04 })] },
      null,
    ],
    [
      'orders of the cap of the account to the cent',
      'basket_cap',
      { accountCap: 0.3, orders: [order({ notional: 0.1 }), order({ notional: 0.2 })] },
      null,
    ],
    [
      'several orders above the cap',
      'order_cap',
      { orderCap: 1, orders: [order({ symbol: 'XLK', quantity: 2 }), order()] },
      'block',
      /^2 orders are above the cap of \$1\.00: .*XLK.* \$.*, .*SPY.* \$251,022\.50\.$/,
    ],
    [
      'an order above its share of net value',
      'order_cap',
      { orderShare: 0.05, bookValue: { gross: 9e6, net: 4e6 } },
      'block',
      /\$251,022\.50.*\$200,000\.00/,
    ],
    [
      'an order within its share of gross, where net says nothing',
      'order_cap',
      { orderShare: 0.05, bookValue: { gross: 9e6, net: 1e5 } },
      null,
    ],
    ['a hedge above 150 % of the long value', 'basket_cap', { longValue: 100_000 }, 'block', /\$251,022\.50.*150\.0 %/],
    ['a hedge that comes on top of the one held', 'basket_cap', { legs: [leg({ held: -300_000 })] }, 'block', /\$551,022\.50 gross/],
    ['a hedge that is taken off', 'basket_cap', { longValue: 100_000, legs: [leg({ held: 251_022.5 })] }, null],
    ['an order of one share', 'side', { orders: [order({ quantity: 1, notional: 612.25 })] }, null],
    ['what has been replaced since', 'superseded', { superseded: ['Snapshot 2 was undone.'] }, 'block', /^Snapshot 2 was undone\.$/],
    ['a hedge of a book of shorts within their value', 'basket_cap', { longValue: 0, shortValue: 200_000 }, null],
    [
      'a hedge of a book of shorts above it',
      'basket_cap',
      { longValue: 90_000, shortValue: 100_000 },
      'block',
      /the short value of \$100,000\.00/,
    ],
    ['a retirement account selling short', 'account', { orders: [order({ account: 'Roth-IRA' })] }, 'block', /Roth-IRA/],
    ['a cash account selling short', 'account', { accountKinds: { ACCT01: 'cash' } }, 'block', /ACCT01/],
    ['an account of unknown kind selling short', 'account', { accountKinds: {} }, 'warn', /not known/],
    ['an employer plan as brokers write it', 'account', { orders: [order({ account: 'Smith 401(k)' })] }, 'block', /401\(k\)/],
    ['a name that only contains the letters', 'account', { orders: [order({ account: 'MIRAGE' })] }, 'warn'],
    [
      'funds with too few common returns',
      'rounding',
      { commonReturns: { rows: 3, needed: 126 } },
      'warn',
      /^The funds have 3 .* 126 are needed/,
    ],
    ['funds with enough of them', 'rounding', { commonReturns: { rows: 126, needed: 126 } }, 'inform'],
    ['rounding above 1 %', 'rounding', { legs: [leg({ target: -300, rounded: -4.06 })] }, 'warn', /\$4\.06, 1\.4 %/],
    [
      'a dropped leg',
      'dropped',
      { legs: [leg({ dropped: 'below the minimum trade ($900.00 of $1,000.00)' })] },
      'inform',
      /SPY: below the minimum trade \(\$900\.00/,
    ],
    ['a field outside the whitelist', 'fields', { orders: [order({ symbol: '=X' })] }, 'block', /symbol is "=X"/],
    ['an earlier export', 'duplicate_export', { earlierExport: 'Exported today at 15:02 as orders.csv' }, 'block', /15:02.*working/],
  ];
  it.each(cases)('%s', (_, id, patch, severity, message) => {
    const found = only(id, patch);
    expect(found?.[1] ?? null).toBe(severity);
    if (message) expect(found?.[2]).toMatch(message);
  });

  it('replay the sides on what each account holds', () => {
    const held = (shares: number, role: 'investment' | 'hedge' = 'hedge') => [{ account: 'ACCT01', symbol: 'SPY', shares, role }];
    const at = (shares: number, ...sides: ['BUY' | 'SELL' | 'SELL_SHORT' | 'BUY_TO_COVER', number][]) =>
      only('side', {
        etfHoldings: held(shares),
        orders: sides.map(([side, quantity], i) => order({ side, quantity, orderId: `H${i}` })),
      })?.[1] ?? null;
    expect(at(100, ['SELL_SHORT', 50], ['SELL', 100])).toBeNull();
    expect(at(-100, ['BUY', 50], ['BUY_TO_COVER', 100])).toBeNull();
    expect(at(100, ['SELL', 101])).toBe('block');
    expect(at(100, ['SELL_SHORT', 1])).toBe('block');
    expect(at(-100, ['BUY', 1])).toBe('block');
    expect(at(-100, ['BUY_TO_COVER', 101])).toBe('block');
    expect(at(0, ['BUY', -1])).toBe('block');
    // Another account's holding does not make a sale long.
    expect(
      only('side', { etfHoldings: [{ account: 'B', symbol: 'SPY', shares: 900, role: 'hedge' }], orders: [order({ side: 'SELL' })] })?.[1],
    ).toBe('block');
  });

  it('name an investment that a hedge sells, in the same or in another account', () => {
    const sold = (account: string) =>
      only('duplicate_etf', {
        orders: [order({ side: 'SELL_SHORT', quantity: 1234.5 })],
        etfHoldings: [{ account, symbol: 'SPY', shares: 80_000, role: 'investment' }],
      });
    expect(sold('ACCT01')?.[2]).toMatch(/^SELL SHORT SPY in ACCT01 of 1,234.5 shares comes out of the 80,000 held/);
    expect(sold('B')?.[2]).toMatch(/account B holds 80,000 shares as an investment/);
    const outside = (owners: Record<string, string>) =>
      only('duplicate_etf', { otherEtfs: [{ account: 'IRA', symbol: 'SPY', shares: 80 }], owners });
    // Whose owner is not known may be of the same one.
    for (const owners of [{ ACCT01: 'Ann', IRA: 'Ann' }, { ACCT01: 'Ann' }, { IRA: 'Ann' }, {}])
      expect(outside(owners as Record<string, string>)?.[2]).toMatch(/account IRA holds 80 shares and is not hedged here: ask about tax/);
    expect(outside({ ACCT01: 'Ann', IRA: 'Bob' })).toBeUndefined();
  });

  it('name a fund once whose price stands for a holding and for an order, and say that only some prices are of another day', () => {
    const prices = [price({ ticker: 'AAA' }), price({ day: '2026-03-05' }), price({ day: '2026-03-05' })];
    expect(only('price_age', { prices })?.[2]).toMatch(/^The price of SPY is of 2026-03-05/);
    expect(only('price_day', { prices })?.[2]).toMatch(/^Some prices are of 2026-03-05, holdings of 2026-03-06/);
    expect(only('price_day', { prices: prices.slice(1) })?.[2]).toMatch(/^Prices are of 2026-03-05/);
  });

  it('name once what several accounts hold', () => {
    const found = only('coverage', { coverage: 0.9, unmodelled: ['BOND', 'BOND', 'ZZZ'], valueless: ['ZZZ', 'ZZZ'] });
    expect(found?.[2]).toMatch(/Not modelled: BOND, ZZZ\. Positions without a value in dollars: ZZZ\. They/);
  });

  it('tell prices of many days in one sentence that names the oldest first', () => {
    const many = Array.from({ length: 27 }, (_, i) =>
      price({ ticker: `T${i}`, day: `2026-02-${String(i === 0 ? 2 : 2 + (i % 6)).padStart(2, '0')}` }),
    );
    const found = only('price_age', { prices: [...many.reverse(), price({ ticker: 'LATE', day: '2026-03-05' })] });
    expect(found?.[1]).toBe('block');
    expect(found?.[2]).toMatch(
      /^27 prices are of 6 days before the last session, the oldest of 2026-02-02, \d+ sessions before it: T24, .*and 7 more\. The price of LATE is/,
    );
    expect(only('price_day', { prices: many })?.[2]).toMatch(/^Prices are of 6 days from 2026-02-02 to 2026-02-07, holdings of 2026-03-06/);
  });

  it('put what blocks first in a long list', () => {
    const prices = Array.from({ length: 40 }, (_, i) => price({ ticker: `T${i}`, day: i === 39 ? '2026-02-02' : '2026-03-05' }));
    const found = only('price_age', { prices });
    expect(found?.[1]).toBe('block');
    expect(found?.[2]).toMatch(/^The price of T39 is of 2026-02-02.* 39 prices \(T0, .*and \d+ more\) are of 2026-03-05/);
  });
});
