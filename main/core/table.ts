/** What a part of the method table is written against (index.ts puts the parts together). */
import type { Input, Method, METHODS, Output } from '../contract/methods.ts';
import type { SlowMethod } from '../contract/questions.ts';
import type { WorkspaceInfo } from '../contract/results.ts';
import type { CoreEnvironment } from './environment.ts';
import type { Files } from './files.ts';
import type { Hooks, Session } from './session.ts';

export type Kind<M extends Method> = (typeof METHODS)[M]['kind'];
type Call<M extends Method> = (input: Input<M>) => Promise<Output[M]> | Output[M];
type Question<M extends Method> = (input: Input<M>, hooks: Required<Hooks>) => Promise<Output[M]>;
type Job<M extends Method> = (input: Input<M>, hooks: Required<Hooks>) => Promise<Output[M]>;
export type Table<Part extends Method = Method> = {
  [M in Part]: Kind<M> extends 'job' ? Job<M> : M extends SlowMethod ? Question<M> : Call<M>;
};

export interface CoreContext {
  readonly environment: CoreEnvironment;
  readonly files: Files;
  /** The open workspace; throws not_found when none is open. */
  current(): Session;
  /** Tells the listeners that the workspace has another revision. */
  changed(): Promise<void>;
  /** Closes the open workspace, works on its folder, and opens it again whatever came of it. Rejects with blocked while other jobs run. */
  whileClosed(work: (dir: string) => Promise<void>): Promise<WorkspaceInfo>;
}
