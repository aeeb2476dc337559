export { preTradeChecks, type AccountHolding, type CheckContext, type UsedPrice } from './checks.ts';
export { compareOrders, formatVersion, readOrders, writeCheckedOrders, writeOrders, type OrderFormat, type ReadOrder } from './files.ts';
export { canonicalJson } from './json.ts';
export { buildManifest, manifestText, verifyManifest, type Manifest, type ManifestInput, type Verification } from './manifest.ts';
export { basketId, numberOrders, priceText, sortOrders, toRecords, type OrderRecord, type Sha256 } from './records.ts';
