/** The native kinds: which columns make them, and how header cells are read. */
import type { FileKind } from '../contract/report.ts';
import { ambiguous, fileError } from './issues.ts';

const NAME = ['ticker', 'figi', 'isin'];

interface KindColumns {
  /** One column of each group must be there. */
  readonly required: readonly (readonly string[])[];
  readonly optional: readonly string[];
}

export const KINDS: Readonly<Record<FileKind, KindColumns>> = {
  prices: {
    required: [['date'], NAME, ['close', 'adj_close']],
    optional: ['open', 'high', 'low', 'volume', 'exchange', 'currency', 'known_from'],
  },
  returns: { required: [['date'], NAME, ['return']], optional: ['exchange', 'currency', 'known_from'] },
  securities: {
    required: [['ticker'], ['valid_from']],
    optional: ['figi', 'isin', 'cusip', 'sedol', 'exchange', 'name', 'type', 'valid_to', 'known_from'],
  },
  classification: { required: [NAME, ['sector']], optional: ['industry', 'scheme', 'exchange', 'valid_from', 'valid_to', 'known_from'] },
  market_cap: { required: [['date'], NAME, ['market_cap']], optional: ['exchange', 'currency', 'known_from'] },
  actions: { required: [NAME, ['ex_date'], ['type'], ['value']], optional: ['exchange', 'currency', 'known_from'] },
  shares: { required: [NAME, ['shares'], ['valid_from']], optional: ['exchange', 'valid_to', 'known_from'] },
  'etf-map': { required: [['level'], ['code'], ['etf']], optional: ['scheme', 'proxy', 'valid_from', 'valid_to', 'known_from'] },
  universe: { required: [NAME, ['universe']], optional: ['exchange', 'valid_from', 'valid_to', 'known_from'] },
  holdings: {
    required: [
      [...NAME, 'cusip'],
      ['quantity', 'market_value', 'weight'],
    ],
    optional: ['account', 'price', 'currency', 'as_of', 'name', 'sedol', 'exchange', 'asset_class', 'multiplier', 'side'],
  },
};

/** Other headings for a column, used when the column itself is absent. */
const ALIASES: Readonly<Record<string, string>> = {
  symbol: 'ticker',
  adjclose: 'adj_close',
  adjusted_close: 'adj_close',
  'close/last': 'close',
  vol: 'volume',
  'sub-industry': 'industry',
  sub_industry: 'industry',
  ccy: 'currency',
};

/** Headings under which a quantity may have a value beside it; alone they could be of anything. */
const LOOSE_VALUES = ['value', 'value $', 'total value', 'net liq', 'equity'];

/** Headings of holdings files in general use; the plainer first: `Security` may be a name, `Position` a side. */
const HOLDING_ALIASES: Readonly<Record<string, readonly string[]>> = {
  ticker: [
    'symbol',
    'holding ticker',
    'bbg ticker',
    'code',
    '代号',
    'security id',
    'security',
    'instrument',
    'stock',
    'financial instrument',
    'positions',
  ],
  quantity: [
    'qty',
    'qty (quantity)',
    'qty #',
    'shares',
    'units',
    'share quantity',
    'shares held',
    'shares/par value',
    'td quantity',
    'nominal',
    '股数',
    'position',
    'holdings',
  ],
  price: [
    'last price',
    'last price $',
    'mark',
    'mark price',
    'market price',
    'close price',
    'share price',
    'unit price',
    'current price',
    'localprice',
    'mkt price',
    'last',
    '价格',
  ],
  market_value: [
    'market value',
    'market value ($)',
    'market value($)',
    'marketvalue',
    'mkt val (market value)',
    'mkt val',
    'current value',
    'position value',
    'marketvaluebook',
    'mkt val (base)',
    '市值',
    ...LOOSE_VALUES,
  ],
  weight: [
    'weight (%)',
    'weight(%)',
    'weight %',
    'weight%',
    '% weight',
    'weighting',
    'portfolio weight',
    'wgt',
    '% of net assets',
    '% of fund',
  ],
  account: ['account number', 'account name/number', 'clientaccountid', 'portfolio', 'fund', 'portfolio name', 'fund ticker'],
  currency: ['ccy', 'currencyprimary', 'local ccy', 'base ccy'],
  as_of: ['as of', 'asof', 'position date', 'report date', 'reportdate', 'business date', 'cob date', 'date'],
  name: ['description', 'security name', 'company', 'holding name', '名称'],
  asset_class: ['asset class', 'asset type', 'security type', 'class of shares'],
  side: ['long/short', 'l/s', 'pos side'],
};

/** A header cell for people: without invisible characters. */
export function cleanHeader(text: string): string {
  return text
    .replace(/[\u200b\ufeff]/g, '')
    .replace(/\u00a0/g, ' ')
    .trim();
}

const plain = (text: string): string =>
  cleanHeader(text)
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .replace(/^<(.*)>$/, '$1')
    .replace(/[?*]+$/, '');

/** Column names as the program calls them; an unknown heading stays as it is, in lower case with `_` for blanks. */
export function columnNames(header: readonly string[]): string[] {
  const names = header.map((text) => plain(text).replaceAll(' ', '_'));
  // A matrix has thousands of columns: looked up, not looked through.
  const given = new Set(names);
  return names.map((name) => {
    const known = Object.hasOwn(ALIASES, name) ? ALIASES[name]! : name;
    return given.has(known) ? name : known;
  });
}

/** As `columnNames`, with the wider aliases of holdings files; of several headings for one column the alias listed first wins. */
export function holdingNames(header: readonly string[]): string[] {
  const labels = header.map(plain);
  const names = labels.map((label) => label.replaceAll(' ', '_'));
  for (const [name, aliases] of Object.entries(HOLDING_ALIASES)) {
    if (names.includes(name)) continue;
    const at = aliases.map((alias) => labels.indexOf(alias)).find((index) => index >= 0);
    if (at !== undefined) names[at] = name;
  }
  const value = names.indexOf('market_value');
  if (value >= 0 && !names.includes('quantity') && LOOSE_VALUES.includes(labels[value]!)) names[value] = labels[value]!;
  return names;
}

/**
 * Names after what a person chose: a chosen heading is that column, one left out is none, and a heading that is called like a
 * chosen column gives way to it.
 */
export function chosenNames(
  header: readonly string[],
  names: readonly string[],
  columns: Readonly<Record<string, string>> | undefined,
): string[] {
  if (columns === undefined) return [...names];
  const chosen = new Map(Object.entries(columns).map(([heading, name]) => [cleanHeader(heading), name]));
  const own = header.map((heading) => chosen.get(heading) ?? null);
  const taken = new Set(own.filter((name) => name !== null && name !== ''));
  return names.map((name, i) => (own[i] !== null ? own[i] || '(left out)' : taken.has(name) ? '(left out)' : name));
}

export function missingColumns(kind: FileKind, names: readonly string[]): string[] {
  const present = new Set(names);
  return KINDS[kind].required.filter((group) => !group.some((name) => present.has(name))).map((group) => group.join(' or '));
}

export function knownColumns(kind: FileKind): readonly string[] {
  return [...KINDS[kind].required.flat(), ...KINDS[kind].optional];
}

/** `<scheme>_sector…` and `<scheme>_industry…` columns side by side (`gics_sub_industry_sp500` is gics). */
export interface SchemeColumns {
  readonly scheme: string;
  readonly sector: number;
  readonly industry: number;
}

export function schemeColumns(names: readonly string[]): SchemeColumns[] {
  const found = new Map<string, { sector: number; industry: number }>();
  // The finer industry column is the one that stands for a scheme having both.
  for (const pattern of [
    /^([a-z0-9]+)_(sector)(_[a-z0-9_]+)?$/,
    /^([a-z0-9]+)_sub[_-]?(industry)(_[a-z0-9_]+)?$/,
    /^([a-z0-9]+)_(industry)(?!_group)(_[a-z0-9_]+)?$/,
  ]) {
    names.forEach((name, column) => {
      const match = pattern.exec(name);
      if (!match) return;
      const entry = found.get(match[1]!) ?? { sector: -1, industry: -1 };
      const part = match[2] as 'sector' | 'industry';
      if (entry[part] < 0) entry[part] = column;
      found.set(match[1]!, entry);
    });
  }
  return [...found].filter(([, { sector }]) => sector >= 0).map(([scheme, columns]) => ({ scheme, ...columns }));
}

/** A list of names and nothing else, or one that is asked for as such: a universe called like the file. */
const isBareList = (names: readonly string[], wanted: FileKind | undefined): boolean =>
  NAME.some((name) => names.includes(name)) && (wanted === 'universe' || names.every((name) => [...NAME, 'exchange'].includes(name)));

function fits(kind: FileKind, names: readonly string[], wanted: FileKind | undefined): boolean {
  if (missingColumns(kind, names).length === 0) return true;
  if (kind === 'universe') return isBareList(names, wanted);
  return kind === 'classification' && NAME.some((name) => names.includes(name)) && schemeColumns(names).length > 0;
}

/** The native kind whose required columns a header has; of several the one that knows most of its columns; null when none. */
export function nativeKind(file: string, names: readonly string[], wanted: FileKind | undefined): FileKind | null {
  const kinds = Object.keys(KINDS) as FileKind[];
  const candidates = kinds.filter((kind) => (wanted === undefined || kind === wanted) && fits(kind, names, wanted));
  // Any kind may name a currency beside its own columns: it speaks for holdings alone.
  const speaksFor = (kind: FileKind, name: string): boolean =>
    knownColumns(kind).includes(name) && (name !== 'currency' || kind === 'holdings');
  const score = (kind: FileKind): number => names.filter((name) => speaksFor(kind, name)).length;
  const best = Math.max(...candidates.map(score));
  const winners = candidates.filter((kind) => score(kind) === best);
  if (winners.length > 1) throw ambiguous(file, `the columns fit ${winners.join(' and ')}`, '--as', winners);
  return winners[0] ?? null;
}

/** The error for a header no kind of file has: what is missing for the nearest kinds. */
export function unknownHeader(
  file: string,
  header: readonly string[],
  names: readonly string[],
  line: number,
  wanted: FileKind | undefined,
): Error {
  const kinds = wanted ? [wanted] : (Object.keys(KINDS) as FileKind[]);
  const known = (kind: FileKind): number => names.filter((name) => knownColumns(kind).includes(name)).length;
  const gaps = kinds
    .map((kind) => ({ kind, missing: missingColumns(kind, names) }))
    .sort((a, b) => a.missing.length - b.missing.length || known(b.kind) - known(a.kind));
  const nearest = gaps.filter(({ missing }) => missing.length === gaps[0]!.missing.length).slice(0, 4);
  const lacks = nearest.map(({ kind, missing }) => `${kind} lacks ${missing.join(', ')}`).join('; ');
  const shown = header.slice(0, 12).map(cleanHeader).join(', ');
  const text = {
    found: header.join(','),
    reason: `no kind of file has these columns (${shown}${header.length > 12 ? ', …' : ''}): ${lacks}`,
    fix:
      wanted === 'holdings'
        ? 'Choose the columns by hand on Import, or name a layout or a template of yours (--layout, --template).'
        : 'Name the columns in the first line so, or add the missing ones; or choose the columns by hand on Import.',
  };
  return fileError(file, 'unknown_columns', text, line);
}
