import { describe, expect, it } from 'vitest';
import { compareRow, createComparison, createMarket, punch, worstOf } from '../cascade/testing/market.ts';
import { createEstimator, createSchedule, type Peer, type RobustSettings } from './index.ts';
import { shrunk } from './peers.ts';
import { HELD } from './testing/cases.ts';
import { oracleRows } from './testing/oracle.ts';

const N = 330;
const FIRST = 12_345;
const settings: RobustSettings = { ...HELD, window: 63, minObs: 31, shrink: 'vasicek' };
const { m, s, u } = createMarket(3, N);
const schedule = createSchedule({ firstSession: FIRST, nRows: N }, 'month-end');

/** Seven companies of one industry: one masked for a while, one without a capitalisation, one that joins late. */
const industry = Array.from({ length: 7 }, (_, j): Peer => {
  const own = createMarket(40 + j, N).r;
  const r = punch(
    own.map((x, t) => 0.6 * x + (0.4 + j / 5) * (s[t]! - m[t]!) + 0.3 * u[t]!),
    90 + j,
    0.02,
  );
  return {
    r,
    lastRow: N - 1,
    member: Uint8Array.from(schedule.rows, (row) => ((j === 2 && row < 200) || (j === 6 && row < 150) ? 0 : 1)),
    unmasked: Uint8Array.from(schedule.rows, (row) => (j === 2 && row < 200 ? 0 : 1)),
    weight: Float64Array.from(schedule.rows, () => (j === 4 ? 0 : Math.log(1e9 * (j + 1) ** 3 + 1))),
  };
});

/** MODEL.md 4 word for word. */
function vasicek(value: number, variance: number, peers: readonly { b: number; v: number; w: number }[]): number {
  const all = peers.reduce((sum, one) => sum + one.w, 0);
  if (peers.length < 5 || all === 0) return value;
  const mean = peers.reduce((sum, one) => sum + one.w * one.b, 0) / all;
  const sample =
    peers.reduce((sum, one) => sum + one.w * (one.b - mean) ** 2, 0) /
    all /
    (1 - peers.reduce((sum, one) => sum + one.w ** 2, 0) / all ** 2);
  const noise = peers.reduce((sum, one) => sum + one.v, 0) / peers.length;
  const a = variance / (variance + Math.max(0, sample - noise));
  return (1 - a) * value + a * mean;
}

/** Brute force for one company: hats of all peers, level by level. `outsider`: its own weight and membership when it is no peer. */
function oracle(peers: readonly Peer[], one: Peer, own: number): ReturnType<typeof oracleRows> {
  const chain = { m, s, u };
  const hats = [2, 3].map(() => peers.map(() => new Map<number, { b: number; v: number }>()));
  const shrinkTo = (level: number, row: number, hat: number, variance: number, self: Peer, at: number): number => {
    const i = schedule.rows.indexOf(row);
    const list = peers.flatMap((peer, j) => {
      const found = hats[level - 2]![j]!.get(row);
      return j === at || !found || peer.member[i] === 0 ? [] : [{ ...found, w: peer.weight[i]! }];
    });
    if (self.member[i] === 1) list.push({ b: hat, v: variance, w: self.weight[i]! });
    return vasicek(hat, variance, list);
  };
  for (const collected of [2, 3])
    peers.forEach((peer, j) =>
      oracleRows({
        settings,
        firstSession: FIRST,
        chain,
        r: peer.r,
        lastRow: N - 1,
        shrink(level, row, hat, variance) {
          if (level === collected) hats[level - 2]![j]!.set(row, { b: hat, v: variance });
          // A peer looks back as its own rows do: as if it had always been of the industry.
          return level < collected ? shrinkTo(level, row, hat, variance, { ...peer, member: peer.unmasked }, j) : hat;
        },
      }),
    );
  return oracleRows({
    settings,
    firstSession: FIRST,
    chain,
    r: one.r,
    lastRow: N - 1,
    shrink: (level, row, hat, variance) => shrinkTo(level, row, hat, variance, one, own),
  });
}

function estimate(peers: readonly Peer[], one: Peer, own: number) {
  const estimator = createEstimator(settings, { firstSession: FIRST, nRows: N });
  const tile = estimator.tile();
  const span = { from: 0, to: N, chain: estimator.chain(m, s, u), r: one.r };
  estimator.security([{ ...span, peers: { group: { peers }, own, member: one.member, weight: one.weight } }], N - 1, tile);
  return tile;
}

describe('slopes shrunk towards the industry', () => {
  it('agree with brute force on every field of every row: members, and a company that only looks back under the chain', () => {
    const found = createComparison();
    for (const own of [4]) {
      const want = oracle(industry, industry[own]!, own);
      const tile = estimate(industry, industry[own]!, own);
      want.forEach((row, t) => compareRow(found, tile, t, row, row ?? {}));
    }
    const rest = industry.slice(1);
    const outsider = { ...industry[0]!, member: new Uint8Array(schedule.rows.length).fill(1) };
    const want = oracle(rest, outsider, -1);
    const tile = estimate(rest, outsider, -1);
    want.forEach((row, t) => compareRow(found, tile, t, row, row ?? {}));
    expect(found.mismatches).toEqual([]);
    expect(worstOf(found)).toBeLessThan(1e-10);
  });

  it('do not depend on the order of the peers', () => {
    const order = [5, 3, 0, 6, 1, 4, 2];
    const a = estimate(industry, industry[0]!, 0);
    const b = estimate(
      order.map((j) => industry[j]!),
      industry[0]!,
      order.indexOf(0),
    );
    expect(a.values).toEqual(b.values);
  });

  it('are the same whether the industry was solved with the security in it or it is solved by itself', () => {
    for (const own of [0, 2, 4, 6]) {
      const copy = { ...industry[own]!, r: industry[own]!.r.slice() };
      expect(estimate(industry, industry[own]!, own).values).toEqual(estimate(industry, copy, own).values);
    }
  });

  it('stay as they are with fewer than five peers or without any capitalisation, and move a level 1 slope never', () => {
    const few = industry.slice(0, 4);
    const plain = createEstimator({ ...settings, shrink: 'none' }, { firstSession: FIRST, nRows: N });
    plain.security([{ from: 0, to: N, chain: plain.chain(m, s, u), r: industry[0]!.r }], N - 1, plain.tile());
    expect(estimate(few, industry[0]!, 0).values).toEqual(plain.tile().values);
    const entries = [1, 2, 3, 4, 5].map((value) => ({ value, variance: 0.1, weight: 0 }));
    expect(shrunk(9, 1, entries)).toBe(9);
    const five = entries.map((one) => ({ ...one, weight: 1 }));
    expect(shrunk(9, 1, five)).toBeLessThan(9);
    expect(shrunk(9, 0, five)).toBe(9);
  });
});
