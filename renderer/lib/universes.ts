/** Universes in words. */
import type { UniverseCounts } from '../../main/contract/results-universes.ts';
import { whole } from './format.ts';

/** Universes by rule that the screens offer; the command line takes any number. */
export const RULES = ['mc_50', 'mc_500', 'mc_1000', 'mc_3000', 'dv_50', 'dv_500', 'dv_1000', 'dv_3000'] as const;

/** `3,012 active, 500 in mask, 12 out by validity, 2,500 out by rank`. */
export function countsWords({ active, inMask, outByValidity, outByRank, notListed }: UniverseCounts): string {
  const rest = notListed > 0 ? `${whole(notListed)} not listed` : `${whole(outByRank)} out by rank`;
  return `${whole(active)} active, ${whole(inMask)} in mask, ${whole(outByValidity)} out by validity, ${rest}`;
}
