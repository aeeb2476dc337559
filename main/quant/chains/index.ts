export * from './types.ts';
export { indexMap, mapSecurities, normalName } from './map-index.ts';
export type { MapIndex } from './map-index.ts';
export { chainSpans, classVersions } from './spans.ts';
