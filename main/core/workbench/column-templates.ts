/** Named choices of columns for price and master files, kept in the workspace beside the templates of holdings files. */
import type { ColumnTemplate } from '../../contract/columns.ts';
import { HedgerowError } from '../../contract/errors.ts';
import type { Session } from '../session.ts';

const KEY = 'column-templates';
const MOST = 200;

/** By name. */
export async function listColumnTemplates(session: Session): Promise<ColumnTemplate[]> {
  const { meta } = await session.reader.call('state', null);
  return [...((meta[KEY] as ColumnTemplate[] | undefined) ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function keep(session: Session, templates: readonly ColumnTemplate[]): Promise<void> {
  await session.writer.call('setMeta', { key: KEY, value: templates });
}

/** In place of one of the same name. */
export async function saveColumnTemplate(session: Session, template: ColumnTemplate): Promise<void> {
  const rest = (await listColumnTemplates(session)).filter((one) => one.name !== template.name);
  if (rest.length >= MOST) throw new HedgerowError('usage', `There are ${MOST} templates already.`, 'Remove one first.');
  await keep(session, [...rest, template]);
}

export async function removeColumnTemplate(session: Session, name: string): Promise<void> {
  const all = await listColumnTemplates(session);
  const rest = all.filter((one) => one.name !== name);
  if (rest.length === all.length)
    throw new HedgerowError('not_found', `There is no template "${name}".`, 'List the templates to see their names.');
  await keep(session, rest);
}
