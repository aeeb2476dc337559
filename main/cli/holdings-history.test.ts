/** Years of holdings in one file: the same as a file of each day. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { AttributionView } from '../contract/results-risk.ts';
import type { BookView } from '../contract/results.ts';
import { market, runBefore } from './testing/book.ts';
import type { Cli } from './testing/cli.ts';
import { inSession } from './testing/session.ts';

const HEAD = 'as_of,account,ticker,quantity\n';
const day = (k: number): string => market.days[k]!;
/** Lines of a day, another one each day. */
const linesOf = (k: number): string =>
  [`${day(k)},ONE,AAA,${100 + k}`, `${day(k)},ONE,BBB,${k % 3 ? 50 : -50}`, ...(k % 2 ? [`${day(k)},TWO,CCC,${k}`] : []), ''].join('\n');
const DAYS = [112, 113, 114, 115];

let base: Cli;
beforeAll(async () => {
  base = await runBefore();
});

const snapshots = async (cli: Cli): Promise<string[]> =>
  (await inSession(cli, (session) => session.reader.call('snapshots', null)))
    .map(({ asOf, positions, accounts }) => `${asOf} ${positions} ${accounts.join()}`)
    .sort();

const told = async (cli: Cli) => {
  const { lineage: _, ...attribution } = await cli.value<AttributionView>('attribution', '--weights', 'dated', '--from', day(112));
  return { attribution, snapshots: await snapshots(cli) };
};

describe('a holdings file of several days', () => {
  it('is refused with a question, and read with --each-day is what a file of each day is; one undo takes all of it', async () => {
    const [one, many] = [base.copy('one'), base.copy('many')];
    const file = one.file('history.csv', HEAD + DAYS.map(linesOf).join(''));
    const asked = await one.run('import', file);
    expect([asked.code, asked.err]).toEqual([3, expect.stringContaining('read it with --each-day')]);
    const trial = await one.run('import', file, '--each-day', '--dry-run', '--lines');
    expect(trial.out).toMatch(new RegExp(`^ +4 +${day(113)} +share +ONE +AAA +213\\b`, 'm'));
    const report = await one.import(file, '--each-day');
    expect(report).toMatchObject({
      outcome: 'committed',
      counts: { new: 10, unchanged: 0, rejected: 0 },
      firstDay: day(112),
      lastDay: day(115),
      securities: 3,
    });
    expect(report.issues).toMatchObject([
      { code: 'account_missing', subject: 'TWO', reason: expect.stringContaining(`1 of the days after ${day(113)}, first ${day(114)}`) },
    ]);
    for (const k of DAYS) await many.give(`h${k}.csv`, HEAD + linesOf(k));
    expect(await told(one)).toEqual(await told(many));
    await one.value('undo', String(report.batchId));
    expect(await snapshots(one)).toEqual([]);
  });

  it('says that another day than its own was not taken; a file that tells none is of the day named', async () => {
    const cli = base.copy('known');
    const report = await cli.import(cli.file('one.csv', HEAD + linesOf(112)), '--known-as-of', day(113));
    expect(report.issues).toMatchObject([
      { severity: 'warning', code: 'as_of_differs', reason: `the file is of ${day(112)}, not ${day(113)}` },
    ]);
    const ofNone = await cli.import(cli.file('none.csv', 'account,ticker,quantity\nTHREE,AAA,5\n'), '--known-as-of', day(113));
    expect([ofNone.firstDay, ofNone.issues.map(({ code }) => code)]).toEqual([day(113), ['new_account']]);
  });

  it('that has grown brings the new days alone, and a changed day takes the place of the one it was', async () => {
    const cli = base.copy('grown');
    await cli.import(cli.file('history.csv', HEAD + DAYS.map(linesOf).join('')), '--each-day');
    const again = cli.file('again.csv', HEAD + DAYS.map(linesOf).join(''));
    expect(await cli.import(again, '--each-day')).toMatchObject({ outcome: 'nothing_new', counts: { new: 0, unchanged: 10 } });
    const grown = `${HEAD}${DAYS.map(linesOf).join('').replace('ONE,AAA,213', 'ONE,AAA,999')}${linesOf(116)}`;
    const report = await cli.import(cli.file('grown.csv', grown), '--each-day');
    expect(report).toMatchObject({ outcome: 'committed', counts: { new: 5, unchanged: 7 } });
    expect(report.issueCounts).toMatchObject({ snapshot_superseded: 1 });
    expect(await snapshots(cli)).toEqual([...DAYS, 113, 116].map((k) => `${day(k)} ${k % 2 ? 3 : 2} ${k % 2 ? 'ONE,TWO' : 'ONE'}`).sort());
    const all = base.copy('all');
    await all.import(all.file('grown.csv', grown), '--each-day');
    expect((await told(cli)).attribution).toEqual((await told(all)).attribution);
    const early = await cli.run('attribution', '--weights', 'dated', '--from', day(60), '--to', day(70));
    expect(early.out).toContain('weights of each snapshot count from the day after it');
    expect(early.out).toContain('alpha of this model: n/a over 0 days');
  });

  it('warns of a day that has lost half its lines, and of one on which nothing is held; names nobody knows are told once', async () => {
    const cli = base.copy('odd');
    const lines = (k: number, names: readonly string[], quantity = 5): string =>
      names.map((name) => `${day(k)},ONE,${name},${quantity}\n`).join('');
    const text =
      HEAD + lines(112, ['AAA', 'BBB', 'CCC', 'NOBODY']) + lines(113, ['AAA', 'NOBODY']) + lines(114, ['AAA']) + lines(115, ['AAA'], 0);
    const report = await cli.import(cli.file('odd.csv', text), '--each-day');
    expect(report.issues.filter(({ severity }) => severity === 'warning').map(({ code, reason }) => `${code}: ${reason}`)).toEqual([
      `no_positions: On ${day(115)} nothing is held: the day before goes on counting.`,
    ]);
    expect(report.issueCounts).toMatchObject({ unknown_ticker: 1 });
    const fewer = HEAD + lines(112, ['AAA', 'BBB', 'CCC']) + lines(113, ['AAA']);
    const other = base.copy('fewer');
    expect((await other.import(other.file('fewer.csv', fewer), '--each-day')).issues.map(({ reason }) => reason)).toEqual([
      `Against ${day(112)} in the file, account ONE of ${day(113)} has 0 positions more, 2 gone, 0 with another quantity: 1 position after 3.`,
    ]);
  });

  it('leaves out a day none of whose lines could be read, when rejected lines are', async () => {
    const cli = base.copy('rejected');
    const text = HEAD + [112, 113, 114].map((k) => `${day(k)},ONE,AAA,${k === 113 ? 'x' : k}\n`).join('');
    const report = await cli.import(cli.file('rejected.csv', text), '--each-day', '--skip-rejected');
    expect(report).toMatchObject({ outcome: 'committed', counts: { new: 2, rejected: 1 }, issueCounts: { not_a_number: 1 } });
    expect(await snapshots(cli)).toEqual([`${day(112)} 1 ONE`, `${day(114)} 1 ONE`]);
  });
});

describe('a holdings file of one day', () => {
  it('of an account that was emptied to cash takes the place of what it held, and says so; earlier holdings say that later ones count', async () => {
    const cli = base.copy('emptied');
    const head = HEAD.trim() + ',price\n';
    await cli.give('held.csv', `${head}${day(112)},ONE,AAA,100,\n${day(112)},ONE,BBB,5,\n${day(112)},TWO,CCC,7,\n`);
    const report = await cli.import(cli.file('sold.csv', `${head}${day(113)},ONE,SPAXX**,5000,1\n`));
    expect(report).toMatchObject({ outcome: 'committed', counts: { rows: 1, new: 0 } });
    expect(report.issues.map(({ reason }) => reason)).toContainEqual(
      expect.stringContaining('account ONE has 0 positions more, 2 gone, 0 with another quantity: 0 positions after 2'),
    );
    expect((await cli.value<BookView>('book')).positions.map(({ account, ticker }) => [account, ticker])).toEqual([
      ['TWO', 'CCC'],
      ['ONE', 'SPAXX'],
    ]);
    expect(await cli.import(cli.file('sold.csv', `${head}${day(113)},ONE,SPAXX**,5000,1\n`))).toMatchObject({ outcome: 'nothing_new' });
    const sold = await cli.import(cli.file('cash.csv', `${HEAD}${day(114)},TWO,$CASH,900\n`));
    expect(sold.issues.filter(({ severity }) => severity === 'warning').map(({ reason }) => reason)).toEqual([
      expect.stringContaining('account TWO has 0 positions more, 1 gone, 0 with another quantity: 0 positions after 1'),
    ]);
    expect((await cli.value<BookView>('book', '--account', 'TWO')).positions.map(({ role }) => role)).toEqual(['cash']);
    const past = await cli.import(cli.file('past.csv', `${head}${day(112)},ONE,AAA,90,\n`));
    expect(past.issues.map(({ code, reason }) => [code, reason])).toEqual(
      expect.arrayContaining([
        ['snapshot_superseded', 'Snapshot 1 of the same day (held.csv), its account ONE alone, is superseded by this one.'],
        ['later_holdings', `Account ONE has later holdings here, up to ${day(113)}: these of ${day(112)} count before them alone.`],
      ]),
    );
  });
});
