/** Factor sums where the stock misses a few returns that all its ETFs have: cascade/holes.ts, two sums per vector. */
import { FACTOR_BYTES, holes, slotHas, slotSpreads, slotSums, sums, window } from './layout';
import { factorSumsEqual } from './sums';

/** A window with more holes has sums of its own. */
export const MOST_HOLES: i32 = 24;
/** Where less than this share of a sum of squares would stay, the row has sums of its own, too. */
const LEAST_SHARE: f64 = 1 / 64;

/**
 * Sums of rows [from, to) of the block at `start`: the shared ones, which must be there, less the rows of `holes` in the window. Windows with the
 * same holes lie together and share their sum.
 */
export function lessHoles(count: i32, slot: usize, start: i32, from: i32, to: i32, levels: i32, r: usize): void {
  const spreads = slotSpreads(slot);
  const share = f64x2.splat(LEAST_SHARE);
  let gone = 0;
  let reached = 0;
  for (let t = from; t < to; ) {
    while (gone < count && load<i32>(holes + (gone << 2)) <= t - window) gone++;
    while (reached < count && load<i32>(holes + (reached << 2)) <= t) reached++;
    let end = to;
    if (reached < count) end = min(end, load<i32>(holes + (reached << 2)));
    if (gone < reached) end = min(end, load<i32>(holes + (gone << 2)) + window);
    let n = f64x2.splat(0);
    let b = n;
    let c = n;
    let d = n;
    let e = n;
    let f = n;
    for (let i = gone; i < reached; i++) {
      const at = spreads + (load<i32>(holes + (i << 2)) << 5);
      const x = v128.load(at);
      const z = v128.load64_splat(at + 16);
      const pq = v128.shuffle<f64>(x, z, 1, 2);
      n = f64x2.add(n, f64x2.splat(1));
      b = f64x2.add(b, x);
      c = f64x2.add(c, z);
      d = f64x2.add(d, f64x2.mul(v128.shuffle<f64>(x, x, 0, 0), x));
      e = f64x2.add(e, f64x2.mul(x, z));
      f = f64x2.add(f, f64x2.mul(pq, pq));
    }
    for (; t < end; t++) {
      const x = slotSums(slot) + t * FACTOR_BYTES;
      const o = sums + (t - from) * FACTOR_BYTES;
      const market = v128.load(x, 48);
      const spread = v128.load(x, 80);
      const marketLeft = f64x2.sub(market, d);
      const spreadLeft = f64x2.sub(spread, f);
      v128.store(o, f64x2.sub(v128.load(x), n));
      v128.store(o, f64x2.sub(v128.load(x, 16), b), 16);
      v128.store(o, f64x2.sub(v128.load(x, 32), c), 32);
      v128.store(o, marketLeft, 48);
      v128.store(o, f64x2.sub(v128.load(x, 64), e), 64);
      v128.store(o, spreadLeft, 80);
      const low =
        i64x2.bitmask(f64x2.lt(spreadLeft, f64x2.mul(spread, share))) | (i64x2.bitmask(f64x2.lt(marketLeft, f64x2.mul(market, share))) & 1);
      if (low !== 0) factorSumsEqual(start, t, t + 1, levels, slotHas(slot, levels - 1), r, spreads, o);
    }
  }
}
