/** Every broker layout there is; the order does not matter. */
import { etrade } from './etrade.ts';
import { fidelity } from './fidelity.ts';
import { flexCsv } from './flex-csv.ts';
import { flexXml } from './flex-xml.ts';
import { geneva } from './geneva.ts';
import { ibkrActivity } from './ibkr-activity.ts';
import { jpm } from './jpm.ts';
import { merrill } from './merrill.ts';
import { ofx } from './ofx.ts';
import { schwab } from './schwab.ts';
import { tastytrade } from './tastytrade.ts';
import { thinkorswim } from './thinkorswim.ts';
import { thirteenF } from './thirteenf.ts';
import type { Adapter } from './types.ts';
import { vanguard } from './vanguard.ts';

export const ADAPTERS: readonly Adapter[] = [
  schwab,
  fidelity,
  flexCsv,
  flexXml,
  ibkrActivity,
  ofx,
  etrade,
  vanguard,
  merrill,
  jpm,
  thirteenF,
  geneva,
  tastytrade,
  thinkorswim,
];
