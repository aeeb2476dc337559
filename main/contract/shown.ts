/** Which workspace a page shows goes with what it asks: another window, or a sample just made, may have opened another one meanwhile. */

/** Header with the `opened` of the workspace that the page shows. */
export const SHOWN_HEADER = 'x-hedgerow-workspace';

/** Methods about the program, whichever workspace is open; all others are about the one that is shown. */
export const isOfProgram = (method: string): boolean => /^(workspace|jobs|preferences|update|service|files)\./.test(method);
