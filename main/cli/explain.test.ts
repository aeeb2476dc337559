/** `explain TICKER DATE FIELD`: every number down to the batch, file and line it comes from. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SecurityView } from '../contract/results.ts';
import type { Explanation, StoredValue } from '../contract/results-explain.ts';
import { explainValue } from '../core/explain.ts';
import { startRun } from '../core/runs.ts';
import { showSecurity } from '../core/security.ts';
import { closeSession, openSession, type Session } from '../core/session.ts';
import { Cli, scratch } from './testing/cli.ts';
import { MAP, pricesText, smallMarket } from './testing/market.ts';
import { environmentOf, importAll, inSession } from './testing/session.ts';

const folder = scratch();
const market = smallMarket(120);
const cli = new Cli(folder, 'explain');
const at = (date: string): number => market.days.indexOf(date);
const close = (ticker: string, date: string): number => market.closes[ticker]![at(date)]!;

const SETTINGS = { window: 60, minObs: 30 };
const CLASSES = `ticker,sector,industry,scheme,valid_from,known_from
AAA,Financials,Banks,gics,2020-01-01,
AAA,Technology,Semiconductors,gics,2024-03-01,2024-03-05
BBB,Technology,Semiconductors,gics,2020-01-01,
CCC,Energy,Oil,gics,2024-06-10,
`;
// CCC was called OLD until March.
const SECURITIES = `ticker,figi,valid_from,valid_to
OLD,BBG000BLNNH6,2020-01-01,
CCC,BBG000BLNNH6,2024-03-01,
`;

let session: Session;

beforeAll(async () => {
  await cli.value('init');
  await inSession(cli, async (open) => {
    // XLK misses one session.
    const prices = pricesText(market, ['SPY', 'XLK', 'SOXX', 'XLF', 'AAA', 'CCC'])
      .split('\n')
      .filter((line) => !line.startsWith('2024-05-08,XLK'))
      .map((line) => (line < '2024-03-01' ? line.replace(',CCC,', ',OLD,') : line));
    const adjusted = market.days.map((day, t) => `${day},BBB,${market.closes.BBB![t]},${market.closes.BBB![t]! / 2}`);
    await importAll(open, cli, {
      'securities.csv': SECURITIES,
      'prices.csv': prices.join('\n'),
      'adjusted.csv': ['date,ticker,close,adj_close', ...adjusted, ''].join('\n'),
      'map.csv': `${MAP}sector,Energy,XLE,gics,2000-01-03\n`,
      'classes.csv': CLASSES,
      'actions.csv': 'ticker,ex_date,type,value\nAAA,2024-05-15,dividend,0.5\nBBB,2024-05-15,dividend,0.25\n',
      'restated.csv': `date,ticker,close,known_from\n2024-05-10,AAA,${close('AAA', '2024-05-10') + 1},2024-05-20\n`,
      'correction.csv': 'ticker,ex_date,type,value,known_from\nAAA,2024-05-15,dividend,0.6,2024-05-28\n',
      'shares.csv': 'ticker,shares,valid_from\nAAA,1000000,2023-01-03\nBBB,1,2023-01-03\n',
    });
    await startRun(open, { settings: SETTINGS });
    await startRun(open, { settings: { ...SETTINGS, knowledge: 'corrected' } });
    await startRun(open, { settings: { ...SETTINGS, universe: 'mc_1' } });
  });
  session = await openSession(environmentOf(cli), cli.dir);
});
afterAll(() => closeSession(session));

const explain = (ticker: string, date: string, field: string, runId = 'R1'): Promise<Explanation> =>
  explainValue(session, { ticker, date, field, runId });
const show = (ticker: string, date: string): Promise<SecurityView> => showSecurity(session, { ticker, date, runId: 'R1' });
const stored = ({ prices }: Explanation, field: string, date: string): StoredValue | undefined =>
  prices.find((price) => price.field === field && price.date === date);

describe('a number of the model', () => {
  it('has the value of show, the chain with its class and map rows, and the window with the rows used and missing', async () => {
    const one = await explain('AAA', '2024-06-03', 'l3_sub_hr');
    const view = await show('AAA', '2024-06-03');
    expect(one.value).toBe(view.levels[2]!.hedgeRatio[2]);
    expect(one.lineage).toEqual(view.lineage);
    expect(one.chain).toEqual({ market: 'SPY', sector: 'XLK', subsector: 'SOXX', undated: false });
    expect(one.classification).toMatchObject({
      sector: 'Technology',
      industry: 'Semiconductors',
      file: 'classes.csv',
      line: 3,
      validFrom: '2024-03-01',
      knownFrom: '2024-03-05',
    });
    expect(one.map.map((row) => [row.level, row.code, row.etf, row.file, row.line])).toEqual([
      ['market', '*', 'SPY', 'map.csv', 2],
      ['sector', 'Technology', 'XLK', 'map.csv', 3],
      ['subsector', 'Semiconductors', 'SOXX', 'map.csv', 5],
    ]);
    expect(one.window).toMatchObject({
      level: 3,
      first: view.window.first,
      last: '2024-06-03',
      rows: 60,
      used: view.observations,
      missing: 2,
      missingBy: [{ ticker: 'XLK', rows: 2 }],
      firstUsed: view.window.first,
      lastUsed: '2024-06-03',
    });
    expect((await explain('AAA', '2024-06-03', 'l1_mkt_exp')).window).toMatchObject({ level: 1, used: 60, missing: 0, missingBy: [] });
  });

  it('follows the chain and the class row known on the day', async () => {
    const before = await explain('AAA', '2024-03-04', 'level');
    expect(before.classification).toMatchObject({ sector: 'Financials', line: 2 });
    expect(before.chain).toMatchObject({ sector: 'XLF', subsector: null });
    expect((await explain('AAA', '2024-03-05', 'level')).classification).toMatchObject({ sector: 'Technology', line: 3 });
  });

  it('says that ex-ante fields use the exposures of the row before', async () => {
    const one = await explain('AAA', '2024-06-03', 'l2_rr');
    expect(one.exposuresOf).toBe('2024-05-31');
    expect(one.window).toMatchObject({ level: 2, last: '2024-05-31' });
    const view = await show('AAA', '2024-06-03');
    expect(one.value).toBe(view.residualReturn[1]);
  });

  it('names the flags, and gives the reason of an empty field', async () => {
    expect(await explain('CCC', '2024-06-03', 'flags')).toMatchObject({ flags: ['no_sector_etf'], classification: null });
    expect(await explain('CCC', '2024-06-03', 'l2_sec_hr')).toMatchObject({
      value: null,
      reason: expect.stringContaining('no_sector_etf'),
    });
    expect(await explain('AAA', '2024-01-20', 'l1_mkt_hr')).toMatchObject({
      value: null,
      reason: expect.stringContaining('short_history'),
    });
    expect(await explain('XLK', '2024-06-03', 'l1_mkt_hr')).toMatchObject({
      value: null,
      reason: expect.stringContaining('ETF of the map'),
    });
    expect(await explain('CCC', '2024-06-12', 'l2_sec_hr')).toMatchObject({
      value: null,
      window: null,
      reason: 'An ETF of the chain has no prices.',
    });
  });
});

describe('prices and actions', () => {
  it('lists every version with its batch and known day; the one in force depends on the knowledge', async () => {
    const strict = await explain('AAA', '2024-05-10', 'close');
    expect(strict.value).toBe(close('AAA', '2024-05-10'));
    const versions = stored(strict, 'close', '2024-05-10')!.versions;
    expect(versions.map(({ value, file, knownFrom, inForce }) => [value, file, knownFrom, inForce])).toEqual([
      [close('AAA', '2024-05-10'), 'prices.csv', '2024-05-10', true],
      [close('AAA', '2024-05-10') + 1, 'restated.csv', '2024-05-20', false],
    ]);
    expect(versions[1]!.revision).toBeGreaterThan(versions[0]!.revision);
    const corrected = await explain('AAA', '2024-05-10', 'close', 'R2');
    expect(corrected.value).toBe(close('AAA', '2024-05-10') + 1);
    expect(corrected.return.value).toBeCloseTo((close('AAA', '2024-05-10') + 1) / close('AAA', '2024-05-09') - 1, 14);
  });

  it('shows the actions of the day: applied to raw closes, held by adjusted closes', async () => {
    const raw = await explain('AAA', '2024-05-15', 'return');
    expect(raw.return).toEqual({ value: raw.value, source: 'raw' });
    expect(raw.value).toBeCloseTo((close('AAA', '2024-05-15') + 0.5) / close('AAA', '2024-05-14') - 1, 14);
    expect(
      raw.actions.map(({ value, file, line, knownFrom, inForce, applied }) => [value, file, line, knownFrom, inForce, applied]),
    ).toEqual([
      [0.5, 'actions.csv', 2, '2024-05-15', true, true],
      [0.6, 'correction.csv', 2, '2024-05-28', false, false],
    ]);
    expect(stored(raw, 'close', '2024-05-14')).toMatchObject({ used: true });
    const corrected = await explain('AAA', '2024-05-15', 'return', 'R2');
    expect(corrected.value).toBeCloseTo((close('AAA', '2024-05-15') + 0.6) / close('AAA', '2024-05-14') - 1, 14);

    const adjusted = await explain('BBB', '2024-05-15', 'returns_gross');
    expect(adjusted.return.source).toBe('adjusted');
    expect(adjusted.actions).toMatchObject([{ value: 0.25, inForce: true, applied: false }]);
    expect(stored(adjusted, 'adj_close', '2024-05-14')).toMatchObject({ used: true });
    expect(stored(adjusted, 'close', '2024-05-15')).toMatchObject({ used: false });
  });

  it('says whether the row is inside the universe of the run', async () => {
    expect((await explain('AAA', '2024-05-15', 'vol', 'R3')).universe).toEqual({ name: 'mc_1', inMask: true });
    expect((await explain('BBB', '2024-05-15', 'vol', 'R3')).universe).toEqual({ name: 'mc_1', inMask: false });
  });

  it('names the identity of the day: the symbol then, or the file that made a provisional security', async () => {
    const names = async (ticker: string, date: string) =>
      (await explain(ticker, date, 'close')).identities.map(({ symbol, file, line }) => [symbol, file, line]);
    expect(await names('OLD', '2024-02-29')).toEqual([
      ['OLD', 'securities.csv', 2],
      ['BBG000BLNNH6', 'securities.csv', expect.any(Number)],
    ]);
    expect((await names('CCC', '2024-03-01'))[0]).toEqual(['CCC', 'securities.csv', 3]);
    expect(await names('AAA', '2024-03-01')).toEqual([['AAA', 'prices.csv', null]]);
  });
});

describe('from a terminal', () => {
  it('reads as text and as JSON, and refuses what does not exist', async () => {
    const other = cli.copy('terminal');
    rmSync(join(other.dir, 'lock'), { force: true });
    const { out } = await other.run('explain', 'AAA', '2024-05-15', 'l3_sub_hr', '--run', 'R1');
    expect(out).toContain('map: sector Technology (gics) = XLK; batch');
    expect(out).toMatch(/dividend +2024-05-15 +0\.5 +yes +yes +AAA: batch \d+, actions\.csv line 2, known from 2024-05-15/);
    expect(out).toContain('window of level 3');
    expect(await other.value('explain', 'AAA', '2024-05-15', 'l3_sub_hr', '--run', 'R1')).toEqual(
      JSON.parse(JSON.stringify(await explain('AAA', '2024-05-15', 'l3_sub_hr'))),
    );
    expect(await other.error('explain', 'AAA', '2024-05-15', 'l9_hr')).toMatchObject({ code: 'usage', exit: 2 });
    expect(await other.error('explain', 'NOPE', '2024-05-15', 'close')).toMatchObject({ code: 'not_found', exit: 1 });
    expect(await other.error('explain', 'AAA', '2031-05-15', 'close')).toMatchObject({ code: 'usage', exit: 2 });
  });
});

describe('as known on another day', () => {
  it('reads a corrected run as it was before a correction, and names the line of every version', async () => {
    const now = await explain('AAA', '2024-05-10', 'close', 'R2');
    const then = await explainValue(session, { ticker: 'AAA', date: '2024-05-10', field: 'close', runId: 'R2', knownAsOf: '2024-05-17' });
    expect([now.value, then.value]).toEqual([close('AAA', '2024-05-10') + 1, close('AAA', '2024-05-10')]);
    expect(then.lineage).toMatchObject({ runId: 'R2', knownAsOf: '2024-05-17' });
    const versions = stored(now, 'close', '2024-05-10')!.versions;
    expect(versions.map(({ file, line }) => [file, line])).toEqual([
      ['prices.csv', expect.any(Number)],
      ['restated.csv', 2],
    ]);
    await expect(
      explainValue(session, { ticker: 'AAA', date: '2024-05-10', field: 'close', runId: 'R2', knownAsOf: '2031-01-01' }),
    ).rejects.toThrow('in the future');
  });
});
