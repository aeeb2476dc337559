/**
 * What electron-builder makes: installers of the Electron shell for Linux, Windows and macOS. The application folder is the
 * build's `dist`; the native module lies outside the archive, where the system can load it.
 */
import { existsSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Configuration } from 'electron-builder';

export const ROOT = resolve(import.meta.dirname, '..', '..');

export interface BuilderOptions {
  /** Folder of an Electron runtime at hand; without it the builder fetches the pinned version. */
  readonly electronDist?: string | undefined;
  readonly electronVersion: string;
  /** System that is packaged for; default: this one. */
  readonly platform?: NodeJS.Platform | undefined;
  /** `release`: closed to debuggers. `e2e`: the tests may attach. */
  readonly flavour: 'release' | 'e2e';
}

/** The fuse that checks the archive's hash exists on these systems. */
const INTEGRITY: readonly NodeJS.Platform[] = ['darwin', 'win32'];

export function builderConfiguration({
  electronDist,
  electronVersion,
  flavour,
  platform = process.platform,
}: BuilderOptions): Configuration {
  const native = { from: join(ROOT, 'node_modules', 'better-sqlite3'), to: 'node_modules/better-sqlite3' };
  return {
    appId: 'app.hedgerow.desktop',
    productName: 'Hedgerow',
    copyright: 'Hedgerow',
    directories: { app: join(ROOT, 'dist'), output: join(ROOT, 'out', flavour), buildResources: join(ROOT, 'resources', 'icons') },
    electronVersion,
    ...(electronDist ? { electronDist } : {}),
    npmRebuild: false,
    nodeGypRebuild: false,
    buildDependenciesFromSource: false,
    // Only what runs: the bundles are whole but for the native module, of which one file fits the system.
    files: [
      '**/*',
      '!browser-shell.cjs',
      '!.sources',
      // The builder would take every production package of the project; the bundles contain them already.
      '!node_modules/**/*',
      { ...native, filter: ['package.json', 'LICENSE', 'lib/**', 'prebuilds/${platform}-${arch}.node'] },
    ],
    asar: true,
    asarUnpack: ['**/*.node'],
    extraFiles: [{ from: join(ROOT, 'out', 'licenses.txt'), to: 'LICENSES.third-party.txt' }],
    // A runtime at hand may hold a SQLite binding of its own and an application of its own.
    afterPack: removeForeignApp,
    electronFuses: {
      runAsNode: false,
      enableCookieEncryption: true,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: flavour === 'e2e',
      enableEmbeddedAsarIntegrityValidation: flavour === 'release' && INTEGRITY.includes(platform),
      onlyLoadAppFromAsar: true,
      loadBrowserProcessSpecificV8Snapshot: false,
      // Older runtimes have no such fuse.
      ...(Number(electronVersion.split('.')[0]) >= 29 ? { grantFileProtocolExtraPrivileges: false } : {}),
    },
    // On a Mac the workspace folder itself is opened; elsewhere the file of that ending inside it.
    fileAssociations: [
      {
        ext: 'hedgerow',
        name: 'Hedgerow workspace',
        description: 'Hedgerow workspace',
        mimeType: 'application/x-hedgerow',
        role: 'Editor',
        isPackage: true,
      },
      // Offered beside other programs for tables, never instead of them.
      { ext: 'csv', name: 'CSV table', description: 'CSV table', mimeType: 'text/csv', role: 'Viewer', rank: 'Alternate' },
    ],
    artifactName: '${productName}-${version}-${os}-${arch}.${ext}',
    publish: null,
    linux: {
      target: ['AppImage', 'deb', 'tar.gz'],
      category: 'Finance',
      icon: join(ROOT, 'resources', 'icons'),
      executableName: 'hedgerow',
      synopsis: 'Factor exposures and hedge orders in liquid ETFs, offline',
      maintainer: 'Hedgerow',
      mimeTypes: ['application/x-hedgerow', 'text/csv'],
    },
    win: { target: ['nsis', 'zip'], icon: join(ROOT, 'resources', 'icons', '256x256.png') },
    nsis: { oneClick: false, perMachine: false, allowToChangeInstallationDirectory: true, deleteAppDataOnUninstall: false },
    mac: {
      target: ['dmg', 'zip'],
      icon: join(ROOT, 'resources', 'icons', '1024x1024.png'),
      category: 'public.app-category.finance',
      hardenedRuntime: true,
      gatekeeperAssess: false,
      entitlements: join(ROOT, 'resources', 'packaging', 'entitlements.mac.plist'),
      entitlementsInherit: join(ROOT, 'resources', 'packaging', 'entitlements.mac.plist'),
    },
  };
}

/** The runtime's own demonstration application would be loaded instead of ours by a user who deletes the archive. */
function removeForeignApp({ appOutDir }: { appOutDir: string }): void {
  for (const name of ['app', 'default_app.asar']) {
    const path = join(appOutDir, 'resources', name);
    if (existsSync(path)) rmSync(path, { recursive: true });
  }
}
