/** One fetch-shaped handler for both shells: the contract's methods, events, uploads, artifacts and the renderer's files. */
import * as v from 'valibot';
import { HedgerowError, toErrorData, type ErrorCode, type ErrorData } from '../contract/errors.ts';
import { encodeFrame, FRAME_TYPE } from '../contract/frame.ts';
import { METHODS, MOST_BYTES, takesTable, type Method } from '../contract/methods.ts';
import { QUESTION_HEADER, type Asker } from '../contract/questions.ts';
import { isOfProgram, SHOWN_HEADER } from '../contract/shown.ts';
import { listAssets } from './assets.ts';
import { bodyChunks, readJson, refused } from './body.ts';
import { jsonInTurns } from '../core/turns.ts';
import type { CallMethod, CorePort } from './core-port.ts';
import { eventStream } from './event-stream.ts';
import { checkHandles, grantHandles, type Handles } from './handles.ts';
import { SECURITY_HEADERS } from './headers.ts';

export interface HandlerOptions {
  /** Folder of the built renderer. */
  readonly assetsDir: string;
  /** The handles of the window that asks; null = a stranger, who gets nothing under /api. */
  readonly authorize: (request: Request) => Handles | null;
  /** Largest upload in bytes; default 16 GB. */
  readonly uploadLimit?: number;
}

export type Handler = (request: Request) => Promise<Response>;

const STATUS: Readonly<Record<ErrorCode, number>> = {
  usage: 400,
  ambiguous: 400,
  not_found: 404,
  data: 422,
  blocked: 422,
  workspace_locked: 409,
  workspace_newer: 409,
  workspace_damaged: 409,
  cancelled: 409,
  disk_full: 507,
  io: 500,
  internal: 500,
};

/** Never rejects: every failure is a reply with the catalogue's ErrorData as `{error}`. */
export function createHandler(core: CorePort, options: HandlerOptions): Handler {
  const assets = listAssets(options.assetsDir);
  const uploadLimit = options.uploadLimit ?? 16e9;

  async function api(request: Request, url: URL, path: string): Promise<Response> {
    const handles = options.authorize(request);
    if (!handles) {
      return failure({ ...refused('this page was not opened by the running program').data, action: 'Open Hedgerow again.' }, 403);
    }
    if (request.method === 'GET') {
      if (path === 'events') return reply(eventStream(core, request.signal), 'text/event-stream');
      if (path.startsWith('artifact/')) return artifact(core, path.slice('artifact/'.length));
    } else if (request.method === 'POST') {
      if (path === 'upload') {
        const uploaded = await upload(core, request, url, uploadLimit);
        handles.grant(uploaded.handle);
        return json(uploaded);
      }
      if (Object.hasOwn(METHODS, path)) return method(handles, path as Method, request);
    } else return failure(refused(`${request.method} is not a method of this interface`).data, 405);
    return failure(refused(`there is no ${request.method} ${clip(path)}`).data, 404);
  }

  async function method(handles: Handles, name: Method, request: Request): Promise<Response> {
    const body = await (takesTable(name) ? readJson(request, MOST_BYTES.table, TABLE_TOO_LARGE) : readJson(request, MOST_BYTES.other));
    const asker = askerOf(request);
    // valibot takes an array for an object without required keys.
    if (Array.isArray(body)) throw refused(`${name}: the input is not an object`);
    const parsed = v.safeParse(METHODS[name].input, body);
    if (!parsed.success) {
      const issue = parsed.issues[0];
      // A value of the right kind that is too large, too long or misspelt is what somebody typed.
      if (issue.kind === 'validation')
        throw new HedgerowError(
          'usage',
          `${inWords(v.getDotPath(issue) ?? 'input')}: ${clip(issue.message)}.`,
          'Correct it and try again.',
        );
      throw refused(`${name}: ${v.getDotPath(issue) ?? 'input'}: ${clip(issue.message)}`);
    }
    checkHandles(handles, name, parsed.output);
    const shown = request.headers.get(SHOWN_HEADER);
    if (shown !== null && shown !== String(core.opened()) && !isOfProgram(name)) {
      throw new HedgerowError('blocked', 'Another workspace was opened meanwhile; nothing was done in it.', 'Look at what is shown now.');
    }
    if (METHODS[name].kind === 'columns') {
      return reply(inPieces(cut(encodeFrame(await core.columns(name as 'security.open', parsed.output as never, asker)))), FRAME_TYPE);
    }
    const answer = await core.call(name as CallMethod, parsed.output as never, asker);
    grantHandles(handles, name, answer);
    return typeof answer === 'object' && answer !== null ? reply(inPieces(await jsonInTurns(answer)), 'application/json') : json(answer);
  }

  return async (request) => {
    try {
      const url = new URL(request.url);
      if (url.pathname.startsWith('/api/')) return await api(request, url, url.pathname.slice('/api/'.length));
      if (request.method !== 'GET' && request.method !== 'HEAD') return failure(refused('files are only read').data, 405);
      const asset = assets.get(url.pathname);
      if (!asset) return failure(refused('there is no such file').data, 404);
      const bytes = request.method === 'HEAD' ? null : await asset.read();
      return reply(bytes as Uint8Array<ArrayBuffer> | null, asset.type, { 'cache-control': 'no-cache' });
    } catch (error) {
      // Who gave up hears no answer; of a failure a browser would tell all the same.
      if (request.signal.aborted) return reply(null, 'text/plain', {}, 204);
      const data = toErrorData(error);
      return failure(data, STATUS[data.code]);
    }
  };
}

async function upload(core: CorePort, request: Request, url: URL, limit: number): Promise<{ handle: string; name: string; bytes: number }> {
  const name = displayName(url.searchParams.get('name') ?? '');
  const spool = await core.files.spool(name);
  let bytes = 0;
  try {
    for await (const chunk of bodyChunks(request)) {
      bytes += chunk.length;
      if (bytes > limit) throw refused(`the file is larger than ${limit} bytes`);
      if (request.signal.aborted) throw new HedgerowError('cancelled', 'The upload was cancelled.', 'Choose the file again when ready.');
      await spool.write(chunk);
    }
    await spool.end();
  } catch (error) {
    await spool.abort();
    throw error;
  }
  return { handle: spool.handle, name, bytes };
}

/** The last part of a file name as a person may see it; no folder, no control or direction characters. */
export function displayName(given: string): string {
  const base = given.split(/[\\/]/).pop() ?? '';
  const clean = base.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '').trim();
  if (clean === '' || /^\.+$/.test(clean)) throw refused('the file has no name');
  return clean.slice(-160);
}

async function artifact(core: CorePort, artifactId: string): Promise<Response> {
  const found = /^[A-Za-z0-9_-]{1,64}$/.test(artifactId) ? await core.files.artifact(artifactId) : null;
  if (!found) throw new HedgerowError('not_found', 'That file is no longer offered.', 'Export it again.');
  const iterator = found.stream[Symbol.asyncIterator]();
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: async () => void (await iterator.return?.()),
  });
  return reply(stream, 'application/octet-stream', {
    'content-length': String(found.bytes),
    'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(found.name).replace(/['()*]/g, escapeByte)}`,
  });
}

const TABLE_TOO_LARGE = new HedgerowError(
  'usage',
  `The table is larger than ${MOST_BYTES.table / 1e6} MB.`,
  'Show fewer columns or fewer rows, and save it again.',
);

function askerOf({ headers, signal }: Request): Asker {
  const question = headers.get(QUESTION_HEADER) ?? '';
  if (!/^[\w-]{0,40}$/.test(question)) throw refused(`${QUESTION_HEADER}: not the name of a question`);
  return { question, signal };
}

/** Bytes that are sent in one go. */
const PIECE = 1 << 18;

function cut(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[] {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 0; at < bytes.length; at += PIECE) pieces.push(bytes.subarray(at, at + PIECE));
  return pieces;
}

/** A body sent piece by piece, as fast as it is read: other calls have their turn in between. */
function inPieces(pieces: readonly Uint8Array<ArrayBuffer>[]): BodyInit {
  if (pieces.length === 1) return pieces[0]!;
  let next = 0;
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      if (next < pieces.length) controller.enqueue(pieces[next++]!);
      else controller.close();
    },
  });
}

const escapeByte = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
/** `limits.0.grossCap` as a person reads it: limits 1, gross cap. */
const inWords = (path: string): string =>
  path
    .replace(/\.(\d+)/g, (_, at: string) => ` ${Number(at) + 1}`)
    .replaceAll('.', ', ')
    .replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
const clip = (text: string): string => (text.length > 120 ? `${text.slice(0, 120)}…` : text);

function reply(body: BodyInit | null, type: string, more: Record<string, string> = {}, status = 200): Response {
  return new Response(body, { status, headers: { 'cache-control': 'no-store', 'content-type': type, ...SECURITY_HEADERS, ...more } });
}

const json = (value: unknown, status = 200): Response => reply(JSON.stringify(value ?? null), 'application/json', {}, status);
const failure = (error: ErrorData, status: number): Response => json({ error }, status);
