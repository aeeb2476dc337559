/** Vasicek shrinkage (MODEL.md 4): slopes of levels 2 and 3 drawn towards those of the industry. */
import type { ChainReturns } from '../cascade/rows.ts';
import { fitLevel, realise, type StockSide } from './realised.ts';
import type { FactorSide, Tools } from './factors.ts';
import { markAlive } from './rows.ts';
import { ENDED, type Slope } from './slope.ts';

/** One security of an industry, by refresh. */
export interface Peer {
  readonly r: Float64Array;
  readonly lastRow: number;
  /** 1 where it belongs to the industry and is not masked. */
  readonly member: Uint8Array;
  /** 1 where it is not masked: its own past slopes are drawn as if the chain had always held, as they are on its own rows. */
  readonly unmasked: Uint8Array;
  /** log(capitalisation + 1); 0 without one. */
  readonly weight: Float64Array;
}

/** The securities of one chain and industry; the same object as long as nothing about them changes, so that they are solved once. */
export interface PeerGroup {
  readonly peers: readonly Peer[];
}

/** The group of a span, the security's place in it (-1 when it never was a member) and its own weight and mask by refresh. */
export interface SpanPeers {
  readonly group: PeerGroup;
  readonly own: number;
  readonly member: Uint8Array;
  readonly weight: Float64Array;
}

/** Fewest peers of a mean. */
const LEAST_PEERS = 5;

/** Estimates of one level at every refresh: `value[peer][refresh]`; NaN where there is no slope. */
interface Estimates {
  readonly value: readonly Float64Array[];
  readonly variance: readonly Float64Array[];
}

export interface SolvedGroup {
  readonly group: PeerGroup;
  /** Of levels 2 and 3, before shrinking. */
  readonly estimates: readonly [Estimates, Estimates];
}

interface Entry {
  readonly value: number;
  readonly variance: number;
  readonly weight: number;
}

/** Draws a slope towards the weighted mean of its peers, itself included; unchanged when there are too few or none has a weight. */
export function shrunk(value: number, variance: number, peers: readonly Entry[]): number {
  if (peers.length < LEAST_PEERS) return value;
  // In the order of their values: the sum does not depend on who was imported first.
  const sorted = [...peers].sort((a, b) => a.value - b.value || a.weight - b.weight || a.variance - b.variance);
  let w = 0;
  let ww = 0;
  let sum = 0;
  let noise = 0;
  for (const one of sorted) {
    w += one.weight;
    ww += one.weight * one.weight;
    sum += one.weight * one.value;
    noise += one.variance;
  }
  const mean = sum / w;
  const freedom = 1 - ww / (w * w);
  if (!(w > 0) || !(freedom > 0)) return value;
  let squares = 0;
  for (const one of sorted) squares += one.weight * (one.value - mean) ** 2;
  const spread = Math.max(0, squares / w / freedom - noise / sorted.length);
  const share = variance / (variance + spread);
  return share === share ? (1 - share) * value + share * mean : value;
}

/** Shrinks the slopes of level 2 or 3 (`level` 1 or 2) of one security at the refreshes [first, end), in place. */
export function shrinkLevel(
  solved: SolvedGroup,
  peers: SpanPeers,
  level: 1 | 2,
  slopes: readonly Slope[],
  first: number,
  end: number,
): void {
  const { group, estimates } = solved;
  const { value, variance } = estimates[level - 1]!;
  for (let i = first; i < end; i++) {
    const slope = slopes[i]!;
    if (slope.ended !== ENDED.solved) continue;
    const others: Entry[] = [];
    group.peers.forEach((peer, j) => {
      const one = value[j]![i]!;
      if (j !== peers.own && peer.member[i] === 1 && one === one)
        others.push({ value: one, variance: variance[j]![i]!, weight: peer.weight[i]! });
    });
    if (peers.member[i] === 1) others.push({ value: slope.value, variance: slope.variance, weight: peers.weight[i]! });
    slope.value = shrunk(slope.value, slope.variance, others);
  }
}

/** Estimates of every peer under the chain, level by level: level 3 rests on what the shrunk slopes of level 2 left. */
export function solveGroup(tools: Tools, chain: ChainReturns, factors: FactorSide, group: PeerGroup, side: StockSide): SolvedGroup {
  const { schedule, nRows } = tools;
  const count = schedule.rows.length;
  const alive = new Uint8Array(nRows);
  const columns = (): Float64Array[] => group.peers.map(() => new Float64Array(count).fill(NaN));
  const estimates: [Estimates, Estimates] = [
    { value: columns(), variance: columns() },
    { value: columns(), variance: columns() },
  ];
  const solved: SolvedGroup = { group, estimates };
  const keep = (level: 1 | 2, j: number): void => {
    side.b[level].forEach((slope, i) => {
      if (slope.ended !== ENDED.solved) return;
      estimates[level - 1]!.value[j]![i] = slope.value;
      estimates[level - 1]!.variance[j]![i] = slope.variance;
    });
  };
  if (chain.levels === 1) return solved;
  const above = group.peers.map(({ r, lastRow }, j) => {
    markAlive(r, nRows, lastRow, alive);
    fitLevel(tools, 0, chain, factors, r, side, 0, count);
    realise(tools, 0, chain, factors, r, alive, side, 0, nRows);
    fitLevel(tools, 1, chain, factors, r, side, 0, count);
    keep(1, j);
    return { e: side.e[0].slice(), slopes: side.b[1].map((slope) => ({ ...slope })) };
  });
  if (chain.levels === 2) return solved;
  group.peers.forEach(({ r, lastRow, unmasked: member, weight }, own) => {
    markAlive(r, nRows, lastRow, alive);
    side.e[0].set(above[own]!.e);
    above[own]!.slopes.forEach((slope, i) => Object.assign(side.b[1][i]!, slope));
    shrinkLevel(solved, { group, own, member, weight }, 1, side.b[1], 0, count);
    realise(tools, 1, chain, factors, r, alive, side, 0, nRows);
    fitLevel(tools, 2, chain, factors, r, side, 0, count);
    keep(2, own);
  });
  return solved;
}
