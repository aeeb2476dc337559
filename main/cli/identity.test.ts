import { beforeAll, describe, expect, it } from 'vitest';
import { checkDigitOfIsin } from '../importers/symbols.ts';
import { Cli, scratch } from './testing/cli.ts';
import { CLASSES, MAP, pricesText, SHORT, smallMarket } from './testing/market.ts';

const folder = scratch();
const market = smallMarket(120);
const day = (row: number): string => market.days[row]!;
let start: Cli;

beforeAll(async () => {
  start = new Cli(folder, 'start');
  await start.value('init');
  await start.give('map.csv', MAP);
  await start.give('prices.csv', pricesText(market));
  await start.give('classes.csv', CLASSES);
});

const HEAD = 'ticker,isin,exchange,name,valid_from,valid_to';
const isin = (n: number): string => {
  const body = `ZZTEST00${n}00`;
  return `${body}${checkDigitOfIsin(body)}`;
};

describe('securities files', () => {
  it('refuse two companies that claim one ticker on one day, naming both, and change nothing', async () => {
    const cli = start.copy('twice');
    const before = await cli.batches();
    const text = [HEAD, `AAA,${isin(1)},,First Corp,2020-01-01,`, `AAA,${isin(2)},,Second Corp,2023-01-01,`, ''].join('\n');
    const answer = await cli.run('import', cli.file('twice.csv', text));
    expect(answer.code).toBe(3);
    expect(answer.out).toMatch(/line 2 .*AAA is claimed from 2023-01-01 on by line 2 \(First Corp\) and by line 3 \(Second Corp\)/);
    expect(answer.out).toMatch(/line 3 .*AAA is claimed from 2023-01-01 on by line 3 \(Second Corp\) and by line 2 \(First Corp\)/);
    expect(answer.out).toContain('valid_to');
    expect(await cli.batches()).toEqual(before);
  });

  it('refuse a claim on a ticker that a stored security owns, also through a row the new file does not repeat', async () => {
    const cli = start.copy('stored');
    await cli.give('s1.csv', [HEAD, `AAA,${isin(1)},NYSE,First Corp,2020-01-01,`, ''].join('\n'));
    const other = [HEAD, `AAA,${isin(2)},,Second Corp,2023-01-01,`, ''].join('\n');
    const refused = await cli.run('import', cli.file('s2.csv', other));
    expect(refused.code).toBe(3);
    expect(refused.out).toMatch(/line 2 \(Second Corp\) and by security \d+ \(First Corp\)/);
    // The first company's rename is in the same file, its old ticker is not: it owned AAA until 2022 only.
    const both = [HEAD, `AAX,${isin(1)},NYSE,First Corp,2022-01-01,`, `AAA,${isin(2)},,Second Corp,2023-01-01,`, ''].join('\n');
    expect((await cli.give('s3.csv', both)).outcome).toBe('committed');
    const early = [HEAD, `AAY,${isin(1)},NYSE,First Corp,2024-01-01,`, `AAX,${isin(3)},NYSE,Third Corp,2023-06-01,`, ''].join('\n');
    const again = await cli.run('import', cli.file('s4.csv', early));
    expect(again.out).toMatch(/AAX is claimed .*\(Third Corp\) and by security \d+ \(First Corp\)/);
    expect(again.code).toBe(3);
  });

  it('two listings of one ticker on two exchanges live side by side; a file that does not say which is a finding', async () => {
    const cli = start.copy('listings');
    const text = [HEAD, `DDD,${isin(1)},NYSE,New York Corp,2020-01-01,`, `DDD,${isin(2)},LSE,London Corp,2020-01-01,`, ''].join('\n');
    await cli.give('listings.csv', text);
    const rows = market.days.slice(0, 90);
    const prices = (exchange: string, scale: number) =>
      ['date,ticker,exchange,close', ...rows.map((date, t) => `${date},DDD,${exchange},${market.closes.CCC![t]! * scale}`), ''].join('\n');
    await cli.give('ny.csv', prices('NYSE', 1));
    await cli.give('london.csv', prices('LSE', 2));
    await cli.give('which.csv', prices('', 3));
    const found = (await cli.findings()).filter((finding) => finding.code === 'ambiguous_ticker');
    expect(found).toMatchObject([{ subject: 'DDD', severity: 'warning' }]);
    await cli.value('run', ...SHORT);
    const lines = await cli.metrics('listings.csv', '--from', day(80), '--to', day(80));
    expect(lines.filter((line) => line.includes(',DDD,'))).toHaveLength(2);
  });

  it('a row with the ISIN alone is of the company whose other row has the FIGI too, in one file as in two', async () => {
    const [first, second] = [`OLD,BBG000B9XRY4,${isin(1)},${day(0)},${day(50)}`, `NEW,,${isin(1)},${day(50)},`];
    const text = (...rows: string[]) => ['ticker,figi,isin,valid_from,valid_to', ...rows, ''].join('\n');
    const ids: unknown[] = [];
    for (const [i, files] of [
      [text(first, second)],
      [text(second, first)],
      [text(first), text(second)],
      [text(second), text(first)],
    ].entries()) {
      const cli = start.copy(`isin-${i}`);
      for (const file of files) await cli.give(`isin-${i}.csv`, file);
      const [old] = await cli.value<{ securityId: number }[]>('identities', 'OLD');
      const [now] = await cli.value<{ securityId: number }[]>('identities', 'NEW');
      ids.push(old!.securityId === now!.securityId);
    }
    expect(ids).toEqual([true, true, true, true]);
  });

  it('a securities file that comes after the prices takes over the provisional security; the run does not change', async () => {
    const cli = start.copy('adopt');
    const before = await cli.digest(...SHORT);
    await cli.give(
      'master.csv',
      [HEAD, `AAA,${isin(1)},NASDAQ,Alpha Corp,2020-01-01,`, `BBB,${isin(2)},NYSE,Beta Corp,2020-01-01,`, ''].join('\n'),
    );
    expect(await cli.digest(...SHORT)).toBe(before);
    expect(await cli.value('show', 'AAA')).toMatchObject({ ticker: 'AAA', name: 'Alpha Corp' });
  });
});

describe('exchanges in one file and not in the other', () => {
  it('a price file with exchanges serves holdings, classes and look-ups without', async () => {
    const cli = new Cli(folder, 'exchange');
    await cli.value('init');
    await cli.give('map2.csv', MAP);
    await cli.give('etfs.csv', pricesText(market, ['SPY', 'XLK', 'SOXX', 'XLF']));
    const rows = market.days.map((date, t) => `${date},AAA,NASDAQ,${market.closes.AAA![t]}`);
    await cli.give('aaa.csv', ['date,ticker,exchange,close', ...rows, ''].join('\n'));
    await cli.give('classes2.csv', CLASSES);
    await cli.value('run', ...SHORT);
    expect(await cli.value('show', 'AAA')).toMatchObject({ ticker: 'AAA', deepest: 3, chain: { sector: 'XLK' } });
    await cli.give('held.csv', `ticker,quantity,as_of\nAAA,100,${day(119)}\n`);
    const book = await cli.value<{ positions: { role: string }[] }>('book');
    expect(book.positions.map((position) => position.role)).toEqual(['stock']);
  });
});

describe('renames and recycled tickers', () => {
  it('a renamed company is one series under two names, and a ticker used twice joins nobody', async () => {
    const cli = new Cli(folder, 'renamed');
    await cli.value('init');
    await cli.give('map3.csv', MAP);
    await cli.give('etfs3.csv', pricesText(market, ['SPY', 'XLK', 'SOXX', 'XLF']));
    const own = (name: string, as: string, from: number, to: number) =>
      market.days.slice(from, to).map((date, i) => `${date},${as},${market.closes[name]![from + i]}`);
    // AAA trades as OLD until row 50, as NEW after it; CCC takes the ticker OLD from row 70 on.
    const rows = [...own('AAA', 'OLD', 0, 50), ...own('AAA', 'NEW', 50, 120), ...own('CCC', 'OLD', 70, 120)];
    const prices = ['date,ticker,close', ...rows, ''].join('\n');
    const master = [
      HEAD,
      `OLD,${isin(1)},,Alpha Corp,${day(0)},`,
      `NEW,${isin(1)},,Alpha Corp,${day(50)},`,
      `OLD,${isin(3)},,Gamma Corp,${day(70)},`,
      '',
    ].join('\n');
    const classes = [
      'ticker,sector,industry,scheme,valid_from',
      `OLD,Technology,Semiconductors,gics,${day(0)}`,
      `OLD,Financials,Banks,gics,${day(70)}`,
      '',
    ];
    await cli.give('master3.csv', master);
    await cli.give('classes3.csv', classes.join('\n'));
    await cli.give('prices3.csv', prices);
    await cli.value('run', ...SHORT);
    const lines = (await cli.metrics('renamed.csv')).slice(1).map((line) => line.split(',').slice(0, 2));
    const stretch = (ticker: string) => lines.filter((cells) => cells[1] === ticker).map((cells) => cells[0]);
    expect(stretch('NEW')).toEqual(market.days.slice(50));
    expect(stretch('OLD')).toEqual([...market.days.slice(1, 50), ...market.days.slice(71)]);
    expect(lines.map((cells) => cells[1])).toEqual(lines.map((cells) => cells[1]).sort());
    // No return joins the two names' prices wrongly: the day of the rename has an ordinary one.
    const show = await cli.value<{ returnGross: number; name: string }>('show', 'NEW', '--date', day(50));
    expect(show.returnGross).toBeCloseTo(market.closes.AAA![50]! / market.closes.AAA![49]! - 1, 12);
    expect(await cli.value('show', 'OLD', '--date', day(40))).toMatchObject({ name: 'Alpha Corp', chain: { sector: 'XLK' } });
    expect(await cli.value('show', 'OLD')).toMatchObject({ name: 'Gamma Corp', chain: { sector: 'XLF' } });

    // The other order of the same files gives the same outputs.
    const other = new Cli(folder, 'renamed-2');
    await other.value('init');
    await other.give('p4.csv', prices);
    await other.give('c4.csv', classes.join('\n'));
    await other.give('e4.csv', pricesText(market, ['XLF', 'SOXX', 'SPY', 'XLK']));
    await other.give('s4.csv', master);
    await other.give('m4.csv', MAP);
    expect(await other.digest(...SHORT)).toBe(await cli.digest(...SHORT));
  });

  describe('a row of the master that is known later than the first prices', () => {
    const head = 'ticker,isin,name,valid_from,valid_to,known_from';
    const half = market.days.length / 2;
    const prices = (from: number, to: number): string => pricesText(market, undefined, from, to);
    const FILES = {
      prices: pricesText(market),
      older: prices(0, 20),
      newer: prices(20, market.days.length),
      firstHalf: prices(0, half),
      lastHalf: prices(half, market.days.length),
      classes: CLASSES,
      master: [head, `AAA,${isin(1)},Alpha Corp,2000-01-01,,${day(80)}`, `BBB,${isin(2)},Beta Corp,2000-01-01,,${day(90)}`, ''].join('\n'),
      /** Does not cover the older prices of AAA: they may be another company's. */
      later: [head, `AAA,${isin(1)},Alpha Corp,${day(20)},,${day(50)}`, ''].join('\n'),
      /** Nor the newer ones, which are of days after it was known. */
      former: [head, `AAA,${isin(1)},Alpha Corp,2000-01-01,${day(half)},${day(50)}`, ''].join('\n'),
      /** Another company that is called so, too, and is known later. */
      second: [head, `AAA,${isin(3)},Another Corp,${day(half)},,${day(100)}`, ''].join('\n'),
      caps: ['date,ticker,market_cap', ...market.days.slice(0, 60).map((one) => `${one},AAA,1000000`), ''].join('\n'),
      /** One company under two names that are learned of on one day. */
      two: [
        head,
        `AAA,${isin(1)},Alpha Corp,2000-01-01,${day(half)},${day(80)}`,
        `BBB,${isin(1)},Beta Corp,${day(half)},,${day(80)}`,
        '',
      ].join('\n'),
      onlyA: pricesText(market, ['AAA'], 0, half),
      onlyB: pricesText(market, ['BBB'], half),
      rest: pricesText(market, ['SPY', 'XLK', 'XLF', 'SOXX', 'CCC']),
    };
    type Step = keyof typeof FILES | 'undo master';
    let count = 0;
    const told = async (...order: readonly Step[]) => {
      const cli = new Cli(folder, `seam-${count++}`);
      await cli.value('init');
      await cli.give('map.csv', MAP);
      for (const step of order)
        if (step !== 'undo master') await cli.give(`${step}.csv`, FILES[step]);
        else await cli.value('undo', String((await cli.batches()).find((batch) => batch.file === 'master.csv')!.batchId));
      const { securities } = await cli.value<{ securities: number }>('run', ...SHORT);
      const { name } = await cli.value<{ name: string }>('show', 'AAA', '--date', day(45));
      return { securities, name, lines: await cli.metrics('seam.csv') };
    };

    it('leaves one security from its first price on, whichever came first', async () => {
      const answer = await told('prices', 'classes', 'master');
      expect(answer).toMatchObject({ securities: 3, name: 'Alpha Corp' });
      const masterFirst = ['master', 'prices', 'classes'] as const;
      expect(await told(...masterFirst)).toEqual(answer);
      // Without the master the prices are what they were before anybody knew of it, and it may come again.
      expect(await told(...masterFirst, 'undo master')).toEqual(await told('prices', 'classes'));
      expect(await told(...masterFirst, 'undo master', 'master')).toEqual(answer);
    });

    it('leaves the days before it to a security of their own where it does not cover them all, in whatever order they come', async () => {
      const answer = await told('later', 'older', 'newer', 'classes');
      expect(answer.name).toBeNull();
      for (const order of [
        ['newer', 'later', 'older'],
        ['older', 'newer', 'later'],
      ] as const)
        expect(await told(...order, 'classes')).toEqual(answer);
      // Capitalisations tell days of it, too.
      const caps = await told('later', 'newer', 'caps', 'classes');
      expect(caps.name).toBeNull();
      expect(await told('caps', 'newer', 'later', 'classes')).toEqual(caps);
    });

    it('goes on with it whatever comes after the day on which it was known', async () => {
      const until = (lines: readonly string[]): string[] => lines.filter((line) => line < day(half));
      const answer = await told('former', 'firstHalf', 'classes');
      expect(answer.name).toBe('Alpha Corp');
      for (const order of [
        ['former', 'firstHalf', 'classes', 'lastHalf'],
        ['firstHalf', 'lastHalf', 'classes', 'former', 'second'],
      ] as const) {
        const { name, lines } = await told(...order);
        expect([name, until(lines)]).toEqual([answer.name, until(answer.lines)]);
      }
    });

    it('goes on with the older of two names, in whatever order they come', async () => {
      const answer = await told('two', 'rest', 'onlyA', 'onlyB', 'classes');
      for (const order of [
        ['onlyB', 'two', 'onlyA'],
        ['onlyA', 'onlyB', 'two'],
        ['two', 'onlyB', 'onlyA'],
      ] as const)
        expect(await told('rest', ...order, 'classes')).toEqual(answer);
    });
  });

  it('a rename and an identifier learned late join nothing before, whichever of master and prices came first', async () => {
    const at = (row: number, name: string, scale = 1) => `${day(row)},${name},${market.closes.AAA![row]! * scale}`;
    const rows = market.days.map((_, row) => at(row, row < 50 ? 'OLD' : 'NEW'));
    const files: [string, string][] = [
      ['late-prices.csv', ['date,ticker,close', ...rows.reverse(), ''].join('\n')],
      [
        'late-master.csv',
        ['ticker,isin,valid_from,known_from', `OLD,${isin(1)},${day(0)},${day(45)}`, `NEW,${isin(1)},${day(50)},${day(80)}`, ''].join('\n'),
      ],
      ['late-class.csv', ['isin,sector,industry,scheme,valid_from', `${isin(1)},Technology,Semiconductors,gics,${day(0)}`, ''].join('\n')],
    ];
    const told = async (name: string, order: readonly [string, string][]): Promise<string[]> => {
      const cli = start.copy(name);
      for (const file of order) await cli.give(...file);
      await cli.value('run', ...SHORT);
      const lines = await cli.metrics(`${name}.csv`, '--fields', 'returns_gross,level,n_obs');
      return lines.filter((line) => /,(OLD|NEW),/.test(line));
    };
    const lines = await told('late-1', files);
    expect(lines).toEqual(await told('late-2', [files[1]!, files[0]!, files[2]!]));
    // The later name first, in a file of its own: it takes the prices over, and gives them back when the name before it is told.
    const [head, before, after] = files[1]![1].split('\n');
    const apart = (name: string, row: string): [string, string] => [name, [head, row, ''].join('\n')];
    const [first, second] = [apart('late-old.csv', before!), apart('late-new.csv', after!)];
    expect(await told('late-3', [files[0]!, second, first, files[2]!])).toEqual(lines);
    // Nobody knew before row 45 whose the class is, nor before row 80 that NEW had been OLD.
    const of = (row: number): string[] => lines.filter((line) => line.startsWith(day(row))).map((line) => line.slice(11));
    expect(of(40)).toEqual([expect.stringMatching(/^OLD,[^,]+,40,1$/)]);
    expect(of(60).find((line) => line.startsWith('NEW'))).toMatch(/^NEW,[^,]+,,0$/);
    expect(of(80)).toEqual([expect.stringMatching(/^NEW,[^,]+,60,3$/)]);
  });
});
