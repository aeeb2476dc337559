/** Reading request bodies from an untrusted page: bounded, strict, and without prototype tricks. */
import { HedgerowError } from '../contract/errors.ts';

const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);
const SUSPECT = /__proto__|constructor|prototype|\\u/;

/** Parses a JSON body of at most `limit` bytes. Throws `tooLarge` for a larger one, HedgerowError `usage` on anything else. */
export async function readJson(
  request: Request,
  limit: number,
  tooLarge = refused(`the body is larger than ${limit} bytes`),
): Promise<unknown> {
  if (!/^application\/json\b/i.test(request.headers.get('content-type') ?? '')) throw refused('the body must be application/json');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(await readBytes(request, limit, tooLarge));
  } catch (error) {
    if (error instanceof HedgerowError) throw error;
    throw refused('the body is not UTF-8');
  }
  try {
    // A look at every key takes a hundred times as long as reading them: only where one may be spelt, be it with escapes.
    if (!SUSPECT.test(text)) return JSON.parse(text) as unknown;
    return JSON.parse(text, (key, value: unknown) => {
      if (FORBIDDEN_KEYS.has(key)) throw refused(`the key ${key} is not allowed`);
      return value;
    });
  } catch (error) {
    // RangeError: nesting deeper than the stack.
    throw error instanceof HedgerowError ? error : refused('the body is not JSON');
  }
}

async function readBytes(request: Request, limit: number, tooLarge: HedgerowError): Promise<Uint8Array> {
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw tooLarge;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bodyChunks(request)) {
    size += chunk.length;
    if (size > limit) throw tooLarge;
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

/** The chunks of a body; an early exit cancels the stream, so that a sender does not go on. */
export async function* bodyChunks(request: Request): AsyncGenerator<Uint8Array> {
  const reader = request.body?.getReader();
  if (!reader) return;
  let ended = false;
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (done) {
        ended = true;
        return;
      }
      yield value;
    }
  } finally {
    // Not waited for: some runtimes answer a cancel only when the sender has sent all, and then no refusal would ever be seen.
    if (!ended) void reader.cancel().catch(() => undefined);
  }
}

export function refused(why: string): HedgerowError {
  return new HedgerowError('usage', `The request was refused: ${why}.`, 'Reload the window; if it happens again, report it.');
}
