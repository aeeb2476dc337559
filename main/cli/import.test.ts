import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ImportReport } from '../contract/report.ts';
import { importFiles } from '../core/imports.ts';
import { checkDigitOfIsin } from '../importers/symbols.ts';
import { endOf } from './main.ts';
import { Cli, scratch } from './testing/cli.ts';
import { inSession } from './testing/session.ts';
import { CLASSES, MAP, pricesText, SHORT, smallMarket } from './testing/market.ts';

const folder = scratch();
const market = smallMarket(100);
const { days, closes } = market;
const names = Object.keys(closes);
/** Everything but the map and the classes, a full run of it, and its digest. */
let full: Cli;
let digest: string;
let mapped: Cli;

beforeAll(async () => {
  mapped = new Cli(folder, 'mapped');
  await mapped.value('init');
  await mapped.give('map.csv', MAP);
  full = mapped.copy('full');
  await full.give('prices.csv', pricesText(market));
  await full.give('classes.csv', CLASSES);
  digest = await full.digest(...SHORT);
});

/** A matrix with one security per column. */
const down = (factor = 1): string =>
  [`date,${names.join(',')}`, ...days.map((day, t) => [day, ...names.map((name) => closes[name]![t]! * factor)].join(',')), ''].join('\n');
const across = (): string => [`ticker,${days.join(',')}`, ...names.map((name) => [name, ...closes[name]!].join(',')), ''].join('\n');

describe('the report in a terminal', () => {
  it('tells the severe issues first: a jump is not lost among sixty names that are new', async () => {
    const cli = mapped.copy('many');
    const many = Array.from({ length: 60 }, (_, i) => `N${String(i).padStart(2, '0')}`);
    const rows = days.slice(0, 3).flatMap((day, t) => many.map((name, i) => `${day},${name},${t === 2 && i === 59 ? 400 : 100}`));
    const { out } = await cli.run('import', cli.file('many.csv', ['date,ticker,close', ...rows, ''].join('\n')), '--dry-run');
    const told = out.split('\n').filter((line) => /^ {2}(warning|info)/.test(line));
    expect(told[0]).toMatch(/^ {2}warning line 181: N59 .* moved 300\.0 %/);
    expect(told.filter((line) => line.includes('no securities row claims it'))).toHaveLength(5);
    expect(out).toMatch(/ and 55 more of the same kinds/);
  });
});

describe('a dry run', () => {
  it('reports the diff and leaves every byte of the workspace', async () => {
    const cli = full.copy('dry');
    const bytes = cli.bytes();
    const next = smallMarket(110);
    const path = cli.file('next.csv', pricesText(next));
    const report = await cli.import(path, '--dry-run');
    expect(report).toMatchObject({ outcome: 'staged', counts: { new: 70, unchanged: 700, restated: 0, rejected: 0 } });
    expect(report.batchId).toBeUndefined();
    expect(cli.bytes()).toBe(bytes);
    expect((await cli.run('import', path, '--dry-run')).out).toContain('Dry run: nothing was changed.\n');
    // What would be refused says so, with the exit code of the refusal.
    const half = cli.file('half.csv', `date,ticker,close\n${next.days.at(-1)},AAA,5\n${next.days.at(-1)},BBB,-5\n`);
    const trial = await cli.run('import', half, '--dry-run');
    expect([trial.code, trial.out]).toEqual([
      3,
      expect.stringMatching(/nothing was changed\. The import would be refused \(1 rejected\)\.\n.*--skip-rejected\.\n$/),
    ]);
    expect((await cli.run('import', half)).out).toMatch(/Refused \(1 rejected\): nothing was changed\.\n.*--skip-rejected\.\n$/);
    expect((await cli.run('import', half, '--dry-run', '--skip-rejected')).code).toBe(0);
  });
});

describe('the same data again', () => {
  it('imports nothing and says so, from the same file, a compressed copy and another layout', async () => {
    const cli = full.copy('again');
    const before = await cli.batches();
    for (const args of [
      [cli.file('again.csv', pricesText(market))],
      [cli.file('again.csv.gz', gzipSync(pricesText(market)))],
      [cli.file('down.csv', down()), '--value', 'close'],
      [cli.file('classes-again.csv', CLASSES)],
      [cli.file('map-again.csv', MAP)],
    ]) {
      const answer = await cli.run('import', ...args);
      expect([answer.code, answer.out]).toEqual([0, expect.stringContaining('Nothing new: everything in this file is already in')]);
    }
    expect(await cli.batches()).toEqual(before);
  });

  it('told with its versions is not its own correction; a further version alone is one', async () => {
    const cli = full.copy('versions');
    const row = (value: number, known: number): string => `AAA,${days[5]!},dividend,${value},${days[known]!}\n`;
    const versions = `ticker,ex_date,type,value,known_from\n${row(0.5, 5)}${row(0.6, 9)}`;
    expect(await cli.give('versions.csv', versions)).toMatchObject({ counts: { new: 2 } });
    expect(await cli.give('versions.csv', versions)).toMatchObject({ outcome: 'nothing_new', counts: { unchanged: 2, restated: 0 } });
    const more = await cli.give('more.csv', `${versions}${row(0.7, 12)}`, '--accept-restatements');
    expect(more.counts).toMatchObject({ new: 0, unchanged: 2, restated: 1 });
    const dry = (name: string, rows: string) =>
      cli.give(name, `ticker,ex_date,type,value,known_from\n${rows}`, '--dry-run', '--accept-restatements');
    // A value in force told again, but learned behind another one, is a version; so is an earlier one without its day.
    expect((await dry('anew.csv', `${row(0.8, 14)}${row(0.7, 16)}`)).counts).toMatchObject({ unchanged: 0, restated: 2 });
    expect((await dry('back.csv', `AAA,${days[5]!},dividend,0.5,\n`)).counts).toMatchObject({ unchanged: 0, restated: 1 });
  });
});

describe('restated values', () => {
  it('are refused with exit 3 and the old and new value, and imported when accepted; undo brings the outputs back bit for bit', async () => {
    const cli = full.copy('restated');
    const changed = { days, closes: { ...closes, AAA: closes.AAA!.map((close, t) => (t === 60 ? close + 1 : close)) } };
    const path = cli.file('restated.csv', pricesText(changed));
    const refused = await cli.run('import', path);
    expect(refused.code).toBe(3);
    expect(refused.out).toContain(
      `AAA ${days[60]}: differs from the stored value ${closes.AAA![60]}; it is ${closes.AAA![60]! + 1} in the file.`,
    );
    expect(refused.out).toContain('--accept-restatements');
    expect(refused.out).toContain('Refused (1 restated): nothing was changed.');
    expect(await cli.digest(...SHORT)).toBe(digest);

    const accepted = await cli.import(path, '--accept-restatements');
    expect(accepted).toMatchObject({ outcome: 'committed', counts: { new: 0, restated: 1, unchanged: 699 } });
    expect((await cli.findings()).some((finding) => finding.code === 'restated')).toBe(true);
    // Known from today: rows before today do not see it, so the run is the same unless corrections reach back.
    expect(await cli.digest(...SHORT)).toBe(digest);
    expect(await cli.digest(...SHORT, '--set', 'knowledge=corrected')).not.toBe(digest);
    await cli.value('undo', String(accepted.batchId));
    expect((await cli.findings()).some((finding) => finding.code === 'restated')).toBe(false);
    expect(await cli.digest(...SHORT)).toBe(digest);
    expect((await cli.batches()).find((batch) => batch.batchId === accepted.batchId)?.undone).toBe(true);
    expect((await cli.error('undo', String(accepted.batchId))).exit).toBe(2);
    expect((await cli.error('undo', '99')).message).toContain('There is no batch 99');
  });

  it('far apart in a file of corrections are no gap where the store has the days between', async () => {
    const cli = full.copy('corrections');
    const closed = (name: string, ...rows: (readonly [day: number, close: number])[]): string =>
      cli.file(name, ['date,ticker,close', ...rows.map(([day, close]) => `${days[day]},AAA,${close}`), ''].join('\n'));
    const gaps = async (path: string) =>
      (await cli.import(path, '--dry-run', '--accept-restatements')).issues.flatMap(({ code, reason }) => (code === 'gap' ? [reason] : []));
    expect(await gaps(closed('two.csv', [20, 1], [60, 1]))).toEqual([]);
    const [last, close] = [days.length - 1, closes.AAA!.at(-1)!];
    const fresh = cli.file('fresh.csv', ['date,ticker,close', `${days[20]},NEW,1`, `${days[last]},NEW,${close}`, ''].join('\n'));
    expect(await gaps(fresh)).toEqual([expect.stringContaining(`no value on ${last - 21} sessions before ${days[last]}`)]);
  });

  it('of master data are refused likewise: another sector for the same day', async () => {
    const cli = full.copy('classes');
    const path = cli.file('other.csv', CLASSES.replace('AAA,Technology,Semiconductors', 'AAA,Financials,Banks'));
    const refused = await cli.run('import', path);
    expect(refused.code).toBe(3);
    expect(refused.out).toMatch(/AAA gics from 2020-01-01: the stored version says Technology \| Semiconductors/);
    expect(await cli.import(path, '--accept-restatements')).toMatchObject({ counts: { restated: 1, unchanged: 2 } });
  });
});

describe('rejected rows', () => {
  const bad = ['date,ticker,close', `${days[0]},AAA,-5`, `${days[0]},EEE,10`, `${days[1]},EEE,11`, ''].join('\n');

  it('stop the import with exit 3 unless they are skipped; then the valid rows come in and are counted', async () => {
    const cli = mapped.copy('rejected');
    const path = cli.file('bad.csv', bad);
    const refused = await cli.run('import', path);
    expect(refused.code).toBe(3);
    expect(refused.out).toMatch(/line 2, column 3 \(close\): .*Fix: /);
    expect(await cli.batches()).toHaveLength(2);
    const skipped = await cli.run('import', path, '--skip-rejected');
    expect([skipped.code, skipped.out]).toEqual([0, expect.stringContaining('new 2, unchanged 0, re-based 0, restated 0, rejected 1')]);
  });

  it('of one file take the earlier files of the command back with them', async () => {
    const cli = mapped.copy('several');
    const good = cli.file('good.csv', pricesText(market, ['SPY']));
    const reports = JSON.parse((await cli.run('--json', 'import', good, cli.file('bad2.csv', bad))).out) as ImportReport[];
    expect(reports.map((report) => report.outcome)).toEqual(['refused', 'refused']);
    expect((await cli.batches()).filter((batch) => batch.kind === 'prices' && !batch.undone)).toEqual([]);
    expect((await cli.error('import', good, join('nowhere', 'missing.csv'))).message).toContain('There is no file missing.csv');
    expect((await cli.batches()).filter((batch) => batch.kind === 'prices' && !batch.undone)).toEqual([]);
    expect(await cli.value<ImportReport[]>('import', good, cli.file('classes3.csv', CLASSES))).toMatchObject([
      { outcome: 'committed' },
      { outcome: 'committed' },
    ]);
  });
});

describe('what cannot be told', () => {
  it('is asked for with exit 2, naming the flag', async () => {
    const order = await mapped.error('import', mapped.file('dates.csv', 'date,ticker,close\n02/01/2024,AAA,5\n03/01/2024,AAA,6\n'));
    expect([order.exit, order.message + order.action]).toEqual([2, expect.stringContaining('--date-order')]);
    const value = await mapped.error('import', mapped.file('wide.csv', down()));
    expect([value.exit, value.message + value.action]).toEqual([2, expect.stringContaining('--value')]);
    const dates = await mapped.import(join(folder, 'dates.csv'), '--date-order', 'DMY', '--dry-run');
    expect([dates.firstDay, dates.lastDay]).toEqual(['2024-01-02', '2024-01-03']);
  });
});

describe('layouts', () => {
  it('matrices of either orientation and one file per ticker give the same outputs as the native file', async () => {
    const layouts: Record<string, () => [string, string | Uint8Array, ...string[]][]> = {
      down: () => [['m.csv', down(), '--value', 'close']],
      across: () => [['m.csv.gz', gzipSync(across()), '--value', 'close']],
      stooq: () =>
        names.map((name) => [
          `${name.toLowerCase()}_us_d.csv`,
          ['Date,Open,High,Low,Close,Volume', ...days.map((day, t) => `${day},1,2,1,${closes[name]![t]},100`), ''].join('\n'),
        ]),
      nasdaq: () =>
        names.map((name) => [
          `${name}.csv`,
          [
            'Date,Close/Last,Volume,Open,High,Low',
            ...days.map((day, t) => `${day.slice(5, 7)}/${day.slice(8)}/${day.slice(0, 4)},$${closes[name]![t]},100,$1,$2,$1`).reverse(),
            '',
          ].join('\n'),
        ]),
    };
    for (const [layout, files] of Object.entries(layouts)) {
      const cli = mapped.copy(layout);
      const made = files();
      const flags = made[0]!.slice(2) as string[];
      await cli.value('import', cli.file('classes4.csv', CLASSES));
      await cli.value('import', ...made.map(([name, content]) => cli.file(name, content)), ...flags);
      expect(await cli.digest(...SHORT), layout).toBe(digest);
    }
  });

  it('adjusted closes: a vendor file after a dividend is re-based plus new days, and ends in the returns of one import', async () => {
    const adjusted = (factor: number, to: number): string =>
      [
        'date,ticker,adj_close',
        ...names.flatMap((name) => days.slice(0, to).map((day, t) => `${day},${name},${closes[name]![t]! * factor}`)),
        '',
      ].join('\n');
    const cli = mapped.copy('rebased');
    await cli.give('classes5.csv', CLASSES);
    await cli.give('first.csv', adjusted(1, 80));
    const report = await cli.give('second.csv', adjusted(0.98, 100));
    expect(report).toMatchObject({ outcome: 'committed', counts: { new: 140, rebased: 560, restated: 0 } });
    const whole = mapped.copy('whole');
    await whole.give('classes6.csv', CLASSES);
    await whole.give('all.csv', adjusted(0.98, 100));
    for (const one of [cli, whole]) await one.value('run', ...SHORT);
    const [a, b] = [await cli.metrics('a.csv'), await whole.metrics('b.csv')];
    const column = a[0]!.split(',').indexOf('returns_gross');
    expect(a.map((line) => line.split(',').slice(0, 2).join())).toEqual(b.map((line) => line.split(',').slice(0, 2).join()));
    const gap = a.slice(1).map((line, i) => Math.abs(Number(line.split(',')[column]) - Number(b[i + 1]!.split(',')[column])));
    expect(Math.max(...gap)).toBeLessThan(1e-14);
  });
});

describe('adjusted closes that do not overlap', () => {
  it('leave the return into the new file missing and say so, unless raw closes serve', async () => {
    const file = (field: string, from: number, to: number): string =>
      [`date,ticker,${field}`, ...days.slice(from, to).map((day, t) => `${day},AAA,${closes.AAA![from + t]}`), ''].join('\n');
    const cli = mapped.copy('apart');
    await cli.give('etfs8.csv', pricesText(market, ['SPY', 'XLK', 'SOXX', 'XLF']));
    await cli.give('first8.csv', file('adj_close', 0, 50));
    const raw = cli.copy('apart-raw');
    const apart = await cli.give('second8.csv', file('adj_close', 50, 100));
    expect(apart.issueCounts.adjusted_base_unknown).toBe(1);
    expect((await cli.findings()).find((finding) => finding.code === 'adjusted_base_unknown')).toMatchObject({
      subject: 'AAA',
      day: days[50],
    });
    await cli.value('run', ...SHORT);
    expect(await cli.value('show', 'AAA', '--date', days[50]!)).toMatchObject({ returnGross: null });
    await raw.give('closes8.csv', file('close', 0, 100));
    const served = await raw.give('second8b.csv', file('adj_close', 50, 100));
    expect(served.issueCounts.adjusted_base_unknown).toBeUndefined();
    await raw.value('run', ...SHORT);
    const { returnGross } = await raw.value<{ returnGross: number }>('show', 'AAA', '--date', days[50]!);
    expect(returnGross).toBeCloseTo(closes.AAA![50]! / closes.AAA![49]! - 1, 12);
  });
});

describe('an undo', () => {
  it('says before and after what later files have too, and importing those again keeps it', async () => {
    const cli = mapped.copy('undo');
    const first = await cli.give('first.csv', pricesText(market, ['SPY', 'AAA'], 0, 20));
    await cli.give('dividend.csv', `ticker,ex_date,type,value\nAAA,${days[5]!},dividend,0.1\n`);
    // New volumes of days whose closes are stored, and three days more; of another name as many.
    const rows = days.slice(10, 23).flatMap((day, i) => ['AAA', 'BBB'].map((name) => `${day},${name},${closes[name]![10 + i]!},1000`));
    const second = cli.file('second.csv', ['date,ticker,close,volume', ...rows, ''].join('\n'));
    const { batchId } = await cli.import(second);
    const more = `ticker,ex_date,type,value\nAAA,${days[5]!},dividend,0.1\nAAA,${days[6]!},dividend,0.2\n`;
    const dividends = (await cli.give('dividends.csv', more)).batchId!;

    const bytes = cli.bytes();
    const repeatedBy = [{ batchId: batchId!, file: 'second.csv', values: 10 }];
    expect(await cli.value('undo', String(first.batchId), '--dry-run')).toMatchObject({ undone: false, repeatedBy });
    expect(cli.bytes()).toBe(bytes);
    const told = await cli.run('undo', String(first.batchId));
    expect(told.out).toContain(`second.csv (batch ${batchId}) said the same of 10 of its values`);
    expect(await cli.error('undo', String(first.batchId), '--dry-run')).toMatchObject({ code: 'usage' });
    expect(await cli.import(second)).toMatchObject({ counts: { new: 10, unchanged: 16, restated: 0 } });

    expect(await cli.value('undo', String(dividends - 2), '--dry-run')).toMatchObject({
      repeatedBy: [{ batchId: dividends, file: 'dividends.csv', values: 1 }],
    });
    await cli.value('undo', String(dividends));
    expect(await cli.value('undo', String(dividends - 2))).toMatchObject({ undone: true, repeatedBy: [] });
  });
});

describe('the order of imports', () => {
  it('does not matter: classes before prices, prices before securities, the map last', async () => {
    const master = [
      'ticker,isin,name,valid_from',
      ...names.map((name, i) => `${name},ZZTEST0000${i}${checkDigitOfIsin(`ZZTEST0000${i}`)},${name} Corp,2020-01-01`),
      '',
    ].join('\n');
    const files: Record<string, string> = { map: MAP, classes: CLASSES, prices: pricesText(market), master };
    const digests: string[] = [];
    for (const order of ['map classes prices master', 'prices master classes map', 'classes master prices map']) {
      const cli = new Cli(folder, order.replaceAll(' ', '-'));
      await cli.value('init');
      for (const name of order.split(' ')) await cli.give(`${name}-o.csv`, files[name]!);
      digests.push(await cli.digest(...SHORT));
    }
    expect(digests).toEqual([digest, digest, digest]);
  });

  it('a row learned under --known-as-of is known from that day on', async () => {
    const cli = mapped.copy('known');
    await cli.give('classes7.csv', CLASSES);
    await cli.give('early.csv', pricesText(market, names, 0, 90));
    const late = cli.file('late.csv', pricesText(market, names, 90, 100));
    expect((await cli.run('import', late, '--known-as-of', days[95]!)).code).toBe(3);
    expect((await cli.run('import', late, '--known-as-of', '2026-07-02')).err).toContain(
      'The known-as-of day 2026-07-02 is in the future.',
    );
    const report = await cli.import(late, '--known-as-of', '2024-12-31');
    expect(report.knownFrom).toContain('2024-12-31');
    const before = await cli.value<{ rows: number; lastDay: string }>('run', ...SHORT, '--known-as-of', '2024-12-30');
    const after = await cli.value<{ rows: number }>('run', ...SHORT, '--known-as-of', '2024-12-31');
    expect(after.rows).toBeGreaterThanOrEqual(before.rows);
  });
});

describe('several files of which one fails', () => {
  const [first, second] = ['first.csv', 'second.csv'].map((name, i) => [name, pricesText(market, names, i, i + 1)] as const) as [
    readonly [string, string],
    readonly [string, string],
  ];
  const batchesOf = async (cli: Cli) => (await cli.batches()).map(({ file, undone }) => [file, undone]);

  it('are taken back', async () => {
    const cli = mapped.copy('several');
    const files = [cli.file(...first), cli.file(...second), cli.file('third.csv', 'no prices')];
    const before = await batchesOf(cli);
    expect(await cli.error('import', ...files)).toMatchObject({ code: 'data' });
    expect(await batchesOf(cli)).toEqual([...before, ['first.csv', true], ['second.csv', true]]);
  });

  it('stay, and are named, where that fails too', async () => {
    const cli = mapped.copy('gone');
    const files = [cli.file(...first), cli.file(...second)];
    await inSession(cli, async (session) => {
      let n = 0;
      // The drive is pulled out before the second file is committed.
      const onLines = (): void => {
        if (++n < 2) return;
        void session.writer.call('close', null);
        renameSync(cli.dir, `${cli.dir}.away`);
      };
      await expect(importFiles(session, files, {}, { onLines })).rejects.toMatchObject({
        data: {
          code: 'not_found',
          message: expect.stringMatching(/There is no workspace in .* stay imported: first\.csv \(batch 3\)\.$/),
          action: expect.stringContaining('undo these batches'),
        },
      });
      renameSync(`${cli.dir}.away`, cli.dir);
    });
    expect(await batchesOf(cli)).toContainEqual(['first.csv', false]);
  });

  it('stay, and are named, where the import is cancelled and that fails', async () => {
    const cli = mapped.copy('cancelled');
    const files = [cli.file(...first), cli.file(...second)];
    const abort = new AbortController();
    await inSession(cli, async (session) => {
      let n = 0;
      const onLines = (): void => {
        if (++n < 2) return;
        abort.abort();
        void session.writer.call('close', null);
        renameSync(cli.dir, `${cli.dir}.away`);
      };
      const error: unknown = await importFiles(session, files, {}, { onLines, signal: abort.signal }).catch((thrown: unknown) => thrown);
      expect(endOf(new Error('anything'), true)).toMatchObject({ code: 'cancelled', action: 'Nothing was changed.' });
      expect(endOf(error, true).message).toMatch(/stay imported: first\.csv \(batch 3\)\.$/);
      renameSync(`${cli.dir}.away`, cli.dir);
    });
    expect(await batchesOf(cli)).toContainEqual(['first.csv', false]);
  });
});
