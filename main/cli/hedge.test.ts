/** The hedge of a book, and the order files it is written to. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { BookView, HedgeView, HedgeFiles, SecurityView } from '../contract/results.ts';
import { planHedge } from '../core/hedge.ts';
import type { Manifest } from '../exporters/orders/index.ts';
import { legOf } from './testing/accounts.ts';
import { close, exposures, holding, last, market, runBefore, today } from './testing/book.ts';
import { Cli } from './testing/cli.ts';
import { MAP, pricesText, sessionsFrom, SHORT } from './testing/market.ts';
import { inSession } from './testing/session.ts';

let base: Cli;
let aaa: SecurityView;

beforeAll(async () => {
  base = await runBefore();
  aaa = await base.value<SecurityView>('show', 'AAA');
});

describe('the hedge', () => {
  it('at all layers leaves every leg within one share of nothing, joint rounding no worse than nearest', async () => {
    const cli = await holding(base, 'all', ['AAA,700', 'BBB,-120', 'CCC,300']);
    const view = await cli.value<HedgeView>('hedge');
    const book = await cli.value<BookView>('book');
    for (const leg of view.legs) {
      const exposure = book.etfs.find((one) => one.etf === leg.etf)?.exposure ?? 0;
      expect(leg.target).toBeCloseTo(-exposure, 6);
      expect(Math.abs(leg.after)).toBeLessThan(1e-6);
      expect(Math.abs(leg.rounded)).toBeLessThan(leg.price!);
      expect(Number.isInteger(leg.shares)).toBe(true);
    }
    expect(view.roundingRisk.joint!).toBeLessThanOrEqual(view.roundingRisk.nearest! * (1 + 1e-12));
    const signed = (etf: string) =>
      view.orders
        .filter((order) => order.symbol === etf)
        .reduce((sum, order) => sum + (order.side === 'BUY' || order.side === 'BUY_TO_COVER' ? 1 : -1) * order.quantity, 0);
    for (const leg of view.legs) expect(signed(leg.etf)).toBe(leg.shares);
    const nearest = await cli.value<HedgeView>('hedge', '--rounding', 'nearest');
    for (const leg of nearest.legs) expect(leg.shares).toBe(Math.round(leg.trade / leg.price!) || 0);
  });

  it('of the market layer alone sells the cleaned market beta and nothing else', async () => {
    const cli = await holding(base, 'market', ['AAA,700']);
    const view = await cli.value<HedgeView>('hedge', '--layers', 'market=50');
    const beta = aaa.levels[0]!.exposure[0]!;
    expect(legOf(view, 'SPY').target).toBeCloseTo(-0.5 * 700 * close('AAA') * beta, 6);
    for (const etf of ['XLK', 'SOXX']) expect(Math.abs(legOf(view, etf).target)).toBeLessThan(1e-9);
    expect(await cli.error('hedge', '--level', '2', '--layers', 'subsector=100')).toMatchObject({ exit: 2 });
    expect(await cli.error('hedge', '--layers', 'market=101')).toMatchObject({ exit: 2 });
  });

  it('nets ETFs held short, keeps those held long, and takes another sleeve when told; a misspelt one is refused', async () => {
    const cli = await holding(base, 'sleeve', ['AAA,700', 'SPY,-20', 'XLK,30']);
    const view = await cli.value<HedgeView>('hedge');
    const value = 700 * close('AAA');
    expect(legOf(view, 'SPY')).toMatchObject({ heldShares: -20, held: -20 * close('SPY') });
    expect(legOf(view, 'SPY').trade).toBeCloseTo(-value * exposures(aaa).SPY! + 20 * close('SPY'), 6);
    // The long fund is part of the book: one dollar of itself.
    expect(legOf(view, 'XLK').trade).toBeCloseTo(-value * exposures(aaa).XLK! - 30 * close('XLK'), 6);
    const sleeve = await cli.value<HedgeView>('hedge', '--hedge-sleeve', 'spy,XLK');
    expect(legOf(sleeve, 'XLK')).toMatchObject({ heldShares: 30 });
    expect(legOf(sleeve, 'XLK').trade).toBeCloseTo(legOf(view, 'XLK').trade, 6);
    const roles = async (...flags: string[]) =>
      Object.fromEntries((await cli.value<BookView>('book', ...flags)).positions.map((position) => [position.ticker, position.role]));
    expect(await roles()).toEqual({ AAA: 'stock', SPY: 'hedge', XLK: 'investment' });
    expect(await cli.error('hedge', '--hedge-sleeve', 'SPYY')).toMatchObject({ exit: 2, message: 'SPYY is not an ETF of the map.' });
  });

  it('leaves out what is excluded or too small, and says so', async () => {
    const cli = await holding(base, 'small', ['AAA,700']);
    const without = await cli.value<HedgeView>('hedge', '--exclude', 'xlk');
    expect(legOf(without, 'XLK')).toMatchObject({ shares: 0, side: null, dropped: 'excluded by the request' });
    expect(legOf(without, 'XLK').rounded).toBeCloseTo(700 * close('AAA') * exposures(aaa).XLK!, 6);
    expect(legOf(without, 'XLK')).toMatchObject({ target: 0, trade: 0 });
    expect(legOf(without, 'XLK').modelTarget).toBeCloseTo(-700 * close('AAA') * exposures(aaa).XLK!, 6);
    // The other legs stand in for it, and what that costs is said.
    expect(without.limits!.lost!).toBeLessThan(without.limits!.lostAlone!);
    expect(without.checks.find(({ id }) => id === 'limits')).toMatchObject({ severity: 'warn', status: 'fail' });
    const whole = await cli.value<HedgeView>('hedge');
    expect(whole.limits).toBeNull();
    expect(legOf(without, 'SPY').trade).not.toBeCloseTo(legOf(whole, 'SPY').trade, 2);
    const floor = Math.max(...whole.legs.map((leg) => Math.abs(leg.trade))) - 1;
    const large = await cli.value<HedgeView>('hedge', '--min-trade', String(floor));
    expect(large.orders).toHaveLength(1);
    expect(large.legs.filter((leg) => leg.dropped?.includes('below the minimum trade'))).toHaveLength(2);
    expect(await cli.error('hedge', '--exclude', 'XYZ')).toMatchObject({ exit: 2, message: 'XYZ is not an ETF of the map.' });
    expect((await cli.error('hedge', '--min-trade=-1')).exit).toBe(2);
  });

  it('gives no order under $1,000, or 0.02 % of the book where that is more, unless another floor is asked for', async () => {
    const cli = await holding(base, 'tiny', ['AAA,20']);
    const view = await cli.value<HedgeView>('hedge');
    const all = await cli.value<HedgeView>('hedge', '--min-trade', '0');
    const small = all.legs.filter(({ trade }) => Math.abs(trade) < 1000);
    const dollars = (amount: number): string =>
      Math.abs(amount).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
    expect(small.length).toBeGreaterThan(0);
    expect(view.request.minTrade).toBe(1000);
    for (const { etf, trade } of small)
      expect(legOf(view, etf)).toMatchObject({ shares: 0, dropped: `below the minimum trade ($${dollars(trade)} of $1,000.00)` });
    expect(view.orders.every(({ notional }) => notional >= 1000)).toBe(true);
    expect(view.checks.find(({ id }) => id === 'dropped')).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('below') as string,
    });
    expect(all.orders.length).toBeGreaterThan(view.orders.length);
    // A set that was frozen before there was one is computed anew without: its file is what was frozen.
    const again = await inSession(cli, (session) => planHedge(session, {}, { again: true }));
    expect(again.view.request).not.toHaveProperty('minTrade');
    expect(again.orders.map(({ symbol, quantity }) => [symbol, quantity])).toEqual(
      all.orders.map(({ symbol, quantity }) => [symbol, quantity]),
    );
    const large = await holding(base, 'vast', ['AAA,2000000']);
    const { request } = await large.value<HedgeView>('hedge');
    expect(request.minTrade).toBe(Math.ceil(0.0002 * 2_000_000 * close('AAA')));
  });

  it('never sells whole shares across zero from a fractional holding: what stays is in the leg, not in the orders', async () => {
    const cli = await holding(base, 'fraction', ['AAA,700', 'SPY,10.5']);
    const view = await cli.value<HedgeView>('hedge', '--level', '1');
    const leg = legOf(view, 'SPY');
    expect(view.orders.filter((order) => order.symbol === 'SPY')).toMatchObject([{ side: 'SELL', quantity: 10 }]);
    expect(leg.shares).toBe(-10);
    expect(leg.dropped).toMatch(/shares are not ordered/);
    expect(leg.rounded).toBeCloseTo(leg.before - 10 * close('SPY'), 6);
  });
});

describe('the checks of a hedge', () => {
  const of = (view: HedgeView, id: string): string => view.checks.find((check) => check.id === id)!.message;

  it('see the fall of a fund through its split of the same day, and say nothing of one before the last session', async () => {
    const cli = new Cli(base.folder, 'fall', { today });
    await cli.value('init');
    await cli.give('map.csv', MAP);
    const fallen = { ...market, closes: { ...market.closes } };
    for (const [name, factor] of [
      ['SPY', 8.5],
      ['CCC', 0.85],
    ] as const)
      fallen.closes[name] = market.closes[name]!.map((own, i, all) => (i < 119 ? own : Math.round(all[118]! * factor * 100) / 100));
    await cli.give('prices.csv', pricesText(fallen, undefined, 0, 120));
    await cli.give('reverse.csv', `ticker,ex_date,type,value\nSPY,${last},split,0.1\n`);
    await cli.give('positions.csv', `ticker,quantity,as_of\nCCC,7000,${last}\n`);
    await cli.value('run', ...SHORT);
    const said = async (own: Cli): Promise<string> =>
      of(await own.value<HedgeView>('hedge', '--layers', 'market=100,sector=0,subsector=0'), 'rule_201');
    expect(await said(cli)).toMatch(/^SPY fell by 15\.0 %: short sales/);
    expect(await said(cli.with({ today: sessionsFrom(today, 2)[1]! }))).toBe('Not checked: no data on the returns of the last session.');
    // A close that was corrected since is the one that orders are priced at.
    await cli.give('fix.csv', `date,ticker,close\n${last},SPY,${(market.closes.SPY![118]! * 10).toFixed(2)}\n`, '--accept-restatements');
    await cli.value('run', ...SHORT);
    expect(await said(cli)).toBe('No ETF sold short fell by 10 % in the last session.');
  });

  it('see an export of an account that was hedged as one with these, whichever of them the orders are in', async () => {
    const lines = ['CCC,7000,A', 'CCC,5000,B'].map((line) => `${line},${last}`);
    const cli = await holding(base, 'one', lines, 'ticker,quantity,account,as_of');
    const sent = async (name: string, ...words: string[]): Promise<Cli> => {
      const own = cli.copy(name);
      await own.value('hedge', ...words, '--format', 'generic', '--out', join(base.folder, `${name}.csv`));
      return own;
    };
    const said = async (own: Cli, ...words: string[]): Promise<string> =>
      of(await own.value<HedgeView>('hedge', ...words), 'duplicate_export');
    const first = await sent('one-a', '--accounts', 'A');
    expect(await said(first)).toMatch(/exported today, trades /);
    expect(await said(first, '--accounts', 'B')).toMatch(/^No export before/);
    expect(await said(first, '--accounts', 'B', '--netting', 'per-account')).toMatch(/^No export before/);
    const both = await sent('one-both');
    for (const account of ['A', 'B']) expect(await said(both, '--accounts', account)).toMatch(/exported today, trades /);
    const each = await sent('one-each', '--netting', 'per-account', '--accounts', 'B');
    expect(await said(each, '--accounts', 'A')).toMatch(/^No export before/);
    expect(await said(each)).toMatch(/exported today, trades /);
  });

  it('know a restricted ticker as a terminal writes it', async () => {
    const cli = await holding(base, 'terminal', ['CCC,7000']);
    const rules = join(base.folder, 'rules.json');
    writeFileSync(rules, JSON.stringify({ restricted: [{ code: 'SPY US Equity', kind: 'restricted' }] }));
    await cli.value('desk', '--file', rules);
    const view = await cli.value<HedgeView>('hedge');
    expect(of(view, 'dropped')).toContain('SPY: on the restricted list as SPY US Equity');
    expect(view.orders.map(({ symbol }) => symbol)).not.toContain('SPY');
  });

  it('see a coming ex-date whose file says nothing of when it was known', async () => {
    const cli = await holding(base, 'ex', ['CCC,7000']);
    const day = sessionsFrom(today, 4)[3]!;
    await cli.give('dividends.csv', `ticker,ex_date,type,value\nSPY,${day},dividend,1.5\n`);
    expect(of(await cli.value<HedgeView>('hedge'), 'ex_date')).toMatch(new RegExp(`^SPY goes ex on ${day}: the .* shares short then owe`));
  });
});

describe('order files', () => {
  const sha256 = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');

  it('hold the orders, beside a manifest that proves them, and are never overwritten', async () => {
    const cli = await holding(base, 'files', ['AAA,700', 'BBB,300']);
    const out = join(base.folder, 'orders.csv');
    const done = await cli.value<HedgeView & { files: HedgeFiles }>('hedge', '--format', 'generic', '--out', out);
    const bytes = readFileSync(out);
    const manifest = JSON.parse(readFileSync(done.files.manifestFile, 'utf8')) as Manifest;
    expect([done.files.sha256, manifest.output.sha256, manifest.output.bytes]).toEqual([sha256(bytes), sha256(bytes), bytes.length]);
    expect(manifest.output.line_hashes).toEqual(
      bytes
        .toString()
        .match(/[^\n]*\n/g)!
        .map((line) => sha256(line).slice(0, 16)),
    );
    expect(manifest.inputs).toMatchObject([{ file: 'positions.csv', sha256: sha256(readFileSync(join(base.folder, 'positions.csv'))) }]);
    expect(manifest).toMatchObject({ run_id: 'R1', simulated: false, override_reason: null, orders: { count: done.orders.length } });
    const [head, ...rows] = bytes
      .toString()
      .trim()
      .split('\r\n')
      .map((line) => line.split(','));
    const at = (row: string[], name: string) => row[head!.indexOf(name)];
    expect(rows.map((row) => [at(row, 'order_id'), at(row, 'symbol'), at(row, 'side'), Number(at(row, 'quantity'))])).toEqual(
      done.orders.map((order) => [order.orderId, order.symbol, order.side, order.quantity]),
    );

    // The same day, the same snapshot: blocked as a duplicate; the files stay as they are.
    const again = await cli.error('hedge', '--format', 'generic', '--out', join(base.folder, 'orders-2.csv'));
    expect([again.exit, again.code, again.message]).toEqual([
      3,
      'blocked',
      expect.stringContaining('exported today, trades the same ETF in the same account'),
    ]);
    expect(existsSync(join(base.folder, 'orders-2.csv'))).toBe(false);
    const over = await cli.error('hedge', '--format', 'generic', '--out', out, '--override', 'the desk asked');
    expect([over.exit, over.code]).toEqual([1, 'io']);
    expect(readFileSync(out)).toEqual(bytes);
    const basket = await cli.value<HedgeView & { files: HedgeFiles }>(
      'hedge',
      '--format',
      'ibkr-basket',
      '--out',
      join(base.folder, 'basket.csv'),
      '--override',
      'the desk asked',
    );
    const second = JSON.parse(readFileSync(basket.files.manifestFile, 'utf8')) as Manifest;
    expect(second).toMatchObject({ override_reason: 'the desk asked', output: { format_id: 'ibkr-basket' } });
    expect(second.output.sha256).toBe(sha256(readFileSync(join(base.folder, 'basket.csv'))));
    // The same orders are the same set: a broker that has its ids already refuses them.
    expect(basket.orders.map(({ orderId }) => orderId)).toEqual(done.orders.map(({ orderId }) => orderId));
    expect(readdirSync(base.folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    // On another day nothing stands in the way of the same hedge but its age.
    const checks = (await cli.with({ today: market.days[120]! }).value<HedgeView>('hedge')).checks;
    expect(checks.find((check) => check.id === 'duplicate_export')).toMatchObject({ status: 'fail', severity: 'block' });
  });

  it('name the right holdings when two files of one name were imported', async () => {
    const cli = await holding(base, 'same-name', ['AAA,700']);
    await cli.give('positions.csv', `ticker,quantity,as_of\nAAA,701,${last}\n`);
    const out = join(base.folder, 'same-name.csv');
    const done = await cli.value<{ files: HedgeFiles }>('hedge', '--format', 'generic', '--out', out);
    const manifest = JSON.parse(readFileSync(done.files.manifestFile, 'utf8')) as Manifest;
    expect(manifest.inputs[0]!.sha256).toBe(sha256(readFileSync(join(base.folder, 'positions.csv'))));
  });

  it('are not written from old holdings or a book that is mostly not modelled, unless overridden with a reason', async () => {
    const cli = base.copy('stale');
    await cli.give(
      'old.csv',
      `ticker,quantity,price,as_of\nAAA,100,${market.closes.AAA![100]},${market.days[100]}\nWHAT,1000,80,${market.days[100]}\n`,
    );
    const out = join(base.folder, 'stale.csv');
    const blocked = await cli.run('hedge', '--format', 'generic', '--out', out);
    expect(blocked.code).toBe(3);
    expect(blocked.err).toMatch(/business days old/);
    expect(blocked.err).toMatch(/Not modelled: WHAT/);
    expect(existsSync(out)).toBe(false);
    expect((await cli.run('hedge', '--format', 'generic', '--out', out, '--override', '  ')).code).toBe(3);
    const short = await cli.run('hedge', '--format', 'generic', '--out', out, '--override', 'because');
    expect([short.code, short.err]).toEqual([2, expect.stringContaining('has 10 to 400 characters, not 7')]);
    const done = await cli.value<{ files: HedgeFiles }>('hedge', '--format', 'generic', '--out', out, '--override', 'tested by hand');
    expect((JSON.parse(readFileSync(done.files.manifestFile, 'utf8')) as Manifest).override_reason).toBe('tested by hand');
  });
});
