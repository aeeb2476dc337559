import { expect, it } from 'vitest';
import { COMMANDS } from './commands.ts';
import { commandHelp, GROUPS, optionsOf, overview } from './help.ts';
import { OPTIONS } from './options.ts';
import { Cli, scratch } from './testing/cli.ts';

const names = Object.keys(COMMANDS);
const usageOf = (name: string): string => COMMANDS[name]!.help.split('   ')[0]!;

it('lists every command once, under what it is for', () => {
  expect(Object.values(GROUPS).flat().sort()).toEqual([...names].sort());
  for (const name of names) expect(overview()).toMatch(new RegExp(`^  ${name} +\\S`, 'm'));
});

it('explains every option of every command, and no other', () => {
  const used = new Set<string>();
  const missing: string[] = [];
  for (const name of names)
    for (const { name: option } of optionsOf(usageOf(name))) {
      const key = `${name} ${option}` in OPTIONS ? `${name} ${option}` : option;
      used.add(key);
      if (!(key in OPTIONS)) missing.push(`${name} --${option}`);
    }
  expect(missing).toEqual([]);
  expect(Object.keys(OPTIONS).filter((key) => !used.has(key))).toEqual([]);
});

it('says what each option takes, in columns that fit a terminal', () => {
  expect(commandHelp('hedge')).toContain('\n  --rounding joint|nearest');
  expect(commandHelp('hedge')).toMatch(/--min-trade USD +no order under so many dollars/);
  for (const line of overview().split('\n').slice(0, -1)) expect(line.length).toBeLessThanOrEqual(100);
  expect(commandHelp('import')).toMatch(/--decimal \.\|, +the decimal mark/);
});

it('answers "help COMMAND" as "COMMAND --help"; a command that does not exist is wrong usage', async () => {
  const cli = new Cli(scratch(), 'none');
  const [one, two] = [await cli.run('help', 'hedge'), await cli.run('hedge', '--help')];
  expect([one.code, two.code, one.out]).toEqual([0, 0, two.out]);
  const wrong = await cli.run('help', 'hegde');
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('There is no command "hegde"')]);
});
