/** The part of the method table about this copy of the program and its updates. */
import { randomBytes } from 'node:crypto';
import type { UPDATE_METHODS } from '../../contract/methods-update.ts';
import type { CoreContext, Table } from '../table.ts';
import { applyUpdate, inspectUpdate, targetOf, trustedKeys, whyNot, type UpdateContext } from './install.ts';

export function updateTable({ environment, files }: Pick<CoreContext, 'environment' | 'files'>): Table<keyof typeof UPDATE_METHODS> {
  const context = (): UpdateContext => ({
    version: environment.softwareVersion,
    install: environment.install,
    keys: trustedKeys(environment.resources),
    home: environment.home,
  });
  return {
    'app.about': () => {
      const { install, keys } = context();
      const why = whyNot(install, keys);
      const { electron, chrome, node } = process.versions;
      return {
        version: environment.softwareVersion,
        runtime: [...(electron ? [`Electron ${electron}`, `Chromium ${chrome}`] : []), `Node ${node}`],
        platform: `${process.platform} ${process.arch}`,
        updates: { target: install && why === null ? targetOf(install) : null, why: why ?? '', keys: keys.map(({ name }) => name) },
      };
    },
    'update.inspect': async ({ handle }) => {
      const { update } = await inspectUpdate(files.source(handle).path, context());
      const { version, published, notes, files: parts } = update.manifest;
      return {
        version,
        current: environment.softwareVersion,
        published,
        notes,
        signedBy: update.signedBy,
        files: parts.length,
        bytes: parts.reduce((sum, { size }) => sum + size, 0),
      };
    },
    'update.apply': async ({ handle }, hooks) => {
      const { version, installer } = await applyUpdate(files.source(handle).path, context(), hooks);
      if (installer === null) return { version, how: 'restart', installerId: null };
      const installerId = randomBytes(18).toString('base64url');
      files.keepInstaller(installerId, installer);
      return { version, how: 'installer', installerId };
    },
  };
}
