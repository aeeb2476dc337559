import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HedgerowError } from '../../contract/errors.ts';
import type { HedgeOrder } from '../../contract/results.ts';
import { basketId, compareOrders, numberOrders, readOrders, writeCheckedOrders, writeOrders, type OrderFormat } from './index.ts';
import { basket, order, orderLists, sha256 } from './testing/sample.ts';

const FORMATS: readonly OrderFormat[] = ['generic', 'ibkr-basket'];
const thrown = (run: () => unknown): HedgerowError['data'] | null => {
  try {
    run();
  } catch (error) {
    return (error as HedgerowError).data;
  }
  return null;
};

describe('order files', () => {
  it('generic: the native header, closing orders first, CRLF and a final line end', () => {
    expect(writeOrders('generic', 'R12', basket)).toBe(
      [
        'run_id,order_id,account,symbol,cusip,side,quantity,order_type,limit_price,tif,currency,ref_price,ref_price_time,est_notional,locate_status,locate_id,hedge_bucket,reason',
        'R12,H260306A7K3Q05,A-2,SPY,,SELL,1,MKT,,DAY,USD,612.25,2026-03-06,612.25,NOT_NEEDED,,market,"level 3 hedge, all layers"',
        'R12,H260306A7K3Q02,ACCT01,BRK.B,,SELL,60,MKT,,DAY,USD,91.45,2026-03-06,5487.00,NOT_NEEDED,,market,"level 3 hedge, all layers"',
        'R12,H260306A7K3Q01,ACCT01,SPY,,SELL_SHORT,410,MKT,,DAY,USD,612.25,2026-03-06,251022.50,REQUIRED,,market,"level 3 hedge, all layers"',
        'R12,H260306A7K3Q03,ACCT01,SMH,,BUY_TO_COVER,7,MKT,,DAY,USD,249.30,2026-03-06,1745.10,NOT_NEEDED,,subsector,"level 3 hedge, all layers"',
        'R12,H260306A7K3Q04,ACCT01,XLK,,BUY,3,MKT,,DAY,USD,0.1235,2026-03-06,0.37,NOT_NEEDED,,sector,"level 3 hedge, all layers"',
        '',
      ].join('\r\n'),
    );
  });

  it('ibkr-basket: two actions, class shares with a space, no quotes', () => {
    expect(writeOrders('ibkr-basket', 'R12', basket)).toBe(
      [
        'Action,Quantity,Symbol,SecType,Exchange,Currency,TimeInForce,OrderType,LmtPrice,BasketTag,Account,OrderRef',
        'SELL,1,SPY,STK,SMART,USD,DAY,MKT,,H260306A7K3Q,A-2,H260306A7K3Q05',
        'SELL,60,BRK B,STK,SMART,USD,DAY,MKT,,H260306A7K3Q,ACCT01,H260306A7K3Q02',
        'SELL,410,SPY,STK,SMART,USD,DAY,MKT,,H260306A7K3Q,ACCT01,H260306A7K3Q01',
        'BUY,7,SMH,STK,SMART,USD,DAY,MKT,,H260306A7K3Q,ACCT01,H260306A7K3Q03',
        'BUY,3,XLK,STK,SMART,USD,DAY,MKT,,H260306A7K3Q,ACCT01,H260306A7K3Q04',
        '',
      ].join('\r\n'),
    );
  });

  it('read back as the orders they were made from, whatever the order given; equal input, equal bytes', () => {
    fc.assert(
      fc.property(orderLists, fc.constantFrom(...FORMATS), (list, format) => {
        const text = writeCheckedOrders(format, 'R1', list);
        expect(compareOrders(format, 'R1', list, readOrders(format, text))).toBeNull();
        expect(writeOrders(format, 'R1', list.toReversed())).toBe(text);
        expect(text).toMatch(/\r\n$/);
        expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]|(^|,)"?[=@\t]/);
      }),
    );
  });

  it('a changed cell is named', () => {
    const changes: readonly [OrderFormat, string, string, RegExp][] = [
      ['generic', ',SELL_SHORT,410,', ',SELL_SHORT,411,', /H260306A7K3Q01 \(SPY\): quantity is 411 in the file, 410 expected/],
      ['generic', 'SELL_SHORT', 'SELL', /side is "SELL" in the file, "SELL_SHORT" expected/],
      ['generic', ',XLK,', ',XLE,', /symbol is "XLE"/],
      ['generic', '1745.10', '1745.20', /notional/],
      ['generic', 'MKT,,', 'LMT,5.00,', /order type is "LMT"/],
      ['generic', 'R12', 'R13', /run is "R13"/],
      ['ibkr-basket', 'BUY,7', 'SELL,7', /side is "SELL" in the file, "BUY" expected/],
      ['ibkr-basket', 'BRK B', 'BRK A', /symbol is "BRK A"/],
      ['ibkr-basket', 'A-2', 'A-3', /account is "A-3"/],
      ['ibkr-basket', 'Q05\r\n', 'Q06\r\n', /H260306A7K3Q05 \(SPY\) is not in the file/],
      ['ibkr-basket', 'SELL,1,SPY,STK,SMART,USD,DAY,MKT,,H260306A7K3Q,A-2,H260306A7K3Q05\r\n', '', /4 orders in the file, 5 expected/],
    ];
    for (const [format, from, to, difference] of changes) {
      const text = writeOrders(format, 'R12', basket);
      expect(text).toContain(from);
      expect(compareOrders(format, 'R12', basket, readOrders(format, text.replace(from, to)))).toMatch(difference);
    }
  });

  it('a file that is not exactly in the format is refused with its line', () => {
    const text = writeOrders('ibkr-basket', 'R12', basket);
    const refused = (altered: string) => thrown(() => readOrders('ibkr-basket', altered));
    expect(refused('\uFEFF' + text)?.message).toMatch('line 1: the header differs');
    expect(refused(text.replace(',7,', ',-7,'))?.message).toMatch('line 5: the quantity');
    expect(refused(text.replace(',7,', ',7.5,'))?.message).toMatch('line 5: the quantity');
    expect(refused(text.replace(',DAY,', ','))?.message).toMatch('line 2: 11 cells instead of 12');
    expect(refused(text.replace('SPY', 'S"PY'))?.message).toMatch('line 2: damaged');
    expect(refused(text.slice(0, -2))?.message).toMatch('no line end');
    expect(refused(text.replaceAll('\r\n', '\n'))?.code).toBe('data');
  });

  it('refuses to write what the whitelist does not hold, naming field and value', () => {
    const bad: readonly [Partial<HedgeOrder>, string, string][] = [
      [{ symbol: '=CMD' }, 'symbol', '=CMD'],
      [{ symbol: 'spy' }, 'symbol', 'spy'],
      [{ symbol: 'SPY\r\nX' }, 'symbol', 'SPY\r\nX'],
      [{ symbol: 'SPY\n' }, 'symbol', 'SPY\n'],
      [{ account: '@SUM(1)' }, 'account', '@SUM(1)'],
      [{ account: '-1' }, 'account', '-1'],
      [{ account: 'A'.repeat(21) }, 'account', 'A'.repeat(21)],
      [{ quantity: 0 }, 'quantity', '0'],
      [{ quantity: -5 }, 'quantity', '-5'],
      [{ quantity: 1.5 }, 'quantity', '1.5'],
      [{ quantity: 1e8 }, 'quantity', '100000000'],
      [{ price: NaN }, 'refPrice', 'NaN'],
      [{ price: 1e6 }, 'refPrice', '1000000.00'],
      [{ price: 0.00001 }, 'refPrice', '0.0000'],
      [{ priceDay: '06/03/2026' }, 'refDay', '06/03/2026'],
      [{ orderId: 'H260306A7K3Q0123' }, 'orderId', 'H260306A7K3Q0123'],
      [{ reason: '=1+1' }, 'reason', '=1+1'],
      [{ reason: 'a "quote"' }, 'reason', 'a "quote"'],
      [{ reason: '' }, 'reason', ''],
      [{ side: 'SHORT' as 'SELL' }, 'side', 'SHORT'],
    ];
    for (const [patch, field, value] of bad) {
      for (const format of FORMATS) {
        expect(thrown(() => writeOrders(format, 'R12', [order(patch)]))).toMatchObject({ code: 'blocked', details: { field, value } });
      }
    }
    expect(thrown(() => writeOrders('generic', 'r12', [order()]))?.details).toEqual({ field: 'runId', value: 'r12' });
    expect(thrown(() => writeOrders('generic', 'R12', [order(), order({ symbol: 'XLK' })]))?.message).toMatch('used twice');
    expect(thrown(() => writeOrders('generic', 'R12', [order({ account: '' })]))).toBeNull();
    expect(thrown(() => writeOrders('generic', 'R12', [order({ account: '' }), order({ orderId: 'H2' })]))?.message).toMatch(
      'account is ""',
    );
  });
});

describe('order ids', () => {
  it('come from the spec, the day and the attempt alone', () => {
    const id = basketId('2026-03-06', 'A', { level: 3, layers: { market: 1, sector: 0.5 } }, sha256);
    expect(id).toMatch(/^H260306A[A-Z2-7]{4}$/);
    expect(basketId('2026-03-06', 'A', { layers: { sector: 0.5, market: 1 }, level: 3 }, sha256)).toBe(id);
    expect(basketId('2026-03-06', 'A', { level: 2, layers: { market: 1, sector: 0.5 } }, sha256)).not.toBe(id);
    expect(basketId('2026-03-06', 'B', { level: 3, layers: { market: 1, sector: 0.5 } }, sha256)).toBe(id.replace('H260306A', 'H260306B'));
    // RFC 4648: the first bytes 66 6f 6f are MZXW 6.
    expect(basketId('2026-03-06', 'A', {}, () => new TextEncoder().encode('foo'))).toBe('H260306AMZXW');
    expect(() => basketId('6 March', 'A', {}, sha256)).toThrow('6 March');
    expect(() => basketId('2026-03-06', 'A', { x: NaN }, sha256)).toThrow('NaN');
  });

  it('number orders in file order, unique up to 999', () => {
    const many = Array.from({ length: 120 }, (_, i) => order({ symbol: `E${1000 - i}` }));
    const ids = numberOrders('H260306A7K3Q', many).map(({ orderId, symbol }) => [orderId, symbol]);
    expect(ids[0]).toEqual(['H260306A7K3Q01', 'E1000']);
    expect(ids[119]).toEqual(['H260306A7K3Q120', 'E999']);
    expect(new Set(ids.map(([id]) => id)).size).toBe(120);
    expect(readOrders('generic', writeCheckedOrders('generic', 'R1', numberOrders('H260306A7K3Q', many)))).toHaveLength(120);
    expect(thrown(() => numberOrders('H', Array(1000).fill(order())))?.code).toBe('blocked');
  });
});
