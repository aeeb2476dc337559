/** Holdings told by values, weights or CUSIPs: the book is that of the shares they stand for. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { BookView, HedgeView } from '../contract/results.ts';
import type { WhatIfView } from '../contract/results-risk.ts';
import { close, last, market, runBefore } from './testing/book.ts';
import type { Cli } from './testing/cli.ts';

const day = market.days[110]!;
const closeOf = (name: string): number => market.closes[name]![110]!;
/** Shares held on the day, a hedge and a fund among them. */
const HELD = { AAA: 700, BBB: -120, CCC: 300, SPY: -20, XLK: 30 } as const;
const names = Object.keys(HELD) as (keyof typeof HELD)[];
const value = (name: keyof typeof HELD): number => HELD[name] * closeOf(name);

let base: Cli;
let shares: Cli;
beforeAll(async () => {
  base = await runBefore();
  shares = await holding('shares', 'ticker,quantity,as_of', (name) => `${name},${HELD[name]},${day}`);
});

async function holding(copy: string, head: string, line: (name: keyof typeof HELD) => string, ...options: string[]): Promise<Cli> {
  const cli = base.copy(copy);
  await cli.value('import', cli.file('held.csv', [head, ...names.map(line), ''].join('\n')), ...options);
  return cli;
}

/** What a book and its hedge are worth, without how they were told. */
async function worth(cli: Cli, ...options: string[]) {
  const book = await cli.value<BookView>('book', ...options);
  const { legs, orders } = await cli.value<HedgeView>('hedge');
  return {
    positions: book.positions.map(({ ticker, quantity, price, marketValue, role, exposure }) => ({
      ticker,
      quantity,
      price,
      marketValue,
      role,
      exposure,
    })),
    etfs: book.etfs,
    legs: legs.map(({ etf, heldShares, trade, shares: count }) => ({ etf, heldShares, trade, count })),
    orders: orders.map(({ symbol, side, quantity }) => ({ symbol, side, quantity })),
  };
}

describe('a book told by values', () => {
  it('is that of the shares that the closes of its day make of them, on later days and over a split, and the checks say so', async () => {
    const cli = await holding('values', 'ticker,market_value,as_of', (name) => `${name},${value(name)},${day}`);
    expect(await worth(cli)).toEqual(await worth(shares));
    const split = `ticker,ex_date,type,value\nAAA,${market.days[115]!},split,2\n`;
    const later = shares.copy('shares-split');
    for (const one of [cli, later]) await one.give('split.csv', split);
    expect(await worth(cli, '--date', last)).toEqual(await worth(later, '--date', last));
    const { positions } = await cli.value<BookView>('book');
    expect(positions[0]!.flags[0]).toBe(`shares from the value in the holdings file, at the close of ${day} (${closeOf('AAA')})`);
    const { checks } = await cli.value<HedgeView>('hedge');
    expect(checks.find(({ id }) => id === 'inputs_complete')).toMatchObject({
      status: 'fail',
      severity: 'warn',
      message:
        'AAA, BBB, CCC, SPY, XLK: the holdings tell values, not shares. Shares were made of them at prices, and may not be those of the account.',
    });
    const view = await cli.value<WhatIfView>('whatif', '--set', 'CCC=5');
    expect(view.optimised.positions.find(({ ticker }) => ticker === 'CCC')).toMatchObject({ quantity: 5, marketValue: 5 * close('CCC') });
  });

  it("takes the file's own price before the close, and a restated close of the day once it is known", async () => {
    const cli = await holding('priced', 'ticker,market_value,price,as_of', (name) => `${name},${value(name)},${closeOf(name) / 2},${day}`);
    expect((await cli.value<BookView>('book')).positions.map(({ quantity }) => quantity)).toEqual(names.map((name) => HELD[name] * 2));
    const restated = await holding('restated', 'ticker,market_value,as_of', (name) => `${name},${value(name)},${day}`);
    await restated.give('again.csv', `date,ticker,close\n${day},CCC,${closeOf('CCC') / 2}\n`, '--accept-restatements');
    await restated.value('run', '--set', 'window=60', '--set', 'minObs=30');
    const { positions } = await restated.value<BookView>('book');
    expect(positions.find(({ ticker }) => ticker === 'CCC')!.quantity).toBe(HELD.CCC * 2);
  });

  it('without any price keeps the value and no shares, and models the position all the same', async () => {
    const cli = base.copy('unpriced');
    const returns = market.days.slice(1, 120).map((date, i) => `${date},RRR,${market.closes.BBB![i + 1]! / market.closes.BBB![i]! - 1}`);
    await cli.give('returns.csv', ['date,ticker,return', ...returns, ''].join('\n'));
    await cli.give('class.csv', 'ticker,sector,industry,scheme,valid_from\nRRR,Technology,Semiconductors,gics,2020-01-01\n');
    await cli.value('run', '--set', 'window=60', '--set', 'minObs=30');
    await cli.give('held.csv', `ticker,market_value,price,as_of\nRRR,5000,0,${day}\nZZZ,700,,${day}\nBBB,-1200,,${day}\n`);
    const { positions } = await cli.value<BookView>('book');
    const [rrr, zzz, bbb] = ['RRR', 'ZZZ', 'BBB'].map((ticker) => positions.find((one) => one.ticker === ticker)!);
    expect(rrr).toMatchObject({ role: 'stock', level: 3, quantity: null, price: null, marketValue: 5000 });
    expect(rrr!.exposure.map((x) => x!.toFixed(6))).toEqual(bbb!.exposure.map((x) => x!.toFixed(6)));
    expect(rrr!.flags).toContain(`value of ${day} from the holdings file`);
    expect(zzz).toMatchObject({ role: 'unmodelled', quantity: null, marketValue: 700 });
    // A scratch copy that is kept tells the same values.
    await cli.value('whatif', '--set', 'BBB=-3', '--keep', 'less of it');
    const kept = await cli.value<BookView>('book');
    expect(kept.positions.map(({ ticker, quantity, marketValue }) => [ticker, quantity, marketValue])).toEqual([
      ['RRR', null, 5000],
      ['ZZZ', null, 700],
      ['BBB', -3, -3 * close('BBB')],
    ]);
  });

  it('in another currency makes no shares at prices in dollars, and no dollars', async () => {
    const cli = base.copy('foreign');
    await cli.give(
      'held.csv',
      `ticker,market_value,price,currency,as_of\nAAA,5000,,EUR,${day}\nCCC,300,3,EUR,${day}\nBBB,-1200,,USD,${day}\n`,
    );
    const { positions } = await cli.value<BookView>('book');
    expect(positions.map(({ ticker, role, quantity, marketValue }) => [ticker, role, quantity, marketValue])).toEqual([
      ['AAA', 'unmodelled', null, null],
      ['CCC', 'unmodelled', null, null],
      ['BBB', 'stock', expect.any(Number), expect.any(Number)],
    ]);
  });
});

describe('a book told by weights', () => {
  const total = 250_000;
  const weight = (name: keyof typeof HELD): number => value(name) / total;

  it('asks for the amount and for what a weight is, and is the book of the values', async () => {
    const cli = base.copy('weights');
    const file = (head: string, scale: number): string =>
      cli.file(
        'held.csv',
        [`Ticker,${head},as_of`, ...names.map((name) => `${name},${(weight(name) * scale).toFixed(12)},${day}`), ''].join('\n'),
      );
    expect(await cli.error('import', file('Weight', 1))).toMatchObject({
      code: 'ambiguous',
      action: 'Name it in dollars: --total AMOUNT.',
    });
    expect(await cli.error('import', file('Weight', 1), '--total', '$0')).toMatchObject({ code: 'usage' });
    expect(await cli.error('import', file('Weight', 1), '--total', '$250,000')).toMatchObject({
      code: 'ambiguous',
      action: 'Say which: --weights fraction or --weights percent.',
    });
    await cli.value('import', file('Weight', 1), '--total', '$250,000', '--weights', 'fraction');
    const told = await worth(cli);
    const percent = base.copy('percent');
    await percent.value('import', file('Weight (%)', 100), '--total', '250000');
    expect(await worth(percent)).toEqual(told);
    const book = await shares.value<BookView>('book');
    // Values are kept to the cent.
    for (const { etf, net } of (await cli.value<BookView>('book')).etfs)
      expect(Math.abs(net - book.etfs.find((one) => one.etf === etf)!.net)).toBeLessThan(0.1);
  });

  it('refuses what is said of weights of a file that has none: the shares of it are none of an amount', async () => {
    const cli = base.copy('none');
    const path = cli.file('shares.csv', `ticker,quantity,as_of\nAAA,0.6,${day}\nBBB,0.4,${day}\n`);
    expect(await cli.error('import', path, '--total', '1000000')).toMatchObject({
      exit: 2,
      message: 'shares.csv: --total plays no part, positions are told by column quantity and not by weights.',
      action: 'Leave it out; if those numbers are weights, call the column weight.',
    });
    const schwab = cli.file(
      'Positions.csv',
      `"Positions for account Individual ...482 as of 12:33 PM ET, ${day.replaceAll('-', '/')}"\n\n"Symbol","Description","Qty (Quantity)","Price","Mkt Val (Market Value)","Security Type"\n"AAA","A CORP","10","5","50","Equity"\n`,
    );
    expect(await cli.error('import', schwab, '--total', '1000', '--weights', 'percent')).toMatchObject({
      message: expect.stringContaining('--total and --weights play no part') as string,
    });
    await cli.value('import', path);
  });

  it("reads a fund's published list, whose day stands above the header and whose cash is a weight", async () => {
    const cli = base.copy('fund');
    const [year, month, date] = day.split('-');
    const words = `${date}-${['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul'][Number(month) - 1]!}-${year}`;
    const text = `Fund Name:,Invented Trust\nHoldings:,As of ${words}\n\nName,Ticker,Identifier,Weight,Sector\nA CORP,AAA,-,60,-\nB CORP,BBB,-,38,-\nUS DOLLAR,CASH_USD,-,2,-\n`;
    const report = await cli.import(cli.file('fund.csv', text), '--total', '1000000');
    expect(report).toMatchObject({ outcome: 'committed', firstDay: day });
    expect(report.issues.map(({ reason }) => reason)).toContain('the weights are per cent of 1,000,000 dollars and add up to 100.00 %');
    const { positions } = await cli.value<BookView>('book');
    expect(positions.map(({ ticker, role, quantity }) => [ticker, role, quantity])).toEqual([
      ['AAA', 'stock', Math.round((600_000 / closeOf('AAA')) * 1e8) / 1e8],
      ['BBB', 'stock', Math.round((380_000 / closeOf('BBB')) * 1e8) / 1e8],
      ['', 'cash', 20_000],
    ]);
  });
});

describe('a list of securities with a column that may be of a position', () => {
  it('is asked about: a classification, or holdings', async () => {
    const cli = base.copy('both');
    const path = cli.file('list.csv', `Ticker,Name,Sector,Shares Held\nAAA,A,Technology,10\n`);
    expect(await cli.error('import', path)).toMatchObject({
      code: 'ambiguous',
      action: 'Say which: --as classification or --as holdings.',
    });
    expect(await cli.import(path, '--as', 'holdings', '--known-as-of', day, '--dry-run')).toMatchObject({ counts: { new: 1 } });
  });
});

it('a position named by its CUSIP alone is that of the security which has it', async () => {
  const cli = base.copy('cusip');
  await cli.give('master.csv', 'ticker,cusip,valid_from\nAAA,037833100,2020-01-01\n');
  await cli.value('run', '--set', 'window=60', '--set', 'minObs=30');
  await cli.give('held.csv', `cusip,quantity,as_of\n037833100,700,${day}\n`);
  expect((await cli.value<BookView>('book')).positions).toMatchObject([{ quantity: 700, role: 'stock', price: close('AAA') }]);
});

it('a CUSIP in the ticker column is that of a bond by its letters, of the security that has it, or said to be one', async () => {
  const cli = base.copy('cusips');
  await cli.give('master.csv', 'ticker,cusip,valid_from\nAAA,037833100,2020-01-01\n');
  await cli.value('run', '--set', 'window=60', '--set', 'minObs=30');
  const rows = ['037833100,700,', '912797ZZ3,10000,98.25', '594918104,5,', '912797ZZ4,10000,'];
  const { issues } = await cli.import(
    cli.file('held.csv', `ticker,quantity,price,as_of\n${rows.map((row) => `${row},${day}\n`).join('')}`),
  );
  expect(issues.filter(({ code }) => code === 'unknown_ticker').map(({ reason, fix }) => `${reason} ${fix}`)).toEqual([
    expect.stringMatching(/^594918104 is a CUSIP that no security here has; .*Import a securities file/),
    expect.stringMatching(/^912797ZZ4 looks like a CUSIP, and its check digit is wrong; .*Correct it/),
  ]);
  const { positions } = await cli.value<BookView>('book');
  expect(positions.map(({ ticker, role, marketValue }) => [ticker, role, marketValue])).toEqual(
    expect.arrayContaining([
      [expect.anything(), 'stock', 700 * close('AAA')],
      // Per cent of what is owed, not dollars a share.
      ['912797ZZ3', 'unmodelled', 9825],
    ]),
  );
});
