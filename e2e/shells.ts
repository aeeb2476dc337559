/** Starting the built program in either shell, in a home of its own. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import sparticuz from '@sparticuz/chromium';
import {
  chromium,
  _electron,
  errors,
  type Browser,
  type BrowserContextOptions,
  type ElectronApplication,
  type Page,
} from 'playwright-core';
import { findBrowser, LOCKED } from '../main/shell-browser/browser.ts';

export const ROOT = resolve(import.meta.dirname, '..');
/** The Node of the project; Playwright itself may run on an older one of the machine. */
const own = join(ROOT, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');
export const NODE = existsSync(own) ? own : process.execPath;
export const ELECTRON_DIST = process.env.ELECTRON_OVERRIDE_DIST_PATH;

export interface Running {
  readonly page: Page;
  readonly home: string;
  /** When the program was started, ms since 1970. */
  readonly startedAt: number;
  /** Console errors and warnings, and uncaught exceptions of the page. */
  readonly complaints: string[];
  /** Does `act`, which asks for files, and gives it these. */
  choose(paths: readonly string[], act: () => Promise<void>): Promise<void>;
  /** Does `act`, which saves `count` files, and answers their paths. */
  save(count: number, act: () => Promise<void>): Promise<string[]>;
  close(): Promise<void>;
  /** The program itself, on that shell. */
  readonly electron?: ElectronApplication;
}

interface Options {
  /** Fills the empty home. */
  readonly prepare?: (home: string) => void;
}
interface BrowserOptions extends Options {
  readonly viewport?: { readonly width: number; readonly height: number };
}
interface ElectronOptions extends Options {
  /** Path of a packaged application. */
  readonly packaged?: string;
  /** What was double-clicked. */
  readonly args?: readonly string[];
  /** false: the page as it opened. */
  readonly reload?: boolean;
}

function watch(page: Page): string[] {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      complaints.push(`${message.type()}: ${message.text()} ${message.location().url}`);
  });
  page.on('pageerror', (error) => complaints.push(`exception: ${error.message}`));
  return complaints;
}

/**
 * Counts the requests of every document of `page` from now on, for `settled`: from the call until the answer's body is read, which
 * may come well after its head. The stream of events never ends: it does not count.
 */
async function countRequests(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const state = window as { requestsUnderWay?: number; requestsMade?: number };
    state.requestsUnderWay = 0;
    state.requestsMade = 0;
    const counted = async <T>(work: Promise<T>): Promise<T> => {
      state.requestsUnderWay! += 1;
      try {
        return await work;
      } finally {
        state.requestsUnderWay! -= 1;
      }
    };
    const fetch = window.fetch;
    window.fetch = (...given) => {
      if (String(given[0]).endsWith('/events')) return fetch(...given);
      state.requestsMade! += 1;
      return counted(fetch(...given));
    };
    for (const read of ['json', 'text', 'arrayBuffer', 'blob'] as const) {
      const whole = Response.prototype[read] as () => Promise<never>;
      Response.prototype[read] = function (this: Response) {
        return counted(whole.call(this));
      };
    }
  });
}

export const freshHome = (): string => mkdtempSync(join(tmpdir(), 'hedgerow-e2e-'));

/** The one inside the development packages: unpacked by the first call, which two processes must not make at once. */
export const unpackBrowser = (): Promise<string> => sparticuz.executablePath();

/** An installed browser is preferred; the one inside the development packages serves where there is none. */
export async function launchChromium(): Promise<Browser> {
  const installed = findBrowser();
  const executablePath = installed ?? (await unpackBrowser());
  const args = installed
    ? []
    : sparticuz.args.filter((arg) => !/single-process|user-agent|web-security|isolate|headless|gpu|angle|swiftshader/.test(arg));
  // Drawing in software costs less than a software graphics card.
  return chromium.launch({ executablePath, args: [...args, ...LOCKED, '--no-sandbox', '--disable-gpu'] });
}

/**
 * A page whose file dialogs are Playwright's from the start: told so as late as a dialog is awaited, a busy page may see the key
 * press that opens it first, and nobody answers the browser's own dialog.
 */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Page> {
  const page = await browser.newPage(options);
  page.on('filechooser', () => undefined);
  return page;
}

export async function openInBrowser({ viewport = { width: 1440, height: 900 }, prepare }: BrowserOptions = {}): Promise<Running> {
  const home = freshHome();
  prepare?.(home);
  const startedAt = Date.now();
  const server = spawn(NODE, [join(ROOT, 'dist', 'browser-shell.cjs'), '--no-open'], {
    env: { ...process.env, HEDGEROW_HOME: home },
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  const url = await new Promise<string>((found, failed) => {
    let said = '';
    server.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const address = /http:\/\/127\.0\.0\.1:\d+\/#launch=[\w-]+/.exec(said);
      if (address) found(address[0]);
    });
    server.once('exit', (code) => failed(new Error(`the browser shell ended with ${code}: ${said}`)));
  });
  const browser = await launchChromium();
  const page = await openPage(browser, { viewport, acceptDownloads: true });
  const complaints = watch(page);
  await countRequests(page);
  await page.goto(url);
  return {
    page,
    home,
    startedAt,
    complaints,
    async choose(paths, act) {
      const asked = page.waitForEvent('filechooser');
      await act();
      const chooser = await asked;
      // It is collected with the choice that is made in it.
      if (!(await chooser.element().evaluate((input) => input.isConnected))) throw new Error('the file dialog is of no document');
      await chooser.setFiles([...paths]);
    },
    async save(count, act) {
      const paths: string[] = [];
      const arrived = new Promise<void>((done) =>
        page.on('download', (download) => {
          const path = join(home, 'saved', download.suggestedFilename());
          void download.saveAs(path).then(() => {
            paths.push(path);
            if (paths.length === count) done();
          });
        }),
      );
      await act();
      await arrived;
      page.removeAllListeners('download');
      return paths;
    },
    async close() {
      await browser.close();
      const ended = new Promise((done) => server.once('exit', done));
      server.kill();
      await ended;
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** What every start of the program needs: its folder, and as root no sandbox. */
export const electronArguments = (packaged?: string): string[] => [
  ...(packaged ? [] : [join(ROOT, 'dist')]),
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
];

/** A start takes three seconds, and ten on a busy machine. */
const LAUNCH_MS = 40_000;

/**
 * Starts the program and takes hold of it. Playwright now and then waits for ever for the answer to its first question, if the window is being
 * made at that moment: the program shows its first screen and nobody looks. Then it is started anew, three times at most.
 */
async function launchElectron(options: ElectronOptions, times = 3) {
  const { packaged, args = [], prepare } = options;
  if (!ELECTRON_DIST) throw new Error('ELECTRON_OVERRIDE_DIST_PATH is not set');
  const home = freshHome();
  prepare?.(home);
  const startedAt = Date.now();
  try {
    const electron = await _electron.launch({
      executablePath: packaged ?? join(ELECTRON_DIST, 'electron'),
      args: [...electronArguments(packaged), ...args],
      env: { ...(process.env as Record<string, string>), HEDGEROW_HOME: home },
      timeout: LAUNCH_MS,
    });
    return { electron, home, startedAt };
  } catch (error) {
    rmSync(home, { recursive: true, force: true });
    if (times === 1 || !(error instanceof errors.TimeoutError)) throw error;
    console.warn('Electron is started anew: Playwright did not get hold of it');
    return launchElectron(options, times - 1);
  }
}

/** The built program in the runtime at hand, or a packaged application. */
export async function openInElectron(options: ElectronOptions = {}): Promise<Running> {
  const { electron, home, startedAt } = await launchElectron(options);
  const page = await electron.firstWindow();
  const complaints = watch(page);
  await countRequests(page);
  let saves = 0;
  // What was logged before we listened is gone; a reload shows all of it.
  if (options.reload ?? true) await page.reload();
  return {
    page,
    home,
    startedAt,
    complaints,
    electron,
    async choose(paths, act) {
      await electron.evaluate(
        ({ dialog }, filePaths) => {
          dialog.showOpenDialog = async () => ({ canceled: false, filePaths });
        },
        [...paths],
      );
      await act();
    },
    async save(count, act) {
      const folder = join(home, 'saved', String((saves += 1)));
      mkdirSync(folder, { recursive: true });
      await electron.evaluate(({ dialog }, chosen) => {
        dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [chosen] });
        // One file is saved by name: both forms of the call end with the options.
        dialog.showSaveDialog = (async (...given: unknown[]) => {
          const { defaultPath } = given[given.length - 1] as { defaultPath: string };
          return { canceled: false, filePath: `${chosen}/${defaultPath}` };
        }) as typeof dialog.showSaveDialog;
      }, folder);
      await act();
      const whole = (): string[] => readdirSync(folder).filter((name) => !name.endsWith('.part'));
      while (whole().length < count) await new Promise((resolve) => setTimeout(resolve, 100));
      return whole().map((name) => join(folder, name));
    },
    async close() {
      await electron.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
