/** Named templates of holdings files, kept in the workspace, and what becomes of the lines of such a file. */
import { HedgerowError } from '../contract/errors.ts';
import type { HoldingsMapping, NamedMapping } from '../contract/mapping.ts';
import type { HOLDINGS_METHODS } from '../contract/methods-holdings.ts';
import type { ImportOptions } from '../contract/report.ts';
import { stagedLines, waitingLines } from './holdings-lines.ts';
import type { Session } from './session.ts';
import type { CoreContext, Table } from './table.ts';

const KEY = 'holdings-templates';
const MOST = 200;

async function stored(session: Session): Promise<Record<string, HoldingsMapping>> {
  const { meta } = await session.reader.call('state', null);
  return { ...(meta[KEY] as Record<string, HoldingsMapping> | undefined) };
}

export async function listMappings(session: Session): Promise<NamedMapping[]> {
  const all = await stored(session);
  return Object.keys(all)
    .sort()
    .map((name) => ({ name, mapping: all[name]! }));
}

/** Keeps a template, in place of one of the same name. */
export async function saveMapping(session: Session, { name, mapping }: NamedMapping): Promise<void> {
  const all = await stored(session);
  if (Object.keys({ ...all, [name]: mapping }).length > MOST)
    throw new HedgerowError('usage', `There are ${MOST} templates already.`, 'Remove one first.');
  await session.writer.call('setMeta', { key: KEY, value: { ...all, [name]: mapping } });
}

export async function removeMapping(session: Session, name: string): Promise<void> {
  const { [name]: gone, ...rest } = await stored(session);
  if (gone === undefined) throw noTemplate(name, Object.keys(rest));
  await session.writer.call('setMeta', { key: KEY, value: rest });
}

/** Options with what the named template says; a mapping given beside the name is the one that counts. */
export async function withMapping(session: Session, options: ImportOptions): Promise<ImportOptions> {
  if (options.template === undefined || options.mapping !== undefined) return options;
  const all = await stored(session);
  const mapping = Object.hasOwn(all, options.template) ? all[options.template] : undefined;
  if (!mapping) throw noTemplate(options.template, Object.keys(all));
  return { ...options, mapping };
}

function noTemplate(name: string, names: readonly string[]): HedgerowError {
  const list = names.length > 0 ? `Templates: ${[...names].sort().join(', ')}.` : 'None was saved yet.';
  return new HedgerowError('usage', `There is no template "${name}".`, list);
}

export function holdingsTable({ current, files }: CoreContext): Table<keyof typeof HOLDINGS_METHODS> {
  return {
    'import.look': ({ handle, ...options }) => {
      const { path, name } = files.source(handle);
      return current().io.call('look', { path, name, options: options as ImportOptions });
    },
    'import.mappings': async ({ save, remove }) => {
      if (save) await saveMapping(current(), save);
      if (remove !== undefined) await removeMapping(current(), remove);
      return listMappings(current());
    },
    'import.lines': ({ stageId }) => stagedLines(current(), stageId),
    'holdings.waiting': ({ snapshotId }) => waitingLines(current(), snapshotId),
  };
}
