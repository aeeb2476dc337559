/**
 * Which line of its file each stored value came from. Packed per batch and run of symbols: for each symbol its id, the number of
 * rows, then the steps from slot to slot and from line to line (zigzag), all as variable-length integers, deflated. Files are
 * regular, so a row takes a small fraction of a byte.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { damaged, get, run } from './connection.ts';
import type { Workspace } from './connection.ts';

/** Rows of one symbol in slot order. */
export interface SymbolLines {
  readonly symbolId: number;
  readonly slots: ArrayLike<number>;
  readonly lines: ArrayLike<number>;
}

/** Symbols packed together: reading one line unpacks this many. */
const RUN = 64;

const zigzag = (value: number): number => (value >= 0 ? value * 2 : -value * 2 - 1);
const unzigzag = (value: number): number => (value % 2 === 0 ? value / 2 : -(value + 1) / 2);

class Packer {
  #bytes = new Uint8Array(1 << 16);
  #length = 0;

  put(value: number): void {
    if (this.#length + 8 > this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    let rest = value;
    while (rest >= 128) {
      this.#bytes[this.#length++] = (rest % 128) + 128;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#length++] = rest;
  }

  done(): Uint8Array {
    return deflateRawSync(this.#bytes.subarray(0, this.#length), { level: 1 });
  }
}

/** Stores the lines of a batch; a symbol may be given once. */
export function insertLines(ws: Workspace, batchId: number, all: readonly SymbolLines[]): void {
  const sorted = all.filter((one) => one.slots.length > 0).sort((a, b) => a.symbolId - b.symbolId);
  for (let at = 0; at < sorted.length; at += RUN) {
    const part = sorted.slice(at, at + RUN);
    const packer = new Packer();
    for (const { symbolId, slots, lines } of part) {
      packer.put(symbolId);
      packer.put(slots.length);
      for (let i = 0; i < slots.length; i++) packer.put(slots[i]! - (i === 0 ? 0 : slots[i - 1]!));
      for (let i = 0; i < lines.length; i++) packer.put(zigzag(lines[i]! - (i === 0 ? 0 : lines[i - 1]!)));
    }
    const text = 'INSERT INTO series_line (batch_id, first_symbol, last_symbol, packed) VALUES (?, ?, ?, ?)';
    run(ws, text, batchId, part[0]!.symbolId, part.at(-1)!.symbolId, packer.done());
  }
}

/** Line, from 1, of the row of a symbol and slot in the file of a batch; null where none was kept. Throws `workspace_damaged`. */
export function readLine(ws: Workspace, batchId: number, symbolId: number, slot: number): number | null {
  const text = 'SELECT packed FROM series_line WHERE batch_id = ? AND first_symbol <= ? AND last_symbol >= ?';
  const row = get<{ packed: Uint8Array }>(ws, text, batchId, symbolId, symbolId);
  if (!row) return null;
  const unreadable = () => damaged(ws.dir, `the lines that values of batch ${batchId} came from are not readable.`, { batchId });
  const bytes = inflated(row.packed);
  if (bytes === null) throw unreadable();
  let at = 0;
  const next = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++];
      if (byte === undefined) throw unreadable();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const [id, count] = [next(), next()];
    let found = -1;
    for (let i = 0, last = 0; i < count; i++) if ((last += next()) === slot) found = i;
    let line = 0;
    let wanted: number | null = null;
    for (let i = 0; i < count; i++) {
      line += unzigzag(next());
      if (i === found) wanted = line;
    }
    if (id === symbolId) return wanted;
  }
  return null;
}

function inflated(packed: Uint8Array): Uint8Array | null {
  try {
    return inflateRawSync(packed);
  } catch {
    return null;
  }
}
