/** Books: what a position is worth and exposed to, also around a split. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { LookView } from '../contract/results-health.ts';
import type { RiskView } from '../contract/results-risk.ts';
import type { BookView, HedgeView, SecurityView } from '../contract/results.ts';
import { getBook } from '../core/book.ts';
import { datedBooks } from '../core/dated-books.ts';
import { previewHedge } from '../core/hedge.ts';
import { listBatches, undoBatch } from '../core/imports.ts';
import { setDesk } from '../core/orders/desk.ts';
import { effectiveness } from '../core/risk/effectiveness.ts';
import { portfolioSeries } from '../core/risk/portfolio-series.ts';
import type { Session } from '../core/session.ts';
import { keepWhatIf } from '../core/risk/what-if.ts';
import { holdings, legOf } from './testing/accounts.ts';
import { close, exposures, holding, last, market, runBefore, today } from './testing/book.ts';
import { Cli } from './testing/cli.ts';
import { CLASSES, MAP, pricesText, sessionsFrom, SHORT } from './testing/market.ts';
import { importAll, inSession } from './testing/session.ts';

let base: Cli;
let aaa: SecurityView;

beforeAll(async () => {
  base = await runBefore();
  aaa = await base.value<SecurityView>('show', 'AAA');
});

describe('the book', () => {
  it('of one stock is its value times its exposures, also when the holdings came after the run', async () => {
    const cli = await holding(base, 'one', ['AAA,100']);
    const book = await cli.value<BookView>('book');
    const value = 100 * close('AAA');
    expect(book).toMatchObject({ gross: value, net: value, covered: value, coverage: 1, date: last, snapshotAsOf: last });
    expect(book.positions).toMatchObject([{ ticker: 'AAA', role: 'stock', level: 3, price: close('AAA'), marketValue: value, weight: 1 }]);
    for (const [etf, h] of Object.entries(exposures(aaa))) {
      const line = book.etfs.find((one) => one.etf === etf)!;
      expect(line.exposure).toBeCloseTo(value * h, 9);
      expect(line).toMatchObject({ hedgeHolding: 0, net: line.exposure });
    }
    // At level 1 it is a book on the market ETF alone.
    const flat = await cli.value<BookView>('book', '--level', '1');
    expect(flat.etfs.map((one) => one.etf)).toEqual(['SPY']);
    expect(flat.etfs[0]!.exposure).toBeCloseTo(value * aaa.levels[0]!.exposure[0]!, 9);
  });

  it('of a weekend has the prices of the Friday before it', async () => {
    const cli = await holding(base, 'weekend', ['AAA,100']);
    const at = market.days.findIndex((day) => new Date(day).getUTCDay() === 5 && day > market.days[100]!);
    const later = (days: number): string => new Date(Date.parse(market.days[at]!) + days * 86_400_000).toISOString().slice(0, 10);
    for (const day of [market.days[at]!, later(1), later(2)]) {
      const { positions } = await cli.value<BookView>('book', '--date', day);
      expect(positions, day).toMatchObject([{ price: market.closes.AAA![at], priceDay: market.days[at] }]);
    }
  });

  it('lists what it cannot model with its value: bonds, cash, foreign money, unknown names; the coverage is beside it', async () => {
    const head = 'account,ticker,quantity,price,market_value,currency,as_of,name';
    const cli = await holding(
      base,
      'mixed',
      [
        `A-1,AAA,100,${close('AAA')},,USD,${last},Alpha`,
        `A-1,BBB,-50,${close('BBB')},,USD,${last},Beta`,
        `A-1,99BOND1,10000,98.5,9850,USD,${last},A bond`,
        `A-1,CCC,10,70,700,EUR,${last},Gamma in Frankfurt`,
        `A-1,$CASH,500,1,500,USD,${last},Dollars`,
        `A-1,CASH_USD,-250,,,USD,${last},Owed: the quantity is the amount`,
        `A-1,CASH_EUR,700,,,EUR,${last},Euros`,
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
    expect(book.positions.filter(({ role }) => role === 'cash')).toMatchObject([
      { marketValue: 500, weight: null },
      { marketValue: -250, weight: null },
      { marketValue: null, weight: null, reason: 'cash in EUR: no exchange rate series, no factor exposure' },
    ]);
    const unmodelled = 9850;
    expect(book.gross).toBeCloseTo(a - b + unmodelled, 8);
    expect(book.coverage).toBeCloseTo((a - b) / (a - b + unmodelled), 12);
    expect(book.net).toBeCloseTo(a + b + unmodelled, 8);
    expect(book.positions).toHaveLength(9);
    const look = await cli.value<LookView>('doctor');
    expect(look.bookValue).toBeCloseTo(book.net, 8);
    await cli.value('run', ...SHORT, '--set', 'window=252');
    const { volatility } = await cli.value<BookView>('book');
    expect(look.bookVolatility! / volatility.historical!).toBeCloseTo(1, 10);
    for (const ticker of ['7203', 'NOBODY'])
      expect(byTicker.get(ticker)).toMatchObject({ role: 'unmodelled', marketValue: null, weight: null });
    // What has no value is in no share of the book, and said; euros are no price to compare with dollars.
    const { checks, unvalued } = await cli.value<HedgeView>('hedge');
    expect([book.unvalued, unvalued, (await cli.value<RiskView>('risk')).unvalued]).toEqual([3, 3, 3]);
    const message = (id: string): string => checks.find((check) => check.id === id)!.message;
    expect(message('coverage')).toContain('without a value in dollars: CCC, 7203, NOBODY');
    expect(message('price_file')).not.toContain('CCC');
  });

  it('has one volatility, told by the book and by the doctor, also with a name that is listed no more', async () => {
    const cli = await holding(base, 'gone', ['AAA,100', 'BBB,-50', 'DDD,80']);
    const end = market.days.length - 30;
    const gone = market.days.slice(end - 90, end).map((day, t) => `${day},DDD,${50 + 5 * Math.sin(t)}`);
    await cli.give('gone.csv', ['date,ticker,close', ...gone, ''].join('\n'));
    await cli.value('run', ...SHORT, '--set', 'window=252');
    const { positions, volatility } = await cli.value<BookView>('book');
    expect(positions.find(({ ticker }) => ticker === 'DDD')).toMatchObject({ role: 'unmodelled' });
    const { bookVolatility, bookSessions } = await cli.value<LookView>('doctor');
    expect(bookVolatility! / volatility.historical!).toBeCloseTo(1, 10);
    // What is counted is said: the days that both names still listed have in common.
    expect(bookSessions).toMatchObject({ counted: volatility.rows, young: 0 });
    expect(bookSessions!.of).toBeGreaterThan(volatility.rows);
  });

  it('applies a split between the date of the snapshot and the date of the price', async () => {
    const cli = new Cli(base.folder, 'split', { today });
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
    const cli = await holding(base, 'eve', ['AAA,1000']);
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

it('the books of many days are of one panel, whatever names each day holds', async () => {
  const cli = await holding(base, 'days', ['AAA,1000', 'BBB,500', 'SPY,-10']);
  await inSession(cli, async (session) => {
    const held = [['AAA,10'], ['BBB,10'], ['CCC,10'], ['AAA,5', 'CCC,5']];
    await importAll(
      session,
      cli,
      Object.fromEntries(held.map((lines, i) => [`day-${i}.csv`, holdings('', market.days[111 + i]!, ...lines)])),
    );
    let panels = 0;
    const { panelReader } = session;
    const call = panelReader.call.bind(panelReader);
    panelReader.call = ((name: never, ...rest: [never]) => ((panels += name === 'panel' ? 1 : 0), call(name, ...rest))) as typeof call;
    const books = await datedBooks(session, {});
    expect(books.map(({ lines }) => lines.map(({ ticker }) => ticker).join())).toEqual(['AAA', 'BBB', 'CCC', 'AAA,CCC', 'AAA,BBB,SPY']);
    expect(panels).toBe(1);
  });
});

it('the books of many days are kept for the next question, until anything they depend on changes', async () => {
  const cli = await holding(base, 'kept', ['AAA,1000', 'SPY,-10']);
  const other = cli.copy('not-kept');
  const give =
    (k: number, ...lines: string[]) =>
    (session: Session) =>
      importAll(session, cli, { [`day-${k}.csv`]: holdings('', market.days[k]!, ...lines) });
  /** What is done before each question, and how many books are read for it. */
  const steps: [(session: Session) => Promise<unknown>, number][] = [
    [give(111, 'AAA,10'), 4],
    [give(112, 'BBB,10', 'SPY,5'), 6],
    [async () => null, 0],
    [(session) => setDesk(session, { marks: [{ etf: 'SPY', role: 'investment' }] }, 'a test'), 6],
    [(session) => setDesk(session, {}, 'a test'), 6],
    [async (session) => undoBatch(session, Math.max(...(await listBatches(session)).map(({ batchId }) => batchId))), 4],
    [async () => null, 0],
  ];
  const ask = async (session: Session) => [
    await effectiveness(session, { weights: 'dated' }),
    await portfolioSeries(session, { fields: ['l1_mkt_exp'], weights: 'dated' }),
  ];
  const answers = await inSession(cli, async (session) => {
    let books = 0;
    const { reader } = session;
    const call = reader.call.bind(reader);
    reader.call = ((name: never, ...rest: [never]) => ((books += name === 'book' ? 1 : 0), call(name, ...rest))) as typeof call;
    const out = [];
    for (const [step, read] of steps) {
      await step(session);
      books = 0;
      // The second of two that are asked at once finds what the first has read.
      const [first, second] = await Promise.all([ask(session), ask(session)]);
      expect(second).toEqual(first);
      out.push(first);
      expect(books).toBe(read);
    }
    return out;
  });
  for (const [i, [step]] of steps.entries())
    expect(answers[i]).toEqual(await inSession(other, async (session) => (await step(session), ask(session))));
});
