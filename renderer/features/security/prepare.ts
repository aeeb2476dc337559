/**
 * The first security opens as fast as the others: a few are asked for while nobody waits, so that kernel, readers and the day's facts are
 * in memory, and one is rendered outside the page, so that its code is compiled.
 */
import { flushSync, mount, unmount } from 'svelte';
import { app, picked } from '../../lib/app.svelte.ts';
import { fixed } from '../../lib/format.ts';
import { idle } from '../../lib/idle.ts';
import { drawPlot } from '../../ui/chart/plot.ts';
import Detail from './Detail.svelte';
import { askSecurity, type LoadedSecurity } from './load.ts';
import { bandsOf } from './series.ts';

/** Milliseconds after a book was shown. */
const PREPARE_AFTER = 400;
/** Asked for one after the other: the second still finds code that ran only once. */
const ASKED = 3;

/** What the program was prepared for: it forgets with every change of the data and every run. */
let prepared = '';
let rendered = false;

/** Prepares for the securities a user sees first, once per state of the workspace. Failures are for the screen to tell, when it asks. */
export function prepareSecurities(securityIds: readonly number[]): void {
  const state = JSON.stringify([app.workspace?.opened, app.workspace?.revision, app.runs[0]?.lineage.runId, picked()]);
  if (securityIds.length === 0 || state === prepared) return;
  prepared = state;
  setTimeout(() => void prepare(securityIds.slice(0, ASKED), state).catch(() => undefined), PREPARE_AFTER);
}

/** Whoever is at work elsewhere, or has opened one, must not wait for this. */
const onBook = (): boolean => app.screen === 'book';

async function prepare(securityIds: readonly number[], state: string): Promise<void> {
  for (const securityId of securityIds) {
    if (!onBook() || state !== prepared) return;
    const loaded = await askSecurity({ ...picked(), securityId });
    if (rendered) continue;
    rendered = true;
    for (const part of [renderDetail, drawRatio, renderDetail, drawRatio]) {
      await idle();
      if (onBook()) part(loaded);
    }
  }
}

function renderDetail(loaded: LoadedSecurity): void {
  const outside = mount(Detail, { target: document.createElement('div'), props: loaded });
  flushSync();
  void unmount(outside);
}

/** What has no size is not drawn: a plot is, here, by itself. */
function drawRatio({ fields }: LoadedSecurity): void {
  const [ratio, error] = [fields['l1_mkt_hr'] as Float64Array, fields['l1_mkt_hr_se'] as Float64Array];
  const data = {
    days: fields['day']!,
    lines: [{ values: ratio, colour: 'layer-1', weak: (row: number) => row < 5 }],
    bands: bandsOf({ wire: '', ratio, error }, 'layer-1'),
    markers: [{ day: fields['day']![0]!, shape: 'line' as const }],
    text: (value: number) => fixed(value, 2),
    zero: true,
  };
  const plot = drawPlot(document.createElement('div'), data, { width: 440, height: 168 }, () => undefined);
  // It draws at the end of the task.
  setTimeout(() => plot.destroy());
}
