/** The windows: any number on each open workspace, each with the file handles it was given and nothing of the others'. */
import { join } from 'node:path';
import { app, BrowserWindow, dialog, nativeTheme, type IpcMainInvokeEvent } from 'electron';
import type { ChosenFile, MenuCommand } from '../contract/bridge.ts';
import type { CorePort } from '../shell-common/core-port.ts';
import type { Handler } from '../shell-common/handler.ts';
import { newHandles, type Handles } from '../shell-common/handles.ts';
import { hostOf, originOf } from './security.ts';
import { rememberedState, rememberState } from './window-state.ts';

/** A core with at most one open workspace; its windows all show that one. */
export interface Desk {
  readonly core: CorePort;
  readonly handler: Handler;
}

export interface AppWindow {
  readonly window: BrowserWindow;
  readonly desk: Desk;
  readonly host: string;
  readonly handles: Handles;
  /** Files opened from outside (double click, command line) that the page has not taken yet. */
  readonly waiting: ChosenFile[];
}

export interface WindowHooks {
  /** Asked before the last window of a desk goes (with the desk), and before the program ends (without); false keeps it. */
  mayEnd(window: BrowserWindow | null, desk?: Desk): Promise<boolean>;
  /** The last window of a desk is gone while others stay. */
  leave(desk: Desk): void;
}

const windows = new Map<string, AppWindow>();
/** Set once the user agreed to end, so that nothing asks again. */
let ending = false;

export const allWindows = (): readonly AppWindow[] => [...windows.values()];
export const windowOf = (host: string | null): AppWindow | null => (host === null ? null : (windows.get(host) ?? null));

export const windowsOf = (desk: Desk): readonly AppWindow[] => allWindows().filter((one) => one.desk === desk);

/** Puts a window of a desk before the others. */
export function bringForward(desk: Desk): void {
  const window = windowsOf(desk)[0]?.window;
  if (window?.isMinimized()) window.restore();
  window?.focus();
}

/** The window a person looks at, or the first one. */
export function currentWindow(): AppWindow | null {
  const focused = BrowserWindow.getFocusedWindow();
  return allWindows().find(({ window }) => window === focused) ?? allWindows()[0] ?? null;
}

/** Who calls: the main frame of a page of ours in its own window. Null for a subframe, another page, another window's address. */
export function senderOf(event: Pick<IpcMainInvokeEvent, 'sender' | 'senderFrame'>): AppWindow | null {
  const frame = event.senderFrame;
  if (!frame || frame.parent !== null) return null;
  const found = windowOf(hostOf(frame.url));
  return found && found.window.webContents === event.sender ? found : null;
}

export function sendCommand(command: MenuCommand): void {
  currentWindow()?.window.webContents.send('menu', command);
}

/** The lowest free name: the first window always has the same one, under which Chromium keeps its zoom. */
function freeHost(): string {
  for (let i = 1; ; i++) {
    const host = i === 1 ? 'hedgerow' : `hedgerow-${i}`;
    if (!windows.has(host)) return host;
  }
}

export function openWindow(home: string, desk: Desk, hooks: WindowHooks): AppWindow {
  const host = freeHost();
  const { bounds, maximized, fullScreen } = rememberedState(home);
  // A second window must not hide the first.
  const shift = 28 * windows.size;
  const window = new BrowserWindow({
    width: 1440,
    height: 900,
    ...bounds,
    ...(bounds.x === undefined || bounds.y === undefined ? {} : { x: bounds.x + shift, y: bounds.y + shift }),
    minWidth: 960,
    minHeight: 600,
    show: false,
    fullscreen: fullScreen && windows.size === 0,
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
  const entry: AppWindow = { window, desk, host, handles: newHandles(), waiting: [] };
  windows.set(host, entry);
  if (maximized && windows.size === 1) window.maximize();
  window.once('ready-to-show', () => window.show());
  window.on('close', (event) => {
    rememberState(home, window);
    // Other windows keep the jobs; on a Mac the program goes on without a window.
    if (ending || windowsOf(desk).length > 1 || (windows.size === 1 && process.platform === 'darwin')) return;
    event.preventDefault();
    if (windows.size === 1) endIfAllowed(hooks, window);
    else leaveIfAllowed(hooks, entry);
  });
  window.on('closed', () => windows.delete(host));
  // Chromium lets a page show about:blank unasked. There is nothing to be had there, but it is not our screen.
  window.webContents.on('did-navigate', (_event, url) => {
    if (hostOf(url) !== host) void window.loadURL(`${originOf(host)}/`);
  });
  recoverFromCrashes(window);
  void window.loadURL(`${originOf(host)}/`);
  return entry;
}

let asking = false;

/** Asks where needed, then closes the last window of a desk and the desk with it. */
function leaveIfAllowed(hooks: WindowHooks, { window, desk }: AppWindow): void {
  if (asking || ending) return;
  asking = true;
  void hooks
    .mayEnd(window, desk)
    .then((yes) => {
      if (!yes) return;
      window.destroy();
      hooks.leave(desk);
    })
    .finally(() => (asking = false));
}

/** Asks where needed, then ends the program. */
export function endIfAllowed(hooks: WindowHooks, window: BrowserWindow | null): void {
  if (asking || ending) return;
  asking = true;
  void hooks
    .mayEnd(window)
    .then((yes) => {
      ending = yes;
      if (yes) app.quit();
    })
    .finally(() => (asking = false));
}

/** Whether the program may end without asking. */
export const isEnding = (): boolean => ending;

const CRASHES = 3;
const WITHIN = 60_000;

/** The core lives in another process, so a page that is loaded again loses nothing. A page that fails again and again is left to the user. */
function recoverFromCrashes(window: BrowserWindow): void {
  let crashes: number[] = [];
  window.webContents.on('render-process-gone', (_event, details) => {
    if (details.reason === 'clean-exit' || window.isDestroyed()) return;
    crashes = [...crashes.filter((time) => Date.now() - time < WITHIN), Date.now()];
    if (crashes.length <= CRASHES) return window.webContents.reload();
    void dialog
      .showMessageBox(window, {
        type: 'error',
        message: 'The window stopped working several times.',
        detail: `Nothing that was saved is lost, and running jobs go on. (${details.reason})`,
        buttons: ['Load it again', 'Close the window'],
        defaultId: 0,
      })
      .then(({ response }) => (response === 0 ? window.webContents.reload() : window.close()));
  });
  window.on('unresponsive', () => {
    void dialog
      .showMessageBox(window, {
        type: 'warning',
        message: 'The window does not answer.',
        detail: 'Loading it again loses nothing that was saved; running jobs go on.',
        buttons: ['Wait', 'Load it again'],
        defaultId: 0,
        cancelId: 0,
      })
      .then(({ response }) => {
        if (response === 1 && !window.isDestroyed()) window.webContents.forcefullyCrashRenderer();
      });
  });
}
