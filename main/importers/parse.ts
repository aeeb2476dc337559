/** Bytes of a file -> rows ready for the store, and everything there is to say about them. */
import { HedgerowError } from '../contract/errors.ts';
import type { Detected, ImportOptions } from '../contract/report.ts';
import { formatIsoDay } from '../contract/units.ts';
import { readBroker, recogniseBroker } from './brokers/index.ts';
import { detect } from './detect.ts';
import type { Detection } from './detection.ts';
import { createHoldingsReader } from './holdings.ts';
import { readFirstHalf, startSecondHalf } from './halves.ts';
import { fileError, IssueCollector } from './issues.ts';
import { createLongReader } from './long.ts';
import { createMasterReader } from './master.ts';
import type { Env, Reader } from './reader.ts';
import { detectDelimiter, sampleRows } from './sample.ts';
import { DayCheck } from './series.ts';
import { createDecoder, detectEncoding, markLength, readHead, readUtf8, type Head, type Open } from './source.ts';
import type { ParseContext, Parsed } from './staged.ts';
import { isBlank, Tokenizer } from './tokenizer.ts';
import { createWideReader } from './wide.ts';
import { isOldWorkbook, isWorkbook, sheetsOf, type SheetText } from './workbook.ts';

/** Columns named in `Detected`; a matrix may have thousands. */
const COLUMNS_SHOWN = 200;

function createReader(detection: Detection, env: Env, options: ImportOptions): Reader {
  const { plan } = detection;
  if (plan.shape === 'long') return createLongReader(plan, env);
  if ('cells' in plan) return createWideReader(plan, env);
  return plan.shape === 'holdings' ? createHoldingsReader(plan, env, options) : createMasterReader(plan, env);
}

const shown = (columns: readonly string[]): readonly string[] =>
  columns.length <= COLUMNS_SHOWN ? columns : [...columns.slice(0, COLUMNS_SHOWN), `… ${columns.length - COLUMNS_SHOWN} more`];

/**
 * Parses one file. `name` is its name (messages; the ticker of one-file-per-ticker downloads); `open` starts its decompressed
 * bytes from the beginning and is called twice. Of a workbook the first sheet is read whose content is known, or the one asked for.
 * Wrong rows become issues and are left out whole. Throws HedgerowError `data` (the file as a whole is at fault,
 * `details.issues`), `ambiguous` (an option must say), `cancelled` or `io`.
 */
export async function parseFile(name: string, open: Open, options: ImportOptions, context: ParseContext): Promise<Parsed> {
  const own = options.mapping?.encoding ? { ...options, encoding: options.mapping.encoding } : options;
  const head = await readHead(name, open);
  if (isOldWorkbook(head.bytes))
    throw fileError(name, 'old_workbook', { reason: 'this is an old binary workbook (.xls)', fix: 'Save it as .xlsx or CSV.' });
  if (!isWorkbook(head.bytes)) return parseText(name, open, head, own, context);
  const { sheet, text } = await sheetFor(name, open, own);
  const { encoding: _, ...rest } = own;
  const bytes = text.bytes;
  const sheetOpen: Open = async function* () {
    yield await Promise.resolve(bytes);
  };
  const parsed = await parseText(name, sheetOpen, { bytes, complete: true }, { ...rest, encoding: 'utf-8' }, context);
  return { ...parsed, detected: { ...parsed.detected, why: [sheet, ...parsed.detected.why] } };
}

/** The sheet to read and why. */
async function sheetFor(name: string, open: Open, options: ImportOptions): Promise<{ readonly sheet: string; readonly text: SheetText }> {
  const sheets = await sheetsOf(name, open());
  const names = sheets.map((one) => one.name);
  if (sheets.length === 0) throw fileError(name, 'empty_file', { reason: 'no sheet of the workbook has a cell', fix: 'Export it again.' });
  if (options.sheet !== undefined) {
    const text = sheets.find((one) => one.name === options.sheet);
    if (text) return { sheet: `Sheet ${options.sheet} as asked for.`, text };
    throw fileError(name, 'no_sheet', { reason: `there is no sheet ${options.sheet}`, fix: `Sheets: ${names.join(', ')}.` });
  }
  const known = sheets.filter((one) => isKnown(name, one.bytes, options));
  const text = known[0] ?? sheets[0]!;
  const others = names.filter((one) => one !== text.name);
  return { sheet: `Sheet ${text.name}${others.length > 0 ? `; not read: ${others.join(', ')}` : ''}.`, text };
}

/** Whether a sheet is a layout the program knows; what can only be asked counts, the question is put when it is read. */
function isKnown(name: string, bytes: Uint8Array, options: ImportOptions): boolean {
  try {
    if (recogniseBroker(name, bytes, true, options)) return true;
    const { delimiter } = detectDelimiter(name, bytes, true, options.delimiter);
    detect(name, options, delimiter, sampleRows(name, bytes, true, delimiter));
    return true;
  } catch (error) {
    return error instanceof HedgerowError && error.data.code === 'ambiguous';
  }
}

async function parseText(name: string, open: Open, head: Head, options: ImportOptions, context: ParseContext): Promise<Parsed> {
  if (head.bytes.length === 0)
    throw fileError(name, 'empty_file', { reason: 'the file is empty', fix: 'Export it again; it must have a header line and rows.' });
  const { encoding, why: encodingWhy } = detectEncoding(name, head, options.encoding);
  const text = createDecoder(name, encoding)(head.bytes, head.complete);
  const broker = recogniseBroker(name, text, head.complete, options);
  if (broker) {
    const parsed = await readBroker(name, broker, encoding, readUtf8(name, open, encoding, context), options, context);
    return { ...parsed, detected: { ...parsed.detected, why: [encodingWhy, ...parsed.detected.why] } };
  }
  const { delimiter, why: delimiterWhy } = detectDelimiter(name, text, head.complete, options.delimiter);
  const detection = detect(name, options, delimiter, sampleRows(name, text, head.complete, delimiter));
  const { plan } = detection;

  const half = encoding === 'utf-8' ? startSecondHalf(name, plan, delimiter, context) : null;
  const log = new IssueCollector();
  const days = new DayCheck(context);
  const reader = createReader(
    detection,
    {
      file: name,
      log,
      days,
      context,
      acceptRepairs: options.acceptRepairs === true,
      delimiter,
      headerLine: detection.headerLine,
    },
    options,
  );
  let outcome;
  try {
    const everyLine = plan.shape === 'holdings';
    const tokenizer = new Tokenizer(
      name,
      delimiter,
      (row) => {
        if (everyLine || (row.line > detection.headerLine && !isBlank(row))) reader.row(row);
      },
      reader.plain,
    );
    const progress = half && ((bytes: number): void => context.progress?.(bytes + half.bytesRead()));
    const pieces = readUtf8(name, open, encoding, progress ? { ...context, progress } : context);
    if (half) {
      const second = await readFirstHalf(tokenizer, pieces, markLength(head.bytes), detection.headerLine, half, context);
      // The second half as it stands is no whole file's: one thread tells what is wrong with it.
      if (second === null) return await parseText(name, open, head, options, { ...context, second: null });
      if (second !== 'alone') {
        log.append(second.issues, tokenizer.line - 1);
        days.append(second.without, tokenizer.line - 1);
        reader.append!(second, tokenizer.line - 1);
      }
    } else for await (const piece of pieces) tokenizer.push(piece);
    tokenizer.finish();
    outcome = reader.finish();
  } finally {
    reader.close?.();
  }
  if (outcome.rows === 0)
    throw fileError(
      name,
      'no_rows',
      { reason: 'the file has a header but no rows', fix: 'Export it again with its data.' },
      detection.headerLine,
    );

  const nonSessionDays = days.days();
  for (const { day, line, rows } of nonSessionDays) {
    log.add('warning', 'non_session_day', line, 0, () => ({
      found: formatIsoDay(day),
      reason: `${formatIsoDay(day)} is no session of the exchange (${rows} ${rows === 1 ? 'value' : 'values'})`,
      fix: 'Nothing to do: the values were left out. If it was a session, check the dates of the file.',
    }));
  }
  if (detection.unused.length > 0) {
    log.add('info', 'unused_columns', detection.headerLine, 0, () => ({
      found: detection.unused.join(', '),
      reason: `${detection.unused.length === 1 ? '1 column was' : `${detection.unused.length} columns were`} not used: ${shown(detection.unused).slice(0, 20).join(', ')}`,
      fix: 'Nothing to do, unless one of them is misspelt.',
    }));
  }
  if (detection.splitAdjusted) {
    log.add('warning', 'close_split_adjusted', detection.headerLine, 0, () => ({
      reason: `the closes of such a file (${detection.layout}) are as a rule already adjusted for splits`,
      fix: 'Do not import splits of the same time beside it, or take the closes as adjusted with --value adj_close.',
    }));
  }
  const detected: Detected = {
    kind: detection.kind,
    layout: detection.layout,
    encoding,
    delimiter,
    dateOrder: plan.order,
    decimal: plan.decimal,
    columns: shown(detection.header),
    unusedColumns: shown(detection.unused),
    why: [encodingWhy, delimiterWhy, ...detection.why],
  };
  const nonSession = nonSessionDays.reduce((sum, { rows }) => sum + rows, 0);
  return { detected, ...outcome, issues: log.finish(), nonSession, nonSessionDays };
}
