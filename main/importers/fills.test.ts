import { describe, expect, test } from 'vitest';
import { parseFills } from './fills.ts';

const read = (...lines: string[]) => parseFills('f.csv', new TextEncoder().encode(lines.join('\n')));
const problems = (...lines: string[]) => read(...lines).problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
const joined = (header: string, line: string) => read(header, line).fills.map((fill) => fill.joined);

describe('a file of executions', () => {
  test('is read by the names of its columns, in any order and however they are written', () => {
    const { fills, problems: none } = read(
      '\uFEFFPrice, Side ,ClOrdID,Symbol,Trade ID,QTY',
      '"$1,612.25",sell short,H1A,SPY,E7,"1,410"',
      ',BOT,H2,,,3',
      ',,,,,',
      '2.5,,H3,XLK,,0.5',
    );
    expect(none).toEqual([]);
    expect(fills.map(({ columns: _, ...one }) => Object.values(one))).toEqual([
      ['H1A', 1410, 1612.25, null, 'E7', false, 'SPY', false, 2],
      ['H2', 3, null, null, '', false, '', true, 3],
      ['H3', 0.5, 2.5, null, '', false, 'XLK', null, 5],
    ]);
    expect(fills[0]!.columns).toEqual({ price: 1, side: 2, orderId: 3, symbol: 4, execId: 5, quantity: 6 });
  });

  test('names the line and column of what cannot be an execution, and reads no line half', () => {
    const head = 'order_id,quantity,price,side';
    const lines = ['h-1,5,10,', 'H1,0,10,', 'H1,-5,10,', 'H1,12,34,10,', 'H1,5,0,', 'H1,5,ten,', 'H1,5,10,HOLD', 'H1,5', 'H1,5,,SLD'];
    const { fills } = read(head, ...lines);
    expect(fills.map(({ line, price, buys }) => [line, price, buys])).toEqual([[10, null, false]]);
    expect(problems(head, ...lines)).toEqual([
      '2:1 “h-1” is not an order id.',
      '3:2 “0” is not a number of shares.',
      '4:2 “-5” is not a number of shares.',
      '5:5 The line has 5 cells, the header 4.',
      '6:3 “0” is not a price.',
      '7:3 “ten” is not a price.',
      '8:4 “HOLD” is no side.',
      '9:3 The line has 2 cells, the header 4.',
    ]);
  });

  test('is read between semicolons, tabs and bars, and from its header on, without a guess at what a comma means there', () => {
    for (const delimiter of [';', '\t', '|']) {
      const row = (...cells: string[]): string => cells.join(delimiter);
      const { fills, problems: none } = read('Executions, of 6 March', '', row('"Order_ID"', 'Qty', 'Price'), row('H1', '410', '612.25'));
      expect(none).toEqual([]);
      expect(fills.map(({ orderId, quantity, price, line }) => [orderId, quantity, price, line])).toEqual([['H1', 410, 612.25, 4]]);
      expect(problems(row('order_id', 'quantity', 'price'), row('H1', '1,410', '10'), row('H2', '5', '612,250'))).toEqual([
        '2:2 “1,410” is not a number of shares.',
        '3:3 “612,250” is not a price.',
      ]);
      expect(joined(row('order_id', 'quantity', 'price'), row('H1', '1', '234'))).toEqual([null]);
    }
  });

  test('takes a line of an order of which nothing was filled', () => {
    const { fills } = read('order_id,filled,avg_price', 'H1,0,', 'H2,0.00,0', 'H3,0,10', 'H4,5,0');
    expect(fills.map(({ orderId, quantity, price }) => [orderId, quantity, price])).toEqual([
      ['H1', 0, null],
      ['H2', 0, null],
    ]);
  });

  test('takes no line of an order that was cancelled, refused or still works for an execution, nor an execution that was taken back', () => {
    const shares = (header: string, ...lines: string[]) => read(header, ...lines).fills.map(({ quantity }) => quantity);
    expect(shares('order_id,Status,quantity', 'H1,Filled,5', 'H2,Executed,6', 'H3,,7', 'H4,Canceled,0')).toEqual([5, 6, 7, 0]);
    for (const status of ['Canceled', 'Rejected', 'Working', 'Partially Filled', 'Expired', 'Busted', 'Replaced', 'H', '4'])
      expect(problems('order_id,Status,quantity', `H1,${status},5`)).toEqual([
        `2:2 The line is “${status}”: it cannot be told whether its 5 shares were executed.`,
      ]);
    // A part of an order has a number of its own; what was filled so far is that, whatever became of the order.
    expect(shares('order_id,ord_status,exec_type,exec_id,last_qty', 'H1,Partially filled,Trade,E1,5')).toEqual([5]);
    expect(problems('order_id,ord_status,exec_type,exec_id,last_qty', 'H1,Filled,Trade cancel,E1,5')).toHaveLength(1);
    expect(shares('order_id,status,filled', 'H1,Cancelled,5', 'H2,Rejected,0')).toEqual([5, 0]);
  });

  test('takes a side only for a word that says one', () => {
    const sides = (text: string): unknown[] =>
      text.split(',').map((side) => read('order_id,quantity,side', `H1,5,${side}`).fills[0]?.buys ?? null);
    expect(sides('b,BUY,bot,bought,BC,cover,buy to cover,BUY_TO_CLOSE,buy to open,1')).toEqual(Array(10).fill(true));
    expect(sides('s,sell,SLD,sold,ss,short,sshort,sell short,SELL_SHORT_EXEMPT,sell to open,sell_to_close,2,5,6')).toEqual(
      Array(14).fill(false),
    );
    expect(sides('SELLBUY,buyback,resell,sells,11,3,no sell')).toEqual(Array(7).fill(null));
    expect(problems('order_id,quantity,side', 'H1,5,SELLBUY')).toEqual(['2:3 “SELLBUY” is no side.']);
  });

  test('needs the columns it rests on, one of each', () => {
    expect(problems('')).toEqual(['1:1 The file is empty.']);
    expect(problems('id,shares', 'H1,5')).toEqual([
      '1:1 The header has no column order_id.',
      '1:1 The header has no column quantity.',
      '2:1 “” is not an order id.',
    ]);
    expect(problems('order_id,Quantity,Filled')).toEqual(['1:3 The header has two columns for one thing: Quantity and Filled.']);
    expect(problems('order_id,quantity', 'H1,"5')[0]).toMatch(/^1:1 /);
  });

  test('tells the shares of an execution from what was filled so far by the heading', () => {
    const soFar = (heading: string) => read(`order_id,${heading}`, 'H1,5').fills.map((fill) => fill.soFar);
    expect(['quantity', 'last_qty', 'Filled', 'FILLED_QTY'].map(soFar)).toEqual([[false], [false], [true], [true]]);
  });

  test('says what a quantity and the price beside it would be as one number', () => {
    expect(joined('order_id,quantity,price', 'H1,1,234.50')).toEqual([1234.5]);
    expect(joined('order_id,quantity,price', 'H1,999,001')).toEqual([999001]);
    expect(joined('order_id,quantity,price', 'H1,1000,234')).toEqual([null]);
    expect(joined('order_id,quantity,price', 'H1,1,23.50')).toEqual([null]);
    expect(joined('order_id,price,quantity', 'H1,234,1')).toEqual([null]);
  });
});
