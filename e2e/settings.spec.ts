/** Presets and settings on the Runs screen: what a run is asked for, what it says it did, and several settings side by side. */
import { expect, expectAccessible, openSampleAndRun, test } from './fixtures.ts';

test('a run with preset robust-held, and a comparison of settings', async ({ app: { page } }) => {
  await openSampleAndRun(page);
  const preset = page.getByRole('combobox', { name: 'Preset' });
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
  await expect(page.getByText('Identities hold on every row')).toBeVisible();

  await page.getByRole('button', { name: 'Add the settings above' }).click();
  await page.getByRole('button', { name: 'Compare 3 settings' }).click();
  const grid = page.getByRole('grid', { name: 'Compared settings' });
  await expect(grid.getByRole('gridcell', { name: 'robust-held huberC=1.5' })).toBeVisible({ timeout: 45_000 });
  await expect(grid.getByRole('row')).toHaveCount(4);
  await expectAccessible(page);
});
