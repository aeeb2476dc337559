/** What the user asked to hedge. Kept while other screens are visited. */
import type { Input } from '../../../main/contract/methods.ts';
import { pickedBook } from '../../lib/app.svelte.ts';

export type Layer = 'market' | 'sector' | 'subsector';
export const LAYERS: readonly Layer[] = ['market', 'sector', 'subsector'];

export const choice = $state({
  layers: { market: 100, sector: 100, subsector: 100 } as Record<Layer, number>,
  minTrade: 0,
  rounding: 'joint' as 'joint' | 'nearest',
  exclude: '',
});

/** Tickers typed with commas or spaces. */
export const tickers = (text: string): string[] =>
  text
    .toUpperCase()
    .split(/[\s,;]+/)
    .filter((ticker, i, all) => ticker !== '' && all.indexOf(ticker) === i);

/** The request for preview and export. A layer above the chosen level is sent as 0: asking for it is an error (MODEL.md 11). */
export function hedgeRequest(): Input<'hedge.preview'> {
  const book = pickedBook();
  const excluded = tickers(choice.exclude);
  return {
    ...book,
    layers: {
      market: choice.layers.market,
      sector: book.level >= 2 ? choice.layers.sector : 0,
      subsector: book.level >= 3 ? choice.layers.subsector : 0,
    },
    minTrade: choice.minTrade,
    rounding: choice.rounding,
    ...(excluded.length > 0 ? { exclude: excluded } : {}),
  };
}

/** Presets of whole hedges; each sets the level and every layer. */
export const PRESETS: readonly { label: string; level: 1 | 2 | 3; layers: Record<Layer, number> }[] = [
  { label: 'Market only (L1)', level: 1, layers: { market: 100, sector: 0, subsector: 0 } },
  { label: 'Market + sector (L2)', level: 2, layers: { market: 100, sector: 100, subsector: 0 } },
  { label: 'All layers (L3)', level: 3, layers: { market: 100, sector: 100, subsector: 100 } },
  { label: 'Half of sector and subsector', level: 3, layers: { market: 0, sector: 50, subsector: 50 } },
];
