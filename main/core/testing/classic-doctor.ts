/** What the doctor finds in the classic set: raw and adjusted closes, volumes, and the vendor's own list of actions. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { listFindings, lookAtData } from '../findings.ts';
import { importFile } from '../imports.ts';
import { closeSession, openSession } from '../session.ts';
import { createWorkspaceAt } from '../workspaces.ts';
import { cut } from './modern-master.ts';
import { DATA, environment } from './modern.ts';

export interface ClassicFindings {
  readonly securities: number;
  readonly values: number;
  readonly actions: number;
  readonly findings: Readonly<Record<string, number>>;
  /** Subjects of each kind. */
  readonly named: Readonly<Record<string, readonly string[]>>;
}

const linesOf = (name: string): string[] =>
  gunzipSync(readFileSync(join(DATA, name)))
    .toString('utf8')
    .trimEnd()
    .split(/\r?\n/);
const keep = ([head, ...lines]: string[], column: number, wanted: (ticker: string) => boolean): string[] => [
  head!,
  ...lines.filter((line) => wanted(line.split(',', column + 1)[column]!)),
];

/**
 * Looks at the members of the S&P 500 of the set that are `wanted`; with `all`, at every stock of the raw file too. `without`: a split
 * (`TICKER DATE`) to leave out of the list.
 */
export async function classicDoctor(wanted: (ticker: string) => boolean, without = '', all = false): Promise<ClassicFindings> {
  const folder = mkdtempSync(join(tmpdir(), 'hedgerow-classic-'));
  const dir = join(folder, 'classic.hedgerow');
  await createWorkspaceAt(environment, dir);
  const session = await openSession(environment, dir);
  try {
    const give = async (name: string, lines: readonly string[], value?: 'close') => {
      writeFileSync(join(folder, name), [...lines, ''].join('\n'));
      const report = await importFile(session, join(folder, name), { skipRejected: true, ...(value ? { value } : {}) });
      if (report.outcome !== 'committed') throw new Error(`${name}: ${report.outcome} ${JSON.stringify(report.issues.slice(0, 3))}`);
      return report;
    };
    await give('map.csv', ['level,code,etf,valid_from', 'market,*,SPY,1993-01-29']);
    const funds = keep(linesOf('classic_etf_ohlcv_long.csv.gz'), 1, (ticker) => ticker === 'SPY').filter(
      (line, i) => i === 0 || line >= '2015-12-01',
    );
    await give('spy.csv', funds);
    const stocks = await give('stocks.csv', keep(linesOf('classic_sp500_long.csv.gz'), 1, wanted));
    const others = all ? await give('raw.csv', cut('classic_raw_close_stocks.csv.gz', wanted).trimEnd().split('\n'), 'close') : null;
    const actions = keep(linesOf('classic_corporate_actions.csv.gz'), 0, wanted).filter((line, i) => {
      const [ticker, day, type] = line.split(',');
      return i === 0 || (day! >= '2015-12-02' && !(type === 'split' && `${ticker} ${day}` === without));
    });
    await give('actions.csv', actions);
    const { securities } = await lookAtData(session);
    const named: Record<string, string[]> = {};
    for (const { code, subject } of await listFindings(session)) (named[code] ??= []).push(subject);
    const counted = Object.entries(named).map(([code, list]): [string, number] => [code, list.length]);
    return {
      securities,
      values: stocks.counts.rows + (others?.counts.rows ?? 0),
      actions: actions.length - 1,
      findings: Object.fromEntries(counted.sort(([, a], [, b]) => b - a)),
      named,
    };
  } finally {
    await closeSession(session);
    rmSync(folder, { recursive: true, force: true });
  }
}
