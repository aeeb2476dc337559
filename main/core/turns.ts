/** Long work on the main thread, which answers the window and other calls in between. */
import { packPiece, PIECE, type Packed } from '../workers/packed.ts';

/** Items of one turn: a few milliseconds of the dearest work. */
const TURN = PIECE;

/** Lets everybody else have their turn. */
const others = (): Promise<void> => new Promise((next) => void setImmediate(next));

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
export async function unpacked<T>({ pieces }: Packed<T>): Promise<T[]> {
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
  return { pieces };
}

/** The text of `JSON.stringify(value)`; long lists right inside of it are written in turns. */
export async function jsonInTurns(value: object): Promise<string> {
  if (Array.isArray(value)) return listInTurns(value);
  const parts: string[] = [];
  for (const [key, one] of Object.entries(value)) {
    const text = Array.isArray(one) ? await listInTurns(one) : (JSON.stringify(one) as string | undefined);
    if (text !== undefined) parts.push(`${JSON.stringify(key)}:${text}`);
  }
  return `{${parts.join(',')}}`;
}

async function listInTurns(items: readonly unknown[]): Promise<string> {
  if (items.length <= TURN) return JSON.stringify(items);
  const parts: string[] = [];
  for (let i = 0; i < items.length; i += TURN) {
    if (i > 0) await others();
    parts.push(JSON.stringify(items.slice(i, i + TURN)).slice(1, -1));
  }
  return `[${parts.join(',')}]`;
}
