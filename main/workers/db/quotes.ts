/** Last prices of securities, with the splits and the end that belong to them (MODEL.md 10). */
import { readActions, readBlocks, type StoredBlock, type Workspace } from '../../../db/index.ts';
import { dayOfSlot, slotOfDay, type EpochDay, type Slot } from '../../contract/units.ts';
import { buildActions, groupValue } from '../../quant/returns/actions.ts';
import type { DatedAction } from '../../quant/returns/index.ts';
import type { Master } from './master.ts';
import { ofRevision } from './remembered.ts';
import { actionOwner, isTerminal } from './security-inputs.ts';

interface Found {
  readonly price: number;
  readonly day: number;
  readonly known: number;
  readonly order: number;
  readonly source: 'close' | 'adjusted';
}

export interface Quote {
  readonly price: number;
  readonly day: number;
  readonly source: 'close' | 'adjusted';
  /** Shares on day `to` for one of day `from`: the splits with an ex-date after `from` and up to `to`, as known on `to`. */
  splits(from: number, to: number): number;
  /** The delisting or merger known on the day that came with or after the last price. */
  readonly ended: PositionEnd | null;
}

/** How a security ended: a delisting return, or what a merger paid per share. */
export interface PositionEnd {
  readonly day: number;
  readonly type: 'delisting' | 'merger';
  readonly value: number;
}

interface Remembered {
  readonly quotes: Map<number, Quote>;
  readonly asked: Set<number>;
}
/** Of the last few days asked for: a book needs its own, and those of snapshots that tell values. */
const remembered = new WeakMap<Workspace, Map<string, Remembered>>();
const KEPT_DAYS = 8;

/** `quotesOf`, which of one revision and day looks every security up once: a hedge is previewed many times while it is edited. */
export function rememberedQuotes(
  ws: Workspace,
  master: Master,
  basis: { readonly revision: number; readonly knownAsOf: number },
  day: number,
  securities: ReadonlySet<number>,
  knownOn: number = day,
): ReadonlyMap<number, Quote> {
  const key = `${basis.revision}/${basis.knownAsOf}/${day}/${knownOn}`;
  const days = remembered.get(ws) ?? new Map<string, Remembered>();
  remembered.set(ws, days);
  const { quotes, asked } = days.get(key) ?? { quotes: new Map<number, Quote>(), asked: new Set<number>() };
  days.delete(key);
  days.set(key, { quotes, asked });
  for (const old of [...days.keys()].slice(0, -KEPT_DAYS)) days.delete(old);
  const missing = new Set([...securities].filter((security) => !asked.has(security)));
  if (missing.size > 0) {
    for (const [security, quote] of quotesOf(ws, master, basis.revision, day, missing, knownOn)) quotes.set(security, quote);
    for (const security of missing) asked.add(security);
  }
  return quotes;
}

/** Closes read before, by symbol, those asked for when some were last read last: the book of each of a hundred days asks for the same ones. */
const closes = ofRevision(() => new Map<number, StoredBlock[]>());
const KEPT_CLOSES = 4_000_000;

/** The blocks of closes of some symbols, in no order. */
function closesOf(ws: Workspace, revision: number, symbolIds: Int32Array): StoredBlock[] {
  const kept = closes(ws, revision);
  const found = new Map<number, StoredBlock[]>(Array.from(symbolIds, (id) => [id, kept.get(id) ?? []]));
  const unread = symbolIds.filter((id) => !kept.has(id));
  if (unread.length === 0) return [...found.values()].flat();
  readBlocks(ws, { fields: ['close'], symbolIds: unread, revision, joined: true }, (block) => found.get(block.symbolId)!.push(block));
  for (const [id, blocks] of found) {
    kept.delete(id);
    kept.set(id, blocks);
  }
  let values = 0;
  for (const [id, blocks] of [...kept].reverse()) {
    for (const block of blocks) values += block.values.length;
    if (values > KEPT_CLOSES) kept.delete(id);
  }
  return [...found.values()].flat();
}

/** Last raw close at or before `day` as known on `knownOn`; else an adjusted close, but only the last one of its batch (MODEL.md 10). */
function quotesOf(
  ws: Workspace,
  master: Master,
  revision: number,
  day: number,
  securities: ReadonlySet<number>,
  knownOn: number,
): Map<number, Quote> {
  const owners = new Map<number, { security: number; fromDay: number; toDay: number }[]>();
  for (const security of securities)
    for (const piece of master.identities.pieces(security)) {
      const list = owners.get(piece.symbolId);
      const entry = { security, fromDay: piece.fromDay, toDay: piece.toDay };
      if (list) list.push(entry);
      else owners.set(piece.symbolId, [entry]);
    }
  const ids = Int32Array.from(owners.keys()).sort();
  const best = new Map<number, Found>();
  const adjusted: (Found & { readonly security: number; readonly batch: string; readonly slot: number })[] = [];
  const batchEnd = new Map<string, number>();
  // The later date is the better price; of one date the later knowledge, then the later batch.
  const take = (security: number, found: Found): void => {
    const held = best.get(security);
    const { day: at, known, order } = found;
    if (!held || at > held.day || (at === held.day && (known > held.known || (known === held.known && order >= held.order))))
      best.set(security, found);
  };
  // Slots are weekdays: that of the day, or of the Friday before.
  const lastSlot = [day, day - 1, day - 2].map((one) => slotOfDay(one as EpochDay)).find((slot) => slot !== null)!;
  /** The newest value of a block, for each security that owned its symbol then. */
  const eachNewest = (block: StoredBlock, visit: (security: number, slot: number, found: Omit<Found, 'source'>) => void): void => {
    for (const { security, fromDay, toDay } of owners.get(block.symbolId) ?? []) {
      for (let i = Math.min(block.values.length - 1, lastSlot - block.firstSlot); i >= (block.anchored ? 1 : 0); i--) {
        const price = block.values[i]!;
        if (price !== price) continue;
        const slot = block.firstSlot + i;
        const at = dayOfSlot(slot as Slot);
        const known = block.known ? block.known[i]! : at;
        if (known > knownOn || at < fromDay || at >= toDay) continue;
        visit(security, slot, { price, day: at, known, order: block.order });
        // Older knowledge may lie below a value that is not known yet; the newest known one is enough.
        break;
      }
    }
  };
  for (const block of closesOf(ws, revision, ids)) eachNewest(block, (security, _, found) => take(security, { ...found, source: 'close' }));
  // A raw close beats every adjusted one, and of those only the last of a batch stands on today's base.
  const priced = new Set(best.keys());
  const rest = ids.filter((id) => owners.get(id)!.some(({ security }) => !priced.has(security)));
  readBlocks(ws, { fields: ['adj_close'], symbolIds: rest, revision }, (block) => {
    const batch = `${block.symbolId}/${block.batchId}`;
    batchEnd.set(batch, Math.max(batchEnd.get(batch) ?? -Infinity, block.firstSlot + block.values.length - 1));
    eachNewest(block, (security, slot, found) => adjusted.push({ ...found, source: 'adjusted', security, batch, slot }));
  });
  for (const { security, batch, slot, ...found } of adjusted)
    if (!priced.has(security) && slot === batchEnd.get(batch)) take(security, found);
  const splits = new Map<number, DatedAction[]>();
  for (const { symbolId, type, exDay, value, knownFrom, batchId } of readActions(ws, { revision, symbolIds: ids })) {
    if (type !== 'split') continue;
    const split = { exDay, type, value, known: knownFrom ?? exDay, order: batchId, batchId };
    for (const owner of owners.get(symbolId) ?? []) {
      if (exDay < owner.fromDay || exDay >= owner.toDay) continue;
      const list = splits.get(owner.security);
      if (list) list.push(split);
      else splits.set(owner.security, [split]);
    }
  }
  const endOf = (security: number, last: number): PositionEnd | null => {
    const terminal = master.history
      .symbolsOf(security)
      .flatMap((symbol) =>
        (master.actions.get(symbol.symbolId) ?? []).filter(
          (action) => isTerminal(action) && actionOwner(master.identities, action, symbol) === security,
        ),
      )
      .map(({ exDay, type, value, knownFrom, batchId }) => ({ exDay, type, value, known: knownFrom ?? exDay, order: batchId, batchId }));
    const { byRow, delistings } = buildActions(terminal, master.axis, day);
    for (const group of [...delistings, ...[...byRow.values()].flat()]) {
      const value = groupValue(group, day, false);
      // A merger's own price stands where there is one; a delisting return comes on top of the price of its day.
      if (value === null || group.exDay < last || (group.exDay === last && group.type === 'merger')) continue;
      return { day: group.exDay, type: group.type as PositionEnd['type'], value };
    }
    return null;
  };
  return new Map(
    [...best].map(([security, quote]) => {
      // The version in force on the day, as the returns take it: several splits of one date in one file compound.
      const groups = [...buildActions(splits.get(security) ?? [], master.axis, Infinity).byRow.values()].flat();
      const product = (from: number, to: number): number =>
        groups
          .filter(({ exDay }) => exDay > from && exDay <= to)
          .reduce((factor, group) => factor * (groupValue(group, to, false) ?? 1), 1);
      return [security, { ...quote, splits: product, ended: endOf(security, quote.day) }];
    }),
  );
}
