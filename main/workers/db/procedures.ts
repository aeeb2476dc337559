/** What a db worker does. The same procedures serve the writer and the reader; the store refuses writes on a reading connection. */
import {
  backupWorkspace,
  dismissFinding,
  getBatch,
  appendJournal,
  countJournal,
  finishWorkspace,
  foreignWrites,
  freezePackage,
  insertOrderSet,
  journalOf,
  insertRun,
  listPackages,
  packageContent,
  openFindingsOf,
  newestWholeBackup,
  verifyJournal,
  restoreFinding,
  setMeta,
  undoBatch,
  type JournalMark,
  type NewFinding,
  type NewOrderSet,
  type NewPackage,
  type NewRun,
} from '../../../db/index.ts';
import { HedgerowError } from '../../contract/errors.ts';
import { pack } from '../packed.ts';
import { Moved, type TaskContext } from '../rpc.ts';
import {
  acceptProposals,
  mergeSecurities,
  resolveName,
  splitSecurity,
  type AcceptRequest,
  type MergeRequest,
  type ResolveRequest,
  type SplitRequest,
} from './decisions.ts';
import { explainRow, type ExplainRequest } from './explain.ts';
import { findIdentities, listDecisions, showIdentity } from './identity-views.ts';
import { commit, discard, stage, stagedLines, type CommitRequest } from './import-stage.ts';
import { look, type Look, type LookRequest } from './doctor.ts';
import { fixFindings, type FixRequest } from './doctor-fixes.ts';
import { findings, lookState, lookView, saveLook } from './health.ts';
import { heldShares, type HeldSharesRequest } from './held-shares.ts';
import { securityHistory, type HistoryRequest } from './security-history.ts';
import { joinAtRest, joinOne, stopJoining } from './joining.ts';
import { knownDiff, type KnownDiffRequest } from './known-diff.ts';
import * as lookUps from './look-ups.ts';
import { listedCodes, type ListedRequest } from './listed-codes.ts';
import { superseded, type SupersededRequest } from './superseded.ts';
import { marketFacts, type MarketFactsRequest } from './market-facts.ts';
import type { PanelRequest } from './panel-builder.ts';
import { panelAnswer, type PanelAnswer } from './panels.ts';
import { quarantineView } from './quarantine.ts';
import type { UniverseRequest } from './universe.ts';
import { deleteUniverse, universeLists } from './universe-list.ts';
import { universeView } from './universe-view.ts';
import { noteRun, runFindings, type RunFacts } from './run-findings.ts';
import { waitingLines } from './waiting.ts';
import * as workbench from './workbench.ts';
import { closeWorkspace, workspace } from './workspace.ts';

export const procedures = {
  /** Opens the workspace; throws what is wrong with it. */
  ready(_: null): null {
    workspace();
    joinAtRest();
    return null;
  },
  /** Of a workspace that was filled for the first time. */
  finish(_: null): null {
    finishWorkspace(workspace().dir);
    return null;
  },
  close(_: null): null {
    stopJoining();
    // A command ends before the writer has rested.
    joinOne();
    closeWorkspace();
    return null;
  },
  stage: (request: Parameters<typeof stage>[1], context: TaskContext) => stage(workspace(), request, context),
  commit(request: CommitRequest, context: TaskContext) {
    joinAtRest();
    return commit(workspace(), request, context);
  },
  stagedLines: ({ stageId }: { stageId: number }) => stagedLines(stageId),
  waitingLines: (request: { snapshotId: number | null }) => waitingLines(workspace(), request),
  discard: ({ stageId }: { stageId: number }) => discard(stageId),
  undo({ batchId, at }: { batchId: number; at: string }) {
    undoBatch(workspace(), batchId, at);
    joinAtRest();
    const batch = getBatch(workspace(), batchId);
    if (!batch) throw new HedgerowError('not_found', `There is no batch ${batchId}.`, 'List the batches.');
    return lookUps.batchRow(batch);
  },
  batches: (_: null) => lookUps.batches(workspace()),
  info: (_: null) => lookUps.info(workspace()),
  state: (_: null) => lookUps.state(workspace()),
  snapshots: (_: null) => lookUps.snapshots(workspace()),
  openFindingsOf: ({ batchIds, code }: { batchIds: readonly number[]; code: string }) => openFindingsOf(workspace(), batchIds, code),
  findings: (_: null) => findings(workspace()),
  look: (request: LookRequest, context: TaskContext) => look(workspace(), request, context),
  saveLook: (request: { look: Look; request: LookRequest; at: string }) => saveLook(workspace(), request),
  lookView: (_: null) => lookView(workspace()),
  lookState: (_: null) => lookState(workspace()),
  fix: (request: FixRequest) => fixFindings(workspace(), request),
  dismiss({ findingId, why, at }: { findingId: number; why: string; at: string }): null {
    dismissFinding(workspace(), findingId, why, at);
    return null;
  },
  restoreFinding({ findingId, at }: { findingId: number; at: string }): null {
    restoreFinding(workspace(), findingId, at);
    return null;
  },
  runs: (_: null) => lookUps.runs(workspace()),
  damagedRuns: (_: null) => lookUps.damaged(workspace()),
  run: ({ runId }: { runId: string | undefined }) => lookUps.findRun(workspace(), runId),
  deleteRun: (request: { runId: string; at: string }) => workbench.deleteRun(workspace(), request),
  restoreRun: (request: { runId: string; at: string }) => workbench.restoreRun(workspace(), request),
  pinRun: (request: { runId: string | null; at: string }) => workbench.pinRun(workspace(), request),
  batchLineage: ({ batchId }: { batchId: number }) => workbench.batchLineage(workspace(), batchId),
  etfMap: (_: null) => workbench.etfMap(workspace()),
  backups: (_: null) => workbench.backups(workspace()),
  saveRun: (run: NewRun) => insertRun(workspace(), run),
  runFindings: (facts: RunFacts) => runFindings(workspace(), facts),
  noteRun: (request: { revision: number; found: readonly NewFinding[] }) => noteRun(workspace(), request),
  /** `have`: keys of panels that the caller holds; one of them may be continued. */
  panel: (request: PanelRequest & { readonly have: readonly string[] }, context: TaskContext): PanelAnswer =>
    panelAnswer(workspace(), request, context),
  search: (request: { revision: number; knownAsOf: number; text: string; limit: number }) => lookUps.search(workspace(), request),
  resolve: (request: { revision: number; knownAsOf: number; ticker: string; day: number | null }) =>
    lookUps.resolveTicker(workspace(), request),
  /** The same of many tickers, one answer each. */
  resolveAll: ({ tickers, ...at }: { revision: number; knownAsOf: number; tickers: readonly string[]; day: number | null }) =>
    tickers.map((ticker) => lookUps.resolveTicker(workspace(), { ...at, ticker })),
  quarantine: (request: { revision: number }) => quarantineView(workspace(), request),
  findIdentities: (request: { revision: number; text: string }) => findIdentities(workspace(), request),
  showIdentity: (request: { revision: number; securityId: number }) => showIdentity(workspace(), request),
  listDecisions: (_: null) => listDecisions(workspace()),
  resolveName: (request: ResolveRequest) => resolveName(workspace(), request),
  acceptProposals: (request: AcceptRequest) => acceptProposals(workspace(), request),
  mergeSecurities: (request: MergeRequest) => mergeSecurities(workspace(), request),
  splitSecurity: (request: SplitRequest) => splitSecurity(workspace(), request),
  explain: (request: ExplainRequest) => explainRow(workspace(), request),
  history: (request: HistoryRequest) => securityHistory(workspace(), request),
  knownDiff: (request: KnownDiffRequest) => knownDiff(workspace(), request),
  universe: (request: UniverseRequest & { readonly day: number | null }) => universeView(workspace(), request),
  universeLists: (request: { revision: number }) => universeLists(workspace(), request),
  deleteUniverse: (request: { name: string; at: string; today: number }) => deleteUniverse(workspace(), request),
  listedCodes: (request: ListedRequest) => listedCodes(workspace(), request),
  superseded: (request: SupersededRequest) => superseded(workspace(), request),
  marketFacts: (request: MarketFactsRequest) => marketFacts(workspace(), request),
  book(request: lookUps.BookRequest) {
    const { positions, ...book } = lookUps.pricedBook(workspace(), request);
    const { packed, transfer } = pack(positions);
    return new Moved({ ...book, positions: packed }, transfer);
  },
  heldShares: (request: HeldSharesRequest) => heldShares(workspace(), request),
  splitsSince: (request: Pick<HeldSharesRequest, 'revision' | 'knownAsOf' | 'since'>) =>
    heldShares(workspace(), { ...request, books: [] }).splits,
  saveOrderSet: ({ set, note }: { set: NewOrderSet; note: Readonly<Record<string, unknown>> }) => insertOrderSet(workspace(), set, note),
  /** Heads of the frozen sets after the one of this number. */
  packages: ({ after }: { after: number }) => listPackages(workspace(), after),
  packageContent: ({ packageId }: { packageId: number }) => packageContent(workspace(), packageId),
  freezePackage: ({ one, at }: { one: NewPackage; at: string }) => freezePackage(workspace(), one, at),
  countJournal: ({ action }: { action: string }) => countJournal(workspace(), action),
  journalOf: ({ action, after }: { action: string; after: number }) => journalOf(workspace(), action, after),
  verifyJournal: ({ since }: { since: JournalMark | null }) => verifyJournal(workspace(), since ?? undefined),
  foreignWrites: (_: null) => foreignWrites(workspace()),
  newestWholeBackup: (_: null) => newestWholeBackup(workspace()),
  appendJournal: ({ action, detail, at }: { action: string; detail: unknown; at: string }) =>
    appendJournal(workspace(), action, detail, at),
  backup: ({ file }: { file: string | undefined }) => backupWorkspace(workspace(), file),
  setMeta({ key, value }: { key: string; value: unknown }): null {
    setMeta(workspace(), key, value);
    return null;
  },
};

export type DbProcedures = typeof procedures;
