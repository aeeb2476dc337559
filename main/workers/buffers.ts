import { buffersOfBlocks } from '../importers/index.ts';
import type { Parsed } from '../importers/staged.ts';

/** The buffers of a parsed file, to be moved instead of copied between threads. */
export const buffersOf = ({ staged }: Parsed): ArrayBuffer[] => ('fields' in staged ? buffersOfBlocks(staged.blocks) : []);
