/** Order sets from freezing to export, as a user meets them. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { OrderPackage, OrderPackageRow, OrdersComparison } from '../contract/results-orders.ts';
import type { HedgeView } from '../contract/results.ts';
import { previewHedge } from '../core/hedge.ts';
import { listBatches, undoBatch } from '../core/imports.ts';
import { checkPackage, exportPackage, freezeHedge, writeHedgeFiles } from '../core/orders/export.ts';
import { listPackages } from '../core/orders/packages.ts';
import { ticketHtml } from '../core/orders/ticket.ts';
import { isBuy, type Manifest } from '../exporters/orders/index.ts';
import { startRun } from '../core/runs.ts';
import type { Cli } from './testing/cli.ts';
import { scratch } from './testing/cli.ts';
import { MAP, SHORT } from './testing/market.ts';
import { holdings, last, market, ordersBase, OVERRIDE } from './testing/orders.ts';
import { importAll, inSession } from './testing/session.ts';

let base: Cli;
beforeAll(async () => void (base = await ordersBase(scratch())), 60_000);

/** What the manifest of an order file says of exports before it. */
function before(orderFile: string): unknown {
  const { previous_run_id, supersedes, re_export } = JSON.parse(readFileSync(`${orderFile}.manifest.json`, 'utf8')) as Manifest;
  return { previous_run_id, supersedes, re_export };
}

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
        await writeHedgeFiles(session, all(part), {
          format: 'generic',
          out: join(cli.folder, `${name} ${part}.csv`),
          override: 'a test of files',
        });
      const check = (await previewHedge(session, all(now))).checks.find(({ id }) => id === 'fat_finger')!;
      const xlk = check.message.includes('XLK');
      expect([check.severity === 'block' && xlk ? 'fail' : 'pass', check.message]).toEqual([status, expect.any(String)]);
    });
  });

  it('is the same set again, exports the same bytes again, and says so when it went out today already', async () => {
    const cli = base.copy('again');
    const one = await cli.value<OrderPackage>('freeze', '--by', 'maker', '--note', 'first of the day');
    expect(one.view.heldEtfs).toMatchObject([{ etf: 'SPY', marked: false, sent: false }]);
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
    expect(manifest.order_set).toMatchObject({ id: 1, sha256: one.sha256, created_by: 'maker', approved_by: [{ by: 'self' }] });
    // The mark is beside the orders, which are the same to the byte.
    expect(row!.exports.map(({ reExport }) => reExport)).toEqual([false, true]);
    expect(before(file)).toEqual({ previous_run_id: null, supersedes: [], re_export: null });
    const mark = { mark: 'RE-EXPORT', of: 'again-1.csv', sha256: row!.exports[0]!.sha256, at_utc: row!.exports[0]!.at };
    expect(before(second)).toEqual({ previous_run_id: null, supersedes: [], re_export: mark });
    expect((await cli.run('orders', '1')).out).toMatch(/^exported as again-1.*\nRE-EXPORT, exported as again-2/m);
    // Another set of the same day says whose place it takes.
    const third = join(cli.folder, 'again-3.csv');
    const half = ['--layers', 'market=50,sector=50,subsector=50'];
    const written = await cli.run('hedge', ...half, '--format', 'generic', '--out', third, '--by', 'someone', ...OVERRIDE);
    expect(written.out).not.toContain('RE-EXPORT');
    const supersedes = ['again-2.csv', 'again-1.csv'].map((name) => ({ order_set: 1, run_id: one.runId, file: name }));
    expect(before(third)).toEqual({ previous_run_id: one.runId, supersedes, re_export: null });
    expect(JSON.parse(readFileSync(`${third}.manifest.json`, 'utf8'))).toMatchObject({ override_by: 'someone' });
    const fourth = await cli.run('hedge', ...half, '--format', 'generic', '--out', join(cli.folder, 'again-4.csv'), ...OVERRIDE);
    expect(fourth.out).toContain('RE-EXPORT of again-3.csv');
    // The next day the same holdings are still of before its trades; those of that day hold them.
    const morrow = cli.with({ today: '2026-07-02' });
    const working = new RegExp(
      `again-4.csv\\), exported on 2026-07-01 for 2026-07-02, trades SOXX in ONE too, whose holdings of ${last} are of before`,
    );
    expect((await morrow.run('hedge')).out).toMatch(working);
    const xlk = one.view.orders.find(({ symbol }) => symbol === 'XLK')!;
    const sent = isBuy(xlk) ? xlk.quantity : -xlk.quantity;
    await morrow.give('after.csv', holdings(['AAA,1000', 'BBB,500', 'SPY,-400000', `XLK,${sent}`], '2026-07-02'));
    expect((await morrow.run('hedge')).out).not.toMatch(/exported on 2026-07-01|newer holdings/);
    // What is held through exported sets alone is offered to be marked; of SPY more is, and of the other side none is.
    const held = async () => new Map((await morrow.value<HedgeView>('hedge')).heldEtfs.map(({ etf, sent: own }) => [etf, own]));
    expect(Object.fromEntries(await held())).toEqual({ SPY: false, XLK: true });
    await morrow.give('other.csv', holdings(['AAA,1000', 'BBB,500', `XLK,${-sent}`], '2026-07-02'));
    expect(Object.fromEntries(await held())).toEqual({ XLK: false });
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
        'other.csv': `ticker,quantity,account,as_of\nAAA,1,OTHER,${last}\nSPY,25,OTHER,${last}\n`,
      });
      expect(await said()).toBe(same);
      const { checks: alone } = await previewHedge(session, { account: 'ONE' });
      expect(alone.find(({ id }) => id === 'duplicate_etf')!.message).toMatch(
        /SPY.* while account OTHER holds 25 shares and is not hedged here/,
      );
      const restated = `date,ticker,close\n${market.days.at(-9)!},BBB,1.5\n`;
      // So many names of a day are stored side by side.
      const many = ['BBB', ...Array.from({ length: 20 }, (_, i) => `N${i}`)].map((one) => `${market.days.at(-9)!},${one},1.5,2026-07-01\n`);
      const cases = {
        'many.csv': [`date,ticker,close,known_from\n${many.join('')}`, 'prices of 1 security'],
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
      const named = (name: string) => `ticker,valid_from,name,known_from\nAAA,2000-01-03,${name},${last}\n`;
      await importAll(session, cli, { 'restated.csv': restated, 'name.csv': named('Alpha') });
      await startRun(session, { settings: { window: 60, minObs: 30 } });
      // A company's new name changes no order.
      await importAll(session, cli, { 'name-2.csv': named('Alpha Inc') });
      const { view } = await freezeHedge(session, {});
      expect([view.lineage.runId, view.checks.find(({ id }) => id === 'superseded')!.message]).toEqual(['R2', same]);
      // The correction was there when the run was made, but is no part of what was known on an earlier day.
      for (const request of [{ knownAsOf: '2026-06-30' }, { date: last }]) {
        const { checks } = await previewHedge(session, request);
        expect(checks.find(({ id }) => id === 'superseded')!.message).toMatch(
          /^What restated\.csv says became known after .*, the day this hedge is as known on, and changes prices of 1 security: run as known today/,
        );
      }
      await importAll(session, cli, { 'taken.csv': `ticker,valid_from,isin\nBBB,${market.days.at(-20)!},US0378331005\n` });
      const { checks } = await previewHedge(session, {});
      expect(checks.find(({ id }) => id === 'superseded')!.message).toContain('taken.csv was imported after run R2 and changes names:');
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

  it('has its file only once the journal knows of it; without a name for it nothing can be sent', async () => {
    const cli = base.copy('noted');
    await inSession(cli, async (session) => {
      const { packageId } = await freezeHedge(session, {});
      const out = join(cli.folder, 'noted.csv');
      const saving = vi.spyOn(session.writer, 'call');
      const { call } = Object.getPrototypeOf(session.writer) as typeof session.writer;
      const there = (): boolean[] => [out, `${out}.manifest.json`].map((path) => existsSync(path));
      let isFirst = true;
      saving.mockImplementation(async (...asked) => {
        if (asked[0] !== 'saveOrderSet' || !isFirst) return call.apply(session.writer, asked);
        isFirst = false;
        expect(there()).toEqual([false, false]);
        const saved = await call.apply(session.writer, asked);
        // Somebody else's file of that name, in the moment between.
        writeFileSync(out, 'not ours');
        return saved;
      });
      const exporting = (path: string) => exportPackage(session, packageId, { format: 'generic', out: path, override: 'a test of files' });
      await expect(exporting(out)).rejects.toThrow(/EEXIST.*The journal has this export of order set 1, but there is no order file/);
      expect(readFileSync(out, 'utf8')).toBe('not ours');
      expect(there()).toEqual([true, false]);
      expect(readdirSync(cli.folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
      await exporting(join(cli.folder, 'again.csv'));
      const [row] = await listPackages(session);
      expect(row!.exports.map(({ file }) => file)).toEqual(['noted.csv', 'again.csv']);
    });
  });

  it('tells a locate to brokers once: what another set of the day has used of it is asked for anew, the same set again is not', async () => {
    const cli = base.copy('used');
    const write = async (name: string, market: number, profile: string): Promise<string> => {
      const out = join(cli.folder, name);
      const layers = `market=${market},sector=${market},subsector=${market}`;
      await cli.value(
        'hedge',
        '--hedge-sleeve',
        'SPY',
        '--layers',
        layers,
        '--format',
        'ems',
        '--profile',
        profile,
        '--out',
        out,
        ...OVERRIDE,
      );
      return readFileSync(out, 'utf8');
    };
    const { orders } = await cli.value<HedgeView>('hedge', '--hedge-sleeve', 'SPY');
    const { symbol, quantity } = orders.find(({ side }) => side === 'SELL_SHORT')!;
    const locate = { status: 'LOCATED', symbol, quantity, expires: '2099-12-31', broker: 'PB', id: 'L1' };
    const profile = cli.file('used.json', JSON.stringify({ locates: [locate] }));
    expect(await write('used1.csv', 100, profile)).toContain(',N,PB,L1,');
    expect(await write('used2.csv', 90, profile)).not.toContain('L1');
    const more = cli.file('more.json', JSON.stringify({ locates: [{ ...locate, quantity: 3 * quantity }] }));
    expect(await write('used3.csv', 90, more)).toContain(',N,PB,L1,');
  });

  it('leaves nothing behind where only its manifest can be written', async () => {
    const cli = base.copy('half');
    await inSession(cli, async (session) => {
      const { packageId } = await freezeHedge(session, {});
      const out = join(cli.folder, 'half.csv');
      const inTheWay = `${out}.${process.pid}.tmp`;
      mkdirSync(inTheWay);
      await expect(exportPackage(session, packageId, { format: 'generic', out, override: 'a test of files' })).rejects.toThrow();
      expect(readdirSync(cli.folder).filter((name) => name.startsWith('half.csv'))).toEqual([basename(inTheWay)]);
    });
  });

  it('waits for a second person when that is asked for, who is not the first', async () => {
    const cli = base.copy('four-eyes');
    await cli.value('orders', '--second-approver', 'on');
    for (const nobody of ['', ' ', 'x']) expect((await cli.run('freeze', '--by', nobody)).err).toContain(`"${nobody.trim()}" names nobody`);
    await cli.value('freeze', '--by', 'Maker');
    const out = ['--format', 'generic', '--out', join(cli.folder, 'four-eyes.csv'), ...OVERRIDE];
    expect((await cli.run('orders', '1', ...out)).err).toContain('waits for a second person');
    expect((await cli.run('hedge', ...out)).err).toContain('waits for a second person');
    expect((await cli.run('approve', '1', '--by', 'x ')).err).toContain('"x" names nobody');
    for (const same of ['maker ', 'Ma ker', 'MAKER.', 'maker\u200b', '\uFF4Daker'])
      expect((await cli.run('approve', '1', '--by', same)).err).toContain('prepared order set 1');
    expect((await cli.run('approve', '1', '--by', '\u200b\u200b')).err).toContain('names nobody');
    const approved = await cli.value<OrderPackage>('approve', '1', '--by', 'Checker', '--note', 'looked at each leg');
    expect(approved.approvals).toMatchObject([{ by: 'Checker', note: 'looked at each leg' }]);
    expect((await cli.run('approve', '1', '--by', 'checker')).err).toContain('has approved order set 1 already');
    await cli.value('orders', '1', ...out);
    const text = readFileSync(join(cli.folder, 'four-eyes.csv.manifest.json'), 'utf8');
    expect(JSON.parse(text)).toMatchObject({ order_set: { approved_by: [{ by: 'Checker' }] } });
    // What was approved is that set, no other.
    const other = join(cli.folder, 'half.csv');
    const half = ['--layers', 'market=50,sector=50,subsector=50', '--format', 'generic', '--out', other];
    expect((await cli.run('hedge', ...half, ...OVERRIDE)).err).toContain('Order set 2 waits for a second person');
    expect(existsSync(other)).toBe(false);
    const ticket = join(cli.folder, 'ticket.html');
    await cli.value('orders', '1', '--ticket', ticket);
    const html = readFileSync(ticket, 'utf8');
    for (const order of approved.view.orders) expect(html).toContain(`>${order.orderId}<`);
    expect(html).toContain('Checker');
    expect(html).not.toContain('<script');
    expect(html).not.toContain('−$0.00');
    // What the screen says of a fund that is held as an investment too, the print says.
    const heldEtfs = [{ account: 'ONE', etf: 'SPY', role: 'investment', shares: 1200, value: null, marked: true, sent: false }] as const;
    expect(ticketHtml({ ...approved, view: { ...approved.view, heldEtfs } })).toMatch(
      /<td>SPY<\/td>.*<td>beside 1,200 shares held as an investment<\/td>/,
    );
  });

  it('stands beside another one', async () => {
    const cli = base.copy('compare');
    await cli.value('freeze');
    await cli.value('freeze', '--layers', 'market=50,sector=50,subsector=50');
    const { rows, a, b } = await cli.value<OrdersComparison>('orders', '--compare', '1,2');
    expect([a.packageId, b.packageId]).toEqual([1, 2]);
    expect(a.basket).not.toBe(b.basket);
    expect(rows.length).toBeGreaterThan(0);
    const { view } = await cli.value<OrderPackage>('orders', '1');
    for (const row of rows) {
      const own = view.orders.filter(({ symbol }) => symbol === row.symbol);
      expect(row.a).toBe(own.reduce((sum, { side, quantity }) => sum + (side.startsWith('BUY') ? quantity : -quantity), 0));
      expect([row.difference, row.notional]).toEqual([row.b - row.a, (row.b - row.a) * own[0]!.price]);
    }
    expect(rows.some(({ difference }) => difference > 0)).toBe(true);
    expect((await cli.run('orders', '--compare', '1,9')).err).toContain('There is no order set 9');
  });
});

it('a holding named by its CUSIP or ISIN in the column of tickers is the security that has it, and a fund held short the hedge that it is', async () => {
  const cli = base.copy('numbers');
  await inSession(cli, async (session) => {
    const master = ['SPY,2000-01-03,78462F103,', 'AAA,2000-01-03,037833100,', 'BBB,2000-01-03,,US5949181045', ''];
    const numbers = ['37833100,1000', '594918104,300', 'US5949181045,200', '78462F103,-10'];
    await importAll(session, cli, { 'master.csv': ['ticker,valid_from,cusip,isin', ...master].join('\n') });
    await startRun(session, { settings: { window: 60, minObs: 30 } });
    const hedged = async () => {
      const { coverage, legs } = await previewHedge(session, {});
      return [coverage, ...legs.map(({ etf, shares, heldShares }) => [etf, shares, heldShares])];
    };
    const named = await hedged();
    await importAll(session, cli, { 'numbers.csv': holdings(numbers) });
    expect(await hedged()).toEqual(named);
    expect(named).toContainEqual(['SPY', expect.any(Number), -10]);
  });
});
