/** A file in the folder of a workspace that is being filled for the first time: what is there meanwhile is a part. */
export const UNFINISHED = 'unfinished';
