export { formatMetrics, metricsHeader, type MetricsColumn, type MetricsTile } from './metrics.ts';
