/** Portfolio risk, scratch copies, attribution, correlation. */
import * as v from 'valibot';
import type { Columns } from './methods.ts';
import type { AttributionView, CorrelationView, RiskChange, RiskView, WhatIfView } from './results-risk.ts';
import type { ImportReport } from './report.ts';
import { account, day, id, level, pick, runId, strictObject, text, ticker } from './schemas.ts';

const number = v.pipe(v.number(), v.finite());
const book = { ...pick, snapshotId: v.optional(id), account: v.optional(account), level: v.optional(level) };
const edits = v.pipe(
  v.array(strictObject({ account, ticker, quantity: v.pipe(number, v.minValue(-1e12), v.maxValue(1e12)) })),
  v.minLength(1),
  v.maxLength(2000),
);
const side = strictObject(book);
const as = { runId: v.optional(runId), knownAsOf: v.optional(day) };

export const RISK_METHODS = {
  'risk.get': { kind: 'call', input: strictObject(book) },
  'risk.change': { kind: 'call', input: strictObject({ from: side, to: side }) },
  'risk.whatIf': { kind: 'call', input: strictObject({ ...book, edits }) },
  /** Keeps a scratch copy as a new snapshot of the day it is priced on; `batches.undo` takes it back. */
  'risk.keep': {
    kind: 'job',
    input: strictObject({ ...book, edits, why: v.pipe(v.string(), v.trim(), v.minLength(3), v.maxLength(200)) }),
  },
  'portfolio.series': {
    kind: 'columns',
    input: strictObject({
      ...book,
      fields: v.pipe(v.array(text(40)), v.minLength(1), v.maxLength(20)),
      weights: v.optional(v.union([v.picklist(['holdings', 'dated'] as const), v.record(ticker, number)])),
    }),
  },
  'attribution.get': {
    kind: 'call',
    input: strictObject({
      ...as,
      /** A stock, by ticker or, where a ticker may mean two, by id; without one, the book. */
      ticker: v.optional(ticker),
      securityId: v.optional(id),
      snapshotId: v.optional(id),
      account: v.optional(account),
      from: v.optional(day),
      to: v.optional(day),
      weights: v.optional(v.picklist(['frozen', 'dated'] as const)),
      skipMissing: v.optional(v.boolean()),
    }),
  },
  'correlation.get': {
    kind: 'call',
    input: strictObject({
      ...as,
      /** A security; without one, the book. */
      ticker: v.optional(ticker),
      snapshotId: v.optional(id),
      account: v.optional(account),
      weights: v.optional(v.picklist(['frozen', 'dated'] as const)),
      with: v.pipe(v.array(ticker), v.minLength(1), v.maxLength(50)),
      from: v.optional(day),
      to: v.optional(day),
    }),
  },
} as const;

export interface RiskOutput {
  'risk.get': RiskView;
  'risk.change': RiskChange;
  'risk.whatIf': WhatIfView;
  'risk.keep': ImportReport;
  /** header: PortfolioSeriesHeader; columns: `day` (EpochDay), `coverage` (share of the absolute weight) and one per field. */
  'portfolio.series': Columns;
  'attribution.get': AttributionView;
  'correlation.get': CorrelationView;
}
