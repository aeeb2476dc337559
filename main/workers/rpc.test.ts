import { expect, it } from 'vitest';
import { WorkerClient } from './rpc.ts';

/** Answers with its argument after a while; exits when asked to. */
const ECHO = `
  const { parentPort } = require('node:worker_threads');
  parentPort.on('message', ({ id, method, argument }) => {
    if (method === 'exit') process.exit(3);
    setTimeout(() => parentPort.postMessage({ id, type: 'value', value: argument }), 150);
  });
`;
type Echo = { echo(argument: number): number; exit(argument: null): null };
const client = (): WorkerClient<Echo> => new WorkerClient<Echo>('echo', ECHO, { eval: true });

it('a call after a stop is answered by the next thread, whatever becomes of the stopped one', async () => {
  const worker = client();
  for (let round = 0; round < 2; round++) {
    expect(await worker.call('echo', round)).toBe(round);
    void worker.stop();
    expect(await worker.call('echo', -round)).toBe(-round);
  }
  await worker.stop();
});

it('calls of a stopped or ended thread are refused, and a later call starts another', async () => {
  const worker = client();
  const waiting = worker.call('echo', 1);
  const refused = expect(waiting).rejects.toThrow('The echo worker stopped');
  await worker.stop();
  await refused;
  await expect(worker.call('exit', null)).rejects.toThrow('The echo worker stopped: exit code 3');
  expect(await worker.call('echo', 2)).toBe(2);
  await worker.stop();
});
