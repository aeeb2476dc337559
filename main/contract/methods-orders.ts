/** Freezing, approving, exporting, verifying and following up order sets. */
import * as v from 'valibot';
import { deskRules, orderFormat as format, orderTerms, ticketEntries, type DeskRules } from './desk.ts';
import {
  REASON_LENGTH,
  type FillsFile,
  type FillsReport,
  type LedgerView,
  type OrderPackage,
  type OrderPackageRow,
  type OrdersComparison,
  type OrdersPolicy,
  type OrdersVerification,
} from './results-orders.ts';
import type { Check, HedgeFiles, HedgeView } from './results.ts';
import { account, handle, id, none, pick, strictObject, text, ticker } from './schemas.ts';

const hedgeEntries = {
  ...pick,
  snapshotId: v.optional(id),
  snapshotIds: v.optional(v.pipe(v.array(id), v.minLength(1), v.maxLength(200))),
  account: v.optional(account),
  accounts: v.optional(v.pipe(v.array(account), v.minLength(1), v.maxLength(500))),
  ...ticketEntries,
  hedgeSleeve: v.optional(v.pipe(v.array(ticker), v.maxLength(500))),
  marks: v.optional(v.pipe(v.array(strictObject({ etf: ticker, role: v.picklist(['hedge', 'investment'] as const) })), v.maxLength(2000))),
};
const hedgeRequest = strictObject(hedgeEntries);

const person = v.optional(v.pipe(v.string(), v.trim(), v.minLength(2), v.maxLength(60)));
const reason = v.optional(v.pipe(v.string(), v.trim(), v.minLength(REASON_LENGTH.least), v.maxLength(REASON_LENGTH.most)));
/** Blocking checks that the person who overrides has read: another one still stops the export. Absent: all there are. */
const overriding = v.optional(v.pipe(v.array(v.pipe(v.string(), v.regex(/^[a-z0-9_]{1,40}$/))), v.maxLength(100)));
const note = v.optional(text(400));
const terms = v.optional(orderTerms);

export const ORDERS_METHODS = {
  /** With `output`, the checks are those of a file in that format on those terms. */
  'hedge.preview': { kind: 'call', input: strictObject({ ...hedgeEntries, output: v.optional(strictObject({ format, terms })) }) },
  /** Freezes the set and exports it. */
  'hedge.export': { kind: 'job', input: strictObject({ request: hedgeRequest, format, terms, override: reason, overriding, by: person }) },
  'orders.list': { kind: 'call', input: none },
  'orders.show': { kind: 'call', input: strictObject({ packageId: id }) },
  'orders.freeze': { kind: 'call', input: strictObject({ request: hedgeRequest, by: person, note }) },
  'orders.approve': {
    kind: 'call',
    input: strictObject({ packageId: id, by: v.pipe(v.string(), v.trim(), v.minLength(2), v.maxLength(60)), note }),
  },
  /** The checks an export in this format and on these terms would meet now; nothing is written. */
  'orders.check': { kind: 'call', input: strictObject({ packageId: id, format, terms }) },
  'orders.export': { kind: 'job', input: strictObject({ packageId: id, format, terms, override: reason, overriding, by: person }) },
  'orders.compare': { kind: 'call', input: strictObject({ a: id, b: id }) },
  /** The frozen set as a page to print. */
  'orders.ticket': { kind: 'call', input: strictObject({ packageId: id, terms }) },
  'orders.verify': { kind: 'call', input: strictObject({ orders: handle, manifest: handle }) },
  'orders.fills': { kind: 'call', input: strictObject({ file: handle }) },
  /** Takes an imported file of executions back, or lets it count again. */
  'orders.countFills': { kind: 'call', input: strictObject({ entry: id, counts: v.boolean() }) },
  /** Without `secondApprover`, as it is. */
  'orders.policy': { kind: 'call', input: strictObject({ secondApprover: v.optional(v.boolean()), by: person }) },
  'orders.ledger': { kind: 'call', input: none },
  /** Without `rules`, as they are; with them, replaced whole: where `before` is given, only while the rules are still those. */
  'orders.desk': { kind: 'call', input: strictObject({ rules: v.optional(deskRules), before: v.optional(deskRules), by: person }) },
} as const;

interface Artifact {
  readonly artifactId: string;
  readonly name: string;
  readonly bytes: number;
}

export interface OrdersOutput {
  'hedge.preview': HedgeView;
  /** In the shells the files are artifacts offered for download; `files` has names, not paths. */
  'hedge.export': OrdersOutput['orders.export'];
  /** Latest first. */
  'orders.list': readonly OrderPackageRow[];
  'orders.show': OrderPackage;
  'orders.freeze': OrderPackage;
  'orders.approve': OrderPackage;
  'orders.check': readonly Check[];
  'orders.export': { readonly package: OrderPackageRow; readonly files: HedgeFiles; readonly artifacts: readonly Artifact[] };
  'orders.compare': OrdersComparison;
  'orders.ticket': Artifact;
  'orders.verify': OrdersVerification;
  'orders.fills': FillsReport;
  'orders.countFills': readonly FillsFile[];
  'orders.policy': OrdersPolicy;
  'orders.ledger': LedgerView;
  'orders.desk': DeskRules;
}
