/** `risk --against`: why the risk of a book changed between two dates, snapshots or runs. */
import type { RiskChange, RiskChangeSide } from '../../contract/results-risk.ts';
import { HedgerowError } from '../../contract/errors.ts';
import { riskSteps, type RiskState, type RiskSteps } from '../../quant/risk/index.ts';
import type { BookRequest } from '../book.ts';
import { lineage } from '../engine.ts';
import { iso, type Session } from '../session.ts';
import { riskInputs, type RiskInputs } from './inputs.ts';

/**
 * From one side to the other: data corrections (the first date on the run and knowledge of the second), then positions, exposures,
 * volatilities and correlations. Names that one of the sides cannot model are left out of both and listed.
 */
export async function riskChange(session: Session, from: BookRequest, to: BookRequest): Promise<RiskChange> {
  const last = await riskInputs(session, to);
  const original = await riskInputs(session, from);
  const { runId, knownAsOf } = last.book.basis;
  const knowledge = { runId, knownAsOf: iso(knownAsOf) };
  const corrected = original.book.basis.runId !== runId || original.book.basis.knownAsOf !== knownAsOf;
  const first = corrected ? await riskInputs(session, { ...from, ...knowledge, date: dateOf(original) }) : original;
  // Returns of names only the other side holds are needed at both dates.
  const here = await union(session, first, last, { ...from, ...knowledge });
  const there = await union(session, last, first, { ...to, ...knowledge });
  const names = [...here.held.keys()].filter((name) => there.held.has(name)).sort();
  const codes = [...new Set([...here.codes, ...there.codes])].filter((code) => here.etf.has(code) && there.etf.has(code)).sort();
  const steps = riskSteps(stateOf(here, names, codes), stateOf(there, names, codes));
  if (!steps)
    throw new HedgerowError('data', 'One of the dates has no day on which all positions have a return.', 'Choose dates with more history.');
  const before = corrected ? alone(original) : steps.from;
  return {
    from: side(session, original, before),
    to: side(session, last, steps.to),
    steps: [{ step: 'data corrections', change: steps.from - before }, ...ordered(steps)],
    left: [...new Set([...here.held.keys(), ...there.held.keys()])]
      .filter((name) => !names.includes(name))
      .map((ticker) => ({ ticker, reason: `not modelled on ${here.held.has(ticker) ? there.date : here.date}` })),
  };
}

const ordered = ({ positions, exposures, volatilities, correlations }: RiskSteps): RiskChange['steps'] => [
  { step: 'positions', change: positions },
  { step: 'exposures', change: exposures },
  { step: 'volatilities', change: volatilities },
  { step: 'correlations', change: correlations },
];

const dateOf = ({ book }: Pick<RiskInputs, 'book'>): string => iso(book.panel.days[book.row]!);

interface Side {
  readonly date: string;
  /** By security and account, as a position of the union: dollars, exposures by ETF, returns. */
  readonly held: ReadonlyMap<
    string,
    { readonly value: number; readonly exposure: ReadonlyMap<string, number>; readonly returns: Float64Array }
  >;
  readonly codes: readonly string[];
  readonly etf: ReadonlyMap<string, Float64Array>;
  readonly length: number;
}

/** A side with the positions of the other one added at quantity 0, so that their exposures and returns at its date are known. */
async function union(session: Session, own: RiskInputs, other: RiskInputs, request: BookRequest): Promise<Side> {
  const account = own.kept[0]?.view.account ?? '';
  const held = new Set(own.kept.map(({ view }) => view.securityId));
  const added = [
    ...new Map(other.kept.filter(({ view }) => !held.has(view.securityId)).map(({ view }) => [view.securityId, view.ticker])).values(),
  ];
  // A quantity of one share brings the name in; its dollars are then taken as none.
  const whole =
    added.length === 0
      ? own
      : await riskInputs(session, {
          ...request,
          date: dateOf(own),
          edits: added.map((ticker) => ({ account, ticker, quantity: 1 })),
        });
  const out = new Map<string, { value: number; exposure: Map<string, number>; returns: Float64Array }>();
  whole.kept.forEach(({ view }, i) => {
    const { value, returns } = whole.positions[i]!;
    const before = out.get(view.ticker);
    const dollars = held.has(view.securityId) ? value : 0;
    if (before) before.value += dollars;
    else out.set(view.ticker, { value: dollars, exposure: new Map(view.chain.map((code, j) => [code, view.exposure[j]!])), returns });
  });
  return {
    date: dateOf(own),
    held: out,
    codes: whole.codes,
    etf: new Map(whole.codes.map((code, i) => [code, whole.etfs[i]!])),
    length: whole.length,
  };
}

function stateOf({ held, etf, length }: Side, names: readonly string[], codes: readonly string[]): RiskState {
  const chosen = names.map((name) => held.get(name)!);
  return {
    values: chosen.map(({ value }) => value),
    exposure: chosen.map(({ exposure }) => codes.map((code) => exposure.get(code) ?? 0)),
    returns: chosen.map(({ returns }) => returns),
    etfs: codes.map((code) => etf.get(code)!),
    length,
  };
}

/** Volatility of a side by itself. */
function alone({ kept, positions, codes, etfs, length }: RiskInputs): number {
  const state: RiskState = {
    values: positions.map(({ value }) => value),
    exposure: kept.map(({ view }) => codes.map((code) => view.exposure[view.chain.indexOf(code)] ?? 0)),
    returns: positions.map(({ returns }) => returns),
    etfs,
    length,
  };
  return riskSteps(state, state)?.from ?? 0;
}

function side(session: Session, { book }: RiskInputs, volatility: number): RiskChangeSide {
  return {
    lineage: lineage(session, book.basis, book.panel, book.simulated),
    snapshotId: book.priced.snapshotId,
    date: dateOf({ book }),
    volatility,
  };
}
