/** Findings of a repair that was taken back, among those of a new look. */
import type { Finding } from '../../../main/contract/results-health.ts';

const nameOf = ({ code, securityId, subject, day, fix }: Finding): string => JSON.stringify([code, securityId, subject, day, fix]);

/** The same findings with the same repair, none of them dismissed; null when one of them is not there any more: half a repair is another one. */
export function foundAgain(repaired: readonly Finding[], now: readonly Finding[]): readonly Finding[] | null {
  const open = new Map(now.filter(({ dismissed, fix }) => dismissed === null && fix !== null).map((one) => [nameOf(one), one]));
  const found = repaired.flatMap((one) => open.get(nameOf(one)) ?? []);
  return found.length === repaired.length ? found : null;
}
