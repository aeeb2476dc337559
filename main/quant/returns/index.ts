export * from './types.ts';
export { lowerBound, rowAxis } from './axis.ts';
export { enterEpoch, returnEpochs, returnsAsKnown } from './epochs.ts';
export { isPlain, plainReturns } from './plain.ts';
export { PROXY_VERSION, withProxy } from './proxy.ts';
export { spliceEpochs } from './splice.ts';
