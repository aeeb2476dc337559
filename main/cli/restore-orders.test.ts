/** Orders that were sent and that a restore took out of the journal: a broker may be working them all the same. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Check, HedgeView } from '../contract/results.ts';
import { holding, runBefore } from './testing/book.ts';

const REASON = ['--override', 'a test of what a restore forgets'];

it('are named by the restore and block the same ones, through another restore too, until the state that sent them is back', async () => {
  const cli = await holding(await runBefore(), 'sent', ['AAA,1000', 'BBB,500']);
  const out = (name: string): string => join(cli.folder, name);
  const checks = async (): Promise<readonly Check[]> => (await cli.value<HedgeView>('hedge')).checks;
  const duplicate = async (): Promise<Check> => (await checks()).find(({ id }) => id === 'duplicate_export')!;
  const located = async (): Promise<string> => (await checks()).find(({ id }) => id === 'locate')!.message;
  const etfs = (await cli.value<HedgeView>('hedge')).orders.filter(({ side }) => side === 'SELL_SHORT');
  const locates = etfs.map(({ symbol, quantity }) => ({
    status: 'LOCATED',
    symbol,
    quantity,
    expires: '2030-01-01',
    broker: 'B',
    id: 'L',
  }));
  await cli.value('desk', '--file', cli.file('desk.json', JSON.stringify({ locates })));
  await cli.value('backup', '--out', out('before.db'));
  expect(await duplicate()).toMatchObject({ status: 'pass' });
  expect(await located()).not.toMatch(/went out/);

  await cli.value('hedge', '--format', 'generic', '--out', out('o.csv'), ...REASON);
  await cli.value('orders', '1', '--format', 'ems', '--out', out('e.csv'), ...REASON);
  const { previous } = await cli.value<{ previous: string }>('restore', out('before.db'));
  const gone = { status: 'fail', severity: 'block', message: expect.stringMatching(/gone with a restore \(e\.csv\), exported today/) };
  for (let again = 0; again < 2; again++) {
    expect(await duplicate()).toMatchObject(gone);
    // Sent twice to two brokers they are one set.
    expect(await located()).toContain(`${etfs[0]!.quantity} went out in other sets`);
    expect((await cli.run('restore', out('before.db'))).out).toMatch(/exported since are not in it, and may be working: e\.csv\./);
  }
  expect((await cli.run('hedge', '--format', 'generic', '--out', out('twice.csv'))).err).toContain('gone with a restore');
  expect(await cli.value('restore', previous)).toMatchObject({ forgotten: [] });
  expect((await duplicate()).message).toMatch(/^Order set 1 \(e\.csv\), exported today/);
});
