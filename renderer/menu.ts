/** What the items of the native menu do: each of them something, on every screen, with a workspace and without. */
import { tick } from 'svelte';
import type { MenuCommand } from '../main/contract/bridge.ts';
import { chooseToImport, takeFromOutside } from './features/import/staging.svelte.ts';
import { openFolder } from './features/start/open.svelte.ts';
import { bridge } from './lib/api.ts';
import { app, go } from './lib/app.svelte.ts';
import { edits, redoLast, undoLast } from './lib/edits.svelte.ts';
import { isTyping } from './lib/keys.ts';
import { saveScreen } from './lib/shell.ts';

async function nameWorkspace(): Promise<void> {
  go('start');
  await tick();
  document.getElementById('workspace-name')?.focus();
}

/** Without a workspace the files wait for one. */
async function importFiles(): Promise<void> {
  if (!app.workspace) return takeFromOutside((await bridge?.chooseFiles('data')) ?? []);
  go('import');
  await chooseToImport();
}

/** In a field what was typed, else the last edit, as with the keys; says so where there is none. */
function step(what: 'undo' | 'redo'): void {
  if (isTyping(document.activeElement)) document.execCommand(what);
  else if (edits[what === 'undo' ? 'done' : 'undone'].length > 0) void (what === 'undo' ? undoLast() : redoLast());
  else edits.said = `Nothing to ${what}`;
}

const ACTIONS: Readonly<Record<MenuCommand, (show: (sheet: 'shortcuts' | 'about' | null) => void) => unknown>> = {
  'create-workspace': nameWorkspace,
  'open-workspace': openFolder,
  'import-files': importFiles,
  'save-pdf': saveScreen,
  settings: () => go('settings'),
  undo: () => step('undo'),
  redo: () => step('redo'),
  methodology: () => go('methodology'),
  shortcuts: (show) => show('shortcuts'),
  about: (show) => show('about'),
};

/** Does what an item is for; `show` opens the sheets, or closes the one that is open. */
export function doMenu(command: MenuCommand, show: (sheet: 'shortcuts' | 'about' | null) => void): void {
  // A screen behind an open sheet would change unseen; what is printed or taken back may be of the sheet.
  if (!['save-pdf', 'undo', 'redo'].includes(command)) show(null);
  void ACTIONS[command](show);
}
