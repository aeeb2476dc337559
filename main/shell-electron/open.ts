/** What comes from outside by path: double clicks, the command line, drops. Workspaces are opened, data files go to the Import screen. */
import { basename } from 'node:path';
import { dialog } from 'electron';
import { toErrorData } from '../contract/errors.ts';
import { deskWith, closeDesk } from './desks.ts';
import { filesIn, isFolder, workspaceOf } from './paths.ts';
import { bringForward, windowsOf, type AppWindow, type Desk } from './windows.ts';

export interface Openers {
  newDesk(): Promise<Desk>;
  newWindow(desk: Desk): AppWindow;
}

/**
 * Opens the last workspace among the paths and hands the other files to the window that shows it. One that is open already comes to
 * the front; `front` takes a workspace only while it has none, so that nothing is closed under a person's hands.
 */
export async function openPaths(openers: Openers, paths: readonly string[], front: AppWindow): Promise<void> {
  const files: string[] = [];
  let workspace: string | null = null;
  for (const path of paths) {
    const folder = workspaceOf(path);
    if (folder !== null) workspace = folder;
    else if (!isFolder(path)) files.push(path);
    else {
      const inside = filesIn(path);
      if (inside.length === 0) refuse('There is nothing to read in this folder', `${basename(path)} is no workspace and holds no files.`);
      files.push(...inside);
    }
  }
  const window = workspace === null ? front : await openWorkspace(openers, workspace, front);
  if (!window || files.length === 0) return;
  const { core } = window.desk;
  window.waiting.push(
    ...files.map((path) => {
      const handle = core.files.registerPath(path);
      window.handles.grant(handle);
      return { handle, name: basename(path) };
    }),
  );
  window.window.webContents.send('opened');
}

/** The window that shows the workspace; null when it was refused, which is shown, and what was open stays open. */
async function openWorkspace(openers: Openers, folder: string, front: AppWindow): Promise<AppWindow | null> {
  const holder = deskWith(folder);
  if (holder) {
    bringForward(holder);
    return windowsOf(holder)[0] ?? openers.newWindow(holder);
  }
  const own = front.desk.core.openFolder() !== null;
  const desk = own ? await openers.newDesk() : front.desk;
  try {
    await desk.core.call('workspace.open', { handle: desk.core.files.registerPath(folder) });
  } catch (error) {
    if (own) await closeDesk(desk);
    const { message, action } = toErrorData(error);
    refuse('The workspace could not be opened', `${message}\n${action}`);
    return null;
  }
  return own ? openers.newWindow(desk) : front;
}

/** Not `showErrorBox`, which would hold up every window. */
function refuse(message: string, detail: string): void {
  void dialog.showMessageBox({ type: 'error', message, detail, buttons: ['OK'] });
}
