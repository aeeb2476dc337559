/** What the codes of a list stand for: a ticker, or the ISIN, CUSIP, SEDOL or FIGI of master data and of holdings. */
import { allSymbols, currentRevision, namesOfNumbers, type Workspace } from '../../../db/index.ts';
import { canonicalTicker } from '../../importers/symbols.ts';
import { bare, numbersIn } from '../../importers/brokers/names.ts';
import { readMaster } from './master.ts';
import { resolveTicker } from './name-look-ups.ts';

export interface ListedRequest {
  readonly revision: number;
  readonly knownAsOf: number;
  /** Holdings whose identifiers count beside those of master data. */
  readonly snapshotIds: readonly number[];
  readonly codes: readonly string[];
}

export interface ListedCode {
  readonly code: string;
  /** ETFs of the map it stands for. */
  readonly etfs: readonly string[];
  /** Whether it stands for anything here. */
  readonly known: boolean;
}

/** In the order of the codes. Master data that was imported after the run counts too. */
export function listedCodes(ws: Workspace, { revision, knownAsOf, snapshotIds, codes }: ListedRequest): ListedCode[] {
  const { identities, etfSecurity } = readMaster(ws, revision, knownAsOf);
  const numbersOf = new Map(codes.map((code) => [code, numbersIn(code)]));
  const named = namesOfNumbers(ws, { revision: currentRevision(ws), snapshotIds, numbers: [...numbersOf.values()].flat() });
  const tickers = new Map(allSymbols(ws).flatMap((one) => (one.type === 'ticker' ? [[one.symbolId as number, one.code] as const] : [])));
  return codes.map((code) => {
    const own = numbersOf.get(code)!;
    const rows = named.filter(({ number }) => own.includes(number));
    // Terminals add to a ticker: `SPY US Equity`.
    const ticker = bare(code);
    const names = new Set([canonicalTicker(code), canonicalTicker(ticker), ...rows.flatMap(({ symbolId }) => tickers.get(symbolId) ?? [])]);
    const security = resolveTicker(ws, { revision, knownAsOf, ticker, day: null });
    const ids = new Set([security, ...rows.flatMap((row) => (row.securityId === null ? [] : [identities.root(row.securityId)]))]);
    const etfs = [...etfSecurity].flatMap(([etf, id]) => (names.has(canonicalTicker(etf)) || (id !== null && ids.has(id)) ? [etf] : []));
    return { code, etfs, known: etfs.length > 0 || rows.length > 0 || security !== null };
  });
}
