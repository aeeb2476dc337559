/** Every broker layout there is; the order does not matter. */
import { etrade } from './etrade.ts';
import { fidelity } from './fidelity.ts';
import { jpm } from './jpm.ts';
import { merrill } from './merrill.ts';
import { schwab } from './schwab.ts';
import { tastytrade } from './tastytrade.ts';
import type { Adapter } from './types.ts';
import { vanguard } from './vanguard.ts';

export const ADAPTERS: readonly Adapter[] = [schwab, fidelity, etrade, vanguard, merrill, jpm, tastytrade];
