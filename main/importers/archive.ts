/**
 * Looking into a workbook's archive before anything unpacks it whole. The sizes in the archive's list are claims of whoever made it:
 * every part is inflated here piece by piece and given up once it is larger than it says. A sheet is laid out as a full grid by the
 * reader, so that one cell far out costs as much as all the cells before it: the farthest cell is found first.
 */
import { Inflate } from 'fflate';

export interface Limits {
  /** Bytes of all parts together, unpacked. */
  readonly unpacked: number;
  /** Rows times columns of one sheet. */
  readonly cells: number;
}

/** What is wrong with an archive: `reason` for the user, and what it asks for. */
export class ArchiveProblem extends Error {
  readonly kind: 'damaged' | 'too_large' | 'too_wide';
  constructor(kind: ArchiveProblem['kind'], reason: string) {
    super(reason);
    this.kind = kind;
  }
}

interface Part {
  readonly name: string;
  readonly method: number;
  readonly packed: Uint8Array;
  readonly size: number;
}

const damaged = (): ArchiveProblem => new ArchiveProblem('damaged', 'the workbook is cut short or damaged');

/** Names of the parts. Throws ArchiveProblem for what is damaged, lies about its sizes, or goes beyond the limits. */
export function inspectArchive(bytes: Uint8Array, limits: Limits): string[] {
  const parts = listParts(bytes);
  if (parts.reduce((sum, { size }) => sum + size, 0) > limits.unpacked)
    throw new ArchiveProblem('too_large', `it unpacks to more than ${Math.round(limits.unpacked / 2 ** 20)} MB`);
  for (const part of parts) checkSheet(unpack(part), limits.cells);
  return parts.map(({ name }) => name);
}

/** The archive's own list, which is what its reader goes by. */
function listParts(bytes: Uint8Array): Part[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    let end = bytes.length - 22;
    while (view.getUint32(end, true) !== 0x06054b50) end -= 1;
    const count = view.getUint16(end + 8, true);
    let at = view.getUint32(end + 16, true);
    const parts: Part[] = [];
    for (let i = 0; i < count; i++) {
      const size = view.getUint32(at + 24, true);
      const packed = view.getUint32(at + 20, true);
      const nameLength = view.getUint16(at + 28, true);
      const local = view.getUint32(at + 42, true);
      // Archives beyond 4 GB, whose sizes stand elsewhere, are none of ours.
      if ([size, packed, local].includes(0xffffffff)) throw damaged();
      const from = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
      if (from + packed > bytes.length) throw damaged();
      parts.push({
        name: new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength)),
        method: view.getUint16(at + 10, true),
        packed: bytes.subarray(from, from + packed),
        size,
      });
      at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    }
    return parts;
  } catch {
    throw damaged();
  }
}

/** A step inflates to 33 MB at most. */
const STEP = 1 << 15;

function unpack({ name, method, packed, size }: Part): Uint8Array {
  if (method === 0) return packed;
  if (method !== 8) throw damaged();
  const content = new Uint8Array(size);
  let at = 0;
  const inflate = new Inflate((piece) => {
    if (at + piece.length > size) throw new ArchiveProblem('damaged', `${name} in it is larger than the workbook says`);
    content.set(piece, at);
    at += piece.length;
  });
  try {
    for (let from = 0; from < packed.length; from += STEP) inflate.push(packed.subarray(from, from + STEP), from + STEP >= packed.length);
  } catch (error) {
    throw error instanceof ArchiveProblem ? error : damaged();
  }
  return content;
}

const LETTERS = 26;

/** The farthest cell of a sheet; parts that are none pass. */
function checkSheet(content: Uint8Array, most: number): void {
  // One byte a character: what is looked for is ASCII.
  const text = new TextDecoder('latin1').decode(content);
  if (!/sheetData/.test(text)) return;
  let rows = 0;
  let columns = 0;
  for (const [, place] of text.matchAll(/\sr\s*=\s*["']([^"']{0,40})/g)) {
    const [, letters, digits] = /^\$?([A-Za-z]*)\$?(\d*)$/.exec(place!) ?? [];
    if (letters === undefined) throw damaged();
    let column = 0;
    for (const letter of letters.toUpperCase()) column = column * LETTERS + letter.charCodeAt(0) - 64;
    columns = Math.max(columns, column);
    rows = Math.max(rows, Number(digits));
  }
  if (rows * columns > most)
    throw new ArchiveProblem(
      'too_wide',
      `a sheet reaches to row ${rows} and column ${columns}, which is more than ${most / 1e6} million cells`,
    );
}
