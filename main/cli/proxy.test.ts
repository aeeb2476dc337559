/** A proxy ETF before a fund's inception: levels exist from the start, and every row that used it says so. */
import { describe, expect, it } from 'vitest';
import type { Explanation } from '../contract/results-explain.ts';
import { Cli, scratch } from './testing/cli.ts';
import { CLASSES, MAP, pricesText, SHORT, smallMarket } from './testing/market.ts';

const folder = scratch();
const market = smallMarket(140);
const day = (row: number): string => market.days[row]!;
const INCEPTION = 60;

describe('an ETF map with a proxy', () => {
  it('gives the sector level before the fund has a window of its own, flagged until the window holds the fund alone', async () => {
    const cli = new Cli(folder, 'proxy');
    await cli.value('init');
    // SEMI begins in the middle; XLK stands in for it.
    const prices = pricesText(market, ['SPY', 'XLK', 'XLF', 'AAA', 'BBB']);
    const semi = market.days.slice(INCEPTION).map((date, i) => `${date},SEMI,${market.closes.SOXX![INCEPTION + i]}`);
    await cli.give('prices.csv', `${prices}${semi.join('\n')}\n`);
    await cli.give('classes.csv', CLASSES);
    const map = (proxy: string) =>
      MAP.split('\n')
        .map((line, i) =>
          i === 0
            ? `${line},proxy`
            : line.startsWith('sector,Technology')
              ? `${line.replace('XLK', 'SEMI')},${proxy}`
              : line && !line.startsWith('subsector')
                ? `${line},`
                : '',
        )
        .filter(Boolean)
        .join('\n');
    await cli.give('without.csv', `${map('')}\n`);
    await cli.value('run', ...SHORT);
    const level = async (name: string) => {
      const lines = await cli.metrics(name, '--tickers', 'AAA');
      const header = lines[0]!.split(',');
      const at = (field: string) => header.indexOf(field);
      return new Map(
        lines.slice(1).map((line) => [line.split(',')[0]!, { level: line.split(',')[at('level')]!, flags: line.split(',')[at('flags')]! }]),
      );
    };
    const bare = await level('without-out.csv');
    expect(bare.get(day(INCEPTION + 5))!.level).toBe('1');
    await cli.give('with.csv', `${map('XLK')}\n`);
    await cli.value('run', ...SHORT);
    const rows = await level('with-out.csv');
    const window = 60;
    for (const [row, flagged] of [
      [INCEPTION - 5, true],
      [INCEPTION + 5, true],
      [INCEPTION + window - 1, true],
      [INCEPTION + window, false],
      [139, false],
    ] as const) {
      const one = rows.get(day(row))!;
      expect([row, one.level, one.flags.includes('proxy_etf') || (Number(one.flags) & 512) !== 0]).toEqual([row, '2', flagged]);
    }
    const why = await cli.value<Explanation>('explain', 'AAA', day(INCEPTION + 5), 'l2_sec_hr');
    expect(why.map.find((one) => one.level === 'sector')).toMatchObject({ etf: 'SEMI', proxy: 'XLK', file: 'with.csv' });
    expect(why.prices[0]!.versions[0]).toMatchObject({ file: 'prices.csv', line: expect.any(Number) as number });
    const refused = await cli.run('import', cli.file('self.csv', 'level,code,etf,proxy\nmarket,*,SPY,SPY\n'));
    expect(refused.out).toContain('cannot stand in for itself');
  });
});
