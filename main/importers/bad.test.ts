import { describe, expect, test } from 'vitest';
import type { ImportOptions } from '../contract/report.ts';
import type { HedgerowError } from '../contract/errors.ts';
import { listName } from './lists.ts';
import { parseFile } from './parse.ts';
import { context, describeParsed, failure, parse } from './testing/harness.ts';

const HEADER = 'date,ticker,close\n';
const GOOD = '2021-01-04,SPY,368.79\n';
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('a file that is at fault as a whole', () => {
  test.each<[string, string | Uint8Array, string, RegExp]>([
    ['empty', '', 'empty_file', /empty/],
    ['only a byte-order mark', '\ufeff', 'empty_file', /empty/],
    ['only a header', HEADER, 'no_rows', /no rows/],
    ['NUL bytes', `${HEADER}${GOOD}2021-01-05,S\0PY,1\n`, 'nul_byte', /line 3.*NUL/],
    ['a picture', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13, 0x49, 0x48, 0xc3, 0xa9), 'nul_byte', /no text file/],
    ['an open quote', `${HEADER}${GOOD}2021-01-05,"SPY,1\n${GOOD}`, 'unterminated_quote', /line 3.*quote/],
    ['no header', GOOD + GOOD, 'unknown_columns', /lacks/],
    [
      'values of anything',
      'account,symbol,value\nMain,AAPL,1\n',
      'unknown_columns',
      /: holdings lacks quantity or market_value or weight;/,
    ],
    ['a missing column', 'date,ticker,volume\n2021-01-04,SPY,1\n', 'unknown_columns', /prices lacks close or adj_close/],
    ['a doubled column', 'date,ticker,close,Close\n2021-01-04,SPY,1,2\n', 'duplicate_column', /columns 3 and 4/],
    ['an activity export', 'Run Date,Action,Symbol,Quantity\n03/06/2026,BUY,SPY,1\n', 'activity_export', /activity export/],
    ['no ticker in the name', 'Date,Close\n2021-01-04,1\n', 'no_ticker', /not named after a ticker/],
    ['only zero positions', 'ticker,quantity,as_of\nSPY,0,2026-03-06\n', 'no_positions', /no position/],
    ['two snapshot days', 'ticker,quantity,as_of\nSPY,1,2026-03-06\nXLE,1,2026-03-05\n', 'several_dates', /2 days/],
  ])('%s', async (_, content, code, message) => {
    const { data } = await failure('positions_export.csv', content);
    expect(data.code).toBe('data');
    expect(data.message).toMatch(message);
    expect(data.message).toContain('positions_export.csv');
    expect(data.action).not.toBe('');
    expect((data.details as { issues: { code: string }[] }).issues[0]!.code).toBe(code);
  });

  test('a file named after a ticker that holds several securities', async () => {
    const { data } = await failure('SPY.csv', 'date,file,close\n2021-01-04,aaa,1\n2021-01-04,bbb,2\n');
    expect(data.message).toMatch(/column file may name several securities/);
  });

  test('a matrix that names one security or day twice', async () => {
    expect((await failure('m.csv', 'date,BRK.B,BRK-B\n2021-01-04,1,2\n', { value: 'close' })).message).toMatch(/columns 2 and 3/);
    expect((await failure('m.csv', 'ticker,2021-01-04,20210104\nA,1,2\n', { value: 'close' })).message).toMatch(/columns 2 and 3/);
  });

  test('an endless line is refused before it is held in memory', async () => {
    let sent = 0;
    const endless = async function* (): AsyncGenerator<Uint8Array, void> {
      const piece = new Uint8Array(1 << 20).fill(55);
      for (; sent < 2048; sent++) yield piece;
    };
    await expect(parseFile('long.csv', endless, {}, context)).rejects.toThrow(/16 MiB/);
    expect(sent).toBeLessThan(64);
  });

  test('ten million columns are refused', async () => {
    const { data } = await failure('columns.csv', encode(`date${',A'.repeat(10_000_000 / 2)}\n`));
    expect(data.message).toMatch(/50000 columns/);
  });

  test('a decompression error is a fault of the file, a disk error is not', async () => {
    const broken = (code: string, message: string) =>
      async function* (): AsyncGenerator<Uint8Array, void> {
        yield encode(HEADER + GOOD);
        throw Object.assign(new Error(message), { code });
      };
    const of = async (code: string): Promise<unknown> =>
      parseFile('cut.csv.gz', broken(code, 'unexpected end of file'), {}, context).catch((error: unknown) => (error as HedgerowError).data);
    expect(await of('Z_BUF_ERROR')).toMatchObject({
      code: 'data',
      message: expect.stringMatching(/cut\.csv\.gz.*unexpected end of file/),
      action: expect.stringMatching(/damaged/),
    });
    expect(await of('EISDIR')).toMatchObject({ code: 'data', message: expect.stringMatching(/directory/) });
    expect(await of('EIO')).toMatchObject({ code: 'io' });
  });

  test('cancelling stops between pieces', async () => {
    const bytes = encode(HEADER + GOOD.repeat(200_000));
    const seen: number[] = [];
    const run = parseFile(
      'big.csv',
      async function* () {
        yield bytes;
      },
      {},
      { ...context, progress: (done) => void seen.push(done), cancelled: () => seen.length >= 2 },
    );
    await expect(run).rejects.toMatchObject({ data: { code: 'cancelled' } });
    expect(seen).toEqual([1 << 20, 2 << 20]);
  });
});

describe('what cannot be told is asked, naming the flag', () => {
  test.each<[string, string | Uint8Array, string, ImportOptions]>([
    ['kind', 'date,ticker,close,market_cap\n2021-01-04,SPY,1,2\n', '--as market_cap', { kind: 'market_cap' }],
    ['raw or adjusted', 'date,SPY\n2021-01-04,1\n', '--value adj_close', { value: 'close' }],
    ['day or month', 'date,ticker,close\n04/01/2021,SPY,1\n', '--date-order MDY', { dateOrder: 'DMY' }],
    ['decimal separator', 'date;ticker;close\n2021-01-04;SPY;1,234\n', '--decimal', { decimal: ',' }],
    ['decimal of a quantity', 'ticker;quantity;as_of\nSPY;1.234;2026-03-06\n', '--decimal', { decimal: ',' }],
    ['delimiter', 'date,ticker;close,x;y\n2021-01-04,SPY;1,2;3\n', '--delimiter', {}],
    ['encoding', Uint8Array.from([...encode(`${HEADER}2021-01-04,SPY,1,\u00e9`), 0xe9, 10]), '--encoding', {}],
    ['day of the holdings', 'ticker,quantity\nSPY,1\n', '--known-as-of', { knownAsOf: '2026-03-06' }],
  ])('%s', async (_, content, flag, answer) => {
    const { data } = await failure('file.csv', content);
    expect(data.code).toBe('ambiguous');
    expect(data.action).toContain(flag);
    if (Object.keys(answer).length > 0) expect((await parse('file.csv', content, answer)).rejected).toBe(0);
  });
});

describe('wrong rows', () => {
  test('cannot steer a terminal', async () => {
    const { reason, found } = (await parse('p.csv', `${HEADER}2021-01-05,S\u001b[31mPY,1\n`)).issues.kept[0]!;
    expect([reason, found]).toEqual(['S\ufffd[31mPY: not a ticker', 'S\ufffd[31mPY']);
  });

  test('of great length are told by their ends, not whole', async () => {
    const long = 'Z'.repeat(200_000);
    const parsed = await parse('p.csv', `${HEADER}${GOOD}2021-01-05,SPY,${'9'.repeat(200_000)}\n2021-01-06,${long},5\n`);
    const [number, name] = parsed.issues.kept;
    expect(number).toMatchObject({ line: 3, column: 3, reason: expect.stringMatching(/^9+ … 9+ is not a number$/) as string });
    expect([number!.reason.length, name!.line]).toEqual([553, 4]);
    const { data } = await failure('p.csv', long);
    expect(data.message.length).toBeLessThan(700);
    expect(JSON.stringify(data).length).toBeLessThan(2_000);
  });

  const issuesOf = async (rows: string, header = HEADER, options: ImportOptions = {}) => {
    const parsed = await parse('p.csv', header + rows, options);
    return {
      parsed,
      issues: parsed.issues.kept
        .filter(({ severity }) => severity === 'error')
        .map(({ code, line, column, field }) => `${code} ${line}:${column} ${field ?? ''}`.trim()),
    };
  };

  test('all are reported at once, with line and column, and none is taken', async () => {
    const rows = [
      '2021-01-04,A,0',
      '2021-01-04,B,-1',
      '2021-01-04,C,"1,234.50"',
      '2021-01-04,D,abc',
      '2021-02-30,E,1',
      '2027-01-04,F,1',
      ',G,1',
      '2021-01-04,,1',
      '2021-01-04,H',
      '2021-01-04,I,1,2',
      '2021-01-04,"J"x,1',
      '2021-01-04,K,1e999',
      'x,#REF!,0',
    ];
    const { parsed, issues } = await issuesOf(`${rows.join('\n')}\n${GOOD}`);
    expect(issues).toEqual([
      'price_not_positive 2:3 close',
      'price_not_positive 3:3 close',
      'thousands_separator 4:3 close',
      'not_a_number 5:3 close',
      'bad_date 6:1 date',
      'future_date 7:1 date',
      'bad_date 8:1 date',
      'bad_symbol 9:2 ticker',
      'ragged_row 10:2',
      'ragged_row 11:4',
      'bad_quote 12:2',
      'not_a_number 13:3 close',
      'bad_date 14:1 date',
      'bad_symbol 14:2 ticker',
      'price_not_positive 14:3 close',
    ]);
    expect(parsed).toMatchObject({ rows: 14, rejected: 13 });
    expect(describeParsed(parsed)[2]).toBe('15: SPY 2021-01-04 close=368.79');
    for (const issue of parsed.issues.kept) expect(issue.reason && issue.fix).toBeTruthy();
  });

  test('a row is rejected whole, whichever cell is wrong', async () => {
    const { parsed } = await issuesOf('2021-01-04,SPY,1,2,-5\n', 'date,ticker,close,open,volume\n');
    expect(parsed.staged).toMatchObject({ kind: 'prices', rows: 0 });
  });

  test('equal repeats are taken once, different ones not at all', async () => {
    const { parsed } = await issuesOf(`${GOOD}2021-01-05,SPY,1\n${GOOD}2021-01-05,spy,2\n2021-01-05,XLE,3\n`);
    expect(parsed).toMatchObject({ rows: 5, rejected: 2, issues: { counts: { duplicate_equal: 1, duplicate_differs: 2 } } });
    expect(describeParsed(parsed).slice(2, 4)).toEqual(['2: SPY 2021-01-04 close=368.79', '6: XLE 2021-01-05 close=3']);
    expect(parsed.issues.kept[0]!.reason).toContain('lines 3 and 5');
  });

  test('a value cannot be known before its day', async () => {
    const { issues } = await issuesOf('2021-01-05,SPY,1,2021-01-04\n2021-01-05,XLE,1,2030-01-01\n', 'date,ticker,close,known_from\n');
    expect(issues).toEqual(['known_before_date 2:4 known_from', 'future_date 3:4 known_from']);
  });

  test('days without a session are kept out, one finding per day', async () => {
    const { parsed } = await issuesOf(`2021-01-18,SPY,1\n2021-01-18,XLE,0\n2021-01-09,SPY,1\n${GOOD}`);
    expect(parsed).toMatchObject({ rejected: 0, nonSession: 3, issues: { counts: { non_session_day: 2 }, errors: 0 } });
    expect(parsed.nonSessionDays.map(({ line, rows }) => [line, rows])).toEqual([
      [4, 1],
      [2, 2],
    ]);
  });

  test('a matrix: wrong cells by line and column, wrong days and names by their heading', async () => {
    const across = await issuesOf('A,1,0,x,5\nB,2,3,4,5\n#REF!,1,1,1,1\n', 'ticker,2021-01-04,2021-01-05,2021-01-06,2027-01-04\n', {
      value: 'close',
    });
    expect(across.issues).toEqual([
      'future_date 1:5 2027-01-04',
      'price_not_positive 2:3 2021-01-05',
      'not_a_number 2:4 2021-01-06',
      'bad_symbol 4:1 ticker',
    ]);
    expect(across.parsed).toMatchObject({ rows: 12, rejected: 8 });
    const down = await issuesOf('2021-01-04,1,-1\n2021-13-04,1,1\n2021-01-04,2,5\n', 'date,A,B\n', { value: 'close' });
    expect(down.issues).toEqual(['duplicate_differs 2:2', 'price_not_positive 2:3 B', 'bad_date 3:1 date', 'duplicate_differs 4:2']);
    expect(down.parsed).toMatchObject({ rows: 6, rejected: 5 });
  });

  test('issues are counted beyond the 10,000 kept', async () => {
    const { parsed } = await issuesOf('2021-01-04,SPY,0\n'.repeat(12_000));
    expect(parsed.issues.kept.length).toBe(10_000);
    expect(parsed.issues).toMatchObject({ errors: 12_000, counts: { price_not_positive: 12_000 } });
  });

  test('contradicting master rows are all rejected', async () => {
    const { parsed } = await issuesOf(
      'A,2021-01-04,dividend,1\nA,2021-01-04,dividend,2\nB,2021-01-04,split,2\nB,2021-01-04,split,2\n',
      'ticker,ex_date,type,value\n',
    );
    expect(parsed).toMatchObject({ rows: 4, rejected: 2, issues: { counts: { duplicate_differs: 2, duplicate_equal: 1 } } });
  });
});

test('a list of names may not be called like a universe by rule, nor by more than 40 characters', () => {
  expect(['mc_500', 'DV_500', 'mc_', ' My  picks ', 'a'.repeat(40), 'a'.repeat(41), '1st'].map(listName)).toEqual([
    ...[null, null, 'mc_', 'my_picks'],
    ...['a'.repeat(40), null, null],
  ]);
});
