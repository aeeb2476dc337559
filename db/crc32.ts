/** CRC-32 (IEEE 802.3, as in zip and PNG) of bytes. */
import * as zlib from 'node:zlib';

/** 8 tables for slicing by 8: the plain byte-wise loop would take longer than reading the blocks. */
const TABLES = Array.from({ length: 8 }, () => new Int32Array(256));
for (let slice = 0; slice < 8; slice++) {
  for (let byte = 0; byte < 256; byte++) {
    const previous = slice === 0 ? byte : at(slice - 1, byte);
    let value = previous;
    if (slice === 0) for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    else value = (previous >>> 8) ^ at(0, previous & 255);
    TABLES[slice]![byte] = value;
  }
}

function at(slice: number, byte: number): number {
  return TABLES[slice]![byte]!;
}

/** The same checksum as `zlib.crc32`, for runtimes without it (Node before 20.15). `seed` is the checksum of what came before. */
export function crc32Fallback(bytes: Uint8Array, seed = 0): number {
  let crc = ~seed;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [t0, t1, t2, t3, t4, t5, t6, t7] = TABLES as [
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
  ];
  const even = bytes.length - (bytes.length % 8);
  for (let i = 0; i < even; i += 8) {
    const low = view.getInt32(i, true) ^ crc;
    const high = view.getInt32(i + 4, true);
    crc =
      t7[low & 255]! ^
      t6[(low >>> 8) & 255]! ^
      t5[(low >>> 16) & 255]! ^
      t4[low >>> 24]! ^
      t3[high & 255]! ^
      t2[(high >>> 8) & 255]! ^
      t1[(high >>> 16) & 255]! ^
      t0[high >>> 24]!;
  }
  for (let i = even; i < bytes.length; i++) crc = (crc >>> 8) ^ t0[(crc ^ bytes[i]!) & 255]!;
  return ~crc >>> 0;
}

const native = (zlib as { crc32?: (data: Uint8Array, value?: number) => number }).crc32;

/** CRC-32 as an unsigned 32-bit number; `seed` continues an earlier one. */
export const crc32: (bytes: Uint8Array, seed?: number) => number = native ?? crc32Fallback;
