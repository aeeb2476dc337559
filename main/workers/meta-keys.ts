/** Names of the small values of a workspace that several threads read. */

/** Number of the run that views take when none is named; null or absent: the newest. */
export const PINNED_RUN = 'pinnedRun';
