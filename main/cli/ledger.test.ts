/** What came of exported sets: the ledger and the executions, as a user meets them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { FillsReport, LedgerView, OrderPackage } from '../contract/results-orders.ts';
import type { HedgeView } from '../contract/results.ts';
import { listBatches, undoBatch } from '../core/imports.ts';
import { exportPackage, freezeHedge } from '../core/orders/export.ts';
import { countFills, importFills } from '../core/orders/fills.ts';
import { getLedger } from '../core/orders/ledger.ts';
import { getPackage, listPackages } from '../core/orders/packages.ts';
import { getToday } from '../core/workbench/today.ts';
import { scratch, type Cli } from './testing/cli.ts';
import { SHORT } from './testing/market.ts';
import { holdings, last, ordersBase, OVERRIDE } from './testing/orders.ts';
import { importAll, inSession } from './testing/session.ts';

let base: Cli;
beforeAll(async () => void (base = await ordersBase(scratch())), 60_000);

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
    // In the order of the order file.
    expect(sent.legs.map(({ symbol }) => symbol)).toEqual([...new Set(view.orders.map(({ symbol }) => symbol))]);
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
    expect(refused.code).toBe(3);
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
    const { out } = await cli.run('ledger');
    expect(out).toMatch(/good\.csv.*taken back/);
    // Fills are not in holdings of before: the drift says so, and of which days it is.
    expect(out).toMatch(/on the holdings of [\d-]+ and the closes of [\d-]+\nThese holdings are of before the set was exported/);
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
    expect([sent.drift!.early, done.drift!.early, done.drift!.holdingsOf]).toEqual([true, false, '2026-07-01']);
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
      expect([answer.code, answer.out]).toEqual([3, expect.stringMatching(text)]);
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

  it('knows from a report of orders that nothing of one was filled, and adds what is filled afterwards', async () => {
    const cli = base.copy('nothing');
    await cli.value('hedge', '--format', 'generic', '--out', join(cli.folder, 'n.csv'), ...OVERRIDE);
    const { view } = await cli.value<OrderPackage>('orders', '1');
    const { orderId: id, symbol, quantity } = view.orders.find(({ side }) => side === 'SELL_SHORT')!;
    const legAfter = async (filled: number) => {
      const file = cli.file(`report-${filled}.csv`, `Orders of 1 July\norder_id;filled;avg_price\n${id};${filled};\n`);
      const { out } = await cli.run('fills', file);
      return [out.split('\n')[0], (await cli.value<LedgerView>('ledger')).legs.find((one) => one.symbol === symbol)!] as const;
    };
    expect(await legAfter(0)).toMatchObject(['0 executions: stored', { filled: 0, filledFrom: 'fills', status: 'not filled' }]);
    const later = cli.copy('worked');
    await later.give('later.csv', holdings(['AAA,1000', 'BBB,500', `${symbol},${-quantity - (symbol === 'SPY' ? 10 : 0)}`], '2026-07-01'));
    const { legs } = await later.value<LedgerView>('ledger');
    expect(legs.find((one) => one.symbol === symbol)).toMatchObject({ filled: -quantity, filledFrom: 'snapshot', status: 'filled' });
    expect(await legAfter(1)).toMatchObject(['1 executions: stored', { filled: -1, status: 'partly filled' }]);
    expect(await legAfter(0)).toMatchObject(['0 executions: nothing new', { filled: -1 }]);
    const { fillsFiles: files } = await cli.value<LedgerView>('ledger');
    expect(files.map(({ executions }) => executions)).toEqual([0, 1]);
  });

  it('adds up to the share: parts of a share, what a broker numbers beyond the order, no total so far beside what it holds', async () => {
    const cli = base.copy('sums');
    await inSession(cli, async (session) => {
      await importAll(session, cli, { 'parts.csv': holdings(['AAA,1000', 'BBB,500', 'SPY,-10.1', 'SPY,-0.2']) });
      const { packageId } = await freezeHedge(session, {});
      const { view } = await exportPackage(session, packageId, { format: 'generic', out: join(cli.folder, 'p.csv'), override: 'a test' });
      let files = 0;
      const give = async (...lines: string[]) => {
        const name = `sums-${++files}.csv`;
        const { outcome, problems } = await importFills(session, cli.file(name, [...lines, ''].join('\n')), name);
        return [outcome, ...problems.map(({ line, column, message, fix }) => `${line}:${column} ${message} ${fix}`)].join(' ');
      };
      const legOf = async (etf: string) => (await getLedger(session)).legs.find(({ symbol }) => symbol === etf)!;
      const [first, second, third] = ['SOXX', 'XLK', 'SPY'].map((etf) => view.orders.find(({ symbol }) => symbol === etf)!);
      const signOf = ({ side }: typeof first & object) => (side.startsWith('BUY') ? 1 : -1);

      // 0.1 and 0.2 are 0.3, and with the rest the whole order.
      expect(await give('order_id,quantity', `${first!.orderId},0.1`, `${first!.orderId},0.2`)).toBe('stored');
      expect(await legOf('SOXX')).toMatchObject({ filled: signOf(first!) * 0.3, status: 'partly filled' });
      expect(await give('order_id,quantity', `${first!.orderId},${first!.quantity - 1}.7`)).toBe('stored');
      expect(await legOf('SOXX')).toMatchObject({ filled: signOf(first!) * first!.quantity, status: 'filled' });

      // Two numbers are two executions, also beyond the order; without a number it cannot be told.
      const numbered = (id: string, shares: number) => give('exec_id,order_id,quantity', `${id},${second!.orderId},${shares}`);
      expect(await numbered('E1', second!.quantity - 1)).toBe('stored');
      expect(await numbered('E2', 3)).toBe('stored');
      expect(await legOf('XLK')).toMatchObject({ filled: signOf(second!) * (second!.quantity + 2), status: 'over-filled' });
      expect(await numbered('', 1)).toMatch(/^rejected 2:2 With sums-4\.csv \d+ of the \d+ shares/);

      // What is filled so far holds what was filled before.
      const soFar = (...shares: number[]) => give('order_id,filled_qty,avg_price', ...shares.map((one) => `${third!.orderId},${one},10`));
      expect(await soFar(1, 2)).toBe(
        `rejected 3:1 ${third!.orderId} is in an earlier line too: what was filled so far of an order is not added to what was filled before. Keep its last line; where these are further executions, name the column quantity.`,
      );
      expect(await soFar(1)).toBe('stored');
      expect(await soFar(2)).toMatch(/^rejected 2:1 \w+ is in sums-7\.csv too: .* Take that one back first \(entry \d+ of the ledger\);/);
      const { entry } = (await getLedger(session)).fillsFiles.at(-1)!;
      await countFills(session, entry, false);
      expect(await soFar(2)).toBe('stored');
      await expect(countFills(session, entry, true)).rejects.toThrow('sums-7.csv: ');
      expect(await legOf('SPY')).toMatchObject({ filled: signOf(third!) * 2, status: 'partly filled' });

      // By the holdings: lots of 10.1 and 0.2 short, and whole shares on top.
      await countFills(session, (await getLedger(session)).fillsFiles.at(-1)!.entry, false);
      const after = -10.3 + signOf(third!) * third!.quantity;
      expect(await legOf('SPY')).toMatchObject({ heldBefore: -10.3, filled: null });
      await importAll(session, cli, { 'after.csv': holdings(['AAA,1000', `SPY,${after.toFixed(1)}`], '2026-07-01') });
      expect(await legOf('SPY')).toMatchObject({ filled: signOf(third!) * third!.quantity, filledFrom: 'snapshot', status: 'filled' });
    });
  });

  it('takes no order file for executions, and asks where one number may be cut into shares and a price', async () => {
    const cli = base.copy('cut');
    await inSession(cli, async (session) => {
      await importAll(session, cli, { 'large.csv': holdings(['AAA,60000', 'SPY,-10']) });
      const { packageId } = await freezeHedge(session, {});
      const out = join(cli.folder, 'sent.csv');
      const { view } = await exportPackage(session, packageId, { format: 'generic', out, override: 'a test' });
      const give = async (...lines: string[]) => {
        const text = ['order_id,quantity,price', ...lines, ''].join('\n');
        const { outcome, problems } = await importFills(session, cli.file('cut.csv', text), 'cut.csv');
        return [outcome, ...problems.map(({ line, column, message }) => `${line}:${column} ${message}`)].join(' ');
      };
      const report = await importFills(session, out, 'sent.csv');
      expect(report).toMatchObject({ outcome: 'rejected', entry: null, problems: [{ line: 1 }] });
      expect(report.problems[0]!.message).toBe('This is an order file, exported of set 1 as sent.csv: orders are not executions.');
      // Saved anew by a spreadsheet, with a set that was never sent.
      const saved = readFileSync(out, 'utf8')
        .replaceAll(',', ';')
        .replaceAll(/H\d{6}/g, 'H990101');
      expect((await importFills(session, cli.file('saved.csv', saved), 'saved.csv')).problems).toHaveLength(1);

      const { orderId, price, quantity } = view.orders.find((order) => order.symbol === 'SOXX')!;
      expect([quantity > 2000, Math.round(price)]).toEqual([true, 207]);
      const asked = 'rejected 2:2 It cannot be told whether these are 1 shares at 207 or 1207 shares, cut at a comma.';
      expect(await give(`${orderId},1,207`)).toBe(asked);
      expect(await give(`${orderId},1,234.00`, `${orderId},5,207.15`)).toMatch(/^stored/);
      expect(await give(`${orderId},1,900.00`, `${orderId},5,207.16`)).toMatch(/^rejected 2:2 .* 1 shares at 900 or 1900 shares/);
      expect(await give(`${orderId},1,207.50`)).toBe('stored');
      expect(await give(`${orderId},900,207`)).toBe('stored');
      expect(await give(`${orderId},1.0,207`)).toBe('stored');
    });
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

it('the first holdings of the account from the day of the export on say what was filled, partly, too much or not at all', async () => {
  const cli = base.copy('status');
  await inSession(cli, async (session) => {
    const { packageId } = await freezeHedge(session, {});
    const { view } = await exportPackage(session, packageId, { format: 'generic', out: join(cli.folder, 's.csv'), override: 'a test' });
    const sent = new Map<string, number>();
    for (const { symbol, side, quantity } of view.orders)
      sent.set(symbol, (sent.get(symbol) ?? 0) + (side.startsWith('BUY') ? quantity : -quantity));
    const [over, partly, wrong] = [...sent.keys()] as [string, string, string];
    const before = (etf: string): number => (etf === 'SPY' ? -10 : 0);
    const book = (asOf: string, ...done: [string, number][]): string =>
      holdings(['AAA,1000', 'BBB,500', ...done.map(([etf, part]) => `${etf},${before(etf) + Math.trunc(sent.get(etf)! * part)}`)], asOf);
    const legs = async () => new Map((await getLedger(session)).legs.map((leg) => [leg.symbol, leg]));
    // Of a day before the export, or of another account: they show no trade of it.
    await importAll(session, cli, { 'early.csv': book(last, [over, 1], [partly, 1], [wrong, 1]) });
    await importAll(session, cli, { 'other.csv': `ticker,quantity,account,as_of\n${over},5,TWO,2026-07-01\n` });
    expect(
      [...(await legs()).values()].every(({ status, filled, filledFrom }) => status === 'sent' && filled === null && !filledFrom),
    ).toBe(true);
    await importAll(session, cli, { 'next.csv': book('2026-07-01', [over, 2], [partly, 0.5], [wrong, -1]) });
    await importAll(session, cli, { 'later.csv': book('2026-07-01', [over, 1], [partly, 1], [wrong, 1]) });
    const now = await legs();
    const says = (etf: string) => [now.get(etf)!.status, now.get(etf)!.filled, now.get(etf)!.filledFrom, now.get(etf)!.heldNow];
    expect(says(over)).toEqual(['over-filled', 2 * sent.get(over)!, 'snapshot', before(over) + sent.get(over)!]);
    expect(says(partly)).toEqual(['partly filled', Math.trunc(sent.get(partly)! / 2), 'snapshot', before(partly) + sent.get(partly)!]);
    expect(says(wrong)).toEqual(['not filled', -sent.get(wrong)!, 'snapshot', before(wrong) + sent.get(wrong)!]);
    // Holdings of the day of the export that the set is of show none of its trades.
    await importAll(session, cli, { 'larger.csv': holdings(['AAA,2000', 'BBB,500', 'SPY,-10'], '2026-07-01') });
    const { packageId: second } = await freezeHedge(session, { account: 'ONE' });
    await exportPackage(session, second, { format: 'generic', out: join(cli.folder, 't.csv'), override: 'a test' });
    const own = (await getLedger(session)).legs.filter((leg) => leg.packageId === second);
    expect(new Set(own.map(({ status }) => status))).toEqual(new Set(['sent']));
  });
});

it('one change of a holding by several sets is not the filling of each', async () => {
  const cli = base.copy('several');
  await inSession(cli, async (session) => {
    const sets: number[] = [];
    for (const market of [100, 80, 60]) {
      const layers = { market, sector: 100, subsector: 100 };
      const { packageId } = await freezeHedge(session, { layers, hedgeSleeve: ['SPY'] });
      const out = join(cli.folder, `several-${sets.length}.csv`);
      await exportPackage(session, packageId, { format: 'generic', out, override: 'a test' });
      sets.push(packageId);
    }
    const ofSpy = async () => (await getLedger(session)).legs.filter(({ symbol }) => symbol === 'SPY').reverse();
    const [a, b, c] = (await ofSpy()).map(({ sent }) => sent) as [number, number, number];
    const told = async (moved: number) => {
      const name = `next-${moved}.csv`;
      await importAll(session, cli, { [name]: holdings(['AAA,1000', 'BBB,500', `SPY,${-10 + moved}`], '2026-07-01') });
      const found = (await ofSpy()).map(({ status, filled }) => [status, filled]);
      await undoBatch(session, (await listBatches(session)).find(({ file }) => file === name)!.batchId);
      return found;
    };
    expect(await told(a + b + c)).toEqual([a, b, c].map((sent) => ['filled', sent]));
    expect(await told(0)).toEqual([a, b, c].map(() => ['not filled', 0]));
    expect(await told(a)).toEqual([a, b, c].map(() => ['sent', null]));
    // What fills tell of two of them leaves the rest to the third.
    const orders = (await listPackages(session)).map(({ packageId }) => packageId).sort((x, y) => x - y);
    expect(orders).toEqual(sets);
    const idOf = async (set: number) => (await getPackage(session, set)).view.orders.find(({ symbol }) => symbol === 'SPY')!.orderId;
    const file = cli.file('two.csv', `order_id,quantity\n${await idOf(sets[0]!)},${Math.abs(a)}\n${await idOf(sets[2]!)},1\n`);
    await importFills(session, file, 'two.csv');
    const one = Math.sign(c);
    expect(await told(a + b + one)).toEqual([
      ['filled', a],
      ['filled', b],
      ['partly filled', one],
    ]);
  });
});

it('shares are those of the orders where a fund was split afterwards, whatever holdings show them', async () => {
  const cli = base.copy('split');
  const out = ['--format', 'generic', '--out', join(cli.folder, 'split.csv'), ...OVERRIDE];
  const { packageId } = await cli.value<{ packageId: number }>('hedge', ...out);
  const { view } = await cli.value<OrderPackage>('orders', String(packageId));
  const signed = view.orders.map(({ symbol, side, quantity }) => [symbol, side.startsWith('BUY') ? quantity : -quantity] as const);
  const other = signed.find(([symbol]) => symbol !== 'SPY')![0];
  const later = cli.with({ today: '2026-07-07' });
  // 6 for 1 of SPY; of 1.5 for 1 the part of a share is paid in money.
  await later.give('splits.csv', `ticker,ex_date,type,value\nSPY,2026-07-06,split,6\n${other},2026-07-06,split,1.5\n`);
  await later.value('run', ...SHORT);
  // As many dollars of it are six times the shares, which is no slip.
  const { checks } = await later.value<HedgeView>('hedge');
  expect(checks.find(({ id }) => id === 'fat_finger')).toMatchObject({ status: 'pass' });
  const factor = (etf: string): number => (etf === 'SPY' ? 6 : etf === other ? 1.5 : 1);
  const legs = async (): Promise<readonly unknown[][]> =>
    (await later.value<LedgerView>('ledger')).legs.map((leg) => [
      leg.symbol,
      leg.sent,
      leg.status,
      leg.heldBefore,
      leg.heldNow,
      leg.splits,
    ]);
  const before = (etf: string): number => (etf === 'SPY' ? -10 : 0);
  const expected = (status: string, now: (etf: string, sent: number) => number): unknown[][] =>
    signed.map(([etf, sent]) => [etf, sent, status, before(etf), now(etf, sent), factor(etf)]);
  expect(await legs()).toEqual(expected('sent', (etf) => before(etf) * factor(etf)));
  const held = (etf: string, sent: number): number => Math.trunc((before(etf) + sent) * factor(etf));
  await later.give(
    'after.csv',
    holdings(['AAA,1000', 'BBB,500', ...signed.map(([etf, sent]) => `${etf},${held(etf, sent)}`)], '2026-07-07'),
  );
  expect(await legs()).toEqual(expected('filled', held));
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
