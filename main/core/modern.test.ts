import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { roundingTable, type RoundingRow } from '../bench/hedge-rounding.ts';
import type { RunSummary } from '../contract/results.ts';
import { getBook } from './book.ts';
import { exportMetrics } from './export.ts';
import { previewHedge } from './hedge.ts';
import { importFile } from './imports.ts';
import { writeHedgeFiles } from './orders/export.ts';
import { startRun } from './runs.ts';
import { searchSecurities, showSecurity } from './security.ts';
import { closeSession } from './session.ts';
import { compareCubes } from './testing/compare-cubes.ts';
import { DATA, hasModern, importBook, importModern, residualShares, type Modern } from './testing/modern.ts';

/** 5,433 stocks, 589 ETFs, 1,400 days of real adjusted closes, through the ordinary import path. */
describe.skipIf(!hasModern)('the main job on the modern set of real prices', () => {
  let modern: Modern;
  let run: RunSummary;

  beforeAll(async () => {
    modern = await importModern();
    run = (await startRun(modern.session, {})).summary;
  }, 240_000);

  afterAll(async () => {
    await closeSession(modern.session);
    rmSync(modern.folder, { recursive: true, force: true });
  });

  it('imports every value but the prices that are not positive', () => {
    expect(modern.etfs.counts).toMatchObject({ rows: 818_971, new: 818_971, rejected: 0 });
    expect(modern.stocks.counts).toMatchObject({ rows: 6_591_792, new: 6_590_628, rejected: 1164 });
    const rejected = modern.stocks.issues.filter((issue) => issue.severity === 'error');
    expect(new Set(rejected.map((issue) => issue.line)).size).toBe(2);
    expect(rejected.every((issue) => issue.code === 'price_not_positive' && issue.column > 1)).toBe(true);
    expect(modern.classification.issueCounts.undated_classification).toBe(1);
  });

  it('recognises the same file again', async () => {
    const again = await importFile(modern.session, join(DATA, 'modern_adj_close_etfs.csv.gz'), { value: 'adj_close' });
    expect(again.outcome).toBe('nothing_new');
    expect(again.counts).toMatchObject({ new: 0, unchanged: 818_971, restated: 0 });
  });

  it('fails no identity on any row', () => {
    expect(run.securities).toBeGreaterThan(5_400);
    expect(run.rows).toBeGreaterThan(7_000_000);
    expect(run.checks.failedRows).toBe(0);
    expect(run.checks.worstAdditivity).toBeLessThan(1e-9);
    expect(run.checks.worstReplication).toBeLessThan(1e-9);
  });

  it('gives the same bytes on one thread', async () => {
    const { same } = await startRun(modern.session, { like: run.lineage.runId, threads: 1 });
    expect(same).toBe(true);
  });

  it.each([
    ['NVDA', ['SPY', 'XLK']],
    ['JPM', ['SPY', 'XLF']],
    ['XOM', ['SPY', 'XLE']],
    ['WMT', ['SPY', 'XLP']],
  ])('shows three complete levels of %s', async (ticker, above) => {
    const view = await showSecurity(modern.session, { ticker });
    expect(view.date).toBe('2026-07-31');
    expect(view.levels.map((level) => level.level)).toEqual([1, 2, 3]);
    expect(view.levels[2]!.etf.slice(0, 2)).toEqual(above);
    expect(view.identities.ok).toBe(true);
    for (const level of view.levels) {
      const shares = level.explained.reduce<number>((sum, share) => sum + share!, level.residual!);
      expect(shares).toBeCloseTo(1, 9);
      level.exposure.forEach((exposure, i) => expect(level.hedgeRatio[i]).toBe(-exposure!));
    }
  });

  it('hedges a book of forty names to within one share of every leg', async () => {
    const { closes, holdings } = await importBook(modern);
    expect([closes.outcome, holdings.outcome]).toEqual(['committed', 'committed']);
    await startRun(modern.session, {});
    const book = await getBook(modern.session, {});
    expect(book.coverage).toBe(1);
    expect(book.positions).toHaveLength(40);
    const view = await previewHedge(modern.session, {});
    for (const leg of view.legs) {
      expect(Math.abs(leg.after)).toBeLessThan(1e-6);
      expect(Math.abs(leg.rounded)).toBeLessThan(leg.price!);
    }
    expect(view.roundingRisk.joint!).toBeLessThanOrEqual(view.roundingRisk.nearest!);
    for (const format of ['generic', 'ibkr-basket'] as const) {
      const out = join(modern.folder, `${format}.csv`);
      const { files } = await writeHedgeFiles(modern.session, {}, { format, out, override: 'both layouts of one hedge' });
      expect(readFileSync(out, 'utf8').trimEnd().split('\r\n')).toHaveLength(files.orders + 1);
    }
  });

  it('leaves of a hedge of forty names what the kept table says: nothing unrounded, jointly never more than to nearest', async () => {
    const rows = await roundingTable(modern);
    expect(rows.map(({ book }) => book)).toEqual([25_000, 1_000_000, 100_000_000]);
    const kept = JSON.parse(readFileSync(new URL('../bench/results/hedge-rounding.json', import.meta.url), 'utf8')) as {
      rows: RoundingRow[];
    };
    rows.forEach((row, i) => {
      const { unrounded, nearest, joint, orders, book } = row;
      expect(unrounded.dollars).toBeLessThan(book * 1e-9);
      expect(joint.volatility).toBeLessThanOrEqual(nearest.volatility * (1 + 1e-12));
      expect(nearest.ofHedged).toBeLessThan(0.02);
      expect(orders).toBe(kept.rows[i]!.orders);
      for (const way of ['nearest', 'joint'] as const)
        expect(row[way].volatility / kept.rows[i]![way].volatility, `${way} of ${book}`).toBeCloseTo(1, 6);
    });
  });

  it('exports the rows of twenty names with the numbers that are shown', async () => {
    const tickers = 'AAPL MSFT NVDA AMZN GOOGL META AVGO JPM BAC WFC GS V MA XOM CVX COP SLB UNH JNJ LLY'.split(' ');
    const out = join(modern.folder, 'cube.csv');
    const done = await exportMetrics(modern.session, { format: 'csv', out, names: 'wire', tickers });
    const lines = readFileSync(out, 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(done.rows + 1);
    const header = lines[0]!.split(',');
    const view = await showSecurity(modern.session, { ticker: 'NVDA' });
    const row = lines.find((line) => line.startsWith('2026-07-31,NVDA,'))!.split(',');
    expect(Number(row[header.indexOf('l3_sub_hr')])).toBe(view.levels[2]!.hedgeRatio[2]);
    expect(Number(row[header.indexOf('l3_res_er')])).toBe(view.levels[2]!.residual);
  });

  it('finds a small residual share of a book of thirty where the average of the stocks is a large one', async () => {
    const shares = await residualShares(modern);
    expect(shares.map(({ level }) => level)).toEqual([1, 2, 3]);
    const deepest = shares[2]!;
    expect(deepest.averageResidual).toBeGreaterThan(0.4);
    expect(deepest.residualContribution).toBeLessThan(0.1);
    for (const one of shares) {
      expect(one.residual).toBeLessThan(one.averageResidual);
      expect(one.residualContribution).toBeLessThan(one.averageResidual);
    }
  });

  it('exports two hundred names as Parquet and Zarr with the same doubles', { timeout: 60_000 }, async () => {
    const tickers = (await searchSecurities(modern.session, 'A', 200)).map(({ ticker }) => ticker);
    for (const format of ['parquet', 'zarr'] as const)
      await exportMetrics(modern.session, { format, out: join(modern.folder, `cube.${format}`), names: 'long', tickers });
    const compared = await compareCubes(join(modern.folder, 'cube.parquet'), join(modern.folder, 'cube.zarr'));
    expect(compared).toBeGreaterThan(1_000_000);
  });
});
