/** The writer of one batch: the only way facts enter the store. */
import type { BatchId, Revision, SecurityId } from '../main/contract/units.ts';
import { HedgerowError } from '../main/contract/errors.ts';
import type { Workspace } from './connection.ts';
import { insertFacts } from './facts.ts';
import type { Classification, CorporateAction, EtfMapRow, SharesOutstanding } from './facts.ts';
import { insertFindings } from './findings.ts';
import type { NewFinding } from './findings.ts';
import { insertHoldingsLines, insertSnapshot } from './holdings.ts';
import type { NewHoldingsLine, NewSnapshot } from './holdings.ts';
import { insertDecision, insertIdentity, insertSecurity } from './securities.ts';
import type { NewDecision, NewIdentity, NewSecurity } from './securities.ts';
import type { NewBlock } from './blocks.ts';
import { insertLines, type SymbolLines } from './lines.ts';
import { collectBlocks } from './tiles.ts';
import { internSymbols } from './symbols.ts';
import { insertUniverse } from './universe-lists.ts';
import type { UniverseVersion } from './universe-lists.ts';
import type { SymbolRef } from './symbols.ts';

/** Valid only inside the `commitBatch` call that made it. */
export interface BatchWriter {
  readonly batchId: BatchId;
  readonly revision: Revision;
  symbols(refs: readonly SymbolRef[]): Int32Array;
  block(block: NewBlock): void;
  /** Lines of the file that the values of series came from, all symbols at once. */
  lines(all: readonly SymbolLines[]): void;
  classifications(rows: readonly Classification[]): void;
  actions(rows: readonly CorporateAction[]): void;
  shares(rows: readonly SharesOutstanding[]): void;
  etfMap(rows: readonly EtfMapRow[]): void;
  universe(version: UniverseVersion): void;
  security(security: NewSecurity): SecurityId;
  identity(identity: NewIdentity): number;
  decision(decision: NewDecision): number;
  snapshot(snapshot: NewSnapshot): number;
  holdings(snapshotId: number, lines: readonly NewHoldingsLine[]): void;
  findings(rows: readonly NewFinding[]): void;
}

/** A writer and the function that ends it: stores what is still collected, and bars a writer kept beyond its transaction. */
export function openWriter(
  ws: Workspace,
  batchId: BatchId,
  revision: Revision,
): { readonly writer: BatchWriter; readonly end: () => void } {
  let open = true;
  const here = () => {
    if (!open) throw new HedgerowError('internal', 'The batch is committed already.', 'Report this with the steps.');
    return ws;
  };
  const blocks = collectBlocks(ws, batchId);
  const writer: BatchWriter = {
    batchId,
    revision,
    symbols: (refs) => internSymbols(here(), refs),
    block: (block) => (here(), blocks.add(block)),
    lines: (all) => insertLines(here(), batchId, all),
    classifications: (rows) => insertFacts(here(), 'classification', batchId, rows),
    actions: (rows) => insertFacts(here(), 'action', batchId, rows),
    shares: (rows) => insertFacts(here(), 'shares', batchId, rows),
    etfMap: (rows) => insertFacts(here(), 'etf_map', batchId, rows),
    universe: (version) => insertUniverse(here(), batchId, version),
    security: (security) => insertSecurity(here(), batchId, security),
    identity: (identity) => insertIdentity(here(), batchId, identity),
    decision: (decision) => insertDecision(here(), batchId, decision),
    snapshot: (snapshot) => insertSnapshot(here(), batchId, snapshot),
    holdings: (snapshotId, lines) => insertHoldingsLines(here(), snapshotId, lines),
    findings: (rows) => insertFindings(here(), batchId, rows),
  };
  const end = () => {
    blocks.flush();
    open = false;
  };
  return { writer, end };
}
