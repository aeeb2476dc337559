/** A universe by rule: the `count` largest securities by capitalisation (`mc`) or by dollar volume (`dv`). */
export interface UniverseRule {
  readonly by: 'mc' | 'dv';
  readonly count: number;
}

/** Part of the fingerprint of every run with a universe: changes whenever a membership can. */
export const UNIVERSE_VERSION = 'universe-1';

/** `mc_500`, `dv_1000` …; null for a name that is no universe. */
export function parseUniverse(name: string): UniverseRule | null {
  const match = /^(mc|dv)_([1-9]\d{0,4})$/.exec(name);
  return match ? { by: match[1] as UniverseRule['by'], count: Number(match[2]) } : null;
}
