import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { LookView } from '../contract/results-health.ts';
import type { BookView, HedgeView, HedgeFiles, SecurityView } from '../contract/results.ts';
import type { Manifest } from '../exporters/orders/index.ts';
import { getBook } from '../core/book.ts';
import { previewHedge } from '../core/hedge.ts';
import { undoBatch } from '../core/imports.ts';
import { keepWhatIf } from '../core/risk/what-if.ts';
import { Cli, scratch } from './testing/cli.ts';
import { CLASSES, MAP, pricesText, sessionsFrom, SHORT, smallMarket } from './testing/market.ts';
import { inSession } from './testing/session.ts';

const folder = scratch();
const market = smallMarket(121);
const last = market.days[119]!;
const today = market.days[120]!;
const close = (name: string): number => market.closes[name]![119]!;
let base: Cli;
const views: Record<string, SecurityView> = {};

beforeAll(async () => {
  base = new Cli(folder, 'base', { today });
  await base.value('init');
  await base.give('map.csv', MAP);
  await base.give('classes.csv', CLASSES);
  await base.give('prices.csv', pricesText(market, undefined, 0, 120));
  await base.value('run', ...SHORT);
  for (const name of ['AAA', 'BBB', 'CCC']) views[name] = await base.value<SecurityView>('show', name);
});

/** A workspace with a book: `ticker,quantity` lines, or a whole file. */
async function holding(name: string, lines: string[], head = 'ticker,quantity,as_of'): Promise<Cli> {
  const cli = base.copy(name);
  const rows = head === 'ticker,quantity,as_of' ? lines.map((line) => `${line},${last}`) : lines;
  await cli.give('positions.csv', [head, ...rows, ''].join('\n'));
  return cli;
}

const exposures = (name: string): Record<string, number> => {
  const level = views[name]!.levels.at(-1)!;
  return Object.fromEntries(level.etf.map((etf, i) => [etf, level.exposure[i]!]));
};
const legOf = (view: HedgeView, etf: string) => view.legs.find((leg) => leg.etf === etf)!;

describe('the book', () => {
  it('of one stock is its value times its exposures, also when the holdings came after the run', async () => {
    const cli = await holding('one', ['AAA,100']);
    const book = await cli.value<BookView>('book');
    const value = 100 * close('AAA');
    expect(book).toMatchObject({ gross: value, net: value, covered: value, coverage: 1, date: last, snapshotAsOf: last });
    expect(book.positions).toMatchObject([{ ticker: 'AAA', role: 'stock', level: 3, price: close('AAA'), marketValue: value, weight: 1 }]);
    for (const [etf, h] of Object.entries(exposures('AAA'))) {
      const line = book.etfs.find((one) => one.etf === etf)!;
      expect(line.exposure).toBeCloseTo(value * h, 9);
      expect(line).toMatchObject({ hedgeHolding: 0, net: line.exposure });
    }
    // At level 1 it is a book on the market ETF alone.
    const flat = await cli.value<BookView>('book', '--level', '1');
    expect(flat.etfs.map((one) => one.etf)).toEqual(['SPY']);
    expect(flat.etfs[0]!.exposure).toBeCloseTo(value * views.AAA!.levels[0]!.exposure[0]!, 9);
  });

  it('lists what it cannot model with its value: bonds, cash, foreign money, unknown names; the coverage is beside it', async () => {
    const head = 'account,ticker,quantity,price,market_value,currency,as_of,name';
    const cli = await holding(
      'mixed',
      [
        `A-1,AAA,100,${close('AAA')},,USD,${last},Alpha`,
        `A-1,BBB,-50,${close('BBB')},,USD,${last},Beta`,
        `A-1,99BOND1,10000,98.5,9850,USD,${last},A bond`,
        `A-1,CCC,10,70,700,EUR,${last},Gamma in Frankfurt`,
        `A-1,$CASH,500,1,500,USD,${last},Dollars`,
        `A-1,7203,100,2800,280000,JPY,${last},Yen are no dollars`,
        `A-1,NOBODY,5,,,USD,${last},Nobody knows what it is worth`,
      ],
      head,
    );
    const book = await cli.value<BookView>('book');
    const [a, b] = [100 * close('AAA'), -50 * close('BBB')];
    const byTicker = new Map(book.positions.map((position) => [position.ticker, position]));
    expect(byTicker.get('99BOND1')).toMatchObject({
      role: 'unmodelled',
      marketValue: 9850,
      reason: expect.stringMatching(/unknown here/) as string,
    });
    // The close here is of the listing in dollars, and no value of shares in euros.
    expect(byTicker.get('CCC')).toMatchObject({
      ...{ role: 'unmodelled', marketValue: null, price: 70, reason: expect.stringMatching(/EUR/) as string },
      flags: ['price from the holdings file'],
    });
    expect(byTicker.get('BBB')).toMatchObject({ role: 'stock', marketValue: b });
    expect(book.positions.filter(({ role }) => role === 'cash')).toMatchObject([{ marketValue: 500, weight: null }]);
    const unmodelled = 9850;
    expect(book.gross).toBeCloseTo(a - b + unmodelled, 8);
    expect(book.coverage).toBeCloseTo((a - b) / (a - b + unmodelled), 12);
    expect(book.net).toBeCloseTo(a + b + unmodelled, 8);
    expect(book.positions).toHaveLength(7);
    const look = await cli.value<LookView>('doctor');
    expect(look.bookValue).toBeCloseTo(book.net, 8);
    await cli.value('run', ...SHORT, '--set', 'window=252');
    const { volatility } = await cli.value<BookView>('book');
    expect(look.bookVolatility! / volatility.historical!).toBeCloseTo(1, 10);
    for (const ticker of ['7203', 'NOBODY'])
      expect(byTicker.get(ticker)).toMatchObject({ role: 'unmodelled', marketValue: null, weight: null });
    // What has no value is in no share of the book, and said; euros are no price to compare with dollars.
    const { checks } = await cli.value<HedgeView>('hedge');
    const message = (id: string): string => checks.find((check) => check.id === id)!.message;
    expect(message('coverage')).toContain('without a value in dollars: CCC, 7203, NOBODY');
    expect(message('price_file')).not.toContain('CCC');
  });

  it('applies a split between the date of the snapshot and the date of the price', async () => {
    const cli = new Cli(folder, 'split', { today });
    await cli.value('init');
    await cli.give('map2.csv', MAP);
    await cli.give('classes2.csv', CLASSES);
    const halved = {
      days: market.days,
      closes: { ...market.closes, AAA: market.closes.AAA!.map((price, t) => (t >= 118 ? price / 2 : price)) },
    };
    await cli.give('halved.csv', pricesText(halved, undefined, 0, 120));
    await cli.give('actions.csv', `ticker,ex_date,type,value\nAAA,${market.days[118]},split,2\n`);
    await cli.give('before.csv', `ticker,quantity,as_of,price\nAAA,100,${market.days[117]},${market.closes.AAA![117]}\n`);
    await cli.value('run', ...SHORT);
    const book = await cli.value<BookView>('book');
    expect(book.positions).toMatchObject([{ quantity: 200, price: close('AAA') / 2, marketValue: 100 * close('AAA') }]);
    expect(book.positions[0]!.flags.join()).toContain('split');
    const earlier = await cli.value<BookView>('book', '--date', market.days[117]!);
    expect(earlier.positions).toMatchObject([{ quantity: 100, price: market.closes.AAA![117] }]);
    // A scratch copy that is kept has quantities and the file's price after the split: the two prices still agree.
    await inSession(cli, async (session) => {
      const { batchId } = await keepWhatIf(session, {}, [{ account: '', ticker: 'BBB', quantity: 1 }], 'one more');
      const { positions } = await getBook(session, {});
      expect(positions[0]).toMatchObject({ ticker: 'AAA', quantity: 200, marketValue: 100 * close('AAA') });
      const { checks } = await previewHedge(session, {});
      expect(checks.find(({ id }) => id === 'price_file')!.message).not.toContain('split');
      await undoBatch(session, batchId!);
    });

    // Of two lists the one known later is in force, whichever was imported last; before it was known, the other.
    const list = (name: string, value: number, known: string) =>
      cli.give(name, `ticker,ex_date,type,value,known_from\nAAA,${market.days[118]},split,${value},${known}\n`, '--accept-restatements');
    await list('right.csv', 4, market.days[119]!);
    await list('wrong.csv', 3, market.days[118]!);
    await cli.value('run', ...SHORT);
    expect((await cli.value<BookView>('book')).positions[0]!.quantity).toBe(400);
    expect((await cli.value<BookView>('book', '--date', market.days[118]!)).positions[0]!.quantity).toBe(300);
    // Two of one list, by ticker and by ISIN, are two splits of the day.
    await cli.give('master.csv', `ticker,isin,valid_from\nAAA,US0378331005,2000-01-01\n`);
    await cli.give(
      'both.csv',
      `ticker,isin,ex_date,type,value,known_from\nAAA,,${market.days[118]},split,1.5,${market.days[119]}\n,US0378331005,${market.days[118]},split,4,${market.days[119]}\n`,
      '--accept-restatements',
    );
    await cli.value('run', ...SHORT);
    expect((await cli.value<BookView>('book')).positions[0]!.quantity).toBe(600);
  });
});

describe('a split that the last close is of before', () => {
  const spy = (view: HedgeView) => view.orders.filter(({ symbol }) => symbol === 'SPY');
  const settlement = (view: HedgeView) => view.checks.find(({ id }) => id === 'settlement')!;

  it('divides the close where the holdings are of after it, and orders count new shares', async () => {
    const cli = base.copy('ahead');
    await cli.give('actions.csv', `ticker,ex_date,type,value\nAAA,${today},split,4\nSPY,${today},split,4\n`);
    await cli.value('run', ...SHORT);
    const held = (name: string, day: string, ...lines: string[]) =>
      cli.give(name, ['ticker,quantity,as_of', ...lines.map((line) => `${line},${day}`), ''].join('\n'));
    await held('old.csv', last, 'AAA,1000', 'SPY,-10');
    const old = { book: await cli.value<BookView>('book'), hedge: await cli.value<HedgeView>('hedge') };
    await held('new.csv', today, 'AAA,4000', 'SPY,-40');
    const book = await cli.value<BookView>('book');
    for (const { positions } of [old.book, book])
      expect(positions).toMatchObject([
        { ticker: 'AAA', quantity: 4000, price: close('AAA') / 4, marketValue: 1000 * close('AAA') },
        { ticker: 'SPY', quantity: -40, price: close('SPY') / 4, marketValue: -10 * close('SPY') },
      ]);
    expect(book.positions[0]!.flags).toContain(`close of ${last} divided by 4 (split)`);
    const view = await cli.value<HedgeView>('hedge');
    expect(spy(view)).toEqual(spy(old.hedge).map((order) => ({ ...order, orderId: expect.any(String) as string })));
    expect(legOf(view, 'SPY').price).toBeCloseTo(close('SPY') / 4, 12);
    for (const { symbol, bucket, reason } of view.orders) {
      const { target } = legOf(view, symbol);
      expect(reason).toBe(`${bucket} target ${target < 0 ? '-' : ''}$${Math.round(Math.abs(target)).toLocaleString('en-US')}`);
    }
    expect(view.orders.some(({ reason }) => / target -\$\d+,\d{3}$/.test(reason))).toBe(true);
    expect(await cli.error('book', '--run', '1')).toMatchObject({ message: 'There is no run 1.', action: 'Name it R1.' });
    expect(settlement(view).message).not.toContain('split');
    // Looked at on a day of before it, the same holdings are worth no more.
    const [back] = (await cli.value<BookView>('book', '--snapshot', '2', '--date', market.days[117]!)).positions;
    expect(back!.marketValue).toBeCloseTo(1000 * market.closes.AAA![117]!, 8);
    // A scratch copy that is kept counts new shares too.
    await inSession(cli, async (session) => {
      await keepWhatIf(session, {}, [{ account: '', ticker: 'BBB', quantity: 1 }], 'one more');
      expect((await getBook(session, {})).positions[0]).toMatchObject({ quantity: 4000, marketValue: 1000 * close('AAA') });
    });
  });

  it('blocks orders in shares of before one that takes effect by the session they are for, also when it was told after the run', async () => {
    const cli = await holding('eve', ['AAA,1000']);
    const next = sessionsFrom(today, 2)[1]!;
    expect(settlement(await cli.value<HedgeView>('hedge')).severity).toBe('inform');
    await cli.give('actions.csv', `ticker,ex_date,type,value\nSPY,${next},split,4\n`);
    const view = await cli.value<HedgeView>('hedge');
    const { quantity } = spy(view)[0]!;
    expect(settlement(view)).toMatchObject({ severity: 'block', status: 'fail' });
    expect(settlement(view).message).toContain(
      `takes effect on ${next}, the orders count shares of before it: ${quantity} shares would be ${4 * quantity}`,
    );
    await cli.with({ today: next }).value('run', ...SHORT);
    const anew = await cli.with({ today: next }).value<HedgeView>('hedge');
    expect(Math.abs(spy(anew)[0]!.quantity - 4 * quantity)).toBeLessThan(4);
    expect(settlement(anew).message).not.toContain('split');
  });
});

describe('prices of the book', () => {
  const file = (field: string, name: string, from: number, to: number, values = market.closes.AAA!): string =>
    [`date,ticker,${field}`, ...market.days.slice(from, to).map((day, t) => `${day},${name},${values[from + t]}`), ''].join('\n');

  it('without a raw close are those of the holdings file, flagged; the position is modelled all the same', async () => {
    const cli = base.copy('returns');
    const returns = market.closes.AAA!.map((price, t) => (t === 0 ? 0 : price / market.closes.AAA![t - 1]! - 1));
    await cli.give('returns.csv', file('return', 'RRR', 1, 120, returns));
    await cli.value('run', ...SHORT);
    await cli.give('held.csv', `ticker,quantity,price,as_of\nRRR,10,55.5,${last}\n`);
    const book = await cli.value<BookView>('book');
    expect(book.positions).toMatchObject([
      { role: 'stock', level: 1, price: 55.5, marketValue: 555, flags: ['price from the holdings file', 'no_sector_etf'] },
    ]);
    await cli.give('held2.csv', `ticker,quantity,as_of\nRRR,10,${last}\n`);
    expect((await cli.value<BookView>('book')).positions).toMatchObject([{ role: 'unmodelled', marketValue: null }]);
  });

  it('take an adjusted close on the last date of its import only, never from the middle of a correction', async () => {
    const cli = base.copy('adjusted');
    await cli.give('adjusted.csv', file('adj_close', 'DDD', 0, 120));
    const wrong = market.closes.AAA!.map((price, t) => (t === 60 ? price * 1.1 : price * 0.98));
    await cli.give('corrected.csv', file('adj_close', 'DDD', 0, 120, wrong), '--accept-restatements', '--known-as-of', last);
    await cli.value('run', ...SHORT);
    await cli.give('held3.csv', `ticker,quantity,as_of\nDDD,10,${last}\n`);
    const at = async (...flags: string[]) => (await cli.value<BookView>('book', ...flags)).positions[0]!;
    expect(await at()).toMatchObject({ price: close('AAA'), flags: ['adjusted close as price', 'no_sector_etf'] });
    expect(await at('--date', market.days[61]!)).toMatchObject({ price: null, marketValue: null });
    // A price as at the day of the correction does not become one of the corrected days.
    expect(await at('--date', market.days[118]!)).toMatchObject({ price: null });
  });
});

describe('the hedge', () => {
  it('at all layers leaves every leg within one share of nothing, joint rounding no worse than nearest', async () => {
    const cli = await holding('all', ['AAA,700', 'BBB,-120', 'CCC,300']);
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
    const cli = await holding('market', ['AAA,700']);
    const view = await cli.value<HedgeView>('hedge', '--layers', 'market=50');
    const beta = views.AAA!.levels[0]!.exposure[0]!;
    expect(legOf(view, 'SPY').target).toBeCloseTo(-0.5 * 700 * close('AAA') * beta, 6);
    for (const etf of ['XLK', 'SOXX']) expect(Math.abs(legOf(view, etf).target)).toBeLessThan(1e-9);
    expect(await cli.error('hedge', '--level', '2', '--layers', 'subsector=100')).toMatchObject({ exit: 2 });
    expect(await cli.error('hedge', '--layers', 'market=101')).toMatchObject({ exit: 2 });
  });

  it('nets ETFs held short, keeps those held long, and takes another sleeve when told; a misspelt one is refused', async () => {
    const cli = await holding('sleeve', ['AAA,700', 'SPY,-20', 'XLK,30']);
    const view = await cli.value<HedgeView>('hedge');
    const value = 700 * close('AAA');
    expect(legOf(view, 'SPY')).toMatchObject({ heldShares: -20, held: -20 * close('SPY') });
    expect(legOf(view, 'SPY').trade).toBeCloseTo(-value * exposures('AAA').SPY! + 20 * close('SPY'), 6);
    // The long fund is part of the book: one dollar of itself.
    expect(legOf(view, 'XLK').trade).toBeCloseTo(-value * exposures('AAA').XLK! - 30 * close('XLK'), 6);
    const sleeve = await cli.value<HedgeView>('hedge', '--hedge-sleeve', 'spy,XLK');
    expect(legOf(sleeve, 'XLK')).toMatchObject({ heldShares: 30 });
    expect(legOf(sleeve, 'XLK').trade).toBeCloseTo(legOf(view, 'XLK').trade, 6);
    const roles = async (...flags: string[]) =>
      Object.fromEntries((await cli.value<BookView>('book', ...flags)).positions.map((position) => [position.ticker, position.role]));
    expect(await roles()).toEqual({ AAA: 'stock', SPY: 'hedge', XLK: 'investment' });
    expect(await cli.error('hedge', '--hedge-sleeve', 'SPYY')).toMatchObject({ exit: 2, message: 'SPYY is not an ETF of the map.' });
  });

  it('leaves out what is excluded or too small, and says so', async () => {
    const cli = await holding('small', ['AAA,700']);
    const without = await cli.value<HedgeView>('hedge', '--exclude', 'xlk');
    expect(legOf(without, 'XLK')).toMatchObject({ shares: 0, side: null, dropped: 'excluded by the request' });
    expect(legOf(without, 'XLK').rounded).toBeCloseTo(700 * close('AAA') * exposures('AAA').XLK!, 6);
    expect(legOf(without, 'XLK')).toMatchObject({ target: 0, trade: 0 });
    expect(legOf(without, 'XLK').modelTarget).toBeCloseTo(-700 * close('AAA') * exposures('AAA').XLK!, 6);
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

  it('never sells whole shares across zero from a fractional holding: what stays is in the leg, not in the orders', async () => {
    const cli = await holding('fraction', ['AAA,700', 'SPY,10.5']);
    const view = await cli.value<HedgeView>('hedge', '--level', '1');
    const leg = legOf(view, 'SPY');
    expect(view.orders.filter((order) => order.symbol === 'SPY')).toMatchObject([{ side: 'SELL', quantity: 10 }]);
    expect(leg.shares).toBe(-10);
    expect(leg.dropped).toMatch(/shares are not ordered/);
    expect(leg.rounded).toBeCloseTo(leg.before - 10 * close('SPY'), 6);
  });
});

describe('order files', () => {
  const sha256 = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');

  it('hold the orders, beside a manifest that proves them, and are never overwritten', async () => {
    const cli = await holding('files', ['AAA,700', 'BBB,300']);
    const out = join(folder, 'orders.csv');
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
    expect(manifest.inputs).toMatchObject([{ file: 'positions.csv', sha256: sha256(readFileSync(join(folder, 'positions.csv'))) }]);
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
    const again = await cli.error('hedge', '--format', 'generic', '--out', join(folder, 'orders-2.csv'));
    expect([again.exit, again.code, again.message]).toEqual([
      3,
      'blocked',
      expect.stringContaining('exported today, trades the same ETF in the same account'),
    ]);
    expect(existsSync(join(folder, 'orders-2.csv'))).toBe(false);
    const over = await cli.error('hedge', '--format', 'generic', '--out', out, '--override', 'the desk asked');
    expect([over.exit, over.code]).toEqual([1, 'io']);
    expect(readFileSync(out)).toEqual(bytes);
    const basket = await cli.value<HedgeView & { files: HedgeFiles }>(
      'hedge',
      '--format',
      'ibkr-basket',
      '--out',
      join(folder, 'basket.csv'),
      '--override',
      'the desk asked',
    );
    const second = JSON.parse(readFileSync(basket.files.manifestFile, 'utf8')) as Manifest;
    expect(second).toMatchObject({ override_reason: 'the desk asked', output: { format_id: 'ibkr-basket' } });
    expect(second.output.sha256).toBe(sha256(readFileSync(join(folder, 'basket.csv'))));
    // The same orders are the same set: a broker that has its ids already refuses them.
    expect(basket.orders.map(({ orderId }) => orderId)).toEqual(done.orders.map(({ orderId }) => orderId));
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    // On another day nothing stands in the way of the same hedge but its age.
    const checks = (await cli.with({ today: market.days[120]! }).value<HedgeView>('hedge')).checks;
    expect(checks.find((check) => check.id === 'duplicate_export')).toMatchObject({ status: 'fail', severity: 'block' });
  });

  it('name the right holdings when two files of one name were imported', async () => {
    const cli = await holding('same-name', ['AAA,700']);
    await cli.give('positions.csv', `ticker,quantity,as_of\nAAA,701,${last}\n`);
    const out = join(folder, 'same-name.csv');
    const done = await cli.value<{ files: HedgeFiles }>('hedge', '--format', 'generic', '--out', out);
    const manifest = JSON.parse(readFileSync(done.files.manifestFile, 'utf8')) as Manifest;
    expect(manifest.inputs[0]!.sha256).toBe(sha256(readFileSync(join(folder, 'positions.csv'))));
  });

  it('are not written from old holdings or a book that is mostly not modelled, unless overridden with a reason', async () => {
    const cli = base.copy('stale');
    await cli.give(
      'old.csv',
      `ticker,quantity,price,as_of\nAAA,100,${market.closes.AAA![100]},${market.days[100]}\nWHAT,1000,80,${market.days[100]}\n`,
    );
    const out = join(folder, 'stale.csv');
    const blocked = await cli.run('hedge', '--format', 'generic', '--out', out);
    expect(blocked.code).toBe(3);
    expect(blocked.err).toMatch(/business days old/);
    expect(blocked.err).toMatch(/Not modelled: WHAT/);
    expect(existsSync(out)).toBe(false);
    expect((await cli.run('hedge', '--format', 'generic', '--out', out, '--override', '  ')).code).toBe(3);
    const done = await cli.value<{ files: HedgeFiles }>('hedge', '--format', 'generic', '--out', out, '--override', 'tested by hand');
    expect((JSON.parse(readFileSync(done.files.manifestFile, 'utf8')) as Manifest).override_reason).toBe('tested by hand');
  });
});
