/** Command-line words to typed options; every mistake is a usage error that names the word and the remedy. */
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { HedgerowError } from '../contract/errors.ts';
import { parseIsoDay, whyNoDay } from '../contract/units.ts';

type Options = NonNullable<ParseArgsConfig['options']>;

export interface Words {
  readonly positionals: readonly string[];
  /** Text of a flag; undefined when absent. */
  text(name: string): string | undefined;
  flag(name: string): boolean;
  list(name: string): readonly string[] | undefined;
  number(name: string): number | undefined;
  /** A flag whose text must be one of a few words. */
  choice<T extends string>(name: string, allowed: readonly T[]): T | undefined;
  day(name: string): string | undefined;
  /** Throws usage where one of these is given: what is without effect is never taken without a word. `where`: with or without what. */
  unused(where: string, ...names: readonly string[]): void;
}

export function usage(message: string, action = 'Run the command with --help to see its options.'): HedgerowError {
  return new HedgerowError('usage', message, action);
}

/** Parses the words of one command; unknown flags, missing values and a value given twice are usage errors. */
export function parseWords(args: readonly string[], options: Options, positionals: { min: number; max: number; names: string }): Words {
  let parsed;
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true, strict: true, tokens: true });
  } catch (error) {
    const [message = 'Wrong usage'] = (error as Error).message.split(/\.\s/);
    const dashed = /'(--[a-z-]+)' argument is ambiguous/.exec(message)?.[1];
    throw dashed
      ? usage(`${dashed} has no value, or one that begins with a dash.`, `Write such a value as ${dashed}=-5.`)
      : usage(`${message}.`);
  }
  const values = parsed.values as Record<string, string | boolean | string[] | undefined>;
  const valued = parsed.tokens.flatMap((token) => (token.kind === 'option' && token.value !== undefined ? [token.name] : []));
  const twice = valued.find((name, i) => valued.indexOf(name) < i);
  if (twice !== undefined) throw usage(`--${twice} is given twice.`, 'Give it once; several values of one option are parted by commas.');
  const count = parsed.positionals.length;
  if (count < positionals.min || count > positionals.max)
    throw usage(`Expected ${positionals.names || 'no further words'}, got ${count === 0 ? 'none' : parsed.positionals.join(' ')}.`);
  const text = (name: string): string | undefined => {
    const value = values[name];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    positionals: parsed.positionals,
    text,
    flag: (name) => values[name] === true,
    list: (name) =>
      text(name)
        ?.split(',')
        .map((word) => word.trim())
        .filter(Boolean),
    number(name) {
      const raw = text(name);
      if (raw === undefined) return undefined;
      const value = Number(raw);
      if (raw.trim() === '' || !Number.isFinite(value)) throw usage(`--${name} takes a number, not "${raw}".`);
      return value;
    },
    choice(name, allowed) {
      const raw = text(name);
      if (raw === undefined) return undefined;
      const found = allowed.find((word) => word.toLowerCase() === raw.toLowerCase());
      if (!found) throw usage(`--${name} is one of ${allowed.join(', ')}; not "${raw}".`);
      return found;
    },
    day(name) {
      const raw = text(name);
      if (raw !== undefined && !/^\d{4}-\d{2}-\d{2}$/.test(raw)) throw usage(`--${name} takes a date as YYYY-MM-DD, not "${raw}".`);
      if (raw !== undefined && parseIsoDay(raw) === null) throw usage(`--${name} ${raw}: ${whyNoDay(raw)}.`, 'Choose a day that there is.');
      return raw;
    },
    unused(where, ...names) {
      const given = names.filter((name) => values[name] !== undefined).map((name) => `--${name}`);
      if (given.length > 0) throw usage(`${given.join(' and ')} ${given.length > 1 ? 'have' : 'has'} no effect ${where}.`, 'Leave it out.');
    },
  };
}

/** Options of a question about a stock, or about the book and its weights. */
export function subjectOnly(w: Words): void {
  if (w.positionals.length > 0) w.unused('on a stock', 'weights', 'snapshot', 'account');
  if (w.text('weights') === 'dated') w.unused('with --weights dated, which takes the holdings of every day', 'snapshot');
}
