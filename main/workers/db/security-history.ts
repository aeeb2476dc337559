/** What is stored about one security over all its days: closes, corporate actions, symbols and classifications. */
import type { Workspace } from '../../../db/index.ts';
import type { ActionRow, ClassificationRow, SymbolRow } from '../../contract/results-security.ts';
import { valueInForce, type FieldTable } from '../../quant/returns/fields.ts';
import { buildFacts } from '../../quant/returns/facts.ts';
import type { PanelSettings } from '../panel.ts';
import { Moved } from '../rpc.ts';
import { ALWAYS } from './identity.ts';
import { readMaster } from './master.ts';
import { classificationsBySymbol, identitiesBySecurity, symbolsById } from './remembered.ts';
import { isoOrNull, originsOf } from './provenance.ts';
import { inputsOf, type StoredAction } from './security-inputs.ts';
import { seriesOfSome, symbolsOf } from './stored-series.ts';

export interface HistoryRequest {
  readonly revision: number;
  readonly knownAsOf: number;
  readonly settings: PanelSettings;
  readonly securityId: number;
}

export interface SecurityHistory {
  /** One value per row of the panel's axis; NaN where none is in force. */
  readonly close: Float64Array;
  readonly adjClose: Float64Array;
  readonly actions: readonly ActionRow[];
  readonly symbols: readonly SymbolRow[];
  readonly classes: readonly ClassificationRow[];
}

/** Facts of a security known by `knownAsOf`; closes are the versions in force on that day, corrections included. */
export function securityHistory(ws: Workspace, request: HistoryRequest): Moved<SecurityHistory> {
  const { revision, knownAsOf, settings, securityId } = request;
  const master = readMaster(ws, revision, knownAsOf);
  const origins = originsOf(ws);
  const symbols = symbolsById(ws, revision);
  const code = (id: number): string => symbols.get(id)?.code ?? `#${id}`;
  const pieces = master.identities.pieces(securityId);
  const inputs = inputsOf(master, master.identities, securityId, seriesOfSome(ws, revision, symbolsOf(pieces), { joined: true }));
  const classes = classificationsBySymbol(ws, revision);
  const facts = buildFacts(inputs, master.axis, knownAsOf, settings.knowledge, settings.returns);
  const column = (table: FieldTable): Float64Array<ArrayBuffer> => {
    const out = new Float64Array(master.axis.nRows).fill(NaN);
    for (let row = 0; row < out.length; row++) {
      const entry = valueInForce(table, row, knownAsOf, facts.corrected);
      if (entry >= 0) out[row] = table.value[entry]!;
    }
    return out;
  };

  const close = column(facts.close);
  const adjClose = column(facts.adjClose);
  const found: SecurityHistory = {
    close,
    adjClose,
    actions: inForceActions(inputs.actions, knownAsOf).map((action) => ({
      type: action.type,
      exDate: isoOrNull(action.exDay)!,
      value: action.value,
      symbol: code(action.stored.symbolId),
      ...origins.of({ batchId: action.batchId, line: action.stored.line, knownFrom: action.known }),
    })),
    symbols: (identitiesBySecurity(ws, revision).get(securityId) ?? [])
      .filter((row) => (row.knownFrom ?? ALWAYS) <= knownAsOf)
      .map((row) => ({
        kind: symbols.get(row.symbolId)?.type ?? '',
        symbol: code(row.symbolId),
        exchange: row.exchange,
        provisional: row.provisional,
        ...origins.dated(row),
      }))
      .sort((a, b) => (a.kind === b.kind ? order(a.validFrom, b.validFrom) : order(b.kind, a.kind))),
    classes: [...new Set(pieces.map(({ symbolId }) => symbolId))]
      .flatMap((symbolId) => classes.get(symbolId) ?? [])
      .filter(
        (row) =>
          (row.knownFrom ?? ALWAYS) <= knownAsOf &&
          master.identities.resolve(row.symbolId, row.validFrom ?? master.axis.days.at(-1)!) === securityId,
      )
      .map((row) => ({ scheme: row.scheme, sector: row.sector, industry: row.industry, ...origins.dated(row) }))
      .sort((a, b) => order(a.scheme, b.scheme) || order(a.validFrom, b.validFrom)),
  };
  return new Moved(found, [close.buffer, adjClose.buffer]);
}

const order = (a: string | null, b: string | null): number => ((a ?? '') < (b ?? '') ? -1 : (a ?? '') > (b ?? '') ? 1 : 0);

/** Per ex-date and type the version known last by `knownAsOf`. */
function inForceActions(actions: readonly StoredAction[], knownAsOf: number): StoredAction[] {
  const last = new Map<string, StoredAction>();
  for (const action of actions) {
    if (action.known > knownAsOf || action.exDay > knownAsOf) continue;
    const key = `${action.exDay}/${action.type}`;
    const held = last.get(key);
    if (!held || action.known > held.known || (action.known === held.known && action.order >= held.order)) last.set(key, action);
  }
  return [...last.values()].sort((a, b) => a.exDay - b.exDay || order(a.type, b.type));
}
