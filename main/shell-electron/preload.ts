/** The only door between page and main process besides the scheme: a few functions, no channel names, no events passed on. */
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { MenuCommand, ShellBridge } from '../contract/bridge.ts';

const bridge: ShellBridge = {
  shell: 'electron',
  chooseFiles: () => ipcRenderer.invoke('choose-files') as ReturnType<ShellBridge['chooseFiles']>,
  chooseWorkspace: () => ipcRenderer.invoke('choose-workspace') as ReturnType<ShellBridge['chooseWorkspace']>,
  saveArtifacts: (artifactIds) => ipcRenderer.invoke('save-artifacts', [...artifactIds]) as ReturnType<ShellBridge['saveArtifacts']>,
  savePdf: (name, artifactId) => ipcRenderer.invoke('save-pdf', { name, artifactId }) as ReturnType<ShellBridge['savePdf']>,
  openedFiles: () => ipcRenderer.invoke('opened-files') as ReturnType<ShellBridge['openedFiles']>,
  dropOpened: () => ipcRenderer.invoke('drop-opened') as Promise<void>,
  onOpened(listener) {
    const forward = (): void => listener();
    ipcRenderer.on('opened', forward);
    return () => void ipcRenderer.off('opened', forward);
  },
  newWindow: () => ipcRenderer.invoke('new-window') as Promise<void>,
  runInstaller: (installerId) => ipcRenderer.invoke('run-installer', installerId) as Promise<boolean>,
  onMenu(listener) {
    const forward = (_event: unknown, command: MenuCommand): void => listener(command);
    ipcRenderer.on('menu', forward);
    return () => void ipcRenderer.off('menu', forward);
  },
};
contextBridge.exposeInMainWorld('hedgerow', bridge);

/**
 * A workspace dropped on the window. Only this world learns the path, and only of what a person really dropped; data files
 * are left to the page, which receives their content.
 */
window.addEventListener(
  'drop',
  (event) => {
    if (!event.isTrusted) return;
    const paths = [...(event.dataTransfer?.items ?? [])].flatMap((item) => {
      const file = item.kind === 'file' ? item.getAsFile() : null;
      if (!file || !(item.webkitGetAsEntry()?.isDirectory || /\.hedgerow$|^workspace\.db$/.test(file.name))) return [];
      // Older runtimes have no webUtils.
      const path = (webUtils as typeof webUtils | undefined)?.getPathForFile(file) ?? (file as { path?: string }).path;
      return path ? [path] : [];
    });
    if (paths.length === 0) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    void ipcRenderer.invoke('open-dropped', paths);
  },
  { capture: true },
);
