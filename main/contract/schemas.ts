/** The pieces input schemas are made of (methods.ts and the method files beside it). */
import * as v from 'valibot';
import { inputWords } from './input-words.ts';
import { parseIsoDay, whyNoDay } from './units.ts';

v.setGlobalMessage(inputWords);

/** valibot takes an array for an object without required keys; here an array is never an object, at any depth. */
export const strictObject = <const Entries extends v.ObjectEntries>(entries: Entries) =>
  v.pipe(
    v.custom<v.InferInput<v.StrictObjectSchema<Entries, undefined>>>((input) => !Array.isArray(input), 'an object, not a list'),
    v.strictObject(entries),
  );
export const text = (max: number) => v.pipe(v.string(), v.maxLength(max));
export const id = v.pipe(v.number(), v.integer(), v.minValue(1));
export const day = v.pipe(
  v.string(),
  v.regex(/^\d{4}-\d{2}-\d{2}$/, 'a date as YYYY-MM-DD'),
  v.check(
    (text) => parseIsoDay(text) !== null,
    ({ input }) => whyNoDay(input),
  ),
);
export const runId = v.pipe(v.string(), v.regex(/^R\d{1,9}$/, 'a run id such as R12'));
export const handle = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{16,64}$/, 'a file handle'));
/** As a file spells it: names of custodians and strategies make long ones. */
export const account = text(400);
export const percent = v.pipe(v.number(), v.minValue(0), v.maxValue(100));
export const ticker = v.pipe(v.string(), v.minLength(1), v.maxLength(32));
export const level = v.picklist([1, 2, 3] as const);
/** `mc_500`, `dv_1000`, or the name of a list. */
export const universeName = v.pipe(v.string(), v.regex(/^[a-z][a-z0-9_-]{0,39}$/, 'a universe such as mc_500, or the name of a list'));
export const none = strictObject({});

/** Which run and date a view is of, and as known when; the newest run, its last day and its own knowledge when left out. */
export const pick = { runId: v.optional(runId), date: v.optional(day), knownAsOf: v.optional(day) };
