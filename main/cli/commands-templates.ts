/** templates. */
import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { holdingsMapping, mappingName } from '../contract/mapping.ts';
import { listMappings, removeMapping, saveMapping } from '../core/mappings.ts';
import { withSession } from '../core/session.ts';
import { parseWords, usage } from './arguments.ts';
import type { Command } from './commands.ts';

export const templatesCommand: Command = {
  help: 'templates [NAME [--save MAPPING.json | --remove]]   templates of holdings files: list, show, save, remove; used by import --template NAME',
  async run({ workspace, words, environment }) {
    const w = parseWords(words, { save: { type: 'string' }, remove: { type: 'boolean' } }, { min: 0, max: 1, names: '[NAME]' });
    const [name] = w.positionals;
    const file = w.text('save');
    if ((file !== undefined || w.flag('remove')) && name === undefined) throw usage('Name the template.');
    if (file !== undefined && w.flag('remove')) throw usage('--save and --remove exclude each other.');
    return withSession(environment, workspace, async (session) => {
      if (file !== undefined) await saveMapping(session, { name: given(mappingName, name, 'The name'), mapping: mappingIn(file) });
      if (w.flag('remove')) await removeMapping(session, name!);
      const all = await listMappings(session);
      if (name === undefined || w.flag('remove'))
        return { value: all, text: () => all.map((one) => one.name).join('\n') || 'No template was saved yet.' };
      const one = all.find((own) => own.name === name);
      if (!one) throw usage(`There is no template "${name}".`);
      return { value: one, text: () => JSON.stringify(one.mapping, null, 2) };
    });
  },
};

function mappingIn(file: string) {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw usage(`${file} is not JSON that can be read: ${(error as Error).message}`);
  }
  return given(holdingsMapping, json, file);
}

function given<Schema extends v.GenericSchema>(schema: Schema, input: unknown, what: string): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, input);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw usage(`${what}: ${v.getDotPath(issue) ?? 'the whole'}: ${issue.message}`);
}
