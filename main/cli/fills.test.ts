/** Files of executions, as a user meets them: what is taken of them, and what they add up to in the ledger. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { LedgerView, OrderPackage } from '../contract/results-orders.ts';
import { exportPackage, freezeHedge } from '../core/orders/export.ts';
import { countFills, importFills } from '../core/orders/fills.ts';
import { getLedger } from '../core/orders/ledger.ts';
import { scratch, type Cli } from './testing/cli.ts';
import { holdings, ordersBase, OVERRIDE } from './testing/orders.ts';
import { importAll, inSession } from './testing/session.ts';

let base: Cli;
beforeAll(async () => void (base = await ordersBase(scratch())), 60_000);

describe('executions', () => {
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
      const { view } = await exportPackage(session, packageId, {
        format: 'generic',
        out: join(cli.folder, 'p.csv'),
        override: 'a test of files',
      });
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
      const { view } = await exportPackage(session, packageId, { format: 'generic', out, override: 'a test of files' });
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
});
