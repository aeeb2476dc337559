/** templates. */
import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { fileReason } from '../contract/errors.ts';
import { columnTemplate, holdingsTemplate, type FileTemplate } from '../contract/templates.ts';
import { withSession } from '../core/session.ts';
import { listTemplates, removeTemplate, saveTemplate } from '../core/templates.ts';
import { parseWords, usage } from './arguments.ts';
import type { Command } from './commands.ts';

export const templatesCommand: Command = {
  help: 'templates [NAME [--save TEMPLATE.json | --remove]]   templates of files, by columns or by the mapping of a holdings file: list, show, save, remove',
  async run({ workspace, words, environment }) {
    const w = parseWords(words, { save: { type: 'string' }, remove: { type: 'boolean' } }, { min: 0, max: 1, names: '[NAME]' });
    const [name] = w.positionals;
    const file = w.text('save');
    if ((file !== undefined || w.flag('remove')) && name === undefined) throw usage('Name the template.');
    if (file !== undefined && w.flag('remove')) throw usage('--save and --remove exclude each other.');
    return withSession(environment, workspace, async (session) => {
      if (file !== undefined) await saveTemplate(session, templateIn(file, name!));
      if (w.flag('remove')) await removeTemplate(session, name!);
      const all = await listTemplates(session);
      if (name === undefined || w.flag('remove'))
        return { value: all, text: () => all.map((one) => `${one.name}   ${one.kind}`).join('\n') || 'No template was saved yet.' };
      const one = all.find((own) => own.name === name.trim());
      if (!one) throw usage(`There is no template "${name}".`);
      const { name: _, ...said } = one;
      return { value: one, text: () => JSON.stringify(said, null, 2) };
    });
  },
};

/** What `templates NAME` shows; a mapping alone is one of a holdings file. */
function templateIn(file: string, name: string): FileTemplate {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw usage(`${file} is not JSON that can be read: ${fileReason(error)}`);
  }
  const said = typeof json === 'object' && json !== null && !Array.isArray(json) ? json : {};
  const given = 'kind' in said ? { ...said, name } : { name, kind: 'holdings', mapping: json };
  const parsed = v.safeParse(given.kind === 'holdings' ? holdingsTemplate : columnTemplate, given);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const where = v.getDotPath(issue) ?? 'the whole';
  throw usage(`${where === 'name' ? 'The name' : file}: ${where}: ${issue.message}`);
}
