/**
 * `npm run package`: everything a user installs, into out/.
 *
 *   --dir            only the unpacked application folder
 *   --e2e            the flavour tests may attach to
 *   --portable       only the portable folder of the browser shell
 *   --update-keys F  the public keys whose update files this build takes (README.md); without it none is taken
 *   --linux --win --mac   for these systems (default: this one)
 *
 * ELECTRON_OVERRIDE_DIST_PATH names an Electron runtime at hand; without it the builder fetches the pinned version.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { build, createTargets, Platform } from 'electron-builder';
import { trustedKeys } from '../core/update/install.ts';
import { builderConfiguration, ROOT } from './builder.ts';
import { collectLicences, licencesText } from './licenses.ts';
import { makePortable, sizeOf } from './portable.ts';

const say = (line: string): void => void process.stderr.write(`hedgerow: ${line}\n`);
const flag = { type: 'boolean' } as const;
const { values } = parseArgs({
  options: { dir: flag, e2e: flag, portable: flag, linux: flag, win: flag, mac: flag, 'update-keys': { type: 'string' } },
});

function buildBundles(): void {
  const vite = join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js');
  const args = [vite, 'build', '--app', '--logLevel', 'warn', '--config', 'electron.config.ts'];
  if (spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' }).status !== 0) throw new Error('the build failed');
}

async function packageElectron(): Promise<void> {
  const electronDist = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  const pinned = (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { devDependencies: Record<string, string> })
    .devDependencies.electron!;
  const version = electronDist ? join(electronDist, 'version') : null;
  const electronVersion = version && existsSync(version) ? readFileSync(version, 'utf8').trim().replace(/^v/, '') : pinned;
  const platforms = [
    ...(values.linux ? [Platform.LINUX] : []),
    ...(values.win ? [Platform.WINDOWS] : []),
    ...(values.mac ? [Platform.MAC] : []),
  ];
  for (const platform of platforms.length ? platforms : [Platform.current()]) {
    const made = await build({
      projectDir: ROOT,
      config: builderConfiguration({ electronDist, electronVersion, flavour: values.e2e ? 'e2e' : 'release', platform: platform.nodeName }),
      targets: createTargets([platform], values.dir ? 'dir' : undefined),
      publish: 'never',
    });
    for (const path of made) say(`${path} (${Math.round(sizeOf(path) / 1e6)} MB)`);
  }
}

if (!process.env.HEDGEROW_BUILT) buildBundles();
const keys = values['update-keys'];
const keyFile = join(ROOT, 'dist', 'resources', 'update-keys.json');
// A build takes along the keys it was told of, and never those of the build before.
writeFileSync(keyFile, readFileSync(keys ?? join(ROOT, 'resources', 'update-keys.json')));
if (keys && trustedKeys(dirname(keyFile)).length === 0) throw new Error(`${keys} holds no update key`);
mkdirSync(join(ROOT, 'out'), { recursive: true });
const licences = collectLicences(ROOT);
writeFileSync(join(ROOT, 'out', 'licenses.txt'), licencesText(licences));
say(`${licences.length} packages with their licences in out/licenses.txt`);
if (values.portable) {
  const out = makePortable();
  say(`${out} (${Math.round(sizeOf(out) / 1e6)} MB)`);
} else await packageElectron();
