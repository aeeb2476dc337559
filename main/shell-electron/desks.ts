/** Desks: each is a core with one workspace and the windows on it. A program has as many as there are workspaces open in it. */
import { realpathSync } from 'node:fs';
import type { Input, Method } from '../contract/methods.ts';
import type { Asker } from '../contract/questions.ts';
import { HedgerowError } from '../contract/errors.ts';
import type { CoreEnvironment } from '../core/environment.ts';
import { createCore } from '../core/index.ts';
import type { CallMethod, CorePort } from '../shell-common/core-port.ts';
import { createHandler } from '../shell-common/handler.ts';
import { workspaceOf } from './paths.ts';
import { hostOf } from './security.ts';
import { bringForward, windowOf, type Desk } from './windows.ts';

const desks = new Set<Desk>();
export const allDesks = (): readonly Desk[] => [...desks];

export interface DeskOptions {
  readonly environment: CoreEnvironment;
  readonly assetsDir: string;
  /** Told when a desk opened or closed a workspace. */
  readonly onWorkspace: (desk: Desk) => void;
}

export async function openDesk({ environment, assetsDir, onWorkspace }: DeskOptions): Promise<Desk> {
  const core: CorePort = await createCore(environment);
  const desk: Desk = {
    core,
    handler: createHandler(
      {
        ...core,
        call: ((method: Method, input: unknown, asker?: Asker) =>
          refuseTwice(desk, method, input) ?? core.call(method as CallMethod, input as never, asker)) as CorePort['call'],
      },
      { assetsDir, authorize: (request) => windowOf(hostOf(request.url))?.handles ?? null },
    ),
  };
  core.events((event) => {
    if (event.type === 'workspace') onWorkspace(desk);
  });
  desks.add(desk);
  return desk;
}

export async function closeDesk(desk: Desk): Promise<void> {
  desks.delete(desk);
  await desk.core.close();
}

/** The desk a workspace folder is open on, by whatever name the folder is given. */
export function deskWith(folder: string): Desk | null {
  const real = realpathSync(folder);
  return (
    allDesks().find(({ core }) => {
      const open = core.openFolder();
      return open !== null && realpathSync(open) === real;
    }) ?? null
  );
}

/** A workspace that another desk has open is not opened again: its window comes to the front, and the page is told. */
function refuseTwice(desk: Desk, method: Method, input: unknown): Promise<never> | null {
  if (method !== 'workspace.open') return null;
  const path = desk.core.files.path((input as Input<'workspace.open'>).handle);
  const folder = path === null ? null : workspaceOf(path);
  const holder = folder === null ? null : deskWith(folder);
  if (holder === null || holder === desk) return null;
  bringForward(holder);
  return Promise.reject(
    new HedgerowError('workspace_locked', 'This workspace is open in another window, which is in front now.', 'Go on there.'),
  );
}
