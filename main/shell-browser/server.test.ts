import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { JobView } from '../contract/methods.ts';
import type { CorePort } from '../shell-common/core-port.ts';
import { findBrowser, noDisplay } from './browser.ts';
import { peerUser } from './peer.ts';
import { launchBrowserShell, type BrowserShell } from './launch.ts';
import { SESSION_HEADER, startLoopback } from './server.ts';

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
      path: () => null,
      installer: () => null,
      spool: () => ({
        handle: 'h'.repeat(20),
        write: (chunk) => void (uploaded += chunk.length),
        end: () => undefined,
        abort: () => undefined,
      }),
      artifact: () => null,
    },
    opened: () => 0,
    openFolder: () => null,
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
    expect((await fetch(`${shell.origin}/api/events`)).status).toBe(403);
  });

  it('trades the code again for the page that was reloaded before its answer came, and for nobody else', async () => {
    const { shell, code, openSession } = await setUp();
    const claim = `${code} ${'n'.repeat(64)}`;
    const lost = await (await openSession(claim)).text();
    for (const other of [code, `${code} `, `${code} ${'m'.repeat(64)}`, `x ${'n'.repeat(64)}`])
      expect((await openSession(other)).status).toBe(403);
    const again = await openSession(claim);
    expect(again.status).toBe(200);
    const secret = await again.text();
    const list = async (given: string): Promise<number> =>
      (
        await fetch(`${shell.origin}/api/jobs.list`, {
          method: 'POST',
          body: '{}',
          headers: { 'content-type': 'application/json', [SESSION_HEADER]: given },
        })
      ).status;
    // The secret that was on its way opens nothing, and once the new one was used the code is spent for good.
    expect(await list(lost)).toBe(403);
    expect((await openSession(claim)).status).toBe(200);
    expect(await list(secret)).toBe(403);
    const last = await (await openSession(claim)).text();
    expect(await list(last)).toBe(200);
    expect((await openSession(claim)).status).toBe(403);
    expect(await list(last)).toBe(200);
  });

  it('takes no nonce that could be guessed', async () => {
    const { code, openSession } = await setUp();
    expect((await openSession(`${code} 123`)).status).toBe(200);
    expect((await openSession(`${code} 123`)).status).toBe(403);
  });

  it('is not locked by the guesses of another program', async () => {
    const { code, openSession } = await setUp();
    for (const guess of ['guess', '', code.slice(1), `${code}x`, '\0']) expect((await openSession(guess)).status).toBe(403);
    expect((await openSession(code)).status).toBe(200);
  });

  it('reads no more of a stranger’s body than a code is long', async () => {
    const { shell, openSession, code } = await setUp();
    let sent = 0;
    const endless = new ReadableStream({
      pull(controller) {
        sent += 1 << 20;
        controller.enqueue(new Uint8Array(1 << 20));
        if (sent > 100 << 20) controller.close();
      },
    });
    const status = await fetch(`${shell.origin}/session`, { method: 'POST', body: endless, duplex: 'half' } as RequestInit).then(
      (response) => response.status,
      () => 0,
    );
    expect([0, 403]).toContain(status);
    expect(sent).toBeLessThan(50 << 20);
    expect((await openSession(code)).status).toBe(200);
  });

  it('opens another window for a window, with handles of its own', async () => {
    const { shell, code, openSession } = await setUp();
    const next = (secret: string): Promise<Response> =>
      fetch(`${shell.origin}/session/next`, { method: 'POST', headers: { [SESSION_HEADER]: secret } });
    expect((await next('')).status).toBe(403);
    const first = await (await openSession(code)).text();
    const address = await (await next(first)).text();
    const second = await (await openSession(address.split('#launch=')[1]!)).text();
    const uploaded = await fetch(`${shell.origin}/api/upload?name=a.csv`, {
      method: 'POST',
      body: 'x',
      headers: { [SESSION_HEADER]: first },
    });
    const { handle } = (await uploaded.json()) as { handle: string };
    const stage = async (secret: string): Promise<number> =>
      (
        await fetch(`${shell.origin}/api/import.stage`, {
          method: 'POST',
          body: JSON.stringify({ handle }),
          headers: { 'content-type': 'application/json', [SESSION_HEADER]: secret },
        })
      ).status;
    expect([await stage(first), await stage(second)]).toEqual([200, 404]);
  });

  it.skipIf(process.getuid?.() !== 0 || process.platform !== 'linux')(
    'turns away a process of another user, even with the right code',
    async () => {
      const { shell, code, openSession } = await setUp();
      const script = `fetch(${JSON.stringify(`${shell.origin}/session`)}, { method: 'POST', body: ${JSON.stringify(code)} })
      .then(async (response) => console.log(response.status, await response.text()))`;
      const other = spawn(process.execPath, ['-e', script], { uid: 65_534, gid: 65_534, env: {}, stdio: ['ignore', 'pipe', 'inherit'] });
      const said = (await other.stdout.toArray()).join('');
      expect(said).toMatch(/^403 Refused/);
      expect((await openSession(code)).status).toBe(200);
    },
  );

  it('refuses a port that another program holds, instead of sharing it', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    const port = (squatter.address() as AddressInfo).port;
    await expect(startLoopback({ port, handler: () => async () => new Response() })).rejects.toThrow(/EADDRINUSE/);
    squatter.close();
  });

  it('survives what is no HTTP', async () => {
    const { shell, code, openSession } = await setUp();
    const { port } = new URL(shell.origin);
    const host = `Host: 127.0.0.1:${port}\r\n`;
    for (const bytes of [
      '\x16\x03\x01\x02\x00',
      `GET ${'/a'.repeat(50_000)} HTTP/1.1\r\n${host}\r\n`,
      `GET / HTTP/1.1\r\n${host}X: ${'y'.repeat(100_000)}\r\n\r\n`,
      `POST /__proto__ HTTP/1.1\r\n${host}Content-Length: 0\r\nConnection: close\r\n\r\n`,
      `GET http://evil.example/ HTTP/1.1\r\n${host}Connection: close\r\n\r\n`,
      `POST /session HTTP/1.1\r\n${host}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      `GET /api/events HTTP/1.1\r\n${host}Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${'A'.repeat(22)}==\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    ]) {
      const socket = connect(Number(port), '127.0.0.1');
      socket.on('error', () => undefined);
      socket.end(bytes, 'latin1');
      const said = (await socket.toArray().catch(() => [])).join('');
      expect(said).not.toMatch(/^HTTP\/1\.1 (101|2)/);
    }
    expect((await openSession(code)).status).toBe(200);
  });

  it('keeps its memory when a page sends 100 MB of JSON, and goes on', async () => {
    const { shell, code, openSession } = await setUp();
    const secret = await (await openSession(code)).text();
    const before = process.memoryUsage().rss;
    let sent = 0;
    const body = new ReadableStream({
      pull(controller) {
        sent += 1 << 20;
        controller.enqueue(new Uint8Array(1 << 20).fill(0x61));
        if (sent >= 100 << 20) controller.close();
      },
    });
    const headers = { [SESSION_HEADER]: secret, 'content-type': 'application/json' };
    const status = await fetch(`${shell.origin}/api/security.search`, {
      method: 'POST',
      body,
      headers,
      duplex: 'half',
    } as RequestInit).then(
      (response) => response.status,
      () => 0,
    );
    expect([0, 400]).toContain(status);
    expect(process.memoryUsage().rss - before).toBeLessThan(80 << 20);
    expect((await fetch(`${shell.origin}/api/jobs.list`, { method: 'POST', body: '{}', headers })).status).toBe(200);
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

it('reads the user of a connection from the system’s table', () => {
  const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1
   1: 0100007F:C350 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1001        0 2 1
   2: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 3 1`;
  expect(peerUser(0xc350, 0x1f90, () => table)).toBe(1001);
  expect(peerUser(0xc351, 0x1f90, () => table)).toBeNull();
  expect(
    peerUser(1, 2, () => {
      throw new Error('no such file');
    }),
  ).toBeNull();
});
