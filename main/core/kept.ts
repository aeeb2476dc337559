/** Answers about a panel that screen after screen asks for. */
import type { FieldBlock } from '../workers/compute/procedures.ts';
import type { Panel } from '../workers/panel.ts';
import type { Hooks } from './session.ts';
import { shared, type Shared } from './shared.ts';

const answered = new WeakMap<Panel, Map<string, Shared<FieldBlock>>>();
const KEPT_BLOCKS = 4;

/**
 * Fields of the positions of a book on a row, which screen after screen asks for anew: of thousands of positions whose slopes are held from
 * month to month each answer takes seconds. The last ones of a panel are kept, for its numbers never change; `question` says all that the answer
 * depends on besides. Nobody may write into the block.
 */
export function kept(
  panel: Panel,
  question: readonly unknown[],
  ask: (hooks: Hooks) => Promise<FieldBlock>,
  hooks: Hooks,
): Promise<FieldBlock> {
  const blocks = answered.get(panel) ?? new Map<string, Shared<FieldBlock>>();
  answered.set(panel, blocks);
  const key = JSON.stringify(question);
  const before = blocks.get(key);
  const block = before && !before.givenUp ? before : shared(ask);
  blocks.delete(key);
  blocks.set(key, block);
  for (const old of [...blocks.keys()].slice(0, -KEPT_BLOCKS)) blocks.delete(old);
  const answer = block.wait(hooks);
  // A worker that was lost is asked again; what others wait for is not given up with one of them.
  answer.catch(() => (block.givenUp || !hooks.signal?.aborted) && blocks.get(key) === block && blocks.delete(key));
  return answer;
}
