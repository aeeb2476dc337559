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

/** Slopes of a security at every refresh as they came out of their regressions: SLOPE numbers each. */
type Fits = Float64Array;
const SLOPE = 4;
const VALUE = 0;
const VARIANCE = 1;
const COUNT = 2;
const END = 3;

export interface SolvedGroup {
  readonly group: PeerGroup;
  /** `fits[level][peer]`, before shrinking; a level that the chain lacks has none. */
  readonly fits: readonly [Fits[], Fits[], Fits[]];
  /** Of levels 2 and 3 by refresh: what all members together draw towards, worked out when it is first asked for. */
  readonly aims: readonly [(Aim | null)[], (Aim | null)[]];
}

interface Entry {
  readonly value: number;
  readonly variance: number;
  readonly weight: number;
}

/** What slopes are drawn towards: the weighted mean of the peers, and the variance of their true slopes (`tau^2`). */
interface Aim {
  readonly mean: number;
  readonly spread: number;
}

/** null when there are too few peers or none has a weight. */
function aimOf(peers: Entry[]): Aim | null {
  if (peers.length < LEAST_PEERS) return null;
  // In the order of their values: the sum does not depend on who was imported first.
  peers.sort((a, b) => a.value - b.value || a.weight - b.weight || a.variance - b.variance);
  let w = 0;
  let ww = 0;
  let sum = 0;
  let noise = 0;
  for (const one of peers) {
    w += one.weight;
    ww += one.weight * one.weight;
    sum += one.weight * one.value;
    noise += one.variance;
  }
  const mean = sum / w;
  const freedom = 1 - ww / (w * w);
  if (!(w > 0) || !(freedom > 0)) return null;
  let squares = 0;
  for (const one of peers) squares += one.weight * (one.value - mean) ** 2;
  return { mean, spread: Math.max(0, squares / w / freedom - noise / peers.length) };
}

function drawn(value: number, variance: number, aim: Aim | null): number {
  if (aim === null) return value;
  const share = variance / (variance + aim.spread);
  return share === share ? (1 - share) * value + share * aim.mean : value;
}

/** Draws a slope towards the weighted mean of its peers, itself included; unchanged when there are too few or none has a weight. */
export const shrunk = (value: number, variance: number, peers: readonly Entry[]): number => drawn(value, variance, aimOf([...peers]));

/** What the members of a group have at a refresh, but for the peer `except`. */
function entriesAt({ group, fits }: SolvedGroup, level: 1 | 2, i: number, except: number): Entry[] {
  const entries: Entry[] = [];
  group.peers.forEach(({ member, weight }, j) => {
    const fit = fits[level][j]!;
    const at = i * SLOPE;
    if (j !== except && member[i] === 1 && fit[at + END] === ENDED.solved)
      entries.push({ value: fit[at + VALUE]!, variance: fit[at + VARIANCE]!, weight: weight[i]! });
  });
  return entries;
}

/** Shrinks the slopes of level 2 or 3 (`level` 1 or 2) of one security at the refreshes [first, end), in place. */
export function shrinkLevel(
  solved: SolvedGroup,
  { own, member, weight }: SpanPeers,
  level: 1 | 2,
  slopes: readonly Slope[],
  first: number,
  end: number,
): void {
  const aims = solved.aims[level - 1]!;
  const self = solved.group.peers[own];
  const fit = solved.fits[level][own];
  for (let i = first; i < end; i++) {
    const slope = slopes[i]!;
    if (slope.ended !== ENDED.solved) continue;
    const at = i * SLOPE;
    const counts = member[i] === 1;
    const known = self !== undefined && self.member[i] === 1 && fit![at + END] === ENDED.solved;
    // Nearly always the group knows the security as it is: then one sum serves all members.
    const same = known && fit![at + VALUE] === slope.value && fit![at + VARIANCE] === slope.variance && self.weight[i] === weight[i];
    let aim: Aim | null;
    if (counts ? same : !known) aim = aims[i] === undefined ? (aims[i] = aimOf(entriesAt(solved, level, i, -1))) : aims[i]!;
    else {
      const entries = entriesAt(solved, level, i, own);
      if (counts) entries.push({ value: slope.value, variance: slope.variance, weight: weight[i]! });
      aim = aimOf(entries);
    }
    slope.value = drawn(slope.value, slope.variance, aim);
  }
}

/** Whether the group's fits of the peer `own` are those of a security: the same returns, weights and mask. */
export function knowsAsOwn({ group, own, member, weight }: SpanPeers, r: Float64Array, lastRow: number): boolean {
  const peer = group.peers[own];
  if (peer === undefined || peer.lastRow !== lastRow) return false;
  if (peer.r.buffer !== r.buffer || peer.r.byteOffset !== r.byteOffset || peer.r.length !== r.length) return false;
  return peer.unmasked.every((one, i) => one === member[i]) && peer.weight.every((one, i) => one === weight[i]);
}

/** Lays the fits of a peer over the slopes of a level at the refreshes [first, end). */
export function recallLevel({ fits }: SolvedGroup, own: number, level: number, slopes: readonly Slope[], first: number, end: number): void {
  const fit = fits[level]![own]!;
  for (let i = first; i < end; i++) {
    const slope = slopes[i]!;
    slope.value = fit[i * SLOPE + VALUE]!;
    slope.variance = fit[i * SLOPE + VARIANCE]!;
    slope.n = fit[i * SLOPE + COUNT]!;
    slope.ended = fit[i * SLOPE + END]!;
  }
}

/** Estimates of every peer under the chain, level by level: level 3 rests on what the shrunk slopes of level 2 left. */
export function solveGroup(tools: Tools, chain: ChainReturns, factors: FactorSide, group: PeerGroup, side: StockSide): SolvedGroup {
  const { schedule, nRows } = tools;
  const count = schedule.rows.length;
  const alive = new Uint8Array(nRows);
  const fits: [Fits[], Fits[], Fits[]] = [[], [], []];
  const solved: SolvedGroup = { group, fits, aims: [[], []] };
  const solve = (level: number, { r }: Peer): void => {
    fitLevel(tools, level, chain, factors, r, side, 0, count);
    const fit = new Float64Array(count * SLOPE);
    side.b[level]!.forEach(({ value, variance, n, ended }, i) => fit.set([value, variance, n, ended], i * SLOPE));
    fits[level]!.push(fit);
  };
  const carry = (level: number, { r }: Peer): void => realise(tools, level, chain, factors, r, alive, side, 0, nRows);
  if (chain.levels === 1) return solved;
  const above = group.peers.map((peer) => {
    markAlive(peer.r, nRows, peer.lastRow, alive);
    solve(0, peer);
    carry(0, peer);
    solve(1, peer);
    return side.e[0].slice();
  });
  if (chain.levels === 2) return solved;
  group.peers.forEach((peer, own) => {
    markAlive(peer.r, nRows, peer.lastRow, alive);
    side.e[0].set(above[own]!);
    recallLevel(solved, own, 1, side.b[1], 0, count);
    shrinkLevel(solved, { group, own, member: peer.unmasked, weight: peer.weight }, 1, side.b[1], 0, count);
    carry(1, peer);
    solve(2, peer);
  });
  return solved;
}
