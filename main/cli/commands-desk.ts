/** desk. */
import * as v from 'valibot';
import { deskRules, type DeskRules } from '../contract/desk.ts';
import { deskOf, setDesk } from '../core/orders/desk.ts';
import { readJson } from '../core/read-file.ts';
import { withSession, type Session } from '../core/session.ts';
import { parseWords, usage, type Words } from './arguments.ts';
import type { Command } from './commands.ts';

export const deskCommand: Command = {
  help: 'desk [--file RULES.json [--before RULES.json | --replace] [--by NAME]]   desk rules (accounts, marks, lists, caps, locates, order templates): show them as JSON, or replace them\nRules that are there are replaced only while they are those of --before, or with --replace.',
  async run({ workspace, words, environment }) {
    const text = { type: 'string' } as const;
    const w = parseWords(words, { file: text, before: text, by: text, replace: { type: 'boolean' } }, { min: 0, max: 0, names: '' });
    const [file, before] = [w.text('file'), w.text('before')];
    if ((file === undefined && (before !== undefined || w.flag('replace'))) || (before !== undefined && w.flag('replace')))
      throw usage('--file goes with --before or with --replace, and neither goes alone.');
    if (file === undefined) w.unused('without --file', 'by');
    return withSession(environment, workspace, async (session) => {
      const rules = file === undefined ? await deskOf(session) : await replaceRules(session, file, before, w);
      return { value: rules, text: () => JSON.stringify(rules, null, 2) };
    });
  },
};

/** Rules that somebody else has saved meanwhile are not lost without a word. */
async function replaceRules(session: Session, file: string, before: string | undefined, w: Words): Promise<DeskRules> {
  const rules = rulesIn(file);
  if (w.flag('replace')) return setDesk(session, rules, w.text('by'));
  const there = Object.keys(await deskOf(session));
  if (before === undefined && there.length > 0)
    throw usage(
      `There are desk rules already: ${there.join(', ')}.`,
      'Give --before FILE with what "desk" printed when you began, or --replace to put yours in their place whatever they are.',
    );
  return setDesk(session, rules, w.text('by'), before === undefined ? {} : rulesIn(before));
}

function rulesIn(file: string): DeskRules {
  const parsed = v.safeParse(deskRules, readJson(file));
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw usage(`${file}: ${v.getDotPath(issue) ?? 'the rules'}: ${issue.message}`, 'Start from what "desk" prints.');
}
