import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFrame, encodeFrame } from './frame.ts';

describe('frame codec', () => {
  it('gives back the header and the very same bits of every column', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double(), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })), { maxLength: 50 }),
        fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }),
        (rows, header) => {
          const day = Int32Array.from(rows, (row) => row[1]);
          const value = Float64Array.from(rows, (row) => row[0]);
          const back = decodeFrame(encodeFrame({ header, columns: { day, value, 'ä 1': value } }).buffer);
          expect(JSON.stringify(back.header)).toBe(JSON.stringify(header));
          expect(Object.keys(back.columns)).toEqual(['day', 'value', 'ä 1']);
          expect(back.columns['day']).toEqual(day);
          expect(back.columns['value']).toEqual(value);
        },
      ),
    );
  });

  it('keeps NaN, minus zero and infinities', () => {
    const value = new Float64Array([NaN, -0, Infinity, -Infinity]);
    const back = decodeFrame(encodeFrame({ header: {}, columns: { value } }).buffer).columns['value'];
    expect(Object.is(back?.[1], -0)).toBe(true);
    expect(back).toEqual(value);
  });

  it('encodes views that do not start at the beginning of their buffer', () => {
    const all = new Float64Array([1, 2, 3, 4]);
    expect(decodeFrame(encodeFrame({ header: {}, columns: { v: all.subarray(1, 3) } }).buffer).columns['v']).toEqual(
      new Float64Array([2, 3]),
    );
  });

  it('treats __proto__ as a name', () => {
    const columns = JSON.parse('{"__proto__": 0}') as Record<string, Float64Array>;
    Object.defineProperty(columns, '__proto__', { value: new Float64Array([7]), enumerable: true });
    const back = decodeFrame(encodeFrame({ header: {}, columns }).buffer);
    expect(Object.entries(back.columns)).toEqual([['__proto__', new Float64Array([7])]]);
    expect(({} as Record<string, unknown>)['0']).toBeUndefined();
  });

  it('refuses columns of different lengths', () => {
    expect(() => encodeFrame({ header: {}, columns: { a: new Float64Array(2), b: new Int32Array(3) } })).toThrow(RangeError);
  });

  it('refuses every cut and any noise with a RangeError', () => {
    const frame = encodeFrame({ header: { ticker: 'WMT' }, columns: { day: new Int32Array(3), v: new Float64Array(3) } });
    for (let length = 0; length < frame.length; length += 1) {
      const cut = frame.slice(0, length).buffer;
      // Trailing padding of the last column carries nothing; only cuts into it may pass.
      if (length > frame.length - 8) continue;
      expect(() => decodeFrame(cut)).toThrow(RangeError);
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (noise) => {
        expect(() => decodeFrame(noise.slice().buffer)).toThrow(RangeError);
      }),
    );
  });
});
