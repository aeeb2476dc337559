/** How fast a job goes and how long it still takes, from what it has done so far. */
import type { JobView } from '../../main/contract/methods.ts';

/** Seconds left and bytes a second; null while it is too early to say. */
export function pace(
  { progress, startedAt }: Pick<JobView, 'progress' | 'startedAt'>,
  bytes: number | null,
  now: number = Date.now(),
): { readonly left: number | null; readonly rate: number | null } {
  const gone = Math.max(0, now - Date.parse(startedAt)) / 1000;
  if (progress === null || progress < 0.02 || gone < 0.5) return { left: null, rate: null };
  return { left: gone / progress - gone, rate: bytes === null ? null : (bytes * progress) / gone };
}
