/** Rows of one regression, and the sums over them that a step of Huber's estimator needs; in WebAssembly where there is SIMD. */
import { compileModule, instantiate } from '../../contract/wasm.ts';
import type { KernelName } from '../cascade/index.ts';
import { MODULE } from './wasm/module.ts';

/** Sums of a pass: over the inliers w, wx, wxx, we, wxe, wee; over the outliers w, w sign(e), w sign(e) x. */
export const PASS = { inW: 0, inX: 1, inXX: 2, inE: 3, inXE: 4, inEE: 5, outW: 6, signs: 7, signsX: 8 } as const;
const PASS_SUMS = 9;

/** Rows gathered for one regression, reused from call to call: the first `n` of x, y and weights w. */
export interface Sample {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly w: Float64Array;
  n: number;
  sumW: number;
  /** Weighted first and second moments (sums) of what x was cleaned from. */
  rawFirst: number;
  rawSecond: number;
  /** Sums of the last pass, by `PASS`. */
  readonly sums: Float64Array;
  /** Fills `sums` for residuals e = y - a - b x, outliers being those beyond `limit`. Both kernels give the same bits. */
  pass(a: number, b: number, limit: number): void;
}

/** What wasm/huber.as exports. */
interface Kernel {
  pass(x: number, y: number, w: number, n: number, a: number, b: number, limit: number, out: number): void;
}

let compiled: object | null | undefined;

/** A sample for at most `rows` rows. */
export function createSample(rows: number, kernel?: KernelName): Sample {
  const module = kernel === 'typescript' ? null : (compiled ??= compileModule(MODULE));
  // The module's own data lie below 1024; two spare values end each column.
  const column = (rows + 3) & ~1;
  const first = 128;
  const length = first + 3 * column + PASS_SUMS;
  const instance = module === null ? null : instantiate(module, Math.ceil((length * 8) / 65536));
  const memory = instance === null ? new Float64Array(length) : new Float64Array(instance.memory.buffer);
  const at = (i: number): number => first + i * column;
  const part = (i: number): Float64Array => memory.subarray(at(i), at(i) + column);
  const sample: Sample = {
    x: part(0),
    y: part(1),
    w: part(2),
    n: 0,
    sumW: 0,
    rawFirst: 0,
    rawSecond: 0,
    sums: memory.subarray(at(3), at(3) + PASS_SUMS),
    pass: (a, b, limit) => plainPass(sample, a, b, limit),
  };
  if (instance === null) return sample;
  const { pass } = instance.exports as Kernel;
  sample.pass = (a, b, limit) => pass(8 * at(0), 8 * at(1), 8 * at(2), sample.n, a, b, limit, 8 * at(3));
  return sample;
}

/** The reference: even rows first, odd rows then, as the two lanes of a vector hold them. */
function plainPass({ x, y, w, n, sums }: Sample, a: number, b: number, limit: number): void {
  sums.fill(0);
  for (let lane = 0; lane < 2; lane++) {
    let inW = 0;
    let inX = 0;
    let inXX = 0;
    let inE = 0;
    let inXE = 0;
    let inEE = 0;
    let outW = 0;
    let signs = 0;
    let signsX = 0;
    for (let i = lane; i < n; i += 2) {
      const xi = x[i]!;
      const wi = w[i]!;
      const e = y[i]! - a - b * xi;
      if (Math.abs(e) <= limit) {
        const wx = wi * xi;
        const we = wi * e;
        inW += wi;
        inX += wx;
        inXX += wx * xi;
        inE += we;
        inXE += wx * e;
        inEE += we * e;
      } else {
        const signed = e < 0 ? -wi : wi;
        outW += wi;
        signs += signed;
        signsX += signed * xi;
      }
    }
    sums[PASS.inW]! += inW;
    sums[PASS.inX]! += inX;
    sums[PASS.inXX]! += inXX;
    sums[PASS.inE]! += inE;
    sums[PASS.inXE]! += inXE;
    sums[PASS.inEE]! += inEE;
    sums[PASS.outW]! += outW;
    sums[PASS.signs]! += signs;
    sums[PASS.signsX]! += signsX;
  }
}
