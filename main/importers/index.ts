/** Importers: bytes of a file -> rows and issues. */
export * from './staged.ts';
export { buffersOfBlocks, rowsBySymbol, slotRange, unpackAll } from './blocks.ts';
export { parseFile } from './parse.ts';
export { readHalf, type Half, type HalfRequest, type SecondThread } from './halves.ts';
export { lookAtFile } from './look.ts';
export { canonicalTicker, makeSymbol, isCusip, isFigi, isIsin, isSedol } from './symbols.ts';
export { parseDecimal } from './decimal.ts';
export { MOST_ABOVE_HEADER, parseFills, type FillsProblem, type ParsedFill } from './fills.ts';
