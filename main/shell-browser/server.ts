/**
 * The loopback server. It answers only requests that name it by its own address (a rebound DNS name does not) and come from
 * its own page or from no page at all. The page trades a one-time launch code for the session secret, which it then sends
 * as a header: no cookie exists that another page could ride on.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { Handler } from '../shell-common/handler.ts';
import { SECURITY_HEADERS } from '../shell-common/headers.ts';

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
  readonly handler: (authorize: (request: Request) => boolean) => Handler;
  /** Told whenever a page starts or stops listening for events. */
  readonly onListeners?: (count: number) => void;
}

const equal = (a: string, b: string): boolean => {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
};

/** Starts on 127.0.0.1. Rejects when the port is taken. */
export async function startLoopback(options: LoopbackOptions): Promise<LoopbackServer> {
  const secret = randomBytes(32).toString('base64url');
  let code: string | null = randomBytes(32).toString('base64url');
  let origin = '';
  let listening = 0;
  const handle = options.handler((request) => equal(request.headers.get(SESSION_HEADER) ?? '', secret));

  /** Spends the launch code. A wrong guess spends it too, so nobody gets two tries. */
  async function openSession(request: Request): Promise<Response> {
    const given = await request.text();
    const expected = code;
    const right = expected !== null && given.length < 200 && equal(given, expected);
    if (given !== '') code = null;
    return new Response(right ? secret : 'The launch code was used already. Open Hedgerow again.', {
      status: right ? 200 : 403,
      headers: { ...SECURITY_HEADERS, 'cache-control': 'no-store', 'content-type': 'text/plain; charset=utf-8' },
    });
  }

  function allowed(message: IncomingMessage): boolean {
    if (`http://${message.headers.host ?? ''}` !== origin) return false;
    const from = message.headers.origin;
    if (from !== undefined && from !== origin) return false;
    const site = message.headers['sec-fetch-site'];
    return site === undefined || site === 'same-origin' || site === 'none';
  }

  async function serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!allowed(message)) {
      response.writeHead(403, { ...SECURITY_HEADERS, 'content-type': 'text/plain' }).end('Refused: not a request of this program.\n');
      return;
    }
    const abort = new AbortController();
    response.on('close', () => abort.abort());
    const request = toRequest(message, origin, abort.signal);
    const path = new URL(request.url).pathname;
    const reply = path === '/session' && request.method === 'POST' ? await openSession(request) : await handle(request);
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
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const address = server.address();
  origin = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  return {
    launchUrl: `${origin}/#launch=${code}`,
    origin,
    listeners: () => listening,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
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
