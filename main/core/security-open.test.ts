/** A security through time, the regression behind a row and the fields of a book, against the rows of the cube. */
import { buffer } from 'node:stream/consumers';
import { beforeAll, describe, expect, it } from 'vitest';
import readXlsxFile from 'read-excel-file/node';
import type { RegressionHeader, SecurityHeader } from '../contract/results-security.ts';
import { Cli, scratch } from '../cli/testing/cli.ts';
import { CLASSES, MAP, pricesText, SHORT, smallMarket } from '../cli/testing/market.ts';
import { environmentOf, inSession } from '../cli/testing/session.ts';
import { getBook } from './book.ts';
import { bookFields } from './book-fields.ts';
import { createCore } from './index.ts';
import { openSecurity } from './security-open.ts';
import { securityRegression } from './security-regression.ts';
import { searchSecurities, showSecurity } from './security.ts';
import { iso, type Session } from './session.ts';

const market = smallMarket(160);
const [day100, last] = [market.days[100]!, market.days.at(-1)!];
const ACTIONS = `ticker,ex_date,type,value\nAAA,${market.days[90]},dividend,0.25\nAAA,${day100},dividend,0.5\n`;
const CORRECTED = `ticker,ex_date,type,value,known_from\nAAA,${day100},dividend,0.75,${market.days[120]}\n`;
const RECLASSIFIED = `${CLASSES}AAA,Technology,Other,gics,${market.days[80]}\n`;
let cli: Cli;

beforeAll(async () => {
  cli = new Cli(scratch(), 'history');
  await cli.value('init');
  await cli.give('map.csv', MAP);
  await cli.give('classes.csv', RECLASSIFIED);
  await cli.give('prices.csv', pricesText(market));
  await cli.give('actions.csv', ACTIONS);
  await cli.give('corrected.csv', CORRECTED, '--accept-restatements');
  await cli.give(
    'book.csv',
    `ticker,quantity,account,as_of\nAAA,100,ONE,${last}\nBBB,50,ONE,${last}\nSPY,-10,ONE,${last}\nZZZ,1,ONE,${last}\n`,
  );
  await cli.value('run', ...SHORT);
}, 60_000);

const idOf = async (session: Session, ticker: string): Promise<number> => (await searchSecurities(session, ticker))[0]!.securityId;

describe('a security through time', () => {
  it('has its closes, its actions in the version in force, its symbols, classes and chains with their files', async () => {
    await inSession(cli, async (session) => {
      const securityId = await idOf(session, 'AAA');
      const { header, columns } = await openSecurity(session, { securityId, fields: ['l1_mkt_hr', 'n_obs'] });
      const { view, actions, symbols, classes, chains } = header as unknown as SecurityHeader;
      expect(view).toEqual(await showSecurity(session, { securityId }));
      expect(columns['l1_mkt_hr']!.at(-1)).toBe(view.levels[0]!.hedgeRatio[0]);
      expect(columns['n_obs']!.at(-1)).toBe(view.observations);
      expect(Array.from(columns['day']!, (day) => iso(day))).toEqual(market.days);
      expect(Array.from(columns['close']!)).toEqual(market.closes['AAA']);
      expect(columns['adj_close']!.every(Number.isNaN)).toBe(true);
      const [before, at] = [market.closes['AAA']![99]!, market.closes['AAA']![100]!];
      // The return of the ex-date holds the dividend as it was known then.
      expect(columns['return']![100]).toBeCloseTo((at + 0.5) / before - 1, 12);
      expect(actions.map(({ type, exDate, value, file, line }) => [type, exDate, value, file, line])).toEqual([
        ['dividend', market.days[90], 0.25, 'actions.csv', 2],
        ['dividend', day100, 0.75, 'corrected.csv', 2],
      ]);
      expect(symbols.map(({ kind, symbol }) => [kind, symbol])).toEqual([['ticker', 'AAA']]);
      expect(classes.map(({ industry, validFrom }) => [industry, validFrom])).toEqual([
        ['Semiconductors', '2020-01-01'],
        ['Other', market.days[80]],
      ]);
      expect(chains.map(({ from, to, subsector }) => [from, to, subsector])).toEqual([
        [market.days[0], market.days[79], 'SOXX'],
        [market.days[80], last, null],
      ]);
    });
  });

  it('on a date has the levels of that day and the fields of all days', async () => {
    await inSession(cli, async (session) => {
      const securityId = await idOf(session, 'BBB');
      const { header, columns } = await openSecurity(session, { securityId, date: day100, fields: ['l3_res_er'] });
      const { view } = header as unknown as SecurityHeader;
      expect([view.date, columns['l3_res_er']!.length]).toEqual([day100, market.days.length]);
      expect(columns['l3_res_er']![100]).toBe(view.levels[2]!.residual);
    });
  });

  it('rejects a security nobody knows, a day without a row and a field there is not', async () => {
    await inSession(cli, async (session) => {
      const known = await idOf(session, 'AAA');
      for (const [request, code] of [
        [{ securityId: 9999, fields: ['n_obs'] }, 'not_found'],
        [{ securityId: known, date: market.days[0]!, fields: ['n_obs'] }, 'not_found'],
        [{ securityId: known, fields: ['nonsense'] }, 'usage'],
      ] as const)
        await expect(openSecurity(session, request)).rejects.toMatchObject({ data: { code } });
      await expect(securityRegression(session, { securityId: 9999 })).rejects.toMatchObject({ data: { code: 'not_found' } });
    });
  });
});

describe('the regression behind a row', () => {
  it('is the rows of the window ending on the date, and forms the numbers of the run again', async () => {
    await inSession(cli, async (session) => {
      const securityId = await idOf(session, 'BBB');
      const view = await showSecurity(session, { securityId, date: day100 });
      for (const level of [1, 2, 3] as const) {
        const { header, columns } = await securityRegression(session, { securityId, date: day100, level });
        const found = header as unknown as RegressionHeader;
        const shown = view.levels[level - 1]!;
        expect([found.level, found.date, found.rows, found.used]).toEqual([level, day100, 60, 60]);
        expect(found.etf).toEqual(shown.etf);
        expect(found.exposures).toEqual(shown.exposure);
        expect(found.shares).toEqual(shown.explained);
        expect(Array.from(columns['day']!, (day) => iso(day))).toEqual(market.days.slice(41, 101));
        expect(found.checks.length).toBe(2 + 3 * level + 1);
        for (const check of found.checks) expect(check, check.name).toMatchObject({ ok: true });
        // What is left on the last row is the in-window residual of the deepest level.
        if (level === view.deepest) expect(columns[`e${level}`]!.at(-1)).toBeCloseTo(view.inWindowResidual!, 12);
        expect(Object.keys(columns)).toContain(['r', 's_clean', 'u_clean'][level - 1]);
      }
    });
  });

  it('of slopes held since the end of a month is the window of that day, drawn and not formed again', async () => {
    await cli.value('run', ...SHORT, '--set', 'loss=huber', '--set', 'refresh=month-end', '--set', 'halfLife=20');
    await inSession(cli, async (session) => {
      const securityId = await idOf(session, 'BBB');
      const { header, columns } = await securityRegression(session, { securityId, date: day100, runId: 'R2' });
      const found = header as unknown as RegressionHeader;
      const day = Array.from(columns['day']!, (one) => iso(one)).at(-1)!;
      expect(found).toMatchObject({ formedAgain: false, estimatedOn: day });
      expect(day < found.date && day.slice(0, 7) < found.date.slice(0, 7)).toBe(true);
      expect(found.checks.length).toBe(2);
      for (const check of found.checks) expect(check, check.name).toMatchObject({ ok: true });
    });
  });

  it('of a chain without a subsector ETF is the level below, and of a day without a level nothing', async () => {
    await inSession(cli, async (session) => {
      const securityId = await idOf(session, 'AAA');
      const { header } = await securityRegression(session, { securityId, date: last });
      expect(header).toMatchObject({ level: 2, deepest: 2, etf: ['SPY', 'XLK'] });
      await expect(securityRegression(session, { securityId, date: market.days[5]! })).rejects.toMatchObject({
        data: { code: 'not_found' },
      });
    });
  });
});

it('gives the fields of a book in the order of its positions, missing where there is no row', async () => {
  await inSession(cli, async (session) => {
    const book = await getBook(session, {});
    const { columns, header } = await bookFields(session, {}, ['l1_mkt_hr', 'l3_res_er', 'n_obs']);
    expect(header['date']).toBe(book.date);
    for (const [i, position] of book.positions.entries()) {
      const residual = columns['l3_res_er']![i]!;
      if (position.role === 'stock') expect(residual).toBe(position.residual);
      else expect(residual).toBeNaN();
    }
    expect(Array.from(columns['n_obs']!).filter((rows) => rows === 60).length).toBe(2);
    await expect(bookFields(session, {}, ['nonsense'])).rejects.toMatchObject({ data: { code: 'usage' } });
  });
});

it('writes a grid as a workbook: numbers with their decimals, text that nothing runs, missing cells empty', async () => {
  const core = await createCore(environmentOf(cli));
  const offered = await core.call('files.offerSheet', {
    name: 'grid.xlsx',
    sheet: 'Book',
    columns: [
      { label: 'Ticker', decimals: null },
      { label: 'Value $', decimals: 0 },
      { label: 'Hedge ratio', decimals: 3 },
    ],
    rows: [
      ['=cmd()', 1234567, -0.349],
      ['AAA', null, null],
    ],
  });
  const { stream } = (await core.files.artifact(offered.artifactId))!;
  const [sheet] = await readXlsxFile(await buffer(stream));
  await core.close();
  expect(sheet!.data).toEqual([
    ['Ticker', 'Value $', 'Hedge ratio'],
    ['=cmd()', 1234567, -0.349],
    ['AAA', null, null],
  ]);
});
