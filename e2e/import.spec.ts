import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dropOn } from './drop.ts';
import { expect, goTo, test } from './fixtures.ts';

test('import: a bad file is explained, commits only when settled, and can be undone', async ({ app }) => {
  const { page, home } = app;
  await page.getByRole('textbox', { name: 'Workspace name' }).fill('Desk 1');
  await page.getByRole('button', { name: 'Create' }).click();
  await expect(page.getByRole('heading', { name: 'Import', level: 1 })).toBeVisible();

  const bad = join(home, 'bad.csv');
  const empty = join(home, 'empty.csv');
  writeFileSync(
    bad,
    'date,ticker,close\n2024-01-02,AAA,100\n2024-01-03,AAA,0\n2024-01-04,AAA,101\n2024-01-05,<img src=x onerror=alert(1)>,5\n',
  );
  writeFileSync(empty, '');
  const commit = page.getByRole('button', { name: 'Commit', exact: true });
  const batches = page.getByRole('grid', { name: /^Import batches/ });
  await app.choose([bad, empty], () => page.getByRole('button', { name: 'Choose files…' }).click());

  await page.getByRole('button', { name: /^empty\.csv/ }).click();
  await expect(page.getByRole('alert')).toContainText('empty.csv is empty');
  await expect(commit).toBeDisabled();

  await page.getByRole('button', { name: /^bad\.csv/ }).click();
  const issues = page.getByRole('grid', { name: 'Issues of bad.csv' });
  const zero = issues.getByRole('row').filter({ hasText: 'price_not_positive' });
  await expect(zero.getByRole('gridcell').nth(1)).toHaveText('3');
  // Text from a file stays text.
  await expect(issues.getByText('<img src=x onerror=alert(1)>').first()).toBeVisible();
  await expect(page.locator('main img')).toHaveCount(0);

  await expect(commit).toBeDisabled();
  await page.getByRole('checkbox', { name: /leave out 2 rejected/ }).check();
  await commit.click();
  await expect(page.getByText(/Committed as batch \d+/)).toBeVisible();
  const row = batches.getByRole('row').filter({ hasText: 'bad.csv' });
  await expect(row).toContainText('in force');

  await row.getByRole('gridcell').first().click();
  await page.getByRole('button', { name: /^Undo batch \d+$/ }).click();
  await expect(row).toContainText('undone');

  // Anywhere in the window; a folder counts as what is in it only where the shell knows paths.
  const dropped = join(home, 'dropped.csv');
  writeFileSync(dropped, 'date,ticker,close\n2024-01-02,DROP,10\n');
  await goTo(page, 'Methodology');
  await dropOn(page, [dropped]);
  await expect(page.getByRole('button', { name: /^dropped\.csv/ })).not.toContainText(/receiving|reading/);
});
