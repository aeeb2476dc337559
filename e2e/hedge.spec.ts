import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { callAsAnother, expect, expectAccessible, goTo, gridRows, openSampleAndRun, settled, test } from './fixtures.ts';

test('hedge: limits and what stands in, marks, freeze, second person, export, ticket, compare, ledger, desk rules; holdings pasted', async ({
  app,
}) => {
  const { page } = app;
  await openSampleAndRun(page);
  await goTo(page, 'Hedge');
  const ticket = page.getByRole('grid', { name: 'Hedge ticket per ETF' });
  await expect(ticket.getByRole('row').nth(2)).toBeVisible();
  const part = (name: string) => page.getByRole('navigation', { name: 'Parts of this screen' }).getByRole('button', { name });

  // The ticket follows a slider while it is being dragged, and the choice can be taken back and made again.
  const sector = page.getByRole('slider', { name: 'sector layer, per cent', exact: true });
  const followed = await sector.evaluate(
    (slider) =>
      new Promise<boolean>((done) => {
        const shown = document.querySelector('[aria-label="Hedge ticket per ETF"]')!;
        const before = shown.textContent;
        let moves = 0;
        const drag = (): void => {
          if (shown.textContent !== before || moves === 600) return done(shown.textContent !== before);
          moves += 1;
          (slider as HTMLInputElement).value = String(moves % 2 === 0 ? 40 : 41);
          slider.dispatchEvent(new Event('input', { bubbles: true }));
          requestAnimationFrame(drag);
        };
        drag();
      }),
  );
  expect(followed).toBe(true);
  const dragged = await sector.inputValue();
  await page.getByRole('heading', { name: 'Hedge', level: 1 }).click();
  // At once: a change that was made just now is the one that is taken back.
  await page.keyboard.press('Control+z');
  await expect(sector).toHaveValue('100');
  await page.keyboard.press('Control+Shift+z');
  await expect(sector).toHaveValue(dragged);
  await page.keyboard.press('Control+z');
  await expect(sector).toHaveValue('100');
  await settled(page);
  // Only an answer that is late is said to be on its way.
  if (!app.electron) {
    const computing = page.getByRole('status').filter({ hasText: 'Computing…' });
    let answer = (): void => undefined;
    const held = new Promise<void>((resolve) => (answer = resolve));
    await page.route('**/api/hedge.preview', async (route) => {
      await held;
      await route.continue();
    });
    await sector.fill('60');
    await expect(computing).toBeVisible();
    answer();
    await expect(computing).toBeHidden();
    await page.unroute('**/api/hedge.preview');
    await sector.fill('100');
    await settled(page);
  }
  // What the hedge takes away, per ETF: by arrows, and as a table.
  const ladder = page.getByRole('slider', { name: 'Before and after, per ETF: ETF under the cursor' });
  const largest = await ladder.getAttribute('aria-valuetext');
  await ladder.focus();
  await page.keyboard.press('ArrowRight');
  await expect(ladder).not.toHaveAttribute('aria-valuetext', largest!);
  await page.keyboard.press('t');
  await expect(page.getByRole('grid', { name: 'Before and after, per ETF' }).getByRole('row').nth(2)).toBeVisible();

  // Freeze what is shown, then leave an ETF out: others stand in, and what that costs is said.
  await page.getByRole('button', { name: 'Freeze' }).click();
  const sets = page.getByRole('grid', { name: 'Order sets' });
  await expect(sets.getByRole('row').nth(1)).toContainText('not yet');
  await part('Ticket').click();
  await expect(ticket.getByRole('row').nth(2)).toBeVisible();
  await page.getByText('Limits per ETF', { exact: false }).first().click();
  const limits = page.getByRole('group', { name: 'Limits per ETF' });
  await limits.getByRole('checkbox', { name: 'trade' }).nth(1).uncheck();
  await expect(page.getByText('Limits are in the way')).toBeVisible();
  await expect(page.getByText(/of factor volatility a year stay unhedged/).first()).toBeVisible();
  // Whole, and not only where a pointer rests.
  const notes = page.getByRole('list', { name: 'Notes of the ticket' });
  await expect(notes.getByRole('listitem').filter({ hasText: 'excluded by the request' })).toBeVisible();
  await limits.getByRole('spinbutton').first().fill('1000');
  await limits.getByRole('spinbutton').first().press('Tab');
  await settled(page);
  await expectAccessible(page);
  // A mark is a rule of the desk.
  const held = page.getByText(/^Held ETFs: hedge or investment/);
  await held.click();
  const role = page.getByRole('combobox', { name: 'Role of IGV' });
  const invested = notes.getByRole('listitem').filter({ hasText: /IGV sold from [\d,]+ shares held as an investment/ });
  await expect(role).toHaveValue('investment');
  await expect(invested).toBeVisible();
  await role.selectOption('hedge');
  await expect(role).toHaveValue('hedge');
  await expect(invested).toHaveCount(0);
  await settled(page);
  await page.getByRole('heading', { name: 'Hedge', level: 1 }).click();
  await page.keyboard.press('Control+z');
  await expect(role).toHaveValue('investment');
  await page.keyboard.press('Control+Shift+z');
  await expect(role).toHaveValue('hedge');
  await settled(page);
  const band = page.getByRole('spinbutton', { name: 'No-trade band, % of target' });
  await band.fill('7');
  await band.press('Tab');
  await page.getByRole('combobox', { name: 'Order type' }).selectOption('LMT');
  await settled(page);
  const asked = page.waitForRequest((request) => request.url().endsWith('/api/orders.freeze'));
  await page.getByRole('button', { name: 'Freeze' }).click();
  expect((await asked).postDataJSON()).toMatchObject({ request: { band: 7 } });

  // A second person, then the file with its limits; the sets differ.
  await expect(sets.getByRole('row')).toHaveCount(3);
  await page.getByRole('checkbox', { name: /second person must approve/ }).check();
  const write = page.getByRole('button', { name: /^Export set 2 as generic CSV/ });
  await expect(page.getByText('A second person must approve the frozen set before it is exported.')).toBeVisible();
  await page.getByRole('textbox', { name: 'Approve as' }).fill('Checker');
  // A set that another window freezes meanwhile is listed; what is about to be approved is still the one that was looked at.
  await callAsAnother(page, 'orders.freeze', {
    request: { level: 1, layers: { market: 50, sector: 0, subsector: 0 }, minTrade: 0, rounding: 'joint', netting: 'across' },
  });
  await expect(sets.getByRole('row')).toHaveCount(4);
  await expect(write).toBeVisible();
  await page.getByRole('button', { name: 'Approve', exact: true }).click();
  await expect(page.getByText(/^Approved by Checker,/)).toBeVisible();
  await settled(page);
  const why = page.getByRole('textbox', { name: /^To export all the same/ });
  if (await why.isVisible()) await why.fill('a test of the whole way out');
  await expect(write).toBeEnabled();
  const saved = await app.save(2, () => write.click());
  const file = saved.find((path) => !path.endsWith('.manifest.json'))!;
  const [header = '', first = ''] = readFileSync(file, 'utf8').split('\r\n');
  const cell = (name: string): string => first.split(',')[header.split(',').indexOf(name)]!;
  expect(cell('order_type')).toBe('LMT');
  expect(Number(cell('limit_price'))).toBeGreaterThan(0);
  await expect(page.getByText(/^Exported by /)).toBeVisible();
  await expect(
    page
      .getByRole('grid', { name: 'Orders of set 2' })
      .getByText(/target −\$\d/)
      .first(),
  ).toBeVisible();
  await app.choose(saved, () => page.getByRole('button', { name: 'Verify an order file…' }).click());
  await expect(page.getByText(/orders, \d+ bytes, unaltered/)).toBeVisible();
  await page.getByRole('combobox', { name: /^Compare set 2 with/ }).selectOption({ label: 'set 1' });
  await expect(page.getByRole('grid', { name: 'Sets 1 and 2 compared' }).getByRole('row').nth(1)).toBeVisible();
  await expectAccessible(page);

  await part('Ledger').click();
  await expect(page.getByRole('grid', { name: 'Legs of exported sets' }).getByRole('row').nth(1)).toContainText('sent');
  const drifts = page.getByRole('grid', { name: 'Drift per ETF' });
  await expect(drifts).toBeVisible();
  // Per cent of the size of the target, with the sign of the dollars; nothing where there is no target.
  const figure = (text: string): number => Number(text.trim().replace('−', '-').replaceAll(',', ''));
  const driftRows = await gridRows(drifts);
  expect(driftRows.length).toBeGreaterThan(3);
  for (const [etf, , target, drift, share] of driftRows)
    if (figure(target!) === 0) expect(share!.trim(), etf).toBe('n/a');
    else {
      // The dollars shown are rounded to whole ones.
      const slack = 0.06 + 100 / Math.abs(figure(target!)) + Math.abs((50 * figure(drift!)) / figure(target!) ** 2);
      expect(Math.abs(figure(share!) - (100 * figure(drift!)) / Math.abs(figure(target!))), etf).toBeLessThan(slack);
    }
  // Executions taken in, taken back, and that undone by key.
  const executions = join(app.home, 'executions.csv');
  writeFileSync(executions, `order_id,quantity,price\n${cell('order_id')},0.5,10\n`);
  await app.choose([executions], () => page.getByRole('button', { name: 'Import fills…' }).click());
  const imported = page.getByRole('list', { name: 'Imported executions' });
  // With the number that messages about a later file name.
  await expect(imported).toContainText(/executions\.csv, 1 execution, imported .* \(entry \d+\)/);
  const legs = page.getByRole('grid', { name: 'Legs of exported sets' });
  await legs.getByRole('columnheader', { name: 'Filled, shares' }).click();
  await expect(legs.getByRole('row').nth(1)).toContainText(/0\.50fills! partly filled/);
  const states = page.getByRole('group', { name: 'Show legs that are' });
  await states.getByRole('button', { name: 'partly filled 1' }).click();
  await expect(legs.getByRole('row')).toHaveCount(2);
  const [csv = ''] = await app.save(1, () => page.getByRole('button', { name: 'Export CSV' }).click());
  expect(readFileSync(csv, 'utf8')).toMatch(/^Set,Sent on,.*\r\n2,.*,-0\.50,fills,partly filled,.*\r\n$/);
  await expect(page.getByText(/^1 leg written as ledger-\d{4}-\d\d-\d\d-simulated\.csv$/)).toBeVisible();
  await imported.getByRole('button', { name: 'Take back: executions.csv' }).click();
  // With the last leg of a state its choice is gone.
  await expect(states.getByRole('button', { name: /^All/ })).toHaveAttribute('aria-pressed', 'true');
  await expect(imported).toContainText('taken back');
  await expect(legs.getByText('partly filled')).toHaveCount(0);
  await page.keyboard.press('Control+z');
  await expect(imported).not.toContainText('taken back');
  await expect(legs.getByRole('row').nth(1)).toContainText('partly filled');
  await expectAccessible(page);

  await part('Desk rules').click();
  await page.getByRole('textbox', { name: /^Restricted, one a line/ }).fill('SPY nonsense');
  await page.getByRole('button', { name: 'Save the rules' }).click();
  await expect(page.getByRole('alert')).toContainText('ends in none of');
  await page.getByRole('textbox', { name: /^Restricted, one a line/ }).fill('QQQ watch');
  await page.getByRole('textbox', { name: 'One order, % of net value' }).fill('0.1');
  // What is typed and not saved is there again after another part, and another screen, was looked at; the part says so meanwhile.
  await part('Ticket').click();
  await goTo(page, 'Book');
  await goTo(page, 'Hedge');
  await part('Desk rules (not saved)').click();
  await expect(page.getByText(/Changes not saved yet$/)).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'One order, % of net value' })).toHaveValue('0.1');
  // Where another window changes the same, that is said, and what was typed stays.
  const accounts = [{ account: 'SIMULATED-1', kind: 'margin' }];
  await callAsAnother(page, 'orders.desk', { rules: { accounts, restricted: [{ code: 'XLF', kind: 'watch' }] } });
  await expect(page.getByText(/Changed in another window too/)).toBeVisible();
  await expect(page.getByRole('textbox', { name: /^Restricted, one a line/ })).toHaveValue('QQQ watch');
  await callAsAnother(page, 'orders.desk', { rules: { accounts } });
  await page.getByRole('button', { name: 'Discard changes' }).click();
  await expect(page.getByText(/Changes not saved yet$/)).toHaveCount(0);
  await expect(page.getByRole('textbox', { name: /^Restricted, one a line/ })).toHaveValue('');
  await page.getByRole('textbox', { name: /^Restricted, one a line/ }).fill('QQQ watch');
  await page.getByRole('textbox', { name: 'One order, % of net value' }).fill('0.1');
  await page.getByRole('textbox', { name: /EMSX word for sell short/ }).fill('SHRT');
  await page.getByRole('combobox', { name: 'FIX message' }).selectOption('list');
  await page.getByRole('button', { name: 'Save the rules' }).click();
  await expect(page.getByText(/Saved$/)).toBeVisible();
  await expectAccessible(page);
  await part('Ticket').click();
  await expect(page.getByText(/above the cap of/).first()).toBeVisible();
  // The other window left no marks: what was held before any set was exported is no hedge for that.
  const marking = page.getByRole('button', { name: /^Mark \d+ ETFs? as hedge$/ });
  await settled(page);
  if (!(await role.isVisible())) await held.click();
  await expect(role).toHaveValue('');
  await expect(marking).toHaveCount(0);

  // A table from the clipboard in a layout of its own: columns by hand, kept as a template.
  await goTo(page, 'Import');
  await page.getByRole('button', { name: 'Paste holdings…' }).click();
  await page
    .getByRole('textbox', { name: 'Copied table' })
    .fill(
      'Depot\nTitel\tKürzel\tBestand\tWert\tStand\nErste\tQXAA\t10\t1000\t2026-03-06\nZweite\tQXAAX\t5\t100\t2026-03-06\nKonto\t\t\t500\t\n',
    );
  await page.getByRole('button', { name: 'Read it' }).click();
  await expect(page.getByRole('alert').first()).toBeVisible();
  // What was pasted is holdings: the columns are the next question, and it is there.
  await page.getByRole('button', { name: 'Line 2 holds the headings' }).click();
  for (const [field, heading] of [
    ['Symbol', 'Kürzel'],
    ['Quantity', 'Bestand'],
    ['Market value', 'Wert'],
    ['As-of date', 'Stand'],
  ] as const)
    await page.getByRole('combobox', { name: field, exact: true }).selectOption(heading);
  await page.getByRole('textbox', { name: 'Cash begins with' }).fill('Konto');
  await page.getByRole('textbox', { name: 'Account of all lines' }).fill('DEPOT');
  await page.getByRole('textbox', { name: 'Keep as template' }).fill('Depot');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText(/Saved as Depot$/)).toBeVisible();
  await page.getByRole('combobox', { name: 'Template' }).selectOption({ label: 'Depot (holdings)' });
  await expect(page.getByRole('button', { name: 'Commit', exact: true })).toBeEnabled();
  // Every line with what becomes of it, before anything is stored.
  const lines = page.getByRole('grid', { name: 'Lines of the file' });
  await expect(lines.getByRole('row')).toHaveCount(6);
  await page.getByRole('group', { name: 'Show lines that are' }).getByRole('button', { name: 'cash 1' }).click();
  await expect(lines.getByRole('row')).toHaveCount(2);
  await expect(page.getByRole('status', { name: 'The chosen line' })).toContainText(/^\s*Line 5, cash/);
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Commit', exact: true }).click();
  await expect(page.getByText(/Committed as batch \d+/)).toBeVisible();

  // A position that nothing here answers to: what it may be, chosen and taken back.
  await page.getByRole('link', { name: 'choose what they are' }).click();
  const waiting = page.getByRole('grid', { name: 'Positions without a security' });
  const row = waiting.getByRole('row').filter({ hasText: 'QXAAX' });
  await expect(row).toContainText('one letter away: QXAA');
  await row.getByRole('gridcell').first().click();
  const choose = page.getByRole('region', { name: 'Choose' });
  await expectAccessible(page);
  await choose.getByRole('button', { name: /^QXAA\b/ }).click();
  await expect(choose.getByText(/Stored as batch \d+/)).toBeVisible();
  await expect(row).toHaveCount(0);
  await choose.getByRole('button', { name: 'Undo' }).click();
  await expect(row).toHaveCount(1);

  // The day after, an order of the exported set is held: it is marked at once.
  const [etf, account] = [cell('symbol'), cell('account')];
  const shares = `${cell('side').startsWith('BUY') ? '' : '-'}${cell('quantity')}`;
  const after = join(app.home, 'after.csv');
  writeFileSync(after, `account,ticker,quantity,as_of\n${account},${etf},${shares},2026-06-30\n`);
  await goTo(page, 'Import');
  await app.choose([after], () => page.getByRole('button', { name: 'Choose files…' }).click());
  await page.getByRole('button', { name: 'Commit', exact: true }).click();
  await expect(page.getByText(/Committed as batch \d+/)).toBeVisible();
  await goTo(page, 'Hedge');
  await settled(page);
  const roleOf = page.getByRole('combobox', { name: `Role of ${etf}` });
  if (!(await roleOf.isVisible())) await held.click();
  await expect(roleOf).toHaveValue('');
  await marking.click();
  await expect(roleOf).toHaveValue('hedge');
  await expect(marking).toHaveCount(0);
});

test('what came after the run blocks the hedge until the run is made again, one click away', async ({ app }) => {
  const { page } = app;
  await openSampleAndRun(page);
  const file = join(app.home, 'late.csv');
  writeFileSync(file, 'ticker,ex_date,type,value\nQXAA,2026-06-25,dividend,0.37\n');
  await goTo(page, 'Import');
  await app.choose([file], () => page.getByRole('button', { name: 'Choose files…' }).click());
  await page.getByRole('button', { name: 'Commit', exact: true }).click();
  await expect(page.getByText(/Committed as batch \d+/)).toBeVisible();
  await goTo(page, 'Hedge');
  const orders = page.getByRole('region', { name: 'Order file' });
  await expect(orders.getByText('late.csv was imported after run R1')).toBeVisible();
  await orders.getByRole('button', { name: 'Run again' }).click();
  await expect(orders.getByText('late.csv was imported')).toHaveCount(0);
  await expect(page.getByRole('combobox', { name: 'Run', exact: true })).toContainText('latest (R2)');
});

test('the usual ticket: laid down on the ticket, every new one starts with it, the present one says how it differs', async ({ app }) => {
  const { page } = app;
  await openSampleAndRun(page);
  await goTo(page, 'Hedge');
  const usual = page.getByRole('region', { name: 'Usual ticket' });
  const band = page.getByRole('spinbutton', { name: /^No-trade band/ });
  const format = page.getByRole('combobox', { name: 'Format' });
  const left = page.getByRole('textbox', { name: 'Leave out ETFs' });
  await expect(page.getByRole('grid', { name: 'Hedge ticket per ETF' }).getByRole('row').nth(2)).toBeVisible();
  await expect(usual).toBeHidden();
  await band.fill('7.5');
  await left.fill('xbi');
  await format.selectOption({ label: 'IBKR BasketTrader' });
  await expect(usual).toContainText('Changed: no-trade band, ETFs left out, format.');
  await usual.getByRole('button', { name: 'Make this the usual ticket' }).click();
  await expect(usual).toContainText("This is the desk's usual ticket");
  await settled(page);

  await page.reload();
  await goTo(page, 'Hedge');
  await expect(band).toHaveValue('7.5');
  await expect(left).toHaveValue('XBI');
  await expect(format.getByRole('option', { selected: true })).toHaveText('IBKR BasketTrader');
  await expect(usual).toContainText("This is the desk's usual ticket");
  // That it began so is no edit; a change is one, and so is going back.
  await page.keyboard.press('Control+z');
  await expect(band).toHaveValue('7.5');
  await band.fill('0');
  await page.getByRole('slider', { name: 'subsector layer, per cent', exact: true }).fill('50');
  await expect(usual).toContainText("Not the desk's usual ticket: layers, no-trade band.");
  await expectAccessible(page);
  await usual.getByRole('button', { name: 'Back to the usual ticket' }).click();
  await expect(band).toHaveValue('7.5');
  await page.getByRole('heading', { name: 'Hedge', level: 1 }).click();
  await page.keyboard.press('Control+z');
  await expect(band).toHaveValue('0');
  await page.keyboard.press('Control+Shift+z');
  await expect(band).toHaveValue('7.5');
  await page.getByRole('navigation', { name: 'Parts of this screen' }).getByRole('button', { name: 'Desk rules' }).click();
  await expect(page.getByText('A usual ticket is laid down')).toBeVisible();
  await page.getByRole('navigation', { name: 'Parts of this screen' }).getByRole('button', { name: 'Ticket' }).click();
  await usual.getByRole('button', { name: 'Forget it' }).click();
  await expect(usual).toContainText('Changed: no-trade band, ETFs left out, format.');
  await page.getByRole('heading', { name: 'Hedge', level: 1 }).click();
  await page.keyboard.press('Control+z');
  await expect(usual).toContainText("This is the desk's usual ticket");
});
