/** The first lines of a file as cells, for choosing its columns by hand. */
import type { FileLook } from '../contract/mapping.ts';
import type { ImportOptions } from '../contract/report.ts';
import { guessColumns } from './brokers/index.ts';
import { detectDelimiter, sampleRows } from './sample.ts';
import { createDecoder, detectEncoding, readHead, type Open } from './source.ts';
import { isWorkbook, sheetsOf } from './workbook.ts';

const LINES = 40;
const CELLS = 60;
const LONGEST = 200;

/** Of a workbook the sheet asked for, else the first. Rejects as `parseFile` does. */
export async function lookAtFile(name: string, open: Open, options: ImportOptions): Promise<FileLook> {
  const head = await readHead(name, open);
  let text: Uint8Array;
  let sheet: string | null = null;
  if (isWorkbook(head.bytes)) {
    const sheets = await sheetsOf(name, open());
    const one = sheets.find((own) => own.name === options.sheet) ?? sheets[0];
    sheet = one?.name ?? null;
    text = one?.bytes ?? new Uint8Array(0);
  } else text = createDecoder(name, detectEncoding(name, head, options.encoding).encoding)(head.bytes, head.complete);
  const complete = sheet !== null || head.complete;
  const { delimiter } = detectDelimiter(name, text, complete, options.delimiter ?? options.mapping?.delimiter);
  const rows = sampleRows(name, text, complete, delimiter)
    .slice(0, LINES)
    .map(({ line, cells }) => ({ line, cells: cells.slice(0, CELLS).map((cell) => cell.slice(0, LONGEST)) }));
  return { sheet, delimiter, rows, ...guessColumns(rows) };
}
