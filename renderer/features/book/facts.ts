/** What the book is worth, how much of it is modelled, and how it moves: what stands above its positions. */
import type { BookView } from '../../../main/contract/results.ts';
import { day, dollars, percentUnit, plural } from '../../lib/format.ts';

interface Fact {
  readonly name: string;
  readonly value: string;
  /** More of it, on hover. */
  readonly title?: string;
}

export function bookFacts(view: BookView): Fact[] {
  const of = (role: string) => view.positions.filter((position) => position.role === role);
  const sum = (positions: BookView['positions']): number => positions.reduce((total, { marketValue }) => total + (marketValue ?? 0), 0);
  const unmodelled = of('unmodelled');
  const cash = of('cash');
  /** What is known of their value, and of how many it is not. */
  const worth = (positions: BookView['positions']): string[] => {
    const priced = positions.filter(({ marketValue }) => marketValue !== null);
    const without = positions.length - priced.length;
    return [...(priced.length > 0 ? [dollars(sum(priced))] : []), ...(without > 0 ? [`${without} without a value`] : [])];
  };
  const older = view.positions.flatMap(({ priceDay }) => (priceDay !== null && priceDay < view.date ? [priceDay] : [])).sort();
  return [
    { name: 'As of', value: day(view.date) },
    { name: 'Holdings of', value: day(view.snapshotAsOf) },
    { name: 'Gross', value: dollars(view.gross) },
    { name: 'Net', value: dollars(view.net), title: 'Modelled and unmodelled positions together; cash is in no sum of the book' },
    { name: 'Weights on', value: view.weightBase },
    {
      name: 'Coverage',
      value: percentUnit(view.coverage),
      title: 'Gross value of modelled positions over gross value of everything but held hedges',
    },
    {
      name: 'Unmodelled',
      value: unmodelled.length === 0 ? 'none' : [plural(unmodelled.length, 'position'), ...worth(unmodelled)].join(', '),
      title: 'In gross and net, and in no exposure: the total of the positions below is without them',
    },
    ...(older.length > 0
      ? [
          {
            name: 'Older closes',
            value: `${older.length}, from ${day(older[0]!)} on`,
            title: 'Positions without a close on the day: at their last one',
          },
        ]
      : []),
    ...(cash.length > 0 ? [{ name: 'Cash', value: worth(cash).join(', '), title: 'In no sum, weight or share of the book' }] : []),
    {
      name: 'Volatility a year: historical',
      value: dollars(view.volatility.historical),
      title: [
        `Not the model's, which Hedge shows: of the daily series today's holdings would have had over ${view.volatility.rows} rows`,
        ...(view.volatility.young.length ? [`without ${view.volatility.young.join(', ')}, too young for the window`] : []),
      ].join('; '),
    },
    {
      name: 'model: factors',
      value: dollars(view.volatility.factor),
      title:
        'From the covariance of the ETFs on the rows they have in common, held hedges included; n/a where there are too few. Risk takes the rows that all positions have in common',
    },
    {
      name: 'model: residual',
      value: dollars(view.volatility.residual),
      title: [
        'Residual parts as if independent of each other, each over its own window; Risk takes the rows that all positions have in common',
        ...(view.volatility.measured.length
          ? [`of ${view.volatility.measured.join(', ')} measured on the window, for there are no shares of variance on the day`]
          : []),
      ].join('; '),
    },
    { name: 'Run', value: view.lineage.runId },
  ];
}
