import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { dayOfSlot, formatIsoDay, type Slot } from '../contract/units.ts';
import type { ImportOptions } from '../contract/report.ts';
import { parseFile } from './parse.ts';
import { unpackAll } from './blocks.ts';
import type { Parsed, StagedSeries } from './staged.ts';
import { context } from './testing/harness.ts';

const folder = process.env.HEDGEROW_TEST_DATA ?? join(import.meta.dirname, '../../../shared/data');

function read(name: string, options: ImportOptions): Promise<Parsed> {
  return parseFile(name, () => createReadStream(join(folder, name)).pipe(createGunzip()), options, context);
}

/** Runs a test on a real file, or skips it by name. */
function onFile(name: string, options: ImportOptions, check: (parsed: Parsed) => void): void {
  describe.skipIf(!existsSync(join(folder, name)))(name, () => {
    test('is read with the expected counts', async () => check(await read(name, options)));
  });
}

function valueAt(staged: StagedSeries, ticker: string, day: string, field: number): number | undefined {
  const symbol = staged.symbols.findIndex(({ code }) => code === ticker);
  const rows = unpackAll(staged);
  const at = rows.symbol.findIndex((s, i) => s === symbol && formatIsoDay(dayOfSlot(rows.slot[i] as Slot)) === day);
  return rows.values[field]![at];
}

onFile('modern_adj_close_etfs.csv.gz', { value: 'adj_close' }, (parsed) => {
  expect(parsed).toMatchObject({ rows: 818971, rejected: 0, nonSession: 0, issues: { counts: {} } });
  const staged = parsed.staged as StagedSeries;
  expect(staged.symbols.length).toBe(589);
  expect(staged.rows).toBe(818971);
  expect(valueAt(staged, 'ACES', '2021-01-05', 0)).toBe(77.5812);
});

onFile('modern_adj_close_stocks.csv.gz', { value: 'adj_close' }, (parsed) => {
  // CBIO (432 days) and DEC (732 days) hold prices of 0 and less.
  expect(parsed).toMatchObject({ rows: 6591792, rejected: 1164, issues: { counts: { price_not_positive: 1164 } } });
  expect(new Set(parsed.issues.kept.map(({ line }) => line)).size).toBe(2);
  expect((parsed.staged as StagedSeries).rows).toBe(6590628);
});

onFile('classification_stocks.csv.gz', {}, (parsed) => {
  expect(parsed).toMatchObject({ rows: 9684, rejected: 0, issues: { counts: { undated_classification: 1, no_sector: 1 } } });
  expect(parsed.staged).toMatchObject({ kind: 'classification', rows: { length: 15667 } });
});

onFile('classic_etf_ohlcv_long.csv.gz', {}, (parsed) => {
  expect(parsed).toMatchObject({ rows: 449219, rejected: 0, nonSession: 0 });
  const staged = parsed.staged as StagedSeries;
  expect(staged.symbols.length).toBe(163);
  expect(valueAt(staged, 'ACWI', '2010-01-04', staged.fields.indexOf('adj_close'))).toBe(34.3405238053);
});

onFile('classic_corporate_actions.csv.gz', {}, (parsed) => {
  expect(parsed).toMatchObject({ rows: 211951, rejected: 0 });
  expect(parsed.staged).toMatchObject({ kind: 'actions', rows: { length: 211951 } });
});
