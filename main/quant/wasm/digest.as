/** The digest of rows of the tile; twin of cascade/digest.ts. */
import { FIELD_COUNT, stride, tile } from './layout';

@inline
function mix(h: v128, x: v128): v128 {
  const product = i32x4.mul(v128.xor(h, x), i32x4.splat(0x9e3779b1));
  return v128.xor(product, i32x4.shr_u(product, 15));
}

@inline
function fold(h: i32, x: i32): i32 {
  const product = (h ^ x) * 0x85ebca77;
  return product ^ (product >>> 13);
}

@inline
function foldAll(h: i32, x: v128): i32 {
  return fold(
    fold(fold(fold(h, i32x4.extract_lane(x, 0)), i32x4.extract_lane(x, 1)), i32x4.extract_lane(x, 2)),
    i32x4.extract_lane(x, 3),
  );
}

/** Every field of rows [from, to), field by field; four vectors of two values in turn. */
export function digestRows(from: i32, to: i32): i32 {
  let a = i32x4(1, 2, 3, 4);
  let b = i32x4(5, 6, 7, 8);
  let c = i32x4(9, 10, 11, 12);
  let d = i32x4(13, 14, 15, 16);
  for (let field = 0; field < FIELD_COUNT; field++) {
    let at = tile + field * stride + (from << 3);
    const end = tile + field * stride + (to << 3);
    for (; at + 64 <= end; at += 64) {
      a = mix(a, v128.load(at));
      b = mix(b, v128.load(at, 16));
      c = mix(c, v128.load(at, 32));
      d = mix(d, v128.load(at, 48));
    }
    if (at + 16 <= end) {
      a = mix(a, v128.load(at));
      at += 16;
    }
    if (at + 16 <= end) {
      b = mix(b, v128.load(at));
      at += 16;
    }
    if (at + 16 <= end) {
      c = mix(c, v128.load(at));
      at += 16;
    }
    if (at < end) d = mix(d, v128.load64_zero(at));
  }
  return foldAll(foldAll(foldAll(foldAll(0, a), b), c), d);
}
