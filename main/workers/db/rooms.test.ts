/** Small panels share memory and the funds of their chains: whatever is asked before and after, each has the returns that the whole has. */
import { expect, test } from 'vitest';
import { currentRevision } from '../../../db/index.ts';
import { freshWorkspace } from '../../../db/testing/workspace.ts';
import { createRandom } from '../../quant/cascade/testing/market.ts';
import { returnsOfSeries, type Panel } from '../panel.ts';
import { buildPanel, type PanelRequest } from './panel-builder.ts';
import { createSoak } from './testing/soak.ts';

const CONTEXT = { progress: () => undefined, cancelled: () => false, check: () => undefined };

/** What a panel says of a security: its bits, its late facts, its last row. */
function saidOf(panel: Panel, securityId: number) {
  const i = panel.series.findIndex((one) => one.securityId === securityId);
  const { names, isEtf } = panel.series[i]!;
  const bits = new BigInt64Array(Float64Array.from(returnsOfSeries(panel, i)).buffer);
  return { names, isEtf, bits, epochs: panel.epochs.get(i), lastRow: panel.lastRow[i] };
}

test.each([3, 8])('through corrections, undos and other days of knowledge (%i)', (seed) => {
  const ws = freshWorkspace();
  const soak = createSoak(ws, seed);
  const random = createRandom(seed);
  for (let day = 0; day < 40; day++) soak.step();
  let funds = 0;
  const made: { panel: Panel; said: ReturnType<typeof saidOf>[] }[] = [];
  for (let step = 0; step < 30; step++) {
    soak.step();
    for (const knowledge of ['strict', 'corrected'] as const)
      for (const knownAsOf of [soak.today, soak.today - 9]) {
        const settings = { knowledge, returns: 'auto' as const, schemes: [''] };
        const asked: PanelRequest = { revision: currentRevision(ws), knownAsOf, settings, securities: null };
        const { panel: whole } = buildPanel(ws, asked, CONTEXT);
        const stocks = whole.series.filter(({ isEtf }) => !isEtf);
        for (let k = 0; k < 3; k++) {
          const { securityId } = stocks[Math.floor(random() * stocks.length)]!;
          const { panel } = buildPanel(ws, { ...asked, securities: [securityId] }, CONTEXT);
          const earlier = made.at(-Math.ceil(random() * 40));
          if (earlier) expect(earlier.panel.series.map((one) => saidOf(earlier.panel, one.securityId))).toEqual(earlier.said);
          made.push({ panel, said: panel.series.map((one) => saidOf(panel, one.securityId)) });
          for (const one of panel.series) {
            if (one.isEtf) funds += 1;
            expect([step, knowledge, knownAsOf, saidOf(panel, one.securityId)]).toEqual([
              step,
              knowledge,
              knownAsOf,
              saidOf(whole, one.securityId),
            ]);
          }
        }
      }
  }
  expect(funds).toBeGreaterThan(300);
  ws.close();
});
