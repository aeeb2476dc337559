/** The application menu; commands that concern a screen are sent to the page. */
import { Menu, type MenuItemConstructorOptions } from 'electron';
import type { MenuCommand } from '../contract/bridge.ts';
import { mainWindow } from './window.ts';

export function applicationMenu(): Menu {
  const send = (command: MenuCommand) => () => mainWindow()?.webContents.send('menu', command);
  const mac = process.platform === 'darwin';
  const template: MenuItemConstructorOptions[] = [
    ...(mac ? [{ role: 'appMenu' as const }] : []),
    {
      label: '&File',
      submenu: [
        { label: 'New workspace…', accelerator: 'CmdOrCtrl+N', click: send('create-workspace') },
        { label: 'Open workspace…', accelerator: 'CmdOrCtrl+O', click: send('open-workspace') },
        { label: 'Import files…', accelerator: 'CmdOrCtrl+I', click: send('import-files') },
        { type: 'separator' },
        mac ? { role: 'close' } : { role: 'quit' },
      ],
    },
    { role: 'editMenu' },
    {
      label: '&View',
      submenu: [
        { role: 'reload' },
        { type: 'separator' },
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { type: 'separator' },
        { role: 'togglefullscreen' },
        { role: 'toggleDevTools' },
      ],
    },
    { role: 'windowMenu' },
  ];
  return Menu.buildFromTemplate(template);
}
