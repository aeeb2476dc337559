/**
 * Questions to a workspace that is open: one security over ten years with its prices read from the store, one date of every security, and a
 * day more (stored, then its cross-section). 3,000 securities x 2,520 days. Times are what the program's main thread waits for; the store of
 * a day and what is told of the work alone run in this thread, on the code of the workers.
 *
 *     node main/bench/queries.ts
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { currentRevision, openWorkspace } from '../../db/index.ts';
import { dayOfSession } from '../calendar/index.ts';
import { OLS_252 } from '../contract/settings.ts';
import { formatIsoDay, type EpochDay, type Session as SessionNumber } from '../contract/units.ts';
import { fieldsOf, panelFor, panelSettings, seriesIndex, type RunBasis } from '../core/engine.ts';
import { sourceEnvironment } from '../core/environment.ts';
import { closeSession, openSession, type Session } from '../core/session.ts';
import { F, FIELD_COUNT } from '../quant/cascade/index.ts';
import { createNoise } from '../quant/cascade/testing/market.ts';
import { copyFields, createFitter } from '../workers/compute/fits.ts';
import { buildPanel } from '../workers/db/panel-builder.ts';
import type { Panel } from '../workers/panel.ts';
import { record } from './record.ts';
import { appendDay, benchDay, etfCodes, folderOf, makeWorkspace, type BenchSpec } from './workspace.ts';

const SPEC: BenchSpec = { stocks: 3000, dates: 2520, data: 'complete' };
const ROUNDS = Number(process.env.HEDGEROW_BENCH_ROUNDS ?? 40);
const CONTEXT = { progress: () => undefined, cancelled: () => false, check: () => undefined };
const ALL_FIELDS = Array.from({ length: FIELD_COUNT }, (_, k) => k);

const root = join(import.meta.dirname, '..', '..');
const work = mkdtempSync(join(tmpdir(), 'queries-bench-'));
const folder = folderOf(work, SPEC);
const settings = OLS_252;

const round3 = (x: number): number => Math.round(x * 1000) / 1000;
function spread(times: readonly number[]): { readonly fastest: number; readonly median: number } {
  const sorted = [...times].sort((a, b) => a - b);
  return { fastest: round3(sorted[0]!), median: round3(sorted[sorted.length >> 1]!) };
}

const bitsOf = (values: Float64Array): string => Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');

const EXPOSURES = ['l3_mkt_exp', 'l3_sec_exp', 'l3_sub_exp', 'l3_res_er'].map((wire) => F[wire]!);

/** One security after the other in this thread: its prices read from the store, its panel, the cascade. `answers`: bits of some of them. */
function measureAlone(basis: RunBasis, securities: readonly number[], answers: ReadonlyMap<number, string>): ReturnType<typeof spread> {
  const ws = openWorkspace(folder, { mode: 'read', softwareVersion: 'benchmark' });
  try {
    const times = securities.map((securityId) => {
      const start = performance.now();
      const { panel } = buildPanel(ws, { ...basis, settings: panelSettings(settings), securities: [securityId] }, CONTEXT);
      const rows = createFitter(panel, settings).rows(seriesIndex(panel).get(securityId)!, 0, panel.nRows);
      const values = new Float64Array(EXPOSURES.length * panel.nRows);
      copyFields(rows, EXPOSURES, 0, panel.nRows, values, 0);
      const ms = performance.now() - start;
      if ((answers.get(securityId) ?? bitsOf(values)) !== bitsOf(values)) throw new Error('other bits than through the session');
      return ms;
    });
    return spread(times.slice(20));
  } finally {
    ws.close();
  }
}

/** Every field of every series on the last row, in this thread. */
function lastRow(panel: Panel): Float64Array {
  const fitter = createFitter(panel, settings);
  const out = new Float64Array(panel.series.length * FIELD_COUNT);
  const row = panel.nRows - 1;
  panel.series.forEach((_, i) => copyFields(fitter.rows(i, row, row + 1), ALL_FIELDS, row, row + 1, out, i * FIELD_COUNT));
  return out;
}

/**
 * One more day after the other: storing it in this thread, which holds the workspace for writing, then what the session waits for until
 * its panel is continued and every field of every series is there on the new date.
 */
async function measureAppend(session: Session, firstSession: number): Promise<Record<string, unknown>> {
  await session.writer.call('close', null);
  const ws = openWorkspace(folder, { mode: 'write', softwareVersion: 'benchmark' });
  try {
    const noise = createNoise(3);
    const symbols = ws.sql.prepare('SELECT symbol_id AS id FROM symbol').all() as { id: number }[];
    const prices = new Map(symbols.map(({ id }) => [id, 50]));
    const basisOf = (knownAsOf: EpochDay): RunBasis => ({ runId: '', settings, knownAsOf, revision: currentRevision(ws) });
    const crossSection = async (panel: Panel): Promise<Float64Array> =>
      (await fieldsOf(session, panel, settings, [...panel.series.keys()], ALL_FIELDS, panel.nRows - 1, panel.nRows)).values;
    const first = await panelFor(session, basisOf(dayOfSession((firstSession + SPEC.dates - 1) as SessionNumber)), null);
    await crossSection(first);
    const times: Record<'store' | 'panel' | 'crossSection' | 'all', number[]> = { store: [], panel: [], crossSection: [], all: [] };
    for (let k = 0; k < ROUNDS; k++) {
      const { day, ms } = appendDay(ws, firstSession + SPEC.dates + k, prices, noise);
      const start = performance.now();
      const panel = await panelFor(session, basisOf(day), null);
      const continued = performance.now();
      if (panel.returns.buffer !== first.returns.buffer) throw new Error('the panel was built anew');
      const found = await crossSection(panel);
      const done = performance.now();
      // The gate: every tenth day, the whole built anew gives the same bits.
      if (k % 10 === 0) {
        const { panel: bulk } = buildPanel(ws, { ...basisOf(day), settings: panelSettings(settings), securities: null }, CONTEXT);
        if (bitsOf(lastRow(bulk)) !== bitsOf(found)) throw new Error(`day ${k}: other bits`);
        if (Number.isNaN(found[etfCodes.length * FIELD_COUNT + F.l3_res_er!])) throw new Error('the new day has no row');
        continue; // what the check left in the caches is not what a user's day finds
      }
      times.store.push(ms);
      times.panel.push(continued - start);
      times.crossSection.push(done - continued);
      times.all.push(ms + done - start);
    }
    return Object.fromEntries(Object.entries(times).map(([name, list]) => [`${name}Ms`, spread(list)]));
  } finally {
    ws.close();
  }
}

try {
  const { firstSession } = makeWorkspace(folder, SPEC);
  const environment = { ...sourceEnvironment(root), today: benchDay() };
  const session = await openSession(environment, folder);
  const basis: RunBasis = {
    runId: '',
    settings: OLS_252,
    knownAsOf: dayOfSession((firstSession + SPEC.dates - 1) as SessionNumber),
    revision: (await session.reader.call('state', null)).revision,
  };
  const whole = await panelFor(session, basis, null);
  // As after a run: a pool that was never asked anything is not started for a cross-section.
  for (const worker of session.compute) worker.start();
  const stocks = whole.series.flatMap(({ isEtf, securityId }, i) => (isEtf ? [] : [{ securityId, i }]));

  // One date, the panel in memory: another date each time, exposures of every security, then every field.
  const date = async (fields: readonly number[], row: number): Promise<number> => {
    const start = performance.now();
    await fieldsOf(
      session,
      whole,
      OLS_252,
      stocks.map(({ i }) => i),
      fields,
      row,
      row + 1,
    );
    return performance.now() - start;
  };
  const rows = Array.from({ length: ROUNDS + 10 }, (_, k) => whole.nRows - 1 - k);
  const oneDate = { exposures: [] as number[], allFields: [] as number[] };
  for (const row of rows) {
    oneDate.exposures.push(await date(EXPOSURES, row));
    oneDate.allFields.push(await date(ALL_FIELDS, row));
  }

  // One security with its prices read: no other panel is in memory.
  session.panels.clear();
  const onDemand: number[] = [];
  const answers = new Map<number, string>();
  const asked = Array.from({ length: ROUNDS * 3 + 20 }, (_, k) => stocks[(k * 37) % stocks.length]!);
  for (const [k, { securityId, i }] of asked.entries()) {
    const start = performance.now();
    const panel = await panelFor(session, basis, [securityId]);
    const series = seriesIndex(panel).get(securityId)!;
    const block = await fieldsOf(session, panel, OLS_252, [series], EXPOSURES, 0, panel.nRows);
    onDemand.push(performance.now() - start);
    if (k % 20 === 0) {
      const own = await fieldsOf(session, whole, OLS_252, [i], EXPOSURES, 0, whole.nRows);
      if (bitsOf(own.values) !== bitsOf(block.values)) throw new Error('a security on its own has other bits');
      answers.set(securityId, bitsOf(block.values));
    }
  }
  session.panels.clear();
  const append = await measureAppend(session, firstSession);
  await closeSession(session);
  const alone = measureAlone(
    basis,
    asked.map(({ securityId }) => securityId),
    answers,
  );
  const figures = {
    oneDate: { targetMs: 10, exposuresMs: spread(oneDate.exposures.slice(10)), allFieldsMs: spread(oneDate.allFields.slice(10)) },
    oneSecurityOnDemand: { targetMs: 1, workAloneMs: alone, sessionMs: spread(onDemand.slice(20)) },
    appendOneDay: { targetMs: 15, ...append },
  };
  console.log(JSON.stringify(figures, null, 1));
  record('queries', { ...SPEC, rounds: ROUNDS, day: formatIsoDay(basis.knownAsOf as EpochDay), ...figures });
} finally {
  rmSync(work, { recursive: true, force: true });
}
