/** A patch over the default estimator settings. */
import * as v from 'valibot';
import { strictObject, text } from './schemas.ts';

export const settingsPatch = strictObject({
  preset: v.optional(v.picklist(['ols-252', 'robust-held'] as const)),
  window: v.optional(v.pipe(v.number(), v.integer(), v.minValue(5), v.maxValue(5040))),
  minObs: v.optional(v.pipe(v.number(), v.integer(), v.minValue(5), v.maxValue(5040))),
  intercept: v.optional(v.boolean()),
  halfLife: v.optional(v.nullable(v.pipe(v.number(), v.minValue(1), v.maxValue(10_000)))),
  knowledge: v.optional(v.picklist(['strict', 'corrected'] as const)),
  returns: v.optional(v.picklist(['auto', 'adjusted', 'raw'] as const)),
  schemes: v.optional(v.pipe(v.array(text(40)), v.maxLength(12))),
  universe: v.optional(v.pipe(v.string(), v.regex(/^(mc|dv)_[1-9]\d{0,4}$/, 'a universe such as mc_500'))),
});
