/** The ETF map as edited and not committed yet. It outlives the tab and the screen: leaving and coming back loses nothing. */
import { onLeave } from '../../lib/app.svelte.ts';
import type { MapRow } from './etf-map.ts';

class MapDraft {
  /** null: as stored. */
  rows = $state.raw<readonly MapRow[] | null>(null);
  /** Batch of the map that the draft was begun on. */
  base = $state<number | null>(null);
}

export const mapDraft = new MapDraft();
onLeave(() => Object.assign(mapDraft, { rows: null, base: null }));
