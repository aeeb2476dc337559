/**
 * A folder that runs the browser shell on a machine with nothing installed:
 *
 *   hedgerow (Hedgerow.cmd)     starts the version named in `current`
 *   current                     0.1.0
 *   versions/0.1.0/             the bundles, Node, one native file, licences
 *
 * An update adds a folder to `versions` and rewrites `current` (main/core/update/install.ts).
 */
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from './builder.ts';

const windows = process.platform === 'win32';

const STARTER = windows
  ? ['@echo off', 'set /p V=<"%~dp0current"', '"%~dp0versions\\%V%\\node.exe" "%~dp0versions\\%V%\\app\\browser-shell.cjs" %*', ''].join(
      '\r\n',
    )
  : [
      '#!/bin/sh',
      '# $0 may be a link from elsewhere.',
      'here=$(cd "$(dirname "$(readlink -f "$0" 2>/dev/null || echo "$0")")" && pwd)',
      'read -r version <"$here/current"',
      'exec "$here/versions/$version/node" "$here/versions/$version/app/browser-shell.cjs" "$@"',
      '',
    ].join('\n');

/** Makes `out/portable`; answers its path. Expects `dist` and `out/licenses.txt`. */
export function makePortable(): string {
  const out = join(ROOT, 'out', 'portable');
  rmSync(out, { recursive: true, force: true });
  const { version } = JSON.parse(readFileSync(join(ROOT, 'dist', 'package.json'), 'utf8')) as { version: string };
  const here = join(out, 'versions', version);
  mkdirSync(here, { recursive: true });
  cpSync(join(ROOT, 'dist'), join(here, 'app'), {
    recursive: true,
    filter: (source) => !/[\\/](main\.cjs|preload\.cjs|\.sources)$/.test(source),
  });
  const native = join(ROOT, 'node_modules', 'better-sqlite3');
  const file = `${process.platform}-${process.arch}.node`;
  for (const part of ['package.json', 'LICENSE', 'lib', join('prebuilds', file)]) {
    const to = join(here, 'app', 'node_modules', 'better-sqlite3', part);
    mkdirSync(dirname(to), { recursive: true });
    cpSync(join(native, part), to, { recursive: true });
  }
  // The Node that runs this script is the one that was tested.
  cpSync(process.execPath, join(here, windows ? 'node.exe' : 'node'), { dereference: true });
  const licence = join(dirname(process.execPath), '..', 'LICENSE');
  if (existsSync(licence)) cpSync(licence, join(here, 'LICENSE.node.txt'));
  cpSync(join(ROOT, 'out', 'licenses.txt'), join(here, 'LICENSES.third-party.txt'));
  writeFileSync(join(out, 'current'), `${version}\n`);
  const starter = join(out, windows ? 'Hedgerow.cmd' : 'hedgerow');
  writeFileSync(starter, STARTER);
  chmodSync(starter, 0o755);
  return out;
}

export function sizeOf(path: string): number {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}
