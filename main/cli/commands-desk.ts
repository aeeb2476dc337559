/** desk. */
import * as v from 'valibot';
import { deskRules, type DeskRules } from '../contract/desk.ts';
import { deskOf, setDesk } from '../core/orders/desk.ts';
import { readJson } from '../core/read-file.ts';
import { withSession } from '../core/session.ts';
import { parseWords, usage } from './arguments.ts';
import type { Command } from './commands.ts';

export const deskCommand: Command = {
  help: 'desk [--file RULES.json [--by NAME]]   desk rules (accounts, marks, lists, caps, locates, order templates): show them as JSON, or replace them',
  async run({ workspace, words, environment }) {
    const w = parseWords(words, { file: { type: 'string' }, by: { type: 'string' } }, { min: 0, max: 0, names: '' });
    const file = w.text('file');
    return withSession(environment, workspace, async (session) => {
      const rules = file === undefined ? await deskOf(session) : await setDesk(session, rulesIn(file), w.text('by'));
      return { value: rules, text: () => JSON.stringify(rules, null, 2) };
    });
  },
};

function rulesIn(file: string): DeskRules {
  const parsed = v.safeParse(deskRules, readJson(file));
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw usage(`${file}: ${v.getDotPath(issue) ?? 'the rules'}: ${issue.message}`, 'Start from what "desk" prints.');
}
