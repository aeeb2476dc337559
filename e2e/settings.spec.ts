/** Presets and settings on the Runs screen: what a run is asked for, what it says it did, and several settings side by side. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, expectAccessible, goTo, gridRows, openSampleAndRun, test } from './fixtures.ts';

test('a run with preset robust-held, and a comparison of settings', async ({ app: { page } }) => {
  await openSampleAndRun(page);
  const preset = page.getByRole('combobox', { name: 'Preset' });
  // The list is that of Settings; what is in none of them has settings of its own.
  await preset.selectOption('two years');
  const days = page.getByRole('spinbutton', { name: /^Window/ });
  await expect(days).toHaveValue('504');
  await days.fill('500');
  await expect(preset.locator('option:checked')).toHaveText('own settings');
  await days.fill('504');
  await expect(preset).toHaveValue('two years');
  await preset.selectOption('robust-held');
  await expect(page.getByRole('combobox', { name: 'Loss' })).toHaveValue('huber');
  await expect(page.getByRole('combobox', { name: 'Risk shares' })).toBeDisabled();
  await page.getByRole('spinbutton', { name: 'Huber c' }).fill('1');
  await expect(page.getByRole('alert')).toContainText('over 1');
  await expect(page.getByRole('button', { name: 'Run the cascade' })).toBeDisabled();
  await page.getByRole('spinbutton', { name: 'Huber c' }).fill('1.5');
  await expect(page.getByText('robust-held with huberC=1.5')).toBeVisible();
  await page.getByRole('button', { name: 'Run the cascade' }).click();
  await expect(page.getByRole('heading', { name: 'R2', exact: true })).toBeVisible({ timeout: 45_000 });
  await expect(page.getByText('Huber, c = 1.5')).toBeVisible();
  // The next run, on new data say, begins with the settings of the one in use.
  await goTo(page, 'Book');
  await goTo(page, 'Runs');
  await expect(page.getByRole('spinbutton', { name: 'Huber c' })).toHaveValue('1.5');
  await expect(page.getByText('Identities hold on every row')).toBeVisible();

  // Beside another run: the two ETFs that moved most with each position, and each number of them whole.
  await page.getByRole('combobox', { name: 'with' }).selectOption({ index: 1 });
  const moved = page.getByRole('grid', { name: 'Changes by position' });
  await expect(moved.getByRole('gridcell', { name: /^[A-Z]+ [+−][\d,]+ {1,2}[A-Z]+ [+−][\d,]+$/ }).first()).toBeVisible();
  for (const cells of await gridRows(moved)) expect(cells.at(-1)).toMatch(/^\s*(–|[A-Z]+ [+−][\d,]+( {2}[A-Z]+ [+−][\d,]+)?)\s*$/);

  await page.getByRole('button', { name: 'Add the settings above' }).click();
  await page.getByRole('button', { name: 'Compare 3 settings' }).click();
  const grid = page.getByRole('grid', { name: 'Compared settings' });
  await expect(grid.getByRole('gridcell', { name: 'robust-held huberC=1.5' })).toBeVisible({ timeout: 45_000 });
  await expect(grid.getByRole('row')).toHaveCount(4);
  await expectAccessible(page);
});

test('what is typed stays: an estimator over tabs, desk rules while they are saved; a run with other settings is named until one is pinned', async ({
  app,
}) => {
  const { page } = app;
  await openSampleAndRun(page);
  /** Holds the questions of a method whose input has the words, until what it answers is called. */
  const slow = async (method: string, words = ''): Promise<() => void> => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    await page.route(`**/api/${method}`, async (route) => {
      if ((route.request().postData() ?? '').includes(words)) await held;
      await route.fallback();
    });
    return () => release();
  };

  // A coverage that nobody has told yet is not missing.
  const coverage = page.getByRole('banner').getByTitle("Share of the book's gross value the model covers");
  const tell = await slow('book.coverage');
  await page.reload();
  await expect(coverage).toHaveText(/^Coverage\s*…$/);
  tell();
  await expect(coverage).toHaveText(/^Coverage\s*\d/);

  await goTo(page, 'Settings');
  const days = page.getByRole('spinbutton', { name: /^Window/ });
  await days.fill('300');
  await page.getByRole('link', { name: 'Backups', exact: true }).click();
  await page.getByRole('link', { name: 'Estimator (not run)' }).click();
  await expect(days).toHaveValue('300');

  await goTo(page, 'Hedge');
  await page.getByRole('button', { name: 'Desk rules', exact: true }).click();
  const one = page.getByRole('textbox', { name: 'One order, $' });
  const leverage = page.getByRole('textbox', { name: 'Gross over net value, times' });
  await one.fill('1000000');
  const save = await slow('orders.desk', 'rules');
  await page.getByRole('button', { name: 'Save the rules' }).click();
  await leverage.fill('3');
  save();
  await expect(page.getByText('Changes not saved yet')).toBeVisible();
  await expect(leverage).toHaveValue('3');
  await expect(one).toHaveValue('1000000');

  // A file that is discarded hands the focus on.
  await goTo(page, 'Import');
  const path = join(app.home, 'nonsense.csv');
  writeFileSync(path, 'a,b\n1,2\n');
  await app.choose([path], () => page.getByRole('button', { name: 'Choose files…' }).click());
  await page.getByRole('button', { name: 'Discard', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Choose files…' })).toBeFocused();

  await goTo(page, 'Settings');
  await page.getByRole('button', { name: 'Run with these settings' }).click();
  const note = page.getByRole('region', { name: 'Latest run with other settings' });
  await expect(note).toContainText('R2 is the basis of every screen', { timeout: 45_000 });
  await expect(note).toContainText('window 252 → 300');
  await expectAccessible(page);
  await note.getByRole('button', { name: 'Pin R1' }).click();
  await expect(note).toHaveCount(0);
  await expect(page.getByRole('combobox', { name: 'Run', exact: true })).toContainText('pinned (R1)');
});
