/** What came of exported sets, as a user meets it. */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { FillsReport, LedgerView, OrderPackage } from '../contract/results-orders.ts';
import type { HedgeView } from '../contract/results.ts';
import { listBatches, undoBatch } from '../core/imports.ts';
import { exportPackage, freezeHedge } from '../core/orders/export.ts';
import { importFills } from '../core/orders/fills.ts';
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

  it('reads each frozen set once and prices no book of a set that was sent, however many there are', async () => {
    const cli = base.copy('many');
    await inSession(cli, async (session) => {
      for (const market of [100, 80, 60]) {
        const layers = { market, sector: 100, subsector: 100 };
        const { packageId } = await freezeHedge(session, { layers, hedgeSleeve: ['SPY'] }, { by: 'maker' });
        await exportPackage(session, packageId, {
          format: 'generic',
          out: join(cli.folder, `many-${market}.csv`),
          override: 'a test of files',
        });
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
    const { view } = await exportPackage(session, packageId, {
      format: 'generic',
      out: join(cli.folder, 's.csv'),
      override: 'a test of files',
    });
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
    await exportPackage(session, second, { format: 'generic', out: join(cli.folder, 't.csv'), override: 'a test of files' });
    const own = (await getLedger(session)).legs.filter((leg) => leg.packageId === second);
    expect(new Set(own.map(({ status }) => status))).toEqual(new Set(['sent']));
  });
});

it.each([
  ['of the day of the export', '2026-07-01', false],
  ['of a later day', '2026-07-02', true],
] as const)('fills that tell other shares than the holdings moved by are contradicted by those %s: %s, %s', async (_, asOf, told) => {
  const cli = base.copy(`contradicted-${asOf}`).with({ today: '2026-07-01' });
  await cli.value('hedge', '--hedge-sleeve', 'SPY', '--format', 'generic', '--out', join(cli.folder, `${asOf}.csv`), ...OVERRIDE);
  const { legs: sent } = await cli.value<LedgerView>('ledger');
  const { view } = await cli.value<OrderPackage>('orders', '1');
  const filled = view.orders.map(({ orderId, quantity }, i) => `${orderId},${i === 0 ? Math.ceil(quantity / 2) : quantity}`);
  await cli.value('fills', cli.file(`${asOf}-fills.csv`, ['order_id,quantity', ...filled, ''].join('\n')));
  const later = cli.with({ today: asOf });
  const moved = sent.map(({ symbol, sent: count, heldBefore }) => `${symbol},${heldBefore! + count}`);
  await later.give(`${asOf}-book.csv`, holdings(['AAA,1000', 'BBB,500', ...moved], asOf));
  const { legs } = await later.value<LedgerView>('ledger');
  const [partly, ...others] = legs.toSorted((a, b) => Number(b.status === 'partly filled') - Number(a.status === 'partly filled'));
  expect(partly).toMatchObject({ symbol: view.orders[0]!.symbol, status: 'partly filled', movedOtherwise: told ? partly!.sent : null });
  for (const { status, movedOtherwise } of others) expect([status, movedOtherwise]).toEqual(['filled', null]);
  expect((await later.run('ledger')).out.includes('partly filled (the holdings moved by ')).toBe(told);
});

it('one change of a holding by several sets is not the filling of each', async () => {
  const cli = base.copy('several');
  await inSession(cli, async (session) => {
    const sets: number[] = [];
    for (const market of [100, 80, 60]) {
      const layers = { market, sector: 100, subsector: 100 };
      const { packageId } = await freezeHedge(session, { layers, hedgeSleeve: ['SPY'] });
      const out = join(cli.folder, `several-${sets.length}.csv`);
      await exportPackage(session, packageId, { format: 'generic', out, override: 'a test of files' });
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
    await exportPackage(session, packageId, { format: 'generic', out: join(cli.folder, 'undone.csv'), override: 'a test of files' });
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
