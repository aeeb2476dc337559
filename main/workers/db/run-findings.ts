/** What a run notices about the data as a whole: said again by every run, listed for the latest one only. */
import { insertFindings, listFindings, readBlocks, seriesExtents, type NewFinding, type Workspace } from '../../../db/index.ts';
import { formatIsoDay, type EpochDay } from '../../contract/units.ts';
import { hasSectorEtf, mapNames, nameOf, unmappedText } from './class-scheme.ts';
import { lastChains } from './last-chains.ts';
import { readMaster, RETURN_FIELDS, type Master } from './master.ts';
import { listed } from './words.ts';

export interface RunFacts {
  readonly revision: number;
  readonly knownAsOf: number;
}

/** What a run of a revision, as known on a day, notices. */
export function runFindings(ws: Workspace, { revision, knownAsOf }: RunFacts): NewFinding[] {
  const master = readMaster(ws, revision, knownAsOf);
  const extents = seriesExtents(ws, { fields: RETURN_FIELDS, revision });
  const priced = (security: number): boolean => master.identities.pieces(security).some((piece) => extents.has(piece.symbolId));
  const stocks = stocksOf(master, priced);
  return [
    ...classFindings(master, stocks),
    ...sectorFindings(master, stocks),
    ...etfFindings(master, knownAsOf, priced, stocks),
    ...marketGaps(ws, master, revision),
  ];
}

/** Stores the findings of a run; what was dismissed in the same words stays dismissed. */
export function noteRun(ws: Workspace, { revision, found }: { readonly revision: number; readonly found: readonly NewFinding[] }): null {
  const before = listFindings(ws).filter((row) => row.batchId === null);
  const fresh = found.filter(
    (one) => !before.some((row) => row.message === one.message && (row.dismissedReason !== null || revisionOf(row.detail) === revision)),
  );
  if (fresh.length)
    insertFindings(
      ws,
      null,
      fresh.map((one) => ({ ...one, detail: { revision } })),
    );
  return null;
}

/** Revision of the run that a batchless finding belongs to. */
export function revisionOf(detail: unknown): number | null {
  return (detail as { revision?: number } | null)?.revision ?? null;
}

const finding = (
  severity: NewFinding['severity'],
  code: string,
  subject: string,
  message: string,
  day: number | null = null,
): NewFinding => ({
  severity,
  code,
  subject,
  day: day as EpochDay | null,
  message,
  detail: null,
});

/** Securities with prices that are no ETF of the map. */
function stocksOf(master: Master, priced: (security: number) => boolean): number[] {
  const etfs = new Set([...master.etfSecurity.values()]);
  return master.identities.securities().filter((security) => !etfs.has(security) && priced(security));
}

function classFindings(master: Master, stocks: readonly number[]): NewFinding[] {
  const lastDay = master.axis.days[master.axis.nRows - 1]!;
  const without = stocks.filter((security) => !master.classRows.has(security));
  if (without.length === 0) return [];
  if (without.length === stocks.length)
    return [finding('warning', 'no_classification', 'classification', 'No security has a classification: all rows are of level 1 only.')];
  const names = without.map((security) => master.identities.tickerOn(security, lastDay));
  return [
    finding(
      'info',
      'no_classification',
      names[0]!,
      `${without.length === 1 ? '1 security has' : `${without.length} securities have`} no classification and level 1 only: ${listed(names)}.`,
    ),
  ];
}

/** Classified securities of level 1, as those without a classification, and less expected: the map has no ETF for the sector, or the rows begin after the last day. */
function sectorFindings(master: Master, stocks: readonly number[]): NewFinding[] {
  const map = mapNames(master.mapRows);
  const lastDay = master.axis.days[master.axis.nRows - 1]!;
  const unmapped: string[] = [];
  const later: { readonly name: string; readonly from: number }[] = [];
  for (const security of stocks) {
    const rows = master.classRows.get(security) ?? [];
    const mapped = rows.filter((row) => hasSectorEtf(map, row));
    const from = Math.min(...mapped.map((row) => Math.max(row.validFrom ?? -Infinity, row.known)));
    if (rows.length > 0 && mapped.length === 0) unmapped.push(nameOf(rows[0]!));
    else if (mapped.length > 0 && from > lastDay) later.push({ name: master.identities.tickerOn(security, lastDay), from });
  }
  const told = listed(later.map(({ name, from }) => `${name} (${formatIsoDay(from as EpochDay)})`));
  const whose = later.length === 1 ? '1 security is classified' : `${later.length} securities are classified`;
  return [
    ...(unmapped.length > 0 ? [finding('warning', 'sector_without_etf', 'classification', unmappedText(unmapped))] : []),
    ...(later.length > 0
      ? [
          finding(
            'warning',
            'classified_later',
            later[0]!.name,
            `${whose} only from a day after the last prices on, ${formatIsoDay(lastDay as EpochDay)}, and of level 1 only: ${told}. Import the classification with the days from which it is valid and known.`,
          ),
        ]
      : []),
  ];
}

/** ETFs of the map without prices: the levels of the chains that name them are missing. The map may have many that no chain names. */
function etfFindings(master: Master, knownAsOf: number, priced: (security: number) => boolean, stocks: readonly number[]): NewFinding[] {
  const without = [...master.etfSecurity].filter(([, security]) => security === null || !priced(security)).map(([etf]) => etf);
  if (without.length === 0) return [];
  const users = new Map(without.sort().map((etf) => [etf, 0]));
  let securities = 0;
  for (const chain of lastChains(master, knownAsOf, stocks).values()) {
    const missing = chain.filter((etf) => users.has(etf));
    if (missing.length > 0) securities += 1;
    for (const etf of missing) users.set(etf, users.get(etf)! + 1);
  }
  const all = `${without.length === 1 ? '1 ETF of the map has' : `${without.length} ETFs of the map have`} no prices: ${listed(without)}.`;
  const named = [...users].filter(([, count]) => count > 0).sort((a, b) => b[1] - a[1]);
  if (named.length === 0) return [finding('info', 'etf_without_prices', without[0]!, all)];
  const told = listed(named.map(([etf, count]) => `${etf} (${count})`));
  const words = `${securities} ${securities === 1 ? 'security has' : 'securities have'} no level below an ETF without prices: ${told}. Import their prices, or an ETF map without them.`;
  return [finding('warning', 'etf_without_prices', named[0]![0], words)];
}

/** Sessions without a value of the market ETF (MODEL.md 1). */
function marketGaps(ws: Workspace, master: Master, revision: number): NewFinding[] {
  const { axis, identities, marketCode, etfSecurity } = master;
  const pieces = identities.pieces(etfSecurity.get(marketCode) ?? -1);
  const seen = new Uint8Array(axis.nRows);
  const symbolIds = Int32Array.from(new Set(pieces.map((piece) => piece.symbolId))).sort();
  readBlocks(ws, { fields: RETURN_FIELDS, symbolIds, revision }, (block) => {
    axis.slots.forEach((slot, row) => {
      const value = block.values[slot - block.firstSlot];
      if (value !== undefined && !Number.isNaN(value)) seen[row] = 1;
    });
  });
  const missing = [...axis.days].filter((_, row) => seen[row] === 0);
  if (missing.length === 0) return [];
  const days = missing.map((day) => formatIsoDay(day as EpochDay));
  const words = `${marketCode} has no price on ${missing.length} session${missing.length > 1 ? 's' : ''}: ${listed(days)}. The market return is missing there.`;
  return [finding('warning', 'market_gap', marketCode, words, missing[0]!)];
}
