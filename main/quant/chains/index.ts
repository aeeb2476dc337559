export * from './types.ts';
export { indexMap, mapEtfs, normalName } from './map-index.ts';
export type { MapIndex } from './map-index.ts';
export { chainSpans } from './spans.ts';
