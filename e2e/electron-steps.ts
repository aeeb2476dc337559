/** Steps of electron.spec.ts about what a page may not do, and about several workspaces in one program. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type { ElectronApplication, Page } from 'playwright-core';
import { dropOn } from './drop.ts';
import { goTo } from './fixtures.ts';
import { SAMPLE } from './seed.ts';
import { ELECTRON_DIST, freshHome, ROOT } from './shells.ts';

const countWindows = (electron: ElectronApplication): Promise<number> =>
  electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length);

/** Files and folders come by path, whatever their size: nothing of them passes through the page. */
export const takesDrops = (page: Page, folder: string): Promise<void> =>
  test.step('dropped files and folders of files are read by path', async () => {
    const uploads: string[] = [];
    const note = (request: { url(): string }): void => void (request.url().includes('/api/upload') && uploads.push(request.url()));
    page.on('request', note);
    mkdirSync(join(folder, 'more', '.hidden'), { recursive: true });
    const rows = (ticker: string): string => `date,ticker,close\n2024-01-02,${ticker},10\n`;
    writeFileSync(join(folder, 'dropped.csv'), rows('AAA'));
    writeFileSync(join(folder, 'more', 'inside.csv'), rows('BBB'));
    writeFileSync(join(folder, 'more', '.hidden', 'secret.csv'), rows('CCC'));
    await goTo(page, 'Methodology');
    await dropOn(page, [join(folder, 'dropped.csv'), join(folder, 'more')]);
    const chosen = page.getByRole('list', { name: 'Chosen files' });
    await expect(chosen.getByRole('button', { name: /^dropped\.csv/ })).not.toContainText(/receiving|reading/);
    await expect(chosen.getByRole('button', { name: /^inside\.csv/ })).not.toContainText(/receiving|reading/);
    await expect(chosen).not.toContainText('secret.csv');
    expect(uploads).toEqual([]);
    page.off('request', note);
  });

/** One program, several workspaces: each once, each with its windows. */
export const opensSeveralWorkspaces = (electron: ElectronApplication, page: Page, folder: string): Promise<void> =>
  test.step('another workspace gets a window of its own, once; both go on', async () => {
    const other = join(folder, 'Other.hedgerow');
    cpSync(join(process.env.HEDGEROW_E2E_SEED!, 'workspaces', `${SAMPLE}.hedgerow`), other, { recursive: true });
    const before = await countWindows(electron);
    const opened = electron.waitForEvent('window');
    await dropOn(page, [other]);
    const window = await opened;
    await expect(window.getByText('SIMULATED', { exact: true })).toBeVisible();
    await expect(page.getByText('SIMULATED', { exact: true })).toHaveCount(0);
    expect(existsSync(join(other, 'lock'))).toBe(true);
    // Dropped again, its window comes to the front; asked for by a page that shows another, the page is told.
    await dropOn(page, [join(other, 'workspace.db')]);
    const told = await page.evaluate(async () => {
      const ask = async (method: string, input: object): Promise<Response> =>
        fetch(`/api/${method}`, { method: 'POST', body: JSON.stringify(input), headers: { 'content-type': 'application/json' } });
      const recent = (await (await ask('workspace.recent', {})).json()) as { name: string; handle: string }[];
      const answer = await ask('workspace.open', { handle: recent.find(({ name }) => name === 'Other')!.handle });
      return { status: answer.status, message: ((await answer.json()) as { error: { message: string } }).error.message };
    });
    expect(told).toEqual({ status: 409, message: 'This workspace is open in another window, which is in front now.' });
    expect(await countWindows(electron)).toBe(before + 1);
    // Its last window asks for the jobs of its own workspace; closed, it takes that workspace with it, and nothing else.
    await electron.evaluate(({ dialog }) => {
      const asked: string[] = [];
      (globalThis as { askedOfDesk?: string[] }).askedOfDesk = asked;
      const before = dialog.showMessageBox;
      dialog.showMessageBox = (async (...given: unknown[]) => {
        asked.push((given[given.length - 1] as { message: string }).message);
        if (asked.length === 2) dialog.showMessageBox = before;
        return { response: asked.length - 1, checkboxChecked: false };
      }) as typeof dialog.showMessageBox;
    });
    await window.evaluate(() => {
      const body = JSON.stringify({ runId: 'R1' });
      const repeat = (): Promise<Response> =>
        fetch('/api/run.repeat', { method: 'POST', body, headers: { 'content-type': 'application/json' } });
      return Promise.all(Array.from({ length: 12 }, repeat)).then(() => undefined);
    });
    const close = (): Promise<void> =>
      electron.evaluate(({ BrowserWindow }) =>
        BrowserWindow.getAllWindows()
          .find((one) => one.webContents.getURL().startsWith('app://hedgerow-3/'))!
          .close(),
      );
    const asked = (): Promise<string[]> => electron.evaluate(() => (globalThis as { askedOfDesk?: string[] }).askedOfDesk!);
    await close();
    await expect.poll(asked).toEqual([expect.stringMatching(/still running: run\.repeat/)]);
    expect(await countWindows(electron)).toBe(before + 1);
    await close();
    await expect.poll(asked).toHaveLength(2);
    await expect.poll(() => existsSync(join(other, 'lock'))).toBe(false);
    expect(await countWindows(electron)).toBe(before);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  });

/** A second program of the same user with another home, on the workspace that is open here; it also stands 100 MB, and high density. */
export const isTakenForOthers = (workspace: string): Promise<void> =>
  test.step('a second program is told that the workspace is taken; 100 MB from its page are refused; a dense screen is served', async () => {
    const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    const second = spawnSync(
      join(ELECTRON_DIST!, 'electron'),
      [join(import.meta.dirname, 'undriven'), join(ROOT, 'dist'), ...sandbox, '--force-device-scale-factor=2', workspace],
      { env: { ...process.env, HEDGEROW_HOME: freshHome() }, timeout: 90_000, encoding: 'utf8' },
    );
    const line = /^UNDRIVEN (.*)$/m.exec(second.stdout)?.[1];
    expect(line, second.stderr.slice(-2000)).toBeDefined();
    expect(second.status, 'it ends when told to').toBe(0);
    const said = JSON.parse(line!) as {
      question: { message: string; detail: string };
      page: { large: { status: number; error: string }; after: number; density: number; wide: number };
      grownMiB: number;
    };
    test.info().annotations.push({ type: 'undriven', description: line! });
    expect(said.question.message).toBe('The workspace could not be opened');
    expect(said.question.detail).toMatch(/The workspace is open in process \d+ on .*\nClose the other window or command/);
    expect(said.page).toMatchObject({ large: { status: 400 }, after: 200, density: 2, wide: 0 });
    expect(said.page.large.error).toContain('the body is larger than 8000000 bytes');
    // Chromium holds it several times over, for a moment.
    expect(said.grownMiB).toBeLessThan(700);
  });

export const deniesDownloadsAndViews = (electron: ElectronApplication, page: Page): Promise<void> =>
  test.step('no download begins, no web view appears, and a blank page does not stay', async () => {
    await electron.evaluate(({ session, BrowserWindow }) => {
      const seen: boolean[] = [];
      (globalThis as { downloads?: boolean[] }).downloads = seen;
      session.defaultSession.on('will-download', (event) => seen.push(event.defaultPrevented));
      BrowserWindow.getAllWindows()[0]!.webContents.downloadURL('app://hedgerow/index.html');
    });
    await page.evaluate(() => {
      const link = document.createElement('a');
      link.href = URL.createObjectURL(new Blob(['x']));
      link.download = 'evil.exe';
      link.click();
      const view = document.createElement('webview');
      view.setAttribute('src', 'app://hedgerow/');
      document.body.append(view);
    });
    await expect.poll(() => electron.evaluate(() => (globalThis as { downloads?: boolean[] }).downloads)).toEqual([true, true]);
    const kinds = await electron.evaluate(({ webContents }) => webContents.getAllWebContents().map((one) => one.getType()));
    expect(kinds.filter((kind) => kind !== 'window')).toEqual([]);
    await page.evaluate(() => document.querySelector('webview')?.remove());
    await page.evaluate(() => void (location.href = 'about:blank')).catch(() => undefined);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    expect(page.url()).toMatch(/^app:\/\/hedgerow\//);
  });

/** Zoom by the menu, kept over a reload; at 200 % nothing leaves the screen sideways. */
export const zooms = (electron: ElectronApplication, page: Page, menu: (...path: string[]) => Promise<void>): Promise<void> =>
  test.step('zoom by the menu, kept over a reload; nothing is cut off at 200 %', async () => {
    const factor = (): Promise<number> =>
      electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.webContents.getZoomFactor());
    await menu('&View', 'Zoom In');
    await expect.poll(factor).toBeGreaterThan(1);
    await electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.webContents.setZoomFactor(2));
    await page.reload();
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    expect(await factor()).toBeCloseTo(2, 5);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    await menu('&View', 'Actual Size');
    await expect.poll(factor).toBe(1);
  });

/** A page that dies again and again is not loaded for ever: after the third time in a minute the user is asked. */
export const asksAfterCrashes = (electron: ElectronApplication, host: string): Promise<void> =>
  test.step('after three crashes in a minute the user is asked, and the page comes back when asked for', async () => {
    const outcome = await electron.evaluate(async ({ BrowserWindow, dialog }, wanted) => {
      const own = dialog.showMessageBox;
      const asked: string[] = [];
      dialog.showMessageBox = (async (...given: unknown[]) => {
        asked.push((given[given.length - 1] as { message: string }).message);
        return { response: 0, checkboxChecked: false };
      }) as typeof dialog.showMessageBox;
      const { webContents } = BrowserWindow.getAllWindows().find((one) => one.webContents.getURL().startsWith(`app://${wanted}/`))!;
      let crashes = 0;
      while (asked.length === 0 && crashes < 6) {
        crashes += 1;
        await new Promise<void>((back) => {
          webContents.once('render-process-gone', () => webContents.once('did-finish-load', () => back()));
          webContents.forcefullyCrashRenderer();
        });
      }
      dialog.showMessageBox = own;
      return { asked, crashes };
    }, host);
    expect(outcome.asked).toEqual(['The window stopped working several times.']);
    // One more came before, in the step about a page that dies.
    expect(outcome.crashes).toBe(3);
  });
