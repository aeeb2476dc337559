/** The one window: where it stood last, what it may not do, and the question before a running job is lost. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { app, BrowserWindow, dialog, nativeTheme, screen, type Rectangle } from 'electron';
import type { CorePort } from '../shell-common/core-port.ts';
import { ORIGIN } from './security.ts';

let current: BrowserWindow | null = null;

export const mainWindow = (): BrowserWindow | null => current;

/** Last bounds, if they still lie on a screen. */
function rememberedBounds(file: string): Partial<Rectangle> {
  try {
    const bounds = JSON.parse(readFileSync(file, 'utf8')) as Rectangle;
    const area = screen.getDisplayMatching(bounds).workArea;
    const visible =
      bounds.x < area.x + area.width && bounds.x + bounds.width > area.x && bounds.y >= area.y && bounds.y < area.y + area.height;
    return visible ? bounds : {};
  } catch {
    return {};
  }
}

export function openWindow(core: CorePort, home: string): BrowserWindow {
  const file = join(home, 'window.json');
  const window = new BrowserWindow({
    width: 1440,
    height: 900,
    ...rememberedBounds(file),
    minWidth: 960,
    minHeight: 600,
    show: false,
    title: 'Hedgerow',
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#0F141A' : '#FFFFFF',
    webPreferences: {
      preload: join(app.getAppPath(), 'preload.cjs'),
      sandbox: !app.commandLine.hasSwitch('no-sandbox'),
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
      navigateOnDragDrop: false,
    },
  });
  current = window;
  window.once('ready-to-show', () => window.show());
  let sure = false;
  window.on('close', (event) => {
    mkdirSync(home, { recursive: true });
    writeFileSync(file, JSON.stringify(window.getNormalBounds()));
    if (sure) return;
    event.preventDefault();
    void mayClose(core, window).then((yes) => {
      if (!yes) return;
      sure = true;
      window.close();
    });
  });
  window.on('closed', () => (current = null));
  window.webContents.on('render-process-gone', (_event, details) => {
    // The core lives in another process: reloading the page loses nothing.
    if (details.reason !== 'clean-exit' && !window.isDestroyed()) window.webContents.reload();
  });
  void window.loadURL(`${ORIGIN}/`);
  return window;
}

async function mayClose(core: CorePort, window: BrowserWindow): Promise<boolean> {
  const running = (await core.call('jobs.list', {})).filter((job) => job.status === 'running');
  if (running.length === 0) return true;
  const { response } = await dialog.showMessageBox(window, {
    type: 'question',
    message: `${running.length === 1 ? 'A job is' : `${running.length} jobs are`} still running: ${running.map((job) => job.method).join(', ')}.`,
    detail: 'Closing cancels it; what was saved before stays as it was.',
    buttons: ['Keep running', 'Cancel it and close'],
    defaultId: 0,
    cancelId: 0,
  });
  return response === 1;
}
