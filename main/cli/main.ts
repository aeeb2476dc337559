/** The command line: finds the command, runs it, prints its result, and turns errors into words and exit codes. */
import { EXIT_CODE, HedgerowError, toErrorData, type ErrorData } from '../contract/errors.ts';
import type { CoreEnvironment } from '../core/environment.ts';
import { usage } from './arguments.ts';
import { COMMANDS } from './commands.ts';
import { commandHelp, overview } from './help.ts';

/** How a command reports: results on stdout, progress and notices on stderr. */
export interface Terminal {
  out(text: string): void;
  note(text: string): void;
  /** One line that is overwritten while a long step runs; silent when stderr is not a terminal. */
  progress(share: number | null, note: string): void;
  readonly signal: AbortSignal;
}

interface Globals {
  workspace: string | undefined;
  json: boolean;
  rest: string[];
}

function globals(args: readonly string[]): Globals {
  const found: Globals = { workspace: process.env.HEDGEROW_WORKSPACE || undefined, json: false, rest: [] };
  for (let i = 0; i < args.length; i++) {
    const word = args[i]!;
    if (word === '--json') found.json = true;
    else if (word === '--workspace') {
      found.workspace = args[++i];
      if (!found.workspace) throw usage('--workspace takes a folder.');
    } else if (word.startsWith('--workspace=')) found.workspace = word.slice('--workspace='.length);
    else found.rest.push(word);
  }
  return found;
}

/** What a command ended with; one that was cancelled has changed nothing, unless files stay imported (`importFiles`). */
export function endOf(error: unknown, aborted: boolean): ErrorData {
  const data = toErrorData(error);
  const { staying } = (data.details ?? {}) as { staying?: unknown };
  return aborted && staying === undefined ? new HedgerowError('cancelled', 'Cancelled.', 'Nothing was changed.').data : data;
}

const unknown = (name: string) => usage(`There is no command "${name}".`, 'Run "help" for the list of commands.');

/** Runs one command line; resolves to the exit code. */
export async function runCommandLine(args: readonly string[], environment: CoreEnvironment, terminal: Terminal): Promise<number> {
  let json = args.includes('--json');
  try {
    const { workspace, json: asJson, rest } = globals(args);
    json = asJson;
    const [name, ...words] = rest;
    if (!name || name === 'help' || name === '--help' || name === '-h') {
      const about = words.find((word) => !word.startsWith('-'));
      if (about !== undefined && !COMMANDS[about]) throw unknown(about);
      terminal.out(about === undefined ? overview() : commandHelp(about));
      return name ? 0 : 2;
    }
    if (name === '--version') {
      terminal.out(environment.softwareVersion);
      return 0;
    }
    const command = COMMANDS[name];
    if (!command) throw unknown(name);
    if (words.includes('--help')) {
      terminal.out(commandHelp(name));
      return 0;
    }
    if (!workspace) throw usage('No workspace is named.', 'Give --workspace DIR or set HEDGEROW_WORKSPACE.');
    const result = await command.run({ workspace, words, environment, terminal });
    if (json) terminal.out(JSON.stringify(result.value, null, 2));
    else terminal.out(result.text());
    return result.exitCode ?? 0;
  } catch (error) {
    const data = endOf(error, terminal.signal.aborted);
    if (process.env.HEDGEROW_DEBUG) console.error(error);
    if (json) terminal.out(JSON.stringify({ error: data }, null, 2));
    terminal.note(`error: ${data.message}`);
    terminal.note(`       ${data.action}`);
    return EXIT_CODE[data.code];
  }
}
