/** What the desk lays down: limits, lists, terms and layouts, and how its rules are saved. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { LedgerView, OrderPackage } from '../contract/results-orders.ts';
import type { HedgeView } from '../contract/results.ts';
import { deskOf, setDesk } from '../core/orders/desk.ts';
import { accountsBook, checkOf, holdings, last, legOf, OVERRIDE, rules } from './testing/accounts.ts';
import type { Cli } from './testing/cli.ts';
import { SHORT } from './testing/market.ts';
import { inSession } from './testing/session.ts';

let base: Cli;

beforeAll(async () => {
  base = await accountsBook();
}, 60_000);

describe('limits', () => {
  it('cap an ETF and the gross; a restricted fund is not traded and others stand in for it', async () => {
    const cli = base.copy('limits');
    const free = await cli.value<HedgeView>('hedge', '--account', 'ONE');
    const [large] = [...free.legs].sort((a, b) => Math.abs(b.target) - Math.abs(a.target));
    const cap = Math.round(Math.abs(large!.target) / 2);
    const capped = await cli.value<HedgeView>('hedge', '--account', 'ONE', '--limit', `${large!.etf}=${cap}`);
    const leg = legOf(capped, large!.etf);
    expect(Math.abs(leg.shares * leg.price!)).toBeLessThanOrEqual(cap);
    expect(leg.dropped).toContain(`limit of $${cap.toLocaleString('en-US')} in ${large!.etf}`);
    const gross = Math.round(free.legs.reduce((sum, { target }) => sum + Math.abs(target), 0) / 3);
    const small = await cli.value<HedgeView>('hedge', '--account', 'ONE', '--gross-cap', String(gross));
    expect(small.legs.reduce((sum, { shares, price }) => sum + Math.abs(shares * (price ?? 0)), 0)).toBeLessThanOrEqual(gross);
    expect(small.limits!.scale).toBeCloseTo(1 / 3, 3);
    await rules(cli, { restricted: [{ code: large!.etf, kind: 'restricted' }], caps: { order: 100 } });
    const without = await cli.value<HedgeView>('hedge', '--account', 'ONE');
    expect(without.orders.map(({ symbol }) => symbol)).not.toContain(large!.etf);
    expect(without.limits!.lost!).toBeLessThan(without.limits!.lostAlone!);
    expect(checkOf(without, 'order_cap')).toMatchObject({ severity: 'block', status: 'fail' });
    await rules(cli, { caps: { orderShare: 0.0001 } });
    const share = await cli.value<HedgeView>('hedge', '--account', 'ONE');
    const most = (0.0001 * Math.abs(share.book.net)).toFixed(2);
    expect(checkOf(share, 'order_cap').message.replaceAll(',', '')).toContain(`above the cap of $${most}`);
    expect((await cli.run('hedge', '--limit', 'XYZ=5')).err).toContain('XYZ is not an ETF of the map');
    expect((await cli.run('hedge', '--limit', 'SPY')).err).toContain('--limit takes ETF=DOLLARS');
  });

  it('a leg that is wanted and has nothing to trade once others are limited, or under the cap on all hedges, says why', async () => {
    const cli = base.copy('nothing');
    await cli.give('pair.csv', holdings('ONE', last, 'AAA,-1000', 'CCC,-30'));
    await rules(cli, { restricted: [{ code: 'XLF', kind: 'no_short' }] });
    const free = await cli.value<HedgeView>('hedge', '--account', 'ONE', '--min-trade', '0');
    expect(legOf(free, 'XLF').shares).toBeGreaterThan(1);
    // Without SOXX the others would best be sold against it.
    const limited = await cli.value<HedgeView>('hedge', '--account', 'ONE', '--limit', 'SOXX=100', '--min-trade', '0');
    expect(limited.limits!.legs.map(({ etf }) => etf)).toEqual(['SOXX']);
    expect(legOf(limited, 'XLF')).toMatchObject({ trade: 0, shares: 0, dropped: 'best not traded while SOXX is limited' });
    const capped = await cli.value<HedgeView>('hedge', '--account', 'ONE', '--gross-cap', '0');
    expect(capped.orders).toEqual([]);
    expect(new Set(capped.legs.map(({ dropped }) => dropped))).toEqual(new Set(['the cap on all hedges leaves nothing to trade in it']));
  });

  it('what a fractional holding keeps an account from selling short is sold in another', async () => {
    const cli = base.copy('fraction');
    await cli.give('stuck.csv', holdings('ONE', last, 'AAA,1000', 'SPY,10.5'));
    await cli.give('free.csv', holdings('TWO', last, 'CCC,1'));
    const view = await cli.value<HedgeView>('hedge', '--accounts', 'ONE,TWO', '--layers', 'market=100');
    const { shares, price, trade, dropped } = legOf(view, 'SPY');
    expect(Math.abs(shares * price! - trade)).toBeLessThan(price!);
    expect(dropped).toBeNull();
    expect(view.orders.filter(({ symbol }) => symbol === 'SPY')).toMatchObject([
      { account: 'ONE', side: 'SELL', quantity: 10 },
      { account: 'TWO', side: 'SELL_SHORT', quantity: -shares - 10 },
    ]);
  });

  it('a no-trade band leaves a held hedge that is near its target, and says so', async () => {
    const cli = base.copy('band');
    await cli.give('large.csv', holdings('ONE', last, 'AAA,100000'));
    const free = await cli.value<HedgeView>('hedge', '--account', 'ONE');
    const held = free.orders.map(({ symbol, side, quantity }) => {
      const shares = Math.floor(quantity * (symbol === 'SPY' ? 0.99 : 0.5));
      return `${symbol},${side === 'BUY' ? shares : -shares}`;
    });
    await cli.give('hedged.csv', holdings('ONE', last, 'AAA,100000', ...held));
    await rules(cli, { marks: free.orders.map(({ symbol }) => ({ etf: symbol, role: 'hedge' as const })) });
    const all = await cli.value<HedgeView>('hedge', '--account', 'ONE');
    expect(legOf(all, 'SPY').shares).not.toBe(0);
    expect(checkOf(all, 'no_trade_band')).toMatchObject({
      status: 'fail',
      message: expect.stringMatching(/^One change is within 2\.0 % of the target .*: SPY \$/) as string,
    });
    const banded = await cli.value<HedgeView>('hedge', '--account', 'ONE', '--band', '2');
    expect(legOf(banded, 'SPY')).toMatchObject({ shares: 0, dropped: expect.stringContaining('within the no-trade band') as string });
    expect(checkOf(banded, 'no_trade_band').status).toBe('pass');
    expect(banded.orders.map(({ symbol }) => symbol)).toEqual(all.orders.map(({ symbol }) => symbol).filter((etf) => etf !== 'SPY'));
    expect((await cli.error('hedge', '--band', '101')).exit).toBe(2);
    // What the band left is drift all the same.
    await cli.value('hedge', '--account', 'ONE', '--band', '2', '--format', 'generic', '--out', join(cli.folder, 'band.csv'), ...OVERRIDE);
    const { drift } = await cli.value<LedgerView>('ledger');
    expect(drift!.etfs.find(({ etf }) => etf === 'SPY')!.drift).toBeCloseTo(-legOf(all, 'SPY').trade, 6);
  });

  it('rules made from older ones are not saved over what another window added meanwhile', async () => {
    const cli = base.copy('stale');
    await rules(cli, { caps: { order: 100 } });
    await inSession(cli, async (session) => {
      const before = await deskOf(session);
      const [first, second] = [
        setDesk(session, { ...before, restricted: [{ code: 'SOXX', kind: 'restricted' }] }, 'one', before),
        setDesk(session, { ...before, restricted: [{ code: 'XLF', kind: 'restricted' }] }, 'two', before),
      ];
      await first;
      await expect(second).rejects.toMatchObject({ data: { code: 'blocked', message: expect.stringContaining('(restricted)') as string } });
      const now = await deskOf(session);
      expect(now).toEqual({ caps: { order: 100 }, restricted: [{ code: 'SOXX', kind: 'restricted' }] });
      await setDesk(session, { ...now, marks: [{ etf: 'SPY', role: 'hedge' }] }, 'two', now);
      expect(await deskOf(session)).toMatchObject({ restricted: now.restricted, marks: [{ etf: 'SPY', role: 'hedge' }] });
    });
  });

  it('an ISIN, CUSIP or SEDOL on the restricted list holds for the fund it identifies; one that identifies nothing is named', async () => {
    const cli = base.copy('numbers');
    const hedge = () => cli.value<HedgeView>('hedge', '--account', 'ONE');
    const traded = (view: HedgeView): string[] => [...new Set(view.orders.map(({ symbol }) => symbol))].sort();
    expect(traded(await hedge())).toEqual(['SOXX', 'SPY', 'XLK']);
    const list = (...codes: string[]) => rules(cli, { restricted: codes.map((code) => ({ code, kind: 'restricted' as const })) });
    // A FIGI is no ISIN with a wrong digit.
    await list('bbg000bdtbl9');
    await list('78462F103', 'US81369Y8030', '2402466', 'XLK');
    const before = await hedge();
    expect(traded(before)).toEqual(['SOXX', 'SPY']);
    expect(checkOf(before, 'restricted')).toMatchObject({
      severity: 'warn',
      status: 'fail',
      message: expect.stringContaining('restrict nothing: 78462F103, US81369Y8030, 2402466.') as string,
    });
    // The holdings say who one is, master data who the others are; neither needs another run.
    await cli.give('one.csv', `ticker,quantity,account,as_of,cusip\nAAA,1000,ONE,${last},\nSPY,10,ONE,${last},78462F103\n`);
    await cli.give('master.csv', 'ticker,isin,sedol,valid_from\nXLK,US81369Y8030,,2000-01-03\nSOXX,US4642875235,2402466,2000-01-03\n');
    await list('78462F103', '81369Y803', '2402466');
    const after = await hedge();
    expect(traded(after)).toEqual([]);
    expect(checkOf(after, 'restricted').status).toBe('pass');
    expect(after.legs.map(({ etf, dropped }) => [etf, dropped])).toEqual([
      ['SOXX', 'on the restricted list as 2402466'],
      ['SPY', 'on the restricted list as 78462F103'],
      ['XLK', 'on the restricted list as 81369Y803'],
    ]);
    await cli.value('run', ...SHORT);
    expect(traded(await hedge())).toEqual([]);
    // Of two entries for one fund the stricter one holds.
    await rules(cli, {
      restricted: [
        { code: 'XLK', kind: 'restricted' },
        { code: '81369Y803', kind: 'watch' },
      ],
    });
    expect(traded(await hedge())).not.toContain('XLK');
    const file = cli.file('off.json', '{"restricted":[{"code":"78462F104","kind":"restricted"}]}');
    expect((await cli.run('desk', '--replace', '--file', file)).err).toContain(
      '78462F104 of the restricted list is no CUSIP: its check digit is wrong',
    );
  });

  it('limit orders carry exact prices no worse than asked; too far a limit blocks', async () => {
    const cli = base.copy('limit-orders');
    const write = (name: string, ...more: string[]) =>
      cli.run('--json', 'hedge', '--account', 'ONE', '--out', join(cli.folder, name), ...more);
    expect((await write('a.csv', '--format', 'ibkr-basket', '--type', 'LMT')).err).toContain('--limit-bps goes with');
    const done = await write('b.csv', '--format', 'ibkr-basket', '--type', 'LMT', '--limit-bps', '20', ...OVERRIDE);
    expect(done.err).toBe('');
    const view = JSON.parse(done.out) as HedgeView;
    const [header = '', ...rows] = readFileSync(join(cli.folder, 'b.csv'), 'utf8').trim().split('\r\n');
    const at = (name: string) => header.split(',').indexOf(name);
    expect(rows).toHaveLength(view.orders.length);
    for (const row of rows.map((line) => line.split(','))) {
      const order = view.orders.find(({ orderId }) => orderId === row[at('OrderRef')])!;
      const limit = Number(row[at('LmtPrice')]);
      const exact = Number(order.price.toFixed(2)) * (1 + (order.side.startsWith('BUY') ? 0.002 : -0.002));
      expect(row[at('OrderType')]).toBe('LMT');
      expect(Math.abs(limit - exact)).toBeLessThan(0.01);
      expect(order.side.startsWith('BUY') ? limit <= exact + 1e-9 : limit >= exact - 1e-9).toBe(true);
    }
    // The printed ticket of the same set has the same limits.
    const ticket = join(cli.folder, 'limits.html');
    await cli.value('orders', '1', '--ticket', ticket, '--type', 'LMT', '--limit-bps', '20');
    const page = readFileSync(ticket, 'utf8');
    expect(page).toContain('>Limit</th>');
    for (const row of rows.map((line) => line.split(','))) {
      const own = page.split('<tr>').find((line) => line.includes(row[at('OrderRef')]!))!;
      expect(own).toContain(`>$${row[at('LmtPrice')]}<`);
    }
    expect((await cli.run('orders', '1', '--ticket', join(cli.folder, 'x.html'), '--type', 'LMT')).err).toContain('--limit-bps goes with');
    await cli.value('orders', '1', '--ticket', join(cli.folder, 'market.html'));
    expect(readFileSync(join(cli.folder, 'market.html'), 'utf8')).not.toContain('>Limit</th>');
    expect((await write('c.csv', '--format', 'generic', '--type', 'LOC', '--limit-bps', '400')).err).toMatch(
      /400 basis points from the reference prices \(limit 300\)/,
    );
  });

  it('the usual ticket is what is asked for with --usual, and words count on top of it', async () => {
    const cli = base.copy('usual');
    expect(await cli.error('hedge', '--usual')).toMatchObject({ exit: 2, message: 'The desk rules lay down no usual ticket.' });
    const layers = { market: 100, sector: 50, subsector: 100 };
    const terms = { orderType: 'LOC', limitBps: 30 } as const;
    const ticket = { level: 2 as const, layers, minTrade: 700, exclude: ['XLF'], format: 'ems', terms };
    await rules(cli, { ticket });
    const words = ['--level', '2', '--layers', 'market=100,sector=50,subsector=0', '--min-trade', '700', '--exclude', 'XLF'];
    const same = await cli.value<OrderPackage>('freeze', ...words);
    expect((await cli.value<OrderPackage>('freeze', '--usual')).packageId).toBe(same.packageId);
    const other = await cli.value<OrderPackage>('freeze', '--usual', '--min-trade', '0', '--level', '1');
    expect(other.view.request).toMatchObject({ level: 1, layers: { market: 100, sector: 0, subsector: 0 }, minTrade: 0, exclude: ['XLF'] });
    const out = join(cli.folder, 'usual.csv');
    await cli.value('hedge', '--usual', '--account', 'ONE', '--format', 'ems', '--out', out, ...OVERRIDE);
    expect(readFileSync(out, 'utf8')).toMatch(/,LOC,/);
    await cli.value('hedge', '--usual', '--account', 'ONE', '--type', 'MOC', '--format', 'ems', '--out', `${out}2`, ...OVERRIDE);
    expect(readFileSync(`${out}2`, 'utf8')).not.toMatch(/,LOC,/);
  });

  it('a usual ticket that could not be written is refused', async () => {
    const cli = base.copy('unusual');
    const refused = async (ticket: object): Promise<string> => {
      const file = cli.file('ticket.json', JSON.stringify({ ticket }));
      const { code, err } = await cli.run('desk', '--replace', '--file', file);
      expect(code).toBe(2);
      return err;
    };
    expect(await refused({ format: 'template:Gone' })).toContain('the order layout "Gone", which the desk rules do not have');
    expect(await refused({ terms: { orderType: 'LMT' } })).toContain('a limit without its distance');
    expect(await refused({ terms: { orderType: 'MOC', limitBps: 5 } })).toContain('a distance without a limit');
    const twice = { etf: 'SPY', dollars: 1 };
    expect(await refused({ limits: [twice, { ...twice, etf: 'spy' }] })).toContain('limit of the usual ticket "SPY" twice');
  });

  it('an order layout of the desk is a format by its name', async () => {
    const cli = base.copy('layout');
    const column = (header: string, field: string) => ({ header, field });
    const template = {
      name: 'Custodian',
      columns: [column('Acct', 'account'), column('Act', 'side'), column('Sym', 'symbol'), column('Qty', 'quantity')],
    };
    await rules(cli, { templates: [template] });
    const file = join(cli.folder, 'custodian.csv');
    await cli.value('hedge', '--account', 'ONE', '--format', 'template:Custodian', '--out', file, ...OVERRIDE);
    expect(readFileSync(file, 'utf8').split('\r\n')[0]).toBe('Acct,Act,Sym,Qty');
    expect((await cli.run('verify', file)).code).toBe(0);
    // Replaced only by who has seen them, or says so.
    const was = cli.file('was.json', (await cli.run('desk')).out);
    const next = cli.file('next.json', JSON.stringify({ templates: [template], caps: { order: 1000 } }));
    expect(await cli.error('desk', '--file', next)).toMatchObject({ exit: 2, message: 'There are desk rules already: templates.' });
    expect(await cli.value('desk', '--file', next, '--before', was)).toMatchObject({ caps: { order: 1000 } });
    const late = await cli.error('desk', '--file', was, '--before', was);
    expect(late).toMatchObject({
      code: 'blocked',
      message: expect.stringContaining('changed elsewhere since these were read (caps)') as string,
    });
    expect((await cli.run('desk', '--replace')).err).toContain('neither goes alone');
    const missing = { exit: 1, code: 'not_found', message: 'There is no file none.json.' };
    expect(await cli.error('desk', '--file', join(cli.folder, 'none.json'))).toMatchObject(missing);
    expect(await cli.error('verify', join(cli.folder, 'none.json'))).toMatchObject(missing);
    expect((await cli.run('desk', '--replace', '--file', cli.file('bad.json', '{"templates":[{"name":"X"}]}'))).err).toContain(
      'columns must be a list',
    );
    expect((await cli.run('desk', '--file', cli.file('bad2.json', '{"accounts":[{"account":"A","kind":"tfsa"}]}'))).err).toContain(
      'accounts.0.kind',
    );
  });
});
