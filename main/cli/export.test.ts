/** `export metrics` as Parquet, Arrow and Zarr, read back by other libraries: the very doubles of the CSV. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { tableFromIPC, type Table } from 'apache-arrow';
import { parquetMetadata } from 'hyparquet';
import { readParquet, Table as RustTable } from 'parquet-wasm/node';
import { beforeAll, describe, expect, it } from 'vitest';
import * as zarr from 'zarrita';
import { Cli, scratch } from './testing/cli.ts';
import { CLASSES, MAP, pricesText, SHORT, smallMarket } from './testing/market.ts';

const folder = scratch();
const market = smallMarket(330);
let cli: Cli;
let header: string[];
/** Cells of the CSV by `date ticker`. */
let cells: Map<string, string[]>;

beforeAll(async () => {
  cli = new Cli(folder, 'cube');
  await cli.value('init');
  await cli.give('map.csv', MAP);
  await cli.give('classes.csv', CLASSES);
  await cli.give('prices.csv', pricesText(market));
  await cli.value('run', ...SHORT);
  const lines = await cli.metrics('cube.csv');
  header = lines[0]!.split(',');
  cells = new Map(lines.slice(1).map((line) => [line.split(',').slice(0, 2).join(' '), line.split(',')]));
}, 60_000);

const out = (name: string): string => join(folder, name);
const give = (format: string, name: string, ...flags: string[]) =>
  cli.value<{ rows: number; bytes: number }>('export', 'metrics', '--format', format, '--out', out(name), ...flags);

const numberOf = (cell: string): number | null => (cell === '' ? null : Number(cell));

/** Every row of an Arrow table against the CSV; answers the keys seen. */
function compare(table: Table): string[] {
  const column = (name: string) => table.getChild(name)!;
  const seen: string[] = [];
  for (let i = 0; i < table.numRows; i++) {
    const key = `${new Date(column('date').get(i) as number).toISOString().slice(0, 10)} ${column('ticker').get(i) as string}`;
    const expected = cells.get(key)!;
    seen.push(key);
    header.forEach((name, c) => {
      if (c < 2) return;
      const value = column(name).get(i) as unknown;
      const same = name === 'flags' ? value === expected[c] : Object.is(value, numberOf(expected[c]!));
      if (!same) throw new Error(`${key} ${name}: ${String(value)} is not ${expected[c]}`);
    });
  }
  return seen;
}

/** Read by the Rust implementation. */
const table = (path: string): Table => tableFromIPC(readParquet(readFileSync(path)).intoIPCStream());

describe('Parquet', () => {
  it('holds the rows and doubles of the CSV, missing as NULL, with lineage and units', async () => {
    const left = out(`cube.parquet.${process.pid}.part`);
    writeFileSync(left, 'of one that was killed, whose number is given again');
    const done = await give('parquet', 'cube.parquet');
    expect(existsSync(left)).toBe(false);
    const read = table(out('cube.parquet'));
    expect(compare(read)).toEqual([...cells.keys()]);
    expect(done.rows).toBe(cells.size);
    expect(done.bytes).toBe(readFileSync(out('cube.parquet')).length);
    const { buffer } = new Uint8Array(readFileSync(out('cube.parquet')));
    const keys = new Map(parquetMetadata(buffer).key_value_metadata!.map(({ key, value }) => [key, value]));
    expect(keys.get('hedgerow.runId')).toBe('R1');
    expect(keys.get('hedgerow.dataAsOf')).toBe(market.days.at(-1));
    expect(JSON.parse(keys.get('hedgerow.units')!)).toMatchObject({ vol: 'annualised' });
  });

  it('holds chosen fields of chosen tickers and dates under long names', async () => {
    await give(
      'parquet',
      'part.parquet',
      '--names',
      'long',
      '--fields',
      'l3_mkt_hr,volatility',
      '--tickers',
      'BBB',
      '--from',
      market.days[200]!,
    );
    const read = table(out('part.parquet'));
    expect(read.schema.fields.map(({ name }) => name)).toEqual(['date', 'ticker', 'l3_market_hr', 'volatility']);
    expect(read.numRows).toBe(130);
    expect((await cli.error('export', 'metrics', '--format', 'parquet', '--out', out('x'), '--fields', 'nope')).message).toContain('nope');
  });

  it('is written by year as one file each, which together hold every row once', async () => {
    await give('parquet', 'years', '--by-year');
    const years = readdirSync(out('years')).filter((name) => name.startsWith('year='));
    expect(years).toEqual(['year=2024', 'year=2025']);
    const seen = years.flatMap((year) => {
      const keys = compare(table(join(out('years'), year, 'metrics.parquet')));
      expect(new Set(keys.map((key) => `year=${key.slice(0, 4)}`))).toEqual(new Set([year]));
      return keys;
    });
    expect(seen.sort()).toEqual([...cells.keys()].sort());
    // Again over its own folder, never over another one.
    await give('parquet', 'years', '--by-year');
    mkdirSync(out('mine'));
    expect((await cli.error('export', 'metrics', '--format', 'parquet', '--out', out('mine'), '--by-year')).message).toContain('mine');
    expect((await cli.error('export', 'metrics', '--format', 'csv', '--out', out('y.csv'), '--by-year')).message).toContain('csv');
  });

  it('has the same bytes on other threads, and leaves nothing when it is stopped', async () => {
    await give('parquet', 'one.parquet');
    await cli.with({ threads: 3 }).value('export', 'metrics', '--format', 'parquet', '--out', out('three.parquet'));
    expect(readFileSync(out('three.parquet')).equals(readFileSync(out('one.parquet')))).toBe(true);
    const stopped = new AbortController();
    stopped.abort();
    for (const format of ['parquet', 'arrow', 'zarr']) {
      expect((await cli.with({ signal: stopped.signal }).run('export', 'metrics', '--format', format, '--out', out('gone'))).code).toBe(
        130,
      );
      expect(readdirSync(folder).filter((name) => name.startsWith('gone'))).toEqual([]);
    }
  });
});

const python = (modules: string): string | undefined =>
  ['python3', '/usr/bin/python3'].find((program) => {
    try {
      execFileSync(program, ['-c', `import ${modules}`], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });

describe('Arrow', () => {
  const MAGIC = 8;

  beforeAll(() => give('arrow', 'cube.arrow'));

  it('holds the rows and doubles of the CSV, missing as NULL, with lineage and units', () => {
    const bytes = readFileSync(out('cube.arrow'));
    const read = tableFromIPC(bytes);
    expect(read.batches.length).toBeGreaterThan(0);
    expect(compare(read)).toEqual([...cells.keys()]);
    expect(read.schema.metadata.get('hedgerow.runId')).toBe('R1');
    expect(JSON.parse(read.schema.metadata.get('hedgerow.units')!)).toMatchObject({ vol: 'annualised' });
    const missing = header.slice(2).filter((name) => name !== 'flags' && read.getChild(name)!.nullCount > 0);
    expect(missing).toContain('l3_rr');
  });

  it('is a file the Rust implementation reads too, as the stream it holds', () => {
    const stream = readFileSync(out('cube.arrow')).subarray(MAGIC);
    expect(compare(tableFromIPC(RustTable.fromIPCStream(stream).intoIPCStream()))).toEqual([...cells.keys()]);
  });

  it('holds chosen fields under long names, and is a table without rows where there are none', async () => {
    await give('arrow', 'part.arrow', '--names', 'long', '--fields', 'l3_mkt_hr,vol', '--tickers', 'BBB', '--from', market.days[200]!);
    const part = tableFromIPC(readFileSync(out('part.arrow')));
    expect(part.schema.fields.map(({ name }) => name)).toEqual(['date', 'ticker', 'l3_market_hr', 'volatility']);
    expect(part.numRows).toBe(130);
    await give('arrow', 'none.arrow', '--tickers', 'BBB', '--to', market.days[0]!);
    expect(tableFromIPC(readFileSync(out('none.arrow'))).numRows).toBe(0);
  });

  it('has the same bytes on other threads', async () => {
    await cli.with({ threads: 3 }).value('export', 'metrics', '--format', 'arrow', '--out', out('three.arrow'));
    expect(readFileSync(out('three.arrow')).equals(readFileSync(out('cube.arrow')))).toBe(true);
  });

  const program = python('pyarrow');
  it.skipIf(!program)('opens in pyarrow (needs python with pyarrow)', () => {
    const script = 'import pyarrow.feather as f, sys; t = f.read_table(sys.argv[1]); print(t.num_rows, t.schema.field("date").type)';
    expect(execFileSync(program!, ['-c', script, out('cube.arrow')], { encoding: 'utf8' }).trim()).toBe(`${cells.size} date32[day]`);
  });
});

/** A folder as a store of zarrita. */
const store = (root: string) => ({
  get: (key: string) => {
    const path = join(root, key);
    return Promise.resolve(existsSync(path) ? new Uint8Array(readFileSync(path)) : undefined);
  },
});

describe('Zarr', () => {
  beforeAll(async () => {
    await give('zarr', 'cube.zarr', '--names', 'long');
    await give('zarr', 'wire.zarr');
  });

  it('holds the doubles of the CSV by ticker and date', async () => {
    const root = await zarr.open.v2(store(out('wire.zarr')), { kind: 'group' });
    expect(root.attrs).toMatchObject({ runId: 'R1', simulated: 'false' });
    const days = await zarr.get(await zarr.open.v2(root.resolve('date'), { kind: 'array' }));
    const width = Number(/<U(\d+)/.exec(readFileSync(join(out('wire.zarr'), 'ticker', '.zarray'), 'utf8'))![1]);
    const points = new Uint32Array(new Uint8Array(inflateSync(readFileSync(join(out('wire.zarr'), 'ticker', '0')))).buffer);
    const tickers = Array.from({ length: points.length / width }, (_, i) =>
      String.fromCodePoint(...points.subarray(i * width, (i + 1) * width)).replaceAll('\0', ''),
    );
    expect(tickers).toEqual([...new Set([...cells.keys()].map((key) => key.slice(11)))].sort());
    for (const [c, name] of header.entries()) {
      if (c < 2 || name === 'flags') continue;
      const array = await zarr.open.v2(root.resolve(name), { kind: 'array' });
      expect(array.shape).toEqual([tickers.length, market.days.length]);
      const { data } = (await zarr.get(array)) as { data: Float64Array };
      tickers.forEach((ticker, i) =>
        Array.from(days.data as BigInt64Array).forEach((day, j) => {
          const key = `${new Date(Number(day) * 86_400_000).toISOString().slice(0, 10)} ${ticker}`;
          const expected = numberOf(cells.get(key)?.[c] ?? '') ?? NaN;
          if (!Object.is(data[i * market.days.length + j], expected)) throw new Error(`${key} ${name}`);
        }),
      );
    }
  });

  const program = python('xarray, zarr');
  it.skipIf(!program)('opens in xarray, and a weighted sum over tickers works as published (needs python with xarray and zarr)', () => {
    const script = [
      'import xarray as xr, json, sys',
      'ds = xr.open_zarr(sys.argv[1])',
      'w = xr.DataArray([0.4, 0.35, 0.25], dims="ticker", coords={"ticker": ["AAA", "BBB", "CCC"]})',
      'hr = (ds["l3_market_hr"] * w).sum("ticker", skipna=False)',
      'one = ds.sel(ticker="AAA", date="2025-03-03")',
      'print(json.dumps([list(ds["l3_market_hr"].dims), ds["l3_market_hr"].attrs["units"], float(hr[-1]), float(one["volatility"]), str(ds.date.values[-1])[:10]]))',
    ].join('\n');
    const [dims, units, sum, vol, last] = JSON.parse(
      execFileSync(program!, ['-W', 'ignore', '-c', script, out('cube.zarr')], { encoding: 'utf8' }),
    ) as [string[], string, number, number, string];
    const cell = (ticker: string, date: string, name: string): number => Number(cells.get(`${date} ${ticker}`)![header.indexOf(name)]);
    expect(dims).toEqual(['ticker', 'date']);
    expect(units).toBe('dollars of ETF per dollar of stock');
    expect(last).toBe(market.days.at(-1));
    expect(vol).toBe(cell('AAA', '2025-03-03', 'vol'));
    const weights: [string, number][] = [['AAA', 0.4], ['BBB', 0.35], ['CCC', 0.25]]; // prettier-ignore
    const expected = weights.map(([ticker, weight]) => cell(ticker, last, 'l3_mkt_hr') * weight).reduce((a, b) => a + b);
    expect(sum).toBeCloseTo(expected, 14);
  });
});
