import { expect, it } from 'vitest';
import type { BookPosition, BookView } from '../../../main/contract/results.ts';
import { etfColumns, heatRows, sectorRows, sideRows } from './rollup.ts';

const position = (ticker: string, part: Partial<BookPosition>): BookPosition => ({
  account: '',
  securityId: 1,
  ticker,
  name: null,
  quantity: 1,
  price: 1,
  priceDay: null,
  marketValue: 100,
  weight: null,
  role: 'stock',
  level: 3,
  chain: [],
  exposure: [],
  hedgeRatio: [],
  explained: [],
  residual: null,
  volatility: null,
  flags: [],
  reason: null,
  ...part,
});
const positions = [
  position('A', { chain: ['SPY', 'XLK', 'SMH'], exposure: [1, 0.5, -0.2] }),
  position('B', { marketValue: -50, chain: ['SPY', 'XLK'], exposure: [1.2, 0.4], level: 2 }),
  position('C', { marketValue: 10, chain: ['SPY', 'XLE'], exposure: [1, 1], level: 2 }),
  position('XLE', { marketValue: 30, role: 'investment', chain: ['XLE'], exposure: [1], level: 2 }),
  position('SPY', { marketValue: -40, role: 'hedge', chain: ['SPY'], exposure: [1], level: 1 }),
  position('Bond', { marketValue: 20, role: 'unmodelled', reason: 'unknown here' }),
  position('USD', { marketValue: 1000, role: 'cash', reason: 'cash: no factor exposure' }),
];
const view = {
  positions,
  gross: 250,
  net: 70,
  // The core's shares are of exposures, without held hedges.
  etfs: [
    { etf: 'SPY', exposure: 50, hedgeHolding: -40, net: 10, shareOfGross: 0.04 },
    { etf: 'XLK', exposure: 30, hedgeHolding: 0, net: 30, shareOfGross: 0.12 },
    { etf: 'XLE', exposure: 40, hedgeHolding: 0, net: 40, shareOfGross: 0.16 },
    { etf: 'SMH', exposure: -20, hedgeHolding: 0, net: -20, shareOfGross: 0.08 },
  ],
} as unknown as BookView;

it('gives every ETF column the sum the core states for it', () => {
  const rows = heatRows(view);
  for (const { etf, net } of view.etfs) expect(rows.reduce((sum, row) => sum + (row.dollars.get(etf) ?? 0), 0)).toBeCloseTo(net, 9);
});

it('orders ETFs by layer, then by size', () => {
  expect(etfColumns(view).map(({ etf }) => etf)).toEqual(['SPY', 'XLE', 'XLK', 'SMH']);
});

it('rolls up by sector and subsector ETF without losing a position', () => {
  const rows = sectorRows(view);
  expect(rows.filter((row) => row.depth === 0).map((row) => [row.name, row.positions])).toEqual([
    ['XLK', 2],
    ['XLE', 1],
    ['held ETFs, investments', 1],
    ['held ETFs, hedges', 1],
    ['unmodelled', 1],
  ]);
  expect(rows.find((row) => row.name === 'XLK')).toMatchObject({
    long: 100,
    short: -50,
    net: 50,
    shareOfGross: 0.6,
    layers: [40, 30, -20],
  });
  const top = rows.filter((row) => row.depth === 0);
  expect(top.reduce((sum, row) => sum + row.net, 0)).toBe(view.net);
});

it('splits long and short, and all of it is the book', () => {
  const rows = sideRows(view);
  expect(rows.map((row) => [row.name, row.net])).toEqual([
    ['Long', 140],
    ['Short', -50],
    ['Held hedges', -40],
    ['Unmodelled', 20],
    ['All', 70],
    ['Cash, outside gross', 1000],
  ]);
  const all = rows.find((row) => row.name === 'All')!;
  const unpriced = position('Note', { marketValue: null, role: 'unmodelled', reason: 'unknown here' });
  expect(sideRows({ ...view, positions: [...positions, unpriced] }).slice(3, 5)).toMatchObject([
    { name: 'Unmodelled, 1 unvalued', positions: 2, net: 20 },
    { name: 'All, 1 unvalued', positions: 7, net: 70 },
  ]);
  expect([all.long - all.short, all.net]).toEqual([view.gross, view.net]);
});
