import type { Parsed } from '../importers/staged.ts';

/** The buffers of a parsed file, to be moved instead of copied between threads; what two threads filled is shared as it is. */
export function buffersOf({ staged }: Parsed): ArrayBuffer[] {
  if (!('symbol' in staged)) return [];
  const arrays = [staged.symbol, staged.slot, staged.line, ...staged.values, ...(staged.known ? [staged.known] : [])];
  return arrays.flatMap(({ buffer }) => (buffer instanceof ArrayBuffer ? [buffer] : []));
}
