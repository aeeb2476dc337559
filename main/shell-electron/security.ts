/** Everything a page could use to get out of its window is refused here, for every page there will ever be. */
import { app, session, type WebFrameMain } from 'electron';

export const SCHEME = 'app';
export const ORIGIN = `${SCHEME}://hedgerow`;

const ours = (url: string): boolean => url === ORIGIN || url.startsWith(`${ORIGIN}/`);

/** To be called before the app is ready. */
export function closeToTheWorld(): void {
  // Chromium aborts when a root user asks for the sandbox, so it is left off where the starter had to switch it off.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
  app.commandLine.appendSwitch('host-resolver-rules', 'MAP * ~NOTFOUND');
  app.commandLine.appendSwitch('disable-background-networking');
  app.commandLine.appendSwitch('disable-component-update');

  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-navigate', (event, url) => {
      if (!ours(url)) event.preventDefault();
    });
    contents.on('will-redirect', (event, url) => {
      if (!ours(url)) event.preventDefault();
    });
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  });
  void app.whenReady().then(() => {
    const own = session.defaultSession;
    own.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
    own.setPermissionCheckHandler(() => false);
    own.setDevicePermissionHandler(() => false);
    own.setSpellCheckerEnabled(false);
    own.on('will-download', (event) => event.preventDefault());
    own.webRequest.onBeforeRequest((details, answer) =>
      answer({ cancel: !(ours(details.url) || /^(devtools|blob|data):/.test(details.url)) }),
    );
  });
}

/** IPC is answered only for the main frame of our own page. */
export function trusted(frame: WebFrameMain | null): boolean {
  return frame !== null && frame.parent === null && ours(frame.url);
}
