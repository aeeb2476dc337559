/**
 * What whole shares leave of a hedge of forty real names, long in equal dollars, at three sizes of book: unrounded, to nearest,
 * jointly. Kept in results/hedge-rounding.json.
 *
 *     node main/bench/hedge-rounding.ts
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HedgeView } from '../contract/results.ts';
import { getBook } from '../core/book.ts';
import { previewHedge } from '../core/hedge.ts';
import { importFile, undoBatch } from '../core/imports.ts';
import { startRun } from '../core/runs.ts';
import { closeSession } from '../core/session.ts';
import { hasModern, importBook, importModern, type Modern } from '../core/testing/modern.ts';
import { record } from './record.ts';

const SIZES = [25_000, 1_000_000, 100_000_000];

interface Left {
  /** Dollars left over all legs. */
  readonly dollars: number;
  /** Factor volatility left, dollars a year, and as a share of what was hedged. */
  readonly volatility: number;
  readonly ofHedged: number;
}

export interface RoundingRow {
  readonly book: number;
  readonly legs: number;
  readonly orders: number;
  /** Factor volatility before, dollars a year. */
  readonly hedged: number;
  readonly unrounded: Left;
  readonly nearest: Left;
  readonly joint: Left;
}

/** The table, without a smallest trade; needs `importBook` and a run. Each size is a snapshot of its own, taken back afterwards. */
export async function roundingTable({ folder, session }: Modern): Promise<RoundingRow[]> {
  const { positions } = await getBook(session, { account: 'ACCT01' });
  const out: RoundingRow[] = [];
  for (const size of SIZES) {
    const lines = positions.map(({ ticker, price }) => `${ticker},${(size / positions.length / price!).toFixed(8)},SIZED,2026-07-31`);
    const path = join(folder, `sized-${size}.csv`);
    writeFileSync(path, ['ticker,quantity,account,as_of', ...lines, ''].join('\n'));
    const { batchId, outcome } = await importFile(session, path, {});
    if (batchId === undefined) throw new Error(`${path}: ${outcome}`);
    const [joint, nearest] = [
      await previewHedge(session, { account: 'SIZED', rounding: 'joint', minTrade: 0 }),
      await previewHedge(session, { account: 'SIZED', rounding: 'nearest', minTrade: 0 }),
    ];
    const factor = (volatility: number): number => Math.sqrt(Math.max(0, volatility ** 2 - joint.volatility.residual! ** 2));
    const hedged = factor(joint.volatility.before!);
    const left = (dollars: number, volatility: number): Left => ({ dollars, volatility, ofHedged: volatility / hedged });
    const dollars = (view: HedgeView, of: 'after' | 'rounded'): number => view.legs.reduce((sum, leg) => sum + Math.abs(leg[of]), 0);
    out.push({
      book: size,
      legs: joint.legs.filter(({ target }) => target !== 0).length,
      orders: joint.orders.length,
      hedged,
      unrounded: left(dollars(joint, 'after'), factor(joint.volatility.after!)),
      nearest: left(dollars(nearest, 'rounded'), nearest.roundingRisk.nearest!),
      joint: left(dollars(joint, 'rounded'), joint.roundingRisk.joint!),
    });
    await undoBatch(session, batchId);
  }
  return out;
}

if (import.meta.main) {
  if (!hasModern) throw new Error('The modern set of prices is not there; name its folder in HEDGEROW_TEST_DATA.');
  const modern = await importModern();
  try {
    await importBook(modern);
    await startRun(modern.session, {});
    const rows = await roundingTable(modern);
    record('hedge-rounding', { names: 40, date: '2026-07-31', rows });
    console.table(
      rows.map(({ book, legs, orders, hedged, nearest, joint }) => ({
        ...{ book, legs, orders, 'factor volatility': hedged.toFixed(0) },
        ...{ 'nearest left': nearest.volatility.toFixed(2), 'joint left': joint.volatility.toFixed(2) },
        ...{ 'nearest %': (nearest.ofHedged * 100).toFixed(4), 'joint %': (joint.ofHedged * 100).toFixed(4) },
      })),
    );
  } finally {
    await closeSession(modern.session);
    rmSync(modern.folder, { recursive: true, force: true });
  }
}
