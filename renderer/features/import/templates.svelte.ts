/** Templates of files, kept in the workspace under a name. */
import type { FileTemplate } from '../../../main/contract/templates.ts';
import { call } from '../../lib/api.ts';
import { makeEdit } from '../../lib/edits.svelte.ts';

/** Counts the changes made here: a list of templates is read anew after each. */
export const templates = $state({ changes: 0 });

/** Keeps a template, in place of one of the same name; the edit can be undone. */
export async function keepTemplate(template: FileTemplate): Promise<void> {
  const { name } = template;
  const before = (await call('import.templates', {})).find((one) => one.name === name);
  const change = async (input: Parameters<typeof call<'import.templates'>>[1]): Promise<void> => {
    await call('import.templates', input);
    templates.changes += 1;
  };
  await makeEdit(
    `template ${name}`,
    () => change({ save: template }),
    () => change(before ? { save: before } : { remove: name }),
  );
}
