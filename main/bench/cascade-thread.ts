/**
 * One thread of a benchmark: takes chains from a shared counter until none is left, once per message, and answers the sum of the digests of
 * all securities where the message asks for it.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { createCascade, type Chain, type KernelName, type KernelSettings } from '../quant/cascade/index.ts';
import { SECTORS } from './universe.ts';

export interface ThreadData {
  readonly settings: KernelSettings;
  readonly kernel: KernelName;
  readonly fields: 'all' | 'core';
  readonly dates: number;
  /** Shared: market, sectors, subsectors, stocks, each `dates` long. */
  readonly series: Float64Array;
  readonly subsectors: number;
  readonly group: Int32Array;
  /** First stock of each chain, and one past the last. */
  readonly starts: readonly number[];
  /** [0]: next chain. */
  readonly counter: Int32Array;
}

const { settings, kernel, fields, dates, series, subsectors, group, starts, counter } = workerData as ThreadData;
const column = (k: number) => series.subarray(k * dates, (k + 1) * dates);

// Kept from round to round, as a compute worker keeps them: memory is touched for the first time in the uncounted rounds.
const cascade = createCascade(settings, { firstSession: 0, nRows: dates }, { kernel, fields });
const tile = cascade.tile();
const chains = new Map<number, Chain>();

function chainOf(u: number): Chain {
  let chain = chains.get(u);
  if (chain === undefined) {
    chain = cascade.chain(column(0), column(1 + (u % SECTORS)), column(1 + SECTORS + u));
    chains.set(u, chain);
  }
  return chain;
}

parentPort!.on('message', (digests: boolean) => {
  let sum = 0;
  for (let next = Atomics.add(counter, 0, 1); next < starts.length - 1; next = Atomics.add(counter, 0, 1)) {
    const chain = chainOf(group[starts[next]!]!);
    for (let i = starts[next]!; i < starts[next + 1]!; i++) {
      cascade.security([{ from: 0, to: dates, chain, r: column(1 + SECTORS + subsectors + i) }], dates - 1, tile);
      if (digests) sum = (sum + cascade.digest(0, dates)) >>> 0;
    }
  }
  parentPort!.postMessage(sum);
});
