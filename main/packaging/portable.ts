/** A folder that runs the browser shell on a machine with nothing installed: the bundles, Node and one native file. */
import { chmodSync, cpSync, existsSync, mkdirSync, rmSync, statSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from './builder.ts';

const windows = process.platform === 'win32';

/** Makes `out/portable`; answers its path. Expects `dist` and `out/licenses.txt`. */
export function makePortable(): string {
  const out = join(ROOT, 'out', 'portable');
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  cpSync(join(ROOT, 'dist'), join(out, 'app'), {
    recursive: true,
    filter: (source) => !/[\\/](main\.cjs|preload\.cjs|\.sources)$/.test(source),
  });
  const native = join(ROOT, 'node_modules', 'better-sqlite3');
  const file = `${process.platform}-${process.arch}.node`;
  for (const part of ['package.json', 'LICENSE', 'lib', join('prebuilds', file)]) {
    const to = join(out, 'app', 'node_modules', 'better-sqlite3', part);
    mkdirSync(dirname(to), { recursive: true });
    cpSync(join(native, part), to, { recursive: true });
  }
  // The Node that runs this script is the one that was tested.
  cpSync(process.execPath, join(out, windows ? 'node.exe' : 'node'), { dereference: true });
  const licence = join(dirname(process.execPath), '..', 'LICENSE');
  if (existsSync(licence)) cpSync(licence, join(out, 'LICENSE.node.txt'));
  cpSync(join(ROOT, 'out', 'licenses.txt'), join(out, 'LICENSES.third-party.txt'));
  const starter = join(out, windows ? 'Hedgerow.cmd' : 'hedgerow');
  writeFileSync(
    starter,
    windows
      ? '@"%~dp0node.exe" "%~dp0app\\browser-shell.cjs" %*\r\n'
      : '#!/bin/sh\n# $0 may be a link from elsewhere.\nhere=$(cd "$(dirname "$(readlink -f "$0" 2>/dev/null || echo "$0")")" && pwd)\nexec "$here/node" "$here/app/browser-shell.cjs" "$@"\n',
  );
  chmodSync(starter, 0o755);
  return out;
}

export function sizeOf(path: string): number {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}
