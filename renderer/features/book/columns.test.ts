import { expect, it } from 'vitest';
import { BOOK_FIELDS, BOOK_GROUPS, bookColumns, BOOK_VIEWS, dollarsOn, type BookRow } from './columns.ts';
import type { BookPosition } from '../../../main/contract/results.ts';

const position = (part: Partial<BookPosition>): BookPosition => ({
  account: 'ONE',
  securityId: 1,
  ticker: 'AAA',
  name: null,
  quantity: 100,
  price: 10,
  priceDay: '2026-06-30',
  marketValue: 1000,
  weight: 0.5,
  role: 'stock',
  level: 3,
  chain: ['SPY', 'XLK', 'SOXX'],
  exposure: [0.3, 0.5, -0.2],
  hedgeRatio: [-0.3, -0.5, 0.2],
  explained: [0.1, 0.2, 0.1],
  residual: 0.6,
  volatility: 0.35,
  flags: [],
  reason: null,
  ...part,
});
const rows: BookRow[] = [
  { position: position({}), at: 0 },
  {
    position: position({
      ticker: 'XLK',
      role: 'hedge',
      level: 2,
      chain: ['XLK'],
      exposure: [1],
      hedgeRatio: [-1],
      marketValue: -400,
      weight: -0.2,
    }),
    at: 1,
  },
];
const fields = { l1_mkt_hr: [-0.9, NaN] };
const columns = bookColumns(() => fields);
const column = (key: string) => columns.find((one) => one.key === key)!;

it('has at least sixty columns, each with a name of its own, and every view names columns that exist', () => {
  expect(columns.length).toBeGreaterThanOrEqual(60);
  expect(new Set(columns.map(({ key }) => key)).size).toBe(columns.length);
  expect(new Set(columns.map(({ label }) => label)).size).toBe(columns.length);
  const keys = new Set(columns.map(({ key }) => key));
  for (const { name, keys: own } of BOOK_VIEWS) for (const key of own ?? []) expect(keys.has(key), `${name}: ${key}`).toBe(true);
});

it('asks the core for every field its columns show', () => {
  const asked = new Set<string>();
  const spied = new Proxy({} as Record<string, number[]>, { get: (_, wire: string) => (asked.add(wire), [1]) });
  for (const one of bookColumns(() => spied)) one.value(rows[0]!);
  expect([...asked].sort()).toEqual([...BOOK_FIELDS].sort());
});

it('shows missing as missing with a reason, and sums dollars and weights alone', () => {
  expect(column('l1.mkt.hr').text!(rows[0]!)).toBe('−0.900');
  expect(column('l1.mkt.hr').value(rows[1]!)).toBeNull();
  expect(column('l1.mkt.hr').text!(rows[1]!)).toBe('n/a');
  expect(column('l1.mkt.hr').hint!(rows[1]!)).toContain('factor');
  expect(column('value').total!(rows)).toBe('600');
  expect(column('weight').total!(rows)).toBe('30.00');
  expect(column('usd.sector').total!(rows)).toBe('100');
  expect(column('vol').total).toBeUndefined();
});

it('puts a held ETF on the layer it belongs to', () => {
  expect([0, 1, 2].map((layer) => dollarsOn(rows[1]!, layer))).toEqual([null, -400, null]);
  expect(BOOK_GROUPS['sector']!.of(rows[1]!)).toBe('XLK');
  expect(BOOK_GROUPS['subsector']!.of(rows[1]!)).toBe('no subsector ETF');
});
