/** Entry of the Electron shell: the core in this process's worker threads, windows on one scheme, nothing else reachable. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { app, dialog, Menu, protocol, session, type BrowserWindow } from 'electron';
import { toErrorData } from '../contract/errors.ts';
import { bundledEnvironment, type CoreEnvironment, type Install } from '../core/environment.ts';
import { createCore } from '../core/index.ts';
import type { CorePort } from '../shell-common/core-port.ts';
import { createHandler } from '../shell-common/handler.ts';
import { registerDialogs } from './dialogs.ts';
import { runInstaller } from './installer.ts';
import { applicationMenu } from './menu.ts';
import { openPaths, openWorkspace, pathsIn } from './open.ts';
import { closeToTheWorld, hostOf, SCHEME } from './security.ts';
import { allWindows, currentWindow, endIfAllowed, isEnding, openWindow, windowOf, type WindowHooks } from './windows.ts';

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
const NOTHING_LOST: readonly string[] = ['doctor.look', 'runs.compare'];

/** The question before a running job is lost. It goes away, answered with yes, when the jobs end before an answer. */
async function mayEnd(core: CorePort, window: BrowserWindow | null): Promise<boolean> {
  const running = async (): Promise<string[]> =>
    (await core.call('jobs.list', {}))
      .filter((job) => job.status === 'running' && !NOTHING_LOST.includes(job.method))
      .map((job) => job.method);
  const methods = await running();
  if (methods.length === 0) return true;
  const ended = new AbortController();
  const look = (): void => void running().then((left) => left.length === 0 && ended.abort());
  const stopListening = core.events((event) => event.type === 'job' && look());
  look();
  const options: Electron.MessageBoxOptions = {
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
    stopListening();
  }
}

async function start(): Promise<void> {
  const env = environment();
  // Profile beside the workspaces, so that HEDGEROW_HOME moves everything. Must come before the single-instance lock.
  app.setPath('userData', join(env.home, 'electron-profile'));
  if (!app.requestSingleInstanceLock()) return app.quit();
  await app.whenReady();

  const core: CorePort = await createCore(env);
  const handler = createHandler(core, {
    assetsDir: join(app.getAppPath(), 'renderer'),
    authorize: (request) => windowOf(hostOf(request.url))?.handles ?? null,
  });
  session.defaultSession.protocol.handle(SCHEME, (request) =>
    windowOf(hostOf(request.url)) ? handler(request) : new Response(null, { status: 404 }),
  );
  const hooks: WindowHooks = { mayEnd: (window) => mayEnd(core, window) };
  const newWindow = (): void => void openWindow(env.home, hooks);
  registerDialogs(core, {
    newWindow,
    runInstaller: (window, id) => runInstaller(core, window, id, () => endIfAllowed(hooks, window)),
  });

  const showMenu = async (): Promise<void> =>
    Menu.setApplicationMenu(
      applicationMenu(await core.call('workspace.recent', {}), { newWindow, openRecent: (handle) => void openWorkspace(core, handle) }),
    );
  core.events((event) => {
    // Whatever was opened last belongs at the top of the recent ones.
    if (event.type === 'workspace') void showMenu();
  });
  await showMenu();

  const openHere = (paths: readonly string[]): void => {
    const front = currentWindow() ?? openWindow(env.home, hooks);
    if (front.window.isMinimized()) front.window.restore();
    front.window.focus();
    void openPaths(core, paths, front);
  };
  app.on('second-instance', (_event, argv, cwd) => openHere(pathsIn(argv, cwd, app.getAppPath())));
  app.off('open-file', noteEarly);
  app.on('open-file', (event, path) => {
    event.preventDefault();
    openHere([path]);
  });
  app.on('activate', () => allWindows().length > 0 || newWindow());
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
    void core.close().finally(() => {
      closed = true;
      app.quit();
    });
  });
  const first = openWindow(env.home, hooks);
  await openPaths(core, [...pathsIn(process.argv, process.cwd(), app.getAppPath()), ...early.splice(0)], first);
}

start().catch((error: unknown) => {
  const { message, action } = toErrorData(error);
  process.stderr.write(`hedgerow: ${message} ${action}\n`);
  if (app.isReady()) dialog.showErrorBox('Hedgerow could not start', `${message}\n${action}`);
  app.exit(1);
});
