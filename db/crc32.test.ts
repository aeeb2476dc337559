import fc from 'fast-check';
import { expect, it } from 'vitest';
import { crc32, crc32Fallback } from './crc32.ts';

it('knows the check value of the standard', () => {
  const bytes = new TextEncoder().encode('123456789');
  expect(crc32(bytes)).toBe(0xcbf43926);
  expect(crc32Fallback(bytes)).toBe(0xcbf43926);
});

it('agrees with zlib on any bytes, at any alignment and continued anywhere', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), (bytes, cut) => {
      const [head, tail] = [bytes.subarray(0, cut), bytes.subarray(cut)];
      expect(crc32Fallback(bytes)).toBe(crc32(bytes));
      expect(crc32Fallback(tail, crc32Fallback(head))).toBe(crc32(bytes));
      expect(crc32(tail, crc32(head))).toBe(crc32(bytes));
    }),
  );
});
