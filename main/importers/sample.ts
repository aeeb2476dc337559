/** Looking at the head of a file: delimiter, decimal separator, first records. */
import { ambiguous } from './issues.ts';
import { isNoValue } from './numbers.ts';
import { safeText } from './cells.ts';
import { Tokenizer } from './tokenizer.ts';

const DELIMITERS = [',', ';', '\t', '|'];
const NAMES: Readonly<Record<string, string>> = { ',': 'comma', ';': 'semicolon', '\t': 'TAB', '|': '|' };

export interface SampleRow {
  readonly line: number;
  readonly cells: readonly string[];
}

const LINES = 50;

/** Number of each delimiter outside quotes, for the first 50 lines that are neither blank nor comments. */
function countDelimiters(bytes: Uint8Array, complete: boolean): number[][] {
  const codes = DELIMITERS.map((delimiter) => delimiter.charCodeAt(0));
  const lines: number[][] = [];
  let counts = [0, 0, 0, 0];
  let quoted = false;
  let length = 0;
  let comment = false;
  const end = (): void => {
    if (length > 0 && !comment) lines.push(counts);
    counts = [0, 0, 0, 0];
    length = 0;
    comment = false;
  };
  for (let at = 0; at < bytes.length && lines.length < LINES; at++) {
    const byte = bytes[at]!;
    if (byte === 34) quoted = !quoted;
    if (!quoted && (byte === 10 || byte === 13)) {
      end();
      continue;
    }
    if (length++ === 0 && byte === 35) comment = true;
    if (quoted) continue;
    const which = codes.indexOf(byte);
    if (which >= 0) counts[which]!++;
  }
  if (complete || lines.length === 0) end();
  return lines;
}

/** The delimiter that cuts most lines into the same number of cells (more than one); asks when two do. */
export function detectDelimiter(
  file: string,
  bytes: Uint8Array,
  complete: boolean,
  wanted: string | undefined,
): { readonly delimiter: string; readonly why: string } {
  if (wanted !== undefined) return { delimiter: wanted, why: `Delimiter ${NAMES[wanted] ?? wanted} as asked for.` };
  const lines = countDelimiters(bytes, complete);
  const scores = DELIMITERS.map((delimiter, which) => {
    const counts = new Map<number, number>();
    for (const line of lines) if (line[which]! > 0) counts.set(line[which]!, (counts.get(line[which]!) ?? 0) + 1);
    return { delimiter, share: Math.max(0, ...counts.values()) / Math.max(1, lines.length), first: lines[0]?.[which] ?? 0 };
  });
  const best = Math.max(...scores.map(({ share }) => share));
  if (best === 0) return { delimiter: ',', why: 'Delimiter comma: there is only one column.' };
  // A decimal comma also comes once per line, but not in the header.
  const leaders = scores.filter(({ share }) => share === best);
  const winners = leaders.length > 1 ? leaders.filter(({ first }) => first > 0) : leaders;
  if (winners.length > 1)
    throw ambiguous(
      file,
      `the delimiter may be ${winners.map(({ delimiter }) => NAMES[delimiter]).join(' or ')}`,
      '--delimiter',
      winners.map(({ delimiter }) => delimiter),
    );
  const { delimiter } = (winners[0] ?? leaders[0])!;
  return { delimiter, why: `Delimiter ${NAMES[delimiter]}: ${Math.round(best * 100)} % of the first lines have the same number of cells.` };
}

const CELLS = 300_000;

/** The first records as text; the last, cut one is left out unless the head is the whole file. */
export function sampleRows(file: string, bytes: Uint8Array, complete: boolean, delimiter: string): SampleRow[] {
  const rows: SampleRow[] = [];
  let cells = 0;
  const tokenizer = new Tokenizer(file, delimiter, (row) => {
    if (cells > CELLS && rows.length >= 3) return;
    cells += row.count;
    rows.push({ line: row.line, cells: Array.from({ length: row.count }, (_, i) => safeText(row, i)) });
  });
  for (let at = 0; at < bytes.length; at += 1 << 20) tokenizer.push(bytes.subarray(at, at + (1 << 20)));
  if (complete) tokenizer.finish();
  return rows;
}

/** Strip what may stand around a number. */
const core = (text: string): string => text.replace(/[-+$()%\s\u2212]/g, '');

/**
 * The decimal separator of sample number cells. '.' also when no cell has a separator. `1,234` alone (or `1.234` where the
 * delimiter is no comma and `strict`) can be both: null, and `example` says which cell.
 */
function detectDecimal(
  samples: readonly string[],
  delimiter: string,
  strict: boolean,
): { readonly decimal: '.' | ',' | null; readonly example: string } {
  let dots = 0;
  let commas = 0;
  let open = '';
  for (const sample of samples) {
    if (isNoValue(sample)) continue;
    const text = core(sample);
    if (!/^[\d.,]+$/.test(text)) continue;
    const dot = text.lastIndexOf('.');
    const comma = text.lastIndexOf(',');
    if (dot < 0 && comma < 0) continue;
    const last = Math.max(dot, comma);
    const mark = text[last]!;
    const repeated = text.indexOf(mark) !== last;
    // A mark that comes twice, or before the other one, separates thousands.
    const both = dot >= 0 && comma >= 0;
    if (both || repeated || !/^[1-9]\d{0,2}[.,]\d{3}$/.test(text)) {
      if ((mark === '.') !== repeated) dots++;
      else commas++;
    } else if (mark === ',' || (strict && delimiter !== ',')) open ||= sample;
  }
  if (dots > 10 * commas) return { decimal: '.', example: '' };
  if (commas > 10 * dots) return { decimal: ',', example: '' };
  if (dots > 0) return { decimal: null, example: 'both . and , occur' };
  return open ? { decimal: null, example: open } : { decimal: '.', example: '' };
}

/** As `detectDecimal`, asking when it cannot tell. */
export function requireDecimal(
  file: string,
  samples: readonly string[],
  delimiter: string,
  wanted: '.' | ',' | undefined,
  strict: boolean,
): '.' | ',' {
  if (wanted !== undefined) return wanted;
  const { decimal, example } = detectDecimal(samples, delimiter, strict);
  if (decimal === null) throw ambiguous(file, `the decimal separator cannot be told (${example})`, '--decimal', ['.', ',']);
  return decimal;
}
