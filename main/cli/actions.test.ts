/** Spin-offs, mergers and delistings through the program: import, run, explain, attribution; and facts that fit no life of a share. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { ImportReport } from '../contract/report.ts';
import { getBook } from '../core/book.ts';
import { listFindings, lookAtData } from '../core/findings.ts';
import { explainValue } from '../core/explain.ts';
import { importFile, undoBatch } from '../core/imports.ts';
import { attribution } from '../core/risk/attribution.ts';
import { startRun } from '../core/runs.ts';
import { showSecurity } from '../core/security.ts';
import type { Session } from '../core/session.ts';
import { checkDigitOfIsin } from '../importers/symbols.ts';
import { Cli, scratch } from './testing/cli.ts';
import { CLASSES, MAP, smallMarket } from './testing/market.ts';
import { importAll, inSession } from './testing/session.ts';

const cli = new Cli(scratch(), 'actions');
const market = smallMarket(140);
const day = (row: number): string => market.days[row]!;
const [SPIN, MERGED, GONE] = [60, 100, 110];
const close = (name: string, row: number): number => market.closes[name]![row]!;
/** What AAA is worth after it gave away a fifth of itself. */
const after = (row: number): number => Math.round(close('AAA', row) * 80) / 100;
const CHILD = Math.round(close('AAA', SPIN) * 20) / 100;

const rows = (name: string, until: number, price: (row: number) => number): string[] =>
  market.days.slice(0, until).map((date, row) => `${date},${name},${price(row)}`);

beforeAll(async () => {
  await cli.value('init');
  await inSession(cli, (session) =>
    importAll(session, cli, {
      'prices.csv': [
        'date,ticker,close',
        ...['SPY', 'XLK', 'SOXX', 'XLF'].flatMap((name) => rows(name, 140, (row) => close(name, row))),
        ...rows('AAA', 140, (row) => (row < SPIN ? close('AAA', row) : after(row))),
        ...rows('BBB', MERGED, (row) => close('BBB', row)),
        ...rows('CCC', GONE, (row) => close('CCC', row)),
        '',
      ].join('\n'),
      'map.csv': MAP,
      'classes.csv': CLASSES,
      'actions.csv': [
        'ticker,ex_date,type,value',
        `AAA,${day(SPIN)},spinoff,${CHILD}`,
        `BBB,${day(MERGED)},merger,150`,
        `CCC,${day(GONE)},delisting,-0.35`,
        '',
      ].join('\n'),
      'book.csv': ['ticker,quantity,as_of', ...['AAA', 'BBB', 'CCC'].map((name) => `${name},100,${day(50)}`), ''].join('\n'),
    }),
  );
});

const explain = (session: Session, ticker: string, row: number, field = 'returns_gross') =>
  explainValue(session, { ticker, date: day(row), field });

describe('what happens to a share', () => {
  it('enters the return of its day, is explained with its line, and reaches the attribution of the book', () =>
    inSession(cli, async (session) => {
      const { summary } = await startRun(session, { settings: { window: 40, minObs: 20 } });
      expect(summary.checks.failedRows).toBe(0);
      const expected = {
        AAA: [SPIN, (after(SPIN) + CHILD) / close('AAA', SPIN - 1) - 1, 'spinoff', 2],
        BBB: [MERGED, 150 / close('BBB', MERGED - 1) - 1, 'merger', 3],
        CCC: [GONE, -0.35, 'delisting', 4],
      } as const;
      for (const [ticker, [row, value, type, line]] of Object.entries(expected)) {
        const found = await explain(session, ticker, row);
        expect(found.value).toBeCloseTo(value, 12);
        expect(found.actions).toMatchObject([{ type, exDate: day(row), applied: true, inForce: true, file: 'actions.csv', line }]);
        // Ex-ante: what the ETFs took of the day and what was its own.
        const [factors, own] = [await explain(session, ticker, row, 'l1_cfr'), await explain(session, ticker, row, 'l1_rr')];
        expect(factors.value! + own.value!).toBeCloseTo(value, 12);
      }
      // Held on after its end it is listed with the reason: no return, and a price that is old.
      const { positions } = await getBook(session, {});
      expect(positions.find((one) => one.ticker === 'CCC')).toMatchObject({
        role: 'unmodelled',
        reason: `no returns up to the date: the last price is of ${day(GONE - 1)}`,
        // The value stays that of the last close, and what came after it is said.
        marketValue: 100 * close('CCC', GONE - 1),
        flags: [`delisted on ${day(GONE)} with a return of −35.0 %: the value is at the last close, without it`],
      });
      expect(positions.find((one) => one.ticker === 'BBB')!.flags).toEqual([
        `merged on ${day(MERGED)} for 150 a share: the value is at the last close before`,
      ]);
      const before = await getBook(session, { date: day(GONE - 1) });
      expect(before.positions.find((one) => one.ticker === 'CCC')!.flags.join()).not.toContain('delisted');
      // Without the child's value the day would look like a loss of a fifth.
      expect(Math.abs((await explain(session, 'AAA', SPIN)).value!)).toBeLessThan(0.1);
      for (const [ticker, row] of [
        ['BBB', MERGED + 1],
        ['CCC', GONE + 1],
      ] as const)
        expect(await explain(session, ticker, row)).toMatchObject({ value: null, reason: expect.any(String) });
      const over = `it was merged or delisted, and the last is of ${day(MERGED)}`;
      expect((await explain(session, 'BBB', MERGED + 1, 'l1_mkt_hr')).reason).toBe(`There is no row: ${over}.`);
      await expect(showSecurity(session, { ticker: 'BBB', date: day(MERGED + 1) })).rejects.toThrow(
        `BBB has no row on ${day(MERGED + 1)}: ${over}.`,
      );
      await expect(showSecurity(session, { ticker: 'BBB', date: day(0) })).rejects.toThrow(`its first return is of ${day(1)}.`);
      await expect(showSecurity(session, { ticker: 'XLK', date: day(MERGED) })).rejects.toThrow('XLK is itself an ETF of the map');

      // What was merged within a period stays of its sector, to the end of the period.
      const { sectors } = await attribution(session, { weights: 'dated', from: day(MERGED), to: day(GONE + 1) });
      expect(sectors.map(({ name }) => name).toSorted()).toEqual(['Financials', 'Technology']);

      // One holding alone: the parts of the day add up to the return with the action in it.
      for (const [ticker, [row, value]] of Object.entries(expected)) {
        const { securityId } = await explain(session, ticker, row);
        const view = await attribution(session, { securityId, from: day(row), to: day(row) });
        expect(view.geometric!.total).toBeCloseTo(value, 12);
      }
    }));
});

const isin = (n: number): string => {
  const body = `ZZACT00${n}000`.slice(0, 11);
  return body + checkDigitOfIsin(body);
};
const SECURITIES = 'ticker,isin,name,valid_from,valid_to\n';
const bad: Readonly<Record<string, readonly [string, string, readonly number[]]>> = {
  'overlapping validities': [
    `ticker,sector,scheme,valid_from,valid_to\nAAA,Energy,x,${day(0)},${day(90)}\nAAA,Tech,x,${day(50)},\n`,
    'overlapping_validity',
    [2, 3],
  ],
  'a circle of renames': [`${SECURITIES}NEW,${isin(1)},N,${day(0)},\nOLD,${isin(1)},N,${day(0)},\n`, 'overlapping_validity', [2, 3]],
  'one identifier of two companies': [
    `ticker,isin,cusip,name,valid_from\nONE,${isin(1)},037833100,One,${day(0)}\nTWO,${isin(2)},037833100,Two,${day(0)}\n`,
    'identifier_claimed_twice',
    [2, 3],
  ],
  'a ticker of two companies': [
    `${SECURITIES}ONE,${isin(1)},One,${day(0)},\nONE,${isin(2)},Two,${day(9)},\n`,
    'ticker_claimed_twice',
    [2, 3],
  ],
  'a split of nothing': [`ticker,ex_date,type,value\nAAA,${day(5)},split,0\n`, 'out_of_range', [2]],
  'a split of a thousand million': [`ticker,ex_date,type,value\nAAA,${day(5)},split,1e9\n`, 'out_of_range', [2]],
  'a wrong check digit': [`${SECURITIES}ONE,US0378331006,One,${day(0)},\n`, 'check_digit', [2]],
  'a price known before its day': [`date,ticker,close,known_from\n${day(9)},AAA,5,${day(8)}\n`, 'known_before_date', [2]],
  'a return known before its day': [`date,ticker,return,known_from\n${day(9)},AAA,0.1,${day(8)}\n`, 'known_before_date', [2]],
};

describe('facts that fit no life of a share', () => {
  it('are refused with the rows involved, and nothing is half applied', () =>
    inSession(cli, async (session) => {
      const { revision } = await session.reader.call('state', null);
      for (const [name, [text, code, lines]] of Object.entries(bad)) {
        const report = await importFile(session, cli.file('bad.csv', text), {});
        const told = report.issues.filter((issue) => issue.severity === 'error');
        expect([name, report.outcome, told.map((issue) => issue.code), told.map((issue) => issue.line)]).toEqual([
          name,
          'refused',
          lines.map(() => code),
          lines,
        ]);
        expect(told.every((issue) => issue.reason !== '' && issue.fix !== '')).toBe(true);
      }
      expect((await session.reader.call('state', null)).revision).toBe(revision);
    }));

  it('an action before the listing is refused; a delisting with prices after it is said and costs the later rows', () =>
    inSession(cli.copy('life'), async (session) => {
      const give = (text: string): Promise<ImportReport> => importFile(session, cli.file('life.csv', text), { acceptRestatements: true });
      await give(`${SECURITIES}AAA,${isin(3)},Alpha,${day(0)},\n`);
      const early = await give('ticker,ex_date,type,value\nAAA,2019-06-03,split,2\n');
      expect([early.outcome, early.issues.find((issue) => issue.severity === 'error')]).toMatchObject([
        'refused',
        { code: 'action_before_listing', line: 2, fix: expect.stringContaining('import its securities row first') },
      ]);
      const report = await give(`ticker,ex_date,type,value\nAAA,${day(80)},delisting,-0.5\n`);
      expect(report.outcome).toBe('committed');
      expect(report.issues).toContainEqual(expect.objectContaining({ code: 'price_after_delisting', line: 2 }));
      await startRun(session, { settings: { window: 40, minObs: 20 } });
      expect((await explain(session, 'AAA', 90)).value).toBeNull();
      const later = await give(`date,ticker,close\n${day(79)},AAA,${close('AAA', 79)}\n${market.days.at(-1)!},AAA,5\n`);
      expect(later.issues).toContainEqual(expect.objectContaining({ code: 'price_after_delisting', line: 3 }));
    }));

  it('actions before the first price change nothing, and are said once for each name', () =>
    inSession(cli.copy('early'), async (session) => {
      const rows = ['AAA,2019-06-03,split,2', 'AAA,2019-07-01,dividend,0.5', 'BBB,2019-06-03,split,3', `CCC,${day(3)},split,2`];
      const report = await importFile(session, cli.file('early.csv', `ticker,ex_date,type,value\n${rows.join('\n')}\n`), {});
      expect([report.outcome, report.counts.new]).toEqual(['committed', 4]);
      expect(report.issues.map(({ code, line, reason }) => [code, line, reason.replace(/ on lie.*/, '')])).toEqual([
        ['action_before_prices', 2, 'AAA: 2 actions from 2019-06-03'],
        ['action_before_prices', 4, 'BBB: 1 action from 2019-06-03'],
      ]);
    }));
});

describe('what the doctor says of the master and the holdings', () => {
  it('one ticker with two owners (after an undo), currencies mixed, and prices of another unit', () =>
    inSession(cli.copy('doctor'), async (session) => {
      const give = async (name: string, text: string): Promise<number> => {
        const report = await importFile(session, cli.file(name, text), { acceptRestatements: true });
        if (report.outcome !== 'committed') throw new Error(JSON.stringify(report.issues));
        return report.batchId!;
      };
      const codes = async (): Promise<Record<string, string>> => {
        await lookAtData(session);
        return Object.fromEntries((await listFindings(session)).map(({ code, message }) => [code, message]));
      };
      await give('first.csv', `${SECURITIES}AAA,${isin(4)},First,${day(0)},\n`);
      const renamed = await give('renamed.csv', `${SECURITIES}AAX,${isin(4)},First,${day(70)},\n`);
      await give('second.csv', `${SECURITIES}AAA,${isin(5)},Second,${day(90)},\n`);
      expect(await codes()).not.toHaveProperty('two_owners');
      // Without the rename the first company still has the name that the second took over.
      await undoBatch(session, renamed);
      expect((await codes()).two_owners).toMatch(/^AAA: two securities own it .*First \(security \d+\) and Second \(security \d+\)/);

      await give(
        'book.csv',
        ['ticker,quantity,price,currency,as_of', `BBB,10,5000,GBX,${day(139)}`, `XLF,10,${close('XLF', 139) * 3},USD,${day(139)}`, ''].join(
          '\n',
        ),
      );
      const found = await codes();
      expect(found.currency_mix).toMatch(/^BBB: the snapshot holds it in GBX/);
      expect(found.price_differs).toMatch(/^XLF: the holdings file prices it at .*another security, currency or a split between/);
    }));
});
