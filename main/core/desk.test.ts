/** A desk: what is asked while a file is read, a panel built or a cascade computed does not wait for that, nor pass through this thread. */
import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { Cli, scratch } from '../cli/testing/cli.ts';
import { CLASSES, MAP, pricesText, SHORT, smallMarket } from '../cli/testing/market.ts';
import { environmentOf } from '../cli/testing/session.ts';
import type { ReadFile } from '../workers/io/procedures.ts';
import { createParts } from '../workers/run-parts.ts';
import { getBook } from './book.ts';
import { fieldsAtLevel, fieldsOf, onPanel, panelFor, panelSettings } from './engine.ts';
import { allUnits, workOf } from './run-compute.ts';
import { commitStage, discardStage, importFile, issuesFrom, listStaged, stageFile, undoBatch } from './imports.ts';
import type { Issue } from '../contract/report.ts';
import { basisOf } from './runs.ts';
import { showSecurity } from './security.ts';
import { closeSession, openSession, PATIENCE, today, type Session } from './session.ts';

const market = smallMarket(160);
let cli: Cli;

beforeAll(async () => {
  cli = new Cli(scratch(), 'desk');
  await cli.value('init');
  await cli.give('map.csv', MAP);
  await cli.give('classes.csv', CLASSES);
  await cli.give('prices.csv', pricesText(market));
  await cli.give('book.csv', `ticker,quantity,as_of\nAAA,100,${market.days.at(-1)!}\n`);
  await cli.value('run', ...SHORT);
}, 60_000);

async function atDesk(work: (session: Session) => Promise<void>): Promise<void> {
  const session = await openSession(environmentOf(cli), cli.dir, { desk: true });
  try {
    await work(session);
  } finally {
    await closeSession(session);
  }
}

/** Priority of every thread of this process by the kernel's list: 0 is the usual one, up to 19 gives way. */
const priorities = (): number[] =>
  readdirSync('/proc/self/task').map((task) => Number(readFileSync(`/proc/self/task/${task}/stat`, 'utf8').split(') ')[1]!.split(' ')[16]));

/** Whether `question` was answered before the last of much `work` that was asked for first. */
async function answeredDuring(work: readonly Promise<unknown>[], question: () => Promise<unknown>): Promise<boolean> {
  let ended = false;
  const all = Promise.all(work).then(() => (ended = true));
  await question();
  const before = !ended;
  await all;
  return before;
}

it('answers from a thread of its own while the pool is busy with cascades and another builds panels', async () => {
  await atDesk(async (session) => {
    const basis = await basisOf(session, {});
    const { revision, knownAsOf, settings } = basis;
    const panel = await panelFor(session, basis, null);
    await getBook(session, {});
    const cascades = session.compute.flatMap((worker) =>
      Array.from({ length: 200 }, () =>
        onPanel(worker, panel, settings, (key) =>
          worker.call('summarize', { key, ...workOf(panel, allUnits(panel, 0, panel.nRows), 1), parts: createParts(panel) }),
        ),
      ),
    );
    expect(await answeredDuring(cascades, () => Promise.all([showSecurity(session, { ticker: 'AAA' }), getBook(session, {})]))).toBe(true);
    const request = { revision, knownAsOf, settings: panelSettings(settings), securities: null, have: [] };
    const panels = Array.from({ length: 200 }, () => session.panelReader.call('panel', request));
    expect(await answeredDuring(panels, () => session.reader.call('info', null))).toBe(true);
  });
});

it('answers small questions in between while it computes fields of thousands, which tell how far they are and can be given up', async () => {
  await atDesk(async (session) => {
    const { settings, ...basis } = await basisOf(session, {});
    const panel = await panelFor(session, { settings, ...basis }, null);
    const own = panel.planStart.findIndex((start, i) => start < panel.planStart[i + 1]!);
    const alone = { ...session, compute: [] };
    const many = Array.from({ length: 90_000 }, () => own);
    const row = panel.nRows - 1;
    for (const ask of [
      (hooks = {}) => fieldsAtLevel(alone, panel, settings, many, [0, 1], row, 3, hooks),
      (hooks = {}) => fieldsOf(alone, panel, settings, many, [0, 1], row - 20, row, hooks),
    ]) {
      const notes: string[] = [];
      const shares: (number | null)[] = [];
      const work = ask({ onProgress: (share: number | null, note: string) => void (shares.push(share), notes.push(note)) });
      expect(await answeredDuring([work], () => showSecurity(session, { ticker: 'AAA' }))).toBe(true);
      expect(shares.length).toBeGreaterThan(0);
      expect(shares).toEqual([...shares].sort((a, b) => a! - b!));
      expect(notes.at(-1)).toMatch(/^[\d,]+ of 90,000 securities$/);
      const stop = new AbortController();
      const given = ask({ signal: stop.signal, onProgress: () => stop.abort() });
      await expect(given).rejects.toMatchObject({ data: { code: 'cancelled' } });
      expect((await work).values.every((value, i, all) => Object.is(value, all[i % (all.length / many.length)]))).toBe(true);
    }
  });
});

it.skipIf(process.platform !== 'linux')(
  'lets imports, runs and looks of the doctor give way to threads that answer; a command does not',
  async () => {
    const patient = (): number[] => priorities().filter((nice) => nice === PATIENCE.work || nice === PATIENCE.looks);
    const start = async ({ io, doctor, compute, answering, panelReader }: Session): Promise<void> => {
      await Promise.all([
        io.call('ready', null),
        doctor.call('info', null),
        panelReader.call('info', null),
        ...compute.map(ready),
        ready(answering),
      ]);
    };
    // Refused, by a thread that has started.
    const ready = (worker: Session['answering']): Promise<unknown> =>
      worker.call('served', { key: 'none', series: 0, row: 0 }).catch(() => undefined);
    await atDesk(async (session) => {
      await start(session);
      const [work, looks] = [PATIENCE.work, PATIENCE.looks].map((nice) => patient().filter((one) => one === nice).length);
      expect([work, looks]).toEqual([1 + session.compute.length, 1]);
    });
    const session = await openSession(environmentOf(cli), cli.dir);
    await start(session);
    expect(patient()).toEqual([]);
    await closeSession(session);
  },
);

it('tells what was read and waits for a commit while the writer is at work, and forgets what it lost', async () => {
  await atDesk(async (session) => {
    const wrong = cli.file(
      'wrong.csv',
      pricesText(market)
        .replaceAll(',AAA,', ',DDD,')
        .replace(/,DDD,[\d.]+/, ',DDD,0'),
    );
    const first = await stageFile(session, wrong, {});
    const second = await stageFile(session, cli.file('other.csv', pricesText(market).replaceAll(',AAA,', ',EEE,')), {});
    const work = Array.from({ length: 50 }, () => session.writer.call('verifyJournal', { since: null }));
    expect(await answeredDuring(work, () => Promise.resolve(expect(listStaged(session)).toEqual([first, second])))).toBe(true);
    expect((await commitStage(session, first.stageId, {})).outcome).toBe('refused');
    expect(listStaged(session)).toEqual([first, second]);
    await discardStage(session, first.stageId);
    expect(listStaged(session)).toEqual([second]);
    // Closed like this, the workspace can be opened again: the next test does.
    await session.writer.stop();
    expect(listStaged(session)).toEqual([]);
  });
});

it('hands the issues of a file over once, the first at once and the others a page at a time', async () => {
  await atDesk(async (session) => {
    // A line of a price that cannot be: 900 issues.
    const bad = Array.from({ length: 900 }, (_, i) => `${market.days[i % market.days.length]},N${i},-1`);
    const text = `date,ticker,close\n${bad.join('\n')}\n${market.days[0]},AAB,5\n`;
    const { stageId, report } = await stageFile(session, cli.file('bad.csv', text), { value: 'close' });
    expect([report.issues.length, report.counts.rejected]).toEqual([256, 900]);
    const kept = report.keptIssues!;
    expect(kept).toBeGreaterThanOrEqual(900);
    const refused = await commitStage(session, stageId, {});
    expect([refused.outcome, refused.issues, refused.keptIssues]).toEqual(['refused', null, kept]);
    expect(listStaged(session)).toEqual([{ stageId, report }]);
    const done = await commitStage(session, stageId, { skipRejected: true });
    expect([done.outcome, done.issues, listStaged(session)]).toEqual(['committed', null, []]);
    const pages: Issue[][] = [];
    for (let from = 0; from < kept; from = pages.flat().length) pages.push([...(await issuesFrom(session, stageId, from))]);
    expect(pages.length).toBe(1);
    expect(pages.flat().slice(0, 256)).toEqual(report.issues);
    expect((await issuesFrom(session, stageId, 300))[0]).toEqual(pages[0]![300]);
    expect(await issuesFrom(session, stageId, kept)).toEqual([]);
    expect(new Set(pages.flat().map(({ line }) => line)).size).toBeGreaterThanOrEqual(900);
    await undoBatch(session, done.batchId!);
    await expect(issuesFrom(session, 999, 0)).rejects.toMatchObject({ data: { code: 'not_found' } });
  });
});

it('tells the issues again when the store changed between reading and commit, and all of them to a command', async () => {
  await atDesk(async (session) => {
    const file = cli.file('later.csv', pricesText(market).replaceAll(',AAA,', ',FFF,'));
    const { stageId } = await stageFile(session, file, {});
    const { batchId } = await importFile(session, cli.file('between.csv', pricesText(market).replaceAll(',AAA,', ',GGG,')), {});
    const done = await commitStage(session, stageId, {});
    expect(done.issues?.map(({ code }) => code)).toContain('unknown_ticker');
    const bad = cli.file('all.csv', `date,ticker,close\n${Array.from({ length: 300 }, () => `${market.days[0]},AAA,-1`).join('\n')}\n`);
    const whole = await importFile(session, bad, { value: 'close' }, { dryRun: true });
    expect([whole.issues.length, whole.keptIssues]).toEqual([300, undefined]);
    for (const batch of [done.batchId!, batchId!]) await undoBatch(session, batch);
  });
});

it('reads a file from thread to thread: this one is told nothing of what is in it', async () => {
  await atDesk(async (session) => {
    const { port1: into, port2: from } = new MessageChannel();
    const path = cli.file('more.csv', pricesText(market));
    const request = { path, name: 'more.csv', options: {}, today: today(session.environment), into };
    expect(await session.io.call('parse', request, { transfer: [into] })).toBeNull();
    const { parsed } = receiveMessageOnPort(from)!.message as ReadFile;
    expect('fields' in parsed.staged && parsed.staged.rows).toBe(market.days.length * Object.keys(market.closes).length);
    into.close();
  });
});
