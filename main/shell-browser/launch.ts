/** The browser shell: core + loopback server + one application window, and when it ends. */
import { join } from 'node:path';
import type { CorePort } from '../shell-common/core-port.ts';
import { createHandler } from '../shell-common/handler.ts';
import { findBrowser, noDisplay, openBrowser } from './browser.ts';
import { startLoopback } from './server.ts';

export interface LaunchOptions {
  readonly assetsDir: string;
  /** Folder for the browser profile. */
  readonly home: string;
  readonly port?: number;
  /** false: print the address and open nothing. */
  readonly open?: boolean;
  readonly anyUser?: boolean;
  /** How long to wait for a page to come back (a reload on a busy machine, a laptop that wakes) before ending; milliseconds. */
  readonly grace?: number;
  readonly say?: (line: string) => void;
}

export interface BrowserShell {
  readonly launchUrl: string;
  readonly origin: string;
  /** Resolves when the last window was closed and no job runs, or after `close()`. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

/** Starts serving and opens the window; prints the address when that is not possible. */
export async function launchBrowserShell(core: CorePort, options: LaunchOptions): Promise<BrowserShell> {
  const say = options.say ?? ((line: string) => void process.stderr.write(`hedgerow: ${line}\n`));
  const grace = options.grace ?? 15_000;
  let timer: NodeJS.Timeout | undefined;
  let finish = (): void => undefined;
  const ended = new Promise<void>((resolve) => (finish = resolve));

  const server = await startLoopback({
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(options.anyUser === undefined ? {} : { anyUser: options.anyUser }),
    handler: (authorize) => createHandler(core, { assetsDir: options.assetsDir, authorize }),
    onListeners(count) {
      clearTimeout(timer);
      if (count === 0) timer = setTimeout(() => void endWhenIdle(), grace);
    },
  });
  const close = async (): Promise<void> => {
    clearTimeout(timer);
    await server.close();
    await core.close();
    finish();
  };

  async function endWhenIdle(): Promise<void> {
    if (server.listeners() > 0) return;
    const jobs = await core.call('jobs.list', {});
    if (jobs.some((job) => job.status === 'running')) timer = setTimeout(() => void endWhenIdle(), grace);
    else await close();
  }

  const printAddress = (why: string): void => say(`${why}; open this address once, within this session: ${server.launchUrl}`);
  const browser = findBrowser();
  const why =
    options.open === false ? 'no window was asked for' : (noDisplay() ?? (browser ? null : 'no Chrome, Chromium or Edge was found'));
  if (why !== null || browser === null) printAddress(why ?? 'no browser');
  else {
    const failed = (): void => {
      if (server.listeners() === 0) printAddress('the browser did not open');
    };
    openBrowser(browser, server.launchUrl, join(options.home, 'browser-profile'))
      .once('error', failed)
      .once('exit', (status) => status && failed());
  }
  return { launchUrl: server.launchUrl, origin: server.origin, ended, close };
}
