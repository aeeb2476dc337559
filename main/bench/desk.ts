/**
 * A desk that hedges every day: prices and holdings of the day come in, a run, a preview, a frozen set, its export, its executions, the ledger.
 * Medians of the first and of the last days: what a desk waits for must not grow with what it did before. At the end a session opened anew must
 * tell the same of every set as the one that saw them come.
 *
 *     node main/bench/desk.ts          HEDGEROW_BENCH_DAYS=120
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dayOfSession, sessionAtOrBefore } from '../calendar/index.ts';
import { formatIsoDay, parseIsoDay, type Session as SessionNumber } from '../contract/units.ts';
import { getBook } from '../core/book.ts';
import { sourceEnvironment } from '../core/environment.ts';
import { previewHedge } from '../core/hedge.ts';
import { importFile } from '../core/imports.ts';
import { setDesk } from '../core/orders/desk.ts';
import { exportPackage, freezeHedge } from '../core/orders/export.ts';
import { importFills } from '../core/orders/fills.ts';
import { getLedger } from '../core/orders/ledger.ts';
import { isBuy } from '../exporters/orders/index.ts';
import { getPackage, listPackages } from '../core/orders/packages.ts';
import { attribution } from '../core/risk/attribution.ts';
import { effectiveness } from '../core/risk/effectiveness.ts';
import { startRun } from '../core/runs.ts';
import { closeSession, openSession, type Session } from '../core/session.ts';
import { createNoise } from '../quant/cascade/testing/market.ts';
import { record } from './record.ts';
import { benchDay, etfCodes, folderOf, makeWorkspace, stockCode, type BenchSpec } from './workspace.ts';

const SPEC: BenchSpec = { stocks: 600, dates: 800, data: 'complete' };
const DAYS = Number(process.env.HEDGEROW_BENCH_DAYS ?? 120);
const POSITIONS = 200;
/** Days of a median. */
const STRETCH = Math.min(10, DAYS >> 1);
const ACCOUNT = 'FUND';

const work = mkdtempSync(join(tmpdir(), 'desk-bench-'));
const folder = folderOf(work, SPEC);
const files = join(work, 'files');
const today = { ...sourceEnvironment(join(import.meta.dirname, '..', '..')), today: benchDay() };
const times = new Map<string, number[]>();

async function timed<T>(what: string, ask: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const answer = await ask();
  times.set(what, [...(times.get(what) ?? []), performance.now() - start]);
  return answer;
}

function file(name: string, lines: readonly string[]): string {
  const path = join(files, name);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

const noise = createNoise(5);
const prices = new Map([...etfCodes, ...Array.from({ length: SPEC.stocks }, (_, i) => stockCode(i))].map((code) => [code, 50]));
/** Shares of the hedge, as executed. */
const hedge = new Map<string, number>();

/** The book of the k-th day: a position in fifty is another one than the day before. */
const positionsOf = (k: number): string[] =>
  Array.from({ length: POSITIONS }, (_, i) => {
    const code = stockCode((i * 3 + Math.floor((k + i) / 50)) % SPEC.stocks);
    return `${code},${1000 + ((i * 7 + k) % 500)}`;
  });

async function oneDay(session: Session, k: number, day: string): Promise<void> {
  const market = 0.01 * noise();
  for (const [code, price] of prices) prices.set(code, Math.round(price * (1 + market + 0.01 * noise()) * 1e4) / 1e4);
  const closes = [...prices].map(([code, price]) => `${day},${code},${price}`);
  const held = [...positionsOf(k), ...[...hedge].filter(([, shares]) => shares !== 0).map(([etf, shares]) => `${etf},${shares}`)];
  const priceFile = file(`p${day}.csv`, ['date,ticker,close', ...closes]);
  const holdingsFile = file(`h${day}.csv`, ['account,ticker,quantity,as_of', ...held.map((line) => `${ACCOUNT},${line},${day}`)]);
  await timed('importPrices', () => importFile(session, priceFile, { value: 'close' }));
  await timed('importHoldings', () => importFile(session, holdingsFile, {}));
  await timed('run', () => startRun(session, {}));
  await timed('book', () => getBook(session, {}));
  await timed('preview', () => previewHedge(session, {}));
  await timed('previewAgain', () => previewHedge(session, {}));
  const { packageId } = await timed('freeze', () => freezeHedge(session, {}, { by: 'bench' }));
  const out = join(files, `o${day}.csv`);
  await timed('export', () => exportPackage(session, packageId, { format: 'generic', out, override: 'a benchmark' }));
  const { view } = await timed('oneSet', () => getPackage(session, packageId));
  for (const order of view.orders)
    hedge.set(order.symbol, (hedge.get(order.symbol) ?? 0) + (isBuy(order) ? order.quantity : -order.quantity));
  const executions = view.orders.map(({ orderId, quantity, price }) => `${orderId},${quantity},${price}`);
  await timed('executions', () => importFills(session, file(`f${day}.csv`, ['order_id,quantity,price', ...executions]), `f${day}.csv`));
  await timed('ledger', () => getLedger(session));
  await timed('listOfSets', () => listPackages(session));
}

const told = async (session: Session): Promise<string> => JSON.stringify([await listPackages(session), await getLedger(session)]);

/** Median of some days, tenths of a millisecond. */
function median(list: readonly number[]): number {
  const sorted = [...list].sort((a, b) => a - b);
  return Math.round(sorted[sorted.length >> 1]! * 10) / 10;
}

try {
  mkdirSync(files);
  makeWorkspace(folder, SPEC);
  const session = await openSession(today, folder, { desk: true });
  await setDesk(session, { marks: etfCodes.map((etf) => ({ etf, role: 'hedge' as const })) });
  const last = sessionAtOrBefore(parseIsoDay(benchDay())!);
  for (let k = 0; k < DAYS; k++) {
    today.today = formatIsoDay(dayOfSession((last + 1 + k) as SessionNumber));
    await oneDay(session, k, today.today);
  }
  await timed('attributionOfDatedHoldings', () => attribution(session, { weights: 'dated' }));
  await timed('effectivenessOfDatedHoldings', () => effectiveness(session, { weights: 'dated' }));
  await timed('otherLayersOfDatedHoldings', () =>
    effectiveness(session, { weights: 'dated', layers: { market: 100, sector: 50, subsector: 0 } }),
  );
  const before = await told(session);
  const { legs } = await getLedger(session);
  await closeSession(session);
  const again = await openSession(today, folder, { desk: true });
  const anew = await timed('listAndLedgerOfANewSession', () => told(again));
  await closeSession(again);
  if (before !== anew) throw new Error('a new session tells other things of the sets');
  const open = legs.filter(({ status }) => status !== 'filled');
  if (open.length > 0) throw new Error(`${open.length} of ${legs.length} legs are not filled: ${JSON.stringify(open[0])}`);
  const figures = Object.fromEntries(
    [...times].map(([what, list]) => [
      `${what}Ms`,
      list.length === 1 ? median(list) : { firstDays: median(list.slice(0, STRETCH)), lastDays: median(list.slice(-STRETCH)) },
    ]),
  );
  for (const [what, figure] of Object.entries(figures)) console.log(what.padEnd(32), JSON.stringify(figure));
  record('desk', {
    ...SPEC,
    positions: POSITIONS,
    etfs: etfCodes.length,
    days: DAYS,
    medianOfDays: STRETCH,
    legs: legs.length,
    ...figures,
  });
} finally {
  rmSync(work, { recursive: true, force: true });
}
