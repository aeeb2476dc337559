/** What the user asked to hedge and how it is to be written. Kept while other screens are visited. */
import type { Input } from '../../../main/contract/methods.ts';
import { app, onLeave, pickedBook } from '../../lib/app.svelte.ts';
import { isLimit, tickers, untouched, type Choice, type Layer } from './choice.ts';
import type { Chosen } from './usual.ts';

export { LAYERS, tickers, type Layer } from './choice.ts';

export const choice = $state<Choice>(untouched());
export const chosenNow = (): Chosen => ({ ...$state.snapshot(choice), level: app.level });
// The limits of one book would silently hold for another.
onLeave(() => Object.assign(choice, untouched()));

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
    ...(choice.minTrade === null ? {} : { minTrade: choice.minTrade }),
    ...(choice.band > 0 ? { band: choice.band } : {}),
    rounding: choice.rounding,
    netting: choice.netting,
    ...(excluded.length > 0 ? { exclude: excluded } : {}),
    ...(limits.length > 0 ? { limits } : {}),
    ...(choice.grossCap === null ? {} : { grossCap: choice.grossCap }),
  };
}

export function orderTerms(): NonNullable<Input<'orders.export'>['terms']> {
  return { orderType: choice.orderType, ...(isLimit(choice.orderType) ? { limitBps: choice.limitBps } : {}) };
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
