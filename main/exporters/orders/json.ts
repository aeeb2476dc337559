/** JSON with one spelling per value, for hashes and manifests. */
import { HedgerowError } from '../../contract/errors.ts';

/**
 * JSON text with keys sorted by code unit; `indent` spaces per level (0: one line). Properties that are undefined are
 * left out. Throws `internal` for NaN and infinities, which JSON would silently turn into null.
 */
export function canonicalJson(value: unknown, indent = 0): string {
  return JSON.stringify(sorted(value), null, indent);
}

function sorted(value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new HedgerowError('internal', `A manifest cannot hold the number ${value}.`, 'Report this with the steps; nothing was written.');
  }
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, sorted(item)]));
}
