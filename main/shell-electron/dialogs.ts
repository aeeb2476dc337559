/** What the page may ask of the main process. Paths stay in this process; the page gets opaque handles and gives artifact ids. */
import { basename, join } from 'node:path';
import type { BrowserWindow } from 'electron';
import { dialog, ipcMain } from 'electron';
import { FILE_CHOICES, type FileChoice } from '../contract/bridge.ts';
import { HedgerowError } from '../contract/errors.ts';
import type { Artifact, CorePort } from '../shell-common/core-port.ts';
import { displayName } from '../shell-common/handler.ts';
import { documentAsPdf, screenAsPdf } from './print.ts';
import { saveWhole } from './save.ts';
import { senderOf, type AppWindow } from './windows.ts';

/** Paths one drop may hold. */
const MOST_DROPPED = 500;

export interface PageActions {
  newWindow(from: AppWindow): void;
  open(paths: readonly string[], from: AppWindow): Promise<void>;
  runInstaller(from: AppWindow, installerId: string): Promise<boolean>;
}

export function registerDialogs(actions: PageActions): void {
  const answer = (channel: string, work: (from: AppWindow, argument: unknown) => Promise<unknown>): void =>
    ipcMain.handle(channel, (event, argument: unknown) => {
      const from = senderOf(event);
      if (!from) throw new Error('refused');
      return work(from, argument);
    });

  answer('choose-files', async ({ window, handles, desk }, choice) => {
    if (typeof choice !== 'string' || !Object.hasOwn(FILE_CHOICES, choice)) throw new Error('refused');
    const { title, name, extensions } = FILE_CHOICES[choice as FileChoice];
    const { filePaths } = await dialog.showOpenDialog(window, {
      title,
      properties: ['openFile', 'multiSelections'],
      filters: [
        { name, extensions: [...extensions] },
        { name: 'All files', extensions: ['*'] },
      ],
    });
    return filePaths.map((path) => {
      const handle = desk.core.files.registerPath(path);
      handles.grant(handle);
      return { handle, name: basename(path) };
    });
  });
  answer('choose-workspace', async ({ window, handles, desk }, purpose) => {
    const title = purpose === 'watch' ? 'Choose a folder to watch for new files' : 'Open a workspace folder';
    const { filePaths } = await dialog.showOpenDialog(window, { title, properties: ['openDirectory'] });
    if (filePaths[0] === undefined) return null;
    const handle = desk.core.files.registerPath(filePaths[0]);
    handles.grant(handle);
    return handle;
  });
  answer('save-artifacts', async ({ window, desk }, ids) => {
    if (!Array.isArray(ids) || ids.length > 100 || !ids.every((id) => typeof id === 'string')) throw new Error('refused');
    return saveArtifacts(desk.core, window, ids);
  });
  answer('save-pdf', async ({ window, desk }, argument) => {
    const { name, artifactId } = argument as { name?: unknown; artifactId?: unknown };
    if (typeof name !== 'string' || !(artifactId === undefined || typeof artifactId === 'string')) throw new Error('refused');
    const document = artifactId === undefined ? null : await artifactOf(desk.core, artifactId);
    const filePath = await askForName(window, `${displayName(name).replace(/\.(html?|pdf)$/i, '')}.pdf`);
    if (filePath === null) return false;
    await saveWhole(document ? await documentAsPdf(document) : await screenAsPdf(window), filePath);
    return true;
  });
  answer('opened-files', async ({ waiting }) => waiting);
  answer('drop-opened', async ({ waiting }, handles) => {
    if (!Array.isArray(handles)) throw new Error('refused');
    // Others may have come meanwhile.
    waiting.splice(0, waiting.length, ...waiting.filter(({ handle }) => !handles.includes(handle)));
  });
  answer('open-dropped', async (from, paths) => {
    if (!Array.isArray(paths) || paths.length > MOST_DROPPED || !paths.every((path) => typeof path === 'string'))
      throw new Error('refused');
    await actions.open(paths, from);
  });
  answer('new-window', async (from) => actions.newWindow(from));
  answer('run-installer', async (from, installerId) => {
    if (typeof installerId !== 'string') throw new Error('refused');
    return actions.runInstaller(from, installerId);
  });
}

async function artifactOf(core: CorePort, id: string): Promise<Artifact> {
  const artifact = await core.files.artifact(id);
  if (!artifact) throw new HedgerowError('not_found', 'That file is no longer offered.', 'Export it again.');
  return artifact;
}

async function askForName(window: BrowserWindow, defaultPath: string): Promise<string | null> {
  const { filePath } = await dialog.showSaveDialog(window, { title: 'Save', defaultPath });
  return filePath || null;
}

/** One file: ask for its name. Several (an order file and its manifest): ask for the folder, keep their names. */
async function saveArtifacts(core: CorePort, window: BrowserWindow, ids: readonly string[]): Promise<boolean> {
  const artifacts = await Promise.all(ids.map((id) => artifactOf(core, id)));
  const [only] = artifacts;
  if (!only) return false;
  if (artifacts.length === 1) {
    const filePath = await askForName(window, basename(only.name));
    if (filePath === null) return false;
    await saveWhole(only.stream, filePath);
    return true;
  }
  const { filePaths } = await dialog.showOpenDialog(window, {
    title: `Save ${artifacts.length} files into a folder`,
    properties: ['openDirectory', 'createDirectory'],
  });
  const folder = filePaths[0];
  if (folder === undefined) return false;
  for (const artifact of artifacts) await saveWhole(artifact.stream, join(folder, basename(artifact.name)));
  return true;
}
