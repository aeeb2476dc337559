export * from './types.ts';
export { parseUniverse, UNIVERSE_VERSION } from './names.ts';
export { listMemberships } from './lists.ts';
export type { ListRow, ListVersion } from './lists.ts';
export { createRanking, maskOf, membershipAt, stampRows } from './membership.ts';
