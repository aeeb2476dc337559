/** What only the Electron shell has: menus, windows, double clicks, PDFs, the question on quit, recovery of a page. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type { Page } from 'playwright-core';
import type { ShellBridge } from '../main/contract/bridge.ts';
import { goTo } from './fixtures.ts';
import {
  asksAfterCrashes,
  deniesDownloadsAndViews,
  isTakenForOthers,
  opensSeveralWorkspaces,
  takesDrops,
  zooms,
} from './electron-steps.ts';
import { ELECTRON_DIST, electronArguments, freshHome, openInElectron } from './shells.ts';

let kill = (): void => undefined;
test.afterEach(() => kill());

// eslint-disable-next-line no-empty-pattern
test('windows, menus, double clicks and drops, PDFs, a lost page, the question on quit', async ({}, info) => {
  test.skip(info.project.name !== 'electron' || !ELECTRON_DIST, 'electron: ELECTRON_OVERRIDE_DIST_PATH is not set');
  const files = freshHome();
  const prices = join(files, 'SPY.csv');
  writeFileSync(prices, 'date,close\n2024-01-02,470\n2024-01-03,471\n');
  const app = await openInElectron({ args: [prices] });
  const { page, home } = app;
  const electron = app.electron!;
  // A test that fails half-way must not leave a program behind that asks before it ends.
  const program = electron.process();
  kill = () => void (program.exitCode === null && program.kill('SIGKILL'));
  const menu = (...path: string[]): Promise<void> =>
    electron.evaluate(({ Menu, BrowserWindow }, labels) => {
      let items = Menu.getApplicationMenu()!.items;
      for (const label of labels.slice(0, -1)) items = items.find((item) => item.label === label)!.submenu!.items;
      // What has a role acts on the window in front; without a window manager there may be none.
      const [first] = BrowserWindow.getAllWindows();
      items.find((item) => item.label === labels.at(-1))!.click(undefined, first, first!.webContents);
    }, path);

  await test.step('a data file opened with the program waits for a workspace, then is read', async () => {
    await expect(page.getByRole('status').filter({ hasText: 'SPY.csv' })).toBeVisible();
    await page.getByRole('textbox', { name: 'Workspace name' }).fill('Desk');
    await page.getByRole('button', { name: 'Create' }).click();
    await expect(page.getByRole('button', { name: /^SPY\.csv/ })).toBeVisible();
    await page.getByRole('button', { name: 'Commit', exact: true }).click();
    await expect(page.getByText(/Committed as batch \d+/)).toBeVisible();
  });

  await test.step('menus follow the customs of the system and list the workspace', async () => {
    // Two windows on one screen are told apart by their workspaces.
    await expect
      .poll(() => electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.getTitle()))
      .toBe('Import – Desk – Hedgerow');
    const labels = await electron.evaluate(({ Menu }) =>
      Menu.getApplicationMenu()!.items.map((item) => [item.label, item.submenu!.items.map((inner) => inner.label)] as const),
    );
    expect(labels.map(([label]) => label)).toEqual(['&File', 'Edit', '&View', 'Window', 'Help']);
    const file = labels[0]![1];
    for (const label of ['New workspace…', 'Open workspace…', 'Open recent', 'Import files…', 'Save screen as PDF…', 'New window'])
      expect(file).toContain(label);
    expect(labels[4]![1]).toContain('About Hedgerow');
    await expect
      .poll(() =>
        electron.evaluate(({ Menu }) =>
          Menu.getApplicationMenu()!
            .getMenuItemById('recent')!
            .submenu!.items.map((item) => item.label),
        ),
      )
      .toEqual(['Desk']);
    await menu('Help', 'About Hedgerow');
    const about = page.getByRole('dialog', { name: 'About Hedgerow' });
    await expect(about).toContainText('Electron');
    await expect(about).toContainText('runs from its sources');
    await about.getByRole('button', { name: 'Close' }).click();
  });

  await test.step('the screen and a document are saved as PDF; a document runs nothing and fetches nothing', async () => {
    const folder = files;
    await electron.evaluate(({ dialog }, chosen) => {
      dialog.showSaveDialog = (async (...given: unknown[]) => {
        const { defaultPath } = given[given.length - 1] as { defaultPath: string };
        return { canceled: false, filePath: `${chosen}/${defaultPath}` };
      }) as typeof dialog.showSaveDialog;
    }, folder);
    await goTo(page, 'Methodology');
    await menu('&File', 'Save screen as PDF…');
    const screen = join(folder, 'Methodology – Desk.pdf');
    await expect.poll(() => existsSync(screen), { timeout: 20_000 }).toBe(true);
    expect(readFileSync(screen, 'latin1').slice(0, 5)).toBe('%PDF-');
    const document =
      '<h1>Ticket</h1><script>document.body.textContent = "ran"</script><img src="http://192.0.2.1/x.png"><iframe src="file:///etc/passwd">';
    const saved = await page.evaluate(async (text) => {
      const offered = await fetch('/api/files.offer', {
        method: 'POST',
        body: JSON.stringify({ name: 'ticket.csv', text }),
        headers: { 'content-type': 'application/json' },
      });
      const { artifactId } = (await offered.json()) as { artifactId: string };
      return (window as unknown as { hedgerow: ShellBridge }).hedgerow.savePdf('../../Ticket', artifactId);
    }, document);
    expect(saved).toBe(true);
    const pdf = readFileSync(join(folder, 'Ticket.pdf'));
    expect(pdf.toString('latin1', 0, 5)).toBe('%PDF-');
    expect(pdf.length).toBeLessThan(100_000);
  });

  const second = await test.step('a second window shows the same workspace, and has handles of its own', async () => {
    const opened = electron.waitForEvent('window');
    await menu('&File', 'New window');
    const other = await opened;
    await expect(other.getByText('Open now: Desk')).toBeVisible();
    // What is preferred is preferred in every window.
    const theme = other.getByRole('combobox', { name: 'Theme' });
    for (const name of ['dark', 'light']) {
      await theme.selectOption(name);
      await expect(page.locator('html')).toHaveAttribute('data-theme', name);
    }
    await theme.selectOption('system');
    expect(await page.evaluate(() => location.href)).toMatch(/^app:\/\/hedgerow\//);
    expect(await other.evaluate(() => location.href)).toMatch(/^app:\/\/hedgerow-2\//);
    const stage = (from: Page, handle: string): Promise<number> =>
      from.evaluate(
        async (given) =>
          (
            await fetch('/api/import.stage', {
              method: 'POST',
              body: JSON.stringify({ handle: given }),
              headers: { 'content-type': 'application/json' },
            })
          ).status,
        handle,
      );
    const handle = await page.evaluate(
      async () => ((await (await fetch('/api/upload?name=a.csv', { method: 'POST', body: 'x' })).json()) as { handle: string }).handle,
    );
    expect(await stage(other, handle)).toBe(404);
    expect(await stage(page, handle)).toBe(200);
    const across = await other.evaluate(() =>
      fetch('app://hedgerow/api/workspace.info', { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }).then(
        () => 'answered',
        () => 'refused',
      ),
    );
    expect(across).toBe('refused');
    return other;
  });

  await test.step('IPC from a frame, from another address or with wrong arguments is refused', async () => {
    expect(
      await page.evaluate(() => {
        const frame = document.body.appendChild(document.createElement('iframe'));
        return (frame.contentWindow as { hedgerow?: unknown } | null)?.hedgerow === undefined;
      }),
    ).toBe(true);
    const refusals = await electron.evaluate(async ({ BrowserWindow, ipcMain, dialog }) => {
      let asked = 0;
      dialog.showOpenDialog = async () => {
        asked += 1;
        return { canceled: true, filePaths: [] };
      };
      const handlers = (ipcMain as unknown as { _invokeHandlers: Map<string, (event: unknown, ...args: unknown[]) => unknown> })
        ._invokeHandlers;
      const [one, two] = BrowserWindow.getAllWindows().map((window) => window.webContents);
      const main = one!.mainFrame;
      const said: string[] = [];
      const attempt = async (channel: string, event: unknown, argument?: unknown): Promise<void> => {
        try {
          await handlers.get(channel)!(event, argument);
          said.push(`${channel} answered`);
        } catch (error) {
          said.push((error as Error).message);
        }
      };
      for (const channel of ['choose-files', 'choose-workspace', 'opened-files', 'new-window']) {
        await attempt(channel, { sender: one, senderFrame: one!.mainFrame.frames[0] ?? two!.mainFrame.frames[0] ?? null });
        await attempt(channel, { sender: one, senderFrame: null });
        await attempt(channel, { sender: one, senderFrame: { parent: null, url: 'https://evil.example/' } });
        await attempt(channel, { sender: two, senderFrame: { parent: null, url: main.url } });
      }
      for (const wrong of [undefined, 1, 'x', 'toString', {}]) await attempt('choose-files', { sender: one, senderFrame: main }, wrong);
      for (const wrong of [null, 1, 'x', {}, [1], Array(101).fill('x')])
        await attempt('save-artifacts', { sender: one, senderFrame: main }, wrong);
      for (const wrong of [{}, { name: 1 }, { name: 'a', artifactId: 7 }])
        await attempt('save-pdf', { sender: one, senderFrame: main }, wrong);
      return { said: [...new Set(said)], asked, windows: BrowserWindow.getAllWindows().length };
    });
    expect(refusals).toEqual({ said: ['refused'], asked: 0, windows: 2 });
    await page.evaluate(() => document.querySelector('iframe')?.remove());
  });

  await test.step('nothing of the system is granted to a page', async () => {
    const seen = await page.evaluate(async () => {
      const outcome = (work: Promise<unknown>): Promise<string> =>
        work.then(
          (answer) => String(answer),
          (error: unknown) => (error as Error).name,
        );
      return {
        node: [typeof (globalThis as { require?: unknown }).require, typeof (globalThis as { process?: unknown }).process],
        notification: await outcome(Notification.requestPermission()),
        camera: await outcome(navigator.mediaDevices.getUserMedia({ video: true })),
        clipboard: await outcome(navigator.clipboard.readText()),
        place: await new Promise((done) =>
          navigator.geolocation.getCurrentPosition(
            () => done('told'),
            () => done('denied'),
          ),
        ),
        usb: await outcome(
          (navigator as unknown as { usb: { requestDevice(of: object): Promise<unknown> } }).usb.requestDevice({ filters: [] }),
        ),
      };
    });
    expect(seen.node).toEqual(['undefined', 'undefined']);
    expect(seen).toMatchObject({ notification: 'denied', place: 'denied' });
    for (const name of [seen.camera, seen.clipboard, seen.usb]) expect(name).toMatch(/Error/);
    const settings = await electron.evaluate(({ BrowserWindow, session }) => ({
      spelling: session.defaultSession.isSpellCheckerEnabled(),
      windows: BrowserWindow.getAllWindows().map((window) => {
        const { contextIsolation, nodeIntegration, webviewTag } = (
          window.webContents as unknown as { getLastWebPreferences(): Electron.WebPreferences }
        ).getLastWebPreferences();
        return { contextIsolation, nodeIntegration, webviewTag };
      }),
    }));
    const closed = { contextIsolation: true, nodeIntegration: false, webviewTag: false };
    expect(settings).toEqual({ spelling: false, windows: [closed, closed] });
  });

  await deniesDownloadsAndViews(electron, page);
  await zooms(electron, page, menu);
  await takesDrops(page, files);
  await opensSeveralWorkspaces(electron, page, files);
  await isTakenForOthers(join(home, 'workspaces', 'Desk.hedgerow'));

  await test.step('a second start hands its workspace to the first and ends', async () => {
    const again = spawnSync(
      join(ELECTRON_DIST!, 'electron'),
      [...electronArguments(), join(home, 'workspaces', 'Desk.hedgerow', 'open.hedgerow')],
      {
        env: { ...process.env, HEDGEROW_HOME: home },
        timeout: 30_000,
      },
    );
    expect(again.status).toBe(0);
    await expect(page.getByText('Desk').first()).toBeVisible();
    expect(electron.windows()).toHaveLength(2);
  });

  await test.step('a page that dies comes back, and nothing is lost', async () => {
    // Answers once the page is there again; a question to a dead page would never be answered.
    await electron.evaluate(({ BrowserWindow }) => {
      const window = BrowserWindow.getAllWindows().find((one) => one.webContents.getURL().startsWith('app://hedgerow-2/'))!;
      return new Promise<void>((back) => {
        window.webContents.once('render-process-gone', () => window.webContents.once('did-finish-load', () => back()));
        window.webContents.forcefullyCrashRenderer();
      });
    });
    const title = (): Promise<string> =>
      electron.evaluate(({ BrowserWindow }) => {
        const window = BrowserWindow.getAllWindows().find((one) => one.webContents.getURL().startsWith('app://hedgerow-2/'))!;
        return window.webContents.executeJavaScript('document.body.innerText') as Promise<string>;
      });
    await expect.poll(title).toContain('Open now: Desk');
    expect(second.isClosed()).toBe(false);
    await asksAfterCrashes(electron, 'hedgerow-2');
    await electron.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()
        .find((one) => one.webContents.getURL().startsWith('app://hedgerow-2/'))!
        .close(),
    );
    await expect.poll(() => electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
  });

  await test.step('closing while a job runs asks first; the window keeps its place', async () => {
    await electron.evaluate(({ dialog, BrowserWindow }) => {
      const asked: string[] = [];
      (globalThis as { asked?: string[] }).asked = asked;
      dialog.showMessageBox = (async (...given: unknown[]) => {
        asked.push((given[given.length - 1] as { message: string }).message);
        return { response: 0, checkboxChecked: false };
      }) as typeof dialog.showMessageBox;
      BrowserWindow.getAllWindows()[0]!.setBounds({ x: 40, y: 30, width: 1200, height: 800 });
    });
    await goTo(page, 'Start');
    await page.getByRole('button', { name: 'Open the sample' }).click();
    await expect(page.getByRole('progressbar')).toBeVisible();
    await electron.evaluate(({ app: running }) => running.quit());
    await expect
      .poll(() => electron.evaluate(() => (globalThis as { asked?: string[] }).asked))
      .toEqual([expect.stringContaining('A job is still running: workspace.createSample')]);
    await expect(page.getByRole('heading', { name: 'Runs', level: 1 })).toBeVisible({ timeout: 45_000 });

    // Left without an answer, the question goes with the job, and the program ends.
    await electron.evaluate(({ dialog }) => {
      dialog.showMessageBox = ((...given: unknown[]) =>
        new Promise((answer) => {
          const { signal } = given[given.length - 1] as { signal: AbortSignal };
          signal.addEventListener('abort', () => answer({ response: 0, checkboxChecked: false }));
        })) as typeof dialog.showMessageBox;
    });
    await goTo(page, 'Start');
    await page.getByRole('button', { name: 'Open the sample' }).click();
    await expect(page.getByRole('progressbar')).toBeVisible();
    await electron.close();
    const state = JSON.parse(readFileSync(join(home, 'window.json'), 'utf8')) as { bounds: { width: number; height: number } };
    expect(state).toMatchObject({ bounds: { width: 1200, height: 800 }, maximized: false });
    // What the page said before it was crashed on purpose is not of interest; the first window has nothing to complain of.
    // But for the workspace it was told another window has.
    expect(app.complaints.filter((line) => !/status of 409/.test(line))).toEqual([]);
  });
});
