/** One slope on gathered rows: weighted least squares, or Huber's loss with the scale solved jointly (MODEL.md 4). */
import { COLLINEAR, TINY, ZERO_VARIANCE } from '../cascade/factors.ts';
import { RETURN_LIMIT } from '../cascade/sums.ts';
import { PASS, type Sample } from './pass.ts';

export interface SlopeSettings {
  /** Fewest rows. */
  readonly minObs: number;
  readonly intercept: boolean;
  readonly loss: 'squares' | 'huber';
  /** Residuals beyond this many scales count linearly; over 1, or no scale solves its equation. */
  readonly huberC: number;
  /** Only shrinking needs the sandwich variance. */
  readonly shrink: 'none' | 'vasicek';
}

/** How a regression ended. `collinear`: the slope is 0 by rule. `flat`: no variance, or no scale above zero solves the equation. */
export const ENDED = { solved: 0, short: 1, flat: 2, collinear: 3 } as const;

/** Stop at a change of the slope under this, or after this many steps. */
const STEP = 1e-13;
const STEPS = 500;
/** Steps on exact solutions of a fixed set of outliers before plain reweighting takes turns with them. */
const EXACT_STEPS = 40;
/** Where the scale starts, as a share of the residuals' root mean square: near where it ends for the usual fat tails. */
const START = 0.4;
/** A scale under this share of the root mean square is on its way to zero: there is no solution. */
const NO_SCALE = 1e-9;

/** The answer of the last fit. */
export interface Slope {
  /** NaN unless solved or collinear. */
  value: number;
  /** Sandwich variance of the slope; NaN unless shrinking asks for it. */
  variance: number;
  n: number;
  ended: number;
}

export const createSlope = (): Slope => ({ value: NaN, variance: NaN, n: 0, ended: ENDED.short });

/** Gathers the rows of the window ending at `row` on which y, x and raw exist; `power[age]` weighs a row. */
export function gather(
  sample: Sample,
  power: Float64Array,
  window: number,
  row: number,
  y: Float64Array,
  x: Float64Array,
  raw: Float64Array,
): void {
  let n = 0;
  let sumW = 0;
  let first = 0;
  let second = 0;
  for (let t = Math.max(0, row - window + 1); t <= row; t++) {
    const xt = x[t]!;
    const yt = y[t]!;
    const rt = raw[t]!;
    if (!(Math.abs(xt) < RETURN_LIMIT && Math.abs(yt) < RETURN_LIMIT && Math.abs(rt) < RETURN_LIMIT)) continue;
    const wt = power[row - t]!;
    sample.x[n] = xt;
    sample.y[n] = yt;
    sample.w[n] = wt;
    sumW += wt;
    first += wt * rt;
    second += wt * rt * rt;
    n++;
  }
  sample.n = n;
  sample.sumW = sumW;
  sample.rawFirst = first;
  sample.rawSecond = second;
}

/** Takes n rows that are all there. */
export function loadSample(sample: Sample, n: number, y: Float64Array, x: Float64Array, raw: Float64Array, w: Float64Array): void {
  let sumW = 0;
  let first = 0;
  let second = 0;
  for (let i = 0; i < n; i++) {
    const wi = w[i]!;
    sample.x[i] = x[i]!;
    sample.y[i] = y[i]!;
    sample.w[i] = wi;
    sumW += wi;
    first += wi * raw[i]!;
    second += wi * raw[i]! * raw[i]!;
  }
  sample.n = n;
  sample.sumW = sumW;
  sample.rawFirst = first;
  sample.rawSecond = second;
}

/** Solves the gathered regression into `out`. `cleaned`: x is a cleaned factor, so the collinear rule applies to it. */
export function solveSlope(sample: Sample, settings: SlopeSettings, cleaned: boolean, out: Slope): void {
  const { n, sumW, sums } = sample;
  out.value = out.variance = NaN;
  out.n = n;
  out.ended = ENDED.short;
  if (n < settings.minObs || n < 2) return;
  const centre = settings.intercept ? 1 / sumW : 0;
  // Everybody is an inlier of this pass, and the residuals are y.
  sample.pass(0, 0, Infinity);
  const sx = sums[PASS.inX]!;
  const sxx = sums[PASS.inXX]!;
  const sy = sums[PASS.inE]!;
  const sxy = sums[PASS.inXE]!;
  const syy = sums[PASS.inEE]!;
  const xx = sxx - sx * (sx * centre);
  const yy = syy - sy * (sy * centre);
  const spread = sample.rawSecond - sample.rawFirst * (sample.rawFirst * centre);
  if (cleaned) {
    if (!(spread > ZERO_VARIANCE * sample.rawSecond && spread > TINY && xx >= COLLINEAR * spread)) {
      out.value = out.variance = 0;
      out.ended = ENDED.collinear;
      return;
    }
  } else if (!(xx > ZERO_VARIANCE * sxx && xx > TINY)) {
    out.ended = ENDED.flat;
    return;
  }
  if (!(yy > ZERO_VARIANCE * syy && yy > TINY)) {
    // Nothing is left to explain: least squares says 0, Huber's scale has no solution.
    if (cleaned && settings.loss === 'squares') {
      out.value = out.variance = 0;
      out.ended = ENDED.solved;
    } else out.ended = ENDED.flat;
    return;
  }
  const slope = (sxy - sx * (sy * centre)) / xx;
  const level = (sy - slope * sx) * centre;
  if (settings.loss === 'squares') leastSquares(sample, centre, slope, level, out);
  else
    huber(
      sample,
      settings,
      slope,
      level,
      Math.sqrt(Math.max(0, yy - slope * (sxy - sx * (sy * centre))) / sumW),
      Math.sqrt(syy / sumW),
      out,
    );
}

/** One step of refinement, so that the slope has the digits of its residuals, and the sandwich variance. */
function leastSquares({ x, y, w, n, sumW }: Sample, centre: number, slope: number, level: number, out: Slope): void {
  let sx = 0;
  let sxx = 0;
  let se = 0;
  let sxe = 0;
  for (let i = 0; i < n; i++) {
    const e = y[i]! - level - slope * x[i]!;
    const wx = w[i]! * x[i]!;
    sx += wx;
    sxx += wx * x[i]!;
    se += w[i]! * e;
    sxe += wx * e;
  }
  const xx = sxx - sx * (sx * centre);
  const value = slope + (sxe - sx * (se * centre)) / xx;
  const mean = centre === 0 ? 0 : sx / sumW;
  const shift = centre === 0 ? 0 : level + (slope - value) * mean + se / sumW;
  let meat = 0;
  for (let i = 0; i < n; i++) {
    const part = w[i]! * (x[i]! - mean) * (y[i]! - shift - value * x[i]!);
    meat += part * part;
  }
  out.value = value;
  out.variance = meat / (xx * xx);
  out.ended = ENDED.solved;
}

/**
 * Slope and scale of Huber's second proposal: the minimum of a function that is convex in both. With the set of outliers fixed both
 * have a closed form, so a step solves the set of the residuals at hand exactly; a set that repeats itself is the solution, to the
 * last digits. Where such steps do not settle, plain reweighting, which always descends, takes turns with them.
 */
function huber(sample: Sample, settings: SlopeSettings, start: number, level: number, spread: number, size: number, out: Slope): void {
  const { x, y, w, n, sumW, sums } = sample;
  const c = settings.huberC;
  const cc = c * c;
  const centred = settings.intercept;
  let b = start;
  let a = level;
  let scale = START * spread;
  const least = NO_SCALE * size;
  out.ended = ENDED.flat;
  for (let step = 0; step < STEPS; step++) {
    if (!(scale > least)) return;
    const limit = c * scale;
    sample.pass(a, b, limit);
    const inW = sums[PASS.inW]!;
    const inX = sums[PASS.inX]!;
    const inXX = sums[PASS.inXX]!;
    const inE = sums[PASS.inE]!;
    const inXE = sums[PASS.inXE]!;
    const inEE = sums[PASS.inEE]!;
    const outW = sums[PASS.outW]!;
    const signs = sums[PASS.signs]!;
    const signsX = sums[PASS.signsX]!;
    // With an intercept everything is taken from the inliers' means; without one the means are 0.
    const mean = centred ? inX / inW : 0;
    const off = centred ? inE / inW : 0;
    const turn = centred ? (c * signs) / inW : 0;
    const xx = inXX - mean * inX;
    const xe = inXE - mean * inE;
    const gx = c * (signsX - mean * signs);
    const fixed = inEE - off * inE - (xe * xe) / xx;
    const rest = sumW - cc * outW - (gx * gx) / xx - (centred ? turn * turn * inW : 0);
    const exact = step < EXACT_STEPS || (step & 7) === 0;
    let next: number;
    let nextB: number;
    let nextA: number;
    if (exact && xx > 0 && rest > 0 && fixed >= 0) {
      next = Math.sqrt(fixed / rest);
      const change = (xe + next * gx) / xx;
      nextB = b + change;
      nextA = centred ? a + off + next * turn - change * mean : 0;
    } else {
      // Reweighting: an outlier weighs limit / |e|.
      let vw = inW;
      let vx = inX;
      let vxx = inXX;
      let ve = inE;
      let vxe = inXE;
      for (let i = 0; i < n; i++) {
        const e = y[i]! - a - b * x[i]!;
        const size = Math.abs(e);
        if (size <= limit) continue;
        const wi = (w[i]! * limit) / size;
        const wx = wi * x[i]!;
        vw += wi;
        vx += wx;
        vxx += wx * x[i]!;
        ve += wi * e;
        vxe += wx * e;
      }
      const centre = centred ? 1 / vw : 0;
      const change = (vxe - vx * (ve * centre)) / (vxx - vx * (vx * centre));
      next = scale * Math.sqrt((inEE / (scale * scale) + cc * outW) / sumW);
      nextB = b + change;
      nextA = centred ? a + (ve - change * vx) * centre : 0;
    }
    const settled = Math.abs(nextB - b) < STEP && Math.abs(next - scale) <= STEP * scale;
    b = nextB;
    a = nextA;
    scale = next;
    if (settled) break;
  }
  if (!(scale > least)) return;
  out.value = b;
  if (settings.shrink === 'vasicek') out.variance = huberVariance(sample, c * scale, centred, a, b);
  out.ended = ENDED.solved;
}

/** Sandwich variance of a Huber slope: squared scores over the squared curvature of the inliers. */
function huberVariance({ x, y, w, n }: Sample, limit: number, centred: boolean, a: number, b: number): number {
  let inW = 0;
  let inX = 0;
  let inXX = 0;
  for (let i = 0; i < n; i++) {
    if (Math.abs(y[i]! - a - b * x[i]!) > limit) continue;
    inW += w[i]!;
    inX += w[i]! * x[i]!;
    inXX += w[i]! * x[i]! * x[i]!;
  }
  const mean = centred ? inX / inW : 0;
  const xx = inXX - mean * inX;
  let meat = 0;
  for (let i = 0; i < n; i++) {
    const e = y[i]! - a - b * x[i]!;
    const score = w[i]! * (x[i]! - mean) * (e > limit ? limit : e < -limit ? -limit : e);
    meat += score * score;
  }
  return meat / (xx * xx);
}
