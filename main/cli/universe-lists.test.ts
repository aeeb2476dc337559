/** Lists of the user's own: imported, replaced, used as a mask, deleted and brought back, from a terminal. */
import { beforeAll, expect, it } from 'vitest';
import type { ImportOptions, ImportReport } from '../contract/report.ts';
import type { BatchRow } from '../contract/results.ts';
import type { UniverseListRow, UniverseView } from '../contract/results-universes.ts';
import { diffKnown } from '../core/diff.ts';
import { importFile, undoBatch } from '../core/imports.ts';
import { startRun } from '../core/runs.ts';
import { deleteUniverse, getUniverse, listUniverses, universeOfRun, type UniverseRequest } from '../core/universe.ts';
import { Cli, scratch } from './testing/cli.ts';
import { CLASSES, MAP, pricesText, smallMarket } from './testing/market.ts';
import { importAll, inSession } from './testing/session.ts';

const QUICK = { window: 20, minObs: 10 };
const cli = new Cli(scratch(), 'lists');
const market = smallMarket(160);
let runId = '';
const lines = (...rows: string[]): string => ['universe,ticker,valid_from,valid_to,known_from', ...rows, ''].join('\n');

beforeAll(async () => {
  await cli.value('init');
  await inSession(cli, (session) => importAll(session, cli, { 'prices.csv': pricesText(market), 'map.csv': MAP, 'classes.csv': CLASSES }));
});

const FIRST = lines('core,AAA,2024-02-01,2024-04-15,', 'core,BBB,2024-03-01,,', 'core,NOBODY,2024-02-01,,');

it('imports a dated list, masks by it, replaces it without touching the past, deletes it and brings it back', () =>
  inSession(cli, async (session) => {
    const give = (name: string, text: string, options: ImportOptions = {}): Promise<ImportReport> =>
      importFile(session, cli.file(name, text), options);
    const members = async (date: string, rest: Partial<UniverseRequest> = {}): Promise<string[]> =>
      (await getUniverse(session, { name: 'core', date, ...rest })).members.map((one) => one.ticker).sort();
    const report = await give('core.csv', FIRST);
    expect(report).toMatchObject({ outcome: 'committed', detected: { kind: 'universe' }, counts: { new: 3 } });
    expect(report.issueCounts).toMatchObject({ unknown_member: 1 });
    expect(await members('2024-01-31')).toEqual([]);
    expect(await members('2024-02-01')).toEqual(['AAA']);
    expect(await members('2024-04-12')).toEqual(['AAA', 'BBB']);
    expect(await members('2024-04-15')).toEqual(['BBB']);

    const settings = { ...QUICK, universe: 'core' };
    const plain = (await startRun(session, { settings: QUICK })).summary;
    const run = (await startRun(session, { settings })).summary;
    expect(run.rows).toBe(plain.rows);
    expect(run.universe!.inMask + run.universe!.masked).toBe(run.rows);
    expect(await universeOfRun(session, { runId: plain.lineage.runId })).toBeNull();
    // AAA is out by validity; CCC is active and on no list. ETFs of the map are no candidates.
    const counts = { active: 3, inMask: 1, outByValidity: 1, outByRank: 0, notListed: 1 };
    expect(await universeOfRun(session, { runId: run.lineage.runId, date: '2024-04-15' })).toMatchObject({
      name: 'core',
      counts,
      why: null,
    });
    runId = run.lineage.runId;

    // The same file again changes nothing. Another list counts from the day it was known; corrected knowledge applies it to all days.
    expect(await give('core.csv', FIRST)).toMatchObject({ outcome: 'nothing_new' });
    const other = await give('next.csv', lines('core,CCC,2024-02-01,,'), { knownAsOf: '2024-05-01' });
    expect(other.issueCounts).toMatchObject({ list_replaced: 1 });
    expect(await members('2024-04-12')).toEqual(['AAA', 'BBB']);
    expect(await members('2024-05-01')).toEqual(['CCC']);
    expect(await members('2024-04-30', { knownAsOf: '2024-04-30' })).toEqual(['BBB']);
    expect(await members('2024-02-05', { knowledge: 'corrected' })).toEqual(['CCC']);
    expect(await startRun(session, { like: runId })).toMatchObject({ same: true });
    const { facts } = (await diffKnown(session, { from: '2024-04-30', to: '2024-05-01', runId })).facts;
    expect(facts).toEqual([
      expect.objectContaining({ kind: 'universe', subject: 'core', before: '3 listed in core.csv', after: '1 listed in next.csv' }),
    ]);

    const [row] = await listUniverses(session);
    expect(row).toMatchObject({ name: 'core', versions: 2, members: 1, undated: 0, knownFrom: '2024-05-01', first: '2024-02-01' });
    const deleted = await deleteUniverse(session, 'core');
    expect(await listUniverses(session)).toEqual([]);
    await expect(startRun(session, { settings })).rejects.toThrow('no universe "core"');
    expect(await startRun(session, { like: runId })).toMatchObject({ same: true });
    await undoBatch(session, deleted.batchId);
    expect(await members('2024-05-01')).toEqual(['CCC']);
    await undoBatch(session, other.batchId!);
    expect(await members('2024-05-01')).toEqual(['BBB']);
  }));

it('masks every row outside its own dates, in the export, and says the counts', async () => {
  const rows = (await cli.metrics('masked.csv', '--run', runId)).map((line) => line.split(','));
  const flags = rows[0]!.indexOf('flags');
  const inside = (ticker: string, date: string): boolean =>
    (ticker === 'AAA' && date >= '2024-02-01' && date < '2024-04-15') || (ticker === 'BBB' && date >= '2024-03-01');
  for (const cells of rows.slice(1)) expect(cells[flags]!.split('|').includes('masked')).toBe(!inside(cells[1]!, cells[0]!));
  const { out } = await cli.run('universe', 'core', '--date', '2024-04-15');
  expect(out).toContain('active 3, in mask 1, out by validity 1, not listed 1');
  expect(out).toContain('names that mean no security: NOBODY');
  expect((await cli.run('universes')).out).toMatch(/core +3 +3 +0 +2024-02-01/);
  const { batchId } = await cli.value<BatchRow>('universes', '--delete', 'core');
  expect(await cli.value('universes')).toEqual([]);
  await cli.value('undo', String(batchId));
});

it('takes a bare list of tickers under the name of its file, and says that it looks ahead', async () => {
  const report = await cli.give('my picks.csv', 'ticker\nAAA\nCCC\n');
  expect(report.detected).toMatchObject({ kind: 'universe', why: expect.arrayContaining(['Universe my_picks from the file name.']) });
  expect(report.issueCounts).toMatchObject({ undated_universe: 1 });
  expect((await cli.value<UniverseView>('universe', 'my_picks', '--date', '2024-01-03')).members).toHaveLength(2);
  expect((await cli.value<{ code: string }[]>('findings')).map((one) => one.code)).toContain('undated_universe');
});

it('an undated name means its owner of each day or the last before: later owners and renames change no earlier row', async () => {
  const other = cli.copy('recycled');
  const owners = async (date: string): Promise<number[]> =>
    (await other.value<UniverseView>('universe', 'my_picks', '--date', date)).members
      .filter(({ ticker }) => ticker === 'AAA')
      .map((one) => one.securityId);
  const owner = (isin: string, name: string, from: string, to: string): string =>
    `ticker,isin,name,valid_from,valid_to\nAAA,${isin},${name},${from},${to}\n`;
  await other.give('first.csv', owner('US0378331005', 'First', '2024-01-02', '2024-03-01'));
  const first = await owners('2024-02-15');
  expect(first).toHaveLength(1);
  await other.give('second.csv', owner('US5949181045', 'Second', '2024-03-01', ''));
  expect(await owners('2024-02-15')).toEqual(first);
  const later = await owners('2024-04-01');
  expect(later).toHaveLength(1);
  expect(later).not.toEqual(first);

  // Renamed, the second company stays on the list under its old name.
  await other.give('renamed.csv', 'ticker,isin,name,valid_from,valid_to\nAAX,US5949181045,Second,2024-05-01,\n');
  expect(await owners('2024-04-01')).toEqual(later);
  const after = (await other.value<UniverseView>('universe', 'my_picks', '--date', '2024-05-15')).members;
  expect(after.find(({ ticker }) => ticker === 'AAX')?.securityId).toBe(later[0]);
});

it('refuses what is no list, and imports nothing of it', async () => {
  const path = cli.file(
    'bad.csv',
    lines('mc_500,AAA,2024-02-01,,', 'two,AAA,2024-02-01,2024-03-01,', 'two,AAA,2024-02-15,,', 'two,BBB,2024-02-01,2024-02-01,'),
  );
  const refused = await cli.run('--json', 'import', path);
  expect(refused.code).toBe(3);
  const bad = JSON.parse(refused.out) as ImportReport;
  expect(bad).toMatchObject({ outcome: 'refused', counts: { rejected: 4 } });
  expect(bad.issueCounts).toMatchObject({ bad_list_name: 1, overlapping_validity: 2, empty_period: 1 });
  expect((await cli.value<UniverseListRow[]>('universes')).map((one) => one.name)).not.toContain('two');
  expect(await cli.error('universes', '--delete', 'nothing')).toMatchObject({ code: 'usage' });
});
