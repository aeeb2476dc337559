/** Holdings as brokers export them. */
import type { Detected } from '../../contract/report.ts';
import type { EpochDay } from '../../contract/units.ts';
import { fileError, IssueCollector } from '../issues.ts';
import type { ParseContext, Parsed } from '../staged.ts';
import { cellText, Tokenizer, type Row } from '../tokenizer.ts';
import { Book } from './book.ts';
import { readDay } from './days.ts';
import type { BrokerOptions, Match } from './detect.ts';
import { label } from './table.ts';
import type { BrokerRow } from './types.ts';

export { recogniseBroker, type BrokerOptions, type Match } from './detect.ts';
export { guessColumns } from './mapped.ts';

const MAX_BYTES = 50 * 1024 * 1024;

const MAX_CELL = 32 * 1024;
const isInvisible = (char: string | undefined): boolean => char === '\u200b' || char === '\ufeff';

/** Zero-width characters have been seen at both ends of cells. */
function stripInvisible(text: string): string {
  let from = 0;
  let to = text.length;
  while (isInvisible(text[from])) from++;
  while (to > from && isInvisible(text[to - 1])) to--;
  return to - from === text.length ? text : text.slice(from, to);
}

function rowOf(row: Row): BrokerRow {
  let { malformed } = row;
  const cells = Array.from({ length: row.count }, (_, index) => {
    try {
      if (row.end[index]! - row.start[index]! > MAX_CELL) throw new TypeError('too long');
      return stripInvisible(cellText(row, index));
    } catch {
      malformed ||= index + 1;
      return '(not text)';
    }
  });
  return { line: row.line, cells, malformed };
}

/** `Portfolio_Positions_Mar-06-2026.csv`, `Individual-Positions-2026-03-06-161207.csv`. */
function dayOfName(file: string): EpochDay | null {
  const match = /(?:^|[^0-9A-Za-z])((?:20\d\d-\d\d-\d\d)|(?:[A-Z][a-z]{2}-\d\d-20\d\d))(?!\d)/.exec(file);
  return match ? readDay(match[1]!) : null;
}

/** A short number for a set of labels, to notice when a broker changes them. */
function signature(labels: readonly string[]): string {
  const text = [...labels].map(label).sort().join('\n');
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

async function* capped(file: string, pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  let size = 0;
  for await (const piece of pieces) {
    size += piece.length;
    if (size > MAX_BYTES) throw fileError(file, 'too_large', { reason: 'the file is larger than 50 MB', fix: 'Split it by account.' });
    yield piece;
  }
}

async function textOf(file: string, pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const parts: string[] = [];
  try {
    for await (const piece of pieces) parts.push(decoder.decode(piece, { stream: true }));
    parts.push(decoder.decode());
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw fileError(file, 'encoding', { reason: 'the file is not valid text', fix: 'Name the encoding: --encoding windows-1252.' });
  }
  return parts.join('');
}

/** Reads a file whose layout is known; `pieces` is its whole content as UTF-8. */
export async function readBroker(
  file: string,
  match: Match,
  encoding: string,
  pieces: AsyncIterable<Uint8Array>,
  options: BrokerOptions,
  context: ParseContext,
): Promise<Parsed> {
  const { adapter, recognition, delimiter = adapter.delimiter } = match;
  const log = new IssueCollector();
  const book = new Book(file, log, options, context);
  book.decimal = options.mapping?.decimal ?? options.decimal ?? '.';
  if (adapter.delimiter === '') {
    adapter.read(await textOf(file, capped(file, pieces)), book);
  } else {
    const sink = adapter.open(book);
    const told = new Map<string, number>();
    const tokenizer = new Tokenizer(file, delimiter, (row) => {
      const made = rowOf(row);
      const text = made.cells.join('\n');
      const first = told.get(text);
      if (first === undefined) told.set(text, row.line);
      else book.repeats.set(row.line, first);
      sink.row(made);
    });
    for await (const piece of capped(file, pieces)) tokenizer.push(piece);
    tokenizer.finish();
    sink.finish();
  }
  const outcome = book.finish(dayOfName(file));
  const labels = book.header;
  const detected: Detected = {
    kind: 'holdings',
    layout: recognition.layout,
    encoding,
    delimiter,
    dateOrder: 'MDY',
    decimal: book.decimal,
    columns: labels.slice(0, 200),
    unusedColumns: book.unused.slice(0, 200),
    why: [
      `${adapter.name}: ${recognition.score} of 100.`,
      ...recognition.why,
      ...(labels.length > 0 ? [`Labels have the signature ${signature(labels)}.`] : []),
    ],
  };
  return { detected, ...outcome, issues: log.finish(), nonSession: 0, nonSessionDays: [] };
}
