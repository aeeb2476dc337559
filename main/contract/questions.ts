/** Questions whose answers take long: they are seen and cancelled like jobs. */
import type { Method } from './methods.ts';

/**
 * Questions that may take seconds of a large book. While one does it is a running job, which tells how far it is and is cancelled like one;
 * nothing is lost with it but the answer.
 */
export const SLOW = [
  'attribution.get',
  'book.coverage',
  'book.fields',
  'book.get',
  'correlation.get',
  'effectiveness.get',
  'hedge.preview',
  'portfolio.series',
  'risk.change',
  'risk.get',
  'risk.whatIf',
  'scenarios.get',
] as const satisfies readonly Method[];
export type SlowMethod = (typeof SLOW)[number];
export const isSlow = (method: Method): method is SlowMethod => (SLOW as readonly Method[]).includes(method);

/** Header of a call by which its page names a question. */
export const QUESTION_HEADER = 'x-hedgerow-question';

/** Who asks a question: the name its page gave it ('' = none), and the end of the connection it came by. */
export interface Asker {
  readonly question?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}
