/** Runs in one thread, for tests. */
import type { RobustSettings } from '../../../quant/robust/index.ts';
import type { Panel } from '../../panel.ts';
import { createParts, type RunParts } from '../../run-parts.ts';
import { takeOver } from '../changed-pieces.ts';
import { createFitter } from '../fits.ts';
import { summarize } from '../summarize.ts';

const CONTEXT = { progress: () => undefined, cancelled: () => false, check: () => undefined };

const planned = ({ planStart }: Panel, i: number): boolean => planStart[i + 1]! > planStart[i]!;

function compute(panel: Panel, settings: RobustSettings, units: readonly number[], parts: RunParts): void {
  const work = { units: Int32Array.from(units), turns: Int32Array.of(0, units.length / 3), counter: new Int32Array(1) };
  summarize(createFitter(panel, settings), work, parts, CONTEXT);
}

/** Every piece of a panel, computed. */
export function runAll(panel: Panel, settings: RobustSettings): { parts: RunParts; rows: number } {
  const parts = createParts(panel);
  const units = panel.series.flatMap((_, i) => (planned(panel, i) ? [i, 0, panel.nRows] : []));
  compute(panel, settings, units, parts);
  return { parts, rows: (units.length / 3) * panel.nRows };
}

/** The pieces that differ computed, the others taken from the earlier run; everything when there is none. */
export function continueRun(
  before: Panel | null,
  earlier: RunParts | null,
  panel: Panel,
  settings: RobustSettings,
): { parts: RunParts; rows: number } {
  if (before === null || earlier === null) return runAll(panel, settings);
  const parts = createParts(panel);
  const order = Int32Array.from([...panel.series.keys()].filter((i) => planned(panel, i)));
  const units = [...takeOver({ panel: before, parts: earlier }, panel, settings.window, order, parts)];
  compute(panel, settings, units, parts);
  let rows = 0;
  for (let unit = 0; unit < units.length; unit += 3) rows += units[unit + 2]! - units[unit + 1]!;
  return { parts, rows };
}

/** Whether two runs over equal panels have the same digests, counts and deviations. */
export function sameParts(a: RunParts, b: RunParts): boolean {
  return (['digests', 'counts', 'worst'] as const).every(
    (name) => Buffer.compare(Buffer.from(a[name].buffer), Buffer.from(b[name].buffer)) === 0,
  );
}
