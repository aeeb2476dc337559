import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { HedgerowError } from '../contract/errors.ts';
import { decodeFrame } from '../contract/frame.ts';
import type { CoreEvent } from '../contract/methods.ts';
import { SHOWN_HEADER } from '../contract/shown.ts';
import type { CorePort } from './core-port.ts';
import { createHandler, displayName } from './handler.ts';
import { newHandles, type Handles } from './handles.ts';

const folder = mkdtempSync(join(tmpdir(), 'handler-'));
mkdirSync(join(folder, 'site', 'assets'), { recursive: true });
writeFileSync(join(folder, 'site', 'index.html'), '<!doctype html>');
writeFileSync(join(folder, 'site', 'assets', 'a.js'), '1');
writeFileSync(join(folder, 'site', 'keys.txt'), 'not a page file');
writeFileSync(join(folder, 'secret.html'), 'outside');
afterAll(() => rmSync(folder, { recursive: true }));

/** The smallest core: it records what got through the door. */
function recordingCore() {
  const calls: { method: string; input: unknown }[] = [];
  const listeners = new Set<(event: CoreEvent) => void>();
  const spools = new Map<string, string>();
  const core: CorePort = {
    call: (async (method: string, input: unknown) => {
      calls.push({ method, input });
      if (method === 'workspace.info') throw new HedgerowError('not_found', 'No workspace.', 'Open one.');
      if (method === 'jobs.list') throw new TypeError('broken inside');
      return null;
    }) as CorePort['call'],
    columns: async (_method, input) => ({
      header: { id: 'securityId' in input ? input.securityId : 0 },
      columns: { day: new Int32Array([1, 2]), l1_mkt_hr: new Float64Array([-0.5, NaN]) },
    }),
    events: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    files: {
      registerPath: (path) => path,
      path: () => null,
      installer: () => null,
      spool: (name) => {
        let text = '';
        return {
          handle: 'h'.repeat(20),
          write: (chunk) => void (text += new TextDecoder().decode(chunk)),
          end: () => void spools.set(name, text),
          abort: () => void spools.set(name, 'aborted'),
        };
      },
      artifact: (id) =>
        id === 'one'
          ? {
              name: "orders (1) 'é'.csv",
              bytes: 3,
              stream: (async function* () {
                yield new TextEncoder().encode('a,b');
              })(),
            }
          : null,
    },
    opened: () => 2,
    openFolder: () => null,
    close: async () => undefined,
  };
  return { core, calls, listeners, spools };
}

function setUp(options: { authorize?: (request: Request) => Handles | null; uploadLimit?: number } = {}) {
  const recording = recordingCore();
  const own = newHandles();
  const handle = createHandler(recording.core, { assetsDir: join(folder, 'site'), authorize: () => own, ...options });
  const request = (path: string, init?: RequestInit): Promise<Response> => handle(new Request(`http://app.test${path}`, init));
  const post = (path: string, body: string, type = 'application/json'): Promise<Response> =>
    request(path, { method: 'POST', body, headers: { 'content-type': type } });
  return { ...recording, request, post, own };
}

describe('methods', () => {
  it('says of a value that was typed what is wrong with it, and of an input of another shape that it was refused', async () => {
    const { post } = setUp();
    const told = async (input: object) =>
      ((await (await post('/api/hedge.preview', JSON.stringify(input))).json()) as { error: object }).error;
    expect(await told({ grossCap: 1e30 })).toMatchObject({
      code: 'usage',
      message: 'gross cap: at most 1,000,000,000,000, not 1e+30.',
      action: 'Correct it and try again.',
    });
    expect(await told({ exclude: ['SPY', 'X'.repeat(40)] })).toMatchObject({ message: 'exclude 2: at most 32 characters, not 40.' });
    expect(await told({ grossCap: 'all' })).toMatchObject({ message: expect.stringContaining('The request was refused: hedge.preview') });
  });

  it('does nothing in a workspace that is not the one the page shows', async () => {
    const { request, calls } = setUp();
    const ask = async (method: string, body: object, shown: string): Promise<unknown> => {
      const headers = { 'content-type': 'application/json', [SHOWN_HEADER]: shown };
      return (await request(`/api/${method}`, { method: 'POST', body: JSON.stringify(body), headers })).json();
    };
    expect(await ask('batches.undo', { batchId: 1 }, '1')).toMatchObject({ error: { code: 'blocked' } });
    expect(await ask('security.open', { securityId: 7, fields: ['l1_mkt_hr'] }, '1')).toMatchObject({ error: { code: 'blocked' } });
    expect(calls).toEqual([]);
    // What is about the program is done whatever is shown.
    await ask('preferences.get', {}, '1');
    await ask('batches.undo', { batchId: 1 }, '2');
    expect(calls.map(({ method }) => method)).toEqual(['preferences.get', 'batches.undo']);
  });

  it('passes validated input to the core and answers with JSON', async () => {
    const { post, calls } = setUp();
    const response = await post('/api/security.search', '{"text":"WM"}');
    expect([response.status, await response.json()]).toEqual([200, null]);
    expect(calls).toEqual([{ method: 'security.search', input: { text: 'WM' } }]);
  });

  it('takes a table of a large book, and says of a larger one what to do; anything else stays small', async () => {
    const { post, calls } = setUp();
    const body = (megabytes: number): string => JSON.stringify({ name: 'book.csv', text: 'x'.repeat(megabytes * 1e6) });
    expect((await post('/api/files.offer', body(20))).status).toBe(200);
    expect(calls.map(({ method }) => method)).toEqual(['files.offer']);
    const refused = await post('/api/files.offer', body(48));
    expect([refused.status, await refused.json()]).toMatchObject([
      400,
      { error: { message: 'The table is larger than 48 MB.', action: 'Show fewer columns or fewer rows, and save it again.' } },
    ]);
    expect((await post('/api/presets.save', body(9))).status).toBe(400);
    expect(calls.length).toBe(1);
  });

  it.each([
    ['an unknown method', '/api/workspace.drop', '{}', 404],
    ['a method of Object', '/api/toString', '{}', 404],
    ['__proto__ as a method', '/api/__proto__', '{}', 404],
    ['a wrong type', '/api/batches.undo', '{"batchId":"1"}', 400],
    ['an unknown key', '/api/workspace.recent', '{"path":"/etc"}', 400],
    ['a __proto__ key', '/api/security.search', '{"text":"a","__proto__":{"limit":1}}', 400],
    ['a nested constructor key', '/api/hedge.preview', '{"layers":{"market":1,"sector":1,"subsector":1,"constructor":{}}}', 400],
    ['a __proto__ key in escapes', '/api/security.search', String.raw`{"text":"a","\u005f_proto__":{"limit":1}}`, 400],
    ['an array for an object', '/api/workspace.recent', '[]', 400],
    ['no body', '/api/workspace.recent', '', 400],
    ['broken JSON', '/api/workspace.recent', '{', 400],
    ['bottomless nesting', '/api/workspace.recent', '['.repeat(200_000), 400],
    ['NaN as text', '/api/hedge.preview', '{"minTrade":NaN}', 400],
    ['a fraction over 100 %', '/api/hedge.preview', '{"layers":{"market":101,"sector":0,"subsector":0}}', 400],
    ['a date that is none', '/api/book.get', '{"date":"yesterday"}', 400],
    ['a body over 8 MB', '/api/security.search', `{"text":"${'a'.repeat(8_000_001)}"}`, 400],
  ])('refuses %s without reaching the core', async (_what, path, body, status) => {
    const { post, calls } = setUp();
    const response = await post(path, body);
    const { error } = (await response.json()) as { error: { code: string; message: string } };
    expect([response.status, error.code]).toEqual([status, 'usage']);
    expect(error.message.length).toBeLessThan(400);
    expect(calls).toEqual([]);
    expect(({} as { limit?: number }).limit).toBeUndefined();
  });

  it('refuses other content types and methods', async () => {
    const { post, request, calls } = setUp();
    expect((await post('/api/workspace.recent', '{}', 'text/plain')).status).toBe(400);
    expect((await request('/api/workspace.recent')).status).toBe(404);
    expect((await request('/api/workspace.recent', { method: 'DELETE' })).status).toBe(405);
    expect(calls).toEqual([]);
  });

  it('answers failures with catalogue data and no stack', async () => {
    const { post } = setUp();
    const known = await post('/api/workspace.info', '{}');
    expect([known.status, await known.json()]).toEqual([
      404,
      { error: { code: 'not_found', message: 'No workspace.', action: 'Open one.', retryable: false } },
    ]);
    const unknown = await post('/api/jobs.list', '{}');
    const text = await unknown.text();
    expect(unknown.status).toBe(500);
    expect(text).toContain('broken inside');
    expect(text).not.toMatch(/handler\.test|at .*:\d+/);
  });

  it('answers nothing to who gave up: a browser tells of a failure even where nobody waits for it', async () => {
    const { request } = setUp();
    const abort = new AbortController();
    const init = { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' }, signal: abort.signal };
    expect((await request('/api/workspace.info', init)).status).toBe(404);
    const answer = request('/api/workspace.info', init);
    abort.abort();
    expect((await answer).status).toBe(204);
  });

  it('sends columns as a frame', async () => {
    const { post } = setUp();
    const response = await post('/api/security.open', '{"securityId":7,"fields":["l1_mkt_hr"]}');
    const { header, columns } = decodeFrame(await response.arrayBuffer());
    expect(header).toEqual({ id: 7 });
    expect(columns['day']).toEqual(new Int32Array([1, 2]));
    expect(columns['l1_mkt_hr']).toEqual(new Float64Array([-0.5, NaN]));
  });

  it('asks for authority on everything under /api', async () => {
    const { request, post, calls } = setUp({ authorize: () => null });
    for (const response of [
      await post('/api/workspace.recent', '{}'),
      await request('/api/events'),
      await request('/api/artifact/one'),
      await post('/api/upload?name=a.csv', 'x'),
    ]) {
      expect(response.status).toBe(403);
    }
    expect(calls).toEqual([]);
  });
});

it('opens a file only for the window that was given its handle, wherever in an input the handle stands', async () => {
  const { post, calls, own } = setUp();
  const [mine, other] = ['m'.repeat(20), 'o'.repeat(20)];
  own.grant(mine);
  const status = async (method: string, input: object): Promise<number> => (await post(`/api/${method}`, JSON.stringify(input))).status;
  for (const [method, input] of [
    ['workspace.open', { handle: other }],
    ['import.stage', { handle: other }],
    ['orders.verify', { orders: mine, manifest: other }],
    ['orders.fills', { file: other }],
    ['update.apply', { handle: other }],
    ['today.setWatch', { folder: other }],
    ['today.refresh', { handles: [mine, other] }],
  ] as const)
    expect([method, await status(method, input)]).toEqual([method, 404]);
  expect(calls).toEqual([]);
  expect(await status('orders.verify', { orders: mine, manifest: mine })).toBe(200);
  expect(await status('today.setWatch', { folder: 'inbox' })).toBe(200);
  expect(await status('today.refresh', { handles: [mine] })).toBe(200);
  expect(await status('today.refresh', {})).toBe(200);
});

it('gives a window the handles an answer names, at any depth', async () => {
  const { post, core, own } = setUp();
  const [top, deep] = ['t'.repeat(20), 'd'.repeat(20)];
  core.call = (async (method: string) =>
    method === 'workspace.recent' ? [{ handle: top }] : { folder: { waiting: [{ handle: deep, name: 'a.csv' }] } }) as never;
  await post('/api/workspace.recent', '{}');
  await post('/api/today.watch', '{}');
  expect([own.has(top), own.has(deep)]).toEqual([true, true]);
});

describe('events', () => {
  it('streams what happens and stops listening when the reader goes away', async () => {
    const { request, listeners } = setUp();
    const response = await request('/api/events');
    const reader = response.body!.getReader();
    const read = async (): Promise<string> => new TextDecoder().decode((await reader.read()).value);
    expect(await read()).toBe(': open\n\n');
    for (const listener of listeners) listener({ type: 'workspace', revision: 3 });
    expect(await read()).toBe('data: {"type":"workspace","revision":3}\n\n');
    await reader.cancel();
    expect(listeners.size).toBe(0);
  });

  it('stops listening when the request is aborted', async () => {
    const { request, listeners } = setUp();
    const abort = new AbortController();
    await request('/api/events', { signal: abort.signal });
    expect(listeners.size).toBe(1);
    abort.abort();
    expect(listeners.size).toBe(0);
  });

  it('cuts off a reader that does not keep up', async () => {
    const { request, listeners } = setUp();
    await request('/api/events');
    for (let i = 0; i < 1100; i += 1) for (const listener of listeners) listener({ type: 'workspace', revision: i });
    expect(listeners.size).toBe(0);
  });
});

describe('files', () => {
  it('spools an upload under its bare name', async () => {
    const { post, spools } = setUp();
    const response = await post(`/api/upload?name=${encodeURIComponent('../../etc/prices.csv')}`, 'date,ticker', 'text/csv');
    expect(await response.json()).toEqual({ handle: 'h'.repeat(20), name: 'prices.csv', bytes: 11 });
    expect(spools).toEqual(new Map([['prices.csv', 'date,ticker']]));
  });

  it('drops an upload over the limit', async () => {
    const { post, spools } = setUp({ uploadLimit: 10 });
    expect((await post('/api/upload?name=a.csv', '12345678901')).status).toBe(400);
    expect(spools.get('a.csv')).toBe('aborted');
  });

  it('takes folders, control and direction characters out of names', () => {
    expect(displayName('C:\\x\\a\u202egnp.csv')).toBe('agnp.csv');
    expect(displayName('a\u0000\nb.csv')).toBe('ab.csv');
    for (const name of ['', '..', '/', 'a/..']) expect(() => displayName(name)).toThrow(HedgerowError);
  });

  it('offers an artifact as a download and refuses other ids', async () => {
    const { request } = setUp();
    const response = await request('/api/artifact/one');
    expect(await response.text()).toBe('a,b');
    expect(response.headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''orders%20%281%29%20%27%C3%A9%27.csv");
    expect((await request('/api/artifact/two')).status).toBe(404);
    expect((await request('/api/artifact/..%2Fone')).status).toBe(404);
  });

  it('serves the page with its security headers, and nothing outside the folder', async () => {
    const { request } = setUp();
    const page = await request('/');
    expect([page.status, await page.text()]).toEqual([200, '<!doctype html>']);
    expect(page.headers.get('content-security-policy')).toContain("require-trusted-types-for 'script'");
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    expect(page.headers.get('cross-origin-embedder-policy')).toBe('require-corp');
    expect((await request('/assets/a.js')).status).toBe(200);
    for (const path of ['/../secret.html', '/%2e%2e/secret.html', '/..%2fsecret.html', '/assets', '/keys.txt', '//etc/passwd']) {
      expect((await request(path)).status).toBe(404);
    }
  });
});
