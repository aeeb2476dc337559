import fc from 'fast-check';
import { sessionOfDay } from '../../../calendar/index.ts';
import { parseIsoDay } from '../../../contract/units.ts';
import { rowAxis } from '../axis.ts';
import type { ActionType, DatedAction, SecurityInputs, SeriesBlock } from '../types.ts';

/** Fourteen sessions around two holidays (Thanksgiving; an early close is a session like any other). */
export const axis = rowAxis(sessionOfDay(parseIsoDay('2024-11-21')!)!, 14);

const firstDay = axis.days[0]!;
const lastDay = axis.days.at(-1)!;
const priceOf = fc.integer({ min: 80, max: 120 }).map((n) => n / 8);

function blocks(kind: 'close' | 'adjClose' | 'returns', late: boolean): fc.Arbitrary<SeriesBlock[]> {
  const value = fc.option(kind === 'returns' ? priceOf.map((p) => p / 1000) : priceOf, { freq: 5, nil: NaN });
  const block = fc.record({
    offset: fc.integer({ min: -2, max: 16 }),
    values: fc.array(value, { minLength: 1, maxLength: 16 }),
    delays: late ? fc.option(fc.array(fc.nat(6), { minLength: 16, maxLength: 16 }), { nil: null, freq: 2 }) : fc.constant(null),
    cut: fc.nat(16),
    anchored: kind === 'adjClose' ? fc.boolean() : fc.constant(false),
    from: fc.integer({ min: -20, max: 8 }),
    to: fc.integer({ min: 10, max: 40 }),
  });
  return fc.array(block, { maxLength: late ? 4 : 2 }).map((list) =>
    list.flatMap((b, i): SeriesBlock[] => {
      const firstSlot = axis.slots[0]! + b.offset;
      const dayOf = (slot: number): number => {
        const row = axis.slots.indexOf(slot);
        return row >= 0 ? axis.days[row]! : firstDay;
      };
      const whole: SeriesBlock = {
        firstSlot,
        values: Float64Array.from(b.values),
        known: b.delays && Int32Array.from(b.values, (_, j) => dayOf(firstSlot + j) + b.delays![j]!),
        anchored: b.anchored,
        order: i + 1,
        batchId: i + 1,
        fromDay: firstDay + b.from,
        toDay: firstDay + b.to,
      };
      return cutInTwo(whole, b.cut);
    }),
  );
}

/** One batch may store a stretch in pieces. */
function cutInTwo(block: SeriesBlock, at: number): SeriesBlock[] {
  if (at === 0 || at >= block.values.length) return [block];
  const known = block.known;
  return [
    { ...block, values: block.values.slice(0, at), known: known && known.slice(0, at) },
    { ...block, firstSlot: block.firstSlot + at, values: block.values.slice(at), known: known && known.slice(at), anchored: false },
  ];
}

function actions(late: boolean): fc.Arbitrary<DatedAction[]> {
  const types: ActionType[] = late
    ? ['split', 'dividend', 'special_dividend', 'spinoff', 'merger', 'delisting']
    : ['split', 'dividend', 'special_dividend', 'spinoff'];
  const action = fc.record({
    // Most fall on few days: versions of one action, and actions of several types, meet there.
    exDay: fc.oneof(
      { weight: 2, arbitrary: fc.constantFrom(axis.days[4]!, axis.days[5]!) },
      fc.integer({ min: firstDay - 3, max: lastDay + 3 }),
    ),
    type: fc.constantFrom(...types),
    size: fc.constantFrom(0.25, 0.5, 2),
    delay: fc.integer({ min: -5, max: late ? 6 : 0 }),
    batch: fc.integer({ min: 1, max: 3 }),
  });
  return fc.array(action, { maxLength: 5 }).map((list) =>
    list.map((a) => ({
      exDay: a.exDay,
      type: a.type,
      value: a.type === 'delisting' ? -a.size / 4 : a.size,
      known: a.exDay + a.delay,
      order: a.batch,
      batchId: a.batch,
    })),
  );
}

/** Small histories; `late` ones have delays, restatements, anchors, recycled symbols; such actions have mergers and delistings too. */
export function inputs(late: boolean, lateActions = late): fc.Arbitrary<SecurityInputs> {
  return fc.record({
    close: blocks('close', late),
    adjClose: blocks('adjClose', late),
    returns: fc.oneof({ weight: 3, arbitrary: fc.constant<SeriesBlock[]>([]) }, { weight: 1, arbitrary: blocks('returns', late) }),
    actions: actions(lateActions),
  });
}

export const modes = fc.constantFrom('auto' as const, 'adjusted' as const, 'raw' as const);
export const knowledges = fc.constantFrom('strict' as const, 'corrected' as const);
export const knowledgeDays = fc.integer({ min: firstDay - 1, max: lastDay + 8 });
