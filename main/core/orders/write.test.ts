import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeDraft } from './write.ts';

it.skipIf(process.platform === 'win32')('a file that only half fits is not there at all, and the error says so', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hedgerow-write-'));
  try {
    // The system takes the first kilobytes of a file above the limit, as it does on a disk that is nearly full.
    const write = `import('${join(import.meta.dirname, 'write.ts')}').then((m) => m.writeDraft('${join(folder, 'a.json')}', 'x'.repeat(100_000)))`;
    const child = spawnSync('sh', ['-c', `trap '' XFSZ; ulimit -f 16; exec "$0" -e "$1"`, process.execPath, write], { encoding: 'utf8' });
    expect(child.stderr).toMatch(/a\.json cannot be written in /);
    expect(readdirSync(folder)).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('a draft has its name when it is placed, replaces nothing, and leaves nothing behind', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hedgerow-write-'));
  try {
    const path = join(folder, 'a.json');
    writeFileSync(`${path}.${process.pid}.tmp`, 'of one that was killed');
    const draft = writeDraft(path, 'first');
    expect([readdirSync(folder).includes('a.json'), readFileSync(draft.file, 'utf8')]).toEqual([false, 'first']);
    draft.place();
    draft.discard();
    expect([readdirSync(folder), readFileSync(path, 'utf8')]).toEqual([['a.json'], 'first']);
    writeFileSync(path, 'of somebody else');
    expect(() => writeDraft(path, 'second').place()).toThrow(/a\.json cannot be written in .*EEXIST/);
    expect([readdirSync(folder), readFileSync(path, 'utf8')]).toEqual([['a.json'], 'of somebody else']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('below a file nothing is written, and the error names the place and the reason', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hedgerow-write-'));
  try {
    writeFileSync(join(folder, 'file'), 'x');
    expect(() => writeDraft(join(folder, 'file', 'a.json'), 'first')).toThrow(
      `a.json cannot be written in ${join(folder, 'file')}: a part of its path is a file, not a folder (ENOTDIR)`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
