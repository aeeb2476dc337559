export { formatMetrics, metricsHeader, type MetricsColumn, type MetricsTile } from './metrics.ts';
export { bitNames, type CubeColumn, type CubeRows, type Lineage } from './columns.ts';
export type { EncodedBatch } from './arrow.ts';
export type { CubeFile } from './file.ts';
export { encodeRowGroup, parquetFile, type EncodedRows } from './parquet.ts';
export { CHUNK_DATES, CHUNK_TICKERS, zarrBand, zarrHead, type StoreFile } from './zarr.ts';
