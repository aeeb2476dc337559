/**
 * What the shells need of the core, and nothing more. The core implements it (`main/core`); the shells depend on this
 * interface, so that a shell can be read without the core.
 */
import type { Columns, CoreEvent, Input, METHODS, Method, Output } from '../contract/methods.ts';
import type { Asker } from '../contract/questions.ts';

type MethodOf<Kind extends string> = { [M in Method]: (typeof METHODS)[M]['kind'] extends Kind ? M : never }[Method];
export type CallMethod = MethodOf<'call'>;
export type JobMethod = MethodOf<'job'>;
export type ColumnsMethod = MethodOf<'columns'>;

/** A file being received; it becomes usable under `handle` once ended. */
export interface Spool {
  readonly handle: string;
  write(chunk: Uint8Array): Promise<void> | void;
  end(): Promise<void> | void;
  /** Drops what was received; the handle never becomes usable. */
  abort(): Promise<void> | void;
}

/** A finished file offered for saving. */
export interface Artifact {
  readonly name: string;
  readonly bytes: number;
  readonly stream: AsyncIterable<Uint8Array>;
}

export interface CorePort {
  /** `call` methods answer with their output, `job` methods with the id of the job they started. Rejects with a HedgerowError. */
  call<M extends CallMethod>(method: M, input: Input<M>, asker?: Asker): Promise<Output[M]>;
  call<M extends JobMethod>(method: M, input: Input<M>): Promise<{ readonly jobId: number }>;
  columns<M extends ColumnsMethod>(method: M, input: Input<M>, asker?: Asker): Promise<Columns>;
  /** Returns the function that stops listening. */
  events(listener: (event: CoreEvent) => void): () => void;
  readonly files: {
    /** Opaque handle of a path the user chose in a native dialog or on the command line. */
    registerPath(path: string): string;
    /** Path behind a handle, for the shell's own process alone; null when it is not known. */
    path(handle: string): string | null;
    spool(name: string): Promise<Spool> | Spool;
    /** Path of an installer that `update.apply` has verified; null when there is no such one. */
    installer(installerId: string): string | null;
    /** null when there is no such artifact. */
    artifact(artifactId: string): Promise<Artifact | null> | Artifact | null;
  };
  /** How many workspaces were opened so far: `OpenWorkspace.opened` of the open one. */
  opened(): number;
  /** Folder of the open workspace; null when none is open. */
  openFolder(): string | null;
  close(): Promise<void>;
}
