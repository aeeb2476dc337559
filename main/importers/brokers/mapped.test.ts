import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { HOLDINGS_LAYOUTS, holdingsMapping, type HoldingsMapping } from '../../contract/mapping.ts';
import { ADAPTERS } from './adapters.ts';
import { lookAtFile } from '../look.ts';
import { failure, parse } from '../testing/harness.ts';
import type { Parsed } from '../staged.ts';

const FILE = [
  'Depotauszug Muster AG;;;;;',
  'Stand;06.03.2026;;;;',
  ';;;;;',
  'Titel;Kürzel;Bestand;Kurs;Wert;Whg',
  'APPLE INC;AAPL;1.200,5;251,40;301.805,70;USD',
  'BERKSHIRE B;BRK/B;40;488,10;19.524,00;USD',
  'SPDR S&P 500;SPY;-150;612,25;-91.837,50;USD',
  'Nestle;NESN;100;90,00;9.000,00;CHF',
  'Konto USD;;;;15.230,40;USD',
  'Summe;;;;253.722,60;',
  'Hinweis: ohne Gewähr;;;;;',
].join('\r\n');

const MAPPING: HoldingsMapping = {
  columns: { symbol: 'Kürzel', name: 'Titel', quantity: 'bestand ', price: 'Kurs', value: 'Wert', currency: 'Whg' },
  account: 'Muster 1',
  decimal: ',',
  cash: ['Konto'],
  totals: ['Summe'],
  stop: ['Hinweis'],
};
const DAY = { knownAsOf: '2026-03-06' };

function lines({ staged }: Parsed): string[] {
  if (staged.kind !== 'holdings') throw new Error('no holdings');
  return staged.lines.map(({ line, disposition, position: p }) =>
    p
      ? `${line} ${disposition} ${p.account} ${p.symbol?.code ?? 'cash'} ${p.quantity!.text} ${p.marketValue?.text ?? ''} ${p.currency}`
      : `${line} ${disposition}`,
  );
}

test('the layouts a screen offers are those that are read', () => {
  expect(Object.keys(HOLDINGS_LAYOUTS).sort()).toEqual(['native', ...ADAPTERS.map(({ id }) => id)].sort());
});

describe('a layout the user describes', () => {
  test('keeps the positions of an account or company called Total or Cash, and checks a total that stands under the account', async () => {
    const mapping: HoldingsMapping = {
      columns: { account: 'Fund', symbol: 'Code', quantity: 'Qty', value: 'Value', currency: 'Ccy' },
      totals: ['Total'],
      cash: ['Cash'],
    };
    const rows = ['Total Return,TTE,5,250,USD', 'Cash Plus,IBM,10,2500,USD', 'Cash,USD,40,40,USD', 'Total,,,2790,'];
    const parsed = await parse('f.csv', `Fund,Code,Qty,Value,Ccy\n${rows.join('\n')}\n`, { mapping, ...DAY });
    expect(lines(parsed)).toEqual([
      '1 header',
      '2 position Total Return TTE 5 250 USD',
      '3 position Cash Plus IBM 10 2500 USD',
      '4 cash Cash cash 40 40 USD',
      '5 total',
    ]);
    expect(parsed.issues.kept).toEqual([]);
  });

  test('its currency and account are of lines that name none; a total may name what it sums up, and words are taken as they are written', async () => {
    const mapping: HoldingsMapping = {
      columns: { account: 'Fund', symbol: 'Code', quantity: 'Qty', value: 'Value', currency: 'Ccy' },
      ...{ account: 'Main', currency: 'USD', totals: ['Sum'], stop: ['Notes (all)'] },
    };
    const rows = ['F1,NESN,5,250,CHF', ',IBM,10,2500,', 'Sum,USD eq,,2750,', 'Notes (all),,,,', 'F1,TTE,1,50,USD'];
    const parsed = await parse('f.csv', `Fund,Code,Qty,Value,Ccy\n${rows.join('\n')}\n`, { mapping, ...DAY });
    expect(lines(parsed)).toEqual([
      '1 header',
      '2 position F1 NESN 5 250 CHF',
      '3 position Main IBM 10 2500 USD',
      ...['4 total', '5 note', '6 note'],
    ]);
  });

  test('reads columns in any language, decimal commas, cash, totals and the end of the table; every line has a disposition', async () => {
    const parsed = await parse('depot.csv', FILE, { mapping: MAPPING, template: 'Depot', ...DAY });
    expect(lines(parsed)).toEqual([
      ...['1 note', '2 note', '3 blank', '4 header'],
      '5 position Muster 1 AAPL 1200.5 301805.7 USD',
      '6 position Muster 1 BRK.B 40 19524 USD',
      '7 position Muster 1 SPY -150 -91837.5 USD',
      '8 position Muster 1 NESN 100 9000 CHF',
      '9 cash Muster 1 cash 15230.4 15230.4 USD',
      ...['10 total', '11 note'],
    ]);
    expect(parsed.issues.kept).toEqual([]);
    expect(parsed.detected).toMatchObject({ layout: 'template Depot', decimal: ',', delimiter: ';' });
    const off = await parse('depot.csv', FILE.replace('253.722,60', '250.000,00'), { mapping: MAPPING, ...DAY });
    expect(off.issues.counts).toEqual({ total_differs: 1 });
  });

  test('takes the sign of a position from its side, and no side that it does not know for a long', async () => {
    const file = [
      'S;N;Q;Art',
      'AAPL;Apple;5;Short',
      'MSFT;Microsoft;5;bought',
      'SPY;Fund;5;verkauft',
      'XLF;Fund;-5;long',
      'XLK;Fund;0.5;S',
    ].join('\n');
    const mapping: HoldingsMapping = { columns: { symbol: 'S', name: 'N', quantity: 'Q', side: 'Art' } };
    const parsed = await parse('sides.csv', file, { mapping, ...DAY });
    expect(lines(parsed)).toEqual([
      '1 header',
      '2 position  AAPL -5  ',
      '3 position  MSFT 5  ',
      '4 error',
      '5 error',
      '6 position  XLK -0.5  ',
    ]);
    expect(parsed.issues.kept.map(({ line, column, code }) => [line, column, code])).toEqual([
      [4, 4, 'unknown_side'],
      [5, 4, 'sign_conflict'],
    ]);
    const { side: _, ...unread } = mapping.columns;
    const without = await parse('sides.csv', `${file.split('\n').slice(0, 4).join('\n')}\nXLE;Energy;-5;Short`, {
      mapping: { columns: unread },
      ...DAY,
    });
    expect(lines(without)).toEqual(['1 header', '2 error', '3 position  MSFT 5  ', '4 position  SPY 5  ', '5 position  XLE -5  ']);
    expect(without.issues.kept.map(({ line, code }) => [line, code])).toContainEqual([2, 'side_not_read']);
    // Under a heading that means the side a letter says it.
    const letter = await parse('sides.csv', 'Code;Qty;L/S\nSPY;5;S\nXLE;5;L\n', {
      mapping: { columns: { symbol: 'Code', quantity: 'Qty' } },
      ...DAY,
    });
    expect(lines(letter)).toEqual(['1 header', '2 error', '3 position  XLE 5  ']);
  });

  test('names the heading that is not there, the cell that is no number, and asks for the day', async () => {
    expect((await failure('d.csv', FILE.replace('Bestand', 'Stück'), { mapping: MAPPING, ...DAY })).data.message).toMatch(
      /header of Template/,
    );
    const bad = await parse('d.csv', FILE.replace('1.200,5', '1,200.5'), { mapping: MAPPING, ...DAY });
    expect(bad.issues.kept.map(({ line, column, code }) => [line, column, code])).toContainEqual([5, 3, 'not_a_number']);
    expect(bad.rejected).toBe(1);
    expect((await failure('d.csv', FILE, { mapping: MAPPING })).data).toMatchObject({
      code: 'ambiguous',
      details: { flag: '--known-as-of' },
    });
  });

  test('its columns are guessed from the names in general use', async () => {
    const text = 'Report\n\nSecurity,Security ID,TD Quantity,Mkt Price,CUSIP,Fund,COB Date\nApple,AAPL,5,1,037833100,A,2026-03-06\n';
    const look = await lookAtFile('x.csv', () => piecesOf(text), {});
    expect(look).toMatchObject({ header: 3, delimiter: ',', sheet: null });
    expect(look.guess).toEqual({
      symbol: 'Security ID',
      quantity: 'TD Quantity',
      price: 'Mkt Price',
      cusip: 'CUSIP',
      account: 'Fund',
      asOf: 'COB Date',
    });
    expect(look.rows.at(-1)).toEqual({ line: 4, cells: ['Apple', 'AAPL', '5', '1', '037833100', 'A', '2026-03-06'] });
  });
});

async function* piecesOf(text: string): AsyncGenerator<Uint8Array, void> {
  yield await Promise.resolve(new TextEncoder().encode(text));
}

describe('a layout that tells no quantities', () => {
  const file = (heading: string, cells: readonly string[]): string =>
    [`Papier;${heading};Art`, ...cells.map((cell, i) => `${['AAPL', 'SPY', 'Konto', 'NESN'][i]!};${cell};`), 'Hinweis: ohne Gewähr;;'].join(
      '\n',
    );
  const mapped = (columns: Partial<HoldingsMapping['columns']>): HoldingsMapping => ({
    columns: { symbol: 'Papier', ...columns },
    ...{ decimal: ',', cash: ['Konto'], stop: ['Hinweis'] },
  });
  const told = ({ staged }: Parsed): string[] => {
    if (staged.kind !== 'holdings') throw new Error('no holdings');
    return staged.lines.flatMap(({ disposition, position: p }) =>
      p ? [`${disposition} ${p.symbol?.code ?? 'cash'} ${p.quantity?.value ?? 'no quantity'} ${p.marketValue!.value}`] : [],
    );
  };

  test('is read by its values, cash and shorts among them', async () => {
    const mapping = mapped({ value: 'Wert' });
    const parsed = await parse('f.csv', file('Wert', ['1.250,50', '-800', '40,25', '0']), { mapping, ...DAY });
    expect(told(parsed)).toEqual(['position AAPL no quantity 1250.5', 'position SPY no quantity -800', 'cash cash 40.25 40.25']);
    expect(parsed.issues.kept.map(({ code, column, found }) => [code, column, found])).toEqual([['zero_quantity', 2, '0']]);
    const bad = await parse('f.csv', file('Wert', ['', 'viel', '1']), { mapping, ...DAY });
    expect(bad.issues.kept.map(({ code, line, column }) => [code, line, column])).toEqual([
      ['missing_value', 2, 2],
      ['not_a_number', 3, 2],
    ]);
  });

  test('is read by its weights of an amount, which is asked for as what they are parts of is', async () => {
    const mapping = mapped({ weight: 'Anteil' });
    const halves = file('Anteil', ['0,4', '-0,15', '0,75']);
    expect(await failure('f.csv', halves, { mapping, ...DAY })).toMatchObject({ data: { details: { flag: '--total' } } });
    const parsed = await parse('f.csv', halves, { mapping, ...DAY, total: '1000000' });
    expect(told(parsed)).toEqual(['position AAPL no quantity 400000', 'position SPY no quantity -150000', 'cash cash 750000 750000']);
    const percent = await parse('f.csv', file('Anteil', ['40 %', '1,5%', '3%']), { mapping, ...DAY, total: '1000' });
    expect(told(percent)).toEqual(['position AAPL no quantity 400', 'position SPY no quantity 15', 'cash cash 30 30']);
    const unclear = file('Anteil', ['4', '1,5', '3']);
    expect(await failure('f.csv', unclear, { mapping, ...DAY, total: '1000' })).toMatchObject({ data: { details: { flag: '--weights' } } });
  });

  test('is no layout without any of the three', () => {
    expect(v.safeParse(holdingsMapping, mapped({})).issues?.[0].message).toBe('a column of quantities, values or weights is needed');
    expect(v.safeParse(holdingsMapping, mapped({ weight: 'Anteil' })).success).toBe(true);
  });
});
