/** Workbooks (XLSX) as text: every sheet becomes a CSV whose lines are its rows, and goes the way of every other file. */
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import readWorkbook from 'read-excel-file/universal';
import { ArchiveProblem, inspectArchive } from './archive.ts';
import { fileError } from './issues.ts';

/** A workbook on disk, and unpacked: more is a bomb, or no list of holdings. */
const LARGEST = 50 * 2 ** 20;
const LARGEST_UNPACKED = 300 * 2 ** 20;
const MOST_SHEETS = 50;
/** The reader lays a sheet out as a full grid. */
const MOST_CELLS = 20e6;
/** Text of one sheet: a text that many cells share is written out for each of them. */
const LONGEST_TEXT = 300 * 2 ** 20;

export interface SheetText {
  readonly name: string;
  /** UTF-8; line n is row n. */
  readonly bytes: Uint8Array;
}

/** Whether the bytes begin a ZIP archive, as a workbook does. */
export const isWorkbook = (head: Uint8Array): boolean => head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 && head[3] === 4;

/** The older binary workbook, which is not read. */
export const isOldWorkbook = (head: Uint8Array): boolean => head[0] === 0xd0 && head[1] === 0xcf && head[2] === 0x11 && head[3] === 0xe0;

/**
 * All sheets with any cell. Numbers come out as the sheet shows them, with leading zeros, to the 15 digits a spreadsheet keeps; formulas as their last
 * results. Throws `data` for what is no workbook, holds macros, is protected, or unpacks to too much.
 */
export async function sheetsOf(file: string, pieces: AsyncIterable<Uint8Array>): Promise<readonly SheetText[]> {
  const bytes = await joined(file, pieces);
  checkArchive(file, bytes);
  let sheets;
  try {
    sheets = await readWorkbook(
      asShown(bytes).buffer as ArrayBuffer,
      { parseNumber: numberText, trim: false } as object as { parseNumber: (text: string) => never },
    );
  } catch (error) {
    // The reader trips over what it did not expect.
    const reason = error instanceof TypeError || !(error instanceof Error) ? 'a part of it is not as workbooks have it' : error.message;
    throw fileError(file, 'bad_workbook', { reason: `the workbook cannot be read: ${reason}`, fix: 'Save it again as .xlsx, or as CSV.' });
  }
  if (sheets.length > MOST_SHEETS)
    throw fileError(file, 'too_large', { reason: `the workbook has ${sheets.length} sheets`, fix: 'Save the sheet that counts as CSV.' });
  return sheets
    .filter(({ data }) => data.some((row) => row.some((cell) => cell !== null)))
    .map(({ sheet, data }) => ({ name: sheet, bytes: new TextEncoder().encode(sheetText(file, data)) }));
}

const attribute = (text: string, name: string): string => new RegExp(`\\s${name}\\s*=\\s*["']([^"']*)`).exec(text)?.[1] ?? '';

/**
 * The workbook with what its reader passes over: the year dates count from where it is written as a word (LibreOffice), and numbers whose
 * format has zeros for every digit (accounts, CUSIPs) as the texts they show.
 */
function asShown(bytes: Uint8Array): Uint8Array {
  const part = (pattern: RegExp): Record<string, string> =>
    Object.fromEntries(
      Object.entries(unzipSync(bytes, { filter: ({ name }) => pattern.test(name) })).map(([name, content]) => [name, strFromU8(content)]),
    );
  const changed: Record<string, string> = {};
  for (const [name, text] of Object.entries(part(/^xl\/workbook\.xml$/))) {
    const dated = text.replace(/(\sdate1904\s*=\s*["'])true(?=["'])/, '$11');
    if (dated !== text) changed[name] = dated;
  }
  const formats = zeroFormats(Object.values(part(/^xl\/styles\.xml$/)).join(''));
  if (formats.size > 0)
    for (const [name, text] of Object.entries(part(/^xl\/worksheets\/[^/]*\.xml$/)))
      changed[name] = text.replace(
        /(<(?:\w+:)?c)(\s[^>]*)>((?:<(?:\w+:)?f\b[^>]*>(?:[^<]*<\/(?:\w+:)?f>)?)?<(?:\w+:)?v>)(\d+)(?=<)/g,
        (cell, open: string, attributes: string, before: string, digits: string) => {
          const format = formats.get(attribute(attributes, 's'));
          if (format === undefined || !/^n?$/.test(attribute(attributes, 't'))) return cell;
          return `${open}${attributes.replace(/\st\s*=\s*["']n["']/, '')} t="str">${before}${filledIn(format, digits)}`;
        },
      );
  if (Object.keys(changed).length === 0) return bytes;
  const all = unzipSync(bytes);
  for (const [name, text] of Object.entries(changed)) all[name] = strToU8(text);
  return zipSync(all, { level: 0 });
}

/** Formats of zeros and hyphens alone, by the number of the style that has them. */
function zeroFormats(styles: string): Map<string, string> {
  const codes = new Map<string, string>();
  for (const [, text] of styles.matchAll(/<(?:\w+:)?numFmt(\s[^>]*)>/g))
    codes.set(attribute(text!, 'numFmtId'), attribute(text!, 'formatCode'));
  const [, used = ''] = /<(?:\w+:)?cellXfs\b([\s\S]*?)<\/(?:\w+:)?cellXfs>/.exec(styles) ?? [];
  const found = new Map<string, string>();
  Array.from(used.matchAll(/<(?:\w+:)?xf\b([^>]*)>/g)).forEach(([, text], style) => {
    const code = (codes.get(attribute(text!, 'numFmtId')) ?? '').replace(/;@$/, '').replaceAll('\\-', '-');
    if (/^0[0-]*0$/.test(code)) found.set(String(style), code);
  });
  return found;
}

/** Digits in the places of a format, the last in the last; more digits than places stand in front. */
function filledIn(format: string, digits: string): string {
  let rest = digits.padStart(format.replaceAll('-', '').length, '0');
  let out = '';
  for (const place of [...format].reverse()) {
    out = (place === '-' ? place : rest.at(-1)!) + out;
    if (place !== '-') rest = rest.slice(0, -1);
  }
  return rest + out;
}

function sheetText(file: string, data: readonly (readonly unknown[])[]): string {
  const lines: string[] = [];
  let length = 0;
  for (const row of data) {
    const line = row.map(cellText).join(',');
    lines.push(line);
    if ((length += line.length + 1) > LONGEST_TEXT)
      throw fileError(file, 'too_large', { reason: 'a sheet holds more than 300 MB of text', fix: 'Save the sheet that counts as CSV.' });
  }
  return lines.join('\n') + '\n';
}

async function joined(file: string, pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const piece of pieces) {
    size += piece.length;
    if (size > LARGEST)
      throw fileError(file, 'too_large', { reason: 'the workbook is larger than 50 MB', fix: 'Save the sheet that counts as CSV.' });
    parts.push(piece.slice());
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Nothing is unpacked whole before it is known to fit. */
function checkArchive(file: string, bytes: Uint8Array): void {
  const refuse = (reason: string, fix: string): Error => fileError(file, 'bad_workbook', { reason, fix });
  let names: string[];
  try {
    names = inspectArchive(bytes, { unpacked: LARGEST_UNPACKED, cells: MOST_CELLS });
  } catch (error) {
    if (!(error instanceof ArchiveProblem)) throw error;
    throw refuse(error.message, FIXES[error.kind]);
  }
  if (names.some((name) => /vbaProject/i.test(name))) throw refuse('the workbook holds macros', 'Save it as .xlsx without macros.');
  if (!names.some((name) => /^xl\/workbook\.xml$/i.test(name)))
    throw refuse('this is an archive, not a workbook', 'Unpack it and choose the files in it.');
}

const FIXES: Readonly<Record<ArchiveProblem['kind'], string>> = {
  damaged: 'Download or copy it again.',
  too_large: 'Save the sheet that counts as CSV.',
  too_wide: 'Delete what stands far away from the table, or save the sheet as CSV.',
};

/** A stored number without the noise of its binary form: 36.817900000000002 is 36.8179 in every spreadsheet. */
function numberText(stored: string): string {
  const value = Number(Number(stored).toPrecision(15));
  const text = String(value);
  // Large and tiny numbers in full, never as 1e21.
  return /e/.test(text) ? value.toLocaleString('en-US', { useGrouping: false, maximumFractionDigits: 20 }) : text;
}

function cellText(cell: unknown): string {
  if (cell === null || cell === undefined) return '';
  // A line of the text is a row of the sheet: breaks inside a cell must not make more of them.
  const text = (
    cell instanceof Date ? dateText(cell) : typeof cell === 'boolean' ? String(cell).toUpperCase() : String(cell as string)
  ).replace(/[\r\n]+/g, ' ');
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function dateText(date: Date): string {
  const iso = date.toISOString();
  return iso.endsWith('T00:00:00.000Z') ? iso.slice(0, 10) : iso.slice(0, 19).replace('T', ' ');
}
