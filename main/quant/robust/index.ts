/** The estimators beside the cascade kernel: preset `robust-held` and every other mixture of MODEL.md 4's settings, on the same tiles. */
import { cascadeOf, createCascade, type Axis, type Cascade, type Chain, type KernelName, type KernelOptions } from '../cascade/index.ts';
import { digestRows } from '../cascade/digest.ts';
import type { ChainReturns } from '../cascade/rows.ts';
import { createWeights } from '../cascade/sums.ts';
import { returnsOf, type Implementation } from '../cascade/types.ts';
import { factorSide, type FactorSide, type Tools } from './factors.ts';
import { createHolder } from './held.ts';
import { createSample } from './pass.ts';
import { createStockSide, fitLevel, reach, realise } from './realised.ts';
import { knowsAsOwn, recallLevel, shrinkLevel, solveGroup, type PeerGroup, type SolvedGroup, type SpanPeers } from './peers.ts';
import { fillRecord, RECORD } from './records.ts';
import { createResolver } from './resolved.ts';
import { fillHeld, finishRows, markAlive } from './rows.ts';
import { createSchedule } from './schedule.ts';
import { createShares } from './shares.ts';
import { robustPath, type RobustSettings } from './types.ts';

export { robustPath, type RobustSettings } from './types.ts';
export { createSchedule } from './schedule.ts';
export type { Peer, PeerGroup, SpanPeers } from './peers.ts';

/** Part of the fingerprint of every run that these estimators serve: changes whenever any output bit of theirs can. */
export const ROBUST_VERSION = 'robust-2';

/** The cascade of some settings: the kernel of `../cascade` where it serves them, else an estimator of this folder. Throws RangeError. */
export function createEstimator(settings: RobustSettings, axis: Axis, options: Pick<KernelOptions, 'kernel' | 'tableBytes'> = {}): Cascade {
  if (robustPath(settings) === null) return createCascade(settings, axis, options);
  if (settings.loss === 'huber' && !(settings.huberC > 1)) throw new RangeError(`huberC must be over 1, not ${settings.huberC}`);
  return cascadeOf(createRobust(settings, axis, options.kernel), axis.nRows);
}

interface RobustChain extends Chain {
  factors: FactorSide | null;
  /** Industries solved under this chain. */
  readonly solved: WeakMap<PeerGroup, SolvedGroup>;
}

function createRobust(settings: RobustSettings, axis: Axis, kernel: KernelName | undefined): Implementation {
  const { nRows } = axis;
  const { window } = settings;
  const schedule = createSchedule(axis, settings.refresh);
  const tools: Tools = {
    settings,
    nRows,
    schedule,
    weights: createWeights(window, settings.halfLife, false),
    sample: createSample(window, kernel),
  };
  const path = robustPath(settings)!;
  const side = createStockSide(tools);
  const alive = new Uint8Array(nRows);
  const records = new Float64Array(schedule.rows.length * RECORD);
  const resolver = createResolver(tools);
  const holder = path === 'held' ? createHolder(settings, axis, kernel) : null;
  const shares = createShares(tools, axis);

  /** First and end refresh that rows [from, to) carry. */
  const carriedBy = (from: number, to: number): [number, number] => [Math.max(0, schedule.carried[from]!), schedule.carried[to - 1]! + 1];

  function solvedGroup(chain: RobustChain, factors: FactorSide, group: PeerGroup): SolvedGroup {
    let solved = chain.solved.get(group);
    if (!solved) chain.solved.set(group, (solved = solveGroup(tools, chain, factors, group, side)));
    return solved;
  }

  function solveRealised(
    chain: RobustChain,
    r: Float64Array,
    from: number,
    to: number,
    lastRow: number,
    peers: SpanPeers | undefined,
  ): void {
    const factors = (chain.factors ??= factorSide(tools, chain));
    const group = peers && settings.shrink === 'vasicek' ? solvedGroup(chain, factors, peers.group) : null;
    const known = group !== null && chain.levels > 1 && knowsAsOwn(peers!, r, lastRow);
    const first = reach(tools, from);
    const end = schedule.carried[to - 1]! + 1;
    for (let level = 0; level < chain.levels; level++) {
      if (known) recallLevel(group, peers!.own, level, side.b[level]!, first[level]!, end);
      else fitLevel(tools, level, chain, factors, r, side, first[level]!, end);
      if (group && peers && level > 0) shrinkLevel(group, peers, level as 1 | 2, side.b[level]!, first[level]!, end);
      realise(tools, level, chain, factors, r, alive, side, first[level]!, to);
    }
    const [start] = carriedBy(from, to);
    for (let i = start; i < end; i++) {
      const fit = { b: [side.b[0][i]!, side.b[1][i]!, side.b[2][i]!] as const, lam: factors.links[i]! };
      fillRecord(records, i * RECORD, Array(chain.levels).fill(fit));
    }
  }

  return {
    name: kernel ?? 'typescript',
    tile: null,
    chain: (id: number, returns: ChainReturns): RobustChain => ({ id, ...returns, factors: null, solved: new WeakMap() }),
    release: ({ id }) => holder?.release(id),
    blank(values, from, to) {
      if (from < to) for (let k = 0; k * nRows < values.length; k++) values.fill(NaN, k * nRows + from, k * nRows + to);
    },
    digest: (values, from, to) => digestRows(values, nRows, from, to),
    served(row) {
      const refresh = schedule.carried[row]!;
      const estimated = refresh < 0 ? -1 : schedule.rows[refresh]!;
      const counts = path === 'realised' && refresh >= 0 ? side.b.map((slopes) => slopes[refresh]!.n) : null;
      return { path: alive[row] === 1 ? path : 'none', estimated, counts };
    },
    span(span, before, lastRow, values) {
      const { from, to, peers } = span;
      const chain = span.chain as RobustChain;
      const r = returnsOf(span);
      markAlive(r, to, lastRow, alive);
      const [start, end] = carriedBy(from, to);
      if (path === 'realised') solveRealised(chain, r, from, to, lastRow, peers);
      else
        for (let i = start; i < end; i++) {
          if (holder) holder.record(chain, r, lastRow, schedule.rows[i]!, records, i * RECORD);
          else resolver.record(chain, r, schedule.rows[i]!, records, i * RECORD);
        }
      fillHeld(values, nRows, from, to, chain.levels, schedule, alive, records);
      if (holder) holder.errors(values, from, to, schedule, alive);
      if (path === 'realised') shares(values, chain, r, side, from, to);
      finishRows(values, nRows, from, to, r, chain, before, schedule, alive, records);
    },
  };
}
