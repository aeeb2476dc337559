/** What the files made of pieces have in common: each piece is encoded on its own and put where it falls. */
import type { CubeColumn, Lineage } from './columns.ts';

export interface CubeFile<Piece> {
  /** First bytes of the file. */
  head(): Uint8Array;
  /** Tells that the bytes of a piece stand at `at`. */
  place(piece: Piece, at: number): void;
  /** Last bytes of the file, which stand at `at`. */
  foot(at: number): Uint8Array;
}

/** What a file says of itself: its lineage, and the unit of every column. */
export function fileMetadata(columns: readonly CubeColumn[], lineage: Lineage): Lineage {
  return [
    ...lineage.map(([key, value]) => [`hedgerow.${key}`, value] as const),
    ['hedgerow.units', JSON.stringify(Object.fromEntries(columns.map(({ name, unit }) => [name, unit])))],
  ];
}
