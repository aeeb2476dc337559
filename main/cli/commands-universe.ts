/** universe. */
import { getUniverse, type UniverseView } from '../core/universe.ts';
import { withSession } from '../core/session.ts';
import { parseWords } from './arguments.ts';
import type { Command } from './commands.ts';
import { fixed, table } from './table.ts';

function universeText(view: UniverseView): string {
  const { counts } = view;
  return [
    `${view.universe} on ${view.date}: stamped ${view.stamped}${view.sized === view.stamped ? '' : ` with the values of ${view.sized} (nobody has one on the day itself)`}, known as of ${view.knownAsOf} (${view.knowledge})`,
    `active ${fixed(counts.active, 0)}, in mask ${fixed(counts.inMask, 0)}, out by validity ${fixed(counts.outByValidity, 0)}, out by rank ${fixed(counts.outByRank, 0)}`,
    table(
      ['rank', 'ticker', 'security', 'name', 'size', 'from'],
      view.members.map((member) => [
        member.rank,
        member.ticker,
        member.securityId,
        member.name ?? '',
        fixed(member.size, 0),
        member.source === 'shares' ? 'shares x close' : member.source === 'volume' ? 'close x volume' : 'market_cap',
      ]),
    ),
  ].join('\n');
}

export const universeCommand: Command = {
  help: `universe NAME [--date DATE] [--known-as-of DATE] [--knowledge strict|corrected]   members of a universe on a day
NAME: mc_50, mc_500, mc_1000, mc_3000 by capitalisation; dv_50 … dv_3000 by dollar volume. Any number may follow.`,
  async run({ workspace, words, environment }) {
    const w = parseWords(
      words,
      { date: { type: 'string' }, 'known-as-of': { type: 'string' }, knowledge: { type: 'string' } },
      { min: 1, max: 1, names: 'the name of a universe' },
    );
    return withSession(environment, workspace, async (session) => {
      const view = await getUniverse(session, {
        name: w.positionals[0]!,
        date: w.day('date'),
        knownAsOf: w.day('known-as-of'),
        knowledge: w.choice('knowledge', ['strict', 'corrected']),
      });
      return { value: view, text: () => universeText(view) };
    });
  },
};
