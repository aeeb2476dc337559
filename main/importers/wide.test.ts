import { expect, test } from 'vitest';
import type { ImportOptions } from '../contract/report.ts';
import { describeParsed, failure, parse } from './testing/harness.ts';

const ACROSS = `currency,ticker,exchange,2021-01-04,2021-13-05,2021-01-06,2021-01-09,2027-01-04
USD,SPY,XNAS,368.79,1,373.55,n/a,
EUR,SAP,XNAS,100,1,101,,
USD,SP Y!,XNAS,50,,51,,
USD,XLK,XNYS,0,,-1,7,9
`;
const DOWN = `date,SPY,X LK!,GLD
2021-01-04,368.79,1,182.33
2021-13-05,369,1,
2021-01-09,370,,184
2027-01-04,371,,
2021-01-06,373.55,,n/a
2021-01-07,0,2,-3
`;
/** Counts, rows and issues, without the line on what the file was found to be. */
const read = async (text: string, options: ImportOptions): Promise<string[]> =>
  describeParsed(await parse('m.csv', text, options)).slice(1);

test('dates across: each filled cell counts once, and a bad heading, name, currency or value takes out its own cells alone', async () => {
  expect(await read(ACROSS, { value: 'close' })).toEqual([
    'rows 12, rejected 9, without session 1',
    '2: SPY@XNAS 2021-01-04 close=368.79',
    '2: SPY@XNAS 2021-01-06 close=373.55',
    'error bad_date 1:5 [2021-13-05]',
    'error future_date 1:8 [2027-01-04]',
    'error foreign_currency 3:1 [EUR]',
    'error bad_symbol 4:2 [SP Y!]',
    'error price_not_positive 5:4 [0]',
    'error price_not_positive 5:6 [-1]',
    'warning non_session_day 5:0 [2021-01-09]',
  ]);
});

test('returns may be nothing and down to everything lost', async () => {
  const rows = await read(ACROSS, { kind: 'returns' });
  expect(rows).toEqual(expect.arrayContaining(['5: XLK@XNYS 2021-01-04 return=0', '5: XLK@XNYS 2021-01-06 return=-1']));
  const { issues } = await parse('m.csv', ACROSS.replace(',-1,', ',-1.01,'), { kind: 'returns' });
  expect(issues.kept.map(({ reason }) => reason)).toContainEqual(expect.stringContaining('at least -1'));
});

test('dates down: likewise', async () => {
  expect(await read(DOWN, { value: 'close' })).toEqual([
    'rows 12, rejected 7, without session 2',
    '2: SPY 2021-01-04 close=368.79',
    '6: SPY 2021-01-06 close=373.55',
    '2: GLD 2021-01-04 close=182.33',
    'error bad_symbol 1:3 [X LK!]',
    'error bad_date 3:1 [2021-13-05]',
    'error future_date 5:1 [2027-01-04]',
    'error price_not_positive 7:2 [0]',
    'error price_not_positive 7:4 [-3]',
    'warning non_session_day 4:0 [2021-01-09]',
  ]);
});

test.each([
  ['date,SPY,GLD,spy\n2021-01-04,1,2,3\n', 'columns 2 and 4 are both spy'],
  ['ticker,2021-01-04,2021-01-05,2021-01-04\nSPY,1,2,3\n', 'columns 2 and 4 are both 2021-01-04'],
])('a name or a day that has two columns is refused, naming both', async (text, reason) => {
  expect((await failure('m.csv', text, { value: 'close' })).message).toContain(reason);
});
