/** The cube as a Zarr store: a folder, dimensions ticker and date. */
import { deflateSync } from 'node:zlib';
import { CHUNK_TICKERS, zarrHead } from '../../exporters/cube/index.ts';
import type { CubeUnit } from '../../workers/compute/cube.ts';
import type { Hooks } from '../session.ts';
import { inOrder } from './in-order.ts';
import type { FolderDraft } from './draft.ts';
import { inTurn, type CubePlan } from './plan.ts';

/** Files written at a time. */
const WRITES = 16;

/** Resolves to the number of (ticker, date) pairs with a row. */
export async function writeZarr(plan: CubePlan, folder: FolderDraft, hooks: Hooks): Promise<number> {
  const { columns, fields, workers, panel, from, to } = plan;
  const lines = linesOf(plan);
  const tickers = [...lines.keys()];
  const stretches = [...lines.values()];
  const bands = Math.ceil(tickers.length / CHUNK_TICKERS);
  for (const { path, bytes } of zarrHead(columns, { tickers, days: panel.days.slice(from, to) }, plan.lineage, (raw) => deflateSync(raw)))
    await folder.put(path, bytes);
  let rows = 0;
  await inOrder(
    bands,
    workers.length,
    (band) =>
      inTurn(plan, band, (worker, key) =>
        worker.call(
          'zarrChunks',
          { key, band, lines: stretches.slice(band * CHUNK_TICKERS, (band + 1) * CHUNK_TICKERS), columns, fields, from, to },
          { signal: hooks.signal },
        ),
      ),
    async (done) => {
      rows += done.rows;
      for (let i = 0; i < done.files.length; i += WRITES)
        await Promise.all(done.files.slice(i, i + WRITES).map(({ path, bytes }) => folder.put(path, bytes)));
    },
    hooks,
    2,
  );
  return rows;
}

/**
 * Stretches by the label of their row in the store. A label names one security on one date; where two securities share a
 * ticker on a date (on two exchanges), the later one's rows are labelled with its id as well.
 */
function linesOf({ units, panel }: CubePlan): Map<string, CubeUnit[]> {
  const lines = new Map<string, CubeUnit[]>();
  for (const unit of units) {
    const plain = lines.get(unit.ticker);
    const free = !plain || plain.at(-1)!.to <= unit.from;
    const label = free ? unit.ticker : `${unit.ticker} #${panel.series[unit.series]!.securityId}`;
    const line = lines.get(label);
    if (line) line.push(unit);
    else lines.set(label, [unit]);
  }
  return lines;
}
