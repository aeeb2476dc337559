import type { RowAxis } from '../returns/types.ts';
import { mapRowsFor, normalName } from './map-index.ts';
import type { MapIndex } from './map-index.ts';
import type { ChainOptions, ChainSpan, ClassRow, MapRow } from './types.ts';
import { addBreaks, correctedVersions, inForce } from './versions.ts';

/**
 * The chain of one security through time: consecutive spans over [0, nRows), neighbours differ. Row t uses the class and map
 * rows valid at t with the latest known <= min(t, K). `classRows` are all of the security, in any order; those of schemes not
 * in `options.schemes` are not used.
 */
export function chainSpans(classRows: readonly ClassRow[], map: MapIndex, axis: RowAxis, options: ChainOptions): ChainSpan[] {
  const candidates = candidatesOf(classVersions(classRows, options), map, options.schemes);
  const breaks = new Set<number>();
  addBreaks(map.market, axis, options.knownAsOf, breaks);
  for (const { rows, lookups } of candidates) {
    addBreaks(rows, axis, options.knownAsOf, breaks);
    for (const { sector, subsector } of lookups.values()) {
      for (const list of [...sector, ...subsector]) addBreaks(list, axis, options.knownAsOf, breaks);
    }
  }
  const spans: ChainSpan[] = [];
  if (axis.nRows === 0) return spans;
  const starts = [0, ...[...breaks].sort((a, b) => a - b)];
  starts.forEach((fromRow, i) => {
    const toRow = starts[i + 1] ?? axis.nRows;
    const day = axis.days[fromRow]!;
    const chain = chainAt(candidates, map, day, Math.min(day, options.knownAsOf));
    const last = spans.at(-1);
    if (last && sameChain(last, chain)) spans[spans.length - 1] = { ...last, toRow };
    else spans.push({ fromRow, toRow, ...chain });
  });
  return spans;
}

/** Versions of one classification of a security share it. */
const classKey = (row: ClassRow): string => `${normalName(row.scheme)}\u0000${row.validFrom}`;

/** The class rows of a security as its knowledge has them, in whatever order they are given. */
export function classVersions<T extends ClassRow>(
  rows: readonly T[],
  { knowledge, knownAsOf }: Pick<ChainOptions, 'knowledge' | 'knownAsOf'>,
): T[] {
  const sorted = [...rows].sort(byNames);
  return knowledge === 'corrected' ? correctedVersions(sorted, classKey, knownAsOf) : sorted;
}

type Chain = Omit<ChainSpan, 'fromRow' | 'toRow'>;

/** The class rows of one scheme, in order of preference, and where each of them looks in the map. */
interface Candidate {
  readonly rows: readonly ClassRow[];
  readonly lookups: ReadonlyMap<ClassRow, Lookup>;
}

interface Lookup {
  readonly sector: readonly (readonly MapRow[])[];
  readonly subsector: readonly (readonly MapRow[])[];
}

function candidatesOf(classRows: readonly ClassRow[], map: MapIndex, schemes: readonly string[]): Candidate[] {
  return schemes.flatMap((preferred) => {
    const scheme = normalName(preferred);
    const rows = classRows.filter((row) => normalName(row.scheme) === scheme);
    if (rows.length === 0) return [];
    const lookups = rows.map((row): [ClassRow, Lookup] => {
      const sector = mapRowsFor(map, 'sector', scheme, normalName(row.sector));
      const subsector = row.industry === null ? [] : mapRowsFor(map, 'subsector', scheme, normalName(row.industry));
      return [row, { sector, subsector }];
    });
    return [{ rows, lookups: new Map(lookups) }];
  });
}

function chainAt(candidates: readonly Candidate[], map: MapIndex, day: number, k: number): Chain {
  const market = inForce(map.market, day, k);
  let unmapped: ClassRow | null = null;
  for (const { rows, lookups } of candidates) {
    const row = inForce(rows, day, k);
    if (row === null) continue;
    const { sector, subsector } = lookups.get(row)!;
    const sectorEtf = firstEtf(sector, day, k);
    if (sectorEtf === null || market === null || sameEtf(sectorEtf, market)) {
      unmapped ??= row;
      continue;
    }
    const own = firstEtf(subsector, day, k);
    return describe(row, [market, sectorEtf, ...(own === null || sameEtf(own, market) || sameEtf(own, sectorEtf) ? [] : [own])]);
  }
  return describe(unmapped, market === null ? [] : [market]);
}

/** The map rows of the scheme come first; those of no scheme count on days on which it has none. */
function firstEtf(lists: readonly (readonly MapRow[])[], day: number, k: number): MapRow | null {
  for (const rows of lists) {
    const found = inForce(rows, day, k);
    if (found !== null) return found;
  }
  return null;
}

/** Whether two map rows name one ETF: by the securities behind them where they are known, else by what they call it. */
function sameEtf(a: MapRow, b: MapRow): boolean {
  const known = typeof a.security === 'number' && typeof b.security === 'number';
  return known ? a.security === b.security : a.etf === b.etf;
}

function describe(row: ClassRow | null, etfs: readonly MapRow[]): Chain {
  return {
    market: etfs[0]?.etf ?? null,
    sector: etfs[1]?.etf ?? null,
    subsector: etfs[2]?.etf ?? null,
    scheme: row?.scheme ?? null,
    sectorName: row?.sector ?? null,
    industryName: row?.industry ?? null,
    undated: row !== null && row.validFrom === null,
    etfs,
  };
}

function sameChain(a: Chain, b: Chain): boolean {
  return (
    a.etfs.length === b.etfs.length &&
    a.etfs.every(
      (etf, i) => etf.etf === b.etfs[i]!.etf && etf.security === b.etfs[i]!.security && etf.proxySecurity === b.etfs[i]!.proxySecurity,
    ) &&
    a.scheme === b.scheme &&
    a.sectorName === b.sectorName &&
    a.industryName === b.industryName &&
    a.undated === b.undated
  );
}

/** Only decides between rows that contradict each other in one batch, as of two tickers of a company; keeps the order of the input from showing. */
function byNames(a: ClassRow, b: ClassRow): number {
  const [x, y] = [a, b].map((row) => `${row.sector}\u0000${row.industry ?? ''}`) as [string, string];
  return x < y ? -1 : x > y ? 1 : 0;
}
