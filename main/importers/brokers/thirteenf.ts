import { parseDecimal } from '../decimal.ts';
import type { Book } from './book.ts';
import { readDay } from './days.ts';
import { all, placesOf, readMarkup, textOf, type Element } from './markup.ts';
import { mendCusip } from './names.ts';
import { NOT_RECOGNISED, type TextAdapter } from './types.ts';

/** The information table of a full submission stands between other documents; the table alone is the whole file. */
function tableOf(text: string): { readonly table: string; readonly before: string } | null {
  const begin = /<(?:[\w-]{1,20}:)?informationTable[\s>]/.exec(text);
  if (!begin) return null;
  const name = begin[0].slice(1).trim().replace('>', '');
  const end = text.indexOf(`</${name}>`, begin.index);
  if (end < 0) return null;
  // Line ends in front keep the line numbers right.
  const before = text.slice(0, begin.index);
  return { table: before.replace(/[^\n]/g, '') + text.slice(begin.index, end + name.length + 3), before };
}

const tag = (text: string, name: string): string =>
  new RegExp(`<(?:[\\w-]{1,20}:)?${name}>\\s{0,80}([^<]{1,80})`).exec(text)?.[1]?.trim() ?? '';

/** Whether the values are in thousands (as until 2022, and by mistake later): then most shares seem to cost less than a dollar. */
function inThousands(entries: readonly Element[]): boolean {
  const prices = entries
    .filter((entry) => textOf(entry, 'sshPrnamtType') === 'SH')
    .map((entry) => Number(textOf(entry, 'value')) / Number(textOf(entry, 'sshPrnamt')))
    .filter((price) => price > 0 && Number.isFinite(price))
    .sort((a, b) => a - b);
  return prices.length > 0 && prices[prices.length >> 1]! < 1;
}

/** Whole thousands as dollars, exactly. */
const times1000 = (text: string): string => (/^\d+$/.test(text) ? `${text}000` : String(Number(text) * 1000));

function readEntry(book: Book, entry: Element, line: number, account: string, thousands: boolean): void {
  const value = textOf(entry, 'value').replaceAll(',', '');
  const right = textOf(entry, 'putCall');
  const written = textOf(entry, 'cusip').toUpperCase();
  const cusip = mendCusip(written);
  if (cusip !== written)
    book.issue('info', 'cusip_mended', line, `CUSIP ${written} has lost leading zeros: ${cusip}`, 'Nothing to do.', written);
  book.hold({
    line,
    account,
    cusip,
    // An option is reported by its underlying shares: it gets a name of its own so that it cannot pass for them.
    ...(right === '' ? {} : { kind: 'option' as const, symbol: `${cusip} ${right}`, multiplier: '1' }),
    ...(textOf(entry, 'sshPrnamtType') === 'PRN' ? { kind: 'bond' as const } : {}),
    name: [textOf(entry, 'nameOfIssuer'), textOf(entry, 'titleOfClass')].join(' ').trim(),
    quantity: textOf(entry, 'sshPrnamt'),
    value: thousands && value !== '' ? times1000(value) : value,
    currency: 'USD',
    assetClass: textOf(entry, 'titleOfClass'),
  });
}

/** SEC Form 13F: the information table alone or within the whole submission. */
export const thirteenF: TextAdapter = {
  id: '13f',
  name: 'Form 13F information table',
  delimiter: '',
  recognise({ text }) {
    const table = /<(?:[\w-]{1,20}:)?informationTable[\s>]/.test(text);
    const form = /CONFORMED SUBMISSION TYPE:\s{0,8}13F-HR/.test(text);
    if (!table && !form) return NOT_RECOGNISED;
    const why = [...(form ? ['The header names the form 13F-HR.'] : []), ...(table ? ['There is an element informationTable.'] : [])];
    return { score: 100, layout: `Form 13F information table${form ? ' (full submission)' : ''}`, why };
  },
  read(text, book) {
    const found = tableOf(text);
    if (!found) throw book.refuse('bad_markup', 'the information table is missing or does not end', 'Download the file again.');
    const entries = all(readMarkup(found.table, false, book), 'infoTable');
    const places = placesOf(entries);
    const stated = tag(found.before, 'tableEntryTotal');
    if (stated !== '' && Number(stated) !== entries.length)
      throw book.refuse(
        'count_differs',
        `the cover page says ${stated} entries, the table has ${entries.length}`,
        'Download the file again.',
      );
    const period = /CONFORMED PERIOD OF REPORT:\s{0,8}(\d{8})/.exec(found.before)?.[1] ?? tag(found.before, 'reportCalendarOrQuarter');
    book.day(readDay(period), 'title', 1);
    const account = tag(found.before, 'filingManager>\\s{0,80}<(?:[\\w-]{1,20}:)?name') || tag(found.before, 'cik');
    const thousands = inThousands(entries);
    for (const entry of entries) readEntry(book, entry, places.get(entry)!, account, thousands);
    if (thousands)
      book.issue(
        'warning',
        'values_in_thousands',
        0,
        'the values are in thousands of dollars (most shares would cost less than 1)',
        'They were multiplied by 1,000.',
      );
    const total = tag(found.before, 'tableValueTotal');
    const line = found.before.slice(0, found.before.search(/tableValueTotal>/)).split('\n').length;
    if (parseDecimal(total, '.')) book.total({ line, value: thousands ? times1000(total) : total }, 'the table');
    book.issue(
      'info',
      'delayed_filing',
      0,
      'a 13F filing lists long positions as they were at the end of a quarter',
      'Do not take it for current holdings.',
    );
  },
};
