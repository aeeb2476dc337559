import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RunSummary, SecurityView } from '../contract/results.ts';
import { sampleTruth } from '../core/sample/sample.ts';
import { Cli, scratch } from './testing/cli.ts';
import { CLASSES, MAP, pricesText, SHORT, smallMarket, type Market } from './testing/market.ts';

const folder = scratch();

describe('the sample market', () => {
  let cli: Cli;
  let run: RunSummary;

  beforeAll(async () => {
    cli = new Cli(folder, 'sample');
    await cli.value('init', '--sample');
    run = await cli.value<RunSummary>('run');
  });

  it('fails no identity and says that it is simulated', async () => {
    expect(run.checks.failedRows).toBe(0);
    expect(run.checks.worstAdditivity).toBeLessThan(1e-9);
    expect(run.checks.worstReplication).toBeLessThan(1e-12);
    expect(run.lineage.simulated).toBe(true);
    expect((await cli.run('runs')).out).toContain(run.digest.slice(0, 12));
    // Splits are in the sample's actions: no jump is left unexplained.
    expect((await cli.findings()).map((finding) => finding.code)).not.toContain('jump');
  });

  it('gives the same digest on one, two and three threads, and again', async () => {
    for (const threads of [2, 3]) {
      const again = await cli.with({ threads }).value<RunSummary>('run', '--threads', String(threads));
      expect([again.threads, again.digest, again.lineage.runId]).toEqual([threads, run.digest, run.lineage.runId]);
    }
    expect(await cli.value('check')).toMatchObject({ same: true, ok: true });
  });

  it('recovers the true betas within four standard errors on every year end', async () => {
    const truths = sampleTruth();
    const ends = ['2022-12-30', '2023-12-29', '2024-12-31', '2025-12-31', '2026-06-30'];
    let total = 0;
    let within = 0;
    let within1 = 0;
    for (const end of ends) {
      const lines = await cli.metrics('year.csv', '--from', end, '--to', end);
      const names = lines[0]!.split(',');
      const rows = new Map(lines.slice(1).map((line) => [line.split(',')[1]!, line.split(',')]));
      for (const truth of truths) {
        const cells = rows.get(truth.ticker);
        // The recycled ticker's two owners are told apart by their sector.
        if (!cells || truths.filter((other) => other.ticker === truth.ticker).length > 1) continue;
        const value = (name: string): number => (cells[names.indexOf(name)] === '' ? NaN : Number(cells[names.indexOf(name)]));
        const level = value('level');
        if (!(level >= 2)) continue;
        const { market: bm, sector: bs, subsector, lamSm, lamUm, lamUs } = truth;
        const bu = subsector ?? 0;
        const hs = bs - (lamUs ?? 0) * bu;
        const h = subsector === null ? [bm - lamSm * bs, bs] : [bm - lamSm * hs - lamUm! * bu, hs, bu];
        expect(level, truth.ticker).toBe(h.length);
        ['mkt', 'sec', 'sub'].slice(0, h.length).forEach((leg, i) => {
          const se = value(`l${level}_${leg}_hr_se`);
          const off = Math.abs(value(`l${level}_${leg}_exp`) - h[i]!);
          total++;
          if (off <= 4 * se) within++;
          if (off <= se) within1++;
        });
      }
    }
    expect(total).toBeGreaterThan(1500);
    expect(within / total).toBeGreaterThanOrEqual(0.99);
    // Neither are the errors too large: about two thirds lie within one.
    expect(within1 / total).toBeGreaterThan(0.62);
    expect(within1 / total).toBeLessThan(0.75);
  });

  it('exports the rows it counted, sorted, and the numbers that show shows', async () => {
    const lines = await cli.metrics('some.csv', '--tickers', 'QXAA,QXAI,QXEA', '--from', '2022-01-03');
    const names = lines[0]!.split(',');
    const keys = lines.slice(1).map((line) => line.split(',').slice(0, 2).reverse().join(' '));
    expect(keys).toEqual([...new Set(keys)].sort());
    for (const [ticker, date] of [
      ['QXAA', '2024-02-29'],
      ['QXAI', '2026-06-30'],
      ['QXEA', '2022-01-04'],
    ] as const) {
      const view = await cli.value<SecurityView>('show', ticker, '--date', date);
      const cells = lines.find((line) => line.startsWith(`${date},${ticker},`))!.split(',');
      const value = (name: string): number | null => (cells[names.indexOf(name)] === '' ? null : Number(cells[names.indexOf(name)]));
      expect(view.returnGross).toBe(value('returns_gross'));
      expect(view.volatility).toBe(value('vol'));
      expect(view.links).toEqual({ sm: value('lam_sm'), um: value('lam_um'), us: value('lam_us') });
      expect(view.residualReturn).toEqual([value('l1_rr'), value('l2_rr'), value('l3_rr')]);
      for (const { level, exposure, hedgeRatio, standardError, explained, residual } of view.levels) {
        const legs = ['mkt', 'sec', 'sub'].slice(0, exposure.length);
        expect(exposure).toEqual(legs.map((leg) => value(`l${level}_${leg}_exp`)));
        expect(hedgeRatio).toEqual(legs.map((leg) => value(`l${level}_${leg}_hr`)));
        expect(standardError).toEqual(legs.map((leg) => value(`l${level}_${leg}_hr_se`)));
        expect(explained).toEqual(legs.map((leg) => value(`l${level}_${leg}_er`)));
        expect(residual).toBe(value(`l${level}_res_er`));
      }
    }
  });

  it('runs with the presets that the screens offer, by name, and with --set over them', async () => {
    const late = ['--from', '2026-06-01'];
    const two = await cli.value<RunSummary>('run', '--preset', 'Two years', ...late);
    expect(two.lineage.settings).toMatchObject({ preset: 'ols-252', window: 504, minObs: 252, riskShares: 'explained' });
    const huber = await cli.value<RunSummary>('run', '--preset', 'two years', '--set', 'loss=huber', '--set', 'minObs=200', ...late);
    expect(huber.lineage.settings).toMatchObject({ window: 504, minObs: 200, loss: 'huber', riskShares: 'removed' });
    const unknown = await cli.run('run', '--preset', 'three years');
    expect([unknown.code, unknown.err]).toEqual([2, expect.stringContaining('robust-held; one year, half-life 63; two years; six months')]);
  });

  it('a word that means many securities says how many are not listed', async () => {
    expect((await cli.error('merge', 'QXA', '#39')).message).toMatch(/^QXA means (\d+) securities: .* and \d+ others\.$/);
    expect((await cli.error('merge', 'Q', '#39')).message).toMatch(/^Q means 50 or more securities: .* and 42 or more others\.$/);
    expect((await cli.run('identities', 'Q')).out).toContain('The first 10 of 50 or more that match');
  });
});

describe('what a row may know', () => {
  const market = smallMarket(120);
  const day = (row: number): string => market.days[row]!;
  let mapped: Cli;

  beforeAll(async () => {
    mapped = new Cli(folder, 'mapped');
    await mapped.value('init');
    await mapped.give('map.csv', MAP);
    await mapped.give('classes.csv', CLASSES);
  });

  it('the future changes no byte of the past: prices after a day leave all rows up to it', async () => {
    const other: Market = {
      days: market.days,
      closes: Object.fromEntries(
        Object.entries(market.closes).map(([name, closes], i) => [
          name,
          closes.map((close, t) => (t <= 80 ? close : close * (1.01 + 0.05 * i))),
        ]),
      ),
    };
    const pasts: string[][] = [];
    for (const [name, one] of Object.entries({ real: market, other })) {
      const cli = mapped.copy(name);
      await cli.give(`${name}.csv`, pricesText(one));
      await cli.value('run', ...SHORT);
      pasts.push(await cli.metrics('past.csv', '--to', day(80)));
      expect((await cli.metrics('all.csv')).length).toBeGreaterThan(pasts[0]!.length);
    }
    expect(pasts[0]).toEqual(pasts[1]);
    // Nor does it matter that the later prices are there at all.
    const short = mapped.copy('short');
    await short.give('short.csv', pricesText(market, Object.keys(market.closes), 0, 81));
    await short.value('run', ...SHORT);
    expect(await short.metrics('past.csv')).toEqual(pasts[0]);
  });

  it('a run repeats what was known on an earlier day, and a stored run repeats its bytes whatever came after', async () => {
    const cli = mapped.copy('knowledge').with({ today: day(100) });
    await cli.give('until.csv', pricesText(market, Object.keys(market.closes), 0, 101));
    const first = await cli.value<RunSummary>('run', ...SHORT);
    const rows = await cli.metrics('first.csv', '--run', 'R1');

    const later = cli.with({ today: day(119) });
    const changed = {
      days: market.days,
      closes: { ...market.closes, SPY: market.closes.SPY!.map((close, t) => (t === 90 ? close * 1.02 : close)) },
    };
    const batch = await later.give('later.csv', pricesText(changed), '--accept-restatements');
    expect(batch.counts).toMatchObject({ restated: 1, new: 19 * 7 });
    // As known on the earlier day: the same bytes from the richer store.
    const asKnown = await later.value<RunSummary>('run', ...SHORT, '--known-as-of', day(100));
    expect(asKnown.digest).toBe(first.digest);
    expect(asKnown.lineage.runId).not.toBe('R1');

    const strict = await later.value<RunSummary>('run', ...SHORT);
    const corrected = await later.value<RunSummary>('run', ...SHORT, '--set', 'knowledge=corrected');
    const [a, b] = [
      await later.metrics('strict.csv', '--run', strict.lineage.runId),
      await later.metrics('corrected.csv', '--run', corrected.lineage.runId),
    ];
    const upTo = (lines: string[], last: string) => lines.filter((line) => line < `${last}~`);
    expect(a.length).toBe(b.length);
    // Strict rows before the correction was known are what they were; the row of that day sees it.
    expect(upTo(a, day(100))).toEqual(rows.slice(1));
    expect(upTo(a, day(118))).not.toEqual(upTo(b, day(118)));
    expect(upTo(a, day(89))).toEqual(upTo(b, day(89)));
    const last = (lines: string[]) =>
      lines.filter((line) => line.startsWith(day(119)) && line.includes('AAA')).map((line) => line.split(',').slice(8, 14));
    expect(last(a)).toEqual(last(b));

    await later.value('undo', String(batch.batchId));
    const repeated = await later.value<RunSummary & { same: boolean }>('run', '--like', strict.lineage.runId);
    expect([repeated.same, repeated.digest]).toEqual([true, strict.digest]);
    expect((await later.run('run', '--like', 'R1')).out).toContain('The same bytes as R1.');
    expect(await later.metrics('again.csv', '--run', 'R1')).toEqual(rows);
  });

  it('values known a day late serve the rows from then on: no row uses its own day, every later one does', async () => {
    const late = (rows: readonly string[]): string =>
      ['date,ticker,close,known_from', ...rows.map((row) => `${row},${day(market.days.indexOf(row.slice(0, 10)) + 1) ?? ''}`), ''].join(
        '\n',
      );
    const text = (names: string[]) => pricesText(market, names, 0, 119).trim().split('\n').slice(1);
    const cli = mapped.copy('late');
    await cli.give('etfs.csv', pricesText(market, ['SPY', 'XLK', 'SOXX', 'XLF'], 0, 119));
    await cli.give('late.csv', late(text(['AAA'])));
    const onTime = mapped.copy('on-time');
    await onTime.give('etfs2.csv', pricesText(market, ['SPY', 'XLK', 'SOXX', 'XLF', 'AAA'], 0, 119));
    for (const one of [cli, onTime]) await one.value('run', ...SHORT);
    const [a, b] = [await cli.metrics('a.csv'), await onTime.metrics('b.csv')];
    const names = a[0]!.split(',');
    const cells = (lines: string[], row: number) => lines.find((line) => line.startsWith(`${day(row)},AAA,`))!.split(',');
    const at = (name: string) => names.indexOf(name);
    for (const row of [40, 100]) {
      // On its own evening the price is not known: no return of the day, one row fewer in the window.
      expect(cells(a, row)[at('returns_gross')]).toBe('');
      expect(cells(b, row)[at('returns_gross')]).not.toBe('');
    }
    expect([cells(a, 40), cells(b, 40)].map((one) => Number(one[at('n_obs')]))).toEqual([39, 40]);
    expect([cells(a, 100), cells(b, 100)].map((one) => Number(one[at('n_obs')]))).toEqual([59, 60]);
  });
});

describe('export metrics', () => {
  const market = smallMarket(90);
  let cli: Cli;
  let run: RunSummary;

  beforeAll(async () => {
    cli = new Cli(folder, 'export');
    await cli.value('init');
    await cli.give('map4.csv', MAP);
    await cli.give('classes4.csv', CLASSES);
    await cli.give('prices4.csv', pricesText(market));
    run = await cli.value<RunSummary>('run', ...SHORT);
  });

  it('has one row per security and date under either kind of names, missing cells empty, numbers exact', async () => {
    const wire = await cli.metrics('wire.csv');
    const long = await cli.metrics('long.csv', '--names', 'long');
    expect(wire.slice(1)).toEqual(long.slice(1));
    expect(wire.length - 1).toBe(run.rows);
    expect(wire[0]!.split(',').slice(0, 4)).toEqual(['date', 'ticker', 'l1_mkt_hr', 'l2_mkt_hr']);
    expect(long[0]!.split(',').slice(0, 4)).toEqual(['date', 'ticker', 'l1_market_hr', 'l2_market_hr']);
    expect(wire[0]!.split(',').at(-1)).toBe('flags');
    const columns = wire[0]!.split(',').length;
    for (const line of wire.slice(1)) {
      const cells = line.split(',');
      expect(cells).toHaveLength(columns);
      for (const cell of cells.slice(2, -1)) if (cell !== '' && String(Number(cell)) !== cell) throw new Error(`${cell} in ${line}`);
    }
    // The first rows are too few for any level.
    const first = wire.find((line) => line.startsWith(`${market.days[1]},AAA,`))!.split(',');
    expect(first.slice(2, 8)).toEqual(['', '', '', '', '', '']);
  });

  it('repeats byte for byte on other threads, and for a part of the tickers and dates', async () => {
    const whole = await cli.metrics('whole.csv');
    expect(await cli.with({ threads: 3 }).metrics('three.csv')).toEqual(whole);
    const part = await cli.metrics('part.csv', '--tickers', 'BBB', '--from', market.days[50]!, '--to', market.days[60]!);
    const wanted = whole.filter((line) => line.slice(11, 14) === 'BBB' && line >= market.days[50]! && line < `${market.days[60]!}~`);
    expect(part).toEqual([whole[0], ...wanted]);
    expect(part).toHaveLength(12);
  });

  it('replaces an earlier file whole, and leaves nothing behind when it is stopped or cannot be written', async () => {
    const out = join(folder, 'cube.csv');
    writeFileSync(out, 'earlier');
    const stopped = new AbortController();
    stopped.abort();
    const cancelled = await cli.with({ signal: stopped.signal }).run('export', 'metrics', '--format', 'csv', '--out', out);
    expect(cancelled.code).toBe(130);
    expect(readFileSync(out, 'utf8')).toBe('earlier');
    expect((await cli.error('export', 'metrics', '--format', 'csv', '--out', join(folder, 'no', 'cube.csv'))).exit).toBe(1);
    expect((await cli.error('export', 'metrics', '--format', 'csv', '--out', out, '--tickers', 'AAA,NOPE')).message).toContain('NOPE');
    expect(readdirSync(folder).filter((name) => name.startsWith('cube') && name !== 'cube.csv')).toEqual([]);
    await cli.value('export', 'metrics', '--format', 'csv', '--out', out, '--lineage');
    const text = readFileSync(out, 'utf8');
    expect(text).toMatch(/^# runId: R1\n/);
    expect(text).toContain(`# dataAsOf: ${market.days[89]}`);
  });
});
