/**
 * A panel continued through appended days, corrections and undos is the one a bulk build gives, and so are the outputs over it; a run that
 * takes over what nothing has changed has the digest of every piece of one that computes everything.
 */
import { describe, expect, test } from 'vitest';
import { commitBatch, currentRevision, undoBatch, type Workspace } from '../../../db/index.ts';
import { freshWorkspace, meta } from '../../../db/testing/workspace.ts';
import { dayOfSession, sessionAtOrBefore } from '../../calendar/index.ts';
import { OLS_252 } from '../../contract/settings.ts';
import { slotOfDay, type Session, type SymbolId } from '../../contract/units.ts';
import { FIELD_COUNT } from '../../quant/cascade/index.ts';
import { copyFields, createFitter } from '../compute/fits.ts';
import { continueRun, runAll, sameParts } from '../compute/testing/run.ts';
import { returnsOfSeries, updated, type Panel } from '../panel.ts';
import type { RunParts } from '../run-parts.ts';
import { buildPanel, type PanelRequest } from './panel-builder.ts';
import { panelAnswer } from './panels.ts';
import { createSoak, type Soak } from './testing/soak.ts';

const CONTEXT = { progress: () => undefined, cancelled: () => false, check: () => undefined };
/** Long enough that the last row of the later ones needs but a part of the axis. */
const [FIRST, DAYS] = [120, 170];
const ALL_FIELDS = Array.from({ length: FIELD_COUNT }, (_, k) => k);
const KERNEL = { ...OLS_252, window: 20, minObs: 10 };

/** Everything a panel says, whatever its name and the rooms its returns lie in. */
function said(panel: Panel) {
  const { key: _, returns: __, stride: ___, place: ____, ...rest } = panel;
  return { ...rest, returns: panel.series.map((_, i) => new BigInt64Array(Float64Array.from(returnsOfSeries(panel, i)).buffer)) };
}

function request(ws: Workspace, soak: Soak, knowledge: 'strict' | 'corrected'): PanelRequest {
  return {
    revision: currentRevision(ws),
    knownAsOf: soak.today,
    settings: { knowledge, returns: 'auto', schemes: [''] },
    securities: null,
  };
}

/** The bits of every field of the last row, computed on the few rows it needs. */
function lastRow(panel: Panel): BigInt64Array {
  const fitter = createFitter(panel, KERNEL);
  const out = new Float64Array(panel.series.length * FIELD_COUNT);
  panel.series.forEach((_, i) => {
    copyFields(fitter.rows(i, panel.nRows - 1, panel.nRows), ALL_FIELDS, panel.nRows - 1, panel.nRows, out, i * FIELD_COUNT);
  });
  return new BigInt64Array(out.buffer);
}

/** The same, computed on the whole history. */
function lastRowOfAll(panel: Panel): BigInt64Array {
  const fitter = createFitter(panel, KERNEL);
  const out = new Float64Array(panel.series.length * FIELD_COUNT);
  panel.series.forEach((_, i) => {
    const { values } = fitter.fit(i);
    for (let f = 0; f < FIELD_COUNT; f++) out[i * FIELD_COUNT + f] = values[(f + 1) * panel.nRows - 1]!;
  });
  return new BigInt64Array(out.buffer);
}

describe.each(['strict', 'corrected'] as const)('knowledge %s', (knowledge) => {
  test(`${DAYS} days with corrections, undos, new classes and dividends`, () => {
    const ws = freshWorkspace();
    const soak = createSoak(ws, knowledge === 'strict' ? 5 : 6);
    for (let day = 0; day < FIRST; day++) soak.step();
    let panel: Panel | null = null;
    let parts: RunParts | null = null;
    let [computed, all, short] = [0, 0, 0];
    const continued: Record<string, number> = {};
    for (let day = FIRST; day < DAYS; day++) {
      const what = soak.step();
      const asked = request(ws, soak, knowledge);
      const answer = panelAnswer(ws, { ...asked, have: panel ? [panel.key] : [] }, CONTEXT);
      const before: Panel | null = panel;
      const kept = before && said(before);
      panel = 'panel' in answer ? answer.panel : updated(before!, answer.update);
      if ('update' in answer) continued[what] = (continued[what] ?? 0) + 1;
      const { panel: bulk } = buildPanel(ws, asked, CONTEXT);
      expect([day, what, said(panel)]).toEqual([day, what, said(bulk)]);
      // Whoever still works on the earlier panel sees what it saw.
      expect(before && said(before)).toEqual(kept);
      const run = continueRun(before, parts, panel, KERNEL);
      ({ parts } = run);
      const whole = runAll(bulk, KERNEL);
      computed += run.rows;
      all += whole.rows;
      expect([day, what, sameParts(run.parts, whole.parts)]).toEqual([day, what, true]);
      // The few rows of each day continue those of the day before.
      const last = lastRow(panel);
      short += Number(createFitter(panel, KERNEL).rows(0, panel.nRows - 1, panel.nRows).start > 0);
      if (day % 5 === 0) {
        expect([day, what, last]).toEqual([day, what, lastRow(bulk)]);
        expect([day, what, last]).toEqual([day, what, lastRowOfAll(bulk)]);
      }
    }
    // Most steps touch one day or one series; a dividend and a correction do not need the rest either.
    expect(Object.values(continued).reduce((sum, n) => sum + n, 0)).toBeGreaterThan(0.7 * (DAYS - FIRST));
    expect(continued.corrected).toBeGreaterThan(0);
    expect(computed).toBeLessThan(0.9 * all);
    expect(short).toBeGreaterThan(10);
    ws.close();
  });
});

test('a day taken back at either end is gone from the axis of the panel that follows', () => {
  const ws = freshWorkspace();
  const soak = createSoak(ws, 7);
  for (let day = 0; day < 40; day++) soak.step();
  // So few names that the others need not be formed anew.
  const next = dayOfSession((sessionAtOrBefore(soak.today) + 1) as Session);
  const { batchId: last } = commitBatch(ws, meta({ importDay: next }), (writer) => {
    const [symbolId] = writer.symbols([{ type: 'ticker', code: 'S0' }]);
    writer.block({
      symbolId: symbolId!,
      field: 'close',
      firstSlot: slotOfDay(next)!,
      values: Float64Array.of(51),
      known: null,
      anchored: false,
    });
  });
  const now = (): PanelRequest => ({ ...request(ws, soak, 'strict'), knownAsOf: next });
  const ask = (panel: Panel | null): Panel => {
    const answer = panelAnswer(ws, { ...now(), have: panel ? [panel.key] : [] }, CONTEXT);
    return 'panel' in answer ? answer.panel : updated(panel!, answer.update);
  };
  const whole = ask(null);
  for (const batchId of [last, 2]) {
    const before = ask(null);
    undoBatch(ws, batchId);
    expect(said(ask(before))).toEqual(said(buildPanel(ws, now(), CONTEXT).panel));
  }
  expect(ask(null).nRows).toBe(whole.nRows - 2);
  ws.close();
});

describe.each(['delisting', 'merger'] as const)('a %s that is known ahead', (type) => {
  test.each([
    ['no more prices', 3],
    ['prices of later days', 6],
  ])('ends the series when its day comes, with %s', (_, priced) => {
    const ws = freshWorkspace();
    const soak = createSoak(ws, 8);
    for (let day = 0; day < 40; day++) soak.step();
    const session = sessionAtOrBefore(soak.today) as number;
    const day = (ahead: number) => dayOfSession((session + ahead) as Session);
    commitBatch(ws, meta({ kind: 'actions', importDay: soak.today }), (writer) => {
      const [symbolId] = writer.symbols([{ type: 'ticker', code: 'S2' }]);
      const value = type === 'merger' ? 40 : -0.5;
      writer.actions([{ symbolId: symbolId as SymbolId, exDay: day(3), type, value, knownFrom: soak.today, line: 1 }]);
    });
    let panel: Panel | null = null;
    let continued = 0;
    for (let ahead = 0; ahead < 7; ahead++) {
      if (ahead > 0)
        commitBatch(ws, meta({ importDay: day(ahead) }), (writer) => {
          const codes = ahead <= priced ? ['S2', 'S3'] : ['S3'];
          const firstSlot = slotOfDay(day(ahead))!;
          for (const symbolId of writer.symbols(codes.map((code) => ({ type: 'ticker', code }))))
            writer.block({ symbolId, field: 'close', firstSlot, values: Float64Array.of(50 + ahead), known: null, anchored: false });
        });
      const now: PanelRequest = { ...request(ws, soak, 'strict'), knownAsOf: day(ahead) };
      const answer = panelAnswer(ws, { ...now, have: panel ? [panel.key] : [] }, CONTEXT);
      panel = 'panel' in answer ? answer.panel : updated(panel!, answer.update);
      continued += Number('update' in answer);
      expect([ahead, said(panel)]).toEqual([ahead, said(buildPanel(ws, now, CONTEXT).panel)]);
    }
    expect(continued).toBeGreaterThan(0);
    ws.close();
  });
});
