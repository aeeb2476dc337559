import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HedgerowError } from '../../contract/errors.ts';
import {
  compareOrders,
  formatExtension,
  isOrderFormat,
  ORDER_FORMATS,
  parseTemplate,
  readOrders,
  writeCheckedOrders,
  writeOrders,
  type OrderFormat,
  type OrderProfile,
} from './index.ts';
import { basket, locatesFor, order, orderLists } from './testing/sample.ts';

const failure = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    const { code, message } = (error as HedgerowError).data;
    return `${code}: ${message}`;
  }
  return 'nothing thrown';
};

/** RFC 4180, character by character: it shares nothing with the program. */
function cellsOf(text: string, delimiter: string, eol: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '"') {
      const end = text.indexOf('"', i + 1);
      cell += text.slice(i + 1, end);
      i = end;
    } else if (text[i] === delimiter) {
      row.push(cell);
      cell = '';
    } else if (text.startsWith(eol, i)) {
      rows.push([...row, cell]);
      [row, cell] = [[], ''];
      i += eol.length - 1;
    } else cell += text[i];
  }
  expect([row, cell]).toEqual([[], '']);
  return rows;
}
const tableOf = (text: string, delimiter = ',', eol = '\r\n'): Map<string, string>[] => {
  const [header = [], ...rows] = cellsOf(text, delimiter, eol);
  return rows.map((cells) => {
    expect(cells).toHaveLength(header.length);
    return new Map(header.map((name, index) => [name, cells[index]!]));
  });
};

const words = { emsx: { sides: { SELL_SHORT: 'SHRT', BUY_TO_COVER: 'COVR' } } } as const;
const profile: OrderProfile = {
  ...words,
  orderType: 'MOC',
  cusips: { SPY: '78462F103' },
  locates: [{ status: 'LOCATED', symbol: 'SPY', quantity: 410, expires: '2026-03-06', broker: 'PBDESK', id: 'L-88213' }],
};
const one = basket.filter(({ account }) => account === 'ACCT01');

describe('ems and emsx', () => {
  it('ems: the blotter columns, four sides, Bloomberg tickers, locates', () => {
    expect(writeCheckedOrders('ems', 'R12', basket, profile)).toBe(
      [
        'ORDER_ID,ACCOUNT,SYMBOL,BBG_TICKER,CUSIP,SIDE,QUANTITY,ORDER_TYPE,LIMIT_PRICE,TIF,CURRENCY,LOCATE_REQUIRED,LOCATE_BROKER,LOCATE_ID,BASKET,NOTES',
        'H260306A7K3Q05,A-2,SPY,SPY US Equity,78462F103,S,1,MOC,,DAY,USD,N,,,H260306A7K3Q,"level 3 hedge, all layers"',
        'H260306A7K3Q02,ACCT01,BRK.B,BRK/B US Equity,,S,60,MOC,,DAY,USD,N,,,H260306A7K3Q,"level 3 hedge, all layers"',
        'H260306A7K3Q01,ACCT01,SPY,SPY US Equity,78462F103,SS,410,MOC,,DAY,USD,N,PBDESK,L-88213,H260306A7K3Q,"level 3 hedge, all layers"',
        'H260306A7K3Q03,ACCT01,SMH,SMH US Equity,,BC,7,MOC,,DAY,USD,N,,,H260306A7K3Q,"level 3 hedge, all layers"',
        'H260306A7K3Q04,ACCT01,XLK,XLK US Equity,,B,3,MOC,,DAY,USD,N,,,H260306A7K3Q,"level 3 hedge, all layers"',
        '',
      ].join('\r\n'),
    );
    expect(writeCheckedOrders('ems', 'R12', [order()])).toContain(',SS,410,MKT,,DAY,USD,Y,,,');
  });

  it('emsx: the staging columns', () => {
    expect(writeCheckedOrders('emsx', 'R12', one, profile)).toBe(
      [
        'EMSX_TICKER,EMSX_SIDE,EMSX_AMOUNT,EMSX_ORDER_TYPE,EMSX_LIMIT_PRICE,EMSX_TIF,EMSX_HAND_INSTRUCTION,EMSX_ACCOUNT,EMSX_BASKET_NAME,EMSX_LOCATE_REQ,EMSX_LOCATE_BROKER,EMSX_LOCATE_ID,EMSX_ORDER_REF_ID',
        'BRK/B US Equity,SELL,60,MOC,,DAY,ANY,ACCT01,H260306A7K3Q,,,,H260306A7K3Q02',
        'SPY US Equity,SHRT,410,MOC,,DAY,ANY,ACCT01,H260306A7K3Q,Y,PBDESK,L-88213,H260306A7K3Q01',
        'SMH US Equity,COVR,7,MOC,,DAY,ANY,ACCT01,H260306A7K3Q,,,,H260306A7K3Q03',
        'XLK US Equity,BUY,3,MOC,,DAY,ANY,ACCT01,H260306A7K3Q,,,,H260306A7K3Q04',
        '',
      ].join('\r\n'),
    );
  });

  it('emsx: short sales and covers are refused until their words are confirmed', () => {
    expect(failure(() => writeOrders('emsx', 'R12', [order()]))).toBe('blocked: EMSX has no confirmed word for SELL_SHORT (SPY).');
    expect(failure(() => writeOrders('emsx', 'R12', [order()], { emsx: { sides: { BUY_TO_COVER: 'COVR' } } }))).toMatch(/SELL_SHORT/);
    expect(failure(() => writeOrders('emsx', 'R12', [order({ side: 'BUY_TO_COVER' })]))).toMatch(/^blocked.*BUY_TO_COVER/);
    expect(failure(() => writeOrders('emsx', 'R12', [order()], { emsx: { sides: { SELL_SHORT: '=SHRT' } } }))).toMatch(/^blocked.*=SHRT/);
    expect(writeCheckedOrders('emsx', 'R12', [order({ side: 'SELL' })])).toContain('SPY US Equity,SELL,410,MKT');
  });
});

describe('alpaca and tradier', () => {
  it('alpaca: two sides with the intent, cls at the close', () => {
    expect(writeCheckedOrders('alpaca', 'R12', [order()], { orderType: 'MOC' })).toBe(
      '[\n{"symbol":"SPY","qty":"410","side":"sell","type":"market","time_in_force":"cls","position_intent":"sell_to_open","client_order_id":"H260306A7K3Q01"}\n]\n',
    );
    const found = JSON.parse(writeCheckedOrders('alpaca', 'R12', one)) as Record<string, string>[];
    expect(found.map((own) => [own['symbol'], own['side'], own['position_intent'], own['time_in_force']])).toEqual([
      ['BRK.B', 'sell', 'sell_to_close', 'day'],
      ['SPY', 'sell', 'sell_to_open', 'day'],
      ['SMH', 'buy', 'buy_to_close', 'day'],
      ['XLK', 'buy', 'buy_to_open', 'day'],
    ]);
    expect(writeCheckedOrders('alpaca', 'R12', [])).toBe('[\n]\n');
  });

  it('tradier: four sides, class shares with a slash, no order at the close', () => {
    expect(writeCheckedOrders('tradier', 'R12', one.slice(2))).toBe(
      '[\n{"class":"equity","symbol":"BRK/B","side":"sell","quantity":"60","type":"market","duration":"day","tag":"H260306A7K3Q02"},\n' +
        '{"class":"equity","symbol":"SPY","side":"sell_short","quantity":"410","type":"market","duration":"day","tag":"H260306A7K3Q01"}\n]\n',
    );
    expect(failure(() => writeOrders('tradier', 'R12', one, { orderType: 'MOC' }))).toMatch(/^blocked: Tradier has no order type MOC/);
  });

  it('never mix accounts, which their orders do not name', () => {
    for (const format of ['alpaca', 'tradier'] as const)
      expect(failure(() => writeOrders(format, 'R12', basket))).toMatch(/^blocked: .* name no account; these are for A-2, ACCT01/);
  });

  it('are read strictly', () => {
    const text = writeOrders('alpaca', 'R12', one);
    const read = (from: string | RegExp, to: string) => {
      const altered = text.replace(from, to);
      expect(altered).not.toBe(text);
      return failure(() => {
        throw new Error(String(compareOrders('alpaca', 'R12', one, readOrders('alpaca', altered))));
      });
    };
    const said = (altered: string) => failure(() => readOrders('alpaca', altered));
    expect(compareOrders('alpaca', 'R12', one, readOrders('alpaca', text.replace('"410"', '"411"')))).toMatch(/quantity is 411/);
    expect(compareOrders('alpaca', 'R12', one, readOrders('alpaca', text.replace('sell_to_open', 'sell_to_close')))).toMatch(
      /side is "sell sell_to_close" in the file, "sell sell_to_open" expected/,
    );
    expect(read('"410"', '410')).toMatch(/line 3: qty is 410/);
    expect(read('"side":"sell"', '"side":"buy","side":"sell"')).toMatch(/line 2: it is not an order with/);
    expect(read(',"position_intent":"sell_to_close"', '')).toMatch(/line 2: it is not an order with/);
    expect(said(text.replace('"qty":"410"', '"qty":"-410"'))).toMatch(/line 3: the quantity/);
    expect(said(text.replace('},\n', '}\n'))).toMatch(/line 2: a comma/);
    expect(said(text.replace('[\n', ''))).toMatch(/line 1: /);
    expect(said(text.replace(']\n', ''))).toMatch(/line \d: /);
    expect(said(text.replace('{"symbol"', '{symbol'))).toMatch(/line 2: it is not JSON/);
    expect(failure(() => readOrders('tradier', writeOrders('tradier', 'R12', one).replace('equity', 'option')))).toMatch(
      /line 2: class is "option"/,
    );
  });
});

describe('templates', () => {
  const desk = {
    name: 'Custodian A',
    delimiter: ';',
    quotes: 'never',
    eol: '\n',
    extension: 'txt',
    symbolStyle: 'slash',
    decimalMark: ',',
    thousands: '.',
    columns: [
      { header: 'Account Number', field: 'account' },
      { header: 'Type', field: 'side', map: { BUY: 'B', SELL: 'S', SELL_SHORT: 'SS', BUY_TO_COVER: 'BC' } },
      { header: 'Security', field: 'symbol' },
      { header: 'Shares', field: 'quantity' },
      { header: 'Price Type', field: 'orderType', map: { MKT: 'M', MOC: 'C' } },
      { header: 'TIF', field: 'tif', map: { DAY: '0' } },
      { header: 'Venue', constant: 'BEST' },
      { header: 'Price', field: 'refPrice', decimals: 1 },
      { header: 'Value', field: 'estNotional' },
    ],
  };
  const template = parseTemplate(desk);

  it('columns, constants, vocabularies, marks, line ends', () => {
    expect(writeCheckedOrders('template:Custodian A', 'R12', basket, { template })).toBe(
      [
        'Account Number;Type;Security;Shares;Price Type;TIF;Venue;Price;Value',
        'A-2;S;SPY;1;M;0;BEST;612,3;612,25',
        'ACCT01;S;BRK/B;60;M;0;BEST;91,5;5.487,00',
        'ACCT01;SS;SPY;410;M;0;BEST;612,3;251.022,50',
        'ACCT01;BC;SMH;7;M;0;BEST;249,3;1.745,10',
        'ACCT01;B;XLK;3;M;0;BEST;0,1;0,37',
        '',
      ].join('\n'),
    );
    expect(formatExtension('template:Custodian A', { template })).toBe('txt');
  });

  it('without a header, always quoted, tabs', () => {
    const bare = parseTemplate({ ...desk, name: 'T', header: false, quotes: 'always', delimiter: '\t', columns: desk.columns.slice(0, 4) });
    expect(writeCheckedOrders('template:T', 'R12', [order({ quantity: 12_345 })], { template: bare })).toBe(
      '"ACCT01"\t"SS"\t"SPY"\t"12.345"\n',
    );
    expect(writeCheckedOrders('template:T', 'R12', [], { template: bare })).toBe('');
  });

  it('what cannot be said is refused, not altered', () => {
    const write = (patch: object, own = order()) =>
      failure(() => writeOrders('template:X', 'R12', [own], { template: parseTemplate({ ...desk, name: 'X', ...patch }) }));
    const columns = (...more: object[]) => ({ columns: [...desk.columns.slice(0, 4), ...more] });
    expect(write({})).toBe('nothing thrown');
    expect(write(columns({ header: 'Note', field: 'reason' }), order({ reason: 'a; b' }))).toMatch(
      /^blocked: The Note cell "a; b" holds the/,
    );
    expect(write(columns({ header: 'Note', constant: '=1+1' }))).toMatch(/^blocked: The Note cell "=1\+1" could run/);
    expect(write(columns({ header: '@X', constant: 'a' }))).toMatch(/^blocked/);
    expect(write(columns({ header: 'N', constant: 'a\nb' }))).toMatch(/^blocked/);
    expect(write(columns({ header: 'N', constant: '\t=X' }))).toMatch(/^blocked/);
    expect(write(columns({ header: 'N', constant: '\uFF1DX' }))).toMatch(/^blocked/);
    expect(write(columns({ header: 'L', field: 'locateStatus', map: { NOT_NEEDED: '' } }))).toMatch(/no code for "REQUIRED" in column L/);
    expect(write(columns({ header: 'L', field: 'locateStatus', map: { REQUIRED: '+1' } }))).toMatch(/^blocked/);
    expect(failure(() => writeOrders('template:Y', 'R12', [], { template }))).toMatch(/^usage: There is no order format "template:Y"/);
    expect(failure(() => writeOrders('template:Custodian A', 'R12', []))).toMatch(/^usage/);
  });

  it('a template that cannot be used is refused with the reason', () => {
    const parse = (patch: object) => failure(() => parseTemplate({ ...desk, ...patch }));
    const column = (own: object) => parse({ columns: [...desk.columns.slice(0, 4), own] });
    expect(failure(() => parseTemplate([]))).toMatch(/^usage: .*The template is not an object/);
    expect(parse({ name: '../x' })).toMatch(/its name/);
    expect(parse({ delimiter: '::' })).toMatch(/delimiter is "::"; it may be/);
    expect(parse({ lotSize: 100 })).toMatch(/lotSize is not a property/);
    expect(parse({ constructor: 1 })).toMatch(/constructor is not a property/);
    expect(parse({ thousands: ',' })).toMatch(/are the same/);
    expect(parse({ columns: {} })).toMatch(/columns must be a list/);
    expect(parse({ columns: desk.columns.slice(0, 3) })).toMatch(/no column holds the quantity/);
    expect(column(desk.columns[0]!)).toMatch(/account has two columns/);
    expect(column({ header: 'X' })).toMatch(/column 5: field must be one of runId/);
    expect(column({ header: '', field: 'tif' })).toMatch(/no header/);
    expect(column({ header: 'X', constant: 5 })).toMatch(/constant must be a text/);
    expect(column({ header: 'X', constant: 'a', field: 'tif' })).toMatch(/field is not a property beside/);
    expect(column({ header: 'X', field: 'tif', map: { DAY: 0 } })).toMatch(/map must give a text/);
    expect(column({ header: 'X', field: 'tif', decimals: 2 })).toMatch(/decimals are 0 to 6/);
    expect(column({ header: 'X', field: 'refPrice', decimals: 7 })).toMatch(/decimals are 0 to 6/);
    expect(column({ header: 'X', field: 'side', map: { BUY: 'B', SELL: 2 } })).toMatch(/a text for each value/);
    expect(column({ header: 'X', field: 'quantity', map: { 5: 'five' } })).toMatch(/not for numbers/);
    expect(parseTemplate(JSON.parse(JSON.stringify(template)))).toEqual(template);
  });

  it('any layout reads back, by an independent reader too', () => {
    const layouts = fc.record({
      delimiter: fc.constantFrom(',', ';', '\t', '|'),
      quotes: fc.constantFrom('needed', 'always'),
      eol: fc.constantFrom('\r\n', '\n'),
      symbolStyle: fc.constantFrom('dot', 'slash', 'space', 'dash', 'bbg', 'none'),
      marks: fc.constantFrom(['.', ''], ['.', ','], [',', '.'], [',', ' '], ['.', "'"]),
      decimals: fc.integer({ min: 0, max: 6 }),
    });
    fc.assert(
      fc.property(orderLists, layouts, (list, { marks, decimals, ...layout }) => {
        const own = parseTemplate({
          ...{ name: 'P', ...layout, decimalMark: marks[0], thousands: marks[1] },
          columns: [
            { header: 'id', field: 'orderId' },
            { header: 'side', field: 'side' },
            { header: 'symbol', field: 'symbol' },
            { header: 'shares', field: 'quantity' },
            { header: 'price', field: 'refPrice', decimals },
            { header: 'note', field: 'reason' },
          ],
        });
        const text = writeCheckedOrders('template:P', 'R1', list, { template: own });
        const rows = new Map(tableOf(text, layout.delimiter, layout.eol).map((row) => [row.get('id'), row]));
        expect(rows.size).toBe(list.length);
        for (const { orderId, side, quantity, price, reason } of list) {
          const row = rows.get(orderId)!;
          expect([row.get('side'), row.get('note')]).toEqual([side, reason]);
          const number = (name: string) => Number(row.get(name)!.replaceAll(marks[1]!, '').replace(marks[0]!, '.'));
          expect(number('shares')).toBe(quantity);
          expect(Math.abs(number('price') - price)).toBeLessThan((price >= 1 ? 0.005 : 0.00005) + 0.5 * 10 ** -decimals + 1e-9);
        }
      }),
    );
  });
});

describe('every format', () => {
  const template = parseTemplate({
    name: 'T',
    columns: ['account', 'side', 'symbol', 'quantity', 'orderType'].map((field) => ({ header: field, field })),
  });
  const formats: readonly OrderFormat[] = [...ORDER_FORMATS, 'template:T'];

  const types = fc.constantFrom('MKT' as const, 'MOC' as const, 'LMT' as const, 'LOC' as const);
  it('keeps any valid order list, in any order given, under any terms', () => {
    fc.assert(
      fc.property(orderLists, fc.constantFrom(...formats), types, fc.boolean(), (list, format, type, withLocates) => {
        const own: OrderProfile = {
          ...{ ...words, template, locates: withLocates ? locatesFor(list) : [] },
          orderType: format === 'tradier' ? (type === 'LMT' || type === 'LOC' ? 'LMT' : 'MKT') : type,
          limitBps: 25,
        };
        const orders = format === 'alpaca' || format === 'tradier' ? list.filter(({ account }) => account === 'A1') : list;
        const text = writeCheckedOrders(format, 'R1', orders, own);
        expect(compareOrders(format, 'R1', orders, readOrders(format, text, own), own)).toBeNull();
        expect(writeOrders(format, 'R1', orders.toReversed(), own)).toBe(text);
        expect(text.replaceAll('\u0001', '')).toMatch(/^[\r\n -~]*$/);
      }),
    );
  });

  it('says the same orders to a reader that shares no code with it', () => {
    const names: Readonly<Record<string, readonly [string, string, string, Readonly<Record<string, string>>]>> = {
      generic: ['order_id', 'side', 'quantity', { BUY: 'BUY', SELL: 'SELL', SELL_SHORT: 'SELL_SHORT', BUY_TO_COVER: 'BUY_TO_COVER' }],
      'ibkr-basket': ['OrderRef', 'Action', 'Quantity', { BUY: 'BUY', SELL: 'SELL', SELL_SHORT: 'SELL', BUY_TO_COVER: 'BUY' }],
      ems: ['ORDER_ID', 'SIDE', 'QUANTITY', { BUY: 'B', SELL: 'S', SELL_SHORT: 'SS', BUY_TO_COVER: 'BC' }],
      emsx: ['EMSX_ORDER_REF_ID', 'EMSX_SIDE', 'EMSX_AMOUNT', { BUY: 'BUY', SELL: 'SELL', SELL_SHORT: 'SHRT', BUY_TO_COVER: 'COVR' }],
      alpaca: ['client_order_id', 'side', 'qty', { BUY: 'buy', SELL: 'sell', SELL_SHORT: 'sell', BUY_TO_COVER: 'buy' }],
      tradier: ['tag', 'side', 'quantity', { BUY: 'buy', SELL: 'sell', SELL_SHORT: 'sell_short', BUY_TO_COVER: 'buy_to_cover' }],
    };
    fc.assert(
      fc.property(orderLists, fc.constantFrom(...Object.keys(names)), (list, format) => {
        const json = format === 'alpaca' || format === 'tradier';
        const orders = json ? list.map((own) => ({ ...own, account: 'A1' })) : list;
        const text = writeOrders(format as OrderFormat, 'R1', orders, words);
        const rows = json ? (JSON.parse(text) as Record<string, string>[]).map((own) => new Map(Object.entries(own))) : tableOf(text);
        const [id, side, quantity, sides] = names[format]!;
        const found = new Map(rows.map((row) => [row.get(id), `${row.get(side)} ${row.get(quantity)}`]));
        expect(rows).toHaveLength(orders.length);
        for (const own of orders) expect(found.get(own.orderId)).toBe(`${sides[own.side]} ${own.quantity}`);
      }),
    );
  });

  it('notices any character changed, added or taken away, and never crashes on it', () => {
    const own: OrderProfile = { ...words, template };
    const change = fc.tuple(
      fc.nat(),
      fc.constantFrom('replace', 'add', 'drop'),
      fc.constantFrom(...'0159ABSZ ",.=|\u0001\r\n\t\uFEFF[]{}'),
    );
    fc.assert(
      fc.property(fc.constantFrom(...formats), change, (format, [seed, kind, character]) => {
        const text = writeOrders(format, 'R12', one, own);
        const at = seed % text.length;
        const altered = text.slice(0, at) + (kind === 'drop' ? '' : character) + text.slice(at + (kind === 'add' ? 0 : 1));
        if (altered === text) return;
        const said = failure(() => {
          const difference = compareOrders(format, 'R12', one, readOrders(format, altered, own), own);
          if (difference !== null) throw new HedgerowError('data', difference, '');
        });
        expect(said, JSON.stringify(altered)).toMatch(/^data: /);
      }),
      { numRuns: 1000 },
    );
  });

  it('refuses injection through any field', () => {
    const attacks = ['=CMD', '+1', '-1', '@SUM(1)', '\t=1', 'A\r\nB', 'A\u0001B', 'A"B', '\uFF1D1', 'A\u0000', "'=1", ' A', 'A,B"'];
    for (const format of formats) {
      for (const attack of attacks) {
        for (const field of ['symbol', 'account', 'orderId', 'reason', 'bucket'] as const)
          expect(failure(() => writeOrders(format, 'R12', [order({ [field]: attack })], { ...words, template }))).toMatch(/^blocked/);
        expect(failure(() => writeOrders(format, attack, [order()], { ...words, template }))).toMatch(/^blocked/);
        const locate = { status: 'LOCATED', symbol: 'SPY', quantity: 410, expires: '2026-03-06', broker: 'PB', id: attack } as const;
        expect(failure(() => writeOrders(format, 'R12', [order()], { ...words, template, locates: [locate] }))).toMatch(/^blocked/);
        expect(failure(() => writeOrders(format, 'R12', [order()], { ...words, template, cusips: { SPY: attack } }))).toMatch(/^blocked/);
      }
    }
  });

  it('has a name and an extension', () => {
    expect(formats.map((format) => formatExtension(format, { template }))).toEqual([
      ...['csv', 'csv', 'csv', 'csv', 'fix', 'fix', 'json', 'json', 'csv'],
    ]);
    expect(formats.every(isOrderFormat)).toBe(true);
    expect(['excel', 'template:', 'template:../x', 'toString', ''].some(isOrderFormat)).toBe(false);
    expect(failure(() => writeOrders('toString' as 'ems', 'R12', []))).toMatch(/^usage/);
  });
});
