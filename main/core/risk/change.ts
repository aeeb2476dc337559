/** `risk --against`: why the risk of a book changed between two dates, snapshots or runs. */
import type { RiskChange, RiskChangeSide } from '../../contract/results-risk.ts';
import { HedgerowError } from '../../contract/errors.ts';
import type { RiskSteps } from '../../quant/risk/index.ts';
import type { ChangeHolding, ChangeSide } from '../../workers/compute/risk-change.ts';
import type { BookRequest } from '../book.ts';
import { lineage, onPanel, tickerAt } from '../engine.ts';
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
  const ids = [...here.held.keys()].filter((id) => there.held.has(id)).sort((a, b) => byTicker(there, a, b));
  const codes = [...here.etf.keys()].filter((code) => there.etf.has(code)).sort();
  const steps = await stepsOf(session, here.of, await stateOf(here, ids, codes), there.of, await stateOf(there, ids, codes));
  if (!steps)
    throw new HedgerowError('data', 'One of the dates has no day on which all positions have a return.', 'Choose dates with more history.');
  const before = corrected ? await alone(session, original) : steps.from;
  const both = new Set(ids);
  return {
    from: side(session, original, before),
    to: side(session, last, steps.to),
    steps: [{ step: 'data corrections', change: steps.from - before }, ...ordered(steps)],
    left: [here, there].flatMap(({ held }) =>
      [...held]
        .filter(([id]) => !both.has(id))
        .map(([, { ticker }]) => ({ ticker, reason: `not modelled on ${held === here.held ? there.date : here.date}` })),
    ),
  };
}

/** The numbers of securities come from the order of imports; tickers do not. */
function byTicker({ held }: Side, a: number, b: number): number {
  const [one, other] = [held.get(a)!.ticker, held.get(b)!.ticker];
  return one < other ? -1 : one > other ? 1 : a - b;
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
  readonly ticker: string;
  readonly value: number;
  readonly exposure: readonly (readonly [etf: string, per: number])[];
  /** Place in the panel. */
  readonly series: number;
}

interface Side {
  readonly date: string;
  readonly of: RiskBook;
  /** By security, as a position of the union: files spell a ticker differently, and it may change its owner or its name. */
  readonly held: ReadonlyMap<number, SideHolding>;
  /** Places of the ETFs in the panel, by code. */
  readonly etf: ReadonlyMap<string, number>;
}

/** A side with the positions of the other one added at quantity 0, so that their exposures and returns at its date are known. */
async function union(session: Session, own: RiskBook, other: RiskBook, request: BookRequest, hooks: Hooks): Promise<Side> {
  const account = own.kept[0]?.view.account ?? '';
  const held = new Map<number | null, number>();
  own.kept.forEach(({ view }, i) => held.set(view.securityId, (held.get(view.securityId) ?? 0) + own.holdings[i]!.value));
  // Names that are typed are those of the last day.
  const { panel } = other.book;
  const names = other.kept.flatMap(({ view: { securityId } }, i): [number | null, string][] =>
    held.has(securityId) ? [] : [[securityId, tickerAt(panel, other.series.kept[i]!, panel.nRows - 1)]],
  );
  const added = [...new Map(names).values()];
  // A quantity of one share brings the name in. Dollars are those of the book itself: another company may have had the name then.
  const edits = added.map((ticker) => ({ account, ticker, quantity: 1 }));
  const whole = added.length === 0 ? own : await riskBook(session, { ...request, ...sameHoldings(own), edits }, hooks);
  const out = new Map<number, SideHolding>();
  await inTurns(whole.kept, ({ view }, i) => {
    const id = view.securityId!;
    if (out.has(id)) return;
    const exposure = view.chain.map((code, j) => [code, view.exposure[j]!] as const);
    out.set(id, { ticker: view.ticker, value: held.get(id) ?? 0, exposure, series: whole.series.kept[i]! });
  });
  return { date: dateOf(own), of: whole, held: out, etf: new Map(whole.codes.map((code, i) => [code, whole.series.etfs[i]!])) };
}

type State = Omit<ChangeSide, 'key'>;

const rowsOf = ({ book, from, length }: RiskBook): Pick<State, 'row' | 'from' | 'to'> => ({ row: book.row, from, to: from + length });

async function stateOf({ of, held, etf }: Side, ids: readonly number[], codes: readonly string[]): Promise<State> {
  const place = new Map(codes.map((code, i) => [code, i]));
  const holdings = await inTurns(ids, (id): ChangeHolding => {
    const { value, exposure } = held.get(id)!;
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
    series: ids.map((id) => held.get(id)!.series),
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
