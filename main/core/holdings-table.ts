/** What is asked about files on their way in: their first lines, templates, what becomes of holdings lines. */
import type { HOLDINGS_METHODS } from '../contract/methods-holdings.ts';
import type { ImportOptions } from '../contract/report.ts';
import { stagedLines, waitingLines } from './holdings-lines.ts';
import type { CoreContext, Table } from './table.ts';
import { listTemplates, removeTemplate, saveTemplate } from './templates.ts';

export function holdingsTable({ current, files }: CoreContext): Table<keyof typeof HOLDINGS_METHODS> {
  return {
    'import.look': ({ handle, ...options }) => {
      const { path, name } = files.source(handle);
      return current().io.call('look', { path, name, options: options as ImportOptions });
    },
    'import.templates': async ({ save, remove }) => {
      if (save) await saveTemplate(current(), save);
      if (remove !== undefined) await removeTemplate(current(), remove);
      return listTemplates(current());
    },
    'import.lines': ({ stageId }) => stagedLines(current(), stageId),
    'holdings.waiting': ({ snapshotId }) => waitingLines(current(), snapshotId),
  };
}
