import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { JobView } from '../contract/methods.ts';
import type { CorePort } from '../shell-common/core-port.ts';
import { findBrowser, noDisplay } from './browser.ts';
import { launchBrowserShell, type BrowserShell } from './launch.ts';
import { SESSION_HEADER } from './server.ts';

const folder = mkdtempSync(join(tmpdir(), 'loopback-'));
mkdirSync(join(folder, 'site'));
writeFileSync(join(folder, 'site', 'index.html'), '<!doctype html>');
const shells: BrowserShell[] = [];
afterAll(async () => {
  await Promise.all(shells.map((shell) => shell.close()));
  rmSync(folder, { recursive: true });
});

/** A core with nothing but jobs; what is tested is the door. */
async function setUp(jobs: () => readonly Pick<JobView, 'status'>[] = () => []) {
  let uploaded = 0;
  const core: CorePort = {
    call: (async (method: string) => (method === 'jobs.list' ? jobs() : null)) as unknown as CorePort['call'],
    columns: async () => ({ header: {}, columns: {} }),
    events: () => () => undefined,
    files: {
      registerPath: (path) => path,
      spool: () => ({
        handle: 'h'.repeat(20),
        write: (chunk) => void (uploaded += chunk.length),
        end: () => undefined,
        abort: () => undefined,
      }),
      artifact: () => null,
    },
    close: async () => undefined,
  };
  const shell = await launchBrowserShell(core, {
    assetsDir: join(folder, 'site'),
    home: folder,
    open: false,
    grace: 50,
    say: () => undefined,
  });
  shells.push(shell);
  const code = shell.launchUrl.split('#launch=')[1]!;
  const openSession = (given: string): Promise<Response> => fetch(`${shell.origin}/session`, { method: 'POST', body: given });
  return { shell, code, openSession, uploaded: () => uploaded };
}

/** fetch() does not let a test forge Host. */
function raw(origin: string, path: string, headers: Record<string, string>, method = 'GET'): Promise<number> {
  return new Promise((resolve, reject) => {
    httpRequest(`${origin}${path}`, { method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

describe('loopback server', () => {
  it('trades the launch code once for a secret that opens /api', async () => {
    const { shell, code, openSession } = await setUp();
    const answer = await openSession(code);
    const secret = await answer.text();
    expect(answer.status).toBe(200);
    expect((await openSession(code)).status).toBe(403);
    const list = (headers: Record<string, string>): Promise<Response> =>
      fetch(`${shell.origin}/api/jobs.list`, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json', ...headers } });
    expect((await list({ [SESSION_HEADER]: secret })).status).toBe(200);
    expect((await list({})).status).toBe(403);
    expect((await list({ [SESSION_HEADER]: `${secret}x` })).status).toBe(403);
    expect((await list({ [SESSION_HEADER]: code })).status).toBe(403);
    expect((await list({ cookie: `${SESSION_HEADER}=${secret}` })).status).toBe(403);
  });

  it('gives nobody a second guess', async () => {
    const { code, openSession } = await setUp();
    expect((await openSession('guess')).status).toBe(403);
    expect((await openSession(code)).status).toBe(403);
  });

  it('refuses other hosts, origins and sites', async () => {
    const { shell } = await setUp();
    const port = new URL(shell.origin).port;
    expect(await raw(shell.origin, '/', {})).toBe(200);
    expect(await raw(shell.origin, '/', { host: `evil.example:${port}` })).toBe(403);
    expect(await raw(shell.origin, '/', { host: `localhost:${port}` })).toBe(403);
    expect(await raw(shell.origin, '/', { host: '127.0.0.1' })).toBe(403);
    expect(await raw(shell.origin, '/', { origin: 'http://evil.example' })).toBe(403);
    expect(await raw(shell.origin, '/', { origin: 'null' })).toBe(403);
    expect(await raw(shell.origin, '/', { 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await raw(shell.origin, '/', { 'sec-fetch-site': 'none' })).toBe(200);
    expect(await raw(shell.origin, '//evil.example/', {})).toBe(404);
  });

  it('takes a large upload as a stream', async () => {
    const { shell, code, openSession, uploaded } = await setUp();
    const secret = await (await openSession(code)).text();
    const response = await fetch(`${shell.origin}/api/upload?name=a.csv`, {
      method: 'POST',
      body: new Uint8Array(30_000_000),
      headers: { [SESSION_HEADER]: secret },
    });
    expect([response.status, uploaded()]).toEqual([200, 30_000_000]);
  });

  it('ends when its page is gone and no job runs, and not before', async () => {
    let running = true;
    const { shell, code, openSession } = await setUp(() => (running ? [{ status: 'running' }] : []));
    const secret = await (await openSession(code)).text();
    const listen = async (): Promise<AbortController> => {
      const abort = new AbortController();
      await fetch(`${shell.origin}/api/events`, { headers: { [SESSION_HEADER]: secret }, signal: abort.signal });
      return abort;
    };
    let ended = false;
    void shell.ended.then(() => (ended = true));
    (await listen()).abort();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(ended).toBe(false); // A job still runs.
    const page = await listen();
    running = false;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(ended).toBe(false); // The page came back.
    page.abort();
    await shell.ended;
  });
});

describe('finding a browser', () => {
  it('prefers the one asked for, then the first on the path', () => {
    for (const name of ['chromium', 'google-chrome', 'mine']) {
      writeFileSync(join(folder, name), '');
      chmodSync(join(folder, name), 0o755);
    }
    expect(findBrowser({ PATH: folder }, 'linux')).toBe(join(folder, 'google-chrome'));
    expect(findBrowser({ PATH: folder, HEDGEROW_BROWSER: join(folder, 'mine') }, 'linux')).toBe(join(folder, 'mine'));
    expect(findBrowser({ PATH: join(folder, 'site') }, 'linux')).toBeNull();
  });

  it('knows when nothing can open', () => {
    expect(noDisplay({}, 'linux')).toBe('there is no display');
    expect(noDisplay({ DISPLAY: ':1' }, 'linux')).toBeNull();
    expect(noDisplay({}, 'win32')).toBeNull();
  });
});
