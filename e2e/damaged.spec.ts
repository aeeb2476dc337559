import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, expectAccessible, openSampleAndRun, settled, test } from './fixtures.ts';
import { NODE, ROOT } from './shells.ts';

test('a run that was changed on the disk is a row that says so and what to do; deleted, it is in the way of nothing', async ({ app }) => {
  const { page, home } = app;
  await openSampleAndRun(page);
  const stored = page.getByRole('grid', { name: 'Stored runs' });
  await page.getByRole('spinbutton', { name: /^Window/ }).fill('200');
  await page.getByRole('button', { name: 'Run the cascade' }).click();
  await expect(stored.getByRole('gridcell', { name: 'R2', exact: true })).toBeVisible({ timeout: 45_000 });
  // The header asks for the coverage of the book on the new run; asked of a damaged one it would be refused.
  await expect(page.getByTitle("Share of the book's gross value the model covers")).toHaveText(/^Coverage\s*\d/);
  const [name] = readdirSync(join(home, 'workspaces')).filter((one) => one.endsWith('.hedgerow'));
  const file = join(home, 'workspaces', name!, 'workspace.db');
  // By another program, in the Node that the store is built for.
  const alter = `const sql = new (require('better-sqlite3'))(process.argv[1]); sql.exec("UPDATE run SET digest = 'x' WHERE run_id = 2"); sql.close();`;
  execFileSync(NODE, ['-e', alter, file], { cwd: ROOT });

  await page.reload();
  await expect(page.getByRole('region', { name: 'Damaged run' })).toContainText('R2 is the basis of every screen, and is damaged');
  await expect(page.getByRole('combobox', { name: 'Run', exact: true })).toContainText('R2 is damaged');
  const row = stored.getByRole('row').filter({ hasText: 'R2' });
  await expect(row).toContainText('▲ damaged');
  await expect(row).toContainText('restore a backup, or delete it');
  await row.getByRole('gridcell').first().click();
  const detail = page.getByRole('region', { name: 'R2', exact: true });
  await expect(detail).toContainText('The stored run R2 does not agree with its checksum');
  await expect(detail.getByRole('button')).toHaveText(['Delete']);
  await settled(page);
  await expectAccessible(page);

  await detail.getByRole('button', { name: 'Delete' }).click();
  await expect(row).toHaveCount(0);
  await expect(page.getByRole('region', { name: 'Damaged run' })).toHaveCount(0);
  await expect(page.getByRole('combobox', { name: 'Run', exact: true })).toContainText('latest (R1)');
  await page.keyboard.press('Control+z');
  await expect(row).toContainText('▲ damaged');
});
