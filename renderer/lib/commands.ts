/** THE registry of commands. The palette, the shortcuts sheet, the rail's order and the key handler all read it. */
import { chooseToImport } from '../features/import/staging.svelte.ts';
import { openSample } from '../features/start/open.svelte.ts';
import { refreshToday } from '../features/today/refresh.svelte.ts';
import { app, go, type Screen } from './app.svelte.ts';
import { edits, redoLast, undoLast } from './edits.svelte.ts';
import { chooseDensity } from './density.svelte.ts';
import { runAgain } from './run.svelte.ts';
import { newWindow, saveScreen } from './shell.ts';
import { chooseTheme } from './theme.svelte.ts';

export interface Command {
  readonly id: string;
  readonly group: 'Go to' | 'Do' | 'Show';
  readonly title: string;
  /** `lib/keys.ts` says how they are written. */
  readonly keys?: string;
  /** Also works while a field is being typed in. */
  readonly always?: boolean;
  /** Why it cannot be done now; null = it can. */
  readonly blocked?: () => string | null;
  readonly run: () => void;
}

/** The screens in the order of the rail. */
export const SCREEN_LABELS: readonly { readonly screen: Screen; readonly label: string; readonly keys: string }[] = [
  { screen: 'start', label: 'Start', keys: 'g s' },
  { screen: 'today', label: 'Today', keys: 'g t' },
  { screen: 'import', label: 'Import', keys: 'g i' },
  { screen: 'book', label: 'Book', keys: 'g b' },
  { screen: 'exposures', label: 'Exposures', keys: 'g e' },
  { screen: 'risk', label: 'Risk', keys: 'g k' },
  { screen: 'attribution', label: 'Attribution', keys: 'g a' },
  { screen: 'security', label: 'Security', keys: 'g y' },
  { screen: 'hedge', label: 'Hedge', keys: 'g h' },
  { screen: 'effectiveness', label: 'Effectiveness', keys: 'g f' },
  { screen: 'scenarios', label: 'Scenarios', keys: 'g o' },
  { screen: 'health', label: 'Data health', keys: 'g d' },
  { screen: 'identities', label: 'Identities', keys: 'g n' },
  { screen: 'runs', label: 'Runs', keys: 'g r' },
  { screen: 'methodology', label: 'Methodology', keys: 'g m' },
  { screen: 'settings', label: 'Settings', keys: 'g c' },
];

const nothing = (list: readonly unknown[]): string | null => (list.length > 0 ? null : 'nothing to do');
const noWorkspace = (): string | null => (app.workspace ? null : 'no workspace is open');

/** On a Mac Alt and an arrow go a word on in a field. */
const MAC = /Mac/.test(globalThis.navigator?.platform ?? '');

/** `show` opens the sheets, which belong to the frame. */
export function commands(show: (sheet: 'palette' | 'shortcuts' | 'about') => void): readonly Command[] {
  return [
    { id: 'palette', group: 'Show', title: 'Command palette', keys: 'Mod+K', always: true, run: () => show('palette') },
    { id: 'ticker', group: 'Go to', title: 'Ticker…', keys: '/', blocked: noWorkspace, run: () => show('palette') },
    { id: 'shortcuts', group: 'Show', title: 'Keyboard shortcuts', keys: '?', run: () => show('shortcuts') },
    ...SCREEN_LABELS.map(({ screen, label, keys }): Command => ({
      id: `go-${screen}`,
      group: 'Go to',
      title: label,
      keys,
      run: () => go(screen, screen === 'security' ? app.security : ''),
    })),
    { id: 'back', group: 'Go to', title: 'Back', keys: 'Alt+ArrowLeft', always: !MAC, run: () => history.back() },
    { id: 'forward', group: 'Go to', title: 'Forward', keys: 'Alt+ArrowRight', always: !MAC, run: () => history.forward() },
    { id: 'undo', group: 'Do', title: 'Undo the last edit', keys: 'Mod+Z', blocked: () => nothing(edits.done), run: () => void undoLast() },
    {
      id: 'redo',
      group: 'Do',
      title: 'Make the undone edit again',
      keys: 'Mod+Shift+Z',
      blocked: () => nothing(edits.undone),
      run: () => void redoLast(),
    },
    {
      id: 'refresh',
      group: 'Do',
      title: 'Refresh today: import what waits, then run',
      blocked: noWorkspace,
      run: () => {
        go('today');
        void refreshToday();
      },
    },
    {
      id: 'run',
      group: 'Do',
      title: 'Run the cascade with the current settings',
      keys: 'Mod+Enter',
      blocked: noWorkspace,
      run: () => {
        go('runs');
        void runAgain();
      },
    },
    {
      id: 'import',
      group: 'Do',
      title: 'Import files…',
      keys: 'Mod+I',
      blocked: noWorkspace,
      run: () => {
        go('import');
        void chooseToImport();
      },
    },
    { id: 'sample', group: 'Do', title: 'Open the sample workspace', run: () => void openSample() },
    { id: 'latest-day', group: 'Do', title: 'As of the latest day', blocked: noWorkspace, run: () => void (app.date = '') },
    { id: 'latest-run', group: 'Do', title: 'Use the pinned run, else the latest', blocked: noWorkspace, run: () => void (app.runId = '') },
    ...([1, 2, 3] as const).map((level): Command => ({
      id: `level-${level}`,
      group: 'Do',
      title: `Level ${level}: ${['market', 'market and sector', 'market, sector and subsector'][level - 1]}`,
      blocked: noWorkspace,
      run: () => void (app.level = level),
    })),
    { id: 'new-window', group: 'Do', title: 'New window on this workspace', run: () => void newWindow() },
    { id: 'save-pdf', group: 'Do', title: 'Save or print this screen as PDF…', run: () => void saveScreen() },
    { id: 'about', group: 'Show', title: 'About Hedgerow, updates', run: () => show('about') },
    { id: 'light', group: 'Show', title: 'Theme: light', run: () => chooseTheme('light') },
    { id: 'dark', group: 'Show', title: 'Theme: dark', run: () => chooseTheme('dark') },
    { id: 'compact', group: 'Show', title: 'Rows: compact', run: () => chooseDensity('compact') },
    { id: 'normal', group: 'Show', title: 'Rows: normal', run: () => chooseDensity('normal') },
    { id: 'roomy', group: 'Show', title: 'Rows: roomy', run: () => chooseDensity('roomy') },
    { id: 'system', group: 'Show', title: 'Theme: as the system', run: () => chooseTheme('system') },
  ];
}

/** Commands whose words all begin with, or else contain, the words typed; better matches first. */
export function findCommands(all: readonly Command[], typed: string): readonly Command[] {
  const words = typed.trim().toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return all;
  const rank = (command: Command): number => {
    const text = `${command.group} ${command.title}`.toLowerCase();
    if (!words.every((word) => text.includes(word))) return -1;
    if (command.title.toLowerCase().startsWith(words.join(' '))) return 2;
    return words.every((word) => text.split(/[^\p{L}\p{N}]+/u).some((part) => part.startsWith(word))) ? 1 : 0;
  };
  return all
    .map((command) => ({ command, rank: rank(command) }))
    .filter((one) => one.rank >= 0)
    .sort((a, b) => b.rank - a.rank)
    .map((one) => one.command);
}
