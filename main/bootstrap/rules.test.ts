import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..', '..');

/** The dependency rules, tried on a small tree with planted violations: a rule that passes everything is no rule. */
describe('the dependency rules', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hedgerow-rules-'));
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    for (const name of ['.dependency-cruiser.cjs', 'tsconfig.base.json', 'tsconfig.node.json'])
      symlinkSync(join(root, name), join(folder, name));
    plant('main/contract/units.ts', 'export const one = 1;');
    plant('db/index.ts', "import Database from 'better-sqlite3'; export const open = () => new Database(':memory:');");
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function plant(path: string, text: string): void {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), `${text}\n`);
  }

  function broken(): string[] {
    const cruiser = join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruiser.mjs');
    const done = spawnSync(process.execPath, [cruiser, '--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'main', 'db'], {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    });
    const { summary } = JSON.parse(done.stdout) as { summary: { violations: { rule: { name: string } }[] } };
    return [...new Set(summary.violations.map((violation) => violation.rule.name))].sort();
  }

  it('accept what the parts may do', () => {
    plant('main/quant/a.ts', "import { one } from '../contract/units.ts'; export const two = one + 1;");
    plant('main/workers/w.ts', "import { open } from '../../db/index.ts'; export const run = () => open();");
    expect(broken()).toEqual([]);
  });

  it('refuse a kernel that reaches for workers, Node or the database', () => {
    plant('main/workers/w.ts', 'export const w = 1;');
    plant(
      'main/quant/a.ts',
      "import { w } from '../workers/w.ts'; import { readFileSync } from 'node:fs'; import D from 'better-sqlite3'; export { w, readFileSync, D };",
    );
    expect(broken()).toEqual(['common-has-no-node', 'quant', 'sqlite-only-in-db']);
  });

  it('refuse SQL outside db, Electron outside its shell, and a core that opens the store itself', () => {
    plant('main/core/c.ts', "import { open } from '../../db/index.ts'; import { app } from 'electron'; export { open, app };");
    expect(broken()).toEqual(['core', 'electron-only-in-its-shell']);
  });

  it('refuse circles', () => {
    plant('main/quant/a.ts', "import { b } from './b.ts'; export const a = () => b;");
    plant('main/quant/b.ts', "import { a } from './a.ts'; export const b = () => a;");
    expect(broken()).toEqual(['no-cycles']);
  });
});
