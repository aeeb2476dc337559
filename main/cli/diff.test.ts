/** `diff --known DATE..DATE`: what was learned between two days, and which outputs moved because of it. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DiffView } from '../contract/results-diff.ts';
import { diffKnown } from '../core/diff.ts';
import { explainValue } from '../core/explain.ts';
import { startRun } from '../core/runs.ts';
import { closeSession, openSession, type Session } from '../core/session.ts';
import { Cli, scratch } from './testing/cli.ts';
import { CLASSES, MAP, pricesText, smallMarket } from './testing/market.ts';
import { environmentOf, importAll } from './testing/session.ts';

const folder = scratch();
const market = smallMarket(120);
const cli = new Cli(folder, 'diff');
const close = (ticker: string, date: string): number => market.closes[ticker]![market.days.indexOf(date)]!;

const SETTINGS = { window: 60, minObs: 30 };
let session: Session;

beforeAll(async () => {
  await cli.value('init');
  session = await openSession(environmentOf(cli), cli.dir);
  await importAll(session, cli, {
    'prices.csv': pricesText(market),
    'map.csv': MAP,
    'classes.csv': CLASSES,
    'actions.csv': 'ticker,ex_date,type,value\nAAA,2024-05-20,dividend,0.1\n',
    'restated.csv': `date,ticker,close,known_from\n2024-04-10,AAA,${close('AAA', '2024-04-10') + 1},2024-05-17\n`,
    'late.csv': 'ticker,ex_date,type,value,known_from\nBBB,2024-04-24,dividend,2,2024-05-21\n',
    'classes-2.csv': 'ticker,sector,industry,scheme,valid_from,known_from\nCCC,Technology,Banks,gics,2020-01-01,2024-05-22\n',
  });
  await startRun(session, { settings: SETTINGS });
});
afterAll(() => closeSession(session));

const diff = (from: string, to: string): Promise<DiffView> => diffKnown(session, { from, to, runId: 'R1' });

describe('diff --known', () => {
  it('lists what was learned: new values by count, late and corrected facts with their batch and line', async () => {
    const view = await diff('2024-05-15', '2024-05-31');
    const days = market.days.filter((day) => day > '2024-05-15' && day <= '2024-05-31').length;
    expect(view.facts.newValues).toEqual({ close: 7 * days });
    expect(view.facts.series).toMatchObject([
      {
        ticker: 'AAA',
        field: 'close',
        late: 0,
        corrected: 1,
        first: '2024-04-10',
        last: '2024-04-10',
        examples: [
          { before: close('AAA', '2024-04-10'), after: close('AAA', '2024-04-10') + 1, file: 'restated.csv', knownFrom: '2024-05-17' },
        ],
      },
    ]);
    expect(
      view.facts.facts.map(({ kind, subject, date, change, before, after, file, line }) => [
        kind,
        subject,
        date,
        change,
        before,
        after,
        file,
        line,
      ]),
    ).toEqual([
      ['action', 'AAA', '2024-05-20', 'new', null, 'dividend 0.1', 'actions.csv', 2],
      ['action', 'BBB', '2024-04-24', 'late', null, 'dividend 2', 'late.csv', 2],
      ['classification', 'CCC', '2020-01-01', 'corrected', 'gics: Financials / Banks', 'gics: Technology / Banks', 'classes-2.csv', 2],
    ]);
  });

  it('names the outputs that moved with their first date, causes and largest changes; strict rows never move', async () => {
    const view = await diff('2024-05-15', '2024-05-31');
    expect(view.strictMoved).toEqual([]);
    expect(view.outputs.latestCommonDate).toBe('2024-05-15');
    expect(view.settings).toMatchObject({ window: 60, minObs: 30 });
    const moved = new Map(view.outputs.moved.map((one) => [one.ticker, one]));
    expect(moved.get('AAA')).toMatchObject({ first: '2024-04-10', because: ['close of AAA'] });
    // The dividend of BBB is late, not a correction: it holds from the day it became known.
    expect([...moved.keys()]).not.toContain('BBB');

    // The numbers are those of runs known on the two days.
    const own = new Map<string, number>();
    for (const knownAsOf of ['2024-05-15', '2024-05-31']) {
      const { summary } = await startRun(session, { settings: { ...SETTINGS, knowledge: 'corrected' }, knownAsOf });
      const found = await explainValue(session, { ticker: 'AAA', date: '2024-05-15', field: 'vol', runId: summary.lineage.runId });
      own.set(knownAsOf, found.value!);
    }
    const vol = moved.get('AAA')!.latest.find(({ field }) => field === 'vol')!;
    expect([vol.before, vol.after]).toEqual([own.get('2024-05-15'), own.get('2024-05-31')]);
    expect(vol.change).toBe(vol.after! - vol.before!);
    const gross = view.outputs.fields.find(({ field }) => field === 'returns_gross')!;
    expect(gross).toMatchObject({ ticker: 'AAA', date: '2024-04-10' });
    expect(gross.change).toBeCloseTo(1 / close('AAA', '2024-04-09'), 12);
  });

  it('has nothing to tell of days without late facts, and moves everything when the market ETF is corrected', async () => {
    const quiet = await diff('2024-05-01', '2024-05-15');
    expect(quiet.facts).toMatchObject({ series: [], facts: [] });
    expect(quiet.outputs.moved).toEqual([]);
    const spy = `date,ticker,close,known_from\n2024-04-03,SPY,${close('SPY', '2024-04-03') * 1.02},2024-06-05\n`;
    await importAll(session, cli, { 'spy.csv': spy });
    const view = await diff('2024-06-03', '2024-06-10');
    expect(view.outputs.moved.map(({ ticker }) => ticker).sort()).toEqual(['AAA', 'BBB', 'CCC']);
    expect(view.outputs.moved.every(({ because }) => because.includes('close of SPY'))).toBe(true);
    expect(view.strictMoved).toEqual([]);
  });

  it('reads as text and refuses wrong ranges', async () => {
    const other = cli.copy('terminal');
    rmSync(join(other.dir, 'lock'), { force: true });
    const { out, code } = await other.run('diff', '--known', '2024-05-15..2024-05-31');
    expect(code).toBe(0);
    expect(out).toMatch(/AAA +close +0 +1 +2024-04-10/);
    expect(out).toMatch(/AAA +2024-04-10 +\d+ .*close of AAA/);
    // Rounded as on the screens, with their arrow and minus; prices stay as the file told them.
    expect(out).toMatch(/AAA +2024-04-10 +\d+ +\w+ [−\d.]+ → [−\d.]+ +close of AAA/);
    expect(out).not.toMatch(/->|\de-\d/);
    expect(out).toMatch(/returns_gross +\d+ +[−\d.]{1,14} +AAA/);
    expect(out).toContain('late facts hold from the day they became known');
    expect(out).toContain('strict rows: none moved');
    for (const range of ['2024-05-31..2024-05-15', '2024-05-15', '2024-05-15..2031-01-01'])
      expect(await other.error('diff', '--known', range)).toMatchObject({ code: 'usage', exit: 2 });
  });
});
