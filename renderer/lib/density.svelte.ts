/** How high the rows of grids are. */
import { keepPreference, preference } from './preferences.svelte.ts';

const DENSITIES = { compact: 24, normal: 28, roomy: 36 } as const;
export type Density = keyof typeof DENSITIES;

const KEY = 'density';
let chosen = $state<Density>('compact');

export const density = {
  get choice(): Density {
    return chosen;
  },
  /** Pixels. */
  get row(): number {
    return DENSITIES[chosen];
  },
};

/** To be called once the preferences are loaded, and when another window chose some. */
export function followKeptDensity(): void {
  const kept = preference(KEY);
  chosen = kept !== undefined && Object.hasOwn(DENSITIES, kept) ? (kept as Density) : 'compact';
}

export function chooseDensity(choice: Density): void {
  chosen = choice;
  keepPreference(KEY, choice);
}
