/** What a user installs: the packaged application and the portable folder, started as they would be. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { goTo, openSampleAndRun } from './fixtures.ts';
import { ELECTRON_DIST, freshHome, launchChromium, NODE, openInElectron, ROOT } from './shells.ts';

function makePackage(...flags: string[]): void {
  const made = spawnSync(NODE, [join(ROOT, 'main', 'packaging', 'index.ts'), ...flags], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, HEDGEROW_BUILT: '1' },
  });
  expect(made.stderr + made.stdout, 'the packager').toContain('packages with their licences');
  expect(made.status, made.stderr).toBe(0);
}

// eslint-disable-next-line no-empty-pattern
test('the packaged application opens the sample, and nothing but its own archive', async ({}, info) => {
  test.skip(info.project.name !== 'electron' || !ELECTRON_DIST || process.platform !== 'linux', 'electron: no runtime to package');
  makePackage('--dir', '--e2e');
  const folder = join(ROOT, 'out', 'e2e', 'linux-unpacked');
  const program = join(folder, 'hedgerow');
  expect(readdirSync(join(folder, 'resources')).sort()).toEqual(['app.asar', 'app.asar.unpacked']);
  expect(existsSync(join(folder, 'LICENSES.third-party.txt'))).toBe(true);

  // The fuse: as a plain Node it would run anyone's script under our name.
  const asNode = spawnSync(program, ['-e', 'console.log("ran")'], {
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1', DISPLAY: '' },
    encoding: 'utf8',
    timeout: 20_000,
  });
  expect(asNode.stdout).not.toContain('ran');

  const app = await openInElectron(program);
  try {
    await openSampleAndRun(app.page);
    await goTo(app.page, 'Book');
    await expect(app.page.getByRole('grid').first()).toBeVisible();
    expect(app.complaints).toEqual([]);
  } finally {
    await app.close();
  }
});

// eslint-disable-next-line no-empty-pattern
test('the portable folder serves the screens with nothing else installed', async ({}, info) => {
  test.skip(info.project.name !== 'browser', 'the portable folder holds the browser shell');
  makePackage('--portable');
  const home = freshHome();
  const empty = join(home, 'empty');
  mkdirSync(empty);
  const server = spawn(join(ROOT, 'out', 'portable', process.platform === 'win32' ? 'Hedgerow.cmd' : 'hedgerow'), ['--no-open'], {
    // The shell's own words (dirname, readlink) come from the system; no Node, no npm.
    env: { PATH: '/usr/bin:/bin', HOME: empty, HEDGEROW_HOME: home },
    cwd: empty,
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  const url = await new Promise<string>((found, failed) => {
    let said = '';
    server.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const address = /http:\/\/127\.0\.0\.1:\d+\/#launch=[\w-]+/.exec(said);
      if (address) found(address[0]);
    });
    server.once('exit', (code) => failed(new Error(`ended with ${code}: ${said}`)));
  });
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.goto(url);
    await openSampleAndRun(page);
  } finally {
    await browser.close();
    const ended = new Promise((done) => server.once('exit', done));
    server.kill();
    await ended;
    rmSync(home, { recursive: true, force: true });
  }
});
