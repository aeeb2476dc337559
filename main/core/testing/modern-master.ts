/** The modern raw closes through the real program: master, renames, derived splits, the doctor; returns against the adjusted file. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseIsoDay } from '../../contract/units.ts';
import type { ImportOptions, ImportReport } from '../../contract/report.ts';
import { panelFor } from '../engine.ts';
import { listFindings, lookAtData } from '../findings.ts';
import { getQuarantine } from '../identities.ts';
import { importFile } from '../imports.ts';
import { openSession, type Session } from '../session.ts';
import { completeSettings } from '../settings.ts';
import { createWorkspaceAt } from '../workspaces.ts';
import { returnsOfSeries, type Panel } from '../../workers/panel.ts';
import { compareReturns, type Agreement } from './agreement.ts';
import { listingsOf, matrixLines, splitsText, type Listings } from './listings.ts';
import { environment } from './modern.ts';

export interface ModernMaster {
  readonly folder: string;
  readonly session: Session;
  readonly listings: Listings;
  readonly closes: ImportReport;
  /** Revision before the splits were imported. */
  readonly before: number;
  give(name: string, text: string, options?: ImportOptions): Promise<ImportReport>;
}

/** The header and the lines of some tickers of a wide file. */
export function cut(file: string, wanted: (ticker: string) => boolean): string {
  const { header, lines } = matrixLines(file);
  return [header, ...[...lines].flatMap(([ticker, line]) => (wanted(ticker) ? [line] : [])), ''].join('\n');
}

/** Imports SPY, the securities, the raw closes and the splits of some tickers into a new workspace. */
export async function importMaster(wanted: (ticker: string) => boolean): Promise<ModernMaster> {
  const folder = mkdtempSync(join(tmpdir(), 'hedgerow-master-'));
  const dir = join(folder, 'master.hedgerow');
  await createWorkspaceAt(environment, dir);
  const session = await openSession(environment, dir);
  const give = async (name: string, text: string, options: ImportOptions = {}): Promise<ImportReport> => {
    writeFileSync(join(folder, name), text);
    const report = await importFile(session, join(folder, name), { skipRejected: true, ...options });
    if (report.outcome !== 'committed') throw new Error(`${name}: ${report.outcome} ${JSON.stringify(report.issues.slice(0, 3))}`);
    return report;
  };
  const listings = listingsOf(wanted);
  await give('map.csv', 'level,code,etf,valid_from\nmarket,*,SPY,1993-01-29\n');
  await give(
    'spy.csv',
    cut('modern_adj_close_etfs.csv.gz', (ticker) => ticker === 'SPY'),
    { value: 'adj_close' },
  );
  await give('securities.csv', listings.securities);
  const closes = await give('closes.csv', cut('modern_raw_close_stocks.csv.gz', wanted), { value: 'close' });
  const before = (await session.reader.call('state', null)).revision;
  await give('splits.csv', splitsText(wanted));
  return { folder, session, listings, closes, before, give };
}

interface Wide {
  readonly rowOf: (date: string) => number;
  readonly values: ReadonlyMap<string, Float64Array>;
}

/** A wide file on the rows of a panel. */
function onRows(file: string, days: Int32Array, wanted: (ticker: string) => boolean): Wide['values'] {
  const { header, lines } = matrixLines(file);
  const place = new Map(Array.from(days, (day, row) => [day, row]));
  const rows = header
    .split(',')
    .slice(1)
    .map((date) => place.get(parseIsoDay(date)!) ?? -1);
  const out = new Map<string, Float64Array>();
  for (const [ticker, line] of lines) {
    if (!wanted(ticker)) continue;
    const values = new Float64Array(days.length).fill(NaN);
    line
      .split(',')
      .slice(1)
      .forEach((cell, i) => {
        if (cell !== '' && rows[i]! >= 0) values[rows[i]!] = Number(cell);
      });
    out.set(ticker, values);
  }
  return out;
}

const returnsOf = (prices: Float64Array): Float64Array => prices.map((price, row) => (row === 0 ? NaN : price / prices[row - 1]! - 1));

export interface MasterProof {
  readonly companies: number;
  readonly tickers: number;
  readonly renames: number;
  readonly relisted: number;
  readonly recycled: number;
  readonly securitiesInProgram: number;
  readonly quarantined: { readonly names: number; readonly rows: number };
  readonly findings: Readonly<Record<string, number>>;
  /** Per ticker as the file has them; per security; per security with the splits. */
  readonly agreement: { readonly tickers: Agreement; readonly securities: Agreement; readonly withSplits: Agreement };
}

/** What the issue asks of the modern set, as figures. */
export async function proveMaster(master: ModernMaster, wanted: (ticker: string) => boolean): Promise<MasterProof> {
  const { session, listings, before } = master;
  const { revision } = await session.reader.call('state', null);
  const settings = completeSettings({ returns: 'raw' });
  const knownAsOf = parseIsoDay('2026-08-01')!;
  const panel = (at: number): Promise<Panel> => panelFor(session, { runId: '', settings, knownAsOf, revision: at }, null);
  const [plain, split] = [await panel(before), await panel(revision)];
  const adjusted = onRows('modern_adj_close_stocks.csv.gz', split.days, wanted);
  const raw = onRows('modern_raw_close_stocks.csv.gz', split.days, wanted);
  const { nRows } = split;
  /** Series of a panel that still trade, under their last ticker, which is that of the adjusted file. */
  const current = (one: Panel) =>
    one.series.flatMap(({ names, isEtf }, i) => {
      const ticker = names.at(-1)!.ticker;
      const theirs = adjusted.get(ticker);
      if (isEtf || !theirs) return [];
      const own = returnsOfSeries(one, i);
      if (!own.subarray(nRows - 30).some((value) => !Number.isNaN(value))) return [];
      const close = new Float64Array(nRows).fill(NaN);
      for (const { from, to, ticker: name } of names) close.set(raw.get(name)?.subarray(from, to) ?? [], from);
      return [{ raw: own, adjusted: returnsOf(theirs), close }];
    });
  const naive = [...adjusted].flatMap(([ticker, theirs]) => {
    const close = raw.get(ticker);
    return close ? [{ raw: returnsOf(close), adjusted: returnsOf(theirs), close }] : [];
  });
  await lookAtData(session);
  const findings: Record<string, number> = {};
  for (const { code } of await listFindings(session)) findings[code] = (findings[code] ?? 0) + 1;
  const { entries } = await getQuarantine(session);
  const { companies, tickers, renames, relisted, recycled } = listings;
  return {
    companies,
    tickers,
    renames,
    relisted,
    recycled: recycled.length,
    securitiesInProgram: split.series.filter((one) => !one.isEtf).length,
    quarantined: { names: entries.length, rows: entries.reduce((sum, one) => sum + one.rows, 0) },
    findings: Object.fromEntries(Object.entries(findings).sort(([, a], [, b]) => b - a)),
    agreement: { tickers: compareReturns(naive), securities: compareReturns(current(plain)), withSplits: compareReturns(current(split)) },
  };
}
