/** The methods of methods-workbench.ts. */
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { HedgerowError } from '../../contract/errors.ts';
import type { WORKBENCH_METHODS } from '../../contract/methods-workbench.ts';
import { issuesFrom, listStaged } from '../imports.ts';
import { damagedRuns } from '../runs.ts';
import { showSecurity } from '../security.ts';
import { nowIso } from '../session.ts';
import type { CoreContext, Table } from '../table.ts';
import { restoreFrom } from '../workspaces.ts';
import { deletePreset, listPresets, savePreset } from './presets.ts';
import { refreshToday } from './refresh.ts';
import { compareRuns } from './runs.ts';
import { template } from './templates.ts';
import { getToday } from './today.ts';
import { getWatch, setWatch, waitingFiles } from './watch.ts';

export function workbenchTable({ environment, files, current, changed, whileClosed }: CoreContext): Table<keyof typeof WORKBENCH_METHODS> {
  const at = (): string => nowIso(environment);
  /** A changed list of runs is a changed workspace: every screen asks for it anew. */
  const told = async (work: Promise<null>): Promise<null> => {
    await work;
    await changed();
    return null;
  };
  return {
    'runs.damaged': () => damagedRuns(current()),
    'runs.delete': ({ runId }) => told(current().writer.call('deleteRun', { runId, at: at() })),
    'runs.restore': ({ runId }) => told(current().writer.call('restoreRun', { runId, at: at() })),
    'runs.pin': ({ runId }) => told(current().writer.call('pinRun', { runId, at: at() })),
    'runs.compare': (input, hooks) => compareRuns(current(), input, hooks),
    'presets.list': () => listPresets(current()),
    'presets.save': ({ name, settings }) => savePreset(current(), name, settings as never),
    'presets.delete': ({ name }) => deletePreset(current(), name),
    'settings.try': ({ settings, ...request }) => showSecurity(current(), { ...request, settings: settings as never }),
    'batches.show': ({ batchId }) => current().reader.call('batchLineage', { batchId }),
    'etfmap.get': () => current().reader.call('etfMap', null),
    'import.staged': () => listStaged(current()),
    'import.issues': ({ stageId, from }) => issuesFrom(current(), stageId, from),
    'import.template': ({ kind }) => {
      const { name, text } = template(kind);
      const path = join(files.artifactFolder(), name);
      writeFileSync(path, text, { mode: 0o600 });
      return files.offer(path);
    },
    'backups.list': () => current().reader.call('backups', null),
    'backups.make': async (_, hooks) => {
      hooks.onProgress?.(null, 'copying and verifying');
      const session = current();
      const name = basename(await session.writer.call('backup', { file: undefined }));
      return (await session.reader.call('backups', null)).find((backup) => backup.name === name)!;
    },
    'backups.restore': async ({ name }, hooks) => {
      const backup = (await current().reader.call('backups', null)).find((one) => one.name === name);
      if (!backup) throw new HedgerowError('not_found', `There is no backup ${name}.`, 'List the backups to see their names.');
      hooks.onProgress?.(null, 'checking the backup, keeping the present state');
      let forgotten: readonly string[] | null = [];
      const info = await whileClosed(async (dir) => {
        ({ forgotten } = await restoreFrom(environment, dir, join(dir, 'backups', name)));
      });
      return { ...info, forgotten };
    },
    'today.get': (input) => getToday(current(), input),
    'today.watch': () => getWatch(current()),
    'today.waiting': () => waitingFiles(current(), files),
    'today.setWatch': async ({ folder }) => {
      const session = current();
      await setWatch(session, folder === null ? null : folder === 'inbox' ? { inbox: true } : { path: files.source(folder).path });
      return getWatch(session);
    },
    'today.refresh': async ({ handles }, hooks) => {
      const session = current();
      const given = handles ?? (await waitingFiles(session, files)).map((file) => file.handle);
      try {
        return await refreshToday(session, files, given, hooks);
      } finally {
        await changed();
      }
    },
  };
}
