/** Every command: its help, its options, what it calls and how its result reads. */
import type { CoreEnvironment } from '../core/environment.ts';
import { bookCommand, showCommand } from './commands-analysis.ts';
import { batchesCommand, importCommand, initCommand, undoCommand } from './commands-data.ts';
import { backupCommand, checkCommand, restoreCommand, runCommand, runsCommand } from './commands-runs.ts';
import { compareCommand } from './commands-compare.ts';
import { dismissCommand, doctorCommand, findingsCommand, fixCommand } from './commands-health.ts';
import { diffCommand } from './commands-diff.ts';
import { exportCommand } from './commands-export.ts';
import { explainCommand } from './commands-explain.ts';
import { deskCommand } from './commands-desk.ts';
import {
  approveCommand,
  fillsCommand,
  freezeCommand,
  hedgeCommand,
  ledgerCommand,
  ordersCommand,
  verifyCommand,
} from './commands-hedge.ts';
import { identitiesCommand, mergeCommand, resolveCommand, splitCommand } from './commands-identities.ts';
import { effectivenessCommand, scenariosCommand } from './commands-outcomes.ts';
import { templatesCommand } from './commands-templates.ts';
import { attributionCommand, corrCommand, portfolioCommand, riskCommand, whatIfCommand } from './commands-risk.ts';
import { serveCommand } from './commands-serve.ts';
import { universeCommand, universesCommand } from './commands-universe.ts';
import { waitingCommand } from './commands-waiting.ts';
import type { Terminal } from './main.ts';

interface CommandInput {
  readonly workspace: string;
  readonly words: readonly string[];
  readonly environment: CoreEnvironment;
  readonly terminal: Terminal;
}

/** A result as data (--json) and as text for people. */
interface CommandResult {
  readonly value: unknown;
  text(): string;
  readonly exitCode?: number;
}

export interface Command {
  readonly help: string;
  run(input: CommandInput): Promise<CommandResult>;
}

export const COMMANDS: Readonly<Record<string, Command>> = {
  init: initCommand,
  import: importCommand,
  batches: batchesCommand,
  undo: undoCommand,
  run: runCommand,
  runs: runsCommand,
  compare: compareCommand,
  check: checkCommand,
  show: showCommand,
  explain: explainCommand,
  diff: diffCommand,
  universe: universeCommand,
  universes: universesCommand,
  identities: identitiesCommand,
  resolve: resolveCommand,
  waiting: waitingCommand,
  merge: mergeCommand,
  split: splitCommand,
  book: bookCommand,
  risk: riskCommand,
  whatif: whatIfCommand,
  portfolio: portfolioCommand,
  attribution: attributionCommand,
  corr: corrCommand,
  effectiveness: effectivenessCommand,
  scenarios: scenariosCommand,
  hedge: hedgeCommand,
  freeze: freezeCommand,
  approve: approveCommand,
  orders: ordersCommand,
  verify: verifyCommand,
  fills: fillsCommand,
  ledger: ledgerCommand,
  desk: deskCommand,
  templates: templatesCommand,
  export: exportCommand,
  serve: serveCommand,
  doctor: doctorCommand,
  findings: findingsCommand,
  fix: fixCommand,
  dismiss: dismissCommand,
  backup: backupCommand,
  restore: restoreCommand,
};
