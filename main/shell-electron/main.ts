/** Entry of the Electron shell: the core in this process's worker threads, one window, one scheme, nothing else reachable. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { app, dialog, Menu, protocol, session } from 'electron';
import { toErrorData } from '../contract/errors.ts';
import { bundledEnvironment, type CoreEnvironment } from '../core/environment.ts';
import { createCore } from '../core/index.ts';
import type { CorePort } from '../shell-common/core-port.ts';
import { createHandler } from '../shell-common/handler.ts';
import { registerDialogs } from './dialogs.ts';
import { applicationMenu } from './menu.ts';
import { closeToTheWorld, ORIGIN, SCHEME } from './security.ts';
import { mainWindow, openWindow } from './window.ts';

protocol.registerSchemesAsPrivileged([
  { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
]);
closeToTheWorld();

/** The app folder is the build's `dist`. A SQLite binding built for this very runtime may lie beside it. */
function environment(): CoreEnvironment {
  const bundled = bundledEnvironment(app.getAppPath());
  const beside = join(dirname(process.execPath), 'better_sqlite3.node');
  return bundled.nativeBinding === undefined && existsSync(beside) ? { ...bundled, nativeBinding: beside } : bundled;
}

/** Workspaces named on the command line or double-clicked. */
const workspaceArgument = (argv: readonly string[]): string | undefined =>
  argv.slice(1).find((argument) => /\.hedgerow[\\/]?$/.test(argument));

async function openWorkspace(core: CorePort, path: string): Promise<void> {
  try {
    await core.call('workspace.open', { handle: core.files.registerPath(path) });
  } catch (error) {
    const { message, action } = toErrorData(error);
    dialog.showErrorBox('The workspace could not be opened', `${message}\n${action}`);
  }
}

async function start(): Promise<void> {
  const env = environment();
  // Profile beside the workspaces, so that HEDGEROW_HOME moves everything. Must come before the single-instance lock.
  app.setPath('userData', join(env.home, 'electron-profile'));
  if (!app.requestSingleInstanceLock()) return app.quit();
  await app.whenReady();

  const core: CorePort = await createCore(env);
  const handler = createHandler(core, { assetsDir: join(app.getAppPath(), 'renderer') });
  session.defaultSession.protocol.handle(SCHEME, (request) =>
    new URL(request.url).origin === ORIGIN || request.url.startsWith(`${ORIGIN}/`) ? handler(request) : new Response(null, { status: 404 }),
  );
  registerDialogs(core);
  Menu.setApplicationMenu(applicationMenu());

  const given = workspaceArgument(process.argv);
  if (given) await openWorkspace(core, given);
  app.on('second-instance', (_event, argv) => {
    const path = workspaceArgument(argv);
    if (path) void openWorkspace(core, path);
    const window = mainWindow();
    if (window?.isMinimized()) window.restore();
    window?.focus();
  });
  app.on('open-file', (event, path) => {
    event.preventDefault();
    void openWorkspace(core, path);
  });
  app.on('activate', () => mainWindow() ?? openWindow(core, env.home));
  app.on('window-all-closed', () => app.quit());
  let closed = false;
  app.on('will-quit', (event) => {
    if (closed) return;
    event.preventDefault();
    void core.close().finally(() => {
      closed = true;
      app.quit();
    });
  });
  openWindow(core, env.home);
}

start().catch((error: unknown) => {
  const { message, action } = toErrorData(error);
  process.stderr.write(`hedgerow: ${message} ${action}\n`);
  if (app.isReady()) dialog.showErrorBox('Hedgerow could not start', `${message}\n${action}`);
  app.exit(1);
});
