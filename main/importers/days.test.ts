/** A holdings file with several days: a snapshot of each, where that is what the person says. */
import { describe, expect, it } from 'vitest';
import { formatIsoDay } from '../contract/units.ts';
import { failure, parse } from './testing/harness.ts';
import type { StagedHoldings } from './staged.ts';

const HEAD = 'as_of,account,ticker,quantity,market_value\n';
const read = async (text: string) => {
  const { staged, issues, rejected } = await parse('history.csv', HEAD + text, { kind: 'holdings', eachDay: true });
  const { days, asOf, lines } = staged as StagedHoldings;
  return {
    days: days?.map((day) => `${formatIsoDay(day.asOf)}: ${day.lines.map(({ line, disposition }) => `${line} ${disposition}`).join(', ')}`),
    asOf: formatIsoDay(asOf),
    lines: lines.length,
    issues: issues.kept.map(({ code, line }) => `${code} ${line}`),
    rejected,
  };
};

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

  it('have lots and totals of their own day; a total of no day is said to be compared with nothing', async () => {
    const day = (asOf: string, first: number, total: number): string =>
      `${asOf},A,SPY,1,${first}\n${asOf},A,XLE,1,100\n${asOf},A,Total,,${total}\n`;
    expect((await read(day('2026-03-05', 50, 150) + day('2026-03-06', 70, 170))).issues).toEqual([]);
    expect((await read(day('2026-03-05', 50, 150) + day('2026-03-06', 70, 150))).issues).toEqual(['total_differs 7']);
    expect((await read(`${day('2026-03-05', 50, 150)}2026-03-06,A,SPY,1,\n,A,Total,,150\n`)).issues).toEqual(['total_differs 6']);
    expect((await read('2026-03-05,A,SPY,1,\n2026-03-05,A,SPY,2,\n2026-03-06,A,SPY,2,\n')).issues).toEqual(['several_lots 0']);
  });
});
