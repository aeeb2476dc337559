/** The package configuration of every system, as far as it can be checked without building: by the builder's own schema, and what must hold. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { validateConfiguration } from 'app-builder-lib/out/util/config/config.js';
import { DebugLogger } from 'builder-util';
import { describe, expect, it } from 'vitest';
import { builderConfiguration, ROOT } from './builder.ts';
import { collectLicences, licencesText } from './licenses.ts';

const PLATFORMS = ['linux', 'win32', 'darwin'] as const;

describe.each(PLATFORMS)('packages for %s', (platform) => {
  const of = (flavour: 'release' | 'e2e') => builderConfiguration({ electronVersion: '45.4.1', flavour, platform });

  it('are configured as the builder understands it', async () => {
    for (const flavour of ['release', 'e2e'] as const)
      await expect(validateConfiguration(of(flavour), new DebugLogger(false))).resolves.toBeUndefined();
  });

  it('have their fuses: no plain Node, no options from outside, the archive alone; debuggers only in the tests’ flavour', () => {
    const fuses = of('release').electronFuses!;
    expect(fuses).toMatchObject({
      runAsNode: false,
      enableCookieEncryption: true,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      onlyLoadAppFromAsar: true,
      grantFileProtocolExtraPrivileges: false,
      // There is no such check on Linux.
      enableEmbeddedAsarIntegrityValidation: platform !== 'linux',
    });
    expect(of('e2e').electronFuses).toMatchObject({
      runAsNode: false,
      enableNodeCliInspectArguments: true,
      enableEmbeddedAsarIntegrityValidation: false,
    });
  });

  it('keep the native module outside the archive and leave the other shell out', () => {
    const { asar, asarUnpack, files, npmRebuild, publish } = of('release');
    expect({ asar, asarUnpack, npmRebuild, publish }).toEqual({ asar: true, asarUnpack: ['**/*.node'], npmRebuild: false, publish: null });
    expect(files).toContain('!browser-shell.cjs');
  });
});

it('makes what each system’s users expect, and never removes their data', () => {
  const { linux, win, nsis, mac, fileAssociations } = builderConfiguration({ electronVersion: '45.4.1', flavour: 'release' });
  expect([linux?.target, win?.target, mac?.target]).toEqual([
    ['AppImage', 'deb', 'tar.gz'],
    ['nsis', 'zip'],
    ['dmg', 'zip'],
  ]);
  expect(nsis).toMatchObject({ deleteAppDataOnUninstall: false, perMachine: false });
  expect(mac).toMatchObject({ hardenedRuntime: true });
  expect((fileAssociations as { ext: string }[]).map(({ ext }) => ext)).toEqual(['hedgerow', 'csv']);
  // What the hardened runtime must allow for a native module, and no more.
  const entitlements = readFileSync(mac!.entitlements!, 'utf8');
  expect([...entitlements.matchAll(/<key>(.*?)<\/key>/g)].map(([, key]) => key)).toEqual([
    'com.apple.security.cs.allow-jit',
    'com.apple.security.cs.disable-library-validation',
  ]);
});

it('has an icon of every size asked for', () => {
  for (const size of [16, 32, 48, 64, 128, 256, 512, 1024]) {
    const png = readFileSync(join(ROOT, 'resources', 'icons', `${size}x${size}.png`));
    expect(png.toString('latin1', 1, 4)).toBe('PNG');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([size, size]);
  }
  for (const name of ['win', 'mac'] as const)
    expect(existsSync((builderConfiguration({ electronVersion: '45.4.1', flavour: 'release' })[name] as { icon: string }).icon)).toBe(true);
});

it('ships only packages whose licence allows it, each named in the notice', () => {
  const licences = collectLicences(ROOT);
  const text = licencesText(licences);
  for (const name of ['better-sqlite3', 'svelte', 'valibot', 'uplot', 'fflate']) expect(text).toContain(`\n${name} `);
  for (const { name, version, licence } of licences) expect(text).toContain(`${name} ${version} (${licence})`);
});
