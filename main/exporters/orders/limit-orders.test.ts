import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HedgerowError } from '../../contract/errors.ts';
import { limitText, parseTemplate, writeCheckedOrders, writeOrders } from './index.ts';
import { order } from './testing/sample.ts';

const failure = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    const { code, message } = (error as HedgerowError).data;
    return `${code}: ${message}`;
  }
  return 'nothing thrown';
};

describe('limit orders', () => {
  const limit = { orderType: 'LMT', limitBps: 20 } as const;
  it('are said by every format that has them, in its own words', () => {
    const buy = order({ side: 'BUY' });
    expect(writeCheckedOrders('generic', 'R12', [order()], limit)).toContain(',SELL_SHORT,410,LMT,611.03,DAY,');
    expect(writeCheckedOrders('ibkr-basket', 'R12', [buy], { ...limit, orderType: 'LOC' })).toContain(',USD,DAY,LOC,613.47,');
    expect(writeCheckedOrders('ems', 'R12', [buy], limit)).toContain(',B,410,LMT,613.47,DAY,');
    expect(writeCheckedOrders('emsx', 'R12', [buy], limit)).toContain('BUY,410,LMT,613.47,DAY');
    expect(writeCheckedOrders('fix44', 'R12', [buy], limit)).toContain('\u000140=2\u000144=613.47\u000115=USD\u000159=0\u0001');
    expect(JSON.parse(writeCheckedOrders('alpaca', 'R12', [buy], { ...limit, orderType: 'LOC' }))).toMatchObject([
      { type: 'limit', limit_price: '613.47', time_in_force: 'cls' },
    ]);
    expect(JSON.parse(writeCheckedOrders('alpaca', 'R12', [buy]))).not.toMatchObject([{ limit_price: expect.anything() as string }]);
    expect(JSON.parse(writeCheckedOrders('tradier', 'R12', [buy], limit))).toMatchObject([{ type: 'limit', price: '613.47' }]);
    expect(failure(() => writeOrders('tradier', 'R12', [buy], { ...limit, orderType: 'LOC' }))).toMatch(/no order type LOC/);
    for (const limitBps of [-1, 10_000, 1.5, NaN])
      expect(failure(() => writeOrders('generic', 'R12', [buy], { orderType: 'LMT', limitBps }))).toMatch(
        /^blocked: .*limitPrice is "unknown"/,
      );
  });

  it('are never worse than asked and at most one tick better, exactly', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 999_999_999 }),
        fc.integer({ min: 0, max: 5000 }),
        fc.constantFrom('BUY', 'SELL', 'SELL_SHORT', 'BUY_TO_COVER'),
        (units, bps, side) => {
          const price =
            units >= 10_000
              ? `${Math.floor(units / 10_000)}.${String(units % 10_000)
                  .padStart(4, '0')
                  .slice(0, 2)}`
              : `0.${String(units).padStart(4, '0')}`;
          const buys = side.startsWith('BUY');
          const text = limitText(side as 'BUY', price, bps);
          const scaled = (decimal: string): bigint => BigInt(decimal.replace('.', '').padEnd(decimal.indexOf('.') + 4, '0'));
          // Both sides times 1e8: price in 1e-4 and basis points.
          const exact = scaled(price) * BigInt(10_000 + (buys ? bps : -bps));
          const found = scaled(text) * 10_000n;
          const tick = (exact >= 100_000_000n ? 100n : 1n) * 10_000n;
          const gain = buys ? exact - found : found - exact;
          expect(gain >= 0n && gain < tick, `${side} ${price} ${bps}: ${text}`).toBe(true);
        },
      ),
    );
  });
});

describe('limit orders of a template', () => {
  const written = (side: 'BUY' | 'SELL', price: number, decimals: number): string => {
    const columns = ['symbol', 'side', 'quantity'].map((field) => ({ header: field, field }));
    const template = parseTemplate({ name: 'T', header: false, columns: [...columns, { header: 'limit', field: 'limitPrice', decimals }] });
    const text = writeCheckedOrders('template:T', 'R12', [order({ side, price })], { orderType: 'LMT', limitBps: 0, template });
    return text.trimEnd().split(',').at(-1)!;
  };

  it('are never worse than asked with fewer decimals either', () => {
    expect([written('BUY', 612.58, 1), written('SELL', 612.52, 1)]).toEqual(['612.5', '612.6']);
    expect([written('BUY', 0.0983, 2), written('SELL', 0.0911, 2), written('SELL', 0.0004, 2)]).toEqual(['0.09', '0.10', '0.01']);
    expect([written('BUY', 612.58, 2), written('BUY', 612.58, 4), written('SELL', 612, 0)]).toEqual(['612.58', '612.5800', '612']);
    expect(failure(() => written('BUY', 0.0983, 1))).toBe('blocked: Template T has too few decimals for the limit 0.0983 in column limit.');
  });
});

describe('accounts', () => {
  it('go out under the id the desk gives them', () => {
    const masked = order({ account: 'Individual ...482' });
    expect(failure(() => writeOrders('generic', 'R12', [masked]))).toMatch(/account is "Individual \.\.\.482"/);
    expect(writeCheckedOrders('generic', 'R12', [masked], { accounts: { 'Individual ...482': '12345482' } })).toContain(',12345482,SPY,');
    expect(failure(() => writeOrders('generic', 'R12', [masked], { accounts: { 'Individual ...482': '=1+1' } }))).toMatch(/^blocked/);
  });
});
