/** Repairs of findings, written as one batch that can be undone like any import. */
import { createHash } from 'node:crypto';
import {
  commitBatch,
  currentRevision,
  latestLook,
  listBatches,
  listFindings,
  readActions,
  readBlocks,
  type BatchRecord,
  type BatchWriter,
  type CorporateAction,
  type FindingRecord,
  type Workspace,
} from '../../../db/index.ts';
import { sessionOfDay, dayOfSession } from '../../calendar/index.ts';
import { HedgerowError } from '../../contract/errors.ts';
import type { FixResult } from '../../contract/results-health.ts';
import { formatIsoDay, slotOfDay, type EpochDay, type Session, type SymbolId } from '../../contract/units.ts';
import { percent, price, splitWords, type Remedy } from '../../quant/doctor/index.ts';
import type { DoctorDetail } from './doctor.ts';
import { FIX_KIND } from './doctor-series.ts';
import { groupBy } from './group.ts';
import { readMaster, type Master } from './master.ts';
import { previousSlotLookup } from './stage-series.ts';
import { storedView, type StoredBlock } from './series-diff.ts';

export interface FixRequest {
  readonly findingIds: readonly number[];
  /** `today`: strict rows of the past stay as they were; `day`: as if the source had been right from the start. */
  readonly knownFrom: 'today' | 'day';
  readonly importDay: number;
  readonly at: string;
}

/** Repairs of earlier versions do not say which securities they are of. */
const isRepaired = ({ securities }: BatchRecord['options'], security: number | null): boolean => securities?.includes(security) ?? true;

const iso = (day: number): string => formatIsoDay(day as EpochDay);
const actionWords = (type: CorporateAction['type'], value: number): string =>
  type === 'split' ? `${splitWords(value)} split` : `${type.replace('_', ' ')} of ${price(value)}`;

/** What a repair writes, in words without the ticker. */
export function remedyWords(remedy: Remedy): string {
  switch (remedy.kind) {
    case 'set_action':
      return `List a ${actionWords(remedy.type, remedy.value)} on ${iso(remedy.exDay)}`;
    case 'void_action':
      return `Take the ${remedy.type.replace('_', ' ')} of ${iso(remedy.exDay)} out of the list`;
    case 'move_action':
      return `Move the ${actionWords(remedy.type, remedy.value)} from ${iso(remedy.exDay)} to ${iso(remedy.toDay)}`;
    case 'adjusted_return':
      return `Make the adjusted return of ${iso(remedy.day)} ${percent(remedy.value)}`;
    case 'rescale':
      return `Read the ${remedy.toDay - remedy.fromDay === 1 ? `close of ${iso(remedy.fromDay)}` : `closes from ${iso(remedy.fromDay)} to ${iso(remedy.toDay - 1)}`} ${remedy.factor >= 1 ? `times ${remedy.factor}` : `divided by ${Math.round(1 / remedy.factor)}`}`;
  }
}

/** The one day, or the two, that a repair turns on. */
function daysOf(remedy: Remedy): readonly number[] {
  switch (remedy.kind) {
    case 'move_action':
      return [remedy.exDay, remedy.toDay];
    case 'adjusted_return':
      return [remedy.day];
    case 'rescale':
      return [remedy.fromDay, remedy.toDay];
    default:
      return [remedy.exDay];
  }
}

/** Actions that a repair writes: type and ex-date. */
function actionsOf(remedy: Remedy): readonly string[] {
  return remedy.kind === 'rescale' || remedy.kind === 'adjusted_return' ? [] : daysOf(remedy).map((day) => `${remedy.type} ${day}`);
}

/** Whether two repairs of a security are of the same days: one reads closes on another scale where the other acts, or both write one action. */
function areRivals(one: Remedy, other: Remedy): boolean {
  const isOn = (scale: Remedy, acts: Remedy): boolean =>
    scale.kind === 'rescale' && daysOf(acts).some((day) => scale.fromDay <= day && day <= scale.toDay);
  const written = actionsOf(other);
  return isOn(one, other) || isOn(other, one) || actionsOf(one).some((action) => written.includes(action));
}

/** Throws `blocked` for two findings that would be corrected twice. */
function refuseRivals(chosen: readonly FindingRecord[]): void {
  const detailOf = ({ detail }: FindingRecord): DoctorDetail => detail as DoctorDetail;
  for (const [, same] of groupBy(chosen, (one) => detailOf(one).securityId))
    for (const [i, one] of same.entries()) {
      const rival = same.slice(i + 1).find((other) => areRivals(detailOf(one).remedy!, detailOf(other).remedy!));
      if (rival)
        throw new HedgerowError(
          'blocked',
          `Findings ${one.findingId} and ${rival.findingId} of ${one.subject} are repairs of the same days: together they correct them twice.`,
          'Fix one, let the doctor look again, and see whether the other is left.',
        );
    }
}

/**
 * Writes the repairs of findings. Throws `not_found`, `usage` for one without a repair, `blocked` when the data changed since the look, by a
 * repair of the same security too, or where two repairs are of the same days.
 */
export function fixFindings(ws: Workspace, request: FixRequest): FixResult {
  const look = latestLook(ws);
  const all = new Map(listFindings(ws).map((row) => [row.findingId, row]));
  const chosen = [...new Set(request.findingIds)].map((id) => {
    const found = all.get(id);
    if (!found || (found.lookId !== null && found.lookId !== look?.lookId))
      throw new HedgerowError('not_found', `There is no finding ${id} in force.`, 'List the findings to see their numbers.');
    if (found.lookId === null || !(found.detail as DoctorDetail).remedy)
      throw new HedgerowError(
        'usage',
        `Finding ${id} (${found.subject}, ${found.code}) has no repair that can be written by itself.`,
        (found.detail as { advice?: string } | null)?.advice ?? 'Import corrected data, or dismiss it with a reason.',
      );
    return found;
  });
  const later = listBatches(ws).filter((batch) => Math.max(batch.revision, batch.undoneRevision ?? 0) > look!.revision);
  if (later.some(({ kind }) => kind !== FIX_KIND))
    throw new HedgerowError('blocked', 'The data changed since the doctor looked at them.', 'Let the doctor look again, then fix.');
  // Repairs of other securities change nothing that was seen of this one.
  const again = chosen.find(({ detail }) => later.some(({ options }) => isRepaired(options, (detail as DoctorDetail).securityId)));
  if (again)
    throw new HedgerowError(
      'blocked',
      `${again.subject} was repaired, or a repair of it was taken back, since the doctor looked.`,
      'Let the doctor look again, then fix what is left.',
    );
  refuseRivals(chosen);

  const revision = currentRevision(ws);
  const master = readMaster(ws, revision, look!.knownAsOf);
  const plan = chosen.map((finding) => planOf(ws, master, revision, finding, request));
  const written = chosen.map(({ subject, detail }) => `${subject}: ${remedyWords((detail as DoctorDetail).remedy!)}`);
  const text = JSON.stringify([written, request.knownFrom]);
  const rows = plan.length;
  const { batchId } = commitBatch(
    ws,
    {
      kind: FIX_KIND,
      file: rows === 1 ? `fix: ${written[0]}` : `fix of ${rows} findings`,
      source: 'doctor',
      sha256: createHash('sha256').update(text).digest('hex'),
      bytes: Buffer.byteLength(text),
      importerVersion: 'doctor',
      importedAt: request.at,
      importDay: request.importDay as EpochDay,
      counts: { rows, new: rows, unchanged: 0, restated: 0, rejected: 0, rebased: 0, nonSession: 0 },
      report: null,
      options: { securities: [...new Set(chosen.map(({ detail }) => (detail as DoctorDetail).securityId))] },
    },
    (writer) => {
      for (const write of plan) write(writer);
    },
  );
  return {
    batchId,
    findings: chosen.map(({ findingId }) => findingId),
    written,
    knownFrom: request.knownFrom === 'today' ? iso(request.importDay) : null,
  };
}

type Write = (writer: BatchWriter) => void;

function planOf(ws: Workspace, master: Master, revision: number, finding: FindingRecord, request: FixRequest): Write {
  const { remedy, securityId } = finding.detail as DoctorDetail;
  const known = request.knownFrom === 'today' ? (request.importDay as EpochDay) : null;
  const symbolOn = (day: number): SymbolId => {
    const piece = master.identities.pieces(securityId ?? -1).find((one) => one.fromDay <= day && day < one.toDay);
    if (!piece)
      throw new HedgerowError('blocked', `${finding.subject} is not a security on ${iso(day)} any more.`, 'Let the doctor look again.');
    return piece.symbolId as SymbolId;
  };
  const setAction = (exDay: number, type: CorporateAction['type'], value: number): Write => {
    const symbolId = symbolOn(exDay);
    const neutral = type === 'split' ? 1 : 0;
    const row = (amount: number, knownFrom: EpochDay | null): CorporateAction => ({
      symbolId,
      exDay: exDay as EpochDay,
      type,
      value: amount,
      knownFrom,
      line: 0,
    });
    const held = readActions(ws, { revision, symbolIds: Int32Array.of(symbolId) }).some((one) => one.exDay === exDay && one.type === type);
    // What was held before a new action is "none": said, so that `corrected` has a version to correct and `strict` keeps it.
    const before = held || known === null || known <= exDay ? [] : [row(neutral, exDay as EpochDay)];
    return (writer) => writer.actions([...before, row(value, known ?? (exDay as EpochDay))]);
  };
  switch (remedy!.kind) {
    case 'set_action':
      return setAction(remedy!.exDay, remedy!.type, remedy!.value);
    case 'void_action':
      return setAction(remedy!.exDay, remedy!.type, remedy!.type === 'split' ? 1 : 0);
    case 'move_action': {
      const { exDay, type, value, toDay } = remedy!;
      const [gone, put] = [setAction(exDay, type, type === 'split' ? 1 : 0), setAction(toDay, type, value)];
      return (writer) => {
        gone(writer);
        put(writer);
      };
    }
    case 'adjusted_return':
      return adjustedReturn(ws, revision, symbolOn(remedy!.day), remedy!.day, remedy!.value, known);
    case 'rescale':
      return rescaled(ws, revision, symbolOn(remedy!.fromDay), remedy!, known);
  }
}

function viewOf(ws: Workspace, revision: number, symbolId: SymbolId, field: 'close' | 'adj_close') {
  const blocks: StoredBlock[] = [];
  readBlocks(ws, { fields: [field], symbolIds: Int32Array.of(symbolId), revision }, (block) => blocks.push(block));
  const view = storedView(blocks, previousSlotLookup());
  if (!view) throw new HedgerowError('blocked', 'The values to repair are gone.', 'Let the doctor look again.');
  return view;
}

/** The adjusted close of one day again, on a base that gives the wanted return; the next day keeps its own base (MODEL.md 1). */
function adjustedReturn(ws: Workspace, revision: number, symbolId: SymbolId, day: number, value: number, known: EpochDay | null): Write {
  const view = viewOf(ws, revision, symbolId, 'adj_close');
  const slot = slotOfDay(day as EpochDay)!;
  const base = slotOfDay(dayOfSession((sessionOfDay(day as EpochDay)! - 1) as Session))!;
  const close = view.values[slot - view.firstSlot]!;
  const values = new Float64Array(slot - base + 1).fill(NaN);
  values[0] = close / (1 + value);
  values[values.length - 1] = close;
  return (writer) => writer.block({ symbolId, field: 'adj_close', firstSlot: base, values, known, anchored: true });
}

function rescaled(
  ws: Workspace,
  revision: number,
  symbolId: SymbolId,
  { fromDay, toDay, factor }: { readonly fromDay: number; readonly toDay: number; readonly factor: number },
  known: EpochDay | null,
): Write {
  const view = viewOf(ws, revision, symbolId, 'close');
  const first = slotOfDay(fromDay as EpochDay)!;
  const last = slotOfDay((toDay - 1) as EpochDay)!;
  const values = Float64Array.from({ length: last - first + 1 }, (_, i) => (view.values[first + i - view.firstSlot] ?? NaN) * factor);
  return (writer) => writer.block({ symbolId, field: 'close', firstSlot: first, values, known, anchored: false });
}
