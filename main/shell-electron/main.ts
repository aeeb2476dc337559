/** Entry of the Electron shell: the core in this process's worker threads, windows on one scheme, nothing else reachable. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { app, dialog, Menu, protocol, session, type BrowserWindow, type MessageBoxOptions } from 'electron';
import { toErrorData } from '../contract/errors.ts';
import type { Method } from '../contract/methods.ts';
import { SLOW } from '../contract/questions.ts';
import { bundledEnvironment, type CoreEnvironment, type Install } from '../core/environment.ts';
import { allDesks, closeDesk, openDesk } from './desks.ts';
import { registerDialogs } from './dialogs.ts';
import { runInstaller } from './installer.ts';
import { applicationMenu } from './menu.ts';
import { openPaths, type Openers } from './open.ts';
import { pathsIn } from './paths.ts';
import { closeToTheWorld, hostOf, SCHEME } from './security.ts';
import {
  allWindows,
  bringForward,
  currentWindow,
  endIfAllowed,
  isEnding,
  openWindow,
  windowOf,
  type AppWindow,
  type Desk,
  type WindowHooks,
} from './windows.ts';

protocol.registerSchemesAsPrivileged([
  { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
]);
closeToTheWorld();

/** A Mac tells of double-clicked files before anything is ready. */
const early: string[] = [];
const noteEarly = (event: Electron.Event, path: string): void => {
  event.preventDefault();
  early.push(path);
};
app.on('open-file', noteEarly);

/** The app folder is the build's `dist`. A SQLite binding built for this very runtime may lie beside it. */
function environment(): CoreEnvironment {
  const bundled = bundledEnvironment(app.getAppPath());
  const beside = join(dirname(process.execPath), 'better_sqlite3.node');
  // A runtime that was handed the app folder is a copy that runs from its sources.
  const install: Install | undefined = app.isPackaged ? { kind: 'installer' } : undefined;
  return { ...bundled, install, nativeBinding: bundled.nativeBinding ?? (existsSync(beside) ? beside : undefined) };
}

/** Jobs that only show something: nobody needs to wait for them. The doctor looks by itself, and a comparison is made again when asked for. */
const NOTHING_LOST: readonly Method[] = ['doctor.look', 'runs.compare', ...SLOW];

/** The question before a running job of these desks is lost. It goes away, answered with yes, when the jobs end before an answer. */
async function mayEnd(desks: readonly Desk[], window: BrowserWindow | null): Promise<boolean> {
  const running = async (): Promise<string[]> =>
    (await Promise.all(desks.map(({ core }) => core.call('jobs.list', {}))))
      .flat()
      .filter((job) => job.status === 'running' && !NOTHING_LOST.includes(job.method))
      .map((job) => job.method);
  const methods = await running();
  if (methods.length === 0) return true;
  const ended = new AbortController();
  const look = (): void => void running().then((left) => left.length === 0 && ended.abort());
  const stops = desks.map(({ core }) => core.events((event) => event.type === 'job' && look()));
  look();
  const options: MessageBoxOptions = {
    type: 'question',
    message: `${methods.length === 1 ? 'A job is' : `${methods.length} jobs are`} still running: ${methods.join(', ')}.`,
    detail: 'Closing cancels it; what was saved before stays as it was.',
    buttons: ['Keep running', 'Cancel it and close'],
    defaultId: 0,
    cancelId: 0,
    signal: ended.signal,
  };
  try {
    const { response } = window ? await dialog.showMessageBox(window, options) : await dialog.showMessageBox(options);
    return response === 1 || ended.signal.aborted;
  } finally {
    stops.forEach((stop) => stop());
  }
}

async function start(): Promise<void> {
  const env = environment();
  // Profile beside the workspaces, so that HEDGEROW_HOME moves everything. Must come before the single-instance lock.
  app.setPath('userData', join(env.home, 'electron-profile'));
  if (!app.requestSingleInstanceLock()) return app.quit();
  await app.whenReady();

  const newDesk = (): Promise<Desk> =>
    openDesk({ environment: env, assetsDir: join(app.getAppPath(), 'renderer'), onWorkspace: (desk) => void showMenu(desk) });
  session.defaultSession.protocol.handle(
    SCHEME,
    (request) => windowOf(hostOf(request.url))?.desk.handler(request) ?? new Response(null, { status: 404 }),
  );
  const hooks: WindowHooks = {
    mayEnd: (window, desk) => mayEnd(desk ? [desk] : allDesks(), window),
    leave: (desk) => void closeDesk(desk),
  };
  const openers: Openers = { newDesk, newWindow: (desk) => openWindow(env.home, desk, hooks) };
  registerDialogs({
    newWindow: ({ desk }) => void openers.newWindow(desk),
    open: (paths, from) => openPaths(openers, paths, from),
    runInstaller: ({ desk, window }, id) => runInstaller(desk.core, window, id, () => endIfAllowed(hooks, window)),
  });

  /** The window in front, or a new one where there is none (on a Mac). */
  const front = (): AppWindow => currentWindow() ?? openers.newWindow(allDesks()[0]!);
  // Whatever was opened last belongs at the top of the recent ones.
  async function showMenu({ core }: Desk): Promise<void> {
    const openRecent = (handle: string): void => {
      const path = core.files.path(handle);
      if (path !== null) void openPaths(openers, [path], front());
    };
    const newWindow = (): void => void openers.newWindow(front().desk);
    Menu.setApplicationMenu(applicationMenu(await core.call('workspace.recent', {}), { newWindow, openRecent }));
  }
  const openHere = (paths: readonly string[]): void => {
    const window = front();
    bringForward(window.desk);
    void openPaths(openers, paths, window);
  };
  app.on('second-instance', (_event, argv, cwd) => openHere(pathsIn(argv, cwd, app.getAppPath())));
  app.off('open-file', noteEarly);
  app.on('open-file', (event, path) => {
    event.preventDefault();
    openHere([path]);
  });
  app.on('activate', () => allWindows().length > 0 || front());
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  app.on('before-quit', (event) => {
    if (isEnding()) return;
    event.preventDefault();
    endIfAllowed(hooks, currentWindow()?.window ?? null);
  });
  let closed = false;
  app.on('will-quit', (event) => {
    if (closed) return;
    event.preventDefault();
    void Promise.allSettled(allDesks().map(closeDesk)).finally(() => {
      closed = true;
      // In a turn of its own: with no workspace open all is closed before this event is over, and quitting inside it is not heard.
      setImmediate(() => app.quit());
    });
  });
  const desk = await newDesk();
  await showMenu(desk);
  const first = openers.newWindow(desk);
  await openPaths(openers, [...pathsIn(process.argv, process.cwd(), app.getAppPath()), ...early.splice(0)], first);
}

start().catch((error: unknown) => {
  const { message, action } = toErrorData(error);
  process.stderr.write(`hedgerow: ${message} ${action}\n`);
  if (app.isReady()) dialog.showErrorBox('Hedgerow could not start', `${message}\n${action}`);
  app.exit(1);
});
