/** The sums of one step of Huber's estimator, even rows in one lane and odd rows in the other; twin of `plainPass` in robust/pass.ts. */

@inline
function add(a: v128, b: v128): v128 {
  return f64x2.add(a, b);
}
@inline
function mul(a: v128, b: v128): v128 {
  return f64x2.mul(a, b);
}
@inline
function both(x: v128): f64 {
  return f64x2.extract_lane(x, 0) + f64x2.extract_lane(x, 1);
}

/** Rows lie at x, y, w (two spare values behind the last); nine sums go to `out`. */
export function pass(x: usize, y: usize, w: usize, n: i32, a: f64, b: f64, limit: f64, out: usize): void {
  // A half pair is filled with a row of weight 0.
  if (n & 1) {
    const at = <usize>n << 3;
    store<f64>(x + at, 0);
    store<f64>(y + at, 0);
    store<f64>(w + at, 0);
  }
  const level = f64x2.splat(a);
  const slope = f64x2.splat(b);
  const bound = f64x2.splat(limit);
  const signBit = f64x2.splat(-0.0);
  let inW = f64x2.splat(0);
  let inX = inW;
  let inXX = inW;
  let inE = inW;
  let inXE = inW;
  let inEE = inW;
  let outW = inW;
  let signs = inW;
  let signsX = inW;
  const end = <usize>((n + 1) & ~1) << 3;
  for (let i: usize = 0; i < end; i += 16) {
    const xi = v128.load(x + i);
    const wi = v128.load(w + i);
    const e = f64x2.sub(f64x2.sub(v128.load(y + i), level), mul(slope, xi));
    const inside = f64x2.le(f64x2.abs(e), bound);
    const wIn = v128.and(wi, inside);
    const wOut = v128.andnot(wi, inside);
    const signed = v128.or(wOut, v128.and(e, signBit));
    const wx = mul(wIn, xi);
    const we = mul(wIn, e);
    inW = add(inW, wIn);
    inX = add(inX, wx);
    inXX = add(inXX, mul(wx, xi));
    inE = add(inE, we);
    inXE = add(inXE, mul(wx, e));
    inEE = add(inEE, mul(we, e));
    outW = add(outW, wOut);
    signs = add(signs, signed);
    signsX = add(signsX, mul(signed, xi));
  }
  store<f64>(out, both(inW));
  store<f64>(out, both(inX), 8);
  store<f64>(out, both(inXX), 16);
  store<f64>(out, both(inE), 24);
  store<f64>(out, both(inXE), 32);
  store<f64>(out, both(inEE), 40);
  store<f64>(out, both(outW), 48);
  store<f64>(out, both(signs), 56);
  store<f64>(out, both(signsX), 64);
}
