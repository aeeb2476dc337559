/** Parses text or bytes in tests, and writes a result down line by line for comparison. */
import { isSession } from '../../calendar/index.ts';
import type { ImportOptions } from '../../contract/report.ts';
import { dayOfSlot, formatIsoDay, parseIsoDay, type EpochDay, type Slot } from '../../contract/units.ts';
import { HedgerowError } from '../../contract/errors.ts';
import { unpackAll } from '../blocks.ts';
import { parseFile } from '../parse.ts';
import { NOT_STATED, type ParseContext, type Parsed } from '../staged.ts';

export const TODAY = parseIsoDay('2026-11-20')!;
export const context: ParseContext = { today: TODAY, isSession };

const encoder = new TextEncoder();

async function* pieces(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array, void> {
  let from = 0;
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    yield bytes.slice(from, cut);
    from = cut;
  }
  yield bytes.slice(from);
}

/** Parses content, delivered in pieces cut at the given offsets. */
export function parse(
  name: string,
  content: string | Uint8Array,
  options: ImportOptions = {},
  cuts: readonly number[] = [],
): Promise<Parsed> {
  const bytes = typeof content === 'string' ? encoder.encode(content) : content;
  return parseFile(name, () => pieces(bytes, cuts), options, context);
}

/** The error a file as a whole ends with. */
export async function failure(name: string, content: string | Uint8Array, options: ImportOptions = {}): Promise<HedgerowError> {
  try {
    await parse(name, content, options);
  } catch (error) {
    if (error instanceof HedgerowError) return error;
    throw error;
  }
  throw new Error(`${name} was parsed`);
}

const iso = (day: EpochDay | null): string => (day === null ? '-' : formatIsoDay(day));

function rowLines(staged: Parsed['staged']): string[] {
  if ('fields' in staged) {
    const { symbol: symbols, slot, line, known: knownFrom, values } = unpackAll(staged);
    return Array.from(symbols, (symbol, i) => {
      const { type, code, exchange } = staged.symbols[symbol]!;
      const name = `${type === 'ticker' ? '' : `${type}:`}${code}${exchange && `@${exchange}`}`;
      const cells = staged.fields.map((field, f) => `${field}=${values[f]![i]}`).join(' ');
      const known = knownFrom && knownFrom[i] !== NOT_STATED ? ` known=${formatIsoDay(knownFrom[i] as EpochDay)}` : '';
      return `${line[i]}: ${name} ${formatIsoDay(dayOfSlot(slot[i] as Slot))} ${cells}${known}`;
    });
  }
  if (staged.kind === 'holdings') {
    const rows = staged.lines.map(({ line, disposition, reason, position: p }) => {
      const held = p
        ? ` ${p.account}|${p.symbol?.code ?? 'cash'}|${p.quantity?.text ?? ''}|${p.price?.text ?? ''}|${p.marketValue?.text ?? ''}|${p.currency}`
        : '';
      return `${line}: ${disposition}${held}${reason && ` (${reason})`}`;
    });
    const days = (staged.days ?? []).map(({ asOf, lines }) => `snapshot of ${iso(asOf)}: ${lines.map(({ line }) => line).join(' ')}`);
    return [`as of ${iso(staged.asOf)} from ${staged.asOfFrom}`, ...days, ...rows];
  }
  return staged.rows.map((row) => {
    const text = Object.entries(row).map(([key, value]: [string, unknown]) => {
      if (key === 'line' || value === '' || value === null) return '';
      if (typeof value === 'object') return ` ${key}=${(value as { code: string }).code}`;
      return ` ${key}=${/From$|To$|Date$/.test(key) ? iso(value as EpochDay) : String(value)}`;
    });
    return `${row.line}:${text.join('')}`;
  });
}

/** A result with the rows of prices in one stretch, to compare with another's: how they are packed depends on who read them. */
export function unpackParsed(parsed: Parsed): unknown {
  const { staged } = parsed;
  if (!('fields' in staged)) return parsed;
  const { blocks: _, ...rest } = staged;
  return { ...parsed, staged: { ...rest, ...unpackAll(staged) } };
}

/** A result as readable lines. */
export function describeParsed({ detected, staged, extra, issues, rows, rejected, nonSession }: Parsed): string[] {
  return [
    `${detected.kind}; ${detected.layout}; ${detected.encoding}; delimiter ${JSON.stringify(detected.delimiter)}; ${detected.dateOrder}; decimal ${detected.decimal}`,
    `rows ${rows}, rejected ${rejected}, without session ${nonSession}`,
    ...rowLines(staged),
    ...(extra ? ['also actions', ...rowLines(extra)] : []),
    ...issues.kept.map(
      ({ severity, code, line, column, found }) => `${severity} ${code} ${line}:${column}${found === undefined ? '' : ` [${found}]`}`,
    ),
  ];
}
