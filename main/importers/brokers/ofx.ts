import { formatIsoDay } from '../../contract/units.ts';
import { parseDecimal } from '../decimal.ts';
import type { Instrument } from '../staged.ts';
import type { Book } from './book.ts';
import { readDay } from './days.ts';
import { all, placesOf, readMarkup, textOf, type Element } from './markup.ts';
import { readOption, type OptionTerms } from './names.ts';
import { NOT_RECOGNISED, type Facts, type TextAdapter } from './types.ts';

const KINDS: Readonly<Record<string, Instrument>> = { POSOPT: 'option', POSDEBT: 'bond' };
const POSITIONS = ['POSSTOCK', 'POSMF', 'POSOPT', 'POSDEBT', 'POSOTHER'];

/** A decimal comma is allowed by the format: `128,50`. */
const number = (text: string): string => (/^[-+]?\d+,\d+$/.test(text) ? text.replace(',', '.') : text);

const keyOf = (element: Element | undefined): string => `${textOf(element, 'UNIQUEIDTYPE').toUpperCase()} ${textOf(element, 'UNIQUEID')}`;

type Securities = ReadonlyMap<string, Element>;

function optionOf(info: Element | undefined, securities: Securities): OptionTerms | null {
  const own = readOption(textOf(info, 'TICKER'));
  if (own || !info) return own;
  const day = readDay(textOf(info, 'DTEXPIRE'));
  // The first SECID is the option's own, a second one its underlying's.
  const under = all(info, 'SECID')[1];
  const root = textOf(under ? securities.get(keyOf(under)) : undefined, 'TICKER');
  const right = textOf(info, 'OPTTYPE')[0] ?? '';
  if (day === null) return null;
  const [year, month, date] = formatIsoDay(day).split('-');
  return readOption(`${root} ${month}/${date}/${year} ${number(textOf(info, 'STRIKEPRICE'))} ${right}`);
}

function factsOf(element: Element, line: number, account: string, currency: string, securities: Securities): Facts {
  const info = securities.get(keyOf(all(element, 'SECID')[0]));
  const idType = textOf(element, 'UNIQUEIDTYPE').toUpperCase();
  const id = textOf(element, 'UNIQUEID');
  const kind = KINDS[element.name];
  const option = kind === 'option' ? optionOf(info, securities) : null;
  const held = textOf(element, 'POSTYPE') || (textOf(element, 'HELDINACCT') === 'SHORT' ? 'SHORT' : '');
  return {
    line,
    account,
    symbol: textOf(info, 'TICKER'),
    cusip: idType === 'CUSIP' ? id : '',
    isin: idType === 'ISIN' ? id : '',
    name: textOf(info, 'SECNAME') || textOf(element, 'MEMO') || (idType === 'CUSIP' || idType === 'ISIN' ? '' : id),
    quantity: number(textOf(element, 'UNITS')),
    price: number(textOf(element, 'UNITPRICE')),
    value: number(textOf(element, 'MKTVAL')),
    currency: textOf(all(element, 'CURRENCY')[0], 'CURSYM') || currency,
    ...(kind === 'option' ? { multiplier: textOf(info, 'SHPERCTRCT') } : {}),
    side: held,
    ...(kind === undefined ? {} : { kind }),
    ...(option ? { option } : {}),
    assetClass: element.name === 'POSMF' ? 'mutual fund' : '',
  };
}

/** Cash of a statement, unless it is the sweep fund listed as a position already. */
function readCash(book: Book, statement: Element, line: number, account: string, currency: string, positions: readonly Facts[]): void {
  const value = number(textOf(all(statement, 'INVBAL')[0], 'AVAILCASH'));
  if (value === '') return;
  const sweep = positions
    .filter(({ symbol }) => /^[A-Z]{3}XX$/.test(symbol!))
    .reduce((sum, { value: v }) => sum + (parseDecimal(v!, '.')?.value ?? NaN), 0);
  const cash = parseDecimal(value, '.');
  if (cash && cash.value !== 0 && Math.abs(sweep - cash.value) < 0.005) {
    book.issue(
      'warning',
      'cash_counted_twice',
      line,
      `the available cash ${value} is the money market fund listed as a position`,
      'It was counted once.',
      value,
    );
    return book.line(line, 'ignored', undefined, 'cash that is also listed as a money market fund');
  }
  book.hold({ line, account, kind: 'cash', value, currency });
}

/** OFX and QFX with a list of positions: Vanguard, E*TRADE, Morgan Stanley, Merrill and others. */
export const ofx: TextAdapter = {
  id: 'ofx',
  name: 'OFX investment statement',
  delimiter: '',
  recognise({ text }) {
    const start = text.slice(0, 4096);
    if (!/OFXHEADER\s*[:=]|<OFX>/i.test(start)) return NOT_RECOGNISED;
    const version = /OFXHEADER\s*=/i.test(start) ? '2' : '1';
    const layout = `OFX ${version} investment statement`;
    const why = [`The file begins like OFX ${version}.`];
    const bank = /<(BANKMSGSRSV1|CREDITCARDMSGSRSV1)>/i.test(text) && !/<INVSTMTMSGSRSV1>/i.test(text);
    const refusal = {
      code: 'bank_statement',
      line: 1,
      reason: 'this is a statement of a bank or card account, without positions',
      fix: 'Download the file of the brokerage account.',
    };
    return { score: 100, layout, why, ...(bank ? { refusal } : {}) };
  },
  read(text, book) {
    const begin = text.search(/<OFX>/i);
    if (begin < 0) throw book.refuse('bad_markup', 'the element OFX is missing', 'The file is cut short or damaged: download it again.');
    const lines = text.slice(0, begin).replace(/[^\n]/g, '');
    const root = readMarkup(lines + text.slice(begin), true, book);
    if (!/<\/OFX>/i.test(text.slice(-2048)))
      throw book.refuse('bad_markup', 'the file does not end with </OFX>', 'It is cut short: download it again.');
    const securities = new Map(
      all(root, 'SECLIST').flatMap(({ children }) => children.map((info) => [keyOf(all(info, 'SECID')[0]), info] as const)),
    );
    const statements = all(root, 'INVSTMTRS');
    const elements = new Map(statements.map((one) => [one, POSITIONS.flatMap((name) => all(one, name)).sort((a, b) => a.line - b.line)]));
    if (!statements.some((one) => all(one, 'INVPOSLIST').length > 0))
      throw book.refuse(
        'no_positions',
        'the file has no list of positions (INVPOSLIST)',
        'Download it with positions, or export the positions as CSV.',
      );
    const places = placesOf(statements.flatMap((one) => [...elements.get(one)!, ...all(one, 'INVBAL')]));
    for (const statement of statements) {
      const account = textOf(statement, 'ACCTID');
      const currency = textOf(statement, 'CURDEF');
      book.day(readDay(textOf(statement, 'DTASOF')), 'title', statement.line);
      const facts = elements.get(statement)!.map((element) => factsOf(element, places.get(element)!, account, currency, securities));
      for (const one of facts) book.hold(one);
      const [balance] = all(statement, 'INVBAL');
      if (balance) readCash(book, statement, places.get(balance)!, account, currency, facts);
    }
  },
};
