/** What the system refuses of files and folders: what, where, why in words, and what to do. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { Cli, scratch } from './testing/cli.ts';

const folder = scratch();
const cli = new Cli(folder, 'files');
const at = (dir: string): Cli => Object.assign(new Cli(folder, ''), { dir });
let file: string;

beforeAll(async () => {
  await cli.value('init');
  file = cli.file('a file', 'x');
});

it('a workspace that is a file, or lies below one, is named with the reason in words', async () => {
  const action = 'A workspace is a folder: check the name, the drive and its permissions.';
  for (const dir of [file, join(file, 'below')])
    for (const command of ['init', 'runs'])
      expect(await at(dir).error(command), `${command} ${dir}`).toMatchObject({
        code: 'io',
        message: `The workspace ${dir} cannot be used: a part of its path is a file, not a folder (ENOTDIR).`,
        action,
      });
});

it.skipIf(!existsSync('/proc/self'))('init where no folder can be made says which one, and ends', async () => {
  expect(await at('/proc/desk/one').error('init')).toMatchObject({
    code: 'io',
    message: 'The workspace /proc/desk/one cannot be used: there is no such file or folder (ENOENT).',
  });
});

it('a file that is written below a file or where no folder is says so', async () => {
  expect((await cli.error('backup', '--out', join(file, 'b.db'))).message).toBe(
    `Nothing can be written in ${file}: a part of its path is a file, not a folder (ENOTDIR).`,
  );
  expect((await cli.error('templates', 'mine', '--save', folder)).message).toBe(
    `${folder} is not JSON that can be read: it is a folder, not a file (EISDIR)`,
  );
});
