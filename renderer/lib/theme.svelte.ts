/** Light, dark or the system's choice; the root element always carries the resolved one. */
export type ThemeChoice = 'light' | 'dark' | 'system';

const KEY = 'hedgerow-theme';
const system = window.matchMedia('(prefers-color-scheme: dark)');
const stored = localStorage.getItem(KEY);

export const theme = $state<{ choice: ThemeChoice; resolved: 'light' | 'dark' }>({
  choice: stored === 'light' || stored === 'dark' ? stored : 'system',
  resolved: 'light',
});

function apply(): void {
  theme.resolved = theme.choice === 'system' ? (system.matches ? 'dark' : 'light') : theme.choice;
  document.documentElement.dataset['theme'] = theme.resolved;
}

export function followSystemTheme(): void {
  system.addEventListener('change', apply);
  apply();
}

export function chooseTheme(choice: ThemeChoice): void {
  theme.choice = choice;
  localStorage.setItem(KEY, choice);
  apply();
}

/** A token's colour now, for canvas drawing. */
export const token = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
