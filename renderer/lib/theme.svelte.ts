/** Light, dark or the system's choice; the root element always carries the resolved one. */
import { keepPreference, preference } from './preferences.ts';

export type ThemeChoice = 'light' | 'dark' | 'system';

const KEY = 'theme';
const system = window.matchMedia('(prefers-color-scheme: dark)');

export const theme = $state<{ choice: ThemeChoice; resolved: 'light' | 'dark' }>({ choice: 'system', resolved: 'light' });

function apply(): void {
  theme.resolved = theme.choice === 'system' ? (system.matches ? 'dark' : 'light') : theme.choice;
  document.documentElement.dataset['theme'] = theme.resolved;
}

export function followSystemTheme(): void {
  system.addEventListener('change', apply);
  apply();
}

/** To be called once the preferences are loaded. */
export function followKeptTheme(): void {
  const kept = preference(KEY);
  theme.choice = kept === 'light' || kept === 'dark' ? kept : 'system';
  apply();
}

export function chooseTheme(choice: ThemeChoice): void {
  theme.choice = choice;
  keepPreference(KEY, choice);
  apply();
}

/** A token's colour now, for canvas drawing. */
export const token = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
