/** The promise of the identity layer on generated histories: nothing dated t knows what came after t, and every day repeats. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { currentRevision, undoBatch, type Workspace } from '../../../db/index.ts';
import { freshWorkspace } from '../../../db/testing/workspace.ts';
import { completeSettings } from '../../core/settings.ts';
import { F } from '../../quant/cascade/index.ts';
import { createFitter } from '../compute/fits.ts';
import type { TaskContext } from '../rpc.ts';
import { buildPanel } from './panel-builder.ts';
import { readHistory } from './master.ts';
import { axis, batches, begin, dayOf, firstPrices, ROWS, SYMBOLS, tell, type Batch, type Statement } from './testing/histories.ts';

const context: TaskContext = { progress: () => undefined, cancelled: () => false, check: () => undefined };
const KERNEL = { ...completeSettings(), window: 12, minObs: 5 };
type Knowledge = 'strict' | 'corrected';

/** Every output row of a run as known on a day: all fields by security, ticker and date, with the exact bits. */
function outputs(
  ws: Workspace,
  knownAsOf: number,
  knowledge: Knowledge = 'strict',
  revision: number = currentRevision(ws),
): Map<string, string> {
  const settings = { knowledge, returns: 'raw', schemes: [''], universe: 'mc_2' } as const;
  const { panel } = buildPanel(ws, { revision, knownAsOf, settings, securities: null }, context);
  const fitter = createFitter(panel, KERNEL);
  const out = new Map<string, string>();
  panel.series.forEach(({ securityId, names }, series) => {
    const { values, from, to } = fitter.fit(series);
    for (let row = from; row < to; row++) {
      if (Number.isNaN(values[F.level! * panel.nRows + row])) continue;
      const ticker = names.find((span) => span.from <= row && row < span.to)?.ticker ?? '';
      const fields: string[] = [];
      for (let at = row; at < values.length; at += panel.nRows) fields.push(String(values[at]));
      out.set(`${panel.days[row]} ${securityId} ${ticker}`, fields.join());
    }
  });
  return out;
}

const until = (rows: ReadonlyMap<string, string>, day: number): [string, string][] =>
  [...rows].filter(([key]) => Number(key.split(' ')[0]) <= day).sort();

/** Works on a workspace in which the batches were told one after the other. */
function withHistory<T>(told: readonly Batch[], work: (ws: Workspace, ids: readonly number[]) => T): T {
  const ws = freshWorkspace();
  begin(ws);
  const ids = told.map((batch) => tell(ws, batch));
  try {
    return work(ws, ids);
  } finally {
    ws.close();
  }
}

/** The statements with everything valid or known after a row changed, dropped, or told of somebody else. */
function disturbed(told: readonly Batch[], after: number): Statement[][] {
  return told.map((batch) =>
    batch.flatMap((one): Statement[] => {
      if (one.row <= after && one.known <= after) {
        // Of what holds until later, only the end may change.
        return 'to' in one && one.to !== null && one.to > after + 1 ? [{ ...one, to: null }] : [one];
      }
      switch (one.kind) {
        case 'price':
          return [{ ...one, value: one.value * 2 }];
        case 'name':
        case 'assign':
          return one.row % 2 === 0 ? [] : [{ ...one, company: (one.company + 1) % 4 }];
        case 'merge':
          return [];
        case 'class':
          return [{ ...one, sector: one.sector === 'Tech' ? 'Banks' : 'Tech' }];
        case 'shares':
          return [{ ...one, shares: one.shares + 5 }];
        case 'action':
          return one.row % 2 === 0 ? [] : [{ ...one, value: one.value / 2 }];
      }
    }),
  );
}

describe('generated histories', () => {
  it('rows at or before t have the same bits whatever is valid or known after t', () => {
    let compared = 0;
    fc.assert(
      fc.property(batches, fc.integer({ min: 8, max: ROWS - 2 }), (told, t) => {
        const before = withHistory([firstPrices(), ...told], (ws) => until(outputs(ws, dayOf(ROWS - 1)), dayOf(t)));
        const changed = disturbed([firstPrices(), ...told], t);
        const after = withHistory(changed, (ws) => until(outputs(ws, dayOf(ROWS - 1)), dayOf(t)));
        compared += before.length;
        expect(after).toEqual(before);
      }),
      { numRuns: 40 },
    );
    expect(compared).toBeGreaterThan(1500);
  });

  it('a run as known on D gives what a run on D gave, after whatever was learned since; a stored revision repeats whole', () => {
    fc.assert(
      fc.property(
        batches,
        fc.integer({ min: 8, max: ROWS - 2 }),
        fc.constantFrom<Knowledge>('strict', 'corrected'),
        (told, d, knowledge) => {
          // What was known by D comes first, as it did.
          const known = told.map((batch) => batch.filter((one) => one.known <= d));
          withHistory([firstPrices(), ...known], (ws) => {
            const revision = currentRevision(ws);
            const then = outputs(ws, dayOf(d), knowledge);
            for (const batch of told) {
              const later = batch.filter((one) => one.known > d);
              if (later.length > 0) tell(ws, later);
            }
            expect([...outputs(ws, dayOf(d), knowledge)]).toEqual([...then]);
            expect([...outputs(ws, dayOf(d), knowledge, revision)]).toEqual([...then]);
          });
        },
      ),
      { numRuns: 15 },
    );
  });

  it('two workspaces of equal revisions and days have nothing in common', () => {
    // The market alone moves otherwise in the second: what is kept of the first would give its slopes.
    const other = firstPrices().map((one) =>
      one.kind === 'price' && one.symbol === 0 && one.row === 20 ? { ...one, value: one.value * 1.1 } : one,
    );
    const [first, second] = [firstPrices(), other].map((told) => withHistory([told], (ws) => outputs(ws, dayOf(ROWS - 1))));
    const rows = [...first!.keys()].filter((key) => key.startsWith(`${dayOf(24)} `));
    expect(rows.length).toBeGreaterThan(0);
    for (const key of rows) expect(second!.get(key)).not.toBe(first!.get(key));
  });

  it('undoing any batch gives the outputs of a history in which it was never told', () => {
    fc.assert(
      fc.property(batches, fc.nat(10), fc.constantFrom<Knowledge>('strict', 'corrected'), (told, pick, knowledge) => {
        const which = pick % told.length;
        const all = [firstPrices(), ...told];
        const undone = withHistory(all, (ws, ids) => {
          undoBatch(ws, ids[which + 1]!);
          return [...outputs(ws, dayOf(ROWS - 1), knowledge)].sort();
        });
        const never = all.filter((_, i) => i !== which + 1);
        expect(undone).toEqual(withHistory(never, (ws) => [...outputs(ws, dayOf(ROWS - 1), knowledge)].sort()));
      }),
      { numRuns: 15 },
    );
  });

  it('every name looked up forwards is found backwards, on every day as known on every day', () => {
    fc.assert(
      fc.property(batches, (told) => {
        const all = withHistory([firstPrices(), ...told], (ws) => readHistory(ws, currentRevision(ws), Infinity));
        for (const k of [dayOf(5), dayOf(20), dayOf(ROWS - 1), Infinity]) {
          const view = all.at(k);
          const backwards = new Map<string, number>();
          for (const security of view.securities())
            for (const { symbolId, fromDay, toDay } of view.pieces(security))
              for (const day of axis.days) if (fromDay <= day && day < toDay) backwards.set(`${symbolId}/${day}`, security);
          SYMBOLS.forEach((_, i) => {
            for (const day of axis.days) expect(backwards.get(`${i + 1}/${day}`) ?? null).toBe(view.resolve(i + 1, day));
          });
        }
      }),
      { numRuns: 15 },
    );
  });
});
