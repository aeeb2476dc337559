/** Native dialogs. Paths stay in this process; the page gets opaque handles and gives artifact ids. */
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { dialog, ipcMain, type IpcMainInvokeEvent } from 'electron';
import type { ChosenFile } from '../contract/bridge.ts';
import { HedgerowError } from '../contract/errors.ts';
import type { CorePort } from '../shell-common/core-port.ts';
import { trusted } from './security.ts';
import { mainWindow } from './window.ts';

export function registerDialogs(core: CorePort): void {
  const answer = (channel: string, work: (argument: unknown) => Promise<unknown>): void =>
    ipcMain.handle(channel, (event: IpcMainInvokeEvent, argument: unknown) => {
      if (!trusted(event.senderFrame)) throw new Error('refused');
      return work(argument);
    });

  answer('choose-files', async (): Promise<readonly ChosenFile[]> => {
    const { filePaths } = await open({
      title: 'Choose files to import',
      properties: ['openFile', 'multiSelections'],
      filters: [
        { name: 'Data files', extensions: ['csv', 'gz', 'txt', 'tsv'] },
        { name: 'All files', extensions: ['*'] },
      ],
    });
    return filePaths.map((path) => ({ handle: core.files.registerPath(path), name: basename(path) }));
  });
  answer('choose-workspace', async (): Promise<string | null> => {
    const { filePaths } = await open({ title: 'Open a workspace folder', properties: ['openDirectory'] });
    return filePaths[0] === undefined ? null : core.files.registerPath(filePaths[0]);
  });
  answer('save-artifacts', async (ids) => {
    if (!Array.isArray(ids) || !ids.every((id) => typeof id === 'string')) throw new Error('refused');
    return saveArtifacts(core, ids);
  });
}

const open = (options: Electron.OpenDialogOptions): Promise<Electron.OpenDialogReturnValue> => {
  const window = mainWindow();
  return window ? dialog.showOpenDialog(window, options) : dialog.showOpenDialog(options);
};

/** One file: ask for its name. Several (an order file and its manifest): ask for the folder, keep their names. */
async function saveArtifacts(core: CorePort, ids: readonly string[]): Promise<boolean> {
  const artifacts = await Promise.all(
    ids.map(async (id) => {
      const artifact = await core.files.artifact(id);
      if (!artifact) throw new HedgerowError('not_found', 'That file is no longer offered.', 'Export it again.');
      return artifact;
    }),
  );
  const [only] = artifacts;
  if (!only) return false;
  if (artifacts.length === 1) {
    const window = mainWindow();
    const options = { title: 'Save', defaultPath: basename(only.name) };
    const { filePath } = window ? await dialog.showSaveDialog(window, options) : await dialog.showSaveDialog(options);
    if (!filePath) return false;
    await save(only.stream, filePath);
    return true;
  }
  const { filePaths } = await open({
    title: `Save ${artifacts.length} files into a folder`,
    properties: ['openDirectory', 'createDirectory'],
  });
  const folder = filePaths[0];
  if (folder === undefined) return false;
  for (const artifact of artifacts) await save(artifact.stream, join(folder, basename(artifact.name)));
  return true;
}

/** A half-written order file must never lie under its own name. */
async function save(stream: AsyncIterable<Uint8Array>, path: string): Promise<void> {
  const partial = `${path}.part`;
  try {
    await pipeline(Readable.from(stream), createWriteStream(partial, { flush: true }));
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}
