/** What the user asked to hedge and how it is to be written. Kept while other screens are visited. */
import type { Input } from '../../../main/contract/methods.ts';
import { onLeave, pickedBook } from '../../lib/app.svelte.ts';

export type Layer = 'market' | 'sector' | 'subsector';
export const LAYERS: readonly Layer[] = ['market', 'sector', 'subsector'];
export type OrderType = 'MKT' | 'MOC' | 'LMT' | 'LOC';

export interface Choice {
  layers: Record<Layer, number>;
  minTrade: number;
  /** Per cent of the target up to which a change of a held hedge is left. */
  band: number;
  rounding: 'joint' | 'nearest';
  netting: 'across' | 'per-account';
  exclude: string;
  /** Dollars per ETF. */
  limits: Record<string, number>;
  grossCap: number | null;
  format: string;
  orderType: OrderType;
  limitBps: number;
}

const untouched = (): Choice => ({
  layers: { market: 100, sector: 100, subsector: 100 },
  minTrade: 0,
  band: 0,
  rounding: 'joint',
  netting: 'across',
  exclude: '',
  limits: {},
  grossCap: null,
  format: 'generic',
  orderType: 'MKT',
  limitBps: 20,
});

export const choice = $state<Choice>(untouched());
// The limits of one book would silently hold for another.
onLeave(() => Object.assign(choice, untouched()));

/** Tickers typed with commas or spaces. */
export const tickers = (text: string): string[] =>
  text
    .toUpperCase()
    .split(/[\s,;]+/)
    .filter((ticker, i, all) => ticker !== '' && all.indexOf(ticker) === i);

/** Puts an ETF on the list of those left out, or takes it off. */
export function leaveOut(etf: string, out: boolean): void {
  const rest = tickers(choice.exclude).filter((ticker) => ticker !== etf);
  choice.exclude = (out ? [...rest, etf] : rest).join(', ');
}

/** The request for preview and export. A layer above the chosen level is sent as 0: asking for it is an error (MODEL.md 11). */
export function hedgeRequest(): Input<'orders.freeze'>['request'] {
  const book = pickedBook();
  const excluded = tickers(choice.exclude);
  const limits = Object.entries(choice.limits).map(([etf, dollars]) => ({ etf, dollars }));
  return {
    ...book,
    layers: {
      market: choice.layers.market,
      sector: book.level >= 2 ? choice.layers.sector : 0,
      subsector: book.level >= 3 ? choice.layers.subsector : 0,
    },
    minTrade: choice.minTrade,
    ...(choice.band > 0 ? { band: choice.band } : {}),
    rounding: choice.rounding,
    netting: choice.netting,
    ...(excluded.length > 0 ? { exclude: excluded } : {}),
    ...(limits.length > 0 ? { limits } : {}),
    ...(choice.grossCap === null ? {} : { grossCap: choice.grossCap }),
  };
}

export function orderTerms(): NonNullable<Input<'orders.export'>['terms']> {
  const limit = choice.orderType === 'LMT' || choice.orderType === 'LOC';
  return { orderType: choice.orderType, ...(limit ? { limitBps: choice.limitBps } : {}) };
}

/** Presets of whole hedges; each sets the level and every layer. */
export const PRESETS: readonly { label: string; title: string; level: 1 | 2 | 3; layers: Record<Layer, number> }[] = [
  { label: 'Market only (L1)', title: 'The market ETF alone', level: 1, layers: { market: 100, sector: 0, subsector: 0 } },
  { label: 'Market + sector (L2)', title: 'Both upper layers in full', level: 2, layers: { market: 100, sector: 100, subsector: 0 } },
  {
    label: 'All layers (L3)',
    title: 'What is left is the stocks themselves',
    level: 3,
    layers: { market: 100, sector: 100, subsector: 100 },
  },
  {
    label: 'Halve sector and subsector, sell nothing',
    title: 'Scales two layers down with ETFs; no position of the book is sold',
    level: 3,
    layers: { market: 0, sector: 50, subsector: 50 },
  },
  {
    label: 'Halve the market, sell nothing',
    title: 'Scales the market layer down with the market ETF; no position of the book is sold',
    level: 3,
    layers: { market: 50, sector: 0, subsector: 0 },
  },
];
