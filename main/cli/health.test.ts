/** The doctor from a terminal: what it finds in files as users have them, what that does to the book, repairs and their undo. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { SecurityView } from '../contract/results.ts';
import type { FixResult, LookView } from '../contract/results-health.ts';
import { Cli, scratch } from './testing/cli.ts';
import { CLASSES, MAP, pricesText, SHORT, smallMarket } from './testing/market.ts';
import { importAll, inSession } from './testing/session.ts';

const folder = scratch();
const market = smallMarket(160);
const base = new Cli(folder, 'health');
const SPLIT = 120;
const LAST = market.days.length - 1;
const day = (row: number): string => market.days[row]!;

// AAA split ten for one on day 120 and nobody said so; BBB's dividend is in cents; CCC has a price after its delisting.
const closes = (): string =>
  [
    'date,ticker,close',
    ...['AAA', 'BBB', 'CCC'].flatMap((name) =>
      market.days.map((date, t) => `${date},${name},${market.closes[name]![t]! / (name === 'AAA' && t >= SPLIT ? 10 : 1)}`),
    ),
    '',
  ].join('\n');
const ACTIONS = [
  'ticker,ex_date,type,value',
  `BBB,${day(130)},dividend,${Math.round(market.closes.BBB![129]! * 2)}`,
  `CCC,${day(150)},delisting,-0.3`,
  '',
].join('\n');
const HOLDINGS = ['ticker,quantity,as_of', `AAA,100,${day(100)}`, `BBB,-50,${day(100)}`, ''].join('\n');

beforeAll(async () => {
  await base.value('init');
  await inSession(base, (session) =>
    importAll(session, base, {
      'etfs.csv': pricesText(market, ['SPY', 'XLK', 'SOXX', 'XLF']),
      'closes.csv': closes(),
      'map.csv': MAP,
      'classes.csv': CLASSES,
      'actions.csv': ACTIONS,
      'book.csv': HOLDINGS,
    }),
  );
});

describe('findings', () => {
  it('says what is wrong, what it does to the book in dollars, and what would be written', async () => {
    const found = await base.findings();
    const of = (code: string) => found.find((finding) => finding.code === code)!;
    const split = of('split_suspected');
    expect(split).toMatchObject({
      subject: 'AAA',
      day: day(SPLIT),
      severity: 'warning',
      distorts: 'returns',
      fix: `List a 10-for-1 split on ${day(SPLIT)}`,
    });
    // 100 shares of before the split are 1,000 today; the book has a tenth of their value.
    const { effect } = split;
    const price = market.closes.AAA![LAST]! / 10;
    expect(effect!.marketValue).toBeCloseTo(100 * price, 6);
    expect(effect!.marketValueFixed).toBeCloseTo(1000 * price, 5);
    expect(effect!.returnAsIs!).toBeLessThan(-0.85);
    expect(Math.abs(effect!.returnFixed!)).toBeLessThan(0.1);
    expect(effect!.volatilityFixed).not.toBe(effect!.volatility);

    const dividend = of('dividend_wrong');
    expect(dividend).toMatchObject({ subject: 'BBB', severity: 'error', day: day(130) });
    expect(dividend.fix).toContain('List a dividend of');
    expect(dividend.effect!.marketValue!).toBeLessThan(0);
    // The false payment of twice the price is nearly all of the book's volatility.
    expect(dividend.effect!.volatilityFixed!).toBeLessThan(0.5 * dividend.effect!.volatility!);
    expect(of('after_delisting')).toMatchObject({ subject: 'CCC', severity: 'error', fix: null, effect: null });
    const text = (await base.run('findings', '--code', 'split_suspected')).out;
    expect(text).toMatch(/split_suspected +AAA .*→.*book .*→.*List a 10-for-1 split/);
  });

  it('looks again only when the data changed, and counts by kind', async () => {
    const first = await base.value<LookView>('doctor');
    expect(first).toMatchObject({ current: true, securities: 7, counts: { split_suspected: 1, after_delisting: 1 } });
    expect((await base.value<LookView>('doctor')).lookId).toBe(first.lookId);
    expect(first.coverage.map(({ source, field }) => `${source} ${field}`)).toEqual(['closes.csv close', 'etfs.csv close']);
    expect(first.coverage[0]!.counts.every((count) => count === 3)).toBe(true);
    expect(first.days).toEqual(market.days);
    const own = base.copy('again');
    await own.give('more.csv', 'ticker,shares,valid_from\nAAA,100,2024-01-02\n');
    expect((await own.value<LookView>('doctor')).lookId).toBeGreaterThan(first.lookId);
  });
});

describe('fix', () => {
  const grossOf = async (cli: Cli, row: number): Promise<number> =>
    (await cli.value<SecurityView>('show', 'AAA', '--date', day(row))).returnGross!;

  it('known from today leaves strict rows of the past as they were; `corrected` and rows from today on have it', async () => {
    const own = base.copy('today').with({ today: day(LAST) });
    await own.value('run', ...SHORT);
    const before = await own.metrics('before.csv', '--tickers', 'AAA');
    const { findingId } = (await own.findings()).find((finding) => finding.code === 'split_suspected')!;
    const result = await own.value<FixResult>('fix', String(findingId));
    expect(result).toMatchObject({ findings: [findingId], knownFrom: day(LAST), written: [`AAA: List a 10-for-1 split on ${day(SPLIT)}`] });
    expect((await own.findings()).filter((finding) => finding.subject === 'AAA' && finding.code !== 'unknown_ticker')).toEqual([]);

    await own.value('run', ...SHORT);
    const after = await own.metrics('after.csv', '--tickers', 'AAA');
    const untilYesterday = (lines: readonly string[]): string[] => lines.filter((line) => !line.startsWith(day(LAST)));
    expect(untilYesterday(after)).toEqual(untilYesterday(before));
    expect(after.at(-1)).not.toBe(before.at(-1));
    await own.value('run', ...SHORT, '--set', 'knowledge=corrected');
    expect(Math.abs(await grossOf(own, SPLIT))).toBeLessThan(0.1);

    // Undo brings the bytes of before, and the finding with its number.
    await own.value('undo', String(result.batchId));
    await own.value('run', ...SHORT);
    expect(await own.metrics('undone.csv', '--tickers', 'AAA')).toEqual(before);
    expect((await own.findings()).map((finding) => finding.findingId)).toContain(findingId);
  });

  it('known from its own day is as if the action file had been complete', async () => {
    const own = base.copy('own-day');
    await own.findings();
    await own.value('fix', '--code', 'split_suspected', '--known-from', 'day');
    await own.value('run', ...SHORT);
    const repaired = await own.metrics('repaired.csv');
    const complete = base.copy('complete');
    await complete.give('split.csv', `ticker,ex_date,type,value\nAAA,${day(SPLIT)},split,10\n`);
    await complete.value('run', ...SHORT);
    expect(await complete.metrics('complete.csv')).toEqual(repaired);
  });

  it('repairs a dividend, and adjusted closes on the one day that is wrong', async () => {
    const own = base.copy('adjusted');
    const jump = (t: number): number => (t >= 140 ? market.closes.BBB![t]! * 15 : market.closes.BBB![t]!);
    await own.give('adj.csv', ['date,ticker,adj_close', ...market.days.map((date, t) => `${date},BBB,${jump(t)}`), ''].join('\n'));
    const found = (await own.findings()).filter((finding) => finding.subject === 'BBB' && finding.fix !== null);
    expect(found.map(({ code }) => code).sort()).toEqual(['adjusted_break', 'dividend_wrong']);
    const fixed = await own.value<FixResult>('fix', ...found.map(({ findingId }) => String(findingId)), '--known-from', 'day');
    expect(fixed.written).toHaveLength(2);
    expect((await own.findings()).filter((finding) => finding.subject === 'BBB' && finding.severity !== 'info')).toEqual([]);
    await own.value('run', ...SHORT);
    const gross = (await own.value<SecurityView>('show', 'BBB', '--date', day(140))).returnGross!;
    expect(gross).toBeCloseTo(market.closes.BBB![140]! / market.closes.BBB![139]! - 1, 9);
    // The next day divides within the file's own base.
    const next = (await own.value<SecurityView>('show', 'BBB', '--date', day(141))).returnGross!;
    expect(next).toBeCloseTo(market.closes.BBB![141]! / market.closes.BBB![140]! - 1, 9);
  });

  it('is written once: until the doctor looks again, a security whose repair was written or taken back has no other', async () => {
    // Closes of some days in cents: one cause, which the doctor can read as a unit or as two splits.
    const own = base.copy('twice');
    const inCents = (t: number): number => (t >= 60 && t < 70 ? 100 : 1) * market.closes.BBB![t]!;
    const rows = market.days.map((date, t) => `${date},DDD,${inCents(t)},${market.closes.BBB![t]!}`);
    await own.give('cents.csv', ['date,ticker,close,adj_close', ...rows, ''].join('\n'));
    const found = (await own.findings()).filter((one) => one.fix !== null);
    const unit = found.find((one) => one.code === 'unit_break' && one.subject === 'DDD')!;
    const rivals = found.filter((one) => one.subject === 'DDD' && one !== unit);
    expect(unit.fix).toContain('divided by 100');
    expect(rivals.map(({ code }) => code)).toEqual(['split_missed', 'split_missed']);
    const fix = (...ids: number[]): string[] => ['fix', ...ids.map(String), '--known-from', 'day'];
    for (const rival of rivals)
      expect(await own.error(...fix(unit.findingId, rival.findingId))).toMatchObject({
        code: 'blocked',
        message: `Findings ${unit.findingId} and ${rival.findingId} of DDD are repairs of the same days: together they correct them twice.`,
      });

    const { batchId } = await own.value<FixResult>(...fix(unit.findingId));
    const again = { code: 'blocked', message: 'DDD was repaired, or a repair of it was taken back, since the doctor looked.' };
    for (const one of [unit, ...rivals]) expect(await own.error(...fix(one.findingId))).toMatchObject(again);
    // Another security's is written all the same.
    await own.value(...fix(found.find((one) => one.code === 'split_suspected')!.findingId));
    await own.value('run', ...SHORT, '--set', 'returns=raw');
    const gross = async (t: number): Promise<number> => (await own.value<SecurityView>('show', 'DDD', '--date', day(t))).returnGross!;
    for (const t of [60, 65, 70]) expect(await gross(t)).toBeCloseTo(market.closes.BBB![t]! / market.closes.BBB![t - 1]! - 1, 9);
    await own.value('undo', String(batchId));
    expect(await own.error(...fix(unit.findingId))).toMatchObject(again);
    await own.value('doctor');
    await own.value(...fix(unit.findingId));
    // What was repaired is healthy: the repair is no second source on another level.
    expect((await own.findings()).filter(({ subject }) => subject === 'DDD').map(({ code }) => code)).toEqual(['no_classification']);
  });

  it('of two splits that were listed around the day of the one there was, one is moved there', async () => {
    const own = base.copy('around');
    const rows = market.days.map((date, t) => `${date},DDD,${(t >= 60 ? 0.5 : 1) * market.closes.BBB![t]!}`);
    await own.give('halved.csv', ['date,ticker,close', ...rows, ''].join('\n'));
    await own.give('around.csv', `ticker,ex_date,type,value\nDDD,${day(58)},split,2\nDDD,${day(61)},split,2\n`);
    const found = (await own.findings()).filter((one) => one.subject === 'DDD' && one.fix !== null);
    expect(found.map(({ code }) => code)).toEqual(['split_day', 'split_day']);
    expect(await own.error('fix', ...found.map(({ findingId }) => String(findingId)))).toMatchObject({ code: 'blocked' });
    await own.value('fix', String(found[0]!.findingId), '--known-from', 'day');
    await own.value(
      'fix',
      String((await own.findings()).find((one) => one.subject === 'DDD' && one.fix !== null)!.findingId),
      '--known-from',
      'day',
    );
    await own.value('run', ...SHORT, '--set', 'returns=raw');
    for (const t of [58, 60, 61])
      expect((await own.value<SecurityView>('show', 'DDD', '--date', day(t))).returnGross!).toBeCloseTo(
        market.closes.BBB![t]! / market.closes.BBB![t - 1]! - 1,
        9,
      );
  });

  it('refuses what has no repair, what is not there, and findings of data that changed since', async () => {
    const own = base.copy('refused');
    const found = await own.findings();
    const late = found.find((finding) => finding.code === 'after_delisting')!.findingId;
    expect(await own.error('fix', String(late))).toMatchObject({ exit: 2, code: 'usage' });
    expect(await own.error('fix', '4711')).toMatchObject({ exit: 1, code: 'not_found' });
    expect(await own.error('fix')).toMatchObject({ exit: 2 });
    await own.give('more.csv', `ticker,ex_date,type,value\nAAA,${day(SPLIT)},split,10\n`);
    const split = found.find((finding) => finding.code === 'split_suspected')!.findingId;
    expect(await own.error('fix', String(split))).toMatchObject({ code: 'blocked' });
    expect((await own.findings()).some((finding) => finding.code === 'split_suspected')).toBe(false);
  });
});

it('dismissals stay over looks, and can be taken back', async () => {
  const own = base.copy('dismissed');
  const { findingId } = (await own.findings()).find((finding) => finding.code === 'after_delisting')!;
  await own.value('dismiss', String(findingId), '--why', 'trades over the counter');
  await own.give('more.csv', 'ticker,shares,valid_from\nAAA,100,2024-01-02\n');
  expect((await own.findings()).map((finding) => finding.findingId)).not.toContain(findingId);
  await own.value('dismiss', String(findingId), '--undo');
  expect((await own.findings()).map((finding) => finding.findingId)).toContain(findingId);
});

it('prices that cannot be prices and overlapping validities are findings', async () => {
  const own = base.copy('master');
  await own.import(
    own.file('wide.csv', `ticker,${day(0)},${day(1)},${day(2)},${day(3)}\nNEG,5,-1,-2,4\n`),
    '--value',
    'close',
    '--skip-rejected',
  );
  // One file that contradicts itself is refused; two files that contradict each other are a finding.
  await own.give('classes3.csv', `ticker,sector,scheme,valid_from,valid_to\nAAA,Tech,x,${day(0)},${day(90)}\n`);
  await own.give('classes4.csv', `ticker,sector,scheme,valid_from,valid_to\nAAA,Energy,x,${day(50)},${day(150)}\n`);
  const found = await own.findings();
  expect(found.find((finding) => finding.code === 'rejected_values')).toMatchObject({ subject: 'NEG', severity: 'error' });
  expect(found.find((finding) => finding.code === 'rejected_values')!.message).toContain('2 values left out');
  expect(found.find((finding) => finding.code === 'overlapping_validity')).toMatchObject({ subject: 'AAA', day: day(50) });
});

it('without a market ETF says so instead of failing', async () => {
  const own = new Cli(folder, 'no-market');
  await own.value('init');
  await own.give('stocks.csv', pricesText(market, ['AAA']));
  expect((await own.findings()).map(({ code }) => code)).toContain('no_market');
});
