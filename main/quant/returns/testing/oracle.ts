import type { DatedAction, ReturnOptions, RowAxis, SecurityInputs, SeriesBlock } from '../types.ts';

/**
 * The return of one row straight from the definitions (MODEL.md 1 and 8), by searching all facts anew: slow, and sharing no
 * code with what it checks.
 */
export function oracleReturn(inputs: SecurityInputs, axis: RowAxis, row: number, options: ReturnOptions): number {
  const k = options.knowledgeDay;
  const plain = plainReturn(inputs, axis, row, options);
  let factor = NaN;
  for (const exDay of new Set(inputs.actions.filter((a) => a.type === 'delisting').map((a) => a.exDay))) {
    const inForce = actionsInForce(inputs.actions, exDay, 'delisting', options);
    if (inForce.length === 0 || exDay > k || exDay < axis.days[0]!) continue;
    const exRow = axis.days.findIndex((day) => day >= exDay);
    let target = -1;
    if (exRow >= 0 && !Number.isNaN(plainReturn(inputs, axis, exRow, options))) {
      target = exRow;
    } else {
      for (let r = exRow < 0 ? axis.nRows - 1 : exRow; r >= 0 && target < 0; r--) {
        const priced = [inputs.close, inputs.adjClose, inputs.returns].some((blocks) => version(blocks, axis, r, options) !== null);
        if (priced) target = r + 1;
      }
    }
    if (target !== row) continue;
    const value = inForce.reduce((product, a) => product * (1 + a.value), 1);
    factor = Number.isNaN(factor) ? value : factor * value;
  }
  if (Number.isNaN(factor)) return plain;
  return (Number.isNaN(plain) ? 1 : 1 + plain) * factor - 1;
}

interface Version {
  value: number;
  known: number;
  block: SeriesBlock;
}

function plainReturn(inputs: SecurityInputs, axis: RowAxis, row: number, options: ReturnOptions): number {
  const { knowledgeDay: k, mode } = options;
  const imported = version(inputs.returns, axis, row, options);
  if (imported) return imported.value;
  if (row === 0) return NaN;
  const adjusted = version(inputs.adjClose, axis, row, options);
  if (mode !== 'raw' && adjusted) {
    const all = versions(inputs.adjClose, axis, row - 1, true).filter((v) => v.known <= latest(options));
    // The last version that has a base: the first value of a file has none.
    for (const tried of versions(inputs.adjClose, axis, row, false).reverse()) {
      if (tried.known > latest(options)) continue;
      const own = all.filter((v) => v.block.batchId === tried.block.batchId && v.block.symbolId === tried.block.symbolId);
      const base =
        options.knowledge === 'strict' ? own.filter((v) => v.known <= k).at(-1) : all.some((v) => v.known <= k) ? own.at(-1) : undefined;
      if (base) return tried.value / base.value - 1;
    }
  }
  if (mode === 'adjusted') return NaN;
  const before = version(inputs.close, axis, row - 1, options);
  const now = version(inputs.close, axis, row, options);
  if (!before) return NaN;
  let shares = 1;
  let cash = 0;
  let terminal = NaN;
  for (let exDay = axis.days[row - 1]! + 1; exDay <= axis.days[row]!; exDay++) {
    if (exDay > k) continue;
    const of = (type: DatedAction['type']): number[] => actionsInForce(inputs.actions, exDay, type, options).map((a) => a.value);
    for (const split of of('split')) shares *= split;
    for (const type of ['dividend', 'special_dividend', 'spinoff'] as const) for (const amount of of(type)) cash += shares * amount;
    const merger = of('merger');
    if (merger.length > 0) terminal = merger.reduce((sum, amount) => sum + amount, 0);
  }
  const price = now ? now.value : adjusted ? NaN : terminal;
  return (shares * price + cash) / before.value - 1;
}

function latest(options: ReturnOptions): number {
  return options.knowledge === 'strict' ? options.knowledgeDay : options.asKnownAt;
}

/** All versions of a row's value, later knowledge and later batches last. */
function versions(blocks: readonly SeriesBlock[], axis: RowAxis, row: number, anchors: boolean): Version[] {
  const found: Version[] = [];
  const day = axis.days[row]!;
  for (const block of blocks) {
    const index = axis.slots[row]! - block.firstSlot;
    const value = block.values[index];
    if (value === undefined || Number.isNaN(value) || day < block.fromDay || day >= block.toDay) continue;
    if (block.anchored && index === 0 && !anchors) continue;
    found.push({ value, known: block.known?.[index] ?? day, block });
  }
  return found.sort((a, b) => a.known - b.known || a.block.order - b.block.order);
}

function version(blocks: readonly SeriesBlock[], axis: RowAxis, row: number, options: ReturnOptions): Version | null {
  const all = versions(blocks, axis, row, false).filter((v) => v.known <= latest(options));
  return all.some((v) => v.known <= options.knowledgeDay) ? all.at(-1)! : null;
}

function actionsInForce(actions: readonly DatedAction[], exDay: number, type: string, options: ReturnOptions): DatedAction[] {
  const all = actions.filter((a) => a.exDay === exDay && a.type === type && a.known <= latest(options));
  if (!all.some((a) => a.known <= options.knowledgeDay)) return [];
  const last = [...all].sort((a, b) => a.known - b.known || a.order - b.order).at(-1)!;
  return all.filter((a) => a.known === last.known && a.order === last.order);
}
