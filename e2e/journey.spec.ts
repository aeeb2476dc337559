import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, goTo, gridRows, openSampleAndRun, test } from './fixtures.ts';

test.use({ fresh: true });

test('first run: sample, run, book, security, hedge, order file on disk', async ({ app }) => {
  const { page } = app;
  await expect(page.getByRole('heading', { name: 'Start', level: 1 })).toBeVisible();
  await openSampleAndRun(page);
  await expect(page.getByText('SIMULATED', { exact: true })).toBeVisible();
  await expect(page.getByText('Identities hold on every row')).toBeVisible();

  await goTo(page, 'Book');
  const positions = page.getByRole('grid', { name: 'Positions', exact: true });
  await expect(positions.getByRole('row').nth(2)).toBeVisible();
  await expect(page.getByText('Coverage').first()).toBeVisible();
  // A stock with a whole chain opens as a security with three levels.
  const stock = positions.getByRole('row').filter({ hasText: /›.*›/ }).first();
  const ticker = (await stock.getByRole('gridcell').first().textContent())!.trim();
  await stock.getByRole('gridcell').first().click();
  await expect(page.getByRole('heading', { level: 2, name: new RegExp(`^${ticker.replace('.', '\\.')}\\b`) })).toBeVisible();
  await expect(page.getByRole('region', { name: /^Level [123]$/ })).toHaveCount(3);
  await expect(page.locator('.uplot')).toHaveCount(5);

  await goTo(page, 'Hedge');
  const ticket = page.getByRole('grid', { name: 'Hedge ticket per ETF' });
  await expect(ticket.getByRole('row').nth(2)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Export generic CSV' })).toBeEnabled();
  const [orderPath, manifestPath] = (await app.save(2, () => page.getByRole('button', { name: 'Export generic CSV' }).click())).sort(
    (a, b) => Number(/manifest/.test(a)) - Number(/manifest/.test(b)),
  );
  await expect(page.getByText(/Written and read back: \d+ orders/)).toBeVisible();

  const bytes = readFileSync(orderPath!);
  const manifest = JSON.parse(readFileSync(manifestPath!, 'utf8')) as Record<string, unknown>;
  expect(JSON.stringify(manifest)).toContain(createHash('sha256').update(bytes).digest('hex'));
  expect(JSON.stringify(manifest)).toContain('R1');
  const lines = bytes
    .toString('utf8')
    .trim()
    .split(/\r?\n/)
    .filter((line) => !line.startsWith('#'));
  const header = lines[0]!.split(',').map((name) => name.toLowerCase());
  const column = (...names: string[]): number => header.findIndex((name) => names.includes(name));
  const [symbol, side, quantity] = [column('symbol'), column('side'), column('quantity')];
  const orders = lines.slice(1).map((line) => line.split(','));
  expect(orders.length).toBeGreaterThan(0);
  // The orders of an ETF add up to the shares of its leg on the ticket, and no traded leg is missing from the file.
  const legs = new Map<string, number>();
  for (const [etf, , , , , shares] of await gridRows(ticket)) {
    const count = Number(shares?.trim().replace('−', '-').replaceAll(',', ''));
    if (etf && count) legs.set(etf.trim(), count);
  }
  const filed = new Map<string, number>();
  for (const cells of orders) {
    const signed = Number(cells[quantity]) * (cells[side]!.toUpperCase().startsWith('SELL') ? -1 : 1);
    filed.set(cells[symbol]!, (filed.get(cells[symbol]!) ?? 0) + signed);
  }
  expect([...filed].sort()).toEqual([...legs].sort());
});

test('a reload in the middle of a job finds it again', async ({ app }) => {
  const { page } = app;
  await page.getByRole('button', { name: 'Open the sample' }).click();
  await expect(page.getByRole('progressbar')).toBeVisible();
  await page.reload();
  await expect(page.getByText('SIMULATED', { exact: true })).toBeVisible({ timeout: 45_000 });
});
