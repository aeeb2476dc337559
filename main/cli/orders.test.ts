/** Order sets from freezing to the ledger, as a user meets them. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeAll, describe, expect, it } from 'vitest';
import type {
  FillsReport,
  LedgerView,
  OrderPackage,
  OrderPackageRow,
  OrdersComparison,
  OrdersVerification,
} from '../contract/results-orders.ts';
import { datedBooks } from '../core/book.ts';
import { previewHedge } from '../core/hedge.ts';
import { listBatches, undoBatch } from '../core/imports.ts';
import { checkPackage, exportPackage, freezeHedge, writeHedgeFiles } from '../core/orders/export.ts';
import { importFills } from '../core/orders/fills.ts';
import { getLedger } from '../core/orders/ledger.ts';
import { listPackages } from '../core/orders/packages.ts';
import { startRun } from '../core/runs.ts';
import { getToday } from '../core/workbench/today.ts';
import { Cli, scratch } from './testing/cli.ts';
import { CLASSES, MAP, pricesText, SHORT, smallMarket } from './testing/market.ts';
import { importAll, inSession } from './testing/session.ts';

const market = smallMarket(160);
const last = market.days.at(-1)!;
const OVERRIDE = ['--override', 'a test of the whole way'];
let base: Cli;

const holdings = (lines: readonly string[], asOf = last): string =>
  ['ticker,quantity,account,as_of', ...lines.map((line) => `${line},ONE,${asOf}`), ''].join('\n');

beforeAll(async () => {
  base = new Cli(scratch(), 'orders');
  await base.value('init');
  await base.give('map.csv', MAP);
  await base.give('classes.csv', CLASSES);
  await base.give('prices.csv', pricesText(market));
  await base.give('book.csv', holdings(['AAA,1000', 'BBB,500', 'SPY,-10']));
  await base.value('run', ...SHORT);
}, 60_000);

describe('a frozen set', () => {
  it('does not go out by any reason while its account may not sell short, or a fund against the hedge has no mark', async () => {
    const cli = base.copy('final');
    const lines = ['AAA,1000,ONE', 'BBB,500,ONE', 'SPY,10,ONE', '$CASH,-999999,ONE'];
    await cli.give('poor.csv', ['ticker,quantity,account,as_of', ...lines.map((line) => `${line},${last}`), ''].join('\n'));
    const out = join(cli.folder, 'final.csv');
    const hedge = async (...more: string[]): Promise<string> => {
      const { code, err } = await cli.run('hedge', '--format', 'generic', '--out', out, ...OVERRIDE, ...more);
      expect(code).toBe(3);
      return err;
    };
    expect(await hedge()).toMatch(
      /2 checks block.*worth .*at least \$2,000.*10 SPY in ONE are against.*no reason overrides account, hedge_sleeve/s,
    );
    expect(await hedge('--hedge-sleeve', 'SPY')).toMatch(/1 check blocks.*no reason overrides account\./s);
    expect(existsSync(out)).toBe(false);
    const { out: shown } = await cli.run('hedge');
    expect(shown).toContain('BLOCK account (no override): ');
    expect(shown).toMatch(/^model volatility per year .*: before /m);
  });

  it('goes out at a close that was corrected on the day of its run, a day after its own', async () => {
    const cli = base.copy('corrected').with({ today: new Date(Date.parse(last) + 86_400_000).toISOString().slice(0, 10) });
    const corrected = (market.closes.SPY!.at(-1)! * 1.03).toFixed(2);
    await cli.give('fix.csv', `date,ticker,close\n${last},SPY,${corrected}\n`, '--accept-restatements');
    await cli.value('run', ...SHORT);
    const out = join(cli.folder, 'corrected.csv');
    await cli.value('hedge', '--hedge-sleeve', 'SPY', '--format', 'generic', '--out', out, ...OVERRIDE);
    expect(readFileSync(out, 'utf8')).toMatch(new RegExp(`,SPY,.*,${corrected},${last},`));
  });

  it.each([
    ['a jump behind one large set', [10, 11, 12, 90], 95, 'fail'],
    ['no jump behind one small set', [100, 95, 90, 5], 97, 'pass'],
  ] as const)('is measured by the usual size of its trades: %s', async (name, before, now, status) => {
    const cli = base.copy(name.replaceAll(' ', '-'));
    await inSession(cli, async (session) => {
      const all = (part: number) => ({ layers: { market: part, sector: part, subsector: part }, hedgeSleeve: ['SPY'] });
      for (const part of before)
        await writeHedgeFiles(session, all(part), { format: 'generic', out: join(cli.folder, `${name} ${part}.csv`), override: 'a test' });
      const check = (await previewHedge(session, all(now))).checks.find(({ id }) => id === 'fat_finger')!;
      const xlk = check.message.includes('XLK');
      expect([check.severity === 'block' && xlk ? 'fail' : 'pass', check.message]).toEqual([status, expect.any(String)]);
    });
  });

  it('is the same set again, exports the same bytes again, and says so when it went out today already', async () => {
    const cli = base.copy('again');
    const one = await cli.value<OrderPackage>('freeze', '--by', 'maker', '--note', 'first of the day');
    expect(one.packageId).toBe(1);
    expect(one.orders).toBeGreaterThan(0);
    expect((await cli.value<OrderPackage>('freeze', '--by', 'someone')).sha256).toBe(one.sha256);
    const rows = await cli.value<OrderPackageRow[]>('orders');
    expect(rows).toMatchObject([{ packageId: 1, preparedBy: 'maker', note: 'first of the day', approvals: [], exports: [] }]);

    const file = join(cli.folder, 'again-1.csv');
    await cli.value('orders', '1', '--format', 'generic', '--out', file, ...OVERRIDE);
    const second = join(cli.folder, 'again-2.csv');
    const refused = await cli.run('orders', '1', '--format', 'generic', '--out', second);
    expect(refused.code).not.toBe(0);
    expect(refused.err).toMatch(/Order set 1 \(again-1\.csv\), exported today, trades the same ETF in the same account/);
    await cli.value('orders', '1', '--format', 'generic', '--out', second, '--override', 'the desk lost the first file');
    expect(readFileSync(second)).toEqual(readFileSync(file));
    const [row] = await cli.value<OrderPackageRow[]>('orders');
    expect(row!.exports.map((done) => done.override?.reason)).toEqual(['a test of the whole way', 'the desk lost the first file']);
    expect(row!.exports[1]!.override!.checks.length).toBeGreaterThan(0);
    const manifest = JSON.parse(readFileSync(`${second}.manifest.json`, 'utf8')) as { order_set: unknown };
    expect(manifest.order_set).toMatchObject({ id: 1, sha256: one.sha256, created_by: 'maker', approved_by: [] });
    // The next day the same holdings are still of before its trades; those of that day hold them.
    const morrow = cli.with({ today: '2026-07-02' });
    const working = new RegExp(
      `again-2.csv\\), exported on 2026-07-01 for 2026-07-02, trades SOXX in ONE too, whose holdings of ${last} are of before`,
    );
    expect((await morrow.run('hedge')).out).toMatch(working);
    await morrow.give('after.csv', holdings(['AAA,1000', 'BBB,500', 'SPY,-400'], '2026-07-02'));
    expect((await morrow.run('hedge')).out).not.toMatch(/exported on 2026-07-01|newer holdings/);
  });

  it('is not exported when what it rests on was replaced, which the check names; a day more replaces nothing', async () => {
    const cli = base.copy('replaced');
    await inSession(cli, async (session) => {
      const { packageId } = await freezeHedge(session, {});
      const said = async (): Promise<string> => {
        const check = (await checkPackage(session, packageId, { format: 'generic' })).find(({ id }) => id === 'superseded')!;
        expect(check.severity).toBe('block');
        return check.message;
      };
      const same = await said();
      expect(same).toBe('Nothing behind the hedge was replaced since it was made.');
      await importAll(session, cli, {
        'day.csv': 'date,ticker,close\n2026-07-01,AAA,100\n',
        'other.csv': `ticker,quantity,account,as_of\nAAA,1,OTHER,${last}\n`,
      });
      expect(await said()).toBe(same);
      const restated = `date,ticker,close\n${market.days.at(-9)!},BBB,1.5\n`;
      const cases = {
        'same-day.csv': [holdings(['AAA,900']), `There are newer holdings of ONE, of ${last} (same-day.csv): hedge those.`],
        'restated.csv': [restated, 'prices of 1 security'],
        'map-2.csv': [`${MAP}subsector,Banks,KBE,gics,2000-01-03\n`, 'the ETF map'],
        'split.csv': [`ticker,ex_date,type,value\nSPY,${market.days.at(-5)!},split,2\n`, 'corporate actions of 1 security'],
      };
      for (const [name, [text, what]] of Object.entries(cases)) {
        await importAll(session, cli, { [name]: text! });
        expect(await said()).toContain(name === 'same-day.csv' ? what : `${name} was imported after run R1 and changes ${what}: run again`);
        await undoBatch(session, (await listBatches(session)).find(({ file }) => file === name)!.batchId);
        expect(await said()).toBe(same);
      }
      await importAll(session, cli, { 'restated.csv': restated });
      await startRun(session, { settings: { window: 60, minObs: 30 } });
      const { view } = await freezeHedge(session, {});
      expect([view.lineage.runId, view.checks.find(({ id }) => id === 'superseded')!.message]).toEqual(['R2', same]);
      await undoBatch(session, (await listBatches(session)).find(({ file }) => file === 'book.csv')!.batchId);
      await expect(said()).rejects.toThrow(`Order set 1 is of holdings that were taken back: book.csv of ${last}.`);
    });
  });

  it('is not exported twice at one moment: the later of two finds what the first has sent', async () => {
    const cli = base.copy('twice');
    await inSession(cli, async (session) => {
      const { packageId } = await freezeHedge(session, {});
      const to = (name: string) =>
        exportPackage(session, packageId, {
          ...{ format: 'generic', out: join(cli.folder, name) },
          ...{ override: 'prices of a test market', overriding: ['holdings_age', 'price_age'] },
        });
      const done = await Promise.allSettled([to('one.csv'), to('two.csv')]);
      const reasons = done.flatMap((one) => (one.status === 'rejected' ? [(one.reason as Error).message] : []));
      expect([done[0]!.status, reasons.length]).toEqual(['fulfilled', 1]);
      expect(reasons[0]).toMatch(/one\.csv\), exported today/);
    });
  });

  it('waits for a second person when that is asked for, who is not the first', async () => {
    const cli = base.copy('four-eyes');
    await cli.value('orders', '--second-approver', 'on');
    await cli.value('freeze', '--by', 'Maker');
    const out = ['--format', 'generic', '--out', join(cli.folder, 'four-eyes.csv'), ...OVERRIDE];
    expect((await cli.run('orders', '1', ...out)).err).toContain('waits for a second person');
    expect((await cli.run('hedge', ...out)).err).toContain('waits for a second person');
    expect((await cli.run('approve', '1', '--by', 'maker ')).err).toContain('prepared order set 1');
    const approved = await cli.value<OrderPackage>('approve', '1', '--by', 'Checker', '--note', 'looked at each leg');
    expect(approved.approvals).toMatchObject([{ by: 'Checker', note: 'looked at each leg' }]);
    expect((await cli.run('approve', '1', '--by', 'checker')).err).toContain('has approved order set 1 already');
    await cli.value('orders', '1', ...out);
    const text = readFileSync(join(cli.folder, 'four-eyes.csv.manifest.json'), 'utf8');
    expect(JSON.parse(text)).toMatchObject({ order_set: { approved_by: [{ by: 'Checker' }] } });
    const ticket = join(cli.folder, 'ticket.html');
    await cli.value('orders', '1', '--ticket', ticket);
    const html = readFileSync(ticket, 'utf8');
    for (const order of approved.view.orders) expect(html).toContain(`>${order.orderId}<`);
    expect(html).toContain('Checker');
    expect(html).not.toContain('<script');
  });

  it('stands beside another one', async () => {
    const cli = base.copy('compare');
    await cli.value('freeze');
    await cli.value('freeze', '--layers', 'market=50,sector=50,subsector=50');
    const { rows, a, b } = await cli.value<OrdersComparison>('orders', '--compare', '1,2');
    expect([a.packageId, b.packageId]).toEqual([1, 2]);
    expect(a.basket).not.toBe(b.basket);
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(row.difference).toBe(row.b - row.a);
    expect((await cli.run('orders', '--compare', '1,9')).err).toContain('There is no order set 9');
  });
});

describe('verify', () => {
  it('names the first altered line of the file, the manifest and the journal', async () => {
    const cli = base.copy('verify');
    const file = join(cli.folder, 'verify.csv');
    await cli.value('hedge', '--format', 'generic', '--out', file, ...OVERRIDE);
    const verify = async (): Promise<OrdersVerification & { code: number }> => {
      const { code, out } = await cli.run('--json', 'verify', file);
      return { ...(JSON.parse(out) as OrdersVerification), code };
    };
    expect(await verify()).toMatchObject({ ok: true, code: 0, journal: { entries: expect.any(Number) } });
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace(/(\n[^\n]*\n[^\n]*),BUY,/, '$1,SELL,').replace(/,SELL_SHORT,/, ',SELL,'));
    const altered = await verify();
    expect(altered).toMatchObject({ ok: false, code: 1, part: 'orders' });
    expect(altered.line).toBeGreaterThan(1);
    writeFileSync(file, text);
    const manifest = readFileSync(`${file}.manifest.json`, 'utf8');
    writeFileSync(`${file}.manifest.json`, manifest.replace('"simulated": false', '"simulated": true'));
    const line = manifest.split('\n').findIndex((one) => one.includes('"simulated": false')) + 1;
    expect(await verify()).toMatchObject({ ok: false, part: 'manifest', line });
    writeFileSync(`${file}.manifest.json`, manifest);
    const away = { ...cli.setup };
    const elsewhere = new Cli(cli.folder, 'nowhere', away);
    expect((await elsewhere.run('verify', file)).out).toContain('No journal was checked');

    const sql = new Database(join(cli.dir, 'workspace.db'));
    const seq = sql.prepare("SELECT seq FROM journal WHERE action = 'freeze'").pluck().get() as number;
    sql.prepare("UPDATE journal SET detail = replace(detail, 'SELL_SHORT', 'SELL') WHERE seq = ?").run(seq);
    sql.close();
    expect(await verify()).toMatchObject({ ok: false, part: 'journal', line: seq });
    expect((await cli.run('orders', '1')).err).toContain('is not what was frozen');
  });
});

describe('the ledger', () => {
  it('follows a set from sent to filled, by fills or by the next holdings, and shows the drift', async () => {
    const cli = base.copy('ledger');
    expect((await cli.run('ledger')).out).toContain('No order set was exported yet');
    const { packageId } = await cli.value<{ packageId: number }>(
      'hedge',
      '--format',
      'generic',
      '--out',
      join(cli.folder, 'l.csv'),
      ...OVERRIDE,
    );
    const { view } = await cli.value<OrderPackage>('orders', String(packageId));
    const sent = await cli.value<LedgerView>('ledger');
    expect(sent.legs.map(({ status }) => new Set(status))).toHaveLength(new Set(view.orders.map(({ symbol }) => symbol)).size);
    expect(sent.legs.every(({ status, filled }) => status === 'sent' && filled === null)).toBe(true);
    expect(sent.drift!.etfs.some(({ drift }) => Math.abs(drift) > 1)).toBe(true);

    // Fills: one order in two executions, whole; a file with a fault is refused whole.
    const [first] = view.orders;
    const bad = cli.file('bad.csv', `order_id,quantity,price\n${first!.orderId},-3,10\nNOSUCH1,5,10\n`);
    expect(await cli.error('fills', join(cli.folder, 'none.csv'))).toMatchObject({
      code: 'not_found',
      message: 'There is no file none.csv.',
    });
    const refused = await cli.run('fills', bad);
    expect(refused.code).toBe(1);
    expect(refused.out).toMatch(/line 2, column 2: .*not a number of shares/);
    expect(refused.out).toMatch(/line 3, column 1: NOSUCH1 is no order/);
    const half = Math.floor(first!.quantity / 2);
    const good = cli.file(
      'good.csv',
      `order_id,quantity,price\n${first!.orderId},${half},10.5\n${first!.orderId},${first!.quantity - half},10.6\n`,
    );
    expect((await cli.value<FillsReport>('fills', good)).outcome).toBe('stored');
    expect((await cli.value<FillsReport>('fills', good)).outcome).toBe('nothing_new');
    const leg = (await cli.value<LedgerView>('ledger')).legs.find(({ symbol }) => symbol === first!.symbol)!;
    const alone = view.orders.filter(({ symbol }) => symbol === first!.symbol).length === 1;
    expect(leg).toMatchObject({ filledFrom: 'fills', status: alone ? 'filled' : 'partly filled' });

    // A file taken back counts no more, until it is let count again or imported once more; the journal keeps all of it.
    const { fillsFiles: files } = await cli.value<LedgerView>('ledger');
    expect(files).toMatchObject([{ executions: 2, counts: true }]);
    const entry = String(files[0]!.entry);
    const legNow = async () => (await cli.value<LedgerView>('ledger')).legs.find(({ symbol }) => symbol === first!.symbol);
    await cli.run('fills', '--take-back', entry);
    expect(await legNow()).toMatchObject({ filled: null, status: 'sent' });
    expect((await cli.run('ledger')).out).toMatch(/good\.csv.*taken back/);
    await cli.run('fills', '--count-again', entry);
    expect(await legNow()).toEqual(leg);
    await cli.run('fills', '--take-back', entry);
    expect(await cli.value<FillsReport>('fills', good)).toMatchObject({ outcome: 'stored', entry: Number(entry) });
    expect(await legNow()).toEqual(leg);
    expect(await cli.run('fills', '--take-back', '1')).toMatchObject({ code: 1 });
    expect((await cli.run('fills', good, '--take-back', entry)).err).toContain('Expected one file');

    // The next holdings show the rest.
    const shares = new Map<string, number>([['SPY', -10]]);
    for (const { symbol, side, quantity } of view.orders)
      shares.set(symbol, (shares.get(symbol) ?? 0) + (side.startsWith('BUY') ? quantity : -quantity));
    const after = ['AAA,1000', 'BBB,500', ...[...shares].map(([symbol, count]) => `${symbol},${count}`)];
    await cli.give('after.csv', holdings(after, '2026-07-01'));
    const done = await cli.value<LedgerView>('ledger');
    expect(done.legs.every(({ status }) => status === 'filled')).toBe(true);
    for (const { drift, target } of done.drift!.etfs) expect(Math.abs(drift)).toBeLessThan(Math.max(200, Math.abs(target) * 0.2));
  });

  it('takes no execution twice, none of another fund or side, and no line whose numbers are cut by a comma', async () => {
    const cli = base.copy('fills');
    await cli.value('hedge', '--format', 'generic', '--out', join(cli.folder, 'f.csv'), ...OVERRIDE);
    const { view } = await cli.value<OrderPackage>('orders', '1');
    const order = view.orders.find(({ side, quantity }) => side === 'SELL_SHORT' && quantity >= 8)!;
    const { orderId: id, symbol, quantity } = order;
    const filled = async () => (await cli.value<LedgerView>('ledger')).legs.find((leg) => leg.symbol === symbol)!.filled;
    let files = 0;
    const give = (...lines: string[]) => cli.run('fills', cli.file(`fills-${++files}.csv`, [...lines, ''].join('\n')));
    const refused = async (text: RegExp, ...lines: string[]) => {
      const answer = await give(...lines);
      expect([answer.code, answer.out]).toEqual([1, expect.stringMatching(text)]);
      expect(await filled()).toBeNull();
    };
    await refused(
      /line 2, column 4: The line has 4 cells, the header 3\. Put numbers such as "1,234\.50" in quotes/,
      'order_id,quantity,price',
      `${id},1,234.50,10`,
    );
    await refused(/column 2: The line is of QQQ, order \w+ of \w+/, 'order_id,symbol,quantity', `${id},QQQ,1`);
    await refused(/column 3: The line buys, order \w+ is SELL_SHORT/, 'order_id,quantity,side', `${id},1,BOT`);
    await refused(/column 3: “HOLD” is no side/, 'order_id,quantity,side', `${id},1,HOLD`);
    await refused(/two columns for one thing: quantity and filled/, 'order_id,quantity,filled', `${id},${quantity},1`);

    // Numbered by the broker: a later file that repeats an earlier one adds what is new.
    const head = 'exec_id,order_id,symbol,side,quantity,price';
    const exec = (number: number, shares: number, price = 10) => `E${number},${id},${symbol} US,SLD,${shares},${price}`;
    expect((await give(head, exec(1, 2), exec(2, 2))).code).toBe(0);
    expect((await give(head, exec(1, 2), exec(2, 2), exec(3, 1))).code).toBe(0);
    expect(await filled()).toBe(-5);
    expect((await give(head, exec(3, 2))).out).toMatch(/Execution E3 of \w+ is of 1 shares at 10 in .*fills-7\.csv, of 2 at 10 here/);
    // Not numbered, what may be the same is not counted again; taking the earlier file back settles it.
    expect((await give('order_id,quantity,price', `${id},2,10`)).out).toMatch(
      /2 shares at 10 of \w+ are in .*fills-6\.csv too.*take that one back first \(entry \d+/,
    );
    expect((await give('order_id,quantity', `${id},${quantity}`)).out).toMatch(/With .*fills-7\.csv \d+ of the \d+ shares/);
    expect(await filled()).toBe(-5);
    const entries = (await cli.value<LedgerView>('ledger')).fillsFiles.map(({ entry }) => String(entry));
    for (const entry of entries) await cli.run('fills', '--take-back', entry);
    expect((await give('order_id,quantity', `${id},${quantity}`)).code).toBe(0);
    expect(await filled()).toBe(-quantity);
    expect((await cli.run('fills', '--count-again', entries[0]!)).err).toMatch(/shares of \w+ would be filled/);
    expect(await filled()).toBe(-quantity);
    // Two windows at one moment: the later one finds what the first has stored.
    const text = cli.file('both.csv', `exec_id,order_id,quantity\nE9,${view.orders.find((one) => one !== order)!.orderId},1\n`);
    const both = await inSession(cli, (session) => Promise.all([1, 2].map(() => importFills(session, text, 'both.csv'))));
    expect(both.map(({ outcome }) => outcome)).toEqual(['stored', 'nothing_new']);
  });

  it('reads each frozen set once and prices no book of a set that was sent, however many there are', async () => {
    const cli = base.copy('many');
    await inSession(cli, async (session) => {
      for (const market of [100, 80, 60]) {
        const layers = { market, sector: 100, subsector: 100 };
        const { packageId } = await freezeHedge(session, { layers, hedgeSleeve: ['SPY'] }, { by: 'maker' });
        await exportPackage(session, packageId, { format: 'generic', out: join(cli.folder, `many-${market}.csv`), override: 'a test' });
      }
      const asked: string[] = [];
      const { reader } = session;
      const call = reader.call.bind(reader);
      reader.call = ((name: never, ...rest: [never]) => (asked.push(name), call(name, ...rest))) as typeof reader.call;
      const count = (name: string): number => asked.filter((one) => one === name).length;

      const ledger = await getLedger(session);
      expect(new Set(ledger.legs.map(({ packageId }) => packageId)).size).toBe(3);
      expect(ledger.legs.find(({ symbol }) => symbol === 'SPY')).toMatchObject({ heldBefore: -10, heldNow: -10 });
      expect([count('heldShares'), count('book')]).toEqual([1, 1]);

      const rows = await listPackages(session);
      asked.length = 0;
      expect(await listPackages(session)).toEqual(rows);
      expect(count('packageContent')).toBe(0);
      await getToday(session);
      expect(count('heldShares')).toBe(0);
      expect(count('packageContent')).toBeLessThanOrEqual(5);
    });
  });
});

it('the ledger still says what a set was made of after its holdings, or all there are, were taken back', async () => {
  const cli = base.copy('undone');
  await inSession(cli, async (session) => {
    const { packageId } = await freezeHedge(session, { layers: { market: 100, sector: 100, subsector: 100 } }, { by: 'maker' });
    await exportPackage(session, packageId, { format: 'generic', out: join(cli.folder, 'undone.csv'), override: 'a test' });
    const { batchId } = (await listBatches(session)).find(({ file }) => file === 'book.csv')!;
    await importAll(session, cli, { 'again.csv': holdings(['AAA,100']) });
    await undoBatch(session, batchId);
    const { legs } = await getLedger(session);
    expect(legs.find(({ symbol }) => symbol === 'SPY')).toMatchObject({ heldBefore: -10, heldNow: 0 });
    // The last holdings there are as well: what is held now is not known, and that is no zero.
    await undoBatch(session, (await listBatches(session)).find(({ file }) => file === 'again.csv')!.batchId);
    const bare = await getLedger(session);
    expect(bare.legs.find(({ symbol }) => symbol === 'SPY')).toMatchObject({ heldBefore: -10, heldNow: null, status: 'sent' });
    expect(bare).toMatchObject({ drift: null, note: 'There is no holdings snapshot yet.' });
  });
  expect((await cli.run('ledger')).out).toContain('There is no holdings snapshot yet.');
});

it('the books of many days are of one panel, whatever names each day holds', async () => {
  const cli = base.copy('days');
  await inSession(cli, async (session) => {
    const held = [['AAA,10'], ['BBB,10'], ['CCC,10'], ['AAA,5', 'CCC,5']];
    await importAll(session, cli, Object.fromEntries(held.map((lines, i) => [`day-${i}.csv`, holdings(lines, market.days.at(-9 + i))])));
    let panels = 0;
    const { panelReader } = session;
    const call = panelReader.call.bind(panelReader);
    panelReader.call = ((name: never, ...rest: [never]) => ((panels += name === 'panel' ? 1 : 0), call(name, ...rest))) as typeof call;
    const books = await datedBooks(session, {});
    expect(books.map(({ held: lines }) => lines.map(({ view }) => view.ticker).join())).toEqual([
      'AAA',
      'BBB',
      'CCC',
      'AAA,CCC',
      'AAA,BBB,SPY',
    ]);
    expect(panels).toBe(1);
  });
});
