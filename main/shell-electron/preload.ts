/** The only door between page and main process besides the scheme: four functions, no channel names, no events passed on. */
import { contextBridge, ipcRenderer } from 'electron';
import type { MenuCommand, ShellBridge } from '../contract/bridge.ts';

const bridge: ShellBridge = {
  shell: 'electron',
  chooseFiles: () => ipcRenderer.invoke('choose-files') as ReturnType<ShellBridge['chooseFiles']>,
  chooseWorkspace: () => ipcRenderer.invoke('choose-workspace') as ReturnType<ShellBridge['chooseWorkspace']>,
  saveArtifacts: (artifactIds) => ipcRenderer.invoke('save-artifacts', [...artifactIds]) as ReturnType<ShellBridge['saveArtifacts']>,
  onMenu(listener) {
    const forward = (_event: unknown, command: MenuCommand): void => listener(command);
    ipcRenderer.on('menu', forward);
    return () => void ipcRenderer.off('menu', forward);
  },
};
contextBridge.exposeInMainWorld('hedgerow', bridge);
