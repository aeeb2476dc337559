/**
 * Calls between the main thread and a worker: one message per request, progress notes in between, one answer.
 * Cancelling sets a flag in shared memory, so a busy worker sees it without returning to its event loop.
 */
import { setPriority } from 'node:os';
import { parentPort, Worker, workerData, type Transferable, type WorkerOptions } from 'node:worker_threads';
import { HedgerowError, toErrorData, type ErrorData } from '../contract/errors.ts';

/** What a procedure gets besides its arguments. */
export interface TaskContext {
  /** Share done (0 to 1, null = unknown) and a few words. Throttled to about ten a second. */
  progress(share: number | null, note?: string): void;
  cancelled(): boolean;
  /** Throws HedgerowError `cancelled` when the caller gave up. */
  check(): void;
}

/** A procedure's answer together with buffers to move instead of copying. */
export class Moved<T> {
  readonly value: T;
  readonly transfer: Transferable[];
  constructor(value: T, transfer: Transferable[]) {
    this.value = value;
    this.transfer = transfer;
  }
}

export type Procedures = Record<string, (argument: never, context: TaskContext) => unknown>;

interface Request {
  id: number;
  method: string;
  argument: unknown;
  flag: Int32Array;
}

type Reply =
  | { id: number; type: 'progress'; share: number | null; note: string }
  | { id: number; type: 'value'; value: unknown }
  | { id: number; type: 'error'; error: ErrorData };

/**
 * Lets other threads of the program go first, by as much as `workerData.patience` says (0 to 19). Only Linux tells threads apart:
 * elsewhere the whole program would give way.
 */
function giveWay(): void {
  const { patience } = (workerData ?? {}) as { readonly patience?: number };
  if (!patience || process.platform !== 'linux') return;
  try {
    setPriority(patience);
  } catch {
    // Where it is forbidden it works as before.
  }
}

/** Shows on stderr, where HEDGEROW_DEBUG is set, what was thrown: a caller gets at most its words. */
export function noteError(error: unknown): void {
  if (process.env.HEDGEROW_DEBUG) console.error(error);
}

/**
 * Worker side: answers requests one at a time, in order. `together`: each begins when it comes, and what another leaves it of the thread is
 * its own; those that never wait are still answered one at a time, in order.
 */
export function serve(procedures: Procedures, { together = false } = {}): void {
  const port = parentPort;
  if (!port) throw new Error('serve() runs inside a worker');
  giveWay();
  let queue = Promise.resolve();
  port.on('message', (request: Request) => {
    if (together) void answer(request);
    else queue = queue.then(() => answer(request));
  });

  async function answer({ id, method, argument, flag }: Request): Promise<void> {
    const send = (reply: Reply, transfer: Transferable[] = []): void => port!.postMessage(reply, transfer);
    let last = 0;
    const context: TaskContext = {
      progress(share, note = '') {
        const now = performance.now();
        if (now - last < 100) return;
        last = now;
        send({ id, type: 'progress', share, note });
      },
      cancelled: () => Atomics.load(flag, 0) !== 0,
      check() {
        if (Atomics.load(flag, 0) !== 0) throw new HedgerowError('cancelled', 'Cancelled.', 'Nothing was changed; start again when ready.');
      },
    };
    try {
      const procedure = procedures[method] as ((argument: unknown, context: TaskContext) => unknown) | undefined;
      if (!procedure) throw new Error(`the worker has no procedure ${method}`);
      const result = await procedure(argument, context);
      if (result instanceof Moved) send({ id, type: 'value', value: result.value }, result.transfer);
      else send({ id, type: 'value', value: result });
    } catch (error) {
      noteError(error);
      send({ id, type: 'error', error: toErrorData(error) });
    }
  }
}

export interface CallOptions {
  onProgress?: (share: number | null, note: string) => void;
  signal?: AbortSignal | undefined;
  transfer?: Transferable[];
}

interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
  onProgress: ((share: number | null, note: string) => void) | undefined;
}

/** Error data back as the exception it was. */
function fromErrorData(data: ErrorData): HedgerowError {
  return new HedgerowError(data.code, data.message, data.action, data.details);
}

/** Main-thread side: starts the worker on first use, and again after a crash. */
export class WorkerClient<P> {
  readonly #path: string | URL;
  readonly #options: WorkerOptions;
  readonly #label: string;
  #worker: Worker | null = null;
  #pending = new Map<number, Pending>();
  #next = 1;
  #lives = 0;

  constructor(label: string, path: string | URL, options: WorkerOptions = {}) {
    this.#label = label;
    this.#path = path;
    this.#options = options;
  }

  /** How many threads there have been: what was given to an earlier one is lost. */
  get lives(): number {
    return this.#worker ? this.#lives : this.#lives + 1;
  }

  /** Whether its thread runs and no call waits for an answer. */
  get idle(): boolean {
    return this.#worker !== null && this.#pending.size === 0;
  }

  /** Starts the thread, where it does not run yet, so that its first call finds it ready. */
  start(): void {
    this.#thread();
  }

  #thread(): Worker {
    if (this.#worker) return this.#worker;
    const worker = new Worker(this.#path, this.#options);
    // Calls of this thread only: the end of a stopped one comes after its successor has taken calls of its own.
    const calls = new Map<number, Pending>();
    this.#pending = calls;
    worker.on('message', (reply: Reply) => {
      const pending = calls.get(reply.id);
      if (!pending) return;
      if (reply.type === 'progress') return pending.onProgress?.(reply.share, reply.note);
      calls.delete(reply.id);
      if (calls.size === 0) worker.unref();
      if (reply.type === 'value') pending.resolve(reply.value);
      else pending.reject(fromErrorData(reply.error));
    });
    const fail = (error: HedgerowError): void => {
      if (this.#worker === worker) this.#worker = null;
      const waiting = [...calls.values()];
      calls.clear();
      for (const pending of waiting) pending.reject(error);
    };
    const stopped = (reason: string): HedgerowError =>
      new HedgerowError('internal', `The ${this.#label} worker stopped: ${reason}`, 'Nothing was saved by it; try again.');
    // A worker that fails while starting (locked or damaged workspace) says why through its error.
    worker.on('error', (error: Error & { data?: ErrorData }) => fail(error.data ? fromErrorData(error.data) : stopped(error.message)));
    worker.on('exit', (code) => fail(stopped(`exit code ${code}`)));
    worker.unref();
    this.#lives += 1;
    this.#worker = worker;
    return worker;
  }

  /** Runs a procedure; rejects with HedgerowError. An aborted signal raises the worker's cancel flag. */
  call<M extends keyof P & string>(
    method: M,
    argument: P[M] extends (argument: infer A, ...rest: never[]) => unknown ? A : never,
    { onProgress, signal, transfer = [] }: CallOptions = {},
  ): Promise<P[M] extends (...args: never[]) => infer R ? Unwrapped<Awaited<R>> : never> {
    const worker = this.#thread();
    const id = this.#next++;
    const flag = new Int32Array(new SharedArrayBuffer(4));
    const abort = (): void => void Atomics.store(flag, 0, 1);
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort);
    worker.ref();
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve: resolve as (value: unknown) => void, reject, onProgress });
      worker.postMessage({ id, method, argument, flag } satisfies Request, transfer);
    }).finally(() => signal?.removeEventListener('abort', abort)) as never;
  }

  /** Ends the worker; pending calls reject. */
  async stop(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }
}

type Unwrapped<T> = T extends Moved<infer V> ? V : T;
