import fc from 'fast-check';
import { expect, it } from 'vitest';
import { HedgerowError } from '../main/contract/errors.ts';
import type { SymbolId } from '../main/contract/units.ts';
import {
  commitBatch,
  currentRevision,
  getBatch,
  listBatches,
  listFindings,
  listSnapshots,
  readActions,
  readBlocks,
  readClassifications,
  readDecisions,
  readEtfMap,
  readIdentities,
  readSecurities,
  readShares,
  readUniverses,
  seriesChanges,
  undoBatch,
  verifyJournal,
} from './index.ts';
import type { Workspace } from './index.ts';
import { writeAll } from './testing/one-of-each.ts';
import { freshWorkspace, meta, reopen } from './testing/workspace.ts';

/** The tags each store shows at a revision. */
function tags(ws: Workspace, revision: number): Record<string, number[]> {
  const blocks: number[] = [];
  readBlocks(ws, { fields: ['close'], symbolIds: null, revision }, (block) => blocks.push(block.values[0]!));
  const sorted = (values: Iterable<unknown>) => Array.from(values, Number).sort((a, b) => a - b);
  return {
    blocks: sorted(blocks),
    classifications: sorted(readClassifications(ws, { revision }).map((row) => row.sector)),
    actions: sorted(readActions(ws, { revision }).map((row) => row.value)),
    shares: sorted(readShares(ws, { revision }).map((row) => row.shares)),
    map: sorted(readEtfMap(ws, revision).map((row) => row.scheme)),
    universe: sorted(readUniverses(ws, { revision }).flatMap((one) => one.members.map((row) => row.line))),
    securities: sorted(readSecurities(ws, { revision }).map((row) => row.name)),
    identities: sorted(readIdentities(ws, { revision }).map((row) => row.name)),
    decisions: sorted(readDecisions(ws, revision).map((row) => row.reason)),
    snapshots: sorted(listSnapshots(ws, revision).map((row) => row.source)),
    findings: sorted(listFindings(ws, revision).map((row) => row.subject)),
  };
}

function expected(inForce: readonly number[]): Record<string, number[]> {
  const all = [...inForce];
  return {
    blocks: all,
    classifications: all,
    actions: all,
    shares: all,
    map: all.slice(-1),
    universe: all,
    securities: all,
    // Provisional ones: of each symbol the latest counts.
    identities: all.filter((tag, i) => all.slice(i + 1).every((later) => later % 3 !== tag % 3)),
    decisions: all,
    snapshots: all,
    findings: all,
  };
}

it('the state at any revision is the one replayed, whatever was committed and undone since', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constant('commit' as const), fc.nat(20)), { minLength: 1, maxLength: 14 }), (steps) => {
      const ws = freshWorkspace();
      const inForce = new Set<number>();
      const history: number[][] = [[]];
      for (const step of steps) {
        const committed = listBatches(ws).length;
        if (step === 'commit') {
          const done = commitBatch(ws, meta({ sha256: String(committed + 1) }), (writer) => writeAll(writer, committed + 1));
          expect(done).toEqual({ batchId: committed + 1, revision: history.length });
          inForce.add(committed + 1);
        } else if (inForce.has(step)) {
          expect(undoBatch(ws, step)).toBe(history.length);
          inForce.delete(step);
        } else {
          expect(() => undoBatch(ws, step)).toThrow(HedgerowError);
          continue;
        }
        history.push([...inForce].sort((a, b) => a - b));
      }
      expect(currentRevision(ws)).toBe(history.length - 1);
      ws.close();
      const again = reopen(ws.dir, 'read');
      expect(verifyJournal(again)).toMatchObject({ brokenAt: null, altered: [] });
      history.forEach((state, revision) => expect(tags(again, revision)).toEqual(expected(state)));
      again.close();
    }),
    { numRuns: 25 },
  );
});

it('says why a batch cannot be undone', () => {
  const ws = freshWorkspace();
  commitBatch(ws, meta(), () => {});
  undoBatch(ws, 1, '2026-02-03T00:00:00.000Z');
  expect(getBatch(ws, 1)).toMatchObject({ undoneRevision: 2, undoneAt: '2026-02-03T00:00:00.000Z' });
  expect(() => undoBatch(ws, 1)).toThrow('Batch 1 was undone before.');
  expect(() => undoBatch(ws, 7)).toThrow('There is no batch 7.');
  expect(getBatch(ws, 7)).toBeNull();
  expect(currentRevision(ws)).toBe(2);
});

it('never uses a security id again', () => {
  const ws = freshWorkspace();
  commitBatch(ws, meta(), (writer) => writeAll(writer, 1));
  undoBatch(ws, 1);
  ws.sql.exec('DELETE FROM identity_decision; DELETE FROM identity; DELETE FROM security');
  commitBatch(ws, meta(), (writer) => writeAll(writer, 2));
  expect(readSecurities(ws, { revision: null }).map((row) => row.securityId)).toEqual([2]);
});

it('what changed between two revisions counts every batch in between, and the undo of one that was the last', () => {
  const ws = freshWorkspace();
  const none = { validFrom: null, validTo: null, knownFrom: null };
  const price = () =>
    commitBatch(ws, meta(), (writer) => {
      const [symbolId] = writer.symbols([{ type: 'ticker', code: 'A' }]) as unknown as [SymbolId];
      writer.block({ symbolId, field: 'close', firstSlot: 5, values: Float64Array.of(1), known: null, anchored: false });
    });
  const { batchId } = price();
  commitBatch(ws, meta(), (writer) =>
    writer.classifications([{ ...none, symbolId: 1 as SymbolId, sector: 'A', industry: null, scheme: '', line: 2 }]),
  );
  price();
  expect(seriesChanges(ws, ['close'], 1, 3)).toMatchObject({ facts: true, added: [{ order: 3 }] });
  expect(seriesChanges(ws, ['close'], 2, 3).facts).toBe(false);
  undoBatch(ws, batchId);
  expect([...seriesChanges(ws, ['close'], 1, 4).removed]).toEqual([1]);
});
