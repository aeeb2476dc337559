import { expect, it } from 'vitest';
import { preTradeChecks, type CheckContext } from './index.ts';
import { clean, FINAL } from './testing/context.ts';
import { order } from './testing/sample.ts';

const xlk = order({ orderId: 'H2', symbol: 'XLK', quantity: 30, notional: 1350 });

const cases: readonly [string, Partial<CheckContext>, 'block' | 'warn' | 'inform' | null, RegExp?][] = [
  ['5 times the usual size', { usualSizes: { SPY: { sets: 3, quantity: 82, notional: 50_300 } } }, null],
  [
    'more than 5 times the shares',
    { usualSizes: { SPY: { sets: 3, quantity: 81, notional: 99_999 } } },
    'block',
    /410 SPY.*5 times 81 .*median of the last 3 exported sets/,
  ],
  ['more than 5 times the dollars', { usualSizes: { SPY: { sets: 3, quantity: 400, notional: 50_000 } } }, 'block', /\$251,022\.50/],
  [
    'more than 5 times next to nothing, and a sliver of the book',
    { usualSizes: { SPY: { sets: 3, quantity: 1, notional: 600 } }, bookValue: { gross: 60_000_000, net: 1e6 } },
    'warn',
    /410 SPY.*5 times 1 .*no more than 0\.5 % of the book/,
  ],
  [
    'more than 5 times next to nothing, and more of the book',
    { usualSizes: { SPY: { sets: 3, quantity: 1, notional: 600 } }, bookValue: { gross: 50_000_000, net: 1e6 } },
    'block',
    /a slip\?/,
  ],
  [
    'several trades of more than 5 times next to nothing, and slivers of the book',
    {
      usualSizes: { SPY: { sets: 3, quantity: 1, notional: 600 }, XLK: { sets: 1, quantity: 2, notional: 90 } },
      bookValue: { gross: 60_000_000, net: 1e6 },
      orders: [order(), xlk],
    },
    'warn',
    /^2 trades are above 5 times the median .* each no more than 0\.5 % of the book: 410 SPY \(\$251,022\.50\) after 1 \(\$600\.00\), 30 XLK \(\$1,350\.00\) after 2 \(\$90\.00\)\.$/,
  ],
  [
    'thousands of shares',
    { usualSizes: { SPY: { sets: 1, quantity: 1100, notional: 600 } }, orders: [order({ quantity: 6410 })] },
    'block',
    /6,410 SPY .*5 times 1,100 /,
  ],
  [
    'several new ETFs',
    {
      usualSizes: { GLD: { sets: 1, quantity: 1, notional: 1 } },
      orders: [order(), order({ side: 'BUY', account: 'B', orderId: 'HB' }), xlk],
    },
    'inform',
    /^SPY, XLK were in no exported set lately: their sizes are not compared\.$/,
  ],
  ['a new ETF', { usualSizes: { XLK: { sets: 1, quantity: 1, notional: 1 } } }, 'inform', /SPY was in no exported set/],
  ['an ETF never traded', { usualSizes: { SPY: { sets: 2, quantity: 0, notional: 0 } } }, 'inform', /no exported set lately/],
  ['the first hedge', { usualSizes: {} }, 'inform', /No hedge was exported before/],
];

it.each(cases)('sizes beside the usual ones: %s', (_, patch, expected, words) => {
  const { status, severity, message, final } = preTradeChecks({ ...clean, ...patch }).find(({ id }) => id === 'fat_finger')!;
  const found = status === 'fail' ? severity : null;
  expect([found, message]).toEqual([expected, message]);
  if (words) expect(message).toMatch(words);
  expect(final === true).toBe(expected === 'block' && FINAL.includes('fat_finger'));
});
