/** A scratch copy that is kept takes the place of the whole book, whatever is held and however accounts are told apart. */
import { beforeAll, expect, it } from 'vitest';
import type { BookView, HedgeView } from '../contract/results.ts';
import { close, last, market, runBefore, today } from './testing/book.ts';
import type { Cli } from './testing/cli.ts';

let base: Cli;
beforeAll(async () => {
  base = await runBefore();
});

const HEAD = 'ticker,quantity,market_value,price,currency,asset_class,name,as_of\n';
const lines = (day: string): string =>
  [
    `AAA,700,,,,,,${day}`,
    `BBB,-120,,,,,,${day}`,
    `$CASH,2500.5,,,USD,,,${day}`,
    `$CASH,90,,,EUR,,,${day}`,
    `SWVXX,1000,1000,1,,,Money fund,${day}`,
    `912797ZZ3,10000,9825,98.25,,Bonds,"Bill, of the Treasury",${day}`,
    `AAPL 06/18/2027 260.00 C,-2,-2270,11.35,,,,${day}`,
    '',
  ].join('\n');

const held = async (cli: Cli) =>
  (await cli.value<BookView>('book')).positions
    .map(({ account, ticker, name, quantity, marketValue, role, reason }) => ({
      account,
      ticker,
      name,
      quantity,
      marketValue,
      role,
      reason,
    }))
    .sort((a, b) => (a.ticker < b.ticker ? -1 : 1));

it('without account names it is no second book beside the first: cash, bonds and options stay what they are, and the next file replaces it', async () => {
  const cli = base.copy('unnamed');
  await cli.give('held.csv', HEAD + lines(last));
  const before = await held(cli);
  expect(before.map(({ ticker, role }) => [ticker, role])).toHaveLength(7);
  const { batchId } = await cli.value<{ batchId: number }>('whatif', '--set', 'AAA=100', '--keep', 'less');
  const after = await held(cli);
  expect(after).toEqual(before.map((one) => (one.ticker === 'AAA' ? { ...one, quantity: 100, marketValue: 100 * close('AAA') } : one)));
  // Orders for what is not held must not leave unnoticed.
  const complete = async () => (await cli.value<HedgeView>('hedge')).checks.find(({ id }) => id === 'inputs_complete')!;
  expect(await complete()).toMatchObject({
    severity: 'block',
    status: 'fail',
    message: expect.stringContaining('are a what-if that was kept') as string,
  });
  await cli.value('undo', String(batchId));
  expect(await held(cli)).toEqual(before);
  expect((await complete()).message).not.toContain('what-if');
  await cli.value('whatif', '--set', 'AAA=100', '--keep', 'less');
  await cli.give('next.csv', HEAD + lines(today));
  expect(await held(cli)).toEqual(before);
});

it('of holdings of several sources without account names it cannot be kept as one, and says so', async () => {
  const cli = base.copy('sources');
  for (const [source, ticker] of [
    ['one', 'AAA'],
    ['two', 'BBB'],
  ] as const)
    await cli.value('import', cli.file(`${source}.csv`, `ticker,quantity,as_of\n${ticker},10,${last}\n`), '--source', source);
  expect(await cli.error('whatif', '--set', 'AAA=100', '--keep', 'less')).toMatchObject({
    message: 'Holdings without an account came from 2 sources: a copy of them cannot be kept as one.',
  });
  expect((await cli.value<BookView>('book')).positions).toHaveLength(2);
});

it('blocks the export of its hedge also after older holdings of the account came, with an account of their own', async () => {
  const cli = base.copy('older');
  const head = 'ticker,quantity,account,as_of\n';
  await cli.give('held.csv', `${head}AAA,500,ONE,${last}\n`);
  await cli.value('whatif', '--set', 'AAA=100', '--keep', 'less');
  const said = async () => (await cli.value<HedgeView>('hedge')).checks.find(({ id }) => id === 'inputs_complete')!.message;
  expect(await said()).toContain('The holdings of ONE are a what-if');
  await cli.give('older.csv', `${head}AAA,700,ONE,${market.days.at(-5)!}\nBBB,5,TWO,${market.days.at(-5)!}\n`);
  expect((await cli.value<BookView>('book')).positions.map(({ account, quantity }) => [account, quantity])).toEqual([
    ['TWO', 5],
    ['ONE', 100],
  ]);
  expect(await said()).toContain('The holdings of ONE are a what-if');
});

it("a broker's file of the same name is none, whatever the name", async () => {
  const cli = base.copy('name');
  await cli.give('what-if.csv', `${HEAD}AAA,500,,,,,,${last}\n`);
  const { checks } = await cli.value<HedgeView>('hedge');
  expect(checks.find(({ id }) => id === 'inputs_complete')!.message).not.toContain('what-if');
});
