export { mayShort, type AccountKind } from './account-kind.ts';
export type { AccountHolding, CheckContext, UsedPrice } from './check-context.ts';
export { preTradeChecks } from './checks.ts';
export { writtenProfile } from './short-checks.ts';
export { compareOrders, formatExtension, formatVersion, isOrderHeader, readOrders, writeCheckedOrders, writeOrders } from './files.ts';
export { journalBroken, journalFault } from './process-checks.ts';
export type { ReadOrder } from './format.ts';
export { canonicalJson } from './json.ts';
export {
  buildManifest,
  manifestText,
  verifyManifest,
  type ExportedBefore,
  type Manifest,
  type ManifestInput,
  type Verification,
} from './manifest.ts';
export {
  isOrderFormat,
  ORDER_FORMATS,
  TEMPLATE_NAME,
  type FixProfile,
  type Locate,
  type OrderFormat,
  type OrderProfile,
  type OrderTemplate,
  type TemplateColumn,
} from './profile.ts';
export {
  basketId,
  isBuy,
  limitText,
  numberOrders,
  priceText,
  sameAccount,
  sortOrders,
  toRecords,
  type OrderField,
  type OrderRecord,
  type Sha256,
} from './records.ts';
export { parseTemplate } from './template.ts';
export { exportRecord, verifyOrderSet, type ExportRecord, type RecordedExport } from './verify.ts';
