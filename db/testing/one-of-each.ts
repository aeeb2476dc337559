import type { EpochDay, SymbolId } from '../../main/contract/units.ts';
import type { BatchWriter } from '../index.ts';

const none = { validFrom: null, validTo: null, knownFrom: null };

/** One of everything, told apart by `tag`; `raw`: the line of the holding. */
export function writeAll(writer: BatchWriter, tag: number, raw = `T,${tag}`): void {
  const [id] = writer.symbols([{ type: 'ticker', code: `T${tag % 3}` }]) as unknown as [SymbolId];
  writer.block({ symbolId: id, field: 'close', firstSlot: tag, values: Float64Array.of(tag), known: tag, anchored: false });
  writer.classifications([{ ...none, symbolId: id, sector: String(tag), industry: null, scheme: '', line: 2 }]);
  writer.actions([{ symbolId: id, exDay: tag as EpochDay, type: 'dividend', value: tag, knownFrom: null, line: 2 }]);
  writer.shares([{ ...none, symbolId: id, shares: tag, line: 2 }]);
  writer.etfMap([{ ...none, level: 'market', code: '*', scheme: String(tag), symbolId: id, line: 2 }]);
  writer.universe({ name: 'list', knownFrom: null, removed: false, members: [{ ...none, symbolId: id, line: tag }] });
  const securityId = writer.security({ provisional: true, name: String(tag), type: null });
  const rest = { figi: null, isin: null, cusip: null, sedol: null, exchange: null, type: null };
  writer.identity({ ...none, ...rest, securityId, symbolId: id, provisional: true, line: 2, name: String(tag) });
  writer.decision({
    kind: 'assign',
    securityId,
    symbolId: id,
    validFrom: null,
    validTo: null,
    knownFrom: tag as EpochDay,
    reason: String(tag),
  });
  const snapshot = writer.snapshot({ asOf: tag as EpochDay, source: String(tag) });
  const unsaid = { price: null, marketValue: null, currency: null, name: null, cusip: null, isin: null, kind: null };
  const held = {
    ...unsaid,
    disposition: 'position',
    account: 'A',
    ticker: 'T',
    symbolId: id,
    quantity: String(tag),
    raw,
  } as const;
  writer.holdings(snapshot, [{ ...held, line: 2 }]);
  writer.findings([{ severity: 'info', code: 'c', subject: String(tag), day: null, message: 'm', detail: null }]);
}
