/** The read-only interface over real sockets: who is answered, and with which numbers. */
import { readFileSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { tableFromIPC } from 'apache-arrow';
import { readParquet } from 'parquet-wasm/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServiceStatus } from '../contract/methods-cube.ts';
import { createCore, type Core } from '../core/index.ts';
import { Cli, ROOT, scratch } from './testing/cli.ts';
import { CLASSES, MAP, pricesText, SHORT, smallMarket } from './testing/market.ts';
import { environmentOf } from './testing/session.ts';

const market = smallMarket(120);
const last = market.days.at(-1)!;
let core: Core;
let cli: Cli;
let service: ServiceStatus;
let header: string[];
let rows: string[][];

beforeAll(async () => {
  cli = new Cli(scratch(), 'service');
  await cli.value('init');
  await cli.give('map.csv', MAP);
  await cli.give('classes.csv', CLASSES);
  await cli.give('prices.csv', pricesText(market));
  await cli.value('run', ...SHORT);
  const lines = await cli.metrics('cube.csv');
  header = lines[0]!.split(',');
  rows = lines.slice(1).map((line) => line.split(','));
  core = await createCore(environmentOf(cli));
  expect(await core.call('service.status', {})).toMatchObject({ running: false, address: null });
  await core.call('workspace.open', { handle: core.files.registerPath(cli.dir) });
  service = await core.call('service.start', { port: 18_000 + (process.pid % 20_000) });
}, 60_000);

afterAll(() => core.close());

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly bytes: Buffer;
  readonly json: () => never;
}

/** A request with any header, which fetch would not let through. */
function ask(
  path: string,
  { method = 'GET', headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = request(
      service.address + path,
      {
        method,
        headers: {
          authorization: `Bearer ${service.token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const bytes = Buffer.concat(chunks);
          resolve({
            status: response.statusCode!,
            type: response.headers['content-type'] ?? '',
            bytes,
            json: () => JSON.parse(bytes.toString()) as never,
          });
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

const cell = (ticker: string, date: string, field: string): number | null => {
  const text = rows.find((row) => row[0] === date && row[1] === ticker)![header.indexOf(field)]!;
  return text === '' ? null : Number(text);
};

describe('who is answered', () => {
  it('answers nobody without the token, from a web page, or under another name', async () => {
    const refused: [number, Record<string, string>][] = [
      [401, { authorization: '' }],
      [401, { authorization: 'Bearer hr_00000000000000000000000000000000' }],
      [401, { authorization: `Basic ${service.token}` }],
      [403, { host: 'evil.example' }],
      [403, { host: `127.0.0.1:1` }],
      [403, { origin: 'https://evil.example' }],
      [403, { origin: service.address! }],
      [403, { 'sec-fetch-site': 'cross-site' }],
    ];
    for (const [status, headers] of refused) {
      const reply = await ask('/metrics/AAA', { headers });
      expect([reply.status, Object.keys(reply.json())], JSON.stringify(headers)).toEqual([status, ['error']]);
      expect(reply.bytes.toString()).not.toContain(service.token);
    }
    expect((await ask('/health')).status).toBe(200);
  });

  it('keeps the token where only its owner reads it, and forgets the old one when it is renewed', async () => {
    const file = join(cli.folder, 'service.json');
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
    const before = service;
    service = await core.call('service.renew', {});
    expect(service.token).not.toBe(before.token);
    expect(readFileSync(file, 'utf8')).toContain(service.token);
    expect((await ask('/health', { headers: { authorization: `Bearer ${before.token}` } })).status).toBe(401);
    expect((await ask('/health')).status).toBe(200);
  });

  it('starts again with the program until it is stopped', async () => {
    await core.close();
    core = await createCore(environmentOf(cli));
    expect(await core.call('service.status', {})).toEqual(service);
    expect((await ask('/metrics/AAA')).json()).toMatchObject({ error: { code: 'not_found', message: 'No workspace is open.' } });
    await core.call('service.stop', {});
    await expect(ask('/health')).rejects.toThrow(/ECONN|hang up/);
    await core.call('workspace.open', { handle: core.files.registerPath(cli.dir) });
    await core.call('service.start', {});
  });

  it('refuses what it does not know, in the words of the catalogue', async () => {
    const wrong: [number, string, object?][] = [
      [404, '/metrics'],
      [404, '/metrics/NOPE'],
      [404, '/../etc/passwd'],
      [400, '/metrics/AAA?date=yesterday'],
      [400, '/metrics/AAA?unknown=1'],
      [400, '/ticker-returns?ticker=AAA&ticker=BBB'],
      [400, '/ticker-returns?ticker=AAA&format=exe'],
      [404, '/metrics/AAA', { method: 'DELETE' }],
      [400, '/batch/analyze', { method: 'POST', body: '{' }],
      [400, '/batch/analyze', { method: 'POST', body: '{"tickers":[]}' }],
      [400, '/batch/analyze', { method: 'POST', body: '{"tickers":["AAA"],"__proto__":{"x":1}}' }],
      [400, '/batch/analyze', { method: 'POST', body: JSON.stringify({ tickers: ['A'.repeat(1_100_000)] }) }],
      [400, '/portfolio/aggregate', { method: 'POST', body: '{"positions":[{"ticker":"AAA","weight":"1"}]}' }],
    ];
    for (const [status, path, options] of wrong) {
      const reply = await ask(path, options);
      expect([reply.status, Object.keys(reply.json())], path).toEqual([status, ['error']]);
    }
  });
});

it('documents every field with its unit', () => {
  const page = readFileSync(join(ROOT, 'docs', 'use-from-python.md'), 'utf8');
  for (const field of header.slice(2)) expect(page, field).toMatch(new RegExp(`\\| \`${field}\` +\\| \`\\w+\` +\\| \\S`));
});

describe('what it answers', () => {
  it('gives the fields of a security on a date as the export has them', async () => {
    const now = (await ask('/metrics/AAA')).json() as {
      date: string;
      sector_etf: string;
      metrics: Record<string, unknown>;
      lineage: object;
    };
    expect(now).toMatchObject({ date: last, sector_etf: 'XLK', lineage: { runId: 'R1', knownAsOf: '2026-07-01' } });
    for (const field of header.slice(2, -1)) expect(now.metrics[field], field).toBe(cell('AAA', last, field));
    const then = (await ask(`/metrics/AAA?date=${market.days[80]}`)).json() as typeof now;
    expect(then.metrics.vol).toBe(cell('AAA', market.days[80]!, 'vol'));
  });

  it('gives series as JSON, CSV and Parquet with the same doubles', async () => {
    const reply = (await ask('/l3-decomposition?ticker=BBB&years=1')).json() as { data: { date: string; l3_mkt_hr: number | null }[] };
    expect(reply.data.map(({ date }) => date)).toEqual(rows.filter((row) => row[1] === 'BBB').map((row) => row[0]));
    for (const { date, l3_mkt_hr } of reply.data) expect(l3_mkt_hr).toBe(cell('BBB', date, 'l3_mkt_hr'));
    const from = market.days[100]!;
    const csv = await ask(`/ticker-returns?ticker=BBB&from=${from}&format=csv`);
    expect(csv.type).toContain('text/csv');
    const lines = csv.bytes.toString().trim().split('\n');
    expect(lines[0]).toBe('date,ticker,l1_fr,l2_fr,l3_fr,l1_cfr,l2_cfr,l3_cfr,l1_rr,l2_rr,l3_rr,returns_gross,flags');
    expect(lines).toHaveLength(21);
    const parquet = tableFromIPC(readParquet((await ask(`/ticker-returns?ticker=BBB&from=${from}&format=parquet`)).bytes).intoIPCStream());
    const arrow = await ask(`/ticker-returns?ticker=BBB&from=${from}&format=arrow`);
    expect(arrow.type).toBe('application/vnd.apache.arrow.file');
    for (const table of [parquet, tableFromIPC(arrow.bytes)])
      lines.slice(1).forEach((line, i) => expect(table.getChild('l3_rr')!.get(i)).toBe(Number(line.split(',')[10])));
  });

  it('serves a batch although one ticker is unknown', async () => {
    const { results } = (await ask('/batch/analyze', { method: 'POST', body: '{"tickers":["AAA","NOPE"]}' })).json() as {
      results: Record<string, { status: string; full_metrics?: Record<string, unknown>; error?: { code: string } }>;
    };
    expect(results.AAA).toMatchObject({ status: 'success', full_metrics: { vol: cell('AAA', last, 'vol') } });
    // No options of the command line: a script has none.
    expect(results.NOPE).toMatchObject({ status: 'error', error: { code: 'not_found', action: 'Check the spelling of the ticker.' } });
  });

  it('sums over positions without ever renormalising, and says what is not covered', async () => {
    const positions = [{ ticker: 'AAA', weight: 0.5 }, { ticker: 'BBB', weight: 0.3 }, { ticker: 'NOPE', weight: 0.2 }]; // prettier-ignore
    const reply = (await ask('/portfolio/aggregate', { method: 'POST', body: JSON.stringify({ positions }) })).json() as {
      label: string;
      aggregate: Record<string, number>;
      coverage: Record<string, number>;
      missing: { ticker: string }[];
    };
    const expected = 0.5 * cell('AAA', last, 'l3_mkt_hr')! + 0.3 * cell('BBB', last, 'l3_mkt_hr')!;
    expect(reply.aggregate.l3_mkt_hr).toBe(expected);
    expect(reply.coverage.l3_mkt_hr).toBeCloseTo(0.8, 12);
    expect(reply.missing.map(({ ticker }) => ticker)).toEqual(['NOPE']);
    expect(reply.label).toContain('not a risk');
  });

  it('describes exactly the routes it has', async () => {
    const document = (await ask('/openapi.json')).json() as {
      openapi: string;
      paths: Record<string, object>;
      components: { schemas: { Metrics: { properties: object } } };
    };
    expect(document.openapi).toBe('3.1.0');
    expect(Object.entries(document.paths).map(([path, methods]) => `${Object.keys(methods).join()} ${path}`)).toEqual([
      'get /metrics/{ticker}',
      'get /ticker-returns',
      'get /l3-decomposition',
      'post /batch/analyze',
      'post /portfolio/aggregate',
    ]);
    expect(Object.keys(document.components.schemas.Metrics.properties)).toEqual(header.slice(2));
    expect(document.paths['/ticker-returns']).toMatchObject({
      get: { parameters: expect.arrayContaining([expect.objectContaining({ name: 'ticker', required: true, in: 'query' })]) as unknown },
    });
  });

  it('gives the application the same cube as typed columns', async () => {
    const { header: head, columns } = await core.columns('cube.get', {
      tickers: ['AAA', 'BBB'],
      fields: ['l3_mkt_hr', 'vol'],
      names: 'long',
    });
    expect(Object.keys(columns)).toEqual(['day', 'ticker', 'l3_market_hr', 'volatility']);
    const tickers = head.tickers as string[];
    columns.volatility!.forEach((value, i) => {
      const date = new Date(columns.day![i]! * 86_400_000).toISOString().slice(0, 10);
      expect(value).toBe(cell(tickers[columns.ticker![i]!]!, date, 'vol') ?? NaN);
    });
  });

  it('offers every format as one file', async () => {
    for (const [format, byYear, magic] of [
      ['csv', false, '# runId'],
      ['parquet', false, 'PAR1'],
      ['parquet', true, 'PK'],
      ['arrow', false, 'ARROW1'],
      ['zarr', false, 'PK'],
    ] as const) {
      const { jobId } = await core.call('cube.export', { format, byYear, fields: ['vol'] });
      let job = await core.call('jobs.get', { jobId });
      while (job.status === 'running') {
        await new Promise((resolve) => setTimeout(resolve, 20));
        job = await core.call('jobs.get', { jobId });
      }
      expect(job.error).toBeNull();
      const [artifact] = (job.result as { artifacts: { artifactId: string; bytes: number }[] }).artifacts;
      const chunks: Uint8Array[] = [];
      for await (const chunk of core.files.artifact(artifact!.artifactId)!.stream) chunks.push(chunk);
      const bytes = Buffer.concat(chunks);
      expect(bytes.length).toBe(artifact!.bytes);
      expect(bytes.toString('latin1', 0, magic.length), format).toBe(magic);
    }
  });
});
