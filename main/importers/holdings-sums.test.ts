/** Total lines of a holdings file in the program's own layout, against the lines they are of. */
import { expect, it } from 'vitest';
import { parse } from './testing/harness.ts';

const told = async (...lines: string[]): Promise<string[]> => {
  const text = ['ticker,quantity,price,market_value,as_of', ...lines, ''].join('\n');
  return (await parse('book.csv', text, { kind: 'holdings' })).issues.kept.map(({ code, line, reason }) => `${code} ${line}: ${reason}`);
};
const STOCKS = ['AAPL,10,100,1000,2026-03-06', 'MSFT,10,200,2000,2026-03-06'];
const FUNDS = ['BIL,10,90,900,2026-03-06', 'SGOV,10,100,1000,2026-03-06'];

it('a total beside a line without value and price is said not to be checked; it passed', async () => {
  expect(await told(STOCKS[0]!, 'MSFT,10,,,2026-03-06', 'Total,,,9000,')).toEqual([
    'total_differs 4: the total 9000.00 cannot be checked, a line has neither value nor price',
  ]);
  expect(await told(...STOCKS, 'Total,,,3000,')).toEqual([]);
});

it('a total of a part is compared with the lines since the total before; what differs is told', async () => {
  const read = (stocks: number, funds: number, all: number) =>
    told(...STOCKS, `Subtotal,,,${stocks},`, ...FUNDS, `Subtotal,,,${funds},`, `Grand Total,,,${all},`);
  expect(await read(3000, 1900, 4900)).toEqual([]);
  expect(await read(3000, 1950, 4900)).toEqual(['total_differs 7: the total is 1950.00, the lines add up to 1900.00']);
  expect(await read(3000, 1900, 5000)).toEqual(['total_differs 8: the total is 5000.00, the lines add up to 4900.00']);
});
