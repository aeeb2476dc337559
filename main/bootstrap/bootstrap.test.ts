import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

/** The bootstrap runs before anything is installed; npm is replaced by a script that notes how it was called. */
describe('the bootstrap', () => {
  let folder: string;
  const lock = {
    packages: {
      '': { name: 'x' },
      'node_modules/a': { version: '1.0.0' },
      'node_modules/only-elsewhere': { version: '1.0.0', optional: true, os: ['aix'] },
    },
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hedgerow-bootstrap-'));
    mkdirSync(join(folder, 'main', 'bootstrap'), { recursive: true });
    cpSync(join(import.meta.dirname, 'index.mjs'), join(folder, 'main', 'bootstrap', 'index.mjs'));
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
    writeFileSync(
      join(folder, 'npm.cjs'),
      `const fs = require('fs'); fs.appendFileSync('calls', process.argv.slice(2).join(' ') + '\\n');
       fs.mkdirSync('node_modules/a', { recursive: true }); fs.mkdirSync('node_modules/.bin', { recursive: true });
       fs.writeFileSync('node_modules/.bin/node', ''); fs.copyFileSync('installed.json', 'node_modules/.package-lock.json');`,
    );
    writeFileSync(join(folder, 'installed.json'), JSON.stringify({ packages: { 'node_modules/a': { version: '1.0.0' } } }));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function bootstrap(): { status: number | null; stderr: string; calls: string[] } {
    const done = spawnSync(process.execPath, [join(folder, 'main', 'bootstrap', 'index.mjs')], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, npm_execpath: join(folder, 'npm.cjs') },
    });
    const calls = existsSync(join(folder, 'calls')) ? readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n') : [];
    return { status: done.status, stderr: done.stderr, calls };
  }

  it('installs what is missing with install scripts off, and says so', () => {
    const { status, stderr, calls } = bootstrap();
    expect(status).toBe(0);
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatch(/^ci .*--ignore-scripts/);
    expect(stderr).toMatch(/installing packages \(packages are not installed\)/);
  });

  it('does nothing, silently, when packages and lockfile agree', () => {
    bootstrap();
    const { stderr, calls } = bootstrap();
    expect(stderr).toBe('');
    expect(calls).toHaveLength(1);
  });

  it('tries again at once after an installation that failed, and after one whose process was killed', () => {
    const npm = readFileSync(join(folder, 'npm.cjs'), 'utf8');
    writeFileSync(join(folder, 'npm.cjs'), 'process.exit(1)');
    const failed = bootstrap();
    expect([failed.status, failed.stderr]).toEqual([1, expect.stringMatching(/the installation failed/)]);
    expect(existsSync(join(folder, '.cache', 'install.lock'))).toBe(false);
    const { pid } = spawnSync(process.execPath, ['-e', '0']);
    writeFileSync(join(folder, '.cache', 'install.lock'), String(pid));
    writeFileSync(join(folder, 'npm.cjs'), npm);
    const { status, stderr } = bootstrap();
    expect([status, stderr]).toEqual([0, expect.not.stringMatching(/waiting/)]);
  });

  it('installs again when the lockfile names another version', () => {
    bootstrap();
    const newer = { ...lock.packages, 'node_modules/a': { version: '2.0.0' } };
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages: newer }));
    expect(bootstrap().stderr).toMatch(/a 2\.0\.0 is missing/);
  });

  it('does not mind that the Node of another platform is absent, but wants its own', () => {
    bootstrap();
    const own = `node_modules/node-${process.platform === 'win32' ? 'win' : 'linux'}-x64`;
    const other = `node_modules/node-${process.platform === 'win32' ? 'linux' : 'win'}-x64`;
    const withNodes = (names: string[]) =>
      JSON.stringify({
        packages: { ...lock.packages, ...Object.fromEntries(names.map((name) => [name, { version: '24.0.0', optional: true }])) },
      });
    writeFileSync(join(folder, 'package-lock.json'), withNodes([other]));
    expect(bootstrap().stderr).toBe('');
    if (process.platform === 'darwin' || process.arch !== 'x64') return;
    writeFileSync(join(folder, 'package-lock.json'), withNodes([own]));
    expect(bootstrap().stderr).toMatch(/node-(linux|win)-x64 24\.0\.0 is missing/);
  });

  it('installs again when a package folder is gone', () => {
    bootstrap();
    rmSync(join(folder, 'node_modules', 'a'), { recursive: true });
    expect(bootstrap().calls).toHaveLength(2);
  });
});
