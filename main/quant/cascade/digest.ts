/**
 * The digest of rows of a tile: 32 bits in which every bit of every field counts, at the speed of reading them (a CRC would take longer than
 * the cascade itself). Sixteen lanes of 32 bits take four vectors of two values in turn; each step is a bijection of the lane, so one
 * changed value always shows. Not for adversaries: a run's digest is a SHA-256 over these.
 */
import { FIELD_COUNT } from './fields.ts';

/** Part of every run's fingerprint: changes whenever the digest of equal outputs would. */
export const DIGEST_VERSION = 'digest-3';

const lanes = new Int32Array(16);

export function digestRows(values: Float64Array, nRows: number, from: number, to: number): number {
  const words = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  for (let i = 0; i < 16; i++) lanes[i] = i + 1;
  for (let field = 0; field < FIELD_COUNT; field++) {
    let at = (field * nRows + from) * 2;
    const end = (field * nRows + to) * 2;
    for (; at + 16 <= end; at += 16) for (let i = 0; i < 16; i++) take(i, words[at + i]!);
    let vector = 0;
    for (; at + 4 <= end; at += 4, vector += 4) for (let i = 0; i < 4; i++) take(vector + i, words[at + i]!);
    // The last value of an odd number stands in the fourth vector, beside a zero.
    if (at < end) for (let i = 0; i < 4; i++) take(12 + i, i < 2 ? words[at + i]! : 0);
  }
  let digest = 0;
  for (let i = 0; i < 16; i++) {
    const product = Math.imul(digest ^ lanes[i]!, 0x85ebca77);
    digest = product ^ (product >>> 13);
  }
  return digest >>> 0;
}

function take(lane: number, word: number): void {
  const product = Math.imul(lanes[lane]! ^ word, 0x9e3779b1);
  lanes[lane] = product ^ (product >>> 15);
}
