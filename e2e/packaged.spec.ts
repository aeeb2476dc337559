/** What a user installs: the packaged application and the portable folder, started as they would be. */
import { spawn, spawnSync } from 'node:child_process';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type { Page } from 'playwright-core';
import { writeUpdate } from '../main/packaging/sign.ts';
import { goTo, openSampleAndRun } from './fixtures.ts';
import { ELECTRON_DIST, freshHome, launchChromium, NODE, openInElectron, openPage, ROOT } from './shells.ts';

const PORTABLE = join(ROOT, 'out', 'portable');

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

  const app = await openInElectron({ packaged: program });
  try {
    await openSampleAndRun(app.page);
    await goTo(app.page, 'Book');
    await expect(app.page.getByRole('grid').first()).toBeVisible();
    expect(app.complaints).toEqual([]);
  } finally {
    await app.close();
  }
});

/** Starts the portable folder as a user does, and opens its screens. */
async function startPortable(home: string): Promise<{ page: Page; close(): Promise<void> }> {
  const empty = join(home, 'empty');
  mkdirSync(empty, { recursive: true });
  const server = spawn(join(PORTABLE, process.platform === 'win32' ? 'Hedgerow.cmd' : 'hedgerow'), ['--no-open'], {
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
  const page = await openPage(browser);
  await page.goto(url);
  return {
    page,
    async close() {
      await browser.close();
      const ended = new Promise((done) => server.once('exit', done));
      server.kill();
      await ended;
    },
  };
}

/** The next version as its publisher would make it: the same program under another number, and a Node that is a script. */
async function makeNextVersion(folder: string, key: KeyObject): Promise<string> {
  const source = join(folder, 'next');
  cpSync(join(PORTABLE, 'versions', '0.1.0', 'app'), join(source, 'app'), { recursive: true });
  const manifest = JSON.parse(readFileSync(join(source, 'app', 'package.json'), 'utf8')) as object;
  writeFileSync(join(source, 'app', 'package.json'), JSON.stringify({ ...manifest, version: '0.1.1' }));
  writeFileSync(join(source, 'node'), `#!/bin/sh\nexec "${realpathSync(NODE)}" "$@"\n`, { mode: 0o755 });
  const out = join(folder, 'hedgerow-0.1.1.hedgerow-update');
  const target = `portable-${process.platform}-${process.arch}`;
  const words = { version: '0.1.1', published: '2026-11-26', notes: 'The next one.' };
  await writeUpdate(out, { key, keyName: 'test', target, source, ...words });
  return out;
}

// eslint-disable-next-line no-empty-pattern
test('the portable folder serves the screens with nothing else installed, and takes a signed update that keeps the data', async ({}, info) => {
  test.skip(info.project.name !== 'browser' || process.platform === 'win32', 'the portable folder holds the browser shell');
  const home = freshHome();
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const keys = join(home, 'keys.json');
  writeFileSync(keys, JSON.stringify([{ name: 'test', key: publicKey.export({ type: 'spki', format: 'der' }).toString('base64') }]));
  makePackage('--portable', '--update-keys', keys);
  const update = await makeNextVersion(home, privateKey);
  const forged = join(home, 'forged.hedgerow-update');
  const bytes = readFileSync(update);
  bytes.set([bytes.at(-9)! ^ 1], bytes.length - 9);
  writeFileSync(forged, bytes);

  const first = await startPortable(home);
  try {
    const { page } = first;
    await openSampleAndRun(page);
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog', { name: 'Command palette' }).getByRole('combobox').fill('About Hedgerow');
    await page.keyboard.press('Enter');
    const about = page.getByRole('dialog', { name: 'About Hedgerow' });
    const choose = async (file: string): Promise<void> => {
      const asked = page.waitForEvent('filechooser');
      await about.getByRole('button', { name: 'Choose an update file…' }).click();
      await (await asked).setFiles(file);
      await about.getByRole('button', { name: 'Install 0.1.1' }).click();
    };
    await choose(forged);
    await expect(about.getByRole('alert')).toContainText('damaged');
    expect(readFileSync(join(PORTABLE, 'current'), 'utf8').trim()).toBe('0.1.0');
    await choose(update);
    await expect(about.getByText(/Version 0\.1\.1 is in place/)).toBeVisible();
  } finally {
    await first.close();
  }
  const second = await startPortable(home);
  try {
    const { page } = second;
    await page.getByRole('button', { name: /Sample \(simulated\)/ }).click();
    await expect(page.getByText('SIMULATED', { exact: true })).toBeVisible();
    expect(
      await page.evaluate(async () => {
        const headers = { 'content-type': 'application/json', 'x-hedgerow-session': sessionStorage.getItem('hedgerow-session')! };
        return ((await (await fetch('/api/app.about', { method: 'POST', body: '{}', headers })).json()) as { version: string }).version;
      }),
    ).toBe('0.1.1');
  } finally {
    await second.close();
    rmSync(home, { recursive: true, force: true });
  }
});
