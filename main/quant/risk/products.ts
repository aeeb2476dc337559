/** Products of every two of many long rows. */

/** Columns taken at a time: the rows' part of them stays in the processor's cache. */
const BLOCK = 128;

/**
 * The symmetric matrix of `dot(lines[i], lines[j])`. Two rows by two are multiplied together, which reads each value half as often and waits
 * for no sum before it; the order of the sums is that of the columns, in blocks, and the same every time.
 */
export function productsOf(lines: readonly Float64Array[]): Float64Array[] {
  const count = lines.length;
  const n = lines[0]?.length ?? 0;
  const out = Array.from({ length: count }, () => new Float64Array(count));
  // An odd row out is multiplied with nothing.
  const padded = count % 2 === 0 ? lines : [...lines, new Float64Array(n)];
  const spare = new Float64Array(count + 1);
  for (let from = 0; from < n; from += BLOCK) {
    const to = Math.min(n, from + BLOCK);
    for (let i = 0; i < count; i += 2) {
      const [first, second] = [out[i]!, out[i + 1] ?? spare];
      for (let j = 0; j <= i; j += 2) addFour(padded[i]!, padded[i + 1]!, padded[j]!, padded[j + 1]!, from, to, first, second, j);
    }
  }
  for (let i = 0; i < count; i++) for (let j = 0; j < i; j++) out[j]![i] = out[i]![j]!;
  return out;
}

/** Adds the products of rows a and b with rows c and d over columns [from, to) to places j and j + 1 of the sums of a and of b. */
function addFour(
  a: Float64Array,
  b: Float64Array,
  c: Float64Array,
  d: Float64Array,
  from: number,
  to: number,
  ofA: Float64Array,
  ofB: Float64Array,
  j: number,
): void {
  let ac = 0;
  let ad = 0;
  let bc = 0;
  let bd = 0;
  for (let k = from; k < to; k++) {
    const x = a[k]!;
    const y = b[k]!;
    const v = c[k]!;
    const w = d[k]!;
    ac += x * v;
    ad += x * w;
    bc += y * v;
    bd += y * w;
  }
  ofA[j]! += ac;
  ofB[j]! += bc;
  // Behind the last place nothing is kept.
  ofA[j + 1]! += ad;
  ofB[j + 1]! += bd;
}
