/** Changes that give the workspace no new revision and are no job: the windows are told, so that each asks for its lists anew. */
import type { Method } from '../contract/methods.ts';

const CHANGES: ReadonlySet<Method> = new Set<Method>([
  'findings.dismiss',
  'findings.restore',
  'orders.freeze',
  'orders.approve',
  'orders.fills',
  'orders.countFills',
  'presets.save',
  'presets.delete',
  'today.setWatch',
]);
/** These answer what there is when they are given nothing. */
const WITH_INPUT: ReadonlySet<Method> = new Set<Method>(['orders.policy', 'orders.desk', 'import.templates']);

export const tells = (method: Method, input: unknown): boolean =>
  CHANGES.has(method) || (WITH_INPUT.has(method) && Object.keys(input as object).length > 0);
