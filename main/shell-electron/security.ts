/** Everything a page could use to get out of its window is refused here, for every page and session there will ever be. */
import { app, type Session } from 'electron';

export const SCHEME = 'app';

/** Each window is an origin of its own, so that what one window was given cannot be asked for by another. */
export const originOf = (host: string): string => `${SCHEME}://${host}`;

/** Host of an address of ours; null for any other address. `URL` knows no origin of an unknown scheme in every runtime. */
export const hostOf = (url: string): string | null => /^app:\/\/([a-z0-9-]+)(?:[/?#]|$)/.exec(url)?.[1] ?? null;

/** To be called before the app is ready. */
export function closeToTheWorld(): void {
  // Chromium aborts when a root user asks for the sandbox, so it is left off where the starter had to switch it off.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
  app.commandLine.appendSwitch('host-resolver-rules', 'MAP * ~NOTFOUND');
  app.commandLine.appendSwitch('disable-background-networking');
  app.commandLine.appendSwitch('disable-component-update');

  app.on('session-created', closeSession);
  app.on('web-contents-created', (_event, contents) => {
    /** A page may only go where its own window already is; a page that shows nothing yet may go to one of ours. */
    const mayGo = (url: string): boolean => {
      const host = hostOf(url);
      const here = hostOf(contents.getURL());
      return host !== null && (here === null || here === host);
    };
    contents.on('will-navigate', (event, url) => {
      if (!mayGo(url)) event.preventDefault();
    });
    contents.on('will-redirect', (event, url) => {
      if (!mayGo(url)) event.preventDefault();
    });
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  });
}

function closeSession(own: Session): void {
  own.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  own.setPermissionCheckHandler(() => false);
  own.setDevicePermissionHandler(() => false);
  own.setSpellCheckerEnabled(false);
  own.on('will-download', (event) => event.preventDefault());
  own.webRequest.onBeforeRequest((details, answer) =>
    answer({ cancel: !(hostOf(details.url) !== null || /^(devtools|blob|data):/.test(details.url)) }),
  );
}
