/** `risk --against`: why the risk of a book changed between two dates, snapshots or runs. */
import type { RiskChange, RiskChangeSide } from '../../contract/results-risk.ts';
import { HedgerowError } from '../../contract/errors.ts';
import type { RiskSteps } from '../../quant/risk/index.ts';
import type { ChangeHolding, ChangeSide } from '../../workers/compute/risk-change.ts';
import type { BookRequest } from '../book.ts';
import { lineage, onPanel } from '../engine.ts';
import { iso, type Hooks, type Session } from '../session.ts';
import { inTurns, packedInTurns } from '../turns.ts';
import { riskBook, type RiskBook } from './inputs.ts';

/**
 * From one side to the other: data corrections (the first date on the run and knowledge of the second), then positions, exposures,
 * volatilities and correlations. Names that one of the sides cannot model are left out of both and listed.
 */
export async function riskChange(session: Session, from: BookRequest, to: BookRequest, hooks: Hooks = {}): Promise<RiskChange> {
  const last = await riskBook(session, to, hooks);
  const original = await riskBook(session, from, hooks);
  const { runId, knownAsOf } = last.book.basis;
  const knowledge = { runId, knownAsOf: iso(knownAsOf) };
  const corrected = original.book.basis.runId !== runId || original.book.basis.knownAsOf !== knownAsOf;
  const first = corrected ? await riskBook(session, { ...from, ...knowledge, ...sameHoldings(original) }, hooks) : original;
  // Returns of names only the other side holds are needed at both dates.
  const here = await union(session, first, last, { ...from, ...knowledge }, hooks);
  const there = await union(session, last, first, { ...to, ...knowledge }, hooks);
  const names = [...here.held.keys()].filter((name) => there.held.has(name)).sort();
  const codes = [...here.etf.keys()].filter((code) => there.etf.has(code)).sort();
  const steps = await stepsOf(session, here.of, await stateOf(here, names, codes), there.of, await stateOf(there, names, codes));
  if (!steps)
    throw new HedgerowError('data', 'One of the dates has no day on which all positions have a return.', 'Choose dates with more history.');
  const before = corrected ? await alone(session, original) : steps.from;
  const both = new Set(names);
  return {
    from: side(session, original, before),
    to: side(session, last, steps.to),
    steps: [{ step: 'data corrections', change: steps.from - before }, ...ordered(steps)],
    left: [...new Set([...here.held.keys(), ...there.held.keys()])]
      .filter((name) => !both.has(name))
      .map((ticker) => ({ ticker, reason: `not modelled on ${here.held.has(ticker) ? there.date : here.date}` })),
  };
}

const ordered = ({ positions, exposures, volatilities, correlations }: RiskSteps): RiskChange['steps'] => [
  { step: 'positions', change: positions },
  { step: 'exposures', change: exposures },
  { step: 'volatilities', change: volatilities },
  { step: 'correlations', change: correlations },
];

/** Asks for the holdings and the date of a book once more, whatever was imported since and whichever day they are of. */
const sameHoldings = (of: RiskBook): Pick<BookRequest, 'date' | 'snapshotIds' | 'accounts'> => ({
  date: dateOf(of),
  snapshotIds: of.book.priced.snapshots.map(({ snapshotId }) => snapshotId),
  accounts: [...new Set(of.book.held.map(({ view }) => view.account))],
});

const dateOf = ({ book }: Pick<RiskBook, 'book'>): string => iso(book.panel.days[book.row]!);

interface SideHolding {
  value: number;
  readonly exposure: readonly (readonly [etf: string, per: number])[];
  /** Place in the panel. */
  readonly series: number;
}

interface Side {
  readonly date: string;
  readonly of: RiskBook;
  /** By ticker, as a position of the union. */
  readonly held: ReadonlyMap<string, SideHolding>;
  /** Places of the ETFs in the panel, by code. */
  readonly etf: ReadonlyMap<string, number>;
}

/** A side with the positions of the other one added at quantity 0, so that their exposures and returns at its date are known. */
async function union(session: Session, own: RiskBook, other: RiskBook, request: BookRequest, hooks: Hooks): Promise<Side> {
  const account = own.kept[0]?.view.account ?? '';
  const held = new Set(own.kept.map(({ view }) => view.securityId));
  const added = [
    ...new Map(other.kept.filter(({ view }) => !held.has(view.securityId)).map(({ view }) => [view.securityId, view.ticker])).values(),
  ];
  // A quantity of one share brings the name in; its dollars are then taken as none.
  const edits = added.map((ticker) => ({ account, ticker, quantity: 1 }));
  const whole = added.length === 0 ? own : await riskBook(session, { ...request, ...sameHoldings(own), edits }, hooks);
  const out = new Map<string, SideHolding>();
  await inTurns(whole.kept, ({ view }, i) => {
    const before = out.get(view.ticker);
    const value = held.has(view.securityId) ? whole.holdings[i]!.value : 0;
    if (before) before.value += value;
    else
      out.set(view.ticker, {
        value,
        exposure: view.chain.map((code, j) => [code, view.exposure[j]!] as const),
        series: whole.series.kept[i]!,
      });
  });
  return { date: dateOf(own), of: whole, held: out, etf: new Map(whole.codes.map((code, i) => [code, whole.series.etfs[i]!])) };
}

type State = Omit<ChangeSide, 'key'>;

const rowsOf = ({ book, from, length }: RiskBook): Pick<State, 'row' | 'from' | 'to'> => ({ row: book.row, from, to: from + length });

async function stateOf({ of, held, etf }: Side, names: readonly string[], codes: readonly string[]): Promise<State> {
  const place = new Map(codes.map((code, i) => [code, i]));
  const holdings = await inTurns(names, (name): ChangeHolding => {
    const { value, exposure } = held.get(name)!;
    return {
      value,
      exposure: exposure.flatMap(([code, per]) => {
        const at = place.get(code);
        return at === undefined ? [] : [{ etf: at, per }];
      }),
    };
  });
  return {
    holdings: await packedInTurns(holdings),
    series: names.map((name) => held.get(name)!.series),
    etfs: codes.map((code) => etf.get(code)!),
    ...rowsOf(of),
  };
}

/** The sums are made where the returns are, on a worker that holds the panels of both sides. */
const stepsOf = (session: Session, a: RiskBook, from: State, b: RiskBook, to: State): Promise<RiskSteps | null> => {
  const worker = session.answering;
  const on = <T>({ book }: RiskBook, work: (key: string) => Promise<T>): Promise<T> =>
    onPanel(worker, book.panel, book.basis.settings, work);
  return on(a, (one) => on(b, (other) => worker.call('riskSteps', { from: { key: one, ...from }, to: { key: other, ...to } })));
};

/** Volatility of a side by itself. */
async function alone(session: Session, of: RiskBook): Promise<number> {
  const holdings = await packedInTurns(of.holdings.map(({ value, exposure }): ChangeHolding => ({ value, exposure })));
  const state: State = { holdings, series: of.series.kept, etfs: of.series.etfs, ...rowsOf(of) };
  return (await stepsOf(session, of, state, of, state))?.from ?? 0;
}

function side(session: Session, { book }: RiskBook, volatility: number): RiskChangeSide {
  return {
    lineage: lineage(session, book.basis, book.panel, book.simulated),
    snapshotId: book.priced.snapshotId,
    date: dateOf({ book }),
    volatility,
  };
}
