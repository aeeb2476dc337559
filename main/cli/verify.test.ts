/** What a desk is told of order files and of its journal, when it asks whether they are as they were written. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeAll, describe, expect, it } from 'vitest';
import type { OrdersVerification } from '../contract/results-orders.ts';
import { journalState } from '../core/orders/verify.ts';
import { Cli, scratch } from './testing/cli.ts';
import { last, ordersBase, OVERRIDE } from './testing/orders.ts';
import { importAll, inSession } from './testing/session.ts';

let base: Cli;
beforeAll(async () => void (base = await ordersBase(scratch())), 60_000);

describe('verify', () => {
  it('names the first altered line of the file, the manifest and the journal', async () => {
    const cli = base.copy('verify');
    const file = join(cli.folder, 'verify.csv');
    await cli.value('hedge', '--format', 'generic', '--out', file, ...OVERRIDE);
    const verify = async (): Promise<OrdersVerification & { code: number }> => {
      const { code, out } = await cli.run('--json', 'verify', file);
      return { ...(JSON.parse(out) as OrdersVerification), code };
    };
    expect(await verify()).toMatchObject({ ok: true, code: 0, journal: { entries: expect.any(Number) } });
    const text = readFileSync(file, 'utf8');
    const copy = join(cli.folder, 'received.csv');
    writeFileSync(copy, text);
    expect((await cli.run('verify', copy, '--manifest', `${file}.manifest.json`)).out).toMatch(
      /^received\.csv \(exported as verify\.csv\): .*unaltered/,
    );
    writeFileSync(file, text.replace(/(\n[^\n]*\n[^\n]*),BUY,/, '$1,SELL,').replace(/,SELL_SHORT,/, ',SELL,'));
    const altered = await verify();
    expect(altered).toMatchObject({ ok: false, code: 1, part: 'orders' });
    expect(altered.line).toBeGreaterThan(1);
    writeFileSync(file, text);
    const manifest = readFileSync(`${file}.manifest.json`, 'utf8');
    writeFileSync(`${file}.manifest.json`, manifest.replace('"simulated": false', '"simulated": true'));
    const line = manifest.split('\n').findIndex((one) => one.includes('"simulated": false')) + 1;
    expect(await verify()).toMatchObject({ ok: false, part: 'manifest', line });
    writeFileSync(`${file}.manifest.json`, manifest);
    const away = { ...cli.setup };
    const elsewhere = new Cli(cli.folder, 'nowhere', away);
    expect((await elsewhere.run('verify', file)).out).toContain('No journal was checked');

    const { file: backup } = await cli.value<{ file: string }>('backup');
    const sql = new Database(join(cli.dir, 'workspace.db'));
    const seq = sql.prepare("SELECT seq FROM journal WHERE action = 'freeze'").pluck().get() as number;
    sql.prepare("UPDATE journal SET detail = replace(detail, 'SELL_SHORT', 'SELL') WHERE seq = ?").run(seq);
    sql.close();
    expect(await verify()).toMatchObject({ ok: false, part: 'journal', line: seq });
    expect((await cli.run('orders', '1')).err).toContain('is not what was frozen');
    // The way out that is named is one, and no backup of the altered journal, which is put back only when it is asked for by that name.
    const { file: ofAltered } = await cli.value<{ file: string }>('backup');
    const refusal = await cli.run('restore', ofAltered);
    expect([refusal.code, refusal.err]).toEqual([3, expect.stringContaining(`Put back ${basename(backup)}, the newest that is whole`)]);
    await cli.value('restore', ofAltered, '--altered');
    expect(await verify()).toMatchObject({ ok: false, part: 'journal', line: seq });
    const { message } = await verify();
    const named = /Put back the backup (\S+) \(Settings, Backups, or the command restore/.exec(message)![1]!;
    expect(backup.endsWith(named)).toBe(true);
    await cli.value('restore', join(cli.dir, 'backups', named));
    expect(await verify()).toMatchObject({ ok: true });

    // The book that the orders are made of, altered in the store: nothing goes out until it is undone or put back.
    const store = new Database(join(cli.dir, 'workspace.db'));
    const position = "SELECT min(rowid) FROM holdings_line WHERE disposition = 'position'";
    const { batchId } = store.prepare('SELECT max(batch_id) AS batchId FROM holdings_snapshot').get() as { batchId: number };
    store.exec(`UPDATE holdings_line SET quantity = '1' || quantity, quantity_e8 = quantity_e8 + 100000000000 WHERE rowid = (${position})`);
    store.close();
    expect(await verify()).toMatchObject({
      ok: false,
      part: 'journal',
      message: expect.stringContaining(`the rows of batch ${batchId} (`),
    });
    const refused = await cli.run('hedge', '--format', 'generic', '--out', join(cli.folder, 'altered.csv'), ...OVERRIDE);
    expect([refused.code, refused.err]).toEqual([
      3,
      expect.stringMatching(/Not as it was stored: the rows of batch \d+ .*Undo what is altered and import its file again/s),
    ]);
    expect(existsSync(join(cli.folder, 'altered.csv'))).toBe(false);
    const findings = await cli.run('findings', '--code', 'altered');
    expect(findings.out).toContain('Not as it was stored: the rows of batch');
  });
});

it('a session that found everything stored as it was looks again at all of it when somebody else writes to the file', async () => {
  const cli = base.copy('walked');
  await inSession(cli, async (session) => {
    expect(await journalState(session)).toMatchObject({ altered: [], backup: null });
    await importAll(session, cli, { 'more.csv': ['ticker,quantity,account,as_of', `AAA,7,TWO,${last}`, ''].join('\n') });
    expect(await journalState(session)).toMatchObject({ brokenAt: null, altered: [] });
    const store = new Database(join(cli.dir, 'workspace.db'));
    store.exec('UPDATE holdings_line SET quantity_e8 = quantity_e8 + 1 WHERE rowid = (SELECT min(rowid) FROM holdings_line)');
    store.close();
    expect((await journalState(session)).altered).toEqual([expect.objectContaining({ part: 'rows' })]);
  });
});
