/** Named templates of files, kept in the workspace. */
import { HedgerowError } from '../contract/errors.ts';
import type { ImportOptions } from '../contract/report.ts';
import type { FileTemplate } from '../contract/templates.ts';
import type { Session } from './session.ts';

const KEY = 'file-templates';
const MOST = 200;

/** By name. */
export async function listTemplates(session: Session): Promise<FileTemplate[]> {
  const { meta } = await session.reader.call('state', null);
  return [...((meta[KEY] as FileTemplate[] | undefined) ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Keeps a template, in place of one of the same name. */
export async function saveTemplate(session: Session, template: FileTemplate): Promise<void> {
  const rest = (await listTemplates(session)).filter(({ name }) => name !== template.name);
  if (rest.length >= MOST) throw new HedgerowError('usage', `There are ${MOST} templates already.`, 'Remove one first.');
  await session.writer.call('setMeta', { key: KEY, value: [...rest, template] });
}

export async function removeTemplate(session: Session, name: string): Promise<void> {
  const all = await listTemplates(session);
  const rest = all.filter((one) => one.name !== name);
  if (rest.length === all.length) throw noTemplate(name, all);
  await session.writer.call('setMeta', { key: KEY, value: rest });
}

/** Options with what the named template says; what is given beside the name counts. */
export async function withTemplate(session: Session, options: ImportOptions): Promise<ImportOptions> {
  if (options.template === undefined || options.mapping !== undefined || options.columns !== undefined) return options;
  const all = await listTemplates(session);
  const template = all.find(({ name }) => name === options.template);
  if (!template) throw noTemplate(options.template, all);
  const { name: _, ...said } = template;
  // What a template does not say has no property in it.
  return { ...said, ...options } as ImportOptions;
}

function noTemplate(name: string, all: readonly FileTemplate[]): HedgerowError {
  const list = all.length > 0 ? `Templates: ${all.map((one) => one.name).join(', ')}.` : 'None was saved yet.';
  return new HedgerowError('usage', `There is no template "${name}".`, list);
}
