/** universe, universes. */
import type { UniverseCounts, UniverseListRow, UniverseView } from '../contract/results-universes.ts';
import { withSession } from '../core/session.ts';
import { deleteUniverse, getUniverse, listUniverses } from '../core/universe.ts';
import { parseWords } from './arguments.ts';
import type { Command } from './commands.ts';
import { fixed, table } from './table.ts';

const SOURCES = { shares: 'shares x close', volume: 'close x volume', market_cap: 'market_cap', list: 'list' } as const;

/** `active 3, in mask 1, …`, without what a universe of the kind cannot have. */
function countsText({ active, inMask, outByValidity, outByRank, notListed }: UniverseCounts): string {
  const rest = notListed > 0 ? `not listed ${fixed(notListed, 0)}` : `out by rank ${fixed(outByRank, 0)}`;
  return `active ${fixed(active, 0)}, in mask ${fixed(inMask, 0)}, out by validity ${fixed(outByValidity, 0)}, ${rest}`;
}

function universeText(view: UniverseView): string {
  const { unresolved } = view;
  return [
    `${view.universe} on ${view.date}: stamped ${view.stamped}${view.sized === view.stamped ? '' : ` with the values of ${view.sized} (nobody has one on the day itself)`}, known as of ${view.knownAsOf} (${view.knowledge})`,
    countsText(view.counts),
    ...(unresolved.length > 0 ? [`names that mean no security: ${unresolved.join(', ')}`] : []),
    table(
      ['rank', 'ticker', 'security', 'name', 'size', 'from'],
      view.members.map((member) => [
        member.rank,
        member.ticker,
        member.securityId,
        member.name ?? '',
        member.size === null ? '' : fixed(member.size, 0),
        SOURCES[member.source],
      ]),
    ),
  ].join('\n');
}

export const universeCommand: Command = {
  help: `universe NAME [--date DATE] [--known-as-of DATE] [--knowledge strict|corrected]   members of a universe on a day
NAME: mc_50, mc_500, mc_1000, mc_3000 by capitalisation; dv_50 … dv_3000 by dollar volume. Any number may follow. Or a list of your own.`,
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

const listsText = (lists: readonly UniverseListRow[]): string =>
  lists.length === 0
    ? 'No list of your own. Import a file with the columns universe and ticker (and valid_from, valid_to, known_from).'
    : table(
        ['list', 'names', 'rows', 'undated', 'from', 'versions', 'last one counts from', 'batch', 'file'],
        lists.map((one) => [
          one.name,
          one.members,
          one.rows,
          one.undated,
          one.first ?? '',
          one.versions,
          one.knownFrom ?? 'always',
          one.batchId,
          one.file,
        ]),
      );

export const universesCommand: Command = {
  help: `universes [--delete NAME]   lists of your own that serve as universes
A list is imported like any file ("import FILE --as universe"): the columns ticker (or figi, isin), universe, valid_from, valid_to, known_from.
--delete ends a list; "undo BATCH" brings it back, and stored runs keep theirs.`,
  async run({ workspace, words, environment }) {
    const w = parseWords(words, { delete: { type: 'string' } }, { min: 0, max: 0, names: '' });
    const name = w.text('delete');
    return withSession(environment, workspace, async (session) => {
      if (name !== undefined) {
        const batch = await deleteUniverse(session, name);
        return { value: batch, text: () => `${name} is deleted (batch ${batch.batchId}); "undo ${batch.batchId}" brings it back.` };
      }
      const lists = await listUniverses(session);
      return { value: lists, text: () => listsText(lists) };
    });
  },
};
