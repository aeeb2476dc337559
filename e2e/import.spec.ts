import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dropOn } from './drop.ts';
import { expect, goTo, test } from './fixtures.ts';

test('import: a dropped folder, a bad file explained, committed only when settled and undone, columns chosen by hand', async ({
  app,
}, info) => {
  const { page, home } = app;
  const leftOut = page.getByRole('textbox', { name: 'Leave out ETFs' });
  // A dropped folder becomes a workspace of its name. The native shell knows the paths of what is dropped: electron.spec.ts.
  if (info.project.name === 'browser') {
    const folder = join(home, 'Desk of mine');
    mkdirSync(folder);
    writeFileSync(join(folder, 'prices.csv'), 'date,ticker,close\n2024-01-02,SPY,100\n2024-01-03,SPY,101\n');
    writeFileSync(join(folder, 'classes.csv'), 'ticker,sector\nAAA,Energy\n');
    await expect(page.getByRole('heading', { name: 'Start', level: 1 })).toBeVisible();
    const pointer = await page.context().newCDPSession(page);
    const data = { items: [], files: [folder], dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
      await pointer.send('Input.dispatchDragEvent', { type, x: 600, y: 300, data });
    await expect(page.getByRole('banner').getByText('Desk of mine')).toBeVisible();
    await expect(page.getByRole('list', { name: 'Chosen files' }).getByRole('listitem')).toHaveCount(2);
    await expect(page.getByRole('list', { name: 'Chosen files' })).toContainText('prices, 2 new');
    await goTo(page, 'Hedge');
    await leftOut.fill('SPY');
    await goTo(page, 'Start');
  }
  await page.getByRole('textbox', { name: 'Workspace name' }).fill('Desk 1');
  await page.getByRole('button', { name: 'Create' }).click();
  await expect(page.getByRole('heading', { name: 'Import', level: 1 })).toBeVisible();
  // Neither the files that were read into another workspace nor the limits of its book are of this one.
  await expect(page.getByRole('list', { name: 'Chosen files' })).toHaveCount(0);
  await goTo(page, 'Hedge');
  await expect(leftOut).toHaveValue('');
  await goTo(page, 'Import');

  const bad = join(home, 'bad.csv');
  const empty = join(home, 'empty.csv');
  writeFileSync(
    bad,
    'date,ticker,close\n2024-01-02,AAA,100\n2024-01-03,AAA,0\n2024-01-04,AAA,101\n2024-01-05,<img src=x onerror=alert(1)>,5\n',
  );
  writeFileSync(empty, '');
  const commit = page.getByRole('button', { name: 'Commit', exact: true });
  const batches = page.getByRole('grid', { name: /^Import batches/ });
  // Where the second file stands in the list, from frame to frame: what a click aims at must not move when the first is read.
  const stood = await page.evaluateHandle(() => {
    const places = new Set<number>();
    const look = (): void => {
      const second = document.querySelector<HTMLElement>('[aria-label="Chosen files"] li:nth-child(2)');
      if (second) places.add(second.offsetTop - second.parentElement!.offsetTop);
      requestAnimationFrame(look);
    };
    look();
    return places;
  });
  await app.choose([bad, empty], () => page.getByRole('button', { name: 'Choose files…' }).click());

  await page.getByRole('button', { name: /^empty\.csv/ }).click();
  await expect(page.getByRole('alert')).toContainText('empty.csv is empty');
  await expect(commit).toBeDisabled();

  await page.getByRole('button', { name: /^bad\.csv prices, 2 new/ }).click();
  expect(await stood.evaluate(({ size }) => size)).toBe(1);
  const issues = page.getByRole('grid', { name: 'Issues of bad.csv' });
  const zero = issues.getByRole('row').filter({ hasText: 'price_not_positive' });
  await expect(zero.getByRole('gridcell').nth(1)).toHaveText('3');
  // Text from a file stays text.
  await expect(issues.getByText('<img src=x onerror=alert(1)>').first()).toBeVisible();
  await expect(page.locator('main img')).toHaveCount(0);
  // The whole of an issue stands under the list; keys choose another.
  const read = page.getByRole('status', { name: 'The chosen issue' });
  await expect(read).toContainText('Line 3, column close');
  await zero.getByRole('gridcell').first().focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(read).not.toContainText('Line 3,');

  await expect(commit).toBeDisabled();
  const leaveOut = page.getByRole('checkbox', { name: /leave out 2 rejected/ });
  await leaveOut.check();
  // What was accepted of one reading is not accepted of the next.
  await page.getByText('Settle by hand what was detected').click();
  for (const [delimiter, state] of [
    ['semicolon', /^bad\.csv not read/],
    ['detect', /^bad\.csv prices, 2 new/],
  ] as const) {
    await page.getByRole('combobox', { name: 'Delimiter' }).selectOption({ label: delimiter });
    await page.getByRole('button', { name: 'Read again' }).click();
    await expect(page.getByRole('button', { name: state })).toBeVisible();
  }
  await expect(leaveOut).not.toBeChecked();
  await leaveOut.check();
  await commit.click();
  await expect(page.getByText(/Committed as batch \d+/)).toBeVisible();
  await expect(page.getByRole('link', { name: 'Next: run the cascade' })).toHaveAttribute('href', /runs/);
  const row = batches.getByRole('row').filter({ hasText: 'bad.csv' });
  await expect(row).toContainText('in force');

  await row.getByRole('gridcell').first().click();
  await page.getByRole('button', { name: /^Undo batch \d+$/ }).click();
  await expect(row).toContainText('undone');
  // It is the edit that Ctrl+Z would have taken back: nothing is left of it to stand before others.
  const undone = page.getByRole('status').filter({ hasText: 'Undone: import of bad.csv' });
  await expect(undone.getByRole('button', { name: 'Undo' })).toBeDisabled();
  await expect(undone.getByRole('button', { name: 'Redo' })).toBeEnabled();
  await expect(page.getByText(/^i? ?Batch \d+ was undone$/)).toBeVisible();

  // Days of holdings in one file: each is a snapshot, once the person says that it is.
  const history = join(home, 'history.csv');
  writeFileSync(history, 'as_of,account,ticker,quantity\n2024-01-03,ONE,AAA,5\n2024-01-04,ONE,AAA,6\n');
  await app.choose([history], () => page.getByRole('button', { name: 'Choose files…' }).click());
  await expect(page.getByRole('alert')).toContainText('read it with “A snapshot of each day”');
  await page.getByRole('checkbox', { name: 'A snapshot of each day' }).check();
  await page.getByRole('button', { name: 'Read again' }).click();
  await expect(page.getByRole('button', { name: /^history\.csv holdings, 2 new/ })).toBeVisible();
  await expect(page.getByRole('grid', { name: 'Lines of the file' }).getByRole('row').filter({ hasText: '2024-01-04' })).toContainText(
    'AAA',
  );
  await page.getByRole('button', { name: 'Discard', exact: true }).click();

  // Two matrices ask the same: one answer serves both, and only where the person says so.
  const matrices = ['stocks', 'funds'].map((name, i) => {
    const path = join(home, `${name}.csv`);
    writeFileSync(path, `ticker,2024-01-03,2024-01-04\nM${i}A,10,11\nM${i}B,20,21\n`);
    return path;
  });
  await app.choose(matrices, () => page.getByRole('button', { name: 'Choose files…' }).click());
  const answers = page.getByRole('group', { name: 'Answers: Values' });
  await answers.getByRole('checkbox', { name: 'also for 1 other file that asks this' }).check();
  await answers.getByRole('button', { name: 'adjusted closes' }).click();
  for (const name of ['stocks', 'funds'])
    await expect(page.getByRole('button', { name: new RegExp(`^${name}\\.csv prices, 4 new`) })).toBeVisible();
  await page.getByRole('button', { name: 'Discard all' }).click();

  // Weights that tell neither a day nor of what they are: both are written where they are asked for.
  const undated = join(home, 'undated.csv');
  writeFileSync(undated, 'ticker,weight\nAAA,97\n');
  await app.choose([undated], () => page.getByRole('button', { name: 'Choose files…' }).click());
  const asked = page.getByRole('group', { name: 'Answers: Day of the holdings' }).getByRole('textbox');
  await asked.fill('2024-01-03');
  await asked.press('Enter');
  const whole = page.getByRole('group', { name: 'Answers: Value of 100 %' }).getByRole('textbox');
  await whole.fill('$2,000');
  await whole.press('Enter');
  await expect(page.getByRole('grid', { name: 'Lines of the file' })).toContainText('1,940.00');
  // The answer took its field away with it: pressing Enter again must not give the file up.
  await expect(page.getByRole('button', { name: 'Discard', exact: true })).not.toBeFocused();
  await expect(page.getByRole('button', { name: /^undated\.csv holdings, 1 new/ })).toBeVisible();
  await page.getByRole('button', { name: 'Discard', exact: true }).click();

  // Holdings of a layout nobody knows: the columns are chosen by hand and kept as a template.
  const odd = join(home, 'odd.csv');
  writeFileSync(odd, 'Our own report\nPapier,Stück,Konto,Stand\nSPY,120,A-1,2024-01-03\nAAA,-30,A-1,2024-01-03\nTotal,90,,\n');
  await app.choose([odd], () => page.getByRole('button', { name: 'Choose files…' }).click());
  await page.getByRole('button', { name: /^odd\.csv/ }).click();
  await page.getByText('Choose the columns of a holdings file by hand').click();
  await page.getByRole('button', { name: 'Line 2 holds the headings' }).click();
  await page.getByRole('combobox', { name: 'Symbol' }).selectOption('Papier');
  await page.getByRole('combobox', { name: 'Quantity' }).selectOption('Stück');
  await page.getByRole('combobox', { name: 'Account', exact: true }).selectOption('Konto');
  await page.getByRole('combobox', { name: 'As-of date' }).selectOption('Stand');
  await page.getByRole('textbox', { name: 'Keep as template' }).fill('house list');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Saved as house list')).toBeVisible();
  await page.getByRole('button', { name: 'Read with these columns' }).click();
  await expect(page.getByRole('list', { name: 'Chosen files' }).getByRole('listitem').filter({ hasText: 'odd.csv' })).toContainText(
    'holdings, 2 new',
  );

  // A list of weights: the amount they are of is asked for.
  const parts = join(home, 'anteile.csv');
  writeFileSync(parts, 'Papier,Anteil %,Stand\nSPY,60,2024-01-04\nAAA,-30,2024-01-04\nCash,70,2024-01-04\n');
  await app.choose([parts], () => page.getByRole('button', { name: 'Choose files…' }).click());
  await page.getByRole('button', { name: /^anteile\.csv/ }).click();
  await page.getByText('Choose the columns of a holdings file by hand').click();
  await page.getByRole('combobox', { name: 'Symbol' }).selectOption('Papier');
  const readSo = page.getByRole('button', { name: 'Read with these columns' });
  await expect(readSo).toBeDisabled();
  await page.getByRole('combobox', { name: /^Weight\b/ }).selectOption('Anteil %');
  await page.getByRole('combobox', { name: 'As-of date' }).selectOption('Stand');
  await readSo.click();
  await page.getByRole('group', { name: 'Answers: Value of 100 %' }).getByRole('textbox').fill('50000');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: /^anteile\.csv holdings, 2 new/ })).toBeVisible();

  // Anywhere in the window; a folder counts as what is in it only where the shell knows paths.
  const dropped = join(home, 'dropped.csv');
  writeFileSync(dropped, 'date,ticker,close\n2024-01-02,DROP,10\n');
  await goTo(page, 'Methodology');
  await dropOn(page, [dropped]);
  await expect(page.getByRole('button', { name: /^dropped\.csv/ })).not.toContainText(/receiving|reading/);
});
