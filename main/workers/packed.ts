/**
 * A long list on its way between threads: JSON in pieces whose memory is moved. A structured clone of ten thousand objects would be
 * read in one go and hold the receiver up for a tenth of a second; pieces are read one at a time (`core/turns.ts`).
 */

/** Items are plain data without NaN or undefined. */
export interface Pieces<T> {
  readonly pieces: readonly Uint8Array<ArrayBuffer>[];
  /** Only for the types. */
  readonly item?: T;
}

export interface Packed<T> extends Pieces<T> {
  /** Items in all pieces; every piece but the last has PIECE. */
  readonly length: number;
}

/** Items of a piece: a few milliseconds of reading. */
export const PIECE = 256;

export const packPiece = (items: readonly unknown[]): Uint8Array<ArrayBuffer> => new TextEncoder().encode(JSON.stringify(items));

export function pack<T>(items: readonly T[]): { readonly packed: Packed<T>; readonly transfer: ArrayBuffer[] } {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for (let i = 0; i < items.length; i += PIECE) pieces.push(packPiece(items.slice(i, i + PIECE)));
  return { packed: { pieces, length: items.length }, transfer: pieces.map(({ buffer }) => buffer) };
}

/** All items at once, where nobody waits meanwhile: in a worker. */
export function unpack<T>({ pieces }: Packed<T>): T[] {
  const decoder = new TextDecoder();
  return pieces.flatMap((piece) => JSON.parse(decoder.decode(piece)) as T[]);
}
