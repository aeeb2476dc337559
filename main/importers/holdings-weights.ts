/** Holdings told as parts of a whole: what they are worth once it is known of what. */
import { HedgerowError } from '../contract/errors.ts';
import type { ImportOptions } from '../contract/report.ts';
import { parseDecimal } from './decimal.ts';
import { nounOf, type Measure } from './holdings-measure.ts';
import { ambiguous } from './issues.ts';
import type { Env } from './reader.ts';
import type { Decimal, HoldingLine } from './staged.ts';

/**
 * The amount that the weights of a file are of; NaN for one without weights. Throws `ambiguous` where nobody says it, `usage` for what is no amount
 * and for what is said of weights where there are none: numbers under another heading may be meant.
 */
export function totalOf(file: string, measure: Measure, { total, weights }: ImportOptions): number {
  if (measure !== 'weight') {
    const given = [...(total === undefined ? [] : ['--total']), ...(weights === undefined ? [] : ['--weights'])];
    if (given.length === 0) return NaN;
    throw new HedgerowError(
      'usage',
      `${file}: ${given.join(' and ')} ${given.length > 1 ? 'play' : 'plays'} no part, positions are told by column ${nounOf(measure)} and not by weights.`,
      'Leave it out; if those numbers are weights, call the column weight.',
    );
  }
  const amount = total === undefined ? null : parseDecimal(total, '.');
  if (amount && amount.value > 0) return amount.value;
  if (total !== undefined) throw new HedgerowError('usage', `The total "${total}" is no amount above 0.`, 'Write it in dollars: 1000000.');
  throw new HedgerowError(
    'ambiguous',
    `${file}: the file has weights and does not say of what amount`,
    'Name it in dollars: --total AMOUNT.',
    {
      file,
      flag: '--total',
      options: [],
    },
  );
}

/**
 * What a weight of 1 is a part of: 1 for fractions, 0.01 for per cent. Asked where neither the heading, nor a cell, nor the sum tells: no book is
 * ten times its own size, and fractions of one whole add up to it.
 */
function scaleOf(file: string, heading: string, weights: readonly Decimal[], percent: boolean, wanted: ImportOptions['weights']): number {
  const sum = weights.reduce((all, { value }) => all + value, 0);
  const gross = weights.reduce((all, { value }) => all + Math.abs(value), 0);
  if (wanted === 'percent' || (wanted === undefined && (percent || /%|\bpct\b|percent/i.test(heading) || gross > 10))) return 0.01;
  if (wanted === 'fraction' || Math.abs(sum - 1) < 0.05) return 1;
  const told = `the weights add up to ${Number(sum.toFixed(4))}: they may be fractions or per cent`;
  throw ambiguous(file, told, '--weights', ['fraction', 'percent']);
}

/** What the weights of a file are read with. */
export interface Weights {
  /** Of lines, signed. */
  readonly of: ReadonlyMap<HoldingLine, Decimal>;
  readonly heading: string;
  /** A cell has a sign of per cent. */
  readonly percent: boolean;
  readonly total: number;
}

/** The lines with a value each, to the cent; says what part of the whole they do not tell. `days`: how often the whole is told. */
export function withValues(
  env: Pick<Env, 'file' | 'log'>,
  lines: readonly HoldingLine[],
  weights: Weights,
  days: number,
  wanted: ImportOptions['weights'],
): HoldingLine[] {
  const { of, heading, percent, total } = weights;
  const scale = scaleOf(env.file, heading, [...of.values()], percent, wanted);
  const whole = [...of.values()].reduce((sum, { value }) => sum + value * scale, 0) / days;
  const words = `${total.toLocaleString('en-US', { maximumFractionDigits: 2 })} dollars`;
  env.log.add('info', 'weights', 0, 0, () => ({
    reason: `the weights are ${scale === 1 ? 'fractions' : 'per cent'} of ${words} and add up to ${(whole * 100).toFixed(2)} %${days > 1 ? ' a day' : ''}`,
    fix: 'Nothing to do, if that is right: what the lines do not tell is no part of the book.',
  }));
  return lines.map((line) => {
    const weight = of.get(line);
    if (!weight || !line.position) return line;
    const text = (weight.value * scale * total).toFixed(2);
    const worth = { text, value: Number(text) };
    const reason = `${weight.text} ${scale === 1 ? 'times' : '% of'} ${words}`;
    return { ...line, reason, position: { ...line.position, quantity: line.position.symbol ? null : worth, marketValue: worth } };
  });
}
