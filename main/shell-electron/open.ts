/** What comes from outside by path: double clicks, the command line, drops. Workspaces are opened, data files go to the Import screen. */
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { dialog } from 'electron';
import { toErrorData } from '../contract/errors.ts';
import type { CorePort } from '../shell-common/core-port.ts';
import type { AppWindow } from './windows.ts';

/** Paths among command-line words; switches and the application folder itself are none. */
export function pathsIn(argv: readonly string[], cwd: string, appPath: string): string[] {
  return argv
    .slice(1)
    .filter((word) => !word.startsWith('-'))
    .map((word) => resolve(cwd, word))
    .filter((path) => path !== resolve(appPath) && existsSync(path));
}

/** Folder of the workspace a path means (the folder, its database, or the file in it that is there to be double-clicked), or null. */
export function workspaceOf(path: string): string | null {
  const folder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ? path : dirname(path);
  const named = folder === path || basename(path) === 'workspace.db' || path.endsWith('.hedgerow');
  return named && existsSync(join(folder, 'workspace.db')) ? folder : null;
}

/** Opens the last workspace among the paths and hands the other files to the window. */
export async function openPaths(core: CorePort, paths: readonly string[], window: AppWindow | null): Promise<void> {
  const files: string[] = [];
  let workspace: string | null = null;
  for (const path of paths) {
    const folder = workspaceOf(path);
    if (folder !== null) workspace = folder;
    else if (statSync(path, { throwIfNoEntry: false })?.isDirectory())
      refuse('This folder is no workspace', `${basename(path)} has no workspace.db.`);
    else files.push(path);
  }
  if (workspace !== null) await openWorkspace(core, core.files.registerPath(workspace));
  if (!window || files.length === 0) return;
  window.waiting.push(
    ...files.map((path) => {
      const handle = core.files.registerPath(path);
      window.handles.grant(handle);
      return { handle, name: basename(path) };
    }),
  );
  window.window.webContents.send('opened');
}

/** Opens a workspace by handle; a refusal is shown, and what was open stays open. */
export async function openWorkspace(core: CorePort, handle: string): Promise<void> {
  try {
    await core.call('workspace.open', { handle });
  } catch (error) {
    const { message, action } = toErrorData(error);
    refuse('The workspace could not be opened', `${message}\n${action}`);
  }
}

/** Not `showErrorBox`, which would hold up every window. */
function refuse(message: string, detail: string): void {
  void dialog.showMessageBox({ type: 'error', message, detail, buttons: ['OK'] });
}
