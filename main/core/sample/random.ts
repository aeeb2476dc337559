/**
 * Random numbers with the same bits on every machine: 32-bit integer steps for the generator, and for the normal
 * deviates only `+ - * /` and `Math.sqrt`, which IEEE 754 rounds exactly. `Math.log`, `Math.cos` and friends may differ in the
 * last bit between engines, and the sample's bytes are fixed by a test.
 */
export interface Random {
  /** Uniform on [0, 1), 53 bits. */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
  /** Uniform on [low, high], rounded to `decimals` places. */
  between(low: number, high: number, decimals: number): number;
}

/** One independent stream per seed (xoshiro128**, state filled by splitmix32). */
export function randomStream(seed: number): Random {
  let mix = seed | 0;
  const fill = (): number => {
    mix = (mix + 0x9e3779b9) | 0;
    let z = mix ^ (mix >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z ^= z >>> 15;
    z = Math.imul(z, 0x735a2d97);
    return z ^ (z >>> 15);
  };
  let a = fill();
  let b = fill();
  let c = fill();
  let d = fill();
  const next = (): number => {
    const product = Math.imul(b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result;
  };
  const uniform = (): number => {
    const high = next() >>> 5;
    return (high * 67_108_864 + (next() >>> 6)) / 9_007_199_254_740_992;
  };
  let spare: number | null = null;
  // Marsaglia's polar method: exact normals, two at a time.
  const normal = (): number => {
    if (spare !== null) {
      const kept = spare;
      spare = null;
      return kept;
    }
    for (;;) {
      const x = 2 * uniform() - 1;
      const y = 2 * uniform() - 1;
      const s = x * x + y * y;
      if (s >= 1 || s === 0) continue;
      const scale = Math.sqrt((-2 * naturalLog(s)) / s);
      spare = y * scale;
      return x * scale;
    }
  };
  const between = (low: number, high: number, decimals: number): number => {
    const unit = 10 ** decimals;
    return Math.round((low + (high - low) * uniform()) * unit) / unit;
  };
  return { uniform, normal, between };
}

const LN2 = 0.6931471805599453;

/** Natural logarithm of a positive normal number by exact scaling and the atanh series (relative error about 1e-15). */
export function naturalLog(x: number): number {
  let halvings = 0;
  let m = x;
  while (m < 0.7071067811865476) {
    m *= 2;
    halvings--;
  }
  while (m > 1.4142135623730951) {
    m /= 2;
    halvings++;
  }
  const z = (m - 1) / (m + 1);
  const square = z * z;
  let sum = 0;
  for (let k = 23; k >= 1; k -= 2) sum = sum * square + 1 / k;
  return halvings * LN2 + 2 * z * sum;
}
