/** The stored series and actions of a security, cut to the days on which their symbols are its own, and the returns made of them. */
import type { CorporateAction, Stored, StoredBlock } from '../../../db/index.ts';
import {
  lowerBound,
  returnEpochs,
  spliceEpochs,
  type DatedAction,
  type EpochOptions,
  type EpochReturns,
  type SeriesBlock,
} from '../../quant/returns/index.ts';
import type { IdentityIndex } from './identity.ts';
import type { Era, Master, RETURN_FIELDS } from './master.ts';

/** Blocks of one symbol by field. */
export type StoredSeries = Record<(typeof RETURN_FIELDS)[number], StoredBlock[]>;

export type StoredAction = DatedAction & { readonly stored: Stored<CorporateAction> };

export interface Inputs {
  readonly close: readonly SeriesBlock[];
  readonly adjClose: readonly SeriesBlock[];
  readonly returns: readonly SeriesBlock[];
  readonly actions: readonly StoredAction[];
}

export const isTerminal = ({ type }: { readonly type: CorporateAction['type'] }): boolean => type === 'delisting' || type === 'merger';

/**
 * Whose a corporate action is. A delisting or merger, which may carry a day after the last one of the name, is that of the holder of
 * the day before; else of the day itself; else of the last holder.
 */
export function actionOwner(
  view: IdentityIndex,
  action: Stored<CorporateAction>,
  name: { type: string; code: string; exchange: string },
): number | null {
  if (!isTerminal(action)) return view.resolve(action.symbolId, action.exDay);
  const before = view.resolve(action.symbolId, action.exDay - 1) ?? view.resolve(action.symbolId, action.exDay);
  if (before !== null) return before;
  const held = view.stretches(name).findLast((one) => one.from < action.exDay && one.owners.length > 0);
  return held?.owners.length === 1 ? held.owners[0]! : null;
}

/** The inputs of a security as a view of identities has them. */
export function inputsOf(master: Master, view: IdentityIndex, securityId: number, stored: ReadonlyMap<number, StoredSeries>): Inputs {
  const close: SeriesBlock[] = [];
  const adjClose: SeriesBlock[] = [];
  const returns: SeriesBlock[] = [];
  const symbols = new Set<number>();
  for (const { symbolId, fromDay, toDay } of view.pieces(securityId)) {
    symbols.add(symbolId);
    const series = stored.get(symbolId);
    const cut = (block: StoredBlock): SeriesBlock => ({ ...block, fromDay, toDay });
    if (!series) continue;
    close.push(...series.close.map(cut));
    adjClose.push(...series.adj_close.map(cut));
    returns.push(...series.return.map(cut));
  }
  const names = new Map(master.history.symbolsOf(securityId).map((symbol) => [symbol.symbolId, symbol]));
  const actions = [...symbols].flatMap((symbolId) =>
    (master.actions.get(symbolId) ?? [])
      .filter((row) => actionOwner(view, row, names.get(symbolId)!) === securityId)
      .map((row): StoredAction => {
        const { exDay, type, value, batchId } = row;
        return { exDay, type, value, known: row.knownFrom ?? exDay, order: batchId, batchId, stored: row };
      }),
  );
  return { close, adjClose, returns, actions };
}

export interface FormedReturns {
  readonly returns: EpochReturns;
  /** Rows after a delisting, ascending: the security has none. */
  readonly gone: readonly { readonly fromRow: number; readonly toRow: number }[];
  /** Of the last era. */
  readonly inputs: Inputs;
}

/** Returns of a security through its eras, each row as it was known then; in `scratch`, where it is given and will do. */
export function formReturns(
  master: Master,
  securityId: number,
  eras: readonly Era[],
  stored: ReadonlyMap<number, StoredSeries>,
  options: EpochOptions,
  scratch?: { readonly base: Float64Array; readonly source: Uint8Array },
): FormedReturns {
  const { axis } = master;
  // Parts that are joined later need arrays of their own.
  const into = eras.length === 1 ? scratch : undefined;
  const gone: { fromRow: number; toRow: number }[] = [];
  const parts = eras.map(({ fromRow, toRow, view }) => {
    const inputs = inputsOf(master, view, securityId, stored);
    const last = Math.min(axis.nRows - 1, ...inputs.actions.flatMap((one) => lastRowOf(one, axis.days, options.knownAsOf)));
    if (last + 1 < toRow) gone.push({ fromRow: Math.max(fromRow, last + 1), toRow });
    return { fromRow, toRow, returns: returnEpochs(inputs, axis, options, into?.base, into?.source), inputs };
  });
  return { returns: spliceEpochs(parts, axis.nRows), gone, inputs: parts.at(-1)!.inputs };
}

/** Last row that may exist under a delisting: its own row; rows after it exist only until it became known. */
function lastRowOf(action: DatedAction, days: Int32Array, knownAsOf: number): number[] {
  if (!isTerminal(action) || action.known > knownAsOf) return [];
  const own = Math.min(lowerBound(days, action.exDay), days.length - 1);
  return [action.known <= action.exDay ? own : Math.max(own, lowerBound(days, action.known) - 1)];
}
