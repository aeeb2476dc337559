/** Preset robust-held and its settings, everywhere a run serves: the sample market through the command line. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RunSummary, SecurityView } from '../contract/results.ts';
import type { SettingsCompared } from '../contract/methods-compare.ts';
import { ROBUST_HELD } from '../contract/settings.ts';
import { compareSettings } from '../core/compare-settings.ts';
import type { Explanation } from '../contract/results-explain.ts';
import { startRun } from '../core/runs.ts';
import { showSecurity } from '../core/security.ts';
import { Cli, scratch } from './testing/cli.ts';
import { inSession } from './testing/session.ts';

const cli = new Cli(scratch(), 'robust');
let run: RunSummary;

beforeAll(async () => {
  await cli.value('init', '--sample');
  run = await cli.value<RunSummary>('run', '--preset', 'robust-held');
});

describe('preset robust-held on the sample market', () => {
  it('runs, names its settings, holds its identities and repeats itself on two threads', async () => {
    expect(run.lineage.settings).toEqual(ROBUST_HELD);
    expect(run.checks.failedRows).toBe(0);
    expect(run.checks.worstAdditivity).toBeLessThan(1e-12);
    expect(run.checks.worstReplication).toBeLessThan(1e-12);
    const again = await cli.with({ threads: 2 }).value<RunSummary & { same: boolean }>('run', '--like', run.lineage.runId);
    expect([again.same, again.threads, again.digest]).toEqual([true, 2, run.digest]);
  });

  it('shows slopes of the last month end, and holds them through the month', async () => {
    // 2026-05-29 is the last session of May.
    const views: SecurityView[] = [];
    await inSession(cli, async (session) => {
      for (const date of ['2026-05-29', '2026-06-17', '2026-06-30']) views.push(await showSecurity(session, { ticker: 'QXAA', date }));
    });
    const [end, middle, june] = views;
    expect(middle!.window.last).toBe('2026-05-29');
    expect(middle!.levels.map((level) => level.exposure)).toEqual(end!.levels.map((level) => level.exposure));
    // The last session of June by the calendar: its own row carries the new slopes.
    expect(june!.window.last).toBe('2026-06-30');
    expect(june!.levels[2]!.exposure).not.toEqual(middle!.levels[2]!.exposure);
    expect(middle!.levels.flatMap((level) => level.standardError).filter((error) => error !== null)).toEqual([]);
  });

  it('explains a number with its path, the day of its slopes and the rows of its regression', async () => {
    const found = await cli.value<Explanation>('explain', 'QXAA', '2026-06-17', 'l2_sec_hr');
    expect(found.estimate).toEqual({ path: 'realised', estimatedOn: '2026-05-29' });
    expect(found.window).toMatchObject({ level: 2, last: '2026-05-29', used: 252 });
    const exAnte = await cli.value<Explanation>('explain', 'QXAA', '2026-06-01', 'l3_rr');
    expect(exAnte).toMatchObject({ exposuresOf: '2026-05-29', estimate: { estimatedOn: '2026-05-29' } });
    const text = (await cli.run('explain', 'QXAA', '2026-06-17', 'l2_sec_hr')).out;
    expect(text).toContain('path: realised');
    expect(text).toContain('robust-held');
  });

  it('serves book, hedge, risk, attribution, export and comparison of knowledge days', async () => {
    const book = await cli.value<{ lineage: { runId: string } }>('book');
    expect(book.lineage.runId).toBe(run.lineage.runId);
    const orders = join(cli.folder, 'orders.csv');
    const hedge = await cli.run('hedge', '--format', 'generic', '--out', orders, '--override', 'sample book');
    expect([hedge.code, hedge.err]).toEqual([0, expect.any(String)]);
    expect(readFileSync(orders, 'utf8').split('\n').length).toBeGreaterThan(5);
    for (const command of [['risk'], ['attribution', 'QXAA', '--from', '2026-05-01', '--to', '2026-06-30']])
      expect([command[0], (await cli.run(...command)).code]).toEqual([command[0], 0]);
    const lines = await cli.metrics('robust.csv', '--tickers', 'QXAA', '--from', '2026-06-01');
    const names = lines[0]!.split(',');
    for (const line of lines.slice(1)) {
      const cells = line.split(',');
      expect(cells[names.indexOf('l3_mkt_hr_se')]).toBe('');
      const sum = ['l3_mkt_er', 'l3_sec_er', 'l3_sub_er', 'l3_res_er'].reduce(
        (total, name) => total + Number(cells[names.indexOf(name)]),
        0,
      );
      expect(sum).toBeCloseTo(1, 12);
    }
  });
});

describe('settings', () => {
  it('may each be changed, and are named by what was changed', async () => {
    await inSession(cli, async (session) => {
      const digests = new Map<string, string>();
      for (const [name, settings] of Object.entries({
        loss: { loss: 'squares' },
        huberC: { huberC: 1.5 },
        refresh: { refresh: 'daily' },
        chain: { chain: 'same-window' },
        shrink: { shrink: 'vasicek' },
        intercept: { intercept: true },
        halfLife: { halfLife: null },
        window: { window: 126 },
        minObs: { minObs: 60 },
      } as const)) {
        const { summary } = await startRun(session, { settings: { preset: 'robust-held', ...settings }, from: '2026-05-01' });
        expect([name, summary.checks.failedRows]).toEqual([name, 0]);
        digests.set(name, summary.digest);
      }
      expect(new Set(digests.values()).size).toBe(digests.size);
      const shares = await startRun(session, { settings: { loss: 'huber' }, from: '2026-06-01' });
      expect(shares.summary.lineage.settings).toMatchObject({ preset: 'ols-252', riskShares: 'removed' });
    });
  });

  it.each([
    ['riskShares=explained', 'only with loss=squares'],
    ['huberC=1', 'over 1'],
    ['chain=other', '"other" is not a value for chain'],
  ])('refuse %s with a reason', async (pair, reason) => {
    const answer = await cli.run('run', '--preset', 'robust-held', '--set', pair);
    expect(answer.code).toBe(2);
    expect(answer.err).toContain(reason);
  });
});

describe('compare', () => {
  it('serves the rows of the runs it stands for, and measures by yesterday’s hedges', async () => {
    const found = await cli.value<SettingsCompared>(
      'compare',
      '--case',
      'preset=robust-held',
      '--case',
      'window=126,minObs=63',
      '--tickers',
      'QXAA',
    );
    expect(found.outcomes.map((one) => one.changed)).toEqual([[], ['window=126', 'minObs=63']]);
    const lines = await cli.metrics('compared.csv', '--tickers', 'QXAA', '--run', run.lineage.runId);
    const names = lines[0]!.split(',');
    const rows = lines.slice(1).map((line) => line.split(','));
    const cell = (row: string[], name: string): number => (row[names.indexOf(name)] === '' ? NaN : Number(row[names.indexOf(name)]));
    expect(found.outcomes[0]!.rows).toBe(rows.length);
    // robust-held is the last of the two to have every level and its shares.
    const common = rows.filter((row) => !Number.isNaN(cell(row, 'l3_rr') + cell(row, 'l3_res_er')));
    expect(found.common).toEqual({ securities: 1, rows: common.length });
    const squares = (name: string): number => common.reduce((sum, row) => sum + cell(row, name) ** 2, 0);
    [1, 2, 3].forEach((k) => expect(found.outcomes[0]!.saved[k - 1]).toBeCloseTo(1 - squares(`l${k}_rr`) / squares('returns_gross'), 10));
    expect(found.outcomes[0]!.residualShare).toBeCloseTo(common.reduce((sum, row) => sum + cell(row, 'l3_res_er'), 0) / common.length, 10);
    // Held slopes are traded once a month.
    expect(found.outcomes[0]!.turnover!).toBeLessThan(found.outcomes[1]!.turnover!);
    expect((await cli.run('compare', '--tickers', 'QXAA', '--from', '2026-01-02')).out).toContain('turnover');
  });

  it('answers the same on two threads, and refuses cases of other returns', async () => {
    await inSession(cli.with({ threads: 2 }), async (session) => {
      const settings = [{ preset: 'robust-held' as const, shrink: 'vasicek' as const }, {}];
      const one = await compareSettings(session, { settings, threads: 1, from: '2026-01-02' });
      const two = await compareSettings(session, { settings, threads: 2, from: '2026-01-02' });
      expect(two.outcomes).toEqual(one.outcomes);
      await expect(compareSettings(session, { settings: [{}, { returns: 'raw' }] })).rejects.toThrow('other returns');
    });
  });
});
