import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, expectAccessible, goTo, openSampleAndRun, test } from './fixtures.ts';

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

test('a list as a universe, the source of a number, and what was learned between two days', async ({ app }) => {
  const { page, home } = app;
  await openSampleAndRun(page);
  // A correction of old closes, known three weeks later, and two lists.
  const correction = ['date,ticker,close,known_from', '2026-05-04,QXAA,999,2026-05-26', ''].join('\n');
  await goTo(page, 'Import');
  for (const [name, text] of [
    [
      'picks.csv',
      'ticker,universe,valid_from\nQXAC,early,2025-01-02\nQXAA,picks,2025-01-02\nQXAB,picks,2026-01-02\nQXAB2,picks,2026-01-02\n',
    ],
    ['correction.csv', correction],
  ] as const) {
    writeFileSync(join(home, name), text);
    await app.choose([join(home, name)], () => page.getByRole('button', { name: 'Choose files…' }).click());
    await page.getByRole('button', { name: new RegExp(`^${name.replace('.', '\\.')}`) }).click();
    const accept = page.getByRole('checkbox', { name: /restate/i });
    if (name === 'correction.csv') await accept.check();
    await page.getByRole('button', { name: 'Commit', exact: true }).click();
    await expect(page.getByText(/Committed as batch \d+/)).toBeVisible();
  }

  await goTo(page, 'Runs');
  await page.getByRole('combobox', { name: 'Universe' }).selectOption('picks');
  await page.getByRole('button', { name: 'Run the cascade' }).click();
  const header = page.getByRole('banner');
  await expect(header.getByText(/^2 in mask of \d+ active, 0 out by validity$/)).toBeVisible({ timeout: 45_000 });
  await goTo(page, 'Book');
  await expect(header.getByText(/^2 in mask of/)).toBeVisible();
  await header.getByText(/^2 in mask of/).click();
  const shown = page.getByRole('region', { name: 'Members' }).getByRole('combobox', { name: 'Universe' });
  await expect(shown).toHaveValue('picks');
  const members = page.getByRole('grid', { name: 'Members' });
  await expect(members.getByRole('gridcell', { name: 'QXAB', exact: true })).toBeVisible();
  await expect(page.getByText('1 name means no security: QXAB2')).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Delete picks' }).click();
  await expect(shown).toHaveValue('early');
  await expect(header.getByText(/^2 in mask of/)).toBeVisible();
  await page.keyboard.press('ControlOrMeta+z');
  await expect(page.getByRole('grid', { name: 'Own lists' }).getByRole('gridcell', { name: 'picks', exact: true })).toBeVisible();

  await members.getByRole('gridcell', { name: 'QXAB', exact: true }).waitFor();
  await goTo(page, 'Security');
  await page.getByRole('combobox', { name: /Find a security/ }).fill('QXAA');
  await page.getByRole('option', { name: /QXAA/ }).first().click();
  await page
    .getByRole('link', { name: /^[−-]?\d+\.\d{4}$/ })
    .first()
    .click();
  await expect(page.getByRole('tab', { name: 'Where a number comes from' })).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByRole('list', { name: 'Facts used' })).toContainText('Chain');
  await expect(page.getByRole('grid', { name: 'Values behind it' })).toContainText(/batch \d+, /);
  await expectAccessible(page);

  await goTo(page, 'Data health');
  await page.getByRole('button', { name: 'Time travel' }).click();
  await page.getByRole('textbox', { name: 'Known on' }).fill('2026-05-15');
  await page.getByRole('textbox', { name: 'and on' }).fill('2026-05-29');
  await page.getByRole('textbox', { name: 'and on' }).blur();
  await page.getByRole('button', { name: 'Compare', exact: true }).click();
  await expect(page.getByText('strict: no row of the past moved')).toBeVisible({ timeout: 45_000 });
  await expect(page.getByRole('grid', { name: 'Facts learned' }).getByRole('row').filter({ hasText: 'QXAA' })).toContainText('1 corrected');
  await expect(
    page.getByRole('grid', { name: 'Securities that moved' }).getByRole('gridcell', { name: 'QXAA', exact: true }),
  ).toBeVisible();
  // Numbers as on every screen, the change of each with its sign and in full view.
  const moves = page.getByRole('grid', { name: 'Moves of QXAA' });
  await expect(moves.getByRole('row').filter({ hasText: 'l1_mkt_hr' }).getByRole('gridcell').last()).toHaveText(/^[+−]\d+\.\d{8}$/);
  for (const [width, height] of [
    [1440, 900],
    [1280, 720],
  ] as const) {
    await page.setViewportSize({ width, height });
    await expect.poll(() => moves.evaluate((grid) => grid.scrollWidth - grid.clientWidth), String(width)).toBe(0);
  }
  await expectAccessible(page);
});
