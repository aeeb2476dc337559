/** What every table reader says about a wrong cell, in one wording. */
import type { EpochDay } from '../contract/units.ts';
import { formatIsoDay } from '../contract/units.ts';
import { whyNoDate, type DateOrder } from './dates.ts';
import type { IssueCollector, IssueText } from './issues.ts';
import { isNoValue } from './numbers.ts';
import { proposeTicker } from './repair.ts';
import type { SeriesField } from './staged.ts';
import { cellText, type Row } from './tokenizer.ts';

/** Smallest value a field may have; `open` excludes it. */
export const LOWEST: Readonly<Record<SeriesField, { readonly value: number; readonly open: boolean }>> = {
  close: { value: 0, open: true },
  adj_close: { value: 0, open: true },
  open: { value: 0, open: true },
  high: { value: 0, open: true },
  low: { value: 0, open: true },
  volume: { value: 0, open: false },
  return: { value: -1, open: false },
  market_cap: { value: 0, open: true },
};

/** Text of a cell, or a marker when it is not UTF-8. */
export function safeText(row: Row, index: number): string {
  try {
    return cellText(row, index);
  } catch {
    return '(not UTF-8)';
  }
}

const THOUSANDS = /^[-+$]*\d{1,3}([,.' ]\d{3})+([.,]\d*)?$/;

/** Reports why a number cell cannot be taken. */
export function reportNumber(
  log: IssueCollector,
  line: number,
  column: number,
  header: string,
  field: string,
  text: string,
  value: number,
  lowest: string,
  subject = '',
): void {
  const add = (code: string, reason: string, fix: string): void =>
    log.add('error', code, line, column, () => ({ field: header, ...(subject === '' ? {} : { subject }), found: text, reason, fix }));
  if (THOUSANDS.test(text) && Number.isNaN(value)) {
    add(
      'thousands_separator',
      `${text} has a thousands separator or another decimal separator`,
      'Remove thousands separators, or name the decimal separator with --decimal.',
    );
  } else if (Number.isNaN(value)) {
    add('not_a_number', `${text} is not a number`, 'Write a plain number such as 1234.5, or leave the cell empty.');
  } else if (!Number.isFinite(value)) {
    add('not_a_number', `${text} is too large for a number`, 'Correct the cell.');
  } else {
    const price = field === 'close' || field === 'adj_close' || field === 'open' || field === 'high' || field === 'low';
    const code = price ? 'price_not_positive' : 'out_of_range';
    const decimal = field === 'return' ? 'Write returns as decimals (0.0132 is 1.32 %). ' : '';
    add(
      code,
      `${field} is ${text}; it must be ${lowest}`,
      `${decimal}Correct it or leave the cell empty; --skip-rejected imports the rest.`,
    );
  }
}

const DOLLARS = /^(usd|us\$|\$|(us|u\.s\.) dollars?)$/i;

/** Why an amount in the currency of a cell cannot be taken; null for dollars and for a cell without a value. */
export const foreignCurrency = (text: string): IssueText | null =>
  isNoValue(text) || DOLLARS.test(text)
    ? null
    : {
        found: text,
        reason: `the currency is ${text}; prices, dividends and capitalisations are in US dollars`,
        fix: 'Give the row in dollars; remove the column if it is in dollars all the same.',
      };

export function reportDate(log: IssueCollector, line: number, column: number, header: string, text: string, order: DateOrder): void {
  log.add('error', 'bad_date', line, column, () => {
    const why = whyNoDate(text, order);
    return {
      field: header,
      found: text,
      reason: text === '' ? 'the date is missing' : why ? `${text} is no date: ${why}` : `${text} is no date in the order of this file`,
      fix: why ? 'Correct the date.' : 'Write YYYY-MM-DD, or name the order with --date-order.',
    };
  });
}

export function reportFuture(log: IssueCollector, line: number, column: number, header: string, text: string, today: EpochDay): void {
  log.add('error', 'future_date', line, column, () => ({
    field: header,
    found: text,
    reason: `${text} lies after today (${formatIsoDay(today)})`,
    fix: 'Correct the date, or check the clock and the order of day and month (--date-order).',
  }));
}

export function reportName(log: IssueCollector, line: number, column: number, header: string, text: string, reason: string): void {
  log.add('error', 'bad_symbol', line, column, () => {
    const proposals = proposeTicker(text);
    const perhaps = proposals.length ? `; it may have been ${proposals.join(' or ')}` : '';
    return {
      field: header,
      found: text,
      reason: text === '' ? reason : `${text}: ${reason}${perhaps}`,
      fix: 'Name the security by ticker, FIGI or ISIN, as text.',
    };
  });
}

/**
 * Whether a record has the header's columns: extra empty cells are allowed. Reports it when not, and text behind a closing quote.
 */
export function isSound(log: IssueCollector, row: Row, columns: number): boolean {
  const add = (code: string, column: number, text: IssueText): void => log.add('error', code, row.line, column, () => text);
  if (row.malformed > 0) {
    add('bad_quote', row.malformed, { reason: 'there is text behind a closing quote', fix: 'Write a quote inside a cell as "".' });
    return false;
  }
  let extra = row.count;
  while (extra > columns && row.start[extra - 1] === row.end[extra - 1]) extra--;
  if (row.count >= columns && extra === columns) return true;
  add('ragged_row', Math.min(row.count, columns + 1), {
    reason: `the row has ${row.count} cells, the header ${columns}`,
    fix: 'Check delimiters and quotes of this line: the row must have one cell per column.',
  });
  return false;
}
