/** effectiveness, scenarios. */
import type { EffectivenessView, LayerShares, ScenariosView } from '../contract/results-outcomes.ts';
import { effectiveness } from '../core/risk/effectiveness.ts';
import { scenarios } from '../core/risk/scenarios.ts';
import { withSession } from '../core/session.ts';
import { parseWords, subjectOnly, usage, type Words } from './arguments.ts';
import type { Command } from './commands.ts';
import { basisText, money, percent, table, withoutParts } from './table.ts';

const text = (...names: string[]) => Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));

/** `--layers 100,50,0`: per cent of market, sector and subsector. */
function layersOf(w: Words): LayerShares | undefined {
  const given = w.text('layers');
  if (given === undefined) return undefined;
  const parts = given.split(',').map(Number);
  if (parts.length !== 3 || parts.some((part) => !(part >= 0 && part <= 100)))
    throw usage('--layers takes three per cents from 0 to 100: market, sector, subsector.', 'Write --layers 100,100,0.');
  return { market: parts[0]!, sector: parts[1]!, subsector: parts[2]! };
}

const layersText = ({ market, sector, subsector }: LayerShares): string =>
  `${market} % market, ${sector} % sector, ${subsector} % subsector`;
const simulated = (view: { lineage: { simulated: boolean } }): string => (view.lineage.simulated ? ' (SIMULATED data)' : '');

/** Days that are in no figure, and why. */
function leftOutText({ missing, weights }: EffectivenessView): string {
  if (missing === 0) return '';
  return `, ${missing} more left out: ${weights === null ? 'the stock' : 'more than half of the modelled weight'} has no return or no exposures`;
}

function effectivenessText(view: EffectivenessView): string {
  return [
    `Hedges of ${view.subject}${view.weights ? ` (${view.weights} weights)` : ''} from ${view.from} to ${view.to}${simulated(view)}, out of sample, before costs, ${basisText(view.lineage)}; ${view.days} days${leftOutText(view)}`,
    `chosen: ${layersText(view.layers)}`,
    table(
      ['year', 'days', 'hedge', 'unhedged vol', 'hedged vol', 'variance saved', 'from', 'to'],
      view.years.flatMap(({ year, days, unhedged, lines }) =>
        lines.map((line) => [
          year,
          days,
          line.hedge,
          percent(unhedged, 2),
          percent(line.volatility, 2),
          percent(line.saved),
          percent(line.low),
          percent(line.high),
        ]),
      ),
    ),
    'from, to: 95 % interval of the variance saved',
    ...(view.weights === null ? [] : [withoutParts(view)]),
    ...(view.thin === 0
      ? []
      : [
          `On ${view.thin} of the ${view.days} days that is more than half of the weight: the figures are of the smaller part of the book.`,
        ]),
  ].join('\n');
}

export const effectivenessCommand: Command = {
  help: 'effectiveness [TICKER] [--layers M,S,U] [--from DATE] [--to DATE] [--weights frozen|dated] [--snapshot ID] [--account NAME] [--run ID] [--known-as-of DATE]   how much less a stock or the book would have varied with its layers hedged, per year',
  async run({ workspace, words, environment, terminal }) {
    const w = parseWords(words, text('layers', 'from', 'to', 'weights', 'snapshot', 'account', 'run', 'known-as-of'), {
      min: 0,
      max: 1,
      names: 'a ticker, or nothing for the book',
    });
    subjectOnly(w);
    return withSession(environment, workspace, async (session) => {
      const view = await effectiveness(
        session,
        {
          ticker: w.positionals[0],
          layers: layersOf(w),
          from: w.day('from'),
          to: w.day('to'),
          weights: w.choice('weights', ['frozen', 'dated']),
          snapshotId: w.number('snapshot'),
          account: w.text('account'),
          runId: w.text('run'),
          knownAsOf: w.day('known-as-of'),
        },
        { onProgress: terminal.progress, signal: terminal.signal },
      );
      return { value: view, text: () => effectivenessText(view) };
    });
  },
};

function shocksOf(w: Words): { etf: string; move: number }[] | undefined {
  return w.list('shock')?.map((part) => {
    const [etf, percents, more] = part.split('=').map((word) => word.trim());
    const move = Number(percents?.replace(/%$/, '')) / 100;
    if (!etf || !percents || more !== undefined || !(move >= -1 && move <= 10))
      throw usage(`--shock takes ETF=PER CENT, not "${part}".`, 'Write --shock SPY=-10,XLK=-15.');
    return { etf, move };
  });
}

function scenariosText(view: ScenariosView): string {
  const head = [
    `Scenarios of snapshot ${view.snapshotId} on ${view.date}${simulated(view)}, ${basisText(view.lineage)}; hedged ${layersText(view.layers)}, in whole shares`,
    `gross ${money(view.gross)}, coverage ${percent(view.coverage)}`,
  ];
  if (!view.coverage && view.etfs.every(({ before }) => before === 0))
    return [...head, 'No position of the book is modelled: no profit or loss is known.'].join('\n');
  return [
    ...head,
    table(
      ['etf', 'move', 'stated', 'exposure before', 'exposure after'],
      view.etfs.map(({ etf, move, stated, before, after }) => [etf, percent(move, 2), stated ? 'yes' : '', money(before), money(after)]),
    ),
    table(
      ['scenario', 'from', 'to', 'sessions', 'before', 'hedge', 'after', 'coverage'],
      [
        ['the shock', '', '', '', money(view.shock.before), money(view.shock.hedge), money(view.shock.after), ''],
        ...view.past.map((one) => [
          one.name,
          one.from,
          one.to,
          one.sessions,
          money(one.before),
          money(one.hedge),
          money(one.after),
          percent(one.coverage),
        ]),
      ],
    ),
  ].join('\n');
}

export const scenariosCommand: Command = {
  help: 'scenarios [--shock ETF=PER CENT,…] [--alone] [--from DATE --to DATE] [--layers M,S,U] [--snapshot ID] [--date DATE] [--run ID] [--known-as-of DATE] [--account NAME] [--level 1|2|3]   profit of the book before and after its hedge: of a shock and of past stretches',
  async run({ workspace, words, environment }) {
    const w = parseWords(
      words,
      {
        ...text('shock', 'from', 'to', 'layers', 'snapshot', 'date', 'run', 'known-as-of', 'account', 'level'),
        alone: { type: 'boolean' },
      },
      { min: 0, max: 0, names: '' },
    );
    const [from, to] = [w.day('from'), w.day('to')];
    if ((from === undefined) !== (to === undefined)) throw usage('A stretch has a first and a last day: --from and --to.');
    const level = w.choice('level', ['1', '2', '3']);
    return withSession(environment, workspace, async (session) => {
      const view = await scenarios(session, {
        shocks: shocksOf(w),
        spread: !w.flag('alone'),
        ...(from !== undefined && to !== undefined ? { stretch: { from, to } } : {}),
        layers: layersOf(w),
        snapshotId: w.number('snapshot'),
        date: w.day('date'),
        runId: w.text('run'),
        knownAsOf: w.day('known-as-of'),
        account: w.text('account'),
        level: level === undefined ? undefined : (Number(level) as 1 | 2 | 3),
      });
      return { value: view, text: () => scenariosText(view) };
    });
  },
};
