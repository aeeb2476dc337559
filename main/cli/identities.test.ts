/** resolve, merge, split and identities: the quarantine and decisions by hand, audited and undoable. */
import { beforeAll, describe, expect, it } from 'vitest';
import { OLS_252 } from '../contract/settings.ts';
import { parseIsoDay } from '../contract/units.ts';
import type { DecisionResult, IdentityHit, IdentityView, QuarantineView } from '../contract/results-identities.ts';
import {
  acceptProposals,
  findIdentities,
  getQuarantine,
  mergeSecurities,
  resolveName,
  showIdentity,
  splitSecurity,
} from '../core/identities.ts';
import { panelFor } from '../core/engine.ts';
import { listBatches, undoBatch } from '../core/imports.ts';
import { listFindings } from '../core/findings.ts';
import { startRun } from '../core/runs.ts';
import type { Session } from '../core/session.ts';
import { Cli, scratch } from './testing/cli.ts';
import { CLASSES, MAP, pricesText, smallMarket } from './testing/market.ts';
import { importAll, inSession } from './testing/session.ts';

const folder = scratch();
const market = smallMarket(120);
const day = (row: number): string => market.days[row]!;
const TODAY = '2026-07-01';
const WHY = 'seen in the filing';
let start: Cli;

const HEAD = 'ticker,figi,exchange,name,valid_from,valid_to';
const rowsOf = (name: string, as: string, from: number, to: number): string[] =>
  market.days.slice(from, to).map((date, i) => `${date},${as},${market.closes[name]![from + i]}`);
const prices = (...rows: string[]): string => ['date,ticker,close', ...rows, ''].join('\n');

beforeAll(async () => {
  start = new Cli(folder, 'start');
  await start.value('init');
  await inSession(start, (session) =>
    importAll(session, start, {
      'map.csv': MAP,
      'etfs.csv': pricesText(market, ['SPY', 'XLK', 'SOXX', 'XLF']),
      'classes.csv': CLASSES,
      // Alpha owns AAA from row 20 on; its file of prices begins at row 0. Beta and Gamma are one company under two names.
      'master.csv': [HEAD, `AAA,BBG000BLNNH6,,Alpha Corp,${day(20)},`, ''].join('\n'),
      'prices.csv': prices(...rowsOf('AAA', 'AAA', 0, 120), ...rowsOf('BBB', 'BETA', 0, 60), ...rowsOf('BBB', 'GAMA', 60, 120)),
    }),
  );
});

const digest = async (session: Session, knowledge: 'strict' | 'corrected' = 'strict'): Promise<string> =>
  (await startRun(session, { settings: { window: 60, minObs: 30, knowledge } })).summary.digest;
const idOf = async (session: Session, text: string): Promise<number> => (await findIdentities(session, text))[0]!.securityId;

describe('the quarantine', () => {
  it('holds the rows that no validity covers, proposes whose they are, and lets them out by a batch that can be undone', async () => {
    const cli = start.copy('quarantine');
    await inSession(cli, async (session) => {
      const before = await digest(session);
      const view = await getQuarantine(session);
      const alpha = await idOf(session, 'Alpha Corp');
      expect(view).toMatchObject({
        rows: 20,
        entries: [{ code: 'AAA', why: 'unowned', first: day(0), last: day(19), from: null, until: day(20) }],
      });
      expect(view.entries[0]!.proposal).toMatchObject({ securityId: alpha, ticker: 'AAA' });
      expect(view.entries[0]!.claimants).toMatchObject([{ securityId: alpha, from: day(20), until: null }]);

      const trial = await resolveName(session, { name: 'AAA', securityId: alpha, reason: WHY, trial: true });
      expect(trial).toMatchObject({ batchId: null, rows: 20, first: day(0), last: day(19), knownFrom: day(0) });
      expect(await digest(session)).toBe(before);

      const told = async (): Promise<string[]> =>
        (await listFindings(session)).filter((one) => one.code === 'quarantined').map((one) => one.subject);
      expect(await told()).toEqual(['AAA']);
      const done = await acceptProposals(session, { reason: WHY });
      expect(await told()).toEqual([]);
      expect(done).toMatchObject({ rows: 20, knownFrom: day(0) });
      expect(await getQuarantine(session)).toMatchObject({ rows: 0, entries: [] });
      expect(await digest(session)).not.toBe(before);
      const shown = await showIdentity(session, alpha);
      expect(shown.names.filter((name) => name.code === 'AAA')).toMatchObject([{ from: null, until: null }]);
      expect(shown.decisions).toMatchObject([{ batchId: done.batchId, reason: WHY, undone: false }]);

      await undoBatch(session, done.batchId!);
      expect(await digest(session)).toBe(before);
      expect((await getQuarantine(session)).rows).toBe(20);
      expect(await told()).toEqual(['AAA']);
    });
  });

  it('gives them to a new security as well, and refuses what makes no sense', async () => {
    const cli = start.copy('new');
    await inSession(cli, async (session) => {
      const { securityId } = await resolveName(session, { name: 'AAA', securityId: null, reason: WHY });
      expect((await showIdentity(session, securityId!)).names).toMatchObject([{ code: 'AAA', from: null, until: day(20), by: 'hand' }]);
      await expect(resolveName(session, { name: 'AAA', securityId: null, reason: WHY })).rejects.toThrow('Nothing of AAA is in quarantine');
      await expect(resolveName(session, { name: 'ZZZ', securityId: null, reason: WHY })).rejects.toThrow('No file has used the name ZZZ');
      await expect(resolveName(session, { name: 'AAA', securityId: 999, reason: WHY })).rejects.toThrow('There is no security 999');
      await expect(resolveName(session, { name: 'AAA', securityId: null, from: day(30), until: day(20), reason: WHY })).rejects.toThrow(
        'ends before it begins',
      );
    });
  });
});

describe('merging', () => {
  it('makes two securities one from the day it is known; the past changes under corrected knowledge only', async () => {
    const cli = start.copy('merge');
    await inSession(cli, async (session) => {
      const [strict, corrected] = [await digest(session), await digest(session, 'corrected')];
      const [beta, gamma] = [await idOf(session, 'BETA'), await idOf(session, 'GAMA')];
      const done = await mergeSecurities(session, { intoId: gamma, otherId: beta, reason: WHY });
      expect(done).toMatchObject({ rows: 60, knownFrom: TODAY, securityId: gamma });
      expect(done.notes.join()).toContain('stay as they were');
      expect(done.notes[0]).toBe(
        'Nothing says from when it is called BETA: outputs call it GAMA on all days, until a securities file says when.',
      );
      expect(await digest(session)).toBe(strict);
      expect(await digest(session, 'corrected')).not.toBe(corrected);
      expect((await showIdentity(session, beta)).mergedInto).toMatchObject({ securityId: gamma });
      expect((await showIdentity(session, gamma)).names.map((name) => name.code)).toEqual(expect.arrayContaining(['BETA', 'GAMA']));
      await expect(mergeSecurities(session, { intoId: beta, otherId: gamma, reason: WHY })).rejects.toThrow('was merged into');
      await undoBatch(session, done.batchId!);
      expect([await digest(session), await digest(session, 'corrected')]).toEqual([strict, corrected]);
      // Known from the day of the rename on, strict rows from then on are of the joined series.
      await mergeSecurities(session, { intoId: gamma, otherId: beta, knownFrom: day(60), reason: WHY });
      expect(await digest(session)).not.toBe(strict);
    });
    const lines = (await cli.metrics('merged.csv')).map((line) => line.split(',').slice(0, 2));
    // As known before the merge there was a BETA until its end; from then on GAMA has a full window at once.
    expect(lines.filter(([, ticker]) => ticker === 'BETA').map(([date]) => date)).toEqual(market.days.slice(1, 60));
    expect(lines.filter(([, ticker]) => ticker === 'GAMA').map(([date]) => date)).toEqual(market.days.slice(60));
  });

  it('refuses two that look like two companies, unless forced', async () => {
    const cli = start.copy('apart');
    await inSession(cli, async (session) => {
      await importAll(session, cli, { 'ddd.csv': prices(...rowsOf('CCC', 'DDD', 50, 120)) });
      const [ddd, gamma] = [await idOf(session, 'DDD'), await idOf(session, 'GAMA')];
      await expect(mergeSecurities(session, { intoId: ddd, otherId: gamma, reason: WHY })).rejects.toThrow(
        new RegExp(`look like two companies. Both have prices on 60 days, ${day(60)} to ${day(119)}`),
      );
      expect((await mergeSecurities(session, { intoId: ddd, otherId: gamma, force: true, reason: WHY })).batchId).not.toBeNull();
      await expect(mergeSecurities(session, { intoId: ddd, otherId: ddd, reason: WHY })).rejects.toThrow('with itself');
    });
  });
});

describe('splitting', () => {
  it('gives the days of one company to a new security; undone, everything is as before', async () => {
    const cli = start.copy('split');
    await inSession(cli, async (session) => {
      const before = await digest(session, 'corrected');
      const alpha = await idOf(session, 'Alpha Corp');
      const done = await splitSecurity(session, { securityId: alpha, from: day(70), reason: WHY });
      expect(done).toMatchObject({ rows: 50, first: day(70), last: day(119) });
      expect(done.securityId).not.toBe(alpha);
      const [old, fresh] = [await showIdentity(session, alpha), await showIdentity(session, done.securityId!)];
      expect(old.names.find((name) => name.code === 'AAA')).toMatchObject({ from: day(20), until: day(70) });
      expect(fresh.names).toMatchObject([{ code: 'AAA', from: day(70), until: null }]);
      expect(await digest(session, 'corrected')).not.toBe(before);
      await expect(splitSecurity(session, { securityId: done.securityId!, reason: WHY })).rejects.toThrow('leave nothing');
      await expect(splitSecurity(session, { securityId: alpha, from: day(100), reason: WHY })).rejects.toThrow('has no such name');
      await undoBatch(session, done.batchId!);
      expect(await digest(session, 'corrected')).toBe(before);
    });
  });
});

it('does all of it from a terminal, with the journal keeping the reasons', async () => {
  const cli = start.copy('terminal');
  const listed = await cli.run('resolve');
  expect(listed.out).toMatch(/AAA +unowned +\d{4}-\d\d-\d\d +\d{4}-\d\d-\d\d +20/);
  expect((await cli.value<QuarantineView>('resolve')).rows).toBe(20);
  expect(await cli.value<DecisionResult>('resolve', 'AAA', '--to', 'Alpha', '--dry-run')).toMatchObject({ batchId: null, rows: 20 });
  const done = await cli.run('resolve', '--accept', 'all', '--why', WHY);
  expect(done.out).toMatch(/20 rows change hands[\s\S]*Stored as batch \d+/);
  const merged = await cli.value<DecisionResult>('merge', 'GAMA', 'BETA', '--known-from', day(60), '--why', WHY);
  expect(merged.knownFrom).toBe(day(60));
  expect(await cli.value<IdentityView[]>('identities', 'BETA')).toMatchObject([{ ticker: 'GAMA' }]);
  const split = await cli.value<DecisionResult>('split', 'GAMA', '--name', 'BETA', '--why', WHY);
  expect(split.rows).toBe(60);
  const made = await cli.run('identities');
  expect(made.out).toContain(WHY);
  expect((await cli.run('undo', String(split.batchId))).code).toBe(0);
  expect((await cli.run('identities')).out).toContain('undone');
  expect(await cli.error('resolve', 'AAA')).toMatchObject({ code: 'usage', exit: 2 });
  expect(await cli.error('merge', 'GAMA', '#999')).toMatchObject({ code: 'not_found' });
});

it('a name made from prices outlives the batch it came with, as long as other batches have prices of it', async () => {
  const cli = start.copy('outlives');
  await inSession(cli, async (session) => {
    const give = async (name: string, to: number): Promise<number> => {
      await importAll(session, cli, { [name]: prices(...rowsOf('AAA', 'RSTY', 0, to)) });
      return (await listBatches(session)).find(({ file }) => file === name)!.batchId;
    };
    const known = async (): Promise<readonly IdentityHit[]> => findIdentities(session, 'RSTY');
    const without = await digest(session);
    const first = await give('first.csv', 100);
    const [made] = await known();
    // The second says the same again, which is not stored again, and ten days more.
    const second = await give('second.csv', 110);
    const both = await digest(session);
    await undoBatch(session, first);
    expect(await known()).toEqual([made]);
    expect(made).toMatchObject({ provisional: true });
    const panel = await panelFor(session, { runId: '', settings: OLS_252, knownAsOf: parseIsoDay(TODAY)!, revision: 99 }, null);
    expect(panel.series.some(({ securityId }) => securityId === made!.securityId)).toBe(true);
    // Taken back too, nothing is left of it; given again, it is whole.
    await undoBatch(session, second);
    expect(await known()).toEqual([]);
    expect(await digest(session)).toBe(without);
    await give('again.csv', 110);
    expect(await known()).toHaveLength(1);
    expect(await digest(session)).toBe(both);
  });
});
