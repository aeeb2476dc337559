/** What the shares of variance say in plain words. Thresholds are conventions, stated beside the words on the screen. */
import type { SecurityView } from '../../../main/contract/results.ts';
import { percentUnit } from '../../lib/format.ts';

/** Under this share explained a stock is mostly its own story, over the other it is mostly a sector bet. */
const OWN_STORY = 0.5;
const SECTOR_BET = 0.85;

/**
 * Sentences about shares of variance: `explained` by layer, market first, and the residual share. Empty when they are missing.
 */
export function readings(explained: readonly (number | null)[], residual: number | null): string[] {
  if (residual === null || explained.length === 0 || explained.some((share) => share === null)) return [];
  const shares = explained as readonly number[];
  const total = shares.reduce((sum, share) => sum + share, 0);
  const [market = 0, sector] = shares;
  const out: string[] = [];
  if (total < OWN_STORY) out.push(`Mostly its own story: the ETFs explain ${percentUnit(total)} of variance (under 50 %).`);
  else if (total > SECTOR_BET && sector !== undefined)
    out.push(`Mostly a sector bet: the ETFs explain ${percentUnit(total)} of variance (over 85 %), little is its own.`);
  if (sector !== undefined && sector > market)
    out.push(`Sector dynamics dominate: the sector share, ${percentUnit(sector)}, is above the market share, ${percentUnit(market)}.`);
  return out;
}

export function securityReadings(view: SecurityView): string[] {
  const level = view.levels.find((candidate) => candidate.level === view.deepest);
  return level ? readings(level.explained, level.residual) : [];
}
