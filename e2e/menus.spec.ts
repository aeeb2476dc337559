/** The native menu of the Electron shell: each item does something on every screen, with a workspace and without. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, goTo, settled, test } from './fixtures.ts';

test.use({ fresh: true });

test('every item of the menu acts, with a workspace and without; the usual ones have their keys', async ({ app }) => {
  const { page, electron, home } = app;
  test.skip(!electron, 'electron: the browser shell has no native menu');
  const item = (...path: string[]) =>
    electron!.evaluate(({ Menu, BrowserWindow }, labels) => {
      let items = Menu.getApplicationMenu()!.items;
      for (const label of labels.slice(0, -1)) items = items.find((one) => one.label === label)!.submenu!.items;
      const [first] = BrowserWindow.getAllWindows();
      items.find((one) => one.label === labels.at(-1))!.click(undefined, first, first!.webContents);
    }, path);
  const screen = (name: string) => expect(page.getByRole('heading', { name, level: 1 })).toBeVisible();
  const name = page.getByRole('textbox', { name: 'Workspace name' });

  const keys = await electron!.evaluate(({ Menu }) =>
    Object.fromEntries(
      Menu.getApplicationMenu()!.items.flatMap(({ submenu }) => submenu!.items.map((one) => [one.label, one.accelerator])),
    ),
  );
  expect(keys).toMatchObject({
    'New workspace…': 'CmdOrCtrl+N',
    'Open workspace…': 'CmdOrCtrl+O',
    'Import files…': 'CmdOrCtrl+I',
    'Save screen as PDF…': 'CmdOrCtrl+P',
    'Settings…': 'CmdOrCtrl+,',
    Undo: 'CmdOrCtrl+Z',
    Redo: 'CmdOrCtrl+Shift+Z',
  });

  // Without a workspace: files wait for one, a new one begins with its name.
  await screen('Start');
  const file = join(home, 'SPY.csv');
  writeFileSync(file, 'date,close\n2024-01-02,470\n2024-01-03,471\n');
  await app.choose([file], () => item('&File', 'Import files…'));
  await expect(page.getByRole('status').filter({ hasText: 'SPY.csv' })).toBeVisible();
  await item('&File', 'New workspace…');
  await expect(name).toBeFocused();
  await page.keyboard.type('Desk');
  await expect(name).toHaveValue('Desk');
  await item('Edit', 'Undo');
  await expect(name).toHaveValue('');
  // Nothing is left to undo. (Before the typing it could come between two letters: commands and keys do not wait for one another.)
  await item('Edit', 'Undo');
  await item('Edit', 'Redo');
  await expect(name).toHaveValue('Desk');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: /^SPY\.csv/ })).toBeVisible();

  // A sheet does not stay over the screen that is asked for.
  await item('Help', 'Keyboard shortcuts');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  await item('Help', 'Methodology');
  await screen('Methodology');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await item('&File', 'Settings…');
  await screen('Settings');
  await item('&File', 'New workspace…');
  await screen('Start');
  await expect(name).toBeFocused();
  await app.choose([file], () => item('&File', 'Import files…'));
  await screen('Import');

  // Outside a field the last edit is meant.
  await page.getByRole('button', { name: 'Commit', exact: true }).first().click();
  await expect(page.getByText(/Committed as batch \d+/)).toBeVisible();
  await goTo(page, 'Methodology');
  await item('Edit', 'Undo');
  await expect(page.getByRole('status').filter({ hasText: /^Undone: / })).toBeVisible();
  await item('Edit', 'Redo');
  await expect(page.getByRole('status').filter({ hasText: /^Made again: / })).toBeVisible();
  await item('Edit', 'Redo');
  await expect(page.getByRole('status').filter({ hasText: 'Nothing to redo' })).toBeVisible();
  await settled(page);
});
