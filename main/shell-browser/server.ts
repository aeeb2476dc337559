/**
 * The loopback server. It answers only requests that name it by its own address (a rebound DNS name does not) and come from
 * its own page or from no page at all. The page trades a one-time launch code for the session secret, which it then sends
 * as a header: no cookie exists that another page could ride on.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { bodyChunks } from '../shell-common/body.ts';
import { newHandles, type Handles } from '../shell-common/handles.ts';
import type { Handler } from '../shell-common/handler.ts';
import { SECURITY_HEADERS } from '../shell-common/headers.ts';
import { isOwnUser } from './peer.ts';

export const SESSION_HEADER = 'x-hedgerow-session';

export interface LoopbackServer {
  /** Address with the one-time launch code in its fragment, which never leaves the browser by itself. */
  readonly launchUrl: string;
  readonly origin: string;
  /** Pages listening for events now. */
  readonly listeners: () => number;
  close(): Promise<void>;
}

export interface LoopbackOptions {
  /** 0 = any free port. */
  readonly port?: number;
  /** Makes the handler; it gets the check every /api request must pass. */
  readonly handler: (authorize: (request: Request) => Handles | null) => Handler;
  /** Let other users of this machine in too, if they have a launch code; for a browser outside the container. */
  readonly anyUser?: boolean;
  /** Told whenever a page starts or stops listening for events. */
  readonly onListeners?: (count: number) => void;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
const newSecret = (): string => randomBytes(32).toString('base64url');
/** Longest launch code or secret that is looked at. */
const LONGEST = 200;
/** Characters of a nonce that nobody guesses. */
const SHORTEST_NONCE = 43;
/** Windows one session may open before it is restarted. */
const MOST_WINDOWS = 100;

interface Window {
  secret: Buffer;
  /** Digest of the launch code and the nonce it was opened with, until its secret was used once. */
  claim: Buffer | null;
  readonly handles: Handles;
}

/** Starts on 127.0.0.1. Rejects when the port is taken. */
export async function startLoopback(options: LoopbackOptions): Promise<LoopbackServer> {
  /** Launch codes not used yet, and the windows that used theirs; both by digest, compared in constant time. */
  const codes: Buffer[] = [];
  const windows: Window[] = [];
  let origin = '';
  let listening = 0;

  const find = (request: Request) => {
    const given = digest((request.headers.get(SESSION_HEADER) ?? '').slice(0, LONGEST));
    const window = windows.find(({ secret }) => timingSafeEqual(secret, given));
    if (!window) return null;
    // It has its secret: what it was traded for is good for nothing any more.
    window.claim = null;
    return window.handles;
  };
  const handle = options.handler(find);

  function launchUrl(): string {
    const code = newSecret();
    codes.push(digest(code));
    return `${origin}/#launch=${code}`;
  }

  const answer = (text: string, status: number): Response =>
    new Response(text, {
      status,
      headers: { ...SECURITY_HEADERS, 'cache-control': 'no-store', 'content-type': 'text/plain; charset=utf-8' },
    });

  /**
   * Spends a launch code. A wrong one spends nothing, else any program of this machine could keep the user out; it cannot be guessed.
   * The page that spent it gets another secret for the same code and nonce as long as it used none: it was reloaded before the answer came.
   */
  async function openSession(request: Request): Promise<Response> {
    const given = (await shortText(request)) ?? '';
    const [code = '', nonce = ''] = given.split(' ');
    const claim = nonce.length >= SHORTEST_NONCE ? digest(given) : null;
    const again = windows.find((window) => claim && window.claim && timingSafeEqual(window.claim, claim));
    const at = codes.findIndex((known) => timingSafeEqual(known, digest(code)));
    if (at < 0 && !again) return answer('The launch code was used already, or is none. Open Hedgerow again.', 403);
    const secret = newSecret();
    if (again) again.secret = digest(secret);
    else {
      codes.splice(at, 1);
      windows.push({ secret: digest(secret), claim, handles: newHandles() });
    }
    return answer(secret, 200);
  }

  /** The address of one more window, for a window that is one already. */
  function nextWindow(request: Request): Response {
    if (!find(request)) return answer('Refused: this page was not opened by the running program.', 403);
    if (windows.length + codes.length >= MOST_WINDOWS) return answer('There are too many windows. Close Hedgerow and open it again.', 429);
    return answer(launchUrl(), 200);
  }

  function allowed(message: IncomingMessage): boolean {
    if (`http://${message.headers.host ?? ''}` !== origin) return false;
    const from = message.headers.origin;
    if (from !== undefined && from !== origin) return false;
    const site = message.headers['sec-fetch-site'];
    return site === undefined || site === 'same-origin' || site === 'none';
  }

  /** Connections of other users, found out before the first byte is read. */
  const strangers = new WeakSet<Socket>();

  async function serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    if (strangers.has(message.socket) || !allowed(message)) {
      response.writeHead(403, { ...SECURITY_HEADERS, 'content-type': 'text/plain' }).end('Refused: not a request of this program.\n');
      return;
    }
    const abort = new AbortController();
    response.on('close', () => abort.abort());
    const request = toRequest(message, origin, abort.signal);
    const path = new URL(request.url).pathname;
    const door = `${request.method} ${path}`;
    const reply =
      door === 'POST /session' ? await openSession(request) : door === 'POST /session/next' ? nextWindow(request) : await handle(request);
    if (path === '/api/events' && reply.ok) {
      options.onListeners?.((listening += 1));
      response.on('close', () => options.onListeners?.((listening -= 1)));
    }
    await send(reply, response);
  }

  const server: Server = createServer((message, response) => {
    serve(message, response).catch(() => response.destroy());
  });
  server.requestTimeout = 0; // An upload of gigabytes may take its time.
  server.on('connection', (socket) => {
    if (!options.anyUser && !isOwnUser(socket.remotePort, socket.localPort)) strangers.add(socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const address = server.address();
  origin = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  return {
    launchUrl: launchUrl(),
    origin,
    listeners: () => listening,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A body that is short, or null. It is asked for by pages nobody knows yet, so no more is read than could be right. */
async function shortText(request: Request): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bodyChunks(request)) {
    size += chunk.length;
    if (size > LONGEST) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('latin1');
}

function toRequest(message: IncomingMessage, origin: string, signal: AbortSignal): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(message.headers)) {
    if (typeof value === 'string') headers.set(name, value);
  }
  const method = message.method ?? 'GET';
  const init: RequestInit & { duplex?: 'half' } = { method, headers, signal };
  if (method !== 'GET' && method !== 'HEAD') {
    init.body = Readable.toWeb(message) as unknown as ReadableStream<Uint8Array>;
    init.duplex = 'half';
  }
  // Joined as text: `new URL('//elsewhere', origin)` would leave this origin.
  return new Request(origin + (message.url ?? '/'), init);
}

async function send(reply: Response, response: ServerResponse): Promise<void> {
  response.writeHead(reply.status, Object.fromEntries(reply.headers));
  response.flushHeaders();
  const reader = reply.body?.getReader();
  if (!reader) return void response.end();
  response.on('close', () => void reader.cancel().catch(() => undefined));
  while (true) {
    const { done, value } = await reader.read();
    if (done) return void response.end();
    if (!response.write(value) && !response.destroyed) {
      await new Promise<void>((resolve) => {
        const go = (): void => {
          response.off('drain', go);
          response.off('close', go);
          resolve();
        };
        response.on('drain', go);
        response.on('close', go);
      });
    }
  }
}
