/** Decisions about who is who, made by hand: each is one batch with its reason, which can be undone like any other. */
import { createHash } from 'node:crypto';
import {
  allSymbols,
  appendJournal,
  commitBatch,
  currentRevision,
  readIdentities,
  type BatchWriter,
  type NewDecision,
  type Workspace,
} from '../../../db/index.ts';
import { HedgerowError } from '../../contract/errors.ts';
import type { DecisionResult } from '../../contract/results-identities.ts';
import { formatIsoDay, parseIsoDay, whyNoDay, type EpochDay } from '../../contract/units.ts';
import { canonicalTicker, isFigi, isIsin } from '../../importers/symbols.ts';
import { ALWAYS, FOREVER, type IdentityHistory, type IdentityIndex, type Name, type Piece, type SymbolRow } from './identity.ts';
import { readHistory } from './master.ts';
import { openDay, quarantined, titles, valueDays, type Quarantined } from './quarantine.ts';

interface Basics {
  /** ISO; default: the name's own days when a name is resolved, else today. */
  readonly knownFrom?: string | undefined;
  readonly reason: string;
  readonly trial?: boolean | undefined;
  readonly today: number;
  readonly at: string;
}

export interface ResolveRequest extends Basics {
  readonly name: string;
  readonly securityId: number | null;
  readonly from?: string | undefined;
  readonly until?: string | undefined;
}

export interface AcceptRequest extends Basics {
  /** Default: all. */
  readonly names?: readonly string[] | undefined;
}

export interface MergeRequest extends Basics {
  readonly intoId: number;
  readonly otherId: number;
  readonly force?: boolean | undefined;
}

export interface SplitRequest extends Basics {
  readonly securityId: number;
  readonly from?: string | undefined;
  readonly until?: string | undefined;
  /** One of its names; default: all its tickers. */
  readonly name?: string | undefined;
}

interface Present {
  readonly ws: Workspace;
  readonly revision: number;
  readonly history: IdentityHistory;
  readonly view: IdentityIndex;
  readonly symbols: readonly SymbolRow[];
  title(securityId: number): string;
}

function present(ws: Workspace): Present {
  const revision = currentRevision(ws);
  const history = readHistory(ws, revision, Infinity);
  const view = history.at(Infinity);
  const title = titles(ws, revision, view);
  return {
    ws,
    revision,
    history,
    view,
    symbols: allSymbols(ws),
    title: (securityId) => {
      const { ticker, name } = title(securityId);
      return `security ${securityId} (${ticker}${name === null ? '' : `, ${name}`})`;
    },
  };
}

/** `BRK.B`, `ABC@NYSE`, a FIGI or an ISIN, as files would name it. */
function nameOf(text: string): Name {
  const [code = '', exchange = ''] = text.trim().toUpperCase().split('@');
  if (exchange === '' && isFigi(code)) return { type: 'figi', code, exchange: '' };
  if (exchange === '' && isIsin(code)) return { type: 'isin', code, exchange: '' };
  const ticker = canonicalTicker(code);
  if (ticker === '')
    throw new HedgerowError('usage', `"${text}" is no ticker, FIGI or ISIN.`, 'Write it as a file would, like BRK.B or ABC@NYSE.');
  return { type: 'ticker', code: ticker, exchange: exchange.trim() };
}

function dayOf(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const day = parseIsoDay(text);
  if (day === null)
    throw new HedgerowError('usage', `"${text}" is not a date: ${whyNoDay(text)}.`, 'Write a day that there is, as YYYY-MM-DD.');
  return day;
}

function checkSecurity({ history, view, title }: Present, securityId: number): void {
  if (!history.securities().includes(securityId))
    throw new HedgerowError('not_found', `There is no security ${securityId}.`, 'Search for it by ticker, identifier or name.');
  const root = view.root(securityId);
  if (root !== securityId)
    throw new HedgerowError(
      'blocked',
      `Security ${securityId} was merged into ${title(root)}.`,
      `Name security ${root}, or undo the merge first.`,
    );
}

const bound = (day: number): EpochDay | null => (day <= ALWAYS || day >= FOREVER ? null : (day as EpochDay));
const period = (from: number, to: number): string =>
  `${openDay(from) === null ? '' : ` from ${openDay(from)}`}${openDay(to) === null ? '' : ` until ${openDay(to)}`}`;
const nameText = ({ code, exchange }: Name): string => (exchange === '' ? code : `${code}@${exchange}`);

/** What is to be stored, said in words. */
interface Planned {
  readonly text: string;
  /** Symbols and days that change hands. */
  readonly moved: readonly Piece[];
  /** Latest day by which the decision is known unless the request says otherwise. */
  readonly knownFrom: number;
  readonly notes?: readonly string[];
  readonly securityId: number | null;
  /** Stores the decisions; answers the security they are about. */
  write(writer: BatchWriter, knownFrom: EpochDay): number;
}

function carryOut(here: Present, request: Basics, plan: Planned): DecisionResult {
  const { ws, revision } = here;
  const knownFrom = dayOf(request.knownFrom, plan.knownFrom) as EpochDay;
  if (knownFrom > request.today)
    throw new HedgerowError('usage', `${formatIsoDay(knownFrom)} is in the future.`, 'A decision cannot be known before it is made.');
  const days = valueDays(ws, revision, [...new Set(plan.moved.map((piece) => piece.symbolId))]);
  const rows = plan.moved.flatMap(({ symbolId, fromDay, toDay }) =>
    (days.get(symbolId) ?? []).filter((day) => fromDay <= day && day < toDay),
  );
  const ends = rows.reduce((span, day) => [Math.min(span[0]!, day), Math.max(span[1]!, day)], [Infinity, -Infinity]);
  let securityId = plan.securityId;
  let batchId: number | null = null;
  if (request.trial !== true) {
    const sha256 = createHash('sha256').update(`${request.at} ${plan.text} ${request.reason}`).digest('hex');
    const counts = { rows: rows.length, new: 0, unchanged: 0, restated: 0, rebased: 0, rejected: 0, nonSession: 0 };
    ({ batchId } = commitBatch(
      ws,
      {
        kind: 'identity',
        file: plan.text,
        source: 'by hand',
        sha256,
        bytes: 0,
        importerVersion: 'by hand',
        importedAt: request.at,
        importDay: request.today as EpochDay,
        counts,
        report: null,
        options: {},
      },
      (writer) => {
        securityId = plan.write(writer, knownFrom);
        appendJournal(
          ws,
          'identity',
          { batchId: writer.batchId, decision: plan.text, reason: request.reason, knownFrom: formatIsoDay(knownFrom) },
          request.at,
        );
      },
    ));
  }
  const first = rows.length ? ends[0]! : null;
  const late = first !== null && knownFrom > first;
  return {
    batchId,
    text: plan.text,
    securityId,
    rows: rows.length,
    first: first === null ? null : formatIsoDay(first as EpochDay),
    last: rows.length ? formatIsoDay(ends[1]! as EpochDay) : null,
    knownFrom: formatIsoDay(knownFrom),
    notes: [
      ...(plan.notes ?? []),
      ...(late
        ? [
            `Under strict knowledge, rows before ${formatIsoDay(knownFrom)} stay as they were; knowledge "corrected" applies it to them too. If it was known earlier, say from when.`,
          ]
        : []),
    ],
  };
}

const assign = (securityId: number, piece: Piece, knownFrom: EpochDay, reason: string): NewDecision => ({
  kind: 'assign',
  securityId,
  symbolId: piece.symbolId,
  validFrom: bound(piece.fromDay),
  validTo: bound(piece.toDay),
  knownFrom,
  reason,
});

const newSecurity = (writer: BatchWriter): number => writer.security({ provisional: false, name: null, type: null });

/** Says whose a name is, by default on the days on which it is in quarantine. */
export function resolveName(ws: Workspace, request: ResolveRequest): DecisionResult {
  const here = present(ws);
  const name = nameOf(request.name);
  const symbols = here.symbols.filter((one) => one.type === name.type && one.code === name.code && one.exchange === name.exchange);
  const symbol = symbols[0];
  if (!symbol) throw new HedgerowError('not_found', `No file has used the name ${nameText(name)}.`, 'The quarantine lists the names.');
  if (request.securityId !== null) checkSecurity(here, request.securityId);
  let [from, to, known] = [dayOf(request.from, ALWAYS), dayOf(request.until, FOREVER), ALWAYS];
  if (request.from === undefined && request.until === undefined) {
    const held = quarantined(ws, here.revision, here.history).filter((one) => one.symbol.symbolId === symbol.symbolId);
    if (held.length !== 1)
      throw new HedgerowError(
        'usage',
        held.length === 0
          ? `Nothing of ${nameText(name)} is in quarantine.`
          : `${nameText(name)} is in quarantine on ${held.length} stretches: ${held.map(({ stretch }) => period(stretch.from, stretch.to).trim()).join('; ')}.`,
        'Say on which days it is the security (from, until).',
      );
    ({ from, to } = held[0]!.stretch);
    known = held[0]!.first;
  }
  if (from >= to) throw new HedgerowError('usage', 'The period ends before it begins.', 'Give a later day for its end.');
  const piece = { symbolId: symbol.symbolId, fromDay: from, toDay: to };
  const first = (valueDays(ws, here.revision, [symbol.symbolId]).get(symbol.symbolId) ?? []).find((day) => day >= from);
  const { securityId } = request;
  return carryOut(here, request, {
    text: `${nameText(name)}${period(from, to)} is ${securityId === null ? 'a new security' : here.title(securityId)}`,
    moved: [piece],
    knownFrom: Math.min(request.today, Math.max(known, from, first ?? request.today)),
    securityId,
    write(writer, knownFrom) {
      const owner = securityId ?? newSecurity(writer);
      writer.decision(assign(owner, piece, knownFrom, request.reason));
      return owner;
    },
  });
}

/** Applies the proposals of the quarantine, all or those of some names, as one batch. */
export function acceptProposals(ws: Workspace, request: AcceptRequest): DecisionResult {
  const here = present(ws);
  const wanted = request.names && new Set(request.names.map((text) => nameText(nameOf(text))));
  const chosen = quarantined(ws, here.revision, here.history).filter(
    (one): one is Quarantined & { proposal: NonNullable<Quarantined['proposal']> } =>
      one.proposal !== null && (wanted === undefined || wanted.has(nameText(one.symbol))),
  );
  if (chosen.length === 0)
    throw new HedgerowError(
      'not_found',
      'There is no proposal to accept.',
      'Say whose the names are, one by one (resolve NAME --to SECURITY).',
    );
  const pieces = chosen.map(({ symbol, stretch }): Piece => ({ symbolId: symbol.symbolId, fromDay: stretch.from, toDay: stretch.to }));
  const owners = chosen.map((one) => one.proposal.securityId);
  const listed = chosen.slice(0, 3).map(({ symbol }, i) => `${nameText(symbol)} is ${here.title(owners[i]!)}`);
  return carryOut(here, request, {
    text: `${listed.join('; ')}${chosen.length > 3 ? ` and ${chosen.length - 3} more names` : ''}, as proposed`,
    moved: pieces,
    knownFrom: Math.min(request.today, ...chosen.map((one) => one.first)),
    securityId: owners[0]!,
    write(writer, knownFrom) {
      // Each from its own first row, unless the request says from when.
      pieces.forEach((piece, i) => {
        const own = request.knownFrom === undefined ? (chosen[i]!.first as EpochDay) : knownFrom;
        writer.decision(assign(owners[i]!, piece, own, request.reason));
      });
      return owners[0]!;
    },
  });
}

/** Days on which both securities have prices. */
function commonDays(here: Present, a: number, b: number): number[] {
  const daysOf = (securityId: number): Set<number> => {
    const pieces = here.view.pieces(securityId);
    const days = valueDays(here.ws, here.revision, [...new Set(pieces.map((piece) => piece.symbolId))]);
    return new Set(
      pieces.flatMap(({ symbolId, fromDay, toDay }) => (days.get(symbolId) ?? []).filter((day) => fromDay <= day && day < toDay)),
    );
  };
  const other = daysOf(b);
  return [...daysOf(a)].filter((day) => other.has(day)).sort((x, y) => x - y);
}

/** Makes two securities one: every name of the other is this one's. Refused when they look like two companies, unless forced. */
export function mergeSecurities(ws: Workspace, request: MergeRequest): DecisionResult {
  const here = present(ws);
  const { intoId, otherId } = request;
  if (intoId === otherId) throw new HedgerowError('usage', 'A security cannot be merged with itself.', 'Name two securities.');
  checkSecurity(here, intoId);
  checkSecurity(here, otherId);
  const notes: string[] = [];
  const figi = (id: number): Set<string> =>
    new Set(
      readIdentities(ws, { revision: here.revision }).flatMap((row) =>
        here.view.root(row.securityId) === id && row.figi ? [row.figi] : [],
      ),
    );
  const [mine, theirs] = [figi(intoId), figi(otherId)];
  const doubts: string[] = [];
  if (mine.size > 0 && theirs.size > 0 && ![...mine].some((code) => theirs.has(code)))
    doubts.push(`They have different FIGIs (${[...mine].join(', ')} and ${[...theirs].join(', ')}): share classes stay apart.`);
  const common = commonDays(here, intoId, otherId);
  if (common.length > 0)
    doubts.push(
      `Both have prices on ${common.length} days, ${formatIsoDay(common[0]! as EpochDay)} to ${formatIsoDay(common.at(-1)! as EpochDay)}: where they differ, the later import would win.`,
    );
  if (doubts.length > 0 && request.force !== true)
    throw new HedgerowError(
      'blocked',
      `${here.title(intoId)} and ${here.title(otherId)} look like two companies. ${doubts.join(' ')}`,
      'If they are one all the same, merge them with force.',
    );
  notes.push(...doubts);
  const [kept, gone] = [intoId, otherId].map((id) => here.view.tickerOn(id, request.today));
  if (kept !== gone && [intoId, otherId].every((id) => here.view.renames(id).length === 0))
    notes.push(`Nothing says from when it is called ${gone}: outputs call it ${kept} on all days, until a securities file says when.`);
  return carryOut(here, request, {
    text: `${here.title(otherId)} is ${here.title(intoId)}`,
    moved: here.view.pieces(otherId),
    knownFrom: request.today,
    notes,
    securityId: intoId,
    write(writer, knownFrom) {
      writer.decision({ kind: 'merge', securityId: intoId, otherId, knownFrom, reason: request.reason });
      return intoId;
    },
  });
}

/** Makes a new security of some days of a security's names: two companies had become one. */
export function splitSecurity(ws: Workspace, request: SplitRequest): DecisionResult {
  const here = present(ws);
  const { securityId } = request;
  checkSecurity(here, securityId);
  const [from, to] = [dayOf(request.from, ALWAYS), dayOf(request.until, FOREVER)];
  if (from >= to) throw new HedgerowError('usage', 'The period ends before it begins.', 'Give a later day for its end.');
  const wanted = request.name === undefined ? null : nameOf(request.name);
  const symbolOf = new Map(here.symbols.map((symbol) => [symbol.symbolId as number, symbol]));
  const chosen = ({ type, code, exchange }: Name): boolean =>
    wanted === null
      ? type === 'ticker'
      : type === wanted.type && code === wanted.code && (wanted.exchange === '' || exchange === wanted.exchange);
  const mine = here.view.pieces(securityId).filter((piece) => chosen(symbolOf.get(piece.symbolId)!));
  const moved = mine
    .map((piece): Piece => ({ ...piece, fromDay: Math.max(piece.fromDay, from), toDay: Math.min(piece.toDay, to) }))
    .filter((piece) => piece.fromDay < piece.toDay);
  if (moved.length === 0)
    throw new HedgerowError(
      'usage',
      `${here.title(securityId)} has no such name${period(from, to)}.`,
      'Its names and their days are in its history.',
    );
  const rest =
    here.view.pieces(securityId).length > moved.length ||
    moved.some((piece, i) => piece.fromDay !== mine[i]?.fromDay || piece.toDay !== mine[i]?.toDay);
  if (!rest)
    throw new HedgerowError(
      'usage',
      `That would leave nothing of ${here.title(securityId)}.`,
      'Give the days (from, until) or the name that belong to the other company.',
    );
  const names = [...new Set(moved.map((piece) => nameText(symbolOf.get(piece.symbolId)!)))].join(', ');
  return carryOut(here, request, {
    text: `${names}${period(from, to)} of ${here.title(securityId)} is a new security`,
    moved,
    knownFrom: request.today,
    securityId: null,
    write(writer, knownFrom) {
      const created = newSecurity(writer);
      for (const piece of moved) writer.decision(assign(created, piece, knownFrom, request.reason));
      return created;
    },
  });
}
