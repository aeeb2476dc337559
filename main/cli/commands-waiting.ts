/** waiting: positions that no security answers to. */
import { HedgerowError } from '../contract/errors.ts';
import type { WaitingLine } from '../contract/results-holdings.ts';
import { waitingLines } from '../core/holdings-lines.ts';
import { resolveName } from '../core/identities.ts';
import { withSession } from '../core/session.ts';
import { parseWords, usage } from './arguments.ts';
import { decisionText, securityGiven } from './commands-identities.ts';
import type { Command } from './commands.ts';
import { table } from './table.ts';

const lineText = (lines: readonly WaitingLine[]): string =>
  lines.length === 0
    ? 'Every position has its security.'
    : table(
        ['snapshot', 'line', 'account', 'ticker', 'name', 'quantity', 'value', 'may be'],
        lines.map((one) => [
          ...[String(one.snapshotId), String(one.line), one.account, one.ticker, one.name ?? '', one.quantity ?? '', one.marketValue ?? ''],
          one.suggestions.map(({ securityId, ticker, because }) => `#${securityId} ${ticker} (${because})`).join('; ') || 'nothing alike',
        ]),
      );

export const waitingCommand: Command = {
  help: `waiting [TICKER --to SECURITY [--why TEXT] [--dry-run]] [--snapshot ID]   positions that no security answers to, with what they may be
--to says what one is from the day of its holdings on: a number (#12), ticker or identifier. Stored as a batch, which "undo" takes back.`,
  async run({ workspace, words, environment }) {
    const flags = {
      to: { type: 'string' },
      why: { type: 'string' },
      snapshot: { type: 'string' },
      'dry-run': { type: 'boolean' },
    } as const;
    const w = parseWords(words, flags, { min: 0, max: 1, names: 'at most one ticker' });
    const [ticker] = w.positionals;
    const to = w.text('to');
    if ((ticker === undefined) !== (to === undefined))
      throw usage('Give a ticker and --to SECURITY together.', 'For instance: waiting BRKB --to BRK.B');
    if (ticker === undefined) w.unused('without a ticker and --to', 'why', 'dry-run');
    return withSession(environment, workspace, async (session) => {
      const lines = await waitingLines(session, w.number('snapshot'));
      if (ticker === undefined || to === undefined) return { value: lines, text: () => lineText(lines) };
      const line = lines.find((one) => one.ticker.toUpperCase() === ticker.toUpperCase());
      if (!line) throw new HedgerowError('not_found', `No position waits as ${ticker}.`, 'List them with: waiting');
      const value = await resolveName(session, {
        name: line.symbol,
        securityId: await securityGiven(session, to),
        from: line.asOf,
        knownFrom: line.knownFrom ?? undefined,
        reason: w.text('why') ?? `chosen for line ${line.line} of ${line.file}`,
        trial: w.flag('dry-run') || undefined,
      });
      return { value, text: () => `${decisionText(value)}\nRuns from now on see it: run again to have it in the book.` };
    });
  },
};
