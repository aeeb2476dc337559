/** The HTTP server of the read-only interface. It answers this machine's own scripts and nobody else. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import * as v from 'valibot';
import { HedgerowError, toErrorData, type ErrorCode } from '../../contract/errors.ts';
import type { Session } from '../session.ts';
import { openApi } from './openapi.ts';
import { ROUTES, type Route } from './routes.ts';
import { json, type Body } from './tables.ts';

export interface ServiceServer {
  readonly address: string;
  close(): Promise<void>;
}

export interface ServiceOptions {
  /** 0 = any free port. */
  readonly port: number;
  /** Asked at every request, so that a renewed token counts at once. */
  readonly token: () => string;
  readonly session: () => Session;
  readonly version: string;
}

const LARGEST_BODY = 1_000_000;
/** Requests computed at a time; more wait for none of them. */
const MOST_AT_ONCE = 8;
const STATUS: Partial<Record<ErrorCode, number>> = { usage: 400, ambiguous: 400, not_found: 404, data: 422, blocked: 429 };
const HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'cross-origin-resource-policy': 'same-origin' };

/** Starts on 127.0.0.1. Rejects with io when the port is taken. */
export async function startService(options: ServiceOptions): Promise<ServiceServer> {
  let port = options.port;
  let running = 0;
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 }, (request, response) => {
    void (async () => {
      const refusal = refuse(request, port, options.token());
      if (refusal) return send(response, refusal[0], json({ error: new HedgerowError('blocked', refusal[1], refusal[2]).data }));
      if (running >= MOST_AT_ONCE)
        return send(
          response,
          429,
          json({
            error: { ...new HedgerowError('blocked', 'Too many requests at once.', 'Wait for the answers first.').data, retryable: true },
          }),
        );
      running++;
      try {
        send(response, 200, await answer(request, options, `http://127.0.0.1:${port}`));
      } catch (error) {
        const data = toErrorData(error);
        send(response, STATUS[data.code] ?? 500, json({ error: data }));
      } finally {
        running--;
      }
    })();
  });
  server.maxConnections = 64;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new HedgerowError(
          'io',
          error.code === 'EADDRINUSE' ? `Port ${port} is in use by another program.` : `Port ${port} cannot be opened: ${error.message}`,
          'Choose another port.',
        ),
      ),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
  const bound = server.address();
  if (typeof bound === 'object' && bound) port = bound.port;
  return {
    address: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Status, message and action of a refusal; null for a request that may be answered. */
function refuse({ headers }: IncomingMessage, port: number, token: string): [number, string, string] | null {
  if (headers.host !== `127.0.0.1:${port}` && headers.host !== `localhost:${port}`)
    return [403, 'The request names another host.', `Ask http://127.0.0.1:${port}.`];
  const site = headers['sec-fetch-site'];
  if (headers.origin !== undefined || (site !== undefined && site !== 'none'))
    return [403, 'Web pages are not answered.', 'Ask from a script or a notebook.'];
  const given = /^Bearer (\S{1,200})$/.exec(headers.authorization ?? '')?.[1] ?? '';
  if (!equal(given, token))
    return [401, 'The token is missing or wrong.', 'Copy the token from Settings and send it as Authorization: Bearer TOKEN.'];
  return null;
}

function equal(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

async function answer(request: IncomingMessage, options: ServiceOptions, address: string): Promise<Body> {
  const url = new URL(address + (request.url ?? '/'));
  if (request.method === 'GET' && url.pathname === '/openapi.json') return json(openApi(address, options.version));
  if (request.method === 'GET' && url.pathname === '/health') return json({ status: 'ok', version: options.version });
  for (const route of ROUTES) {
    const parts = route.method === request.method ? match(route.path, url.pathname) : null;
    if (!parts) continue;
    const given = route.method === 'GET' ? { ...query(url), ...parts } : await body(request);
    return route.answer(options.session(), validated(route, given) as never);
  }
  throw new HedgerowError(
    'not_found',
    `There is no ${request.method} ${url.pathname.slice(0, 100)}.`,
    'GET /openapi.json lists what there is.',
  );
}

function match(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return null;
  const parts: Record<string, string> = {};
  for (const [i, part] of wanted.entries()) {
    if (!part.startsWith('{')) {
      if (part !== given[i]) return null;
      continue;
    }
    try {
      parts[part.slice(1, -1)] = decodeURIComponent(given[i]!);
    } catch {
      return null;
    }
  }
  return parts;
}

function query(url: URL): Record<string, string> {
  const out: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [name, value] of url.searchParams) {
    if (name in out) throw new HedgerowError('usage', `"${name.slice(0, 40)}" is given twice.`, 'Give it once.');
    out[name] = value;
  }
  return out;
}

async function body(request: IncomingMessage): Promise<unknown> {
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? ''))
    throw new HedgerowError('usage', 'The body is not JSON.', 'Send it with Content-Type: application/json.');
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Read to its end, so that the refusal arrives instead of a broken connection; only an endless one is cut off.
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= LARGEST_BODY) chunks.push(chunk);
    if (bytes > 64 * LARGEST_BODY) break;
  }
  if (bytes > LARGEST_BODY) throw new HedgerowError('usage', 'The body is larger than 1 MB.', 'Ask for fewer at once.');
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  } catch {
    throw new HedgerowError('usage', 'The body is not valid JSON.', 'Check its quotes and commas.');
  }
}

function validated(route: Route, given: unknown): unknown {
  const parsed = v.safeParse(route.input, given);
  if (parsed.success) return parsed.output;
  const issue = parsed.issues[0];
  throw new HedgerowError(
    'usage',
    `${v.getDotPath(issue) ?? 'input'}: ${issue.message.slice(0, 200)}`,
    'GET /openapi.json describes the input.',
  );
}

function send(response: ServerResponse, status: number, { type, bytes }: Body): void {
  if (response.destroyed) return;
  const content = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
  response.writeHead(status, { ...HEADERS, 'content-type': type, 'content-length': content.length }).end(content);
}
