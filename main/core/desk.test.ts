/** A desk: what is asked while a file is read, a panel built or a cascade computed does not wait for that, nor pass through this thread. */
import { beforeAll, expect, it } from 'vitest';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { Cli, scratch } from '../cli/testing/cli.ts';
import { CLASSES, MAP, pricesText, SHORT, smallMarket } from '../cli/testing/market.ts';
import { environmentOf } from '../cli/testing/session.ts';
import type { ReadFile } from '../workers/io/procedures.ts';
import { createParts } from '../workers/run-parts.ts';
import { getBook } from './book.ts';
import { onPanel, panelFor, panelSettings } from './engine.ts';
import { allUnits } from './run-compute.ts';
import { commitStage, discardStage, listStaged, stageFile } from './imports.ts';
import { basisOf } from './runs.ts';
import { showSecurity } from './security.ts';
import { closeSession, openSession, today, type Session } from './session.ts';

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
        onPanel(worker, panel, settings, (key) => {
          const counter = new Int32Array(new SharedArrayBuffer(4));
          return worker.call('summarize', { key, counter, units: allUnits(panel, 0, panel.nRows), parts: createParts(panel) });
        }),
      ),
    );
    expect(await answeredDuring(cascades, () => Promise.all([showSecurity(session, { ticker: 'AAA' }), getBook(session, {})]))).toBe(true);
    const request = { revision, knownAsOf, settings: panelSettings(settings), securities: null, have: [] };
    const panels = Array.from({ length: 200 }, () => session.panelReader.call('panel', request));
    expect(await answeredDuring(panels, () => session.reader.call('info', null))).toBe(true);
  });
});

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
    const work = Array.from({ length: 50 }, () => session.writer.call('verifyJournal', null));
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
