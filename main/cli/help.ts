/** What `help` and `COMMAND --help` print: commands by what they are for, and the options of one in words. */
import { COMMANDS } from './commands.ts';
import { OPTIONS } from './options.ts';

/** Characters of a line. */
const WIDTH = 100;

export const GROUPS: Readonly<Record<string, readonly string[]>> = {
  'Workspace and files': ['init', 'import', 'batches', 'undo', 'templates', 'backup', 'restore'],
  'Numbers of securities': ['run', 'runs', 'check', 'compare', 'show', 'explain', 'diff', 'export', 'serve'],
  'Names and universes': ['identities', 'resolve', 'waiting', 'merge', 'split', 'universe', 'universes'],
  'Data health': ['doctor', 'findings', 'fix', 'dismiss'],
  'The book': ['book', 'risk', 'whatif', 'portfolio', 'attribution', 'corr', 'effectiveness', 'scenarios'],
  'Hedge orders': ['hedge', 'freeze', 'approve', 'orders', 'verify', 'fills', 'ledger', 'desk'],
};

/** Pieces joined by blanks into lines of at most WIDTH characters; every line but the first is indented. */
function wrapped(pieces: readonly string[], indent: number): string {
  const lines: string[] = [];
  let line = '';
  for (const piece of pieces) {
    if (line !== '' && line.length + 1 + piece.length > WIDTH) {
      lines.push(line);
      line = ' '.repeat(indent);
    }
    line += line.trim() === '' ? piece : ` ${piece}`;
  }
  return [...lines, line].join('\n');
}

/** A term and its words beside each other, the words in a column of their own. */
function entry(term: string, words: string, column: number): string {
  const fits = term.length + 4 <= column;
  return `${fits ? '' : `  ${term}\n`}${wrapped([fits ? `  ${term}`.padEnd(column - 1) : ' '.repeat(column), ...words.split(' ')], column)}`;
}

/** The usage of a command, what it is for, and what else is to be said. */
function partsOf(name: string): { readonly usage: string; readonly summary: string; readonly notes: readonly string[] } {
  const [first, ...notes] = COMMANDS[name]!.help.split('\n');
  const [usage, summary] = first!.split('   ');
  return { usage: usage!, summary: summary!, notes: paragraphs(notes) };
}

/** Lines of running text in one paragraph; indented lines stand for themselves. */
const paragraphs = (lines: readonly string[]): string[] =>
  lines.reduce<string[]>((out, line) => {
    const last = out.at(-1);
    return last === undefined || line.startsWith(' ') || last.startsWith(' ') ? [...out, line] : [...out.slice(0, -1), `${last} ${line}`];
  }, []);

/** The options of a usage in its order, each with what it takes. */
export const optionsOf = (usage: string): readonly { readonly name: string; readonly takes: string }[] =>
  [...usage.matchAll(/--([a-z-]+)((?: (?!--|\| )[^\s[\]]+)*)/g)].map(([, name, takes]) => ({ name: name!, takes: takes!.trim() }));

export function overview(): string {
  const column = 2 + Math.max(...Object.keys(COMMANDS).map((name) => name.length)) + 2;
  return [
    'hedgerow [--workspace DIR] [--json] COMMAND …',
    ...Object.entries(GROUPS).flatMap(([title, names]) => ['', title, ...names.map((name) => entry(name, partsOf(name).summary, column))]),
    '',
    'The workspace is also found in HEDGEROW_WORKSPACE. --json prints data instead of text.',
    '"help COMMAND" shows its options. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 the data has errors, 130 cancelled.',
  ].join('\n');
}

export function commandHelp(name: string): string {
  const { usage, summary, notes } = partsOf(name);
  const options = optionsOf(usage);
  const terms = options.map((option) => `--${option.name}${option.takes === '' ? '' : ` ${option.takes}`}`);
  const column = Math.min(36, Math.max(0, ...terms.map((term) => term.length)) + 4);
  return [
    wrapped([`hedgerow ${name}`, ...(usage.slice(name.length + 1).match(/\[(?:[^[\]]|\[[^\]]*\])*\]|\S+/g) ?? [])], 4),
    '',
    `${summary[0]!.toUpperCase()}${summary.slice(1)}.`,
    ...notes.map((note) => (note.startsWith(' ') ? note : wrapped(note.split(' '), 0))),
    ...(options.length > 0 ? [''] : []),
    ...options.map((option, i) => entry(terms[i]!, OPTIONS[`${name} ${option.name}`] ?? OPTIONS[option.name] ?? '', column)),
  ].join('\n');
}
