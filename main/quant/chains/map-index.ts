import type { RowAxis } from '../returns/types.ts';
import type { MapRow, RowSpan } from './types.ts';
import { addBreaks, correctedVersions, inForce } from './versions.ts';

/** The rows of an ETF map by level, scheme and code. Build it once per run, not per security. */
export interface MapIndex {
  readonly market: readonly MapRow[];
  readonly bySubject: ReadonlyMap<string, readonly MapRow[]>;
}

/** How scheme, sector and industry names are compared: case and runs of white space do not matter. */
export function normalName(text: string): string {
  return text.trim().replace(/\s+/gu, ' ').toLowerCase();
}

/** Versions of one row of a map share it. */
const mapKey = (row: MapRow): string => `${subject(row.level, normalName(row.scheme), normalName(row.code))}\u0000${row.validFrom}`;

/** Indexes the rows of the map in force (one batch). Their order does not matter. `corrected` names K when corrections reach back. */
export function indexMap(given: readonly MapRow[], corrected?: { readonly knownAsOf: number }): MapIndex {
  // By name, so that of two rows that contradict each other in everything but the ETF the same one always wins.
  const sorted = [...given].sort((a, b) => (a.etf < b.etf ? -1 : a.etf > b.etf ? 1 : 0));
  const bySubject = new Map<string, MapRow[]>();
  const market: MapRow[] = [];
  for (const row of corrected ? correctedVersions(sorted, mapKey, corrected.knownAsOf) : sorted) {
    if (row.level === 'market') {
      market.push(row);
      continue;
    }
    const key = subject(row.level, normalName(row.scheme), normalName(row.code));
    const list = bySubject.get(key);
    if (list) list.push(row);
    else bySubject.set(key, [row]);
  }
  return { market, bySubject };
}

/** Rows of a level for a name, both normalised: those of the scheme, then those of no scheme; empty lists left out. */
export function mapRowsFor(index: MapIndex, level: 'sector' | 'subsector', scheme: string, code: string): readonly (readonly MapRow[])[] {
  const own = index.bySubject.get(subject(level, scheme, code));
  const common = scheme === '' ? undefined : index.bySubject.get(subject(level, '', code));
  return [own, common].filter((rows) => rows !== undefined);
}

/**
 * Row ranges, ascending and apart, on which each security stands in the map as an ETF, as known at min(t, K). It gets no rows of
 * its own there.
 */
export function mapSecurities(index: MapIndex, axis: RowAxis, options: { readonly knownAsOf: number }): Map<number, RowSpan[]> {
  const raw = new Map<number, RowSpan[]>();
  for (const rows of [index.market, ...index.bySubject.values()]) {
    const breaks = new Set([0, axis.nRows]);
    addBreaks(rows, axis, options.knownAsOf, breaks);
    const sorted = [...breaks].sort((a, b) => a - b);
    for (let i = 0; i + 1 < sorted.length; i++) {
      const day = axis.days[sorted[i]!]!;
      const row = inForce(rows, day, Math.min(day, options.knownAsOf));
      const security = row?.security ?? null;
      if (security === null) continue;
      const span = { fromRow: sorted[i]!, toRow: sorted[i + 1]! };
      const list = raw.get(security);
      if (list) list.push(span);
      else raw.set(security, [span]);
    }
  }
  return new Map([...raw].map(([security, spans]) => [security, union(spans)]));
}

function union(spans: readonly RowSpan[]): RowSpan[] {
  const result: RowSpan[] = [];
  for (const span of [...spans].sort((a, b) => a.fromRow - b.fromRow)) {
    const last = result.at(-1);
    if (last && span.fromRow <= last.toRow) result[result.length - 1] = { fromRow: last.fromRow, toRow: Math.max(last.toRow, span.toRow) };
    else result.push(span);
  }
  return result;
}

function subject(level: string, scheme: string, code: string): string {
  return `${level}\u0000${scheme}\u0000${code}`;
}
