/** Saved views of a grid: columns, sorting, grouping and filter under a name. */
import { keepPreference, preference } from '../lib/preferences.svelte.ts';
import type { Sorting } from './grid.ts';

export interface GridView {
  readonly name: string;
  readonly hidden: readonly string[];
  readonly sort: Sorting | null;
  readonly group: string;
  readonly filter: string;
}

export interface SavedViews {
  readonly all: readonly GridView[];
  save(view: GridView): void;
  remove(name: string): void;
}

const isView = (value: unknown): value is GridView => {
  const view = value as Partial<GridView> | null;
  return typeof view?.name === 'string' && Array.isArray(view.hidden) && typeof view.group === 'string' && typeof view.filter === 'string';
};

/** What was kept; text that is no list of views counts as none. */
function readViews(kept: string | undefined): GridView[] {
  try {
    const read: unknown = JSON.parse(kept ?? '[]');
    return Array.isArray(read) ? read.filter(isView) : [];
  } catch {
    return [];
  }
}

/** Views kept under a preference; saving under a name that exists replaces it. */
export function savedViews(key: string): SavedViews {
  // As kept now: a list that another window added to meanwhile must not be put back to what this one read.
  const all = $derived(readViews(preference(key)));
  const set = (next: readonly GridView[]): void => keepPreference(key, JSON.stringify(next));
  return {
    get all() {
      return all;
    },
    save: (view) => set([...all.filter(({ name }) => name !== view.name), view].slice(-20)),
    remove: (name) => set(all.filter((view) => view.name !== name)),
  };
}
