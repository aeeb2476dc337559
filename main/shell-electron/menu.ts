/** The application menu by the customs of each system; what concerns a screen is sent to the page of the window in front. */
import { app, Menu, type MenuItemConstructorOptions } from 'electron';
import type { MenuCommand } from '../contract/bridge.ts';
import type { RecentWorkspace } from '../contract/methods.ts';
import { sendCommand } from './windows.ts';

export interface MenuActions {
  newWindow(): void;
  openRecent(handle: string): void;
}

/** Workspaces listed under "Open recent". */
const LISTED = 8;

export function applicationMenu(recent: readonly RecentWorkspace[], actions: MenuActions, platform = process.platform): Menu {
  const mac = platform === 'darwin';
  const send = (command: MenuCommand) => () => sendCommand(command);
  const separator = { type: 'separator' } as const;
  const about: MenuItemConstructorOptions = { label: 'About Hedgerow', click: send('about') };
  const settings: MenuItemConstructorOptions = { label: 'Settings…', accelerator: 'CmdOrCtrl+,', click: send('settings') };
  /** The page knows whether a field or the last edit is meant, and has these keys itself where the system leaves them to it. */
  const step = (label: string, command: MenuCommand, accelerator: string): MenuItemConstructorOptions => ({
    label,
    accelerator,
    registerAccelerator: mac,
    click: send(command),
  });

  const recentItems: MenuItemConstructorOptions[] = recent
    .filter(({ missing }) => !missing)
    .slice(0, LISTED)
    // An ampersand would mark the letter behind it as the item's key.
    .map(({ name, handle }) => ({ label: name.replaceAll('&', '&&'), click: () => actions.openRecent(handle) }));

  const template: MenuItemConstructorOptions[] = [
    ...(mac
      ? [
          {
            label: 'Hedgerow',
            submenu: [
              about,
              separator,
              settings,
              separator,
              { role: 'services' },
              separator,
              { role: 'hide' },
              { role: 'hideOthers' },
              { role: 'unhide' },
              separator,
              { role: 'quit' },
            ],
          } satisfies MenuItemConstructorOptions,
        ]
      : []),
    {
      label: '&File',
      submenu: [
        { label: 'New workspace…', accelerator: 'CmdOrCtrl+N', click: send('create-workspace') },
        { label: 'Open workspace…', accelerator: 'CmdOrCtrl+O', click: send('open-workspace') },
        { id: 'recent', label: 'Open recent', enabled: recentItems.length > 0, submenu: recentItems },
        separator,
        { label: 'Import files…', accelerator: 'CmdOrCtrl+I', click: send('import-files') },
        { label: 'Save screen as PDF…', accelerator: 'CmdOrCtrl+P', click: send('save-pdf') },
        ...(mac ? [] : [separator, settings]),
        separator,
        { label: 'New window', accelerator: 'CmdOrCtrl+Shift+N', click: () => actions.newWindow() },
        { role: 'close', label: 'Close window' },
        ...(mac ? [] : [separator, { role: 'quit' as const }]),
      ],
    },
    {
      label: 'Edit',
      submenu: [
        step('Undo', 'undo', 'CmdOrCtrl+Z'),
        step('Redo', 'redo', 'CmdOrCtrl+Shift+Z'),
        separator,
        { role: 'cut' },
        { role: 'copy' },
        { role: 'paste' },
        { role: 'delete' },
        separator,
        { role: 'selectAll' },
      ],
    },
    {
      label: '&View',
      submenu: [
        { role: 'reload' },
        separator,
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        separator,
        { role: 'togglefullscreen' },
        // In what is installed nobody needs to look behind the page.
        ...(app.isPackaged ? [] : [{ role: 'toggleDevTools' as const }]),
      ],
    },
    { role: 'windowMenu' },
    {
      role: 'help',
      submenu: [
        { label: 'Methodology', click: send('methodology') },
        { label: 'Keyboard shortcuts', click: send('shortcuts') },
        ...(mac ? [] : [separator, about]),
      ],
    },
  ];
  return Menu.buildFromTemplate(template);
}
