/** A patch over the default estimator settings. */
import * as v from 'valibot';
import { strictObject, text, universeName } from './schemas.ts';
import { PRESETS } from './settings.ts';

export const settingsPatch = strictObject({
  preset: v.optional(v.picklist(PRESETS)),
  window: v.optional(v.pipe(v.number(), v.integer(), v.minValue(5), v.maxValue(5040))),
  minObs: v.optional(v.pipe(v.number(), v.integer(), v.minValue(5), v.maxValue(5040))),
  intercept: v.optional(v.boolean()),
  halfLife: v.optional(v.nullable(v.pipe(v.number(), v.minValue(1), v.maxValue(10_000)))),
  loss: v.optional(v.picklist(['squares', 'huber'] as const)),
  huberC: v.optional(v.pipe(v.number(), v.gtValue(1, 'over 1: at or below 1 no scale solves its equation'), v.maxValue(10))),
  refresh: v.optional(v.picklist(['daily', 'month-end'] as const)),
  chain: v.optional(v.picklist(['same-window', 'realised'] as const)),
  shrink: v.optional(v.picklist(['none', 'vasicek'] as const)),
  riskShares: v.optional(v.picklist(['explained', 'removed'] as const)),
  knowledge: v.optional(v.picklist(['strict', 'corrected'] as const)),
  returns: v.optional(v.picklist(['auto', 'adjusted', 'raw'] as const)),
  schemes: v.optional(v.pipe(v.array(text(40)), v.maxLength(12))),
  universe: v.optional(universeName),
});
