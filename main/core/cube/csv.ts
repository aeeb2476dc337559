/** The cube as one CSV file. */
import { metricsHeader } from '../../exporters/cube/index.ts';
import { iso, type Hooks } from '../session.ts';
import type { FileDraft } from './draft.ts';
import { inOrder } from './in-order.ts';
import { inTurn, type CubePlan } from './plan.ts';

/** Resolves to the number of rows. */
export async function writeCsv(plan: CubePlan, file: FileDraft, withLineage: boolean, hooks: Hooks): Promise<number> {
  const { panel, units, workers } = plan;
  const columns = plan.columns.map(({ name }, i) => ({ name, index: plan.fields[i]! }));
  const dates = Array.from(panel.days, iso);
  let rows = 0;
  await file.write(new TextEncoder().encode(metricsHeader(columns, withLineage ? plan.lineage : [])));
  await inOrder(
    units.length,
    workers.length,
    (index) => {
      const { series, from, to } = units[index]!;
      const request = { series, columns, from, to, dates: dates.slice(from, to) };
      return inTurn(plan, index, (worker, key) => worker.call('csv', { key, ...request }, { signal: hooks.signal }));
    },
    async (done) => {
      rows += done.rows;
      if (done.bytes.length) await file.write(done.bytes);
    },
    hooks,
  );
  return rows;
}
