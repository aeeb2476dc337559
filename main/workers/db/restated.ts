/** What the report says of a value or row that differs from the stored one. */
import { formatIsoDay, type EpochDay } from '../../contract/units.ts';

/**
 * How to go on. What is told again is not stored again, so a value told as known on a day that is past (`said`; null: on the day of import)
 * and not before the stored one was (`held`) holds from then on, also where a file known later has told the old one again.
 */
export function restatedFix(said: number | null, held: number, importDay: EpochDay): string {
  const past =
    said === null || said < held || said >= importDay
      ? ''
      : ` It would hold from ${formatIsoDay(said as EpochDay)} to this day: import a file that is known later and says the old one again once more after it.`;
  return `If this is a correction, import with accepted restatements (--accept-restatements); the old one is kept.${past}`;
}
