/** The main job on the modern set of real prices, step by step; shared by the test and the long test. */
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ImportReport } from '../../contract/report.ts';
import { getBook } from '../book.ts';
import { importFile } from '../imports.ts';
import { getRisk } from '../risk/view.ts';
import { openSession, type Session } from '../session.ts';
import { createWorkspaceAt } from '../workspaces.ts';
import { ROOT, testEnvironment } from './environment.ts';

export const DATA = process.env.HEDGEROW_TEST_DATA ?? resolve(ROOT, '..', 'shared', 'data');
export const hasModern = existsSync(join(DATA, 'modern_adj_close_stocks.csv.gz'));
export const environment = { ...testEnvironment(), today: '2026-08-01' };

/** Forty large companies, every eighth held short. */
const NAMES =
  'AAPL MSFT NVDA AMZN GOOGL META AVGO JPM BAC WFC GS V MA XOM CVX COP SLB UNH JNJ LLY PFE ABBV MRK TMO PG KO PEP WMT COST HD MCD NKE CAT DE BA UPS NEE LIN AMD ORCL'.split(
    ' ',
  );
const SHARES = [50, 100, 150, 200, 300, 400];

/** A holdings file of the forty names as of the last day. */
export function holdingsText(): string {
  const lines = NAMES.map((name, i) => `${name},${(i % 8 === 7 ? -1 : 1) * SHARES[i % SHARES.length]!},ACCT01,2026-07-31`);
  return ['ticker,quantity,account,as_of', ...lines, ''].join('\n');
}

export interface Modern {
  readonly folder: string;
  readonly session: Session;
  readonly etfs: ImportReport;
  readonly stocks: ImportReport;
  readonly classification: ImportReport;
}

/** Imports the adjusted closes of all ETFs and stocks and their classification into a new workspace. */
export async function importModern(): Promise<Modern> {
  const folder = mkdtempSync(join(tmpdir(), 'hedgerow-modern-'));
  const dir = join(folder, 'modern.hedgerow');
  await createWorkspaceAt(environment, dir);
  const session = await openSession(environment, dir);
  const file = (name: string): string => join(DATA, name);
  const etfs = await importFile(session, file('modern_adj_close_etfs.csv.gz'), { value: 'adj_close' });
  const stocks = await importFile(session, file('modern_adj_close_stocks.csv.gz'), { value: 'adj_close', skipRejected: true });
  const classification = await importFile(session, file('classification_stocks.csv.gz'), {});
  return { folder, session, etfs, stocks, classification };
}

/** Raw closes of the stocks (for prices) and the book of forty names. */
export async function importBook({ folder, session }: Modern): Promise<{ closes: ImportReport; holdings: ImportReport }> {
  const closes = await importFile(session, join(DATA, 'modern_raw_close_stocks.csv.gz'), { value: 'close' });
  const path = join(folder, 'book.csv');
  writeFileSync(path, holdingsText());
  return { closes, holdings: await importFile(session, path, {}) };
}

export interface ResidualShares {
  readonly level: number;
  /** Shares of the variance of the book: factors, residuals with their shrunk covariance, with its diagonal alone, and the cross term. */
  readonly factor: number;
  readonly residual: number;
  readonly residualDiagonal: number;
  readonly cross: number;
  /** `Cov(residuals, R) / Var(R)`: their share by Euler's parts. */
  readonly residualContribution: number;
  /** What averaging the residual shares of the single stocks gives. */
  readonly averageResidual: number;
}

/**
 * Thirty of the forty names in equal dollars, long, at each level: the residual share of the book beside the weighted average of
 * the stocks' own. Needs `importBook` and a run; imports a snapshot.
 */
export async function residualShares({ folder, session }: Modern): Promise<ResidualShares[]> {
  const { positions } = await getBook(session, {});
  const lines = positions.slice(0, 30).map(({ ticker, price }) => `${ticker},${(100_000 / price!).toFixed(6)},EQUAL,2026-07-31`);
  const path = join(folder, 'equal.csv');
  writeFileSync(path, ['ticker,quantity,account,as_of', ...lines, ''].join('\n'));
  const { outcome } = await importFile(session, path, {});
  if (outcome !== 'committed') throw new Error(`equal.csv: ${outcome}`);
  const out: ResidualShares[] = [];
  for (const level of [1, 2, 3] as const) {
    const { risk, aggregate, left } = await getRisk(session, { account: 'EQUAL', level });
    if (!risk || left.length > 0) throw new Error(`left out: ${JSON.stringify(left)}`);
    const { total, factor, residual, residualDiagonal, cross } = risk.variance;
    const average = aggregate.find(({ field }) => field === 'residual share of variance')!;
    out.push({
      level,
      factor: factor / total,
      residual: residual / total,
      residualDiagonal: residualDiagonal / total,
      cross: cross / total,
      residualContribution: risk.residual / risk.volatility,
      averageResidual: average.value,
    });
  }
  return out;
}
