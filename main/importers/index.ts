/** Importers: bytes of a file -> rows and issues. */
export * from './staged.ts';
export { buffersOfBlocks, rowsBySymbol, slotRange } from './blocks.ts';
export { parseFile } from './parse.ts';
export { readHalf, type Half, type HalfRequest, type SecondThread } from './halves.ts';
export { lookAtFile } from './look.ts';
export { canonicalTicker, isCusip, isFigi, isIsin } from './symbols.ts';
export { MOST_ABOVE_HEADER, parseFills, type FillsProblem, type ParsedFill } from './fills.ts';
