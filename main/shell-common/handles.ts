/**
 * File handles by window. A handle opens its file only for the window that was given it: another window (or a page that
 * learned a handle from a log or a picture of the screen) is told that there is no such file.
 */
import * as v from 'valibot';
import { METHODS, type JobView, type Method } from '../contract/methods.ts';
import { handle } from '../contract/schemas.ts';
import { HedgerowError } from '../contract/errors.ts';

export interface Handles {
  grant(handle: string): void;
  has(handle: string): boolean;
}

export function newHandles(): Handles {
  const known = new Set<string>();
  return { grant: (given) => void known.add(given), has: (given) => known.has(given) };
}

/** Whether a schema is that of a handle, or holds one: optional, in a list, or as one of several choices. */
function holdsHandle(schema: unknown): boolean {
  if (schema === handle) return true;
  const { wrapped, item, options, pipe } = schema as { wrapped?: unknown; item?: unknown; options?: unknown; pipe?: unknown };
  const inner = [wrapped, item, ...(Array.isArray(options) ? options : []), ...(Array.isArray(pipe) ? pipe : [])];
  return inner.some((part) => typeof part === 'object' && part !== null && holdsHandle(part));
}

/** Which fields of a method's input are handles, read from its schema. */
const FIELDS: ReadonlyMap<string, readonly string[]> = new Map(
  (Object.keys(METHODS) as Method[]).map((method) => {
    const { entries } = METHODS[method].input.pipe[1];
    return [method, Object.keys(entries).filter((name) => holdsHandle((entries as Record<string, unknown>)[name]))];
  }),
);

/** Throws `not_found` for a handle of another window in a validated input. */
export function checkHandles(handles: Handles, method: Method, input: object): void {
  for (const name of FIELDS.get(method) ?? []) {
    for (const given of [(input as Record<string, unknown>)[name]].flat()) {
      // A choice beside a handle (a word such as `inbox`) is none.
      if (v.is(handle, given) && !handles.has(given))
        throw new HedgerowError('not_found', 'This window was not given that file.', 'Choose the file again in this window.');
    }
  }
}

/** Methods whose answers give handles out: lists of workspaces and of waiting files, and the job that read those. */
const GIVING: ReadonlySet<Method> = new Set<Method>(['workspace.recent', 'today.get', 'today.watch', 'today.refresh']);

/** Notes the handles an answer gives out, under `handle` at any depth. */
export function grantHandles(handles: Handles, method: Method, answer: unknown): void {
  // What a job resulted in may be ten thousand lines long: it is only looked through where handles are.
  if (!GIVING.has(method === 'jobs.get' ? (answer as JobView).method : method)) return;
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return;
    for (const [name, inner] of Object.entries(value)) {
      if (name === 'handle' && typeof inner === 'string') handles.grant(inner);
      else visit(inner);
    }
  };
  visit(answer);
}
