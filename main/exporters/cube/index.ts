export { formatMetrics, metricsHeader, type MetricsColumn, type MetricsTile } from './metrics.ts';
export { bitNames, type CubeColumn, type CubeRows, type Lineage } from './columns.ts';
export { encodeRowGroup, parquetFile, type EncodedRows, type ParquetFile } from './parquet.ts';
export { CHUNK_DATES, CHUNK_TICKERS, zarrBand, zarrHead, type StoreFile } from './zarr.ts';
