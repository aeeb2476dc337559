import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ErrorData } from '../contract/errors.ts';
import type { ImportReport, Issue } from '../contract/report.ts';
import { closeSession, openSession } from '../core/session.ts';
import { testEnvironment } from '../core/testing/environment.ts';
import { Cli, scratch } from './testing/cli.ts';
import { CLASSES, MAP, pricesText, SHORT, smallMarket } from './testing/market.ts';

const folder = scratch();
const market = smallMarket(80);
let cli: Cli;
let bytes: string;

beforeAll(async () => {
  cli = new Cli(folder, 'bad');
  await cli.value('init');
  await cli.give('map.csv', MAP);
  await cli.give('prices.csv', pricesText(market));
  bytes = cli.bytes();
});

const HEAD = 'date,ticker,close\n';
/** A name, the file's content, and the line, column and words of the first error. */
const wrong: readonly (readonly [string, string | Uint8Array, number, number, RegExp])[] = [
  ['empty', '', 0, 0, /empty/],
  ['header only', HEAD, 1, 0, /no rows/],
  ['blank', '\n\n  \n', 0, 0, /empty/],
  ['a truncated gzip', gzipSync(HEAD + '2024-01-02,AAA,5\n'.repeat(500)).subarray(0, 60), 0, 0, /unpack|compressed|gzip|truncated|end/i],
  ['a very long line', `${HEAD}2024-01-02,AAA,${'9'.repeat(20e6)}\n`, 2, 0, /long/],
  ['NUL bytes', `${HEAD}2024-01-02,A\0AA,5\n`, 2, 0, /NUL/],
  ['a price of 0', `${HEAD}2024-01-02,ZZZ,0\n`, 2, 3, /above 0/],
  ['a negative price', `${HEAD}2024-01-02,ZZZ,-1.5\n`, 2, 3, /above 0/],
  ['a thousands separator', `${HEAD}2024-01-02,ZZZ,"1,234.50"\n`, 2, 3, /1,234\.50|number/],
  ['one day told differently', `${HEAD}2024-01-02,ZZZ,5\n2024-01-02,ZZZ,6\n`, 2, 0, /different values/],
  ['a day in the future', `${HEAD}2026-07-02,ZZZ,5\n`, 2, 1, /after today|future/],
  ['no date', `${HEAD}2024-02-30,ZZZ,5\n2024-02-28,ZZZ,5\n`, 2, 1, /2024-02-30 is no date: February 2024 has no day 30/],
  ['no date of the order', 'date,ticker,close\n28/02/2024,ZZZ,5\n31/04/2024,ZZZ,5\n', 3, 1, /April 2024 has no day 31/],
  ['no month', `${HEAD}20241301,ZZZ,5\n2024-02-28,ZZZ,5\n`, 2, 1, /there is no month 13/],
  ['a year far off', `${HEAD}1024-02-28,ZZZ,5\n2024-02-28,ZZZ,5\n`, 2, 1, /years go from 1800 to 2200/],
  ['another form', `${HEAD}Feb 28,ZZZ,5\n2024-02-28,ZZZ,5\n`, 2, 1, /is no date in the order of this file/],
  ['a share in nine decimals', 'ticker,quantity,as_of\nAAA,0.123456789,2026-06-30\n', 2, 0, /more than 8 decimals.*0\.123456789/],
  ['unknown columns', 'a,b,c\n1,2,3\n', 1, 0, /no kind of file/],
];

describe('a file at fault', () => {
  it.each(wrong)('%s: exit 3, with line, column, reason and fix', async (name, content, line, column, words) => {
    const path = cli.file(`${name.replaceAll(' ', '-')}.csv`, content);
    const answer = await cli.run('--json', 'import', path);
    expect(answer.code).toBe(3);
    const said = JSON.parse(answer.out) as ImportReport & { error?: ErrorData };
    const issues = (said.error ? ((said.error.details as { issues?: Issue[] } | undefined)?.issues ?? []) : said.issues) as Issue[];
    const message = said.error ? `${said.error.message} ${said.error.action}` : '';
    expect(`${message} ${issues[0]?.reason ?? ''} ${issues[0]?.found ?? ''}`).toMatch(words);
    expect([issues[0]?.line ?? 0, issues[0]?.column ?? 0]).toEqual([line, column]);
    expect((issues[0]?.fix ?? said.error?.action ?? '').length).toBeGreaterThan(10);
    expect(message + said.file).toContain(name.replaceAll(' ', '-'));
  });

  it('a directory and a missing file are named in plain words', async () => {
    mkdirSync(join(folder, 'sub'), { recursive: true });
    expect(await cli.error('import', join(folder, 'sub'))).toMatchObject({ exit: 3, code: 'data', message: 'sub is a directory.' });
    const long = `${'x'.repeat(300)}.csv`;
    expect(await cli.error('import', join(folder, long))).toMatchObject({
      exit: 1,
      code: 'io',
      action: 'Check the name and the permissions.',
    });
    expect(await cli.error('import', join(folder, 'nothing.csv'))).toMatchObject({ exit: 1, message: 'There is no file nothing.csv.' });
  });

  it('none of them has changed a byte of the workspace', () => {
    expect(cli.bytes()).toBe(bytes);
  });
});

describe('a file that is only odd', () => {
  it('mixed line ends, equal repeats and days without a session come in, each said', async () => {
    const own = cli.copy('odd');
    const text = `${HEAD}2024-01-02,ZZZ,5\r\n2024-01-03,ZZZ,6\n2024-01-03,ZZZ,6\r2024-01-06,ZZZ,7\n`;
    const report = await own.give('odd.csv', text);
    expect(report.counts).toMatchObject({ new: 2, rejected: 0, nonSession: 1 });
    expect(report.issueCounts).toMatchObject({ duplicate_equal: 1, non_session_day: 1, unknown_ticker: 1 });
    const codes = (await own.findings('--as-is')).filter((finding) => finding.batchId === report.batchId).map((finding) => finding.code);
    expect(codes.sort()).toEqual(['non_session_day', 'unknown_ticker']);
  });

  it('a jump without an action but an ordinary dividend is a finding until the action is there', async () => {
    const own = cli.copy('jump');
    const [a, b, c] = market.days as [string, string, string];
    await own.give('dividends.csv', `ticker,ex_date,type,value\nZZZ,${c},dividend,0.1\n`);
    const report = await own.give('split.csv', `${HEAD}${a},ZZZ,100\n${b},ZZZ,101\n${c},ZZZ,50.3\n`);
    expect(report.issueCounts).toMatchObject({ jump: 1 });
    const jumps = async () => (await own.findings()).filter((finding) => finding.code === 'jump');
    expect(await jumps()).toMatchObject([{ subject: 'ZZZ', day: c, severity: 'info', days: [] }]);
    await own.give('actions.csv', `ticker,ex_date,type,value\nZZZ,${c},split,2\n`);
    expect(await jumps()).toEqual([]);
  });
});

describe('a run on incomplete data', () => {
  it('without prices of the market ETF fails with exit 3, saying what to import', async () => {
    const own = new Cli(folder, 'no-market');
    await own.value('init');
    await own.give('stocks.csv', pricesText(market, ['AAA']));
    const error = await own.error('run');
    expect(error).toMatchObject({ exit: 3, code: 'data', message: 'The market ETF SPY has no prices.' });
    expect(error.action).toContain('Import prices of SPY');
  });

  it('without any classification gives level 1 and a finding; a hole in the market is a finding too', async () => {
    const own = new Cli(folder, 'no-classes');
    await own.value('init');
    await own.give('map2.csv', MAP);
    const text = pricesText(market).replace(`${market.days[40]},SPY,${market.closes.SPY![40]}\n`, '');
    await own.give('prices2.csv', text);
    const run = await own.value<{ rowsByLevel: number[] }>('run', ...SHORT);
    expect(run.rowsByLevel.slice(2)).toEqual([0, 0]);
    expect(run.rowsByLevel[1]).toBeGreaterThan(50);
    const found = async () => (await own.findings()).filter((finding) => finding.batchId === null).map((finding) => finding.code);
    expect((await found()).sort()).toEqual(['market_gap', 'no_classification', 'unknown_ticker']);
    expect((await own.findings()).find((finding) => finding.code === 'market_gap')?.day).toBe(market.days[40]);
    // Said once, and gone with the reason.
    await own.give('classes2.csv', CLASSES);
    await own.value('run', ...SHORT);
    expect(await found()).toEqual(['market_gap', 'unknown_ticker']);
    expect(await own.value('show', 'AAA')).toMatchObject({ deepest: 3 });
    // So is what was said of tickers without a securities row.
    await own.give('names.csv', ['ticker,valid_from', ...Object.keys(market.closes).map((name) => `${name},2020-01-01`), ''].join('\n'));
    await own.run('doctor');
    expect(await found()).toEqual(['market_gap']);
  });
});

describe('wrong usage', () => {
  it.each([
    ['an unknown command', ['frobnicate'], 2, /no command "frobnicate"/],
    ['an unknown flag', ['import', 'x.csv', '--colour', 'red'], 2, /--colour/],
    ['a word too many', ['batches', 'now'], 2, /now/],
    ['a flag without its value', ['run', '--set'], 2, /key=value/],
    ['an unknown setting', ['run', '--set', 'windows=60'], 2, /windows/],
    ['a setting out of range', ['run', '--set', 'window=-3'], 2, /-3/],
    ['minObs above the window', ['run', '--set', 'window=60', '--set', 'minObs=61'], 2, /minObs/],
    [
      'a date that does not exist',
      ['run', '--known-as-of', '2024-02-30'],
      2,
      /^--known-as-of 2024-02-30: February 2024 has no day 30\. Choose/,
    ],
    ['a day in the future', ['run', '--known-as-of', '2030-01-01'], 2, /future/],
    ['an unknown kind', ['import', 'x.csv', '--as', 'quotes'], 2, /quotes/],
    ['a number that is none', ['hedge', '--min-trade', 'much'], 2, /much/],
    ['a hedge level that is none', ['hedge', '--level', '4'], 2, /"4"/],
    ['no threads', ['export', 'metrics', '--format', 'csv', '--out', 'x.csv', '--threads', '0'], 2, /threads/],
    ['--format without --out', ['hedge', '--format', 'generic'], 2, /--out/],
    ['show without a run', ['show', 'AAA'], 1, /no run yet/],
    ['an unknown run', ['show', 'AAA', '--run', 'R7'], 1, /R7/],
    ['dismiss without a reason', ['dismiss', '1'], 2, /--why/],
  ] as const)('%s', async (_, args, exit, words) => {
    const error = await cli.error(...args);
    expect([error.exit, `${error.message} ${error.action}`]).toEqual([exit, expect.stringMatching(words)]);
    expect(error.err).toContain(error.message);
  });

  it('a folder that is no workspace, and one that exists already', async () => {
    const none = new Cli(folder, 'none');
    expect(await none.error('batches')).toMatchObject({ exit: 1, code: 'not_found' });
    expect((await cli.error('init')).exit).toBe(1);
    expect(cli.bytes()).toBe(bytes);
  });

  it('a workspace open elsewhere: who has it, and nothing is changed', async () => {
    const session = await openSession({ ...testEnvironment(), today: '2026-07-01', threads: 1 }, cli.dir);
    try {
      const error = await cli.error('import', join(folder, 'prices.csv'));
      expect(error).toMatchObject({ exit: 1, code: 'workspace_locked', retryable: true });
      expect(error.message).toContain(`process ${process.pid}`);
    } finally {
      await closeSession(session);
    }
    expect(cli.bytes()).toBe(bytes);
    expect((await cli.run('batches')).code).toBe(0);
  });

  it('help and version need no workspace', async () => {
    for (const command of [['help'], ['--version'], ['import', '--help']]) expect((await cli.run(...command)).code).toBe(0);
  });
});
