/** From a file in a layout of its own to a book without a line left over: lines, templates, positions that wait for a security. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { HoldingsTemplate } from '../contract/templates.ts';
import type { FileLine, WaitingLine } from '../contract/results-holdings.ts';
import type { DecisionResult } from '../contract/results-identities.ts';
import type { BookView } from '../contract/results.ts';
import { Cli, scratch } from './testing/cli.ts';
import { CLASSES, MAP, pricesText, SHORT, smallMarket } from './testing/market.ts';

const market = smallMarket(120);
const last = market.days.at(-1)!;
const today = market.days.at(-1)!;
let cli: Cli;

beforeAll(async () => {
  cli = new Cli(scratch(), 'waiting', { today });
  await cli.value('init');
  await cli.give('map.csv', MAP);
  await cli.give('classes.csv', CLASSES);
  await cli.give('prices.csv', pricesText(market));
  await cli.give(
    'master.csv',
    [
      'ticker,name,isin,valid_from,valid_to',
      'AAA,Alpha Anvil Inc,US0378331005,2000-01-01,',
      'BBB,Beta Boats Corp,,2000-01-01,',
      `CCO,Ceta Clocks Ltd,US5949181045,2000-01-01,${market.days[5]}`,
      `CCC,Ceta Clocks Ltd,US5949181045,${market.days[5]},`,
      '',
    ].join('\n'),
  );
}, 60_000);

describe('lines of a holdings file', () => {
  const MAPPED = ['Depot', 'Ticker,What,Count,Worth,Day', `AAA,Alpha,10,500,${last}`, `Total,,,500,`, ''].join('\n');

  it('are each told before anything is stored, with what becomes of them', async () => {
    const text = `account,ticker,quantity,price,market_value,as_of\nONE,AAA,10,50,500,${last}\nONE,BBB,x,1,1,${last}\nONE,Account Total,,,500,${last}\n`;
    const path = cli.file('lines.csv', text);
    const { lines } = await cli.value<{ lines: FileLine[] }>('import', path, '--dry-run', '--lines', '--skip-rejected');
    expect(lines.map(({ line, disposition, ticker, quantity }) => [line, disposition, ticker, quantity])).toEqual([
      [1, 'header', '', null],
      [2, 'share', 'AAA', '10'],
      [3, 'error', '', null],
      [4, 'total', '', null],
    ]);
    expect(lines[2]!.reason).toBe('x is not a number');
    expect((await cli.run('import', path, '--dry-run', '--lines')).out).toMatch(/2 +share +ONE +AAA +10/);
    // Two files of one name are told apart.
    const other = join(cli.folder, 'other');
    mkdirSync(other);
    writeFileSync(join(other, 'lines.csv'), `account,ticker,quantity,as_of\nONE,BBB,5,${last}\n`);
    const both = await cli.value<{ lines: FileLine[] }[]>(
      'import',
      join(other, 'lines.csv'),
      path,
      '--dry-run',
      '--lines',
      '--skip-rejected',
    );
    expect(both.map((one) => one.lines.find(({ ticker }) => ticker !== '')!.ticker)).toEqual(['BBB', 'AAA']);
    expect((await cli.run('import', path, '--dry-run')).out).not.toMatch(/2 +share +ONE/);
  });

  it('are read by a template that is saved, listed, shown and removed', async () => {
    expect(await cli.value('templates')).toEqual([]);
    const mapping = {
      columns: { symbol: 'Ticker', quantity: 'Count', value: 'Worth', asOf: 'Day' },
      account: 'DEPOT',
      totals: ['Total'],
    };
    const saved = await cli.value<HoldingsTemplate>('templates', 'Depot', '--save', cli.file('depot.json', JSON.stringify(mapping)));
    expect(saved.mapping).toMatchObject(mapping);
    expect((await cli.value<HoldingsTemplate[]>('templates')).map(({ name, kind }) => [name, kind])).toEqual([['Depot', 'holdings']]);
    // What `templates NAME` shows can be saved again, also one of a price file.
    const shown = (await cli.run('templates', 'Depot')).out;
    expect((await cli.value<HoldingsTemplate>('templates', 'Again', '--save', cli.file('again.json', shown))).mapping).toEqual(
      saved.mapping,
    );
    await cli.value('templates', 'Again', '--remove');
    const columns = { kind: 'prices', columns: { Tag: 'date', Papier: 'ticker', Kurs: 'close' }, decimal: ',', delimiter: ';' };
    await cli.value('templates', 'Kurse', '--save', cli.file('kurse.json', JSON.stringify(columns)));
    const odd = cli.file('kurse.csv', `Tag;Papier;Kurs\n${last};NEU;12,5\n`);
    expect(await cli.value('import', odd, '--dry-run', '--template', 'Kurse')).toMatchObject({
      detected: { kind: 'prices' },
      counts: { new: 1 },
    });
    await cli.value('templates', 'Kurse', '--remove');
    expect(await cli.value('templates', 'Depot')).toEqual(saved);
    const file = cli.file('depot.csv', MAPPED);
    const { lines } = await cli.value<{ lines: FileLine[] }>('import', file, '--dry-run', '--lines', '--template', 'Depot');
    expect(lines.filter(({ ticker }) => ticker !== '')).toMatchObject([{ account: 'DEPOT', ticker: 'AAA', quantity: '10' }]);
    expect(await cli.value('templates', 'Depot', '--remove')).toEqual([]);
    expect((await cli.error('import', file, '--dry-run', '--template', 'Depot')).message).toContain('no template "Depot"');
    expect((await cli.error('templates', 'Bad', '--save', cli.file('bad.json', '{"columns":3}'))).message).toContain('columns');
  });
});

describe('positions that no security answers to', () => {
  it('wait with what they may be; one is chosen, seen by the next run, and undone', async () => {
    await cli.give(
      'book.csv',
      [
        'ticker,name,quantity,account,as_of,isin',
        `AAA,,10,ONE,${last},`,
        `B/BB,,20,ONE,${last},`,
        `CCO,,30,ONE,${last},`,
        `X12,ALPHA ANVIL INC COM,40,ONE,${last},`,
        `Y34,,50,ONE,${last},US5949181045`,
        `BBD,,60,ONE,${last},`,
        `QQQQQ,Nothing Like It,70,ONE,${last},`,
        // An option on AAA is no AAA: it is listed and nobody is asked what it is.
        `AAA 12/18/2026 200.00 C,,-2,ONE,${last},`,
        '',
      ].join('\n'),
    );
    await cli.give('late-class.csv', 'ticker,sector,industry,valid_from\nQQQQQ,Energy,Oil,2000-01-01\n');
    const waiting = await cli.value<WaitingLine[]>('waiting');
    // A choice changes no earlier row: it counts from the holdings' day only where nothing else is stored under the name.
    expect(waiting.map(({ ticker, knownFrom }) => [ticker, knownFrom])).toEqual([
      ...['B/BB', 'CCO', 'X12', 'BBD'].map((ticker) => [ticker, last]),
      ['QQQQQ', null],
    ]);
    const best = (ticker: string) => waiting.find((one) => one.ticker === ticker)?.suggestions[0];
    expect(waiting.map(({ ticker, asOf, file, line }) => [ticker, asOf, file, line])).toEqual(
      ['B/BB', 'CCO', 'X12', 'BBD', 'QQQQQ'].map((ticker, i) => [ticker, last, 'book.csv', [3, 4, 5, 7, 8][i]]),
    );
    expect(best('B/BB')).toMatchObject({ ticker: 'BBB', because: 'the same letters: BBB' });
    expect(best('CCO')).toMatchObject({ ticker: 'CCC', because: `it was called CCO until ${market.days[5]}` });
    expect(best('X12')).toMatchObject({ ticker: 'AAA', because: 'the same name' });
    expect(best('BBD')).toMatchObject({ ticker: 'BBB', because: 'one letter away: BBB' });
    expect(best('QQQQQ')).toBeUndefined();

    const trial = await cli.value<DecisionResult>('waiting', 'CCO', '--to', `#${best('CCO')!.securityId}`, '--dry-run');
    expect(trial.batchId).toBeNull();
    const done = await cli.value<DecisionResult>('waiting', 'CCO', '--to', `#${best('CCO')!.securityId}`);
    expect((await cli.value<WaitingLine[]>('waiting')).map(({ ticker }) => ticker)).toEqual(['B/BB', 'X12', 'BBD', 'QQQQQ']);
    await cli.value('run', ...SHORT);
    const held = async () => (await cli.value<BookView>('book')).positions.find(({ quantity }) => quantity === 30)!;
    expect(await held()).toMatchObject({ role: 'stock', marketValue: 30 * market.closes.CCC!.at(-1)! });
    expect((await cli.value<BookView>('book')).positions.find(({ quantity }) => quantity === -2)).toMatchObject({
      role: 'unmodelled',
      reason: 'option: listed, not modelled',
    });

    await cli.value('undo', String(done.batchId));
    expect((await cli.value<WaitingLine[]>('waiting')).map(({ ticker }) => ticker)).toContain('CCO');
    await cli.value('run', ...SHORT);
    expect(await held()).toMatchObject({ role: 'unmodelled' });
    expect((await cli.error('waiting', 'NOPE', '--to', 'AAA')).message).toContain('No position waits as NOPE');
    expect((await cli.error('waiting', 'CCO')).message).toContain('--to');
  });
});

describe('a line whose ticker and identifiers are of two securities', () => {
  it('is an error that names both, whatever the file is, and is left out where lines may be', async () => {
    const file = cli.file(
      'differ.csv',
      [
        'ticker,quantity,account,as_of,isin,cusip',
        `AAA,1,TWO,${last},US5949181045,`,
        `AAA,2,TWO,${last},,594918104`,
        `BBB,3,TWO,${last},US5949181045,037833100`,
        `AAA,4,TWO,${last},US0378331005,037833100`,
        `CCC,5,TWO,${last},US5949181045,594918104`,
        // Nothing known here speaks against these: BBB has no number, the last number is nobody's.
        `BBB,6,TWO,${last},,`,
        `BBB,7,TWO,${last},US0231351067,`,
        '',
      ].join('\n'),
    );
    const refused = await cli.run('import', file);
    expect(refused.code).toBe(3);
    const told = refused.out.split('\n').filter((line) => line.includes('error line'));
    expect(told).toEqual([
      expect.stringMatching(/line 2 .*The ISIN US5949181045 is that of CCC, not of AAA\./),
      expect.stringMatching(/line 3 .*The CUSIP 594918104 is that of CCC, not of AAA\./),
      expect.stringMatching(/line 4 .*The ISIN US5949181045 and the CUSIP 037833100 differ\./),
    ]);
    expect((await cli.import(file, '--skip-rejected', '--dry-run')).counts).toMatchObject({ new: 4, rejected: 3 });
    const all = cli.file('all-differ.csv', `ticker,quantity,account,as_of,isin\nAAA,1,TWO,${last},US5949181045\n`);
    expect((await cli.run('import', all, '--skip-rejected')).out).toContain('Nothing new: every row was rejected.');
  });
});
