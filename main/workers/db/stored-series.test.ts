/** Closes are left unread only where adjusted closes give every return that they could. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { commitBatch, currentRevision, type Workspace } from '../../../db/index.ts';
import { freshWorkspace, meta } from '../../../db/testing/workspace.ts';
import type { SymbolId } from '../../contract/units.ts';
import { readMaster } from './master.ts';
import { formReturns } from './security-inputs.ts';
import { seriesOfSome, seriesReader } from './stored-series.ts';
import { axis, begin, ROWS, SYMBOLS, tell } from './testing/histories.ts';

/** Symbols that are a security's own: the last of them is another spelling. */
const OWNED = SYMBOLS.length - 1;

/** Rows [from, to) of a field in one batch, values missing on some rows, and perhaps known on one late day. */
interface Piece {
  readonly field: 'close' | 'adj_close' | 'return';
  readonly from: number;
  readonly to: number;
  readonly holes: readonly number[];
  readonly lateRow: number | null;
  /** Of adjusted closes: goes on from the piece before, where that is one too. */
  readonly goesOn: boolean;
}

const row = (max: number) => fc.integer({ min: 0, max });
/** A row close to where the series end. */
const near = fc.integer({ min: ROWS - 6, max: ROWS - 1 });
const sometimes = <T, N>(some: fc.Arbitrary<T>, none: N): fc.Arbitrary<T | N> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(none) }, some);
const piece = (field: Piece['field'], from: fc.Arbitrary<number>, to: fc.Arbitrary<number>): fc.Arbitrary<Piece> =>
  fc.record({
    field: fc.constant(field),
    from,
    to,
    holes: sometimes(fc.array(near, { minLength: 1, maxLength: 2 }), []),
    lateRow: fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, row(ROWS - 1)),
    goesOn: fc.boolean(),
  });

/** Two fields that end and begin within a few rows of one another, mostly both, and now and then what goes on from one or a return. */
const series: fc.Arbitrary<readonly Piece[]> = fc
  .tuple(
    fc.oneof({ weight: 9, arbitrary: piece('close', row(3), near) }, fc.constant(null)),
    piece('adj_close', row(3), near),
    sometimes(piece('adj_close', near, fc.constant(ROWS)), null),
    sometimes(piece('return', row(40), fc.constant(ROWS)), null),
  )
  .map((all) => all.filter((one) => one !== null));

/** The names whose last day is one of these rows: their last return looks at closes. */
const delisted = fc.array(
  fc
    .record({ symbol: row(OWNED - 1), row: near })
    .map((one) => ({ kind: 'action', type: 'delisting', value: -0.5, known: one.row, ...one }) as const),
  { maxLength: 2 },
);

/** Closes and adjusted closes that give other returns, so that it shows which one a row was made from. */
const valueOf = (field: Piece['field'], at: number): number =>
  field === 'return' ? 0.5 : 100 + Math.sin(at * (field === 'close' ? 1 : 2)) + (field === 'close' ? 0 : at);

/** The first batches of some symbols, a piece of each in each. */
function store(ws: Workspace, all: readonly (readonly Piece[])[]): Int32Array {
  begin(ws);
  let ids: Int32Array = new Int32Array(0);
  for (let k = 0; k < Math.max(...all.map((pieces) => pieces.length)); k++)
    commitBatch(ws, meta({ sha256: String(k) }), (writer) => {
      ids = writer.symbols(SYMBOLS.map((code) => ({ type: 'ticker', code })));
      all.forEach((pieces, i) => {
        const one = pieces[k];
        if (!one) return;
        const firstSlot = axis.slots[one.from]!;
        const values = new Float64Array(axis.slots[one.to - 1]! - firstSlot + 1).fill(NaN);
        for (let at = one.from; at < one.to; at++)
          if (!one.holes.includes(at)) values[axis.slots[at]! - firstSlot] = valueOf(one.field, at);
        const known = one.lateRow === null ? null : axis.days[one.lateRow]!;
        const anchored = one.goesOn && one.field === 'adj_close' && pieces[k - 1]?.field === 'adj_close';
        writer.block({ symbolId: ids[i]! as SymbolId, field: one.field, firstSlot, values, known, anchored });
      });
    });
  return ids;
}

test('returns are those of all that is stored, whatever was left unread', { timeout: 120_000 }, () => {
  let [idle, all] = [0, 0];
  fc.assert(
    fc.property(fc.array(series, { minLength: OWNED, maxLength: OWNED }), delisted, (pieces, gone) => {
      const ws = freshWorkspace();
      const ids = store(ws, pieces);
      tell(ws, gone);
      const revision = currentRevision(ws);
      const knownAsOf = axis.days[ROWS - 1]!;
      const options = { knownAsOf, knowledge: 'strict', mode: 'auto' } as const;
      const master = readMaster(ws, revision, knownAsOf);
      const read = seriesReader(ws, revision, master, 'auto', null);
      const everything = seriesOfSome(ws, revision, ids);
      for (const security of master.history.securities()) {
        const eras = master.erasOf(security);
        const some = read(security, eras);
        idle += Number(some.idle);
        all += some.stored.size;
        const [made, whole] = [some.stored, everything].map((stored) => [
          ...formReturns(master, security, eras, stored, options).returns.base,
        ]);
        expect([security, made]).toEqual([security, whole]);
      }
      ws.close();
    }),
    { numRuns: 60 },
  );
  expect(idle / all).toBeGreaterThan(0.1);
  expect(idle / all).toBeLessThan(0.9);
});
