import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, expectAccessible, goTo, test } from './fixtures.ts';

test('identities: rows without an owner are let out as proposed, a security is split after a trial, and all is taken back', async ({
  app,
}) => {
  const { page, home } = app;
  await page.getByRole('textbox', { name: 'Workspace name' }).fill('Desk 2');
  await page.getByRole('button', { name: 'Create' }).click();
  await expect(page.getByRole('heading', { name: 'Import', level: 1 })).toBeVisible();
  const days = ['2024-01-02', '2024-01-03', '2024-01-04', '2024-01-05', '2024-01-08'];
  const files = {
    'securities.csv': 'ticker,figi,name,valid_from\nAAA,BBG000BLNNH6,Alpha Corp,2024-01-04\n',
    'prices.csv': ['date,ticker,close', ...days.map((day, i) => `${day},AAA,${100 + i}`), ''].join('\n'),
  };
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(home, name), text);
    await app.choose([join(home, name)], () => page.getByRole('button', { name: 'Choose files…' }).click());
    await page.getByRole('button', { name: new RegExp(`^${name.replace('.', '\\.')}`) }).click();
    await page.getByRole('button', { name: 'Commit', exact: true }).click();
    await expect(page.getByText(/Committed as batch \d+/)).toBeVisible();
  }

  await goTo(page, 'Identities');
  const quarantine = page.getByRole('grid', { name: 'Quarantine' });
  await expect(quarantine.getByRole('gridcell', { name: 'AAA', exact: true })).toBeVisible();
  await quarantine.getByRole('gridcell', { name: 'AAA', exact: true }).click();
  const resolve = page.getByRole('region', { name: 'Resolve' });
  await expect(resolve.getByText(/2024-01-02 to 2024-01-03, 2 rows/)).toBeVisible();
  await resolve.getByLabel('Reason').fill('listed earlier under this name');
  await resolve.getByRole('button', { name: 'Try' }).click();
  await expect(resolve.getByText('Trial: nothing was changed')).toBeVisible();
  await expectAccessible(page);
  await resolve.getByRole('button', { name: 'Accept 1 proposal' }).click();
  await expect(resolve.getByText(/Stored as batch \d+/)).toBeVisible();
  await expect(page.getByText('Nothing is in quarantine.')).toBeVisible();
  await resolve.getByRole('button', { name: 'Undo' }).click();
  await expect(quarantine.getByRole('gridcell', { name: 'AAA', exact: true })).toBeVisible();

  await page.getByRole('button', { name: 'Securities' }).click();
  await page.getByLabel('Find').fill('alpha');
  await page.getByRole('grid', { name: 'Securities' }).getByRole('gridcell', { name: 'Alpha Corp', exact: true }).first().click();
  const history = page.getByRole('region', { name: 'History' });
  await expect(history.getByText(/securities\.csv \(batch \d+\)/)).toBeVisible();
  const form = page.getByRole('region', { name: 'Merge or split' });
  await form.getByLabel('Reason').fill('another company since then');
  await form.getByLabel('Split off from').fill('2024-01-08');
  await form.getByLabel('Split off from').blur();
  await form.getByRole('button', { name: 'Split', exact: true }).click();
  await expect(form.getByText(/Stored as batch \d+/)).toBeVisible();
  await expect(history.getByText(/is a new security/)).toBeVisible();
  await form.getByRole('button', { name: 'Undo' }).click();
  await expect(form.getByText('Undone')).toBeVisible();

  await page.getByRole('button', { name: /^Decisions 2/ }).click();
  await expect(page.getByRole('grid', { name: 'Decisions' }).getByRole('gridcell', { name: 'undone' })).toHaveCount(2);
});
