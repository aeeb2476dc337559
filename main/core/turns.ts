/** Long work on the main thread, which answers the window and other calls in between. */
import { packPiece, PIECE, type Packed, type Pieces } from '../workers/packed.ts';

/** Items of one turn: a few milliseconds of the dearest work. */
const TURN = PIECE;

/** Lets everybody else have their turn. */
const others = (): Promise<void> => new Promise((next) => void setImmediate(next));

/** Makes a queue: works of one session follow each other, however each ends, so that each sees what the one before has left. */
export function createQueue(): <T>(session: object, work: () => Promise<T>) => Promise<T> {
  const last = new WeakMap<object, Promise<unknown>>();
  return (session, work) => {
    const turn = (last.get(session) ?? Promise.resolve()).then(work);
    last.set(
      session,
      turn.catch(() => undefined),
    );
    return turn;
  };
}

/** `items.map(work)`, in turns. */
export async function inTurns<T, U>(items: readonly T[], work: (item: T, index: number) => U): Promise<U[]> {
  const out: U[] = [];
  for (let i = 0; i < items.length; i++) {
    if (i > 0 && i % TURN === 0) await others();
    out.push(work(items[i]!, i));
  }
  return out;
}

/** The items that a worker packed, a piece a turn. */
export async function unpacked<T>({ pieces }: Pieces<T>): Promise<T[]> {
  const decoder = new TextDecoder();
  const out: T[] = [];
  for (const piece of pieces) {
    if (out.length > 0) await others();
    for (const item of JSON.parse(decoder.decode(piece)) as T[]) out.push(item);
  }
  return out;
}

/** Packs a list for a worker, a piece a turn. */
export async function packedInTurns<T>(items: readonly T[]): Promise<Packed<T>> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for (let i = 0; i < items.length; i += TURN) {
    if (i > 0) await others();
    pieces.push(packPiece(items.slice(i, i + TURN)));
  }
  return { pieces, length: items.length };
}

/**
 * The bytes of `JSON.stringify(value)`, in pieces; long lists in it, at any depth but in another list, are written in turns. Pieces stay
 * apart: putting megabytes of text together and encoding them is a turn of its own that nobody else gets.
 */
export async function jsonInTurns(value: object): Promise<Uint8Array<ArrayBuffer>[]> {
  const encoder = new TextEncoder();
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let text = '';
  const flush = (): void => {
    if (text !== '') pieces.push(encoder.encode(text));
    text = '';
  };
  async function writeList(items: readonly unknown[]): Promise<void> {
    text += '[';
    for (let i = 0; i < items.length; i += TURN) {
      if (i > 0) {
        flush();
        await others();
        text = ',';
      }
      text += JSON.stringify(items.slice(i, i + TURN)).slice(1, -1);
    }
    text += ']';
  }
  async function write(one: object): Promise<void> {
    if (Array.isArray(one)) return writeList(one);
    if ('toJSON' in one) return void (text += JSON.stringify(one));
    let separator = '{';
    for (const [key, inner] of Object.entries(one) as [string, unknown][]) {
      const deep = typeof inner === 'object' && inner !== null;
      const said = deep ? '' : (JSON.stringify(inner) as string | undefined);
      if (said === undefined) continue;
      text += `${separator}${JSON.stringify(key)}:${said}`;
      if (deep) await write(inner);
      separator = ',';
    }
    text += separator === '{' ? '{}' : '}';
  }
  await write(value);
  flush();
  return pieces;
}
