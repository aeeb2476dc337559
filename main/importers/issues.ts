import { HedgerowError } from '../contract/errors.ts';
import type { Issue } from '../contract/report.ts';
import type { IssueLog } from './staged.ts';

const KEPT = 10_000;

export type Severity = Issue['severity'];
export type IssueText = Pick<Issue, 'reason' | 'fix'> & Partial<Pick<Issue, 'field' | 'found' | 'subject'>>;

const SEVERITIES: readonly Severity[] = ['error', 'warning', 'info'];

/** Issues on their way between threads. */
export interface Collected {
  readonly counts: readonly (readonly [string, number])[];
  readonly kept: Readonly<Record<Severity, readonly Issue[]>>;
  readonly errors: number;
}

/** Collects issues; the text of an issue is made only while there is room for it, so a file of wrong cells stays cheap. */
export class IssueCollector {
  readonly #counts = new Map<string, number>();
  readonly #kept: Record<Severity, Issue[]> = { error: [], warning: [], info: [] };
  errors = 0;

  add(severity: Severity, code: string, line: number, column: number, text: () => IssueText): void {
    this.#counts.set(code, (this.#counts.get(code) ?? 0) + 1);
    if (severity === 'error') this.errors++;
    const list = this.#kept[severity];
    if (list.length < KEPT) list.push(makeIssue(severity, code, line, column, text()));
  }

  /** What was collected, in the order it came. */
  collected(): Collected {
    return { counts: [...this.#counts], kept: this.#kept, errors: this.errors };
  }

  /** Takes over what another collected from lines that begin so many later. */
  append({ counts, kept, errors }: Collected, lines: number): void {
    for (const [code, count] of counts) this.#counts.set(code, (this.#counts.get(code) ?? 0) + count);
    this.errors += errors;
    for (const severity of SEVERITIES) {
      const list = this.#kept[severity];
      for (const issue of kept[severity].slice(0, KEPT - list.length)) list.push({ ...issue, line: issue.line + lines });
    }
  }

  finish(): IssueLog {
    const { error, warning, info } = this.#kept;
    // Rows are judged in file order but duplicates only at the end: order by place within a severity.
    for (const list of [error, warning, info]) list.sort((a, b) => a.line - b.line || a.column - b.column);
    return { counts: Object.fromEntries(this.#counts), kept: [...error, ...warning, ...info].slice(0, KEPT), errors: this.errors };
  }
}

/** Characters that would steer a terminal instead of showing. */
// eslint-disable-next-line no-control-regex
const shown = (text: string): string => text.replace(/[\x00-\x1f\x7f-\x9f]/g, '\ufffd');

/** Of a cell of megabytes its beginning says enough. */
const cut = (text: string, most = 80): string => shown(text.length > most ? `${text.slice(0, most - 1)}…` : text);

/** A reason may quote a cell in its middle: both its ends stay. */
const cutReason = (text: string): string => shown(text.length > 600 ? `${text.slice(0, 400)} … ${text.slice(-150)}` : text);

function makeIssue(severity: Severity, code: string, line: number, column: number, text: IssueText): Issue {
  const { field, subject, found, reason, fix } = text;
  return {
    severity,
    code,
    line,
    column,
    ...(field === undefined ? {} : { field: cut(field) }),
    ...(subject === undefined ? {} : { subject: cut(subject) }),
    ...(found === undefined ? {} : { found: cut(found) }),
    reason: cutReason(reason),
    fix,
  };
}

/** A fault that stops the whole file; `details.issues` holds it as an issue. */
export function fileError(file: string, code: string, text: IssueText, line = 0, column = 0): HedgerowError {
  const where = line > 0 ? `${file}, line ${line}${column > 0 ? `, column ${column}` : ''}` : file;
  return new HedgerowError('data', `${where}: ${cutReason(text.reason)}`, text.fix, {
    file,
    issues: [makeIssue('error', code, line, column, text)],
  });
}

/** NUL bytes from this line on, or anywhere in a file without lines. */
export function noText(file: string, line = 0): HedgerowError {
  const reason = 'the file has a NUL byte: it is damaged or no text file';
  return fileError(file, 'nul_byte', { reason, fix: 'Export or download it again, as CSV text (UTF-8).' }, line);
}

/** A question the file cannot answer; `flag` is the command-line flag that does, `options` its possible values. */
export function ambiguous(file: string, question: string, flag: string, options: readonly string[]): HedgerowError {
  const choices = options.map((option) => `${flag} ${option}`).join(' or ');
  return new HedgerowError('ambiguous', `${file}: ${cutReason(question)}`, `Say which: ${choices}.`, { file, flag, options });
}

/** A holding told twice in the very same cells: likely the same one, though it may be two lots. */
export function reportRepeat(log: IssueCollector, line: number, first: number): void {
  log.add('warning', 'repeated_line', line, 0, () => ({
    reason: `line ${line} is line ${first} again, cell by cell; both count, as two lots`,
    fix: 'Remove one of the lines unless there are two such lots.',
  }));
}
