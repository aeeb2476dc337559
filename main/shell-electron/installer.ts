/** Handing a verified installer to the system. What it replaces is the program; workspaces and settings lie elsewhere and stay. */
import { chmodSync, copyFileSync, renameSync } from 'node:fs';
import { dialog, shell, type BrowserWindow } from 'electron';
import { HedgerowError } from '../contract/errors.ts';
import type { CorePort } from '../shell-common/core-port.ts';

/** Asks, starts the installer and ends the program. An AppImage is its own installer: the running file is replaced whole. False when dismissed. */
export async function runInstaller(core: CorePort, window: BrowserWindow, installerId: string, end: () => void): Promise<boolean> {
  const path = core.files.installer(installerId);
  if (path === null) throw new HedgerowError('not_found', 'That update is no longer there.', 'Choose the update file again.');
  const { response } = await dialog.showMessageBox(window, {
    type: 'question',
    message: 'The update is verified. Install it now?',
    detail: 'Hedgerow closes for it. Workspaces, settings and recent files are kept.',
    buttons: ['Install and close', 'Not now'],
    defaultId: 0,
    cancelId: 1,
  });
  if (response !== 0) return false;
  const running = process.env.APPIMAGE;
  if (running && path.endsWith('.AppImage')) {
    copyFileSync(path, `${running}.new`);
    chmodSync(`${running}.new`, 0o755);
    renameSync(`${running}.new`, running);
  } else {
    const problem = await shell.openPath(path);
    if (problem !== '') throw new HedgerowError('io', `The installer could not be started: ${problem}`, 'Start it from your file manager.');
  }
  end();
  return true;
}
