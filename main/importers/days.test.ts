/** A holdings file with several days: a snapshot of each, where that is what the person says. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { formatIsoDay } from '../contract/units.ts';
import { failure, parse } from './testing/harness.ts';
import type { Parsed, StagedHoldings } from './staged.ts';

const HEAD = 'as_of,account,ticker,quantity,market_value\n';
const summary = ({ staged, issues, rejected }: Parsed) => {
  const { days, asOf, lines } = staged as StagedHoldings;
  return {
    days: days?.map((day) => `${formatIsoDay(day.asOf)}: ${day.lines.map(({ line, disposition }) => `${line} ${disposition}`).join(', ')}`),
    asOf: formatIsoDay(asOf),
    lines: lines.length,
    issues: issues.kept.map(({ code, line }) => `${code} ${line}`),
    rejected,
  };
};
const read = async (text: string) => summary(await parse('history.csv', HEAD + text, { kind: 'holdings', eachDay: true }));

describe('holdings of several days', () => {
  it('are refused with the days and what would read them', async () => {
    const { data } = await failure('history.csv', `${HEAD}2026-03-05,A,SPY,1,\n2026-03-06,A,SPY,2,\n`, { kind: 'holdings' });
    expect(data.message).toContain('2 days: 2026-03-05 (line 2), 2026-03-06 (line 3)');
    expect((data.details as { issues: { fix: string }[] }).issues[0]!.fix).toContain('--each-day');
  });

  it('are a snapshot of each, oldest first, whatever their order; every line is in one of them', async () => {
    const text = '2026-03-06,A,SPY,2,\n2026-03-05,A,SPY,1,\n# a note,,,,\n2026-03-06,B,XLE,3,\n2026-03-05,A,USD Curncy,10,10\n';
    expect(await read(text)).toEqual({
      days: ['2026-03-05: 3 position, 6 cash', '2026-03-06: 1 header, 2 position, 4 note, 5 position'],
      asOf: '2026-03-06',
      lines: 6,
      issues: [],
      rejected: 0,
    });
  });

  it('of one day are one snapshot', async () => {
    expect(await read('2026-03-06,A,SPY,2,\n2026-03-06,A,XLE,1,\n')).toMatchObject({ days: undefined, asOf: '2026-03-06', issues: [] });
  });

  it('need the day on each line', async () => {
    expect(await read('2026-03-06,A,SPY,2,\n,A,XLE,1,\nn/a,A,XLF,1,\n2026-03-05,A,SPY,1,\n2026-02-30,A,SPY,1,\n')).toMatchObject({
      days: ['2026-03-05: 5 position', '2026-03-06: 1 header, 2 position, 3 error, 4 error, 6 error'],
      issues: ['missing_value 3', 'missing_value 4', 'bad_date 6'],
      rejected: 3,
    });
  });

  it('none of whose lines could be read are no days, whichever they are', async () => {
    const [good, bad] = ['2026-03-05,A,SPY,1,\n', '2026-03-06,A,SPY,x,\n'];
    for (const [text, days] of [
      [good + bad + good.replace('05', '07'), ['2026-03-05: 2 position', '2026-03-07: 1 header, 3 error, 4 position']],
      [good + bad, ['2026-03-05: 1 header, 2 position, 3 error']],
      [bad + bad.replace('06', '07'), undefined],
    ] as const) {
      const found = await read(text);
      expect(found.days).toEqual(days);
      expect(found.issues.every((issue) => issue.startsWith('not_a_number'))).toBe(true);
    }
  });

  it('have lots and totals of their own day; a total of no day is said to be compared with nothing', async () => {
    const day = (asOf: string, first: number, total: number): string =>
      `${asOf},A,SPY,1,${first}\n${asOf},A,XLE,1,100\n${asOf},A,Total,,${total}\n`;
    expect(await read(day('2026-03-05', 50, 150) + day('2026-03-06', 70, 170))).toMatchObject({
      days: ['2026-03-05: 2 position, 3 position, 4 total', '2026-03-06: 1 header, 5 position, 6 position, 7 total'],
      issues: [],
    });
    expect((await read(day('2026-03-05', 50, 150) + day('2026-03-06', 70, 150))).issues).toEqual(['total_differs 7']);
    expect((await read(`${day('2026-03-05', 50, 150)}2026-03-06,A,SPY,1,\n,A,Total,,150\n`)).issues).toEqual(['total_differs 6']);
    expect((await read('2026-03-05,A,SPY,1,\n2026-03-05,A,SPY,2,\n2026-03-06,A,SPY,2,\n')).issues).toEqual(['several_lots 0']);
  });
});

describe('holdings of several days in a layout of the user or a broker', () => {
  const columns = { symbol: 'Sec', quantity: 'Units', value: 'Worth', account: 'Fund', asOf: 'Day' };
  const mapping = { columns, delimiter: ';' as const, totals: ['Total'] };
  const HEADINGS = 'Fund;Sec;Units;Worth;Day\n';
  const readMapped = async (text: string) => summary(await parse('own.csv', HEADINGS + text, { kind: 'holdings', mapping, eachDay: true }));

  it('are refused like others', async () => {
    const { data } = await failure('own.csv', `${HEADINGS}A;SPY;1;;2026-03-05\nA;SPY;2;;2026-03-06\n`, { kind: 'holdings', mapping });
    expect(data.message).toContain('2 days: 2026-03-05 (line 2), 2026-03-06 (line 3)');
    expect((data.details as { issues: { fix: string }[] }).issues[0]!.fix).toContain('--each-day');
  });

  it('are a snapshot of each, with lots and totals of its own', async () => {
    const day = (asOf: string, total: number): string =>
      `A;SPY;1;50;${asOf}\nA;SPY;2;100;${asOf}\nA;XLE;1;100;${asOf}\nTotal;;;${total};${asOf}\n`;
    expect(await readMapped(day('2026-03-06', 250) + day('2026-03-05', 250))).toEqual({
      days: [
        '2026-03-05: 6 position, 7 position, 8 position, 9 total',
        '2026-03-06: 1 header, 2 position, 3 position, 4 position, 5 total',
      ],
      asOf: '2026-03-06',
      lines: 9,
      issues: ['several_lots 0'],
      rejected: 0,
    });
    expect((await readMapped(day('2026-03-06', 250) + day('2026-03-05', 200))).issues).toContain('total_differs 9');
    expect((await readMapped(`${day('2026-03-06', 250)}A;SPY;1;;2026-03-05\nTotal;;;50;\n`)).issues).toContain('total_differs 7');
  });

  it('need the day on each line, and none after today', async () => {
    expect(await readMapped('A;SPY;1;;2026-03-05\nA;XLE;1;;\nA;SPY;1;;2026-03-06\nA;SPY;0;;2026-03-04\n')).toMatchObject({
      days: ['2026-03-04: 5 ignored', '2026-03-05: 2 position', '2026-03-06: 1 header, 3 error, 4 position'],
      issues: ['missing_value 3', 'zero_quantity 5'],
      rejected: 1,
    });
    const later = `${HEADINGS}A;SPY;1;;2026-03-05\nA;SPY;1;;2029-03-06\n`;
    expect((await failure('own.csv', later, { kind: 'holdings', mapping, eachDay: true })).message).toContain('after today');
  });

  it('none of whose lines could be read are no days', async () => {
    expect(await readMapped('A;SPY;x;;2026-03-05\nA;SPY;1;;2026-03-06\nA;SPY;2;;2026-03-07\nTotal;;;9;2026-03-05\n')).toMatchObject({
      days: ['2026-03-06: 3 position', '2026-03-07: 1 header, 2 error, 4 position, 5 total'],
      rejected: 1,
    });
    expect(await readMapped('A;SPY;x;;2026-03-05\nA;SPY;y;;2026-03-06\n')).toMatchObject({ days: undefined, rejected: 2 });
  });

  it('of a broker whose lines have days are read, too', async () => {
    const sample = readFileSync(new URL('brokers/samples/ibkr-flex-csv/v1-plain-sections.csv', import.meta.url), 'utf8');
    const lines = sample.split('\n');
    const first = lines.findIndex((line) => line.includes('20260306'));
    lines[first] = lines[first]!.replaceAll('20260306', '20260305');
    const { days } = summary(await parse('f.csv', lines.join('\n'), { eachDay: true }));
    expect(days).toHaveLength(2);
    expect(days![0]).toBe(`2026-03-05: ${first + 1} position`);
  });
});

describe('the day above the header of a list of holdings', () => {
  const list = (title: string): Promise<Parsed> => parse('fund.csv', `${title}\n\nTicker,Name,Shares Held\nSPY,S,1\n`);

  it.each([
    ['Fund Holdings as of,"Jun 28, 2024"', '2024-06-28'],
    ['Holdings:,As of 28-Jun-2024', '2024-06-28'],
    ['As of 2024-06-28', '2024-06-28'],
    ['Holdings as of 06/28/2024', '2024-06-28'],
  ])('%s', async (title, day) => {
    const { asOf, asOfFrom } = (await list(title)).staged as StagedHoldings;
    expect([formatIsoDay(asOf), asOfFrom]).toEqual([day, 'title']);
  });

  it('is asked for where it can be read two ways, or two are told, and lies in no future', async () => {
    for (const title of [
      'As of 06/07/2024',
      'As of 2024-06-28\nPrices as of 2024-06-27',
      'Holdings as of Jun 28, 2024; prices as of Jun 27, 2024',
      'As of 2024-06-28\nPrices as of 06/07/2024',
      'Inception 2024-06-28',
    ])
      await expect(list(title)).rejects.toThrow('of which day the holdings are');
    await expect(list('As of 2031-06-28')).rejects.toThrow('line 1: the holdings are of 2031-06-28, which lies after today');
  });
});
