/** Data health for the shells. After every change of the data the doctor looks by itself, in the background. */
import type { HEALTH_METHODS } from '../contract/methods-health.ts';
import { dismissFinding, fixFindings, latestLook, listFindings, lookAtData, restoreFinding, wantsLook } from './findings.ts';
import type { Jobs } from './jobs.ts';
import type { CoreContext, Table } from './table.ts';

export interface Health {
  readonly table: Table<keyof typeof HEALTH_METHODS>;
  /** Starts a look when the data changed since the last one or is not what was stored; one that runs already is given up, because it sees old data. */
  lookIfChanged(): Promise<void>;
  /** Gives up a running look and waits until it has ended. */
  stop(): Promise<void>;
}

export function createHealth(context: CoreContext, jobs: Jobs): Health {
  const running = (): number[] =>
    jobs.list().flatMap((job) => (job.method === 'doctor.look' && job.status === 'running' ? [job.jobId] : []));

  async function stop(): Promise<void> {
    await Promise.all(running().map((jobId) => jobs.end(jobId)));
  }

  async function lookIfChanged(): Promise<void> {
    const session = context.current();
    if (!(await wantsLook(session)) || context.current() !== session) return;
    for (const jobId of running()) jobs.cancel(jobId);
    jobs.start('doctor.look', (hooks) => lookAtData(session, hooks));
  }

  return {
    lookIfChanged,
    stop,
    table: {
      'findings.list': () => listFindings(context.current()),
      'findings.dismiss': async ({ findingIds, reason }) => {
        const session = context.current();
        for (const id of findingIds) await dismissFinding(session, id, reason);
        return null;
      },
      'findings.restore': async ({ findingIds }) => {
        const session = context.current();
        for (const id of findingIds) await restoreFinding(session, id);
        return null;
      },
      'findings.fix': async ({ findingIds, knownFrom }) => {
        const result = await fixFindings(context.current(), findingIds, knownFrom);
        await context.changed();
        return result;
      },
      'doctor.look': (_, hooks) => lookAtData(context.current(), hooks),
      'doctor.latest': () => latestLook(context.current()),
    },
  };
}
