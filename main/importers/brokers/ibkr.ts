/** What Interactive Brokers' exports have in common: a position or a cash balance as a record of named texts. */
import type { Instrument } from '../staged.ts';
import type { Book } from './book.ts';
import { readOption, type OptionTerms } from './names.ts';
import type { Facts } from './types.ts';

/** Names in lower case, letters and digits only: `ClientAccountID` and `accountId` are both `accountid`. */
export type Fields = ReadonlyMap<string, string>;

const ALIASES: Readonly<Record<string, string>> = {
  clientaccountid: 'accountid',
  currencyprimary: 'currency',
  assetclass: 'assetcategory',
  quantity: 'position',
};

export const fieldName = (text: string): string => {
  const name = text.toLowerCase().replace(/[^a-z0-9]/g, '');
  return ALIASES[name] ?? name;
};

const KINDS: Readonly<Record<string, Instrument>> = {
  opt: 'option',
  'equity and index options': 'option',
  fut: 'future',
  futures: 'future',
  fop: 'other',
  'options on futures': 'other',
  bond: 'bond',
  bonds: 'bond',
  bill: 'bond',
  'treasury bills': 'bond',
  crypto: 'crypto',
  cfd: 'other',
  cfds: 'other',
  war: 'other',
  warrants: 'other',
  cmdty: 'other',
  cash: 'other',
  forex: 'other',
};

/** The kind an asset category names; undefined for shares and funds, which their symbols tell apart. */
export const kindOf = (category: string): Instrument | undefined => KINDS[category.toLowerCase()];

function optionOf(fields: Fields): OptionTerms | null {
  const get = (name: string): string => fields.get(name) ?? '';
  const day = /^(\d{4})-?(\d\d)-?(\d\d)/.exec(get('expiry'));
  if (!day || get('strike') === '' || get('putcall') === '') return null;
  return readOption(`${get('underlyingsymbol')} ${day[2]}/${day[3]}/${day[1]} ${get('strike')} ${get('putcall')[0]}`);
}

export function holdFlex(book: Book, fields: Fields, line: number, columns: NonNullable<Facts['columns']> = {}): void {
  const get = (name: string): string => (fields.get(name) ?? '').trim();
  const category = get('assetcategory');
  const kind = kindOf(category);
  const option = kind === 'option' ? (readOption(get('symbol')) ?? optionOf(fields)) : null;
  const level = get('levelofdetail').toUpperCase();
  if (level !== '' && level !== 'SUMMARY' && level !== 'LOT') return book.line(line, 'ignored', 'lot', `level of detail ${level}`);
  const idType = get('securityidtype').toUpperCase();
  book.hold({
    line,
    columns,
    account: get('accountid'),
    symbol: get('symbol').split(',')[0]!.trim(),
    cusip: get('cusip') || (idType === 'CUSIP' ? get('securityid') : ''),
    isin: get('isin') || (idType === 'ISIN' ? get('securityid') : ''),
    name: get('description'),
    quantity: get('position'),
    price: get('markprice'),
    value: get('positionvalue'),
    currency: get('currency'),
    // Bonds and shares have the multiplier 1, though bond prices are percent of par.
    ...(kind === 'option' || kind === 'future' || kind === 'other' ? { multiplier: get('multiplier') } : {}),
    assetClass: category,
    side: get('side'),
    asOf: get('reportdate'),
    ...(kind === undefined ? {} : { kind }),
    ...(option ? { option } : {}),
    lot: level === 'LOT' || (level === '' && get('opendatetime') !== ''),
  });
}

/** The currency of a balance that sums up all of them. */
export const BASE = 'BASE_SUMMARY';

interface Balance {
  readonly fields: Fields;
  readonly line: number;
}

const get = (fields: Fields, name: string): string => (fields.get(name) ?? '').trim();

/** The base currency as the rates of an account's positions tell it: that of the rate 1, and not dollars where theirs is another; '' when they are silent. */
function baseOf(positions: readonly Fields[], account: string): string {
  const rated = positions.filter((fields) => get(fields, 'accountid') === account && get(fields, 'fxratetobase') !== '');
  const own = rated.find((fields) => Number(get(fields, 'fxratetobase')) === 1);
  if (own) return get(own, 'currency');
  return rated.some((fields) => get(fields, 'currency') === 'USD') ? BASE : '';
}

/**
 * Balances per currency; where the summary in base currency is alone it stands in, in `basecurrency` where the file names it, else in what
 * the positions say.
 */
export function holdCash(book: Book, balances: readonly Balance[], positions: readonly Fields[] = []): void {
  const detailed = new Set(balances.filter(({ fields }) => get(fields, 'currency') !== BASE).map(({ fields }) => get(fields, 'accountid')));
  for (const { fields, line } of balances) {
    const account = get(fields, 'accountid');
    const base = get(fields, 'currency') === BASE;
    if (base && detailed.has(account)) {
      book.line(line, 'total', undefined, 'cash of all currencies');
      continue;
    }
    const currency = base ? get(fields, 'basecurrency') || baseOf(positions, account) : get(fields, 'currency');
    if (currency === '')
      book.issue(
        'warning',
        'base_currency',
        line,
        'the file does not say what the base currency is: its cash is read as dollars',
        'Add FXRateToBase to the open positions, or currencies to the cash report of the query.',
      );
    book.hold({ line, account, kind: 'cash', currency, value: get(fields, 'endingcash') });
  }
}
