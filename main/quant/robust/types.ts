/** Settings of the general estimators (MODEL.md 4, "Estimator settings"), and what a kernel knows beside them. */
import type { KernelSettings } from '../cascade/index.ts';

export interface RobustSettings extends KernelSettings {
  readonly loss: 'squares' | 'huber';
  /** Huber's c, over 1. */
  readonly huberC: number;
  /** `month-end`: slopes of the last session of a month by the calendar, in force until the next one. */
  readonly refresh: 'daily' | 'month-end';
  /** `realised`: levels 2 and 3 regress the residuals that the slopes in force left on past days, on the cleaned factors of those days. */
  readonly chain: 'same-window' | 'realised';
  readonly shrink: 'none' | 'vasicek';
  /** `explained`: MODEL.md 6, least squares in one window only. `removed`: variance removed level by level. */
  readonly riskShares: 'explained' | 'removed';
}

/** What the rows of one span are computed from: the estimator of MODEL.md 4 that serves them. */
export type RobustPath = 'held' | 'resolved' | 'realised';

/** Which estimator settings need; null: the cascade kernel serves them. */
export function robustPath(settings: RobustSettings): RobustPath | null {
  if (settings.chain === 'realised') return 'realised';
  if (settings.loss === 'huber' || settings.riskShares === 'removed') return 'resolved';
  return settings.refresh === 'month-end' ? 'held' : null;
}
