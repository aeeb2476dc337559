/**
 * A workspace after two years of daily files (500 batches of 3,000 closes and adjusted closes behind 2,520 days) against the same days in one
 * batch: what a panel of everything and one security's takes, with the days joined and as they came, and what joining them took.
 *
 *     node main/bench/daily.ts
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { currentRevision, joinTiles, openWorkspace, type Workspace } from '../../db/index.ts';
import { dayOfSession } from '../calendar/index.ts';
import type { Session } from '../contract/units.ts';
import { createNoise } from '../quant/cascade/testing/market.ts';
import { returnsOfSeries, type Panel } from '../workers/panel.ts';
import { buildPanel } from '../workers/db/panel-builder.ts';
import { record } from './record.ts';
import { appendDay, folderOf, makeWorkspace, type BenchSpec } from './workspace.ts';

const SPEC: BenchSpec = { stocks: 3000, dates: 2520, data: 'complete' };
const DAYS = Number(process.env.HEDGEROW_BENCH_DAYS ?? 500);
const ROUNDS = 3;
const QUESTIONS = 60;
const CONTEXT = { progress: () => undefined, cancelled: () => false, check: () => undefined };

const work = mkdtempSync(join(tmpdir(), 'daily-bench-'));
const round1 = (x: number): number => Math.round(x * 10) / 10;
const median = (times: number[]): number => times.sort((a, b) => a - b)[times.length >> 1]!;

function panelOf(ws: Workspace, lastSession: number, securities: readonly number[] | null): { panel: Panel; ms: number } {
  const settings = { knowledge: 'strict', returns: 'auto', schemes: [''] } as const;
  const request = { revision: currentRevision(ws), knownAsOf: dayOfSession(lastSession as Session), settings, securities };
  const start = performance.now();
  const { panel } = buildPanel(ws, request, CONTEXT);
  return { panel, ms: performance.now() - start };
}

/** Milliseconds of a panel of everything, the fastest of some, and of one of a security, the median of many. */
function measure(ws: Workspace, lastSession: number): { wholeMs: number; oneMs: number; bits: string } {
  const whole = Array.from({ length: ROUNDS }, () => panelOf(ws, lastSession, null));
  const ids = whole[0]!.panel.series.map(({ securityId }) => securityId);
  const one = Array.from({ length: QUESTIONS }, (_, k) => panelOf(ws, lastSession, [ids[(k * 37) % ids.length]!]).ms);
  const last = whole.at(-1)!.panel;
  const bits = last.series.map((_, i) => Buffer.from(Float64Array.from(returnsOfSeries(last, i)).buffer).toString('base64')).join();
  return { wholeMs: round1(Math.min(...whole.map(({ ms }) => ms))), oneMs: round1(median(one)), bits };
}

try {
  const [one, many] = ['one', 'many'].map((name) => join(work, name));
  const fresh = { ...SPEC, dates: SPEC.dates + DAYS };
  const reference = folderOf(one!, fresh);
  const { firstSession } = makeWorkspace(reference, fresh);
  const options = { mode: 'write', softwareVersion: 'benchmark' } as const;
  const inOne = openWorkspace(reference, options);
  const oneBatch = measure(inOne, firstSession + fresh.dates - 1);
  inOne.close();

  const daily = folderOf(many!, SPEC);
  const start = makeWorkspace(daily, SPEC).firstSession;
  const ws = openWorkspace(daily, options);
  const noise = createNoise(3);
  const prices = new Map((ws.sql.prepare('SELECT symbol_id AS id FROM symbol').all() as { id: number }[]).map(({ id }) => [id, 50]));
  const stored = Array.from({ length: DAYS }, (_, k) => appendDay(ws, start + SPEC.dates + k, prices, noise).ms);
  const lastSession = start + SPEC.dates + DAYS - 1;
  const asTheyCame = measure(ws, lastSession);
  const pieces: number[] = [];
  for (let more = true; more;) {
    const began = performance.now();
    more = joinTiles(ws);
    if (more) pieces.push(performance.now() - began);
  }
  const joined = measure(ws, lastSession);
  ws.close();
  if (joined.bits !== asTheyCame.bits) throw new Error('joined days give other bits');
  const figures = {
    oneBatch: { wholeMs: oneBatch.wholeMs, oneMs: oneBatch.oneMs },
    asTheyCame: { wholeMs: asTheyCame.wholeMs, oneMs: asTheyCame.oneMs },
    joined: { wholeMs: joined.wholeMs, oneMs: joined.oneMs },
    ratioToOneBatch: { whole: round1(joined.wholeMs / oneBatch.wholeMs), one: round1(joined.oneMs / oneBatch.oneMs) },
    storeMs: round1(median(stored)),
    join: { pieces: pieces.length, longestMs: round1(Math.max(...pieces)), allMs: round1(pieces.reduce((sum, ms) => sum + ms, 0)) },
  };
  console.log(JSON.stringify(figures, null, 1));
  record('daily', { ...SPEC, days: DAYS, ...figures });
} finally {
  rmSync(work, { recursive: true, force: true });
}
