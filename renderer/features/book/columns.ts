/** Columns of the book: what is held, the chain, every level's hedge ratios, exposures and shares of variance, and dollars per layer. */
import type { BookPosition } from '../../../main/contract/results.ts';
import { fixed, orMissing, percent, percentUnit, signClass } from '../../lib/format.ts';
import type { GridColumn } from '../../ui/grid.ts';
import { readings } from '../security/reading.ts';

/** A position with its place in the book, by which the fields of all levels are found. */
export interface BookRow {
  readonly position: BookPosition;
  readonly at: number;
}

/** Fields of the cube per position, in the order of the book. */
export type BookFields = Readonly<Record<string, ArrayLike<number>>>;

const LEGS = ['mkt', 'sec', 'sub'] as const;
const LAYERS = ['Mkt', 'Sec', 'Sub'] as const;
const NAMES = ['market', 'sector', 'subsector'] as const;
const LEVELS = [1, 2, 3] as const;

/** What the columns need of `book.fields`. */
export const BOOK_FIELDS: readonly string[] = [
  ...LEVELS.flatMap((level) => [
    ...LEGS.slice(0, level).flatMap((leg) => ['hr', 'exp', 'hr_se', 'er'].map((what) => `l${level}_${leg}_${what}`)),
    `l${level}_res_er`,
  ]),
  ...['l1_mkt_beta', 'l2_sec_beta', 'l3_sub_beta', 'lam_sm', 'lam_um', 'lam_us', 'n_obs', 'returns_gross', 'res_in'],
];

/** Place in `chain` of a layer's ETF. A held ETF is one dollar of itself, on the layer it belongs to. */
const placeOf = (row: BookPosition, layer: number): number => (row.role === 'stock' ? layer : layer === row.level - 1 ? 0 : -1);

/** Dollars of a position on the ETF of a layer at the level served; null where it has none. */
export function dollarsOn({ position }: BookRow, layer: number): number | null {
  const exposure = position.exposure[placeOf(position, layer)];
  return exposure === undefined || exposure === null || position.marketValue === null ? null : exposure * position.marketValue;
}

/** `fields` is asked at each draw: the columns stay the same while another day loads. */
export function bookColumns(fields: () => BookFields): GridColumn<BookRow>[] {
  const why = ({ position }: BookRow): string | null => position.reason;
  const sum =
    (value: (row: BookRow) => number | null, text: (total: number) => string) =>
    (rows: readonly BookRow[]): string =>
      text(rows.reduce((total, row) => total + (value(row) ?? 0), 0));
  const words = (
    key: string,
    label: string,
    width: number,
    of: (position: BookPosition) => string | null,
    title?: string,
  ): GridColumn<BookRow> => ({
    key,
    label,
    width: `${width}px`,
    ...(title === undefined ? {} : { title }),
    value: (row) => of(row.position),
    hint: (row) => of(row.position) ?? row.position.reason,
  });
  const number = (
    key: string,
    label: string,
    title: string,
    width: number,
    value: (row: BookRow) => number | null | undefined,
    text: (value: number | null) => string,
    more: { signed?: boolean; hint?: (row: BookRow) => string | null; summed?: boolean } = {},
  ): GridColumn<BookRow> => {
    const of = (row: BookRow): number | null => {
      const found = value(row);
      return found === undefined || found === null || Number.isNaN(found) ? null : found;
    };
    return {
      key,
      label,
      title,
      width: `${width}px`,
      numeric: true,
      value: of,
      text: (row) => text(of(row)),
      ...(more.signed ? { mark: (row) => signClass(of(row)) } : {}),
      hint: (row) => more.hint?.(row) ?? (of(row) === null ? (row.position.reason ?? 'Missing on this date') : null),
      ...(more.summed ? { total: sum(of, text) } : {}),
    };
  };
  const whole = (value: number | null): string => fixed(value, 0);
  const ratio = (value: number | null): string => fixed(value, 3);
  const share = (value: number | null): string => percent(value);

  const own = (
    wire: string,
    key: string,
    label: string,
    title: string,
    width: number,
    text: (value: number | null) => string,
    signed = false,
  ) =>
    number(key, label, title, width, (row) => fields()[wire]?.[row.at], text, {
      signed,
      hint: (row) => {
        const value = fields()[wire]?.[row.at];
        if (value !== undefined && !Number.isNaN(value)) return `${wire}: ${title}`;
        return row.position.role === 'stock'
          ? `${wire} is missing: ${row.position.flags.join(', ') || 'no such level'}`
          : 'A held ETF is a factor: it has no rows of its own';
      },
    });
  const perLeg = (
    what: string,
    label: string,
    title: string,
    text: (value: number | null) => string,
    signed: boolean,
  ): GridColumn<BookRow>[] =>
    LEVELS.flatMap((level) =>
      LEGS.slice(0, level).map((leg, i) =>
        own(
          `l${level}_${leg}_${what}`,
          `l${level}.${leg}.${what}`,
          `L${level} ${LAYERS[i]} ${label}`,
          `${title}, level ${level}, on the ${NAMES[i]} ETF`,
          84,
          text,
          signed,
        ),
      ),
    );
  const served = LAYERS.map((layer, i) =>
    number(
      `hr${i}`,
      `${layer} HR`,
      'Hedge ratio of the level served: dollars of the ETF to trade per $1 held long; negative = sell',
      72,
      ({ position }) => position.hedgeRatio[placeOf(position, i)],
      ratio,
      {
        signed: true,
        hint: ({ position }) => {
          const etf = position.chain[placeOf(position, i)];
          return position.reason ?? (etf === undefined ? 'The chain has no ETF on this layer' : `per $1, in ${etf}`);
        },
      },
    ),
  );
  const value = (row: BookRow): number | null => row.position.marketValue;
  return [
    {
      key: 'ticker',
      label: 'Ticker',
      width: '84px',
      value: ({ position }) => position.ticker || 'cash',
      hint: ({ position }) => position.name,
    },
    words('name', 'Name', 190, (position) => orMissing(position.name)),
    { ...words('account', 'Account', 104, (position) => position.account || '–'), whole: true },
    words('role', 'Role', 84, (position) => position.role),
    number(
      'quantity',
      'Quantity',
      'Shares held, splits since the snapshot applied',
      88,
      ({ position }) => position.quantity,
      (x) => fixed(x, x === null || Number.isInteger(x) ? 0 : 2),
    ),
    number(
      'price',
      'Close $',
      'Last raw close at or before the date',
      78,
      ({ position }) => position.price,
      (x) => fixed(x, 2),
      {
        hint: ({ position }) => (position.priceDay ? `close of ${position.priceDay}` : position.reason),
      },
    ),
    words('priceday', 'Price of', 92, (position) => position.priceDay),
    number('value', 'Value $', 'Quantity times close; short below zero', 98, value, whole, { signed: true, summed: true, hint: why }),
    number(
      'weight',
      'Weight %',
      'Of net, or of gross where net is small: stated above',
      76,
      ({ position }) => position.weight,
      (x) => percent(x, 2),
      {
        summed: true,
        hint: why,
      },
    ),
    words('chain', 'Chain', 138, (position) => position.chain.join(' › ') || null),
    ...NAMES.map((name, i) => words(`etf.${name}`, `${LAYERS[i]} ETF`, 72, (position) => position.chain[placeOf(position, i)] ?? null)),
    number('level', 'Level', 'Level served', 52, ({ position }) => position.level || null, whole, { hint: why }),
    {
      key: 'strip',
      label: 'Variance by layer',
      title: 'Length: annualised volatility; segments: market, sector, subsector, residual',
      width: '138px',
      value: ({ position }) => position.residual,
      text: ({ position }) =>
        position.residual === null ? 'n/a' : [...position.explained, position.residual].map((part) => percentUnit(part)).join(' / '),
      custom: true,
    },
    number('vol', 'Vol %', 'Annualised volatility on the rows of the level served', 58, ({ position }) => position.volatility, share, {
      hint: why,
    }),
    ...served,
    ...perLeg('hr', 'HR', 'Hedge ratio, dollars of the ETF to trade per $1 held long; negative = sell', ratio, true),
    ...perLeg('exp', 'exp', 'Exposure: $1 behaves like so many dollars of the ETF', ratio, true),
    ...NAMES.map((name, i) =>
      number(
        `usd.${name}`,
        `${LAYERS[i]} $`,
        `Dollar exposure on the ${name} ETF at the level served`,
        92,
        (row) => dollarsOn(row, i),
        whole,
        { signed: true, summed: true },
      ),
    ),
    number(
      'rr',
      'RR %',
      'Residual risk at the level served: share of variance no ETF explains',
      58,
      ({ position }) => position.residual,
      share,
      { hint: why },
    ),
    ...LEVELS.flatMap((level) => [
      ...LEGS.slice(0, level).map((leg, i) =>
        own(
          `l${level}_${leg}_er`,
          `l${level}.${leg}.er`,
          `L${level} ${LAYERS[i]} ER %`,
          `Share of variance, level ${level}, ${NAMES[i]}`,
          92,
          share,
        ),
      ),
      own(`l${level}_res_er`, `l${level}.res.er`, `L${level} RR %`, `Residual share of variance, level ${level}`, 78, share),
    ]),
    ...perLeg('hr_se', 'SE', 'Standard error', ratio, false),
    ...LEGS.map((leg, i) =>
      own(
        `l${i + 1}_${leg}_beta`,
        `beta.${leg}`,
        `b ${NAMES[i]}`,
        `Slope on the ${i === 0 ? '' : 'cleaned '}${NAMES[i]}, fit of level ${i + 1}`,
        92,
        ratio,
        true,
      ),
    ),
    ...(['sm', 'um', 'us'] as const).map((link) =>
      own(`lam_${link}`, `lam.${link}`, `λ ${link}`, 'Link beta between the ETFs of the chain', 68, ratio),
    ),
    own('n_obs', 'rows', 'Rows', 'Rows used at the deepest level present', 60, whole),
    own('returns_gross', 'return', 'Return %', 'Total return of the day', 76, (x) => percent(x, 2), true),
    own(
      'res_in',
      'residual',
      'Residual %',
      'In-window residual of the day, with the exposures of its own row',
      84,
      (x) => percent(x, 2),
      true,
    ),
    {
      key: 'reading',
      label: 'In plain words',
      width: '200px',
      value: ({ position }) =>
        readings(position.explained, position.residual)
          .map((sentence) => sentence.split(':')[0])
          .join('; ') || '–',
      hint: ({ position }) => readings(position.explained, position.residual).join(' ') || 'Nothing out of the ordinary',
    },
    {
      key: 'flags',
      label: 'Flags',
      width: 'minmax(120px, 1fr)',
      value: ({ position }) => position.flags.map((flag) => flag.replaceAll('_', ' ')).join(', ') || '–',
    },
  ];
}

const BASE = ['quantity', 'price', 'value', 'weight', 'chain', 'strip', 'vol'];
const keysOf = (what: string): string[] => LEVELS.flatMap((level) => LEGS.slice(0, level).map((leg) => `l${level}.${leg}.${what}`));

/** Views that are always there; the first is how the book opens. */
export const BOOK_VIEWS: readonly { readonly name: string; readonly keys: readonly string[] | null }[] = [
  { name: 'Hedge ratios', keys: [...BASE, ...keysOf('hr'), 'rr', 'flags'] },
  { name: 'Exposures', keys: ['value', 'weight', 'chain', ...keysOf('exp'), 'usd.market', 'usd.sector', 'usd.subsector', 'flags'] },
  {
    name: 'Risk',
    keys: ['value', 'weight', 'chain', 'strip', 'vol', ...keysOf('er'), 'l1.res.er', 'l2.res.er', 'l3.res.er', 'reading', 'flags'],
  },
  { name: 'Holdings', keys: ['name', 'account', 'role', 'quantity', 'price', 'priceday', 'value', 'weight', 'level', 'chain', 'flags'] },
  { name: 'Every column', keys: null },
];

/** The ways to group: the name of a position's group. */
export const BOOK_GROUPS: Readonly<Record<string, { readonly label: string; readonly of: (row: BookRow) => string }>> = {
  account: { label: 'account', of: ({ position }) => position.account || 'no account' },
  role: { label: 'role', of: ({ position }) => position.role },
  side: { label: 'long, short', of: ({ position }) => ((position.marketValue ?? 0) < 0 ? 'short' : 'long') },
  sector: { label: 'sector ETF', of: ({ position }) => position.chain[placeOf(position, 1)] ?? 'no sector ETF' },
  subsector: { label: 'subsector ETF', of: ({ position }) => position.chain[placeOf(position, 2)] ?? 'no subsector ETF' },
};
