/** Books of several accounts and files, and what accounts may do: from holdings to orders. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { sidesOf } from '../contract/leg-note.ts';
import type { OrderPackage } from '../contract/results-orders.ts';
import type { AttributionView, CorrelationView, RiskView } from '../contract/results-risk.ts';
import type { BookView, HedgeView } from '../contract/results.ts';
import { accountsBook, before, checkOf, holdings, last, legOf, market, OVERRIDE, rules } from './testing/accounts.ts';
import type { Cli } from './testing/cli.ts';

let base: Cli;

beforeAll(async () => {
  base = await accountsBook();
}, 60_000);

describe('a book of several files', () => {
  it('takes of every account its latest snapshot, and says of which days and files it is', async () => {
    const book = await base.value<BookView>('book');
    expect(book.positions.map(({ account, ticker, quantity }) => [account, ticker, quantity])).toEqual([
      ['MY IRA', 'BBB', 500],
      ['MY IRA', 'SPY', 40.5],
      ['ONE', 'AAA', 1000],
    ]);
    expect(book.snapshots.map(({ file, asOf }) => [file, asOf])).toEqual([
      ['two.csv', before],
      ['one.csv', last],
    ]);
    // On an earlier day the later snapshot is not known yet.
    const then = await base.value<BookView>('book', '--date', before);
    expect(then.positions.filter(({ account }) => account === 'ONE').map(({ ticker, quantity }) => [ticker, quantity])).toEqual([
      ['AAA', 900],
      ['BBB', 100],
      ['CCC', 10],
    ]);
    const alone = await base.value<BookView>('book', '--snapshot', '3');
    expect(alone.positions.map(({ ticker }) => ticker)).toEqual(['AAA']);
    expect((await base.run('book', '--account', 'NOBODY')).err).toContain('Accounts: MY IRA, ONE.');
    // One of several that nobody has is as wrong: the hedge would lack an account.
    const mistyped = await base.run('hedge', '--accounts', 'ONE,MY IRAS');
    expect([mistyped.code, mistyped.err]).toEqual([1, expect.stringMatching(/no account "MY IRAS"\..*Accounts: MY IRA, ONE\./s)]);
    // Of another quantity it must be said in which of them, also where each file has one.
    expect((await base.run('whatif', '--set', 'AAA=5')).err).toContain('--account: MY IRA, ONE');
  });

  it('holds a position in lots once: lots alone, lots below their sum, in tabs of several portfolios', async () => {
    const cli = base.copy('lots');
    const flex = (account: string, ...rows: (readonly [string, string, number])[]): string =>
      [
        'ClientAccountID,CurrencyPrimary,AssetClass,Symbol,Quantity,MarkPrice,PositionValue,LevelOfDetail,ReportDate',
        ...rows.map(([detail, ticker, shares]) => `${account},USD,STK,${ticker},${shares},10,${shares * 10},${detail},${last}`),
        '',
      ].join('\n');
    const tax = 'InvestmentDescription TaxLotID Quantity MarketPrice MarketValueBook'.split(' ').join('\t');
    const portfolio = (name: string, ...lots: (readonly [string, number])[]): string =>
      [
        tax,
        ...lots.map(([ticker, shares], i) => `${ticker} Corp (${ticker})\t${i}\t"${shares.toLocaleString('en-US')}"\t10\t${shares * 10}`),
        '\t\t\t\t',
        'ParameterName\tParameterValue\t\t\t',
        `Portfolio\t${name}\t\t\t`,
        `PeriodEndDate\t${last}\t\t\t`,
        '',
      ].join('\r\n');
    await cli.give('alone.csv', flex('F1', ['LOT', 'AAA', 100.25], ['LOT', 'SPY', -3], ['LOT', 'AAA', 200.5], ['LOT', 'SPY', -4]));
    await cli.give('sums.csv', flex('F2', ['SUMMARY', 'AAA', 300.75], ['LOT', 'AAA', 100.25], ['LOT', 'AAA', 200.5], ['LOT', 'SPY', -7]));
    const geneva = `${portfolio('G1', ['AAA', 1200], ['SPY', -3], ['AAA', 34])}${portfolio('G2', ['SPY', -1500], ['AAA', 5], ['SPY', -2])}`;
    await cli.give('lots.txt', Buffer.from(`\uFEFF${geneva}`, 'utf16le'));
    const held = new Map<string, number>();
    for (const { account, ticker, quantity } of (await cli.value<BookView>('book')).positions)
      held.set(`${account} ${ticker}`, (held.get(`${account} ${ticker}`) ?? 0) + quantity!);
    expect([...held].filter(([name]) => /^[FG]\d/.test(name)).sort()).toEqual([
      ['F1 AAA', 300.75],
      ['F1 SPY', -7],
      ['F2 AAA', 300.75],
      ['F2 SPY', -7],
      ['G1 AAA', 1234],
      ['G1 SPY', -3],
      ['G2 AAA', 5],
      ['G2 SPY', -1502],
    ]);
  });

  it('is attributed whole, with frozen weights and with those of each day that holdings are of', async () => {
    const totals = async (...flags: string[]): Promise<[number, string[]]> => {
      const view = await base.value<AttributionView>('attribution', '--from', last, ...flags);
      return [view.arithmetic!.total, view.positions.map(({ name }) => name).sort()];
    };
    const move = (ticker: string): number => market.closes[ticker]!.at(-1)! / market.closes[ticker]!.at(-2)! - 1;
    const expected = (day: number, ...lines: readonly (readonly [string, number])[]): number => {
      const value = ([ticker, quantity]: readonly [string, number]): number => quantity * market.closes[ticker]!.at(day)!;
      const net = lines.reduce((sum, line) => sum + value(line), 0);
      return lines.reduce((sum, line) => sum + (value(line) / net) * move(line[0]), 0);
    };
    const [frozen, names] = await totals();
    expect(names).toEqual(['AAA', 'BBB', 'SPY']);
    expect(frozen).toBeCloseTo(expected(-1, ['AAA', 1000], ['BBB', 500], ['SPY', 40.5]), 12);
    // The last day is held with what the day before knew of both accounts.
    const [dated] = await totals('--weights', 'dated');
    expect(dated).toBeCloseTo(expected(-2, ['AAA', 900], ['BBB', 600], ['CCC', 10], ['SPY', 40.5]), 12);
    const [alone] = await totals('--weights', 'dated', '--account', 'MY IRA');
    expect(alone).toBeCloseTo(expected(-2, ['BBB', 500], ['SPY', 40.5]), 12);
    const series = await base.value<{ columns: string[]; rows: (number | null)[][] }>(
      'portfolio',
      '--fields',
      'level',
      '--weights',
      'dated',
    );
    const values = (['AAA', 'BBB', 'SPY'] as const).map((ticker, i) => [1000, 500, 40.5][i]! * market.closes[ticker]!.at(-1)!);
    const net = values.reduce((sum, value) => sum + value, 0);
    expect(series.rows.at(-1)![series.columns.indexOf('level')]).toBeCloseTo((3 * (values[0]! + values[1]!)) / net, 12);
  });

  it('is attributed a day as that day is, whenever the period begins: holdings are kept since their date', async () => {
    const cli = base.copy('kept');
    await cli.give('old.csv', holdings('OLD', market.days.at(-60)!, 'AAA,700', 'CCC,900'));
    const from = (day: number, to = before): Promise<AttributionView> =>
      cli.value('attribution', '--from', market.days.at(day)!, '--to', to, '--weights', 'dated', '--account', 'OLD');
    const [whole, part] = [await from(-59), await from(-20)];
    const value = (day: number): number => 700 * market.closes.AAA!.at(day)! + 900 * market.closes.CCC!.at(day)!;
    const daily = Array.from({ length: 58 }, (_, t) => value(t - 59) / value(t - 60) - 1);
    expect(whole.series.gross).toHaveLength(58);
    whole.series.gross.forEach((gross, t) => expect(gross).toBeCloseTo(daily[t]!, 12));
    expect(part.series.gross).toEqual(whole.series.gross.slice(-19));
    expect(part.series.residual).toEqual(whole.series.residual.slice(-19));
    // On the day that holdings are of those before them count still; names held at other times are no part of the answer.
    await cli.give('older.csv', holdings('OLD', market.days.at(-80)!, 'BBB,300'));
    const names = (view: AttributionView): string[] => view.positions.map(({ name }) => name).sort();
    const earlier = await from(-60);
    expect(earlier.series.gross[0]).toBeCloseTo(market.closes.BBB!.at(-60)! / market.closes.BBB!.at(-61)! - 1, 12);
    expect(earlier.series.gross.slice(1)).toEqual(whole.series.gross);
    expect([names(earlier), names(await from(-59)), names(await from(-85, market.days.at(-70)!))]).toEqual([
      ['AAA', 'BBB', 'CCC'],
      ['AAA', 'CCC'],
      ['BBB'],
    ]);
  });

  it('is correlated as it is attributed, with holdings of a day after the last prices too', async () => {
    const cli = base.copy('ahead');
    await cli.give('ahead.csv', holdings('ONE', '2024-08-22', 'CCC,5000'));
    const view = await cli.value<AttributionView>('attribution', '--from', market.days.at(-41)!);
    expect(view.positions.map(({ name }) => name).sort()).toEqual(['BBB', 'CCC', 'SPY']);
    const found = await cli.value<CorrelationView>('corr', '--with', 'CCC', '--from', market.days.at(-41)!);
    const [x, y] = [
      view.series.gross.map((value) => value!),
      market.closes.CCC!.map((close, t, all) => close / all[t - 1]! - 1).slice(-41),
    ];
    const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    const cov = (a: readonly number[], b: readonly number[]): number => mean(a.map((one, t) => (one - mean(a)) * (b[t]! - mean(b))));
    expect(found.rows.find(({ series }) => series === 'gross')!.pearson).toBeCloseTo(cov(x, y) / Math.sqrt(cov(x, x) * cov(y, y)), 10);
  });

  it('has the same residual risk however the shares of a stock are spread over accounts', async () => {
    const cli = base.copy('spread');
    await cli.give('together.csv', holdings('ALL', before, 'AAA,900', 'BBB,200'));
    await cli.give('apart.csv', `${holdings('LONG', before, 'AAA,900', 'BBB,500')}BBB,-300,SHORT,${before}\n`);
    const [together, apart] = [['--snapshot', '4'] as const, ['--snapshot', '5'] as const];
    const [one, two] = [await cli.value<BookView>('book', ...together), await cli.value<BookView>('book', ...apart)];
    expect([one.positions.length, two.positions.length]).toEqual([2, 3]);
    expect(two.volatility.residual! / one.volatility.residual!).toBeCloseTo(1, 12);
    const [first, second] = [await cli.value<RiskView>('risk', ...together), await cli.value<RiskView>('risk', ...apart)];
    for (const key of ['residual', 'residualDiagonal', 'shrinkage'] as const)
      expect(second.risk!.variance[key] / first.risk!.variance[key]).toBeCloseTo(1, 9);
    const [whole, parts] = [await cli.value<HedgeView>('hedge', ...together), await cli.value<HedgeView>('hedge', ...apart)];
    expect(parts.volatility.residual! / whole.volatility.residual!).toBeCloseTo(1, 12);
  });

  it('never sells short where that is not allowed: netted, the other account does; on its own, the account only sells what it holds', async () => {
    const netted = await base.value<HedgeView>('hedge', '--hedge-sleeve', 'SPY');
    expect(netted.request.snapshotIds).toEqual([2, 3]);
    expect(netted.limits).toBeNull();
    const spy = netted.orders.filter(({ symbol }) => symbol === 'SPY');
    // The long hedge of the IRA goes before anybody opens a short.
    expect(spy[0]).toMatchObject({ account: 'MY IRA', side: 'SELL', quantity: 40 });
    expect(spy.slice(1).every(({ account, side }) => account === 'ONE' && side === 'SELL_SHORT')).toBe(true);
    expect(netted.orders.some(({ account, side }) => account === 'MY IRA' && side === 'SELL_SHORT')).toBe(false);
    for (const leg of netted.legs) if (leg.price) expect(Math.abs(leg.shares * leg.price - leg.trade)).toBeLessThan(leg.price);

    const apart = await base.value<HedgeView>('hedge', '--hedge-sleeve', 'SPY', '--netting', 'per-account');
    expect(apart.orders.some(({ account, side }) => account === 'MY IRA' && side === 'SELL_SHORT')).toBe(false);
    expect(apart.limits!.legs.every(({ account, reason }) => account === 'MY IRA' && /account MY IRA cannot sell short/.test(reason))).toBe(
      true,
    );
    expect(apart.limits!.legs.length).toBeGreaterThan(0);
    expect(checkOf(apart, 'limits')).toMatchObject({ severity: 'warn', status: 'fail' });
    // What the model asks for is the same either way; the accounts' parts add up to it.
    for (const leg of apart.legs) expect(leg.modelTarget).toBeCloseTo(legOf(netted, leg.etf).modelTarget, 6);
    const own = apart.accountLegs.filter(({ account }) => account === 'ONE');
    for (const leg of own)
      expect(Math.abs(leg.shares * legOf(apart, leg.etf).price! - leg.trade)).toBeLessThan(legOf(apart, leg.etf).price!);
    expect(new Set(apart.accountLegs.map(({ account }) => account))).toEqual(new Set(['MY IRA', 'ONE']));
  });

  it('a leg of accounts that go both ways has the side of its sum first', async () => {
    const cli = base.copy('ways');
    await cli.give('ways.csv', `account,ticker,quantity,as_of\nA1,AAA,-100,${last}\nZ1,AAA,900,${last}\n`);
    const view = await cli.value<HedgeView>('hedge', '--netting', 'per-account', '--accounts', 'A1,Z1', '--min-trade', '0');
    const leg = legOf(view, 'SPY');
    expect(view.orders.filter(({ symbol }) => symbol === 'SPY').map(({ side }) => side)).toEqual(['BUY', 'SELL_SHORT']);
    expect([leg.shares < 0, leg.side, sidesOf(view, leg)]).toEqual([true, 'SELL_SHORT', ['SELL_SHORT', 'BUY']]);
  });

  it('sells what any account holds long of a name not to be sold short, and opens no short of it in another', async () => {
    const cli = base.copy('noshort');
    await rules(cli, { restricted: [{ code: 'SPY', kind: 'no_short' }] });
    const view = await cli.value<HedgeView>('hedge');
    expect(view.orders.filter(({ symbol }) => symbol === 'SPY')).toMatchObject([{ account: 'MY IRA', side: 'SELL', quantity: 40 }]);
    expect(legOf(view, 'SPY')).toMatchObject({ shares: -40, dropped: 'not to be sold short' });
    expect(checkOf(view, 'restricted').status).toBe('pass');
    // A smaller limit holds beside it.
    const { legs } = await cli.value<HedgeView>('hedge', '--limit', 'SPY=5000');
    expect(legs.find(({ etf }) => etf === 'SPY')).toMatchObject({ shares: -13, dropped: 'limit of $5,000 in SPY' });
  });

  it('blocks while a held ETF against the hedge is only taken for an investment; a mark of the desk settles it', async () => {
    const cli = base.copy('marks');
    const open = await cli.value<HedgeView>('hedge');
    expect(checkOf(open, 'hedge_sleeve')).toMatchObject({ severity: 'block', status: 'fail' });
    await rules(cli, { marks: [{ etf: 'spy', role: 'hedge' }] });
    const marked = await cli.value<HedgeView>('hedge');
    expect(checkOf(marked, 'hedge_sleeve').status).toBe('pass');
    expect(legOf(marked, 'SPY')).toMatchObject({ heldShares: 40.5 });
    expect((await cli.value<BookView>('book')).positions.find(({ ticker }) => ticker === 'SPY')?.role).toBe('hedge');
    // A frozen set keeps the marks it was made with.
    const one = await cli.value<OrderPackage>('freeze');
    // The name in the holdings is none an order file may hold: the desk says which account it is.
    const unnamed = await cli.run('orders', '1', '--format', 'generic', '--out', join(cli.folder, 'unnamed.csv'), ...OVERRIDE);
    expect(unnamed.err).toContain('account is "MY IRA"');
    await rules(cli, { accounts: [{ account: 'MY IRA', id: 'U1234567' }], marks: [{ etf: 'SPY', role: 'investment' }] });
    await cli.value('orders', '1', '--format', 'generic', '--out', join(cli.folder, 'marks.csv'), ...OVERRIDE);
    expect((await cli.value<OrderPackage>('orders', '1')).sha256).toBe(one.sha256);
    const written = readFileSync(join(cli.folder, 'marks.csv'), 'utf8');
    expect(written).toContain(',U1234567,SPY,');
    expect(written).not.toContain('MY IRA');
    expect(legOf(await cli.value<HedgeView>('hedge'), 'SPY').held).toBe(0);
  });

  it('leaves out accounts the desk takes out, and says when two accounts look like one', async () => {
    const cli = base.copy('twins');
    await cli.give('mask.csv', holdings('Individual ...482', last, 'AAA,11', 'BBB,12', 'CCC,13'));
    await cli.give('mask2.csv', holdings('Individual XXXX-0482', last, 'AAA,11', 'BBB,12', 'CCC,13'));
    expect(checkOf(await cli.value<HedgeView>('hedge'), 'account_twice')).toMatchObject({
      severity: 'block',
      status: 'fail',
      message: expect.stringContaining('hold 3 equal positions') as string,
    });
    await rules(cli, { accounts: [{ account: 'Individual ...482', inBook: false }] });
    const view = await cli.value<HedgeView>('hedge');
    expect(checkOf(view, 'account_twice').status).toBe('pass');
    expect(view.snapshots.map(({ file }) => file)).not.toContain('mask.csv');
    // Pinned: computed anew later, the set has the same accounts.
    expect(view.request.accounts).toEqual(['Individual XXXX-0482', 'MY IRA', 'ONE']);
  });

  it('refuses an id that is the name of another account: one would get the orders of both', async () => {
    const cli = base.copy('clash');
    await cli.give('three.csv', holdings('U1234567', last, 'BBB,700'));
    const error = await cli.error(
      ...['desk', '--file'],
      cli.file(
        'twice.json',
        JSON.stringify({
          accounts: [
            { account: 'ONE', id: 'U1234567' },
            { account: 'U1234567', kind: 'margin' },
          ],
        }),
      ),
    );
    expect(error).toMatchObject({ code: 'usage', message: expect.stringContaining('id U1234567 of the account "ONE"') as string });
    await rules(cli, { accounts: [{ account: 'ONE', id: 'U1234567', kind: 'retirement', owner: 'Ann' }] });
    // Without an account of that name the id is that of ONE, however it is asked for.
    const byId = base.copy('by-id');
    await rules(byId, { accounts: [{ account: 'ONE', id: 'U1234567' }] });
    expect((await byId.value<HedgeView>('hedge', '--account', 'u1234567')).request.account).toBe('ONE');
    expect((await byId.value<HedgeView>('hedge', '--accounts', 'U1234567')).request.accounts).toEqual(['ONE']);
    expect((await byId.run('book', '--account', 'U7654321')).err).toContain('no account "U7654321"');
    const view = await cli.value<HedgeView>('hedge', '--accounts', 'ONE,U1234567');
    expect(checkOf(view, 'account_twice')).toMatchObject({
      severity: 'block',
      status: 'fail',
      message: expect.stringContaining('Account ONE has the id U1234567') as string,
    });
    // An id comes before a name: the rules of ONE hold for it.
    expect(view.orders.filter(({ side }) => side === 'SELL_SHORT')).toEqual([]);
    // Also where one of them alone is hedged, and no reason lets both into one file.
    expect(checkOf(await cli.value<HedgeView>('hedge', '--account', 'U1234567'), 'account_twice').status).toBe('fail');
    await rules(cli, { accounts: [{ account: 'ONE', id: 'U1234567', kind: 'margin' }] });
    const file = join(cli.folder, 'clash.csv');
    const done = await cli.run(
      ...['hedge', '--accounts', 'ONE,U1234567', '--netting', 'per-account', '--format', 'generic', '--out', file],
      ...OVERRIDE,
    );
    expect([done.code, done.err]).toEqual([3, expect.stringContaining('name the accounts ONE and U1234567 alike')]);
    expect(existsSync(file)).toBe(false);
    await rules(cli, {
      accounts: [
        { account: 'ONE', id: 'U1234567' },
        { account: 'U1234567', inBook: false },
      ],
    });
    expect(checkOf(await cli.value<HedgeView>('hedge', '--account', 'ONE'), 'account_twice').status).toBe('pass');
  });

  it('says which accounts and owners are hedged as one, and blocks where the owners differ', async () => {
    const cli = base.copy('owners');
    const netting = async (...flags: string[]) => checkOf(await cli.value<HedgeView>('hedge', ...flags), 'netting');
    expect(await netting()).toMatchObject({
      severity: 'warn',
      message: expect.stringContaining('MY IRA (owner not known), ONE (owner') as string,
    });
    const owned = (one: string, two: string) =>
      rules(cli, {
        accounts: [
          { account: 'ONE', owner: one },
          { account: 'MY IRA', owner: two },
        ],
      });
    await owned('Ann', 'Ann');
    expect(await netting()).toMatchObject({ severity: 'inform', message: expect.stringContaining('MY IRA (Ann), ONE (Ann).') as string });
    await owned('Ann', 'Bo');
    expect(await netting()).toMatchObject({
      severity: 'block',
      message: expect.stringContaining('MY IRA (Bo), ONE (Ann). Orders in') as string,
    });
    expect((await netting('--netting', 'per-account')).status).toBe('pass');
    expect((await netting('--account', 'ONE')).status).toBe('pass');
  });

  it('blocks on a total of the file that disagrees with its lines until somebody dismisses it', async () => {
    const cli = base.copy('totals');
    const text = `account,ticker,quantity,price,market_value,as_of\nTHREE,AAA,10,50,500,${last}\nTHREE,Account Total,,,900,${last}\n`;
    const path = cli.file('total.csv', text);
    const report = await cli.import(path, '--dry-run');
    expect(report.dispositions).toEqual({ header: 1, share: 1, total: 1 });
    await cli.value('import', path);
    expect(checkOf(await cli.value<HedgeView>('hedge'), 'inputs_complete')).toMatchObject({
      severity: 'block',
      status: 'fail',
      message: expect.stringContaining('total.csv: the total is 900.00, the lines add up to 500.00') as string,
    });
    const [finding] = (await cli.findings('--code', 'total_differs')) as readonly { findingId: number }[];
    await cli.value('dismiss', String(finding!.findingId), '--why', 'the total counts a note');
    expect(checkOf(await cli.value<HedgeView>('hedge'), 'inputs_complete').status).toBe('pass');
    await cli.value('dismiss', String(finding!.findingId), '--undo');
    expect(checkOf(await cli.value<HedgeView>('hedge'), 'inputs_complete').status).toBe('fail');
  });

  it('warns of a file with far fewer positions than the last one of its account', async () => {
    const cli = base.copy('size');
    const dated = (day: string, ...rows: string[]): string => holdings('NINE', day, ...rows);
    await cli.give('whole.csv', dated(market.days.at(-3)!, 'AAA,1', 'BBB,2', 'CCC,3'));
    const like = await cli.import(cli.file('like.csv', dated(last, 'AAA,1', 'BBB,5')), '--dry-run');
    expect(like.issues.find((one) => one.code === 'snapshot_changes')!.reason).toContain(
      '0 positions more, 1 gone, 1 with another quantity',
    );
    expect(like.issues.some((one) => one.code === 'quantity_slip')).toBe(false);
    const cut = await cli.import(cli.file('cut.csv', dated(last, 'AAA,1')), '--dry-run');
    expect(cut.issues.find((one) => one.code === 'snapshot_size')).toMatchObject({
      severity: 'warning',
      reason: expect.stringContaining('1 position after 3') as string,
      fix: expect.stringContaining('complete') as string,
    });
  });

  it('warns of quantities that are ten times those of the last file of the account, or a tenth of them', async () => {
    const cli = base.copy('slip');
    const dated = (day: string, ...rows: string[]): string => holdings('NINE', day, ...rows);
    await cli.give('then.csv', dated(market.days.at(-3)!, 'AAA,484', 'BBB,-20', 'CCC,30'));
    const now = await cli.import(cli.file('now.csv', dated(last, 'AAA,4840', 'BBB,-2', 'CCC,150')), '--dry-run');
    expect(now.issues.find((one) => one.code === 'quantity_slip')).toMatchObject({
      severity: 'warning',
      reason: expect.stringContaining('account NINE has 4840 AAA after 484, -2 BBB after -20.') as string,
    });
    const values = `account,ticker,market_value,as_of\nNINE,AAA,24200,${last}\n`;
    const valued = await cli.import(cli.file('valued.csv', values), '--dry-run');
    expect(valued.issues.some((one) => one.code === 'quantity_slip')).toBe(false);
  });

  it('tells accounts without a name apart by their source: the same file of another one is held as well', async () => {
    const cli = base.copy('nameless');
    const text = `ticker,quantity,as_of\nAAA,10,${last}\n`;
    await cli.value('import', cli.file('one.csv', text), '--source', 'one');
    const other = await cli.import(cli.file('two.csv', `${text}# of another custodian\n`), '--source', 'two');
    expect(other).toMatchObject({ outcome: 'committed', counts: { new: 1, unchanged: 0 } });
    expect(other.issues).toMatchObject([
      { severity: 'warning', code: 'other_source', reason: expect.stringContaining('from one stay') as string },
    ]);
    expect(
      (await cli.import(cli.file('next.csv', text.replace('10', '11')), '--source', 'two')).issues.map(({ code }) => code),
    ).not.toContain('other_source');
    const { positions } = await cli.value<BookView>('book');
    expect(positions.filter(({ account }) => account === '').map(({ quantity }) => quantity)).toEqual([10, 11]);
  });
});
