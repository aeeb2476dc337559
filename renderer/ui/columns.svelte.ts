/** Which columns of a grid are shown; remembered as the hidden ones, so that a new column of a later version appears. */
import { keepPreference, preference } from '../lib/preferences.svelte.ts';
import type { GridColumn } from './grid.ts';

export interface ColumnChoice<Row> {
  readonly all: readonly GridColumn<Row>[];
  readonly shown: readonly GridColumn<Row>[];
  isShown(key: string): boolean;
  toggle(key: string): void;
  /** Keys of the hidden columns, as a saved view keeps them. */
  readonly hidden: readonly string[];
  hide(keys: readonly string[]): void;
  reset(): void;
}

/** `hidden`: keys hidden until the user says otherwise. The first column always stays: it names the row. */
export function columnChoice<Row>(
  name: string,
  all: readonly GridColumn<Row>[],
  hidden: () => readonly string[] = () => [],
): ColumnChoice<Row> {
  const off = $derived<readonly string[]>(
    preference(name)
      ?.split(',')
      .filter((key) => key !== '') ?? hidden(),
  );
  const set = (next: readonly string[]): void => keepPreference(name, next.join(','));
  // A grid asks for its columns at every cell.
  const shown = $derived(all.filter((column, i) => i === 0 || !off.includes(column.key)));
  return {
    all,
    get shown() {
      return shown;
    },
    isShown: (key) => !off.includes(key),
    toggle: (key) => set(off.includes(key) ? off.filter((other) => other !== key) : [...off, key]),
    get hidden() {
      return off;
    },
    hide: set,
    reset: () => set(hidden()),
  };
}
