/** The proof of the soak: a panel continued day by day ends with the bits of a bulk build, and so do every output over it and a run's pieces. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWorkspace, currentRevision } from '../../../../db/index.ts';
import { OLS_252 } from '../../../contract/settings.ts';
import { FIELD_COUNT } from '../../../quant/cascade/index.ts';
import { copyFields, createFitter } from '../../compute/fits.ts';
import { continueRun, runAll, sameParts } from '../../compute/testing/run.ts';
import { updated, type Panel } from '../../panel.ts';
import type { RunParts } from '../../run-parts.ts';
import { buildPanel } from '../panel-builder.ts';
import { panelAnswer } from '../panels.ts';
import { createSoak } from './soak.ts';

const CONTEXT = { progress: () => undefined, cancelled: () => false, check: () => undefined };
const KERNEL = { ...OLS_252, window: 60, minObs: 30 };

const ALL_FIELDS = Array.from({ length: FIELD_COUNT }, (_, k) => k);

export interface SoakOutcome {
  readonly days: number;
  readonly securities: number;
  /** How often each kind of day came. */
  readonly done: Readonly<Record<string, number>>;
  /** Days on which the panel was continued; on the others it was built anew. */
  readonly continued: number;
  /** Days after which every output of every row was compared with a bulk build, the last one among them. */
  readonly compared: readonly number[];
  /** Of every output of the last day's panel. */
  readonly digest: string;
  readonly rows: number;
}

/** Digest of every field of every row of every series. */
function digestOf(panel: Panel): { digest: string; rows: number } {
  const fitter = createFitter(panel, KERNEL);
  const hash = createHash('sha256');
  let rows = 0;
  panel.series.forEach((_, i) => {
    const { values } = fitter.fit(i);
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    for (let row = 0; row < panel.nRows; row++) if (!Number.isNaN(values[row]!)) rows++;
  });
  return { digest: hash.digest('hex'), rows };
}

/** Appends `days` days with corrections, undos, new classes and dividends; throws on the first bit that differs. */
export function proveSoak(days: number, seed: number, compareEvery: number, onDay: (day: number) => void = () => undefined): SoakOutcome {
  const folder = mkdtempSync(join(tmpdir(), 'soak-'));
  const ws = createWorkspace(join(folder, 'soak.hedgerow'), { softwareVersion: 'soak' });
  try {
    const soak = createSoak(ws, seed);
    const done: Record<string, number> = {};
    const compared: number[] = [];
    let panel: Panel | null = null;
    let parts: RunParts | null = null;
    let continued = 0;
    let last = { digest: '', rows: 0 };
    for (let day = 1; day <= days; day++) {
      onDay(day);
      const what = soak.step();
      done[what] = (done[what] ?? 0) + 1;
      const settings = { knowledge: 'strict', returns: 'auto', schemes: [''] } as const;
      const request = { revision: currentRevision(ws), knownAsOf: soak.today, settings, securities: null };
      const answer = panelAnswer(ws, { ...request, have: panel ? [panel.key] : [] }, CONTEXT);
      if ('update' in answer) continued++;
      const before: Panel | null = panel;
      panel = 'panel' in answer ? answer.panel : updated(before!, answer.update);
      ({ parts } = continueRun(before, parts, panel, KERNEL));
      const newest = panel.nRows - 1;
      const fitter = createFitter(panel, KERNEL);
      const check = day % compareEvery === 0 || day === days;
      const late = panel.series.map((_, i) => {
        const rows = fitter.rows(i, newest, newest + 1);
        const fields = new Float64Array(check ? FIELD_COUNT : 0);
        if (check) copyFields(rows, ALL_FIELDS, newest, newest + 1, fields, 0);
        return fields;
      });
      if (!check) continue;
      compared.push(day);
      const { panel: bulk } = buildPanel(ws, request, CONTEXT);
      last = digestOf(panel);
      if (last.digest !== digestOf(bulk).digest) throw new Error(`day ${day} (${what}): the outputs differ from those of a bulk run`);
      if (!sameParts(parts, runAll(bulk, KERNEL).parts))
        throw new Error(`day ${day} (${what}): the pieces taken over differ from those of a bulk run`);
      const whole = createFitter(bulk, KERNEL);
      late.forEach((fields, i) => {
        const { values } = whole.fit(i);
        for (let f = 0; f < FIELD_COUNT; f++)
          if (!Object.is(values[f * bulk.nRows + newest], fields[f]))
            throw new Error(`day ${day}: field ${f} of series ${i} of the date alone`);
      });
    }
    return { days, securities: panel!.series.length, done, continued, compared, ...last };
  } finally {
    ws.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
