export { formatMetrics, metricsHeader, type MetricsColumn } from './metrics.ts';
export { type CubeColumn, type CubeRows, type Lineage } from './columns.ts';
export type { CubeFile } from './file.ts';
export { encodeRowGroup, parquetFile } from './parquet.ts';
export { CHUNK_TICKERS, zarrBand, zarrHead, type StoreFile } from './zarr.ts';
