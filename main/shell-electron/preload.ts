/** The only door between page and main process besides the scheme: a few functions, no channel names, no events passed on. */
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { MenuCommand, ShellBridge } from '../contract/bridge.ts';

const bridge: ShellBridge = {
  shell: 'electron',
  chooseFiles: (choice) => ipcRenderer.invoke('choose-files', choice) as ReturnType<ShellBridge['chooseFiles']>,
  chooseWorkspace: (purpose) => ipcRenderer.invoke('choose-workspace', purpose) as ReturnType<ShellBridge['chooseWorkspace']>,
  saveArtifacts: (artifactIds) => ipcRenderer.invoke('save-artifacts', [...artifactIds]) as ReturnType<ShellBridge['saveArtifacts']>,
  savePdf: (name, artifactId) => ipcRenderer.invoke('save-pdf', { name, artifactId }) as ReturnType<ShellBridge['savePdf']>,
  openedFiles: () => ipcRenderer.invoke('opened-files') as ReturnType<ShellBridge['openedFiles']>,
  dropOpened: (handles) => ipcRenderer.invoke('drop-opened', [...handles]) as Promise<void>,
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
 * Files and folders dropped on the window, of whatever size. Only this world learns their paths, and only of what a person really
 * dropped; what has no path (a picture dragged out of another page) is left to the page, which receives its content.
 */
window.addEventListener(
  'drop',
  (event) => {
    if (!event.isTrusted) return;
    const paths = [...(event.dataTransfer?.items ?? [])].flatMap((item) => {
      const file = item.kind === 'file' ? item.getAsFile() : null;
      if (!file) return [];
      // Older runtimes have no webUtils.
      const path = (webUtils as typeof webUtils | undefined)?.getPathForFile(file) ?? (file as { path?: string }).path;
      return path ? [path] : [];
    });
    if (paths.length === 0) return;
    // So marked it is not taken by the page a second time.
    event.preventDefault();
    void ipcRenderer.invoke('open-dropped', paths);
  },
  { capture: true },
);
