/** Freezing, approving, exporting, verifying and following up order sets. */
import * as v from 'valibot';
import type {
  FillsReport,
  LedgerView,
  OrderPackage,
  OrderPackageRow,
  OrdersComparison,
  OrdersPolicy,
  OrdersVerification,
} from './results-orders.ts';
import type { HedgeFiles, HedgeView } from './results.ts';
import { handle, id, level, none, percent, pick, strictObject, text, ticker } from './schemas.ts';

export const hedgeRequest = strictObject({
  ...pick,
  snapshotId: v.optional(id),
  account: v.optional(text(60)),
  level: v.optional(level),
  layers: v.optional(strictObject({ market: percent, sector: percent, subsector: percent })),
  minTrade: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1e12))),
  rounding: v.optional(v.picklist(['joint', 'nearest'] as const)),
  exclude: v.optional(v.pipe(v.array(ticker), v.maxLength(500))),
  hedgeSleeve: v.optional(v.pipe(v.array(ticker), v.maxLength(500))),
});

const person = v.optional(v.pipe(v.string(), v.trim(), v.minLength(2), v.maxLength(60)));
const reason = v.optional(v.pipe(v.string(), v.trim(), v.minLength(10), v.maxLength(400)));
const note = v.optional(text(400));
const format = v.picklist(['generic', 'ibkr-basket', 'ems', 'emsx', 'fix42', 'fix44', 'alpaca', 'tradier'] as const);

export const ORDERS_METHODS = {
  'hedge.preview': { kind: 'call', input: hedgeRequest },
  /** Freezes the set and exports it. */
  'hedge.export': { kind: 'job', input: strictObject({ request: hedgeRequest, format, override: reason, by: person }) },
  'orders.list': { kind: 'call', input: none },
  'orders.show': { kind: 'call', input: strictObject({ packageId: id }) },
  'orders.freeze': { kind: 'call', input: strictObject({ request: hedgeRequest, by: person, note }) },
  'orders.approve': {
    kind: 'call',
    input: strictObject({ packageId: id, by: v.pipe(v.string(), v.trim(), v.minLength(2), v.maxLength(60)), note }),
  },
  'orders.export': { kind: 'job', input: strictObject({ packageId: id, format, override: reason, by: person }) },
  'orders.compare': { kind: 'call', input: strictObject({ a: id, b: id }) },
  /** The frozen set as a page to print. */
  'orders.ticket': { kind: 'call', input: strictObject({ packageId: id }) },
  'orders.verify': { kind: 'call', input: strictObject({ orders: handle, manifest: handle }) },
  'orders.fills': { kind: 'call', input: strictObject({ file: handle }) },
  /** Without `secondApprover`, as it is. */
  'orders.policy': { kind: 'call', input: strictObject({ secondApprover: v.optional(v.boolean()), by: person }) },
  'orders.ledger': { kind: 'call', input: none },
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
  'orders.export': { readonly package: OrderPackageRow; readonly files: HedgeFiles; readonly artifacts: readonly Artifact[] };
  'orders.compare': OrdersComparison;
  'orders.ticket': Artifact;
  'orders.verify': OrdersVerification;
  'orders.fills': FillsReport;
  'orders.policy': OrdersPolicy;
  'orders.ledger': LedgerView;
}
