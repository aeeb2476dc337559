/** hedge, freeze, approve, orders, verify, fills, ledger. */
import { legNote, sidesOf } from '../contract/leg-note.ts';
import { existsSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { FillsFile, LedgerView, OrderPackage, OrderPackageRow, OrdersComparison } from '../contract/results-orders.ts';
import type { HedgeView } from '../contract/results.ts';
import { previewHedge } from '../core/hedge.ts';
import { deskOf, profileOf } from '../core/orders/desk.ts';
import { exportPackage, freezeHedge, writeHedgeFiles, type Written } from '../core/orders/export.ts';
import { countFills, importFills } from '../core/orders/fills.ts';
import { getLedger } from '../core/orders/ledger.ts';
import { approvePackage, comparePackages, getPackage, listPackages, ordersPolicy } from '../core/orders/packages.ts';
import { ticketHtml } from '../core/orders/ticket.ts';
import { verifyFiles } from '../core/orders/verify.ts';
import { withSession } from '../core/session.ts';
import { parseWords, usage } from './arguments.ts';
import type { Command } from './commands.ts';
import {
  hedgeRequest,
  OF_FILES,
  onTicket,
  ordersOnly,
  profiled,
  REQUEST,
  REQUEST_HELP,
  termsOf,
  text,
  USUAL,
  usualTerms,
  WRITE,
  writeOptions,
} from './hedge-words.ts';
import { basisText, laterHoldings, fixed, money, percent, table } from './table.ts';

const simulated = (view: { lineage: { simulated: boolean } }): string => (view.lineage.simulated ? ' (SIMULATED data)' : '');

function hedgeText(view: HedgeView, files: string[]): string {
  const { volatility: vol } = view;
  const newest = view.snapshots.reduce((latest, { asOf }) => (asOf > latest ? asOf : latest), '');
  return [
    `Hedge of snapshot ${view.snapshotId} on ${view.date}${laterHoldings(newest, view.date)}${simulated(view)}, ${basisText(view.lineage)}`,
    table(
      ['etf', 'exposure', 'held', 'target', 'trade', 'price', 'shares', 'side', 'notional', 'left exact', 'left rounded', 'note'],
      view.legs.map((leg) => [
        leg.etf,
        money(leg.exposure),
        money(leg.held),
        money(leg.target),
        money(leg.trade),
        money(leg.price),
        fixed(leg.shares, 0),
        sidesOf(view, leg).join(', '),
        money(leg.notional),
        money(leg.after),
        money(leg.rounded),
        legNote(view, leg, (count, decimals) => `${fixed(count, decimals)} ${count === 1 ? 'share' : 'shares'}`) ?? '',
      ]),
    ),
    `model volatility per year (covariance of the ETFs and residual parts): before ${money(vol.before)}, after the exact hedge ${money(vol.after)}, after rounding ${money(vol.rounded)}; residual part ${money(vol.residual)}`,
    ...(view.limits
      ? [
          `limits: ${view.limits.legs.map((leg) => `${leg.etf}${leg.account ? ` in ${leg.account}` : ''}: ${leg.reason}`).join('; ') || 'gross cap'}`,
          `factor volatility per year they leave: ${money(view.limits.lost)} (${money(view.limits.lostAlone)} if no other leg stood in)`,
        ]
      : []),
    `factor volatility left by rounding: joint ${money(view.roundingRisk.joint)}, nearest ${money(view.roundingRisk.nearest)}`,
    ...view.checks
      .filter((check) => check.status === 'fail')
      .map((check) => `${check.severity.toUpperCase()} ${check.id}${check.final ? ' (no override)' : ''}: ${check.message}`),
    ...files,
  ].join('\n');
}

const writtenText = ({ package: one, files }: Written): string[] => [
  ...(files.reExportOf === null ? [] : [`RE-EXPORT of ${files.reExportOf}: a broker who has that file has these orders already`]),
  `${files.orders} orders of set ${one.packageId} written to ${files.orderFile} (sha256 ${files.sha256})`,
  `manifest: ${files.manifestFile}`,
];

export const hedgeCommand: Command = {
  help: `hedge ${REQUEST_HELP} [--override REASON] [--by NAME] [--format NAME --out FILE [--type MKT|MOC|LMT|LOC] [--limit-bps N] [--profile FILE] [--template FILE]]   hedge orders of a holdings snapshot: a preview, or the order file and its manifest`,
  async run({ workspace, words, environment }) {
    const w = parseWords(words, { ...REQUEST, ...USUAL, ...WRITE }, { min: 0, max: 0, names: '' });
    const options = writeOptions(w);
    if (!options) w.unused('without --format and --out', ...OF_FILES);
    const asked = hedgeRequest(w);
    return withSession(environment, workspace, async (session) => {
      const request = await onTicket(asked, w, session);
      if (!options) {
        const view = await previewHedge(session, request);
        return { value: view, text: () => hedgeText(view, ['Preview only: give --format and --out to write the order file.']) };
      }
      const terms = await usualTerms(w, options.terms, session);
      const done = await writeHedgeFiles(session, request, await profiled({ ...options, terms }, session));
      return {
        value: { ...done.view, files: done.files, packageId: done.package.packageId },
        text: () => hedgeText(done.view, writtenText(done)),
      };
    });
  },
};

export const freezeCommand: Command = {
  help: `freeze ${REQUEST_HELP} [--by NAME] [--note TEXT]   freeze the hedge orders as a set in the journal`,
  async run({ workspace, words, environment }) {
    const w = parseWords(words, { ...REQUEST, ...USUAL, ...text('by', 'note') }, { min: 0, max: 0, names: '' });
    const asked = hedgeRequest(w);
    return withSession(environment, workspace, async (session) => {
      const one = await freezeHedge(session, await onTicket(asked, w, session), { by: w.text('by'), note: w.text('note') });
      return { value: one, text: () => packageText(one) };
    });
  },
};

export const approveCommand: Command = {
  help: 'approve SET --by NAME [--note TEXT]   second person approves a frozen order set',
  async run({ workspace, words, environment }) {
    const w = parseWords(words, text('by', 'note'), { min: 1, max: 1, names: 'SET' });
    const by = w.text('by');
    if (by === undefined) throw usage('approve needs --by NAME.', 'Name who approves; it cannot be who prepared the set.');
    return withSession(environment, workspace, async (session) => {
      const one = await approvePackage(session, setOf(w.positionals[0]!), by, w.text('note') ?? '');
      return { value: one, text: () => packageText(one) };
    });
  },
};

function setOf(word: string): number {
  if (!/^\d{1,9}$/.test(word) || Number(word) < 1) throw usage(`"${word}" is not the number of an order set.`, 'List them with: orders');
  return Number(word);
}

export const ordersCommand: Command = {
  help: 'orders [SET [--format NAME --out FILE [--override REASON] [--profile FILE] [--template FILE] [--by NAME]] [--ticket FILE.html] [--type MKT|MOC|LMT|LOC] [--limit-bps N]] [--compare A,B] [--second-approver on|off]   frozen order sets: list, show, export, print, compare; whether a second person must approve',
  async run({ workspace, words, environment }) {
    const w = parseWords(words, { ...WRITE, ...text('ticket', 'compare', 'second-approver') }, { min: 0, max: 1, names: '[SET]' });
    const policy = w.choice('second-approver', ['on', 'off']);
    const compare = w.list('compare');
    const options = writeOptions(w);
    const ticket = w.text('ticket');
    const terms = termsOf(w);
    ordersOnly(w);
    if (w.positionals.length === 0 && (options || ticket)) throw usage('Name the order set to export or print.', 'List them with: orders');
    return withSession(environment, workspace, async (session) => {
      if (policy !== undefined) {
        const now = await ordersPolicy(session, { secondApprover: policy === 'on', by: w.text('by') });
        return { value: now, text: () => (now.secondApprover ? 'Exports need a second person.' : 'Exports need no second person.') };
      }
      if (compare) {
        if (compare.length !== 2) throw usage('--compare takes two order sets, such as 1,2.');
        const found = await comparePackages(session, setOf(compare[0]!), setOf(compare[1]!));
        return { value: found, text: () => compareText(found) };
      }
      if (w.positionals.length === 0) {
        const rows = await listPackages(session);
        return { value: rows, text: () => listText(rows) };
      }
      const packageId = setOf(w.positionals[0]!);
      if (options) {
        const done = await exportPackage(session, packageId, await profiled(options, session));
        return { value: { ...done.package, files: done.files }, text: () => hedgeText(done.view, writtenText(done)) };
      }
      const one = await getPackage(session, packageId);
      if (ticket !== undefined) {
        writeFileSync(ticket, ticketHtml(one, profileOf(await deskOf(session), 'generic', terms)), { flag: 'wx' });
        return { value: { ticket }, text: () => `Ticket written to ${ticket}` };
      }
      return { value: one, text: () => packageText(one) };
    });
  },
};

const listText = (rows: readonly OrderPackageRow[]): string =>
  rows.length === 0
    ? 'No order set was frozen yet.'
    : table(
        ['set', 'orders', 'date', 'gross', 'net', 'prepared by', 'frozen at', 'approved by', 'exported', 'sha256'],
        rows.map((row) => [
          String(row.packageId),
          String(row.orders),
          row.date,
          money(row.grossNotional),
          money(row.netNotional),
          row.preparedBy,
          row.frozenAt,
          row.approvals.map(({ by }) => by).join(', '),
          row.exports.map(({ file }) => file).join(', '),
          row.sha256.slice(0, 16),
        ]),
      );

const packageText = (one: OrderPackage): string =>
  [
    listText([one]),
    table(
      ['order', 'account', 'etf', 'side', 'shares', 'price', 'notional', 'why'],
      one.view.orders.map((order) => [
        ...[order.orderId, order.account, order.symbol, order.side],
        ...[fixed(order.quantity, 0), money(order.price), money(order.notional), order.reason],
      ]),
    ),
    ...one.approvals.map(({ by, at, note }) => `approved by ${by} at ${at}${note ? `: ${note}` : ''}`),
    ...one.exports.map(
      ({ file, at, by, override, reExport }) =>
        `${reExport ? 'RE-EXPORT, ' : ''}exported as ${file} at ${at} by ${by}${override ? `, overriding ${override.checks.join(', ')}: ${override.reason}` : ''}`,
    ),
  ].join('\n');

const compareText = ({ a, b, rows }: OrdersComparison): string =>
  table(
    ['account', 'etf', `set ${a.packageId}`, `set ${b.packageId}`, 'difference', 'notional'],
    rows.map((row) => [row.account, row.symbol, fixed(row.a, 0), fixed(row.b, 0), fixed(row.difference, 0), money(row.notional)]),
  );

export const verifyCommand: Command = {
  help: 'verify FILE [--manifest FILE]   check an order file, its manifest and the journal (when the workspace is there); names the first altered line',
  async run({ workspace, words, environment }) {
    const w = parseWords(words, text('manifest'), { min: 1, max: 1, names: 'FILE' });
    const path = w.positionals[0]!;
    const file = { path, name: basename(path) };
    const manifest = w.text('manifest') ?? `${path}.manifest.json`;
    const found = existsSync(join(workspace, 'workspace.db'))
      ? await withSession(environment, workspace, (session) => verifyFiles(session, file, manifest))
      : await verifyFiles(null, file, manifest);
    return { value: found, text: () => found.message, exitCode: found.ok ? 0 : 1 };
  },
};

export const fillsCommand: Command = {
  help: 'fills FILE | --take-back ENTRY | --count-again ENTRY   executions of exported orders: a CSV with order_id, quantity and perhaps price; entries are listed by ledger',
  async run({ workspace, words, environment }) {
    const w = parseWords(words, text('take-back', 'count-again'), { min: 0, max: 1, names: 'FILE' });
    const file = w.positionals[0];
    const [back, again] = [w.number('take-back'), w.number('count-again')];
    if ([file, back, again].filter((one) => one !== undefined).length !== 1)
      throw usage('Expected one file, or one entry to take back or to count again.');
    return withSession(environment, workspace, async (session) => {
      if (file === undefined) {
        const files = await countFills(session, (back ?? again)!, again !== undefined);
        return { value: files, text: () => fillsText(files) };
      }
      const report = await importFills(session, file, basename(file));
      const lines = report.problems.map((one) => `line ${one.line}, column ${one.column}: ${one.message} ${one.fix}`);
      return {
        value: report,
        text: () =>
          [`${report.fills.filter(({ quantity }) => quantity > 0).length} executions: ${report.outcome.replace('_', ' ')}`, ...lines].join(
            '\n',
          ),
        exitCode: report.outcome === 'rejected' ? 3 : 0,
      };
    });
  },
};

const fillsText = (files: readonly FillsFile[]): string =>
  table(
    ['entry', 'file', 'imported', 'executions', ''],
    files.map((one) => [String(one.entry), one.file, one.at, String(one.executions), one.counts ? 'counts' : 'taken back']),
  );

export const ledgerCommand: Command = {
  help: 'ledger   what came of the exported order sets, and how far each ETF is from its target now',
  async run({ workspace, words, environment }) {
    parseWords(words, {}, { min: 0, max: 0, names: '' });
    return withSession(environment, workspace, async (session) => {
      const ledger = await getLedger(session);
      return { value: ledger, text: () => ledgerText(ledger) };
    });
  },
};

const ledgerText = ({ legs, fillsFiles, drift, note }: LedgerView): string =>
  [
    ...(note ? [note] : []),
    ...(legs.length === 0
      ? []
      : [
          table(
            ['set', 'account', 'etf', 'sent on', 'sent', 'filled', 'by', 'status', 'held before', 'held now'],
            legs.map((leg) => [
              ...[
                String(leg.packageId),
                leg.account,
                leg.symbol,
                leg.sentOn,
                fixed(leg.sent, 0),
                fixed(leg.filled, 2),
                leg.filledFrom ?? '',
              ],
              ...[
                `${leg.status}${leg.movedOtherwise === null ? '' : ` (the holdings moved by ${fixed(leg.movedOtherwise, 2)})`}`,
                fixed(leg.heldBefore, 2),
                `${fixed(leg.heldNow, 2)}${leg.splits === 1 ? '' : ` (split: ${leg.splits} for 1)`}`,
              ],
            ]),
          ),
        ]),
    ...(fillsFiles.length === 0 ? [] : ['Imported executions', fillsText(fillsFiles)]),
    ...(drift
      ? [
          `Drift from the layers of set ${drift.packageId} on the holdings of ${drift.holdingsOf} and the closes of ${drift.date}`,
          ...(drift.early ? ['These holdings are of before the set was exported: what was filled of it is not in them.'] : []),
          table(
            ['etf', 'held', 'target', 'drift', 'drift %'],
            drift.etfs.map((one) => [one.etf, money(one.held), money(one.target), money(one.drift), percent(one.share)]),
          ),
        ]
      : []),
  ].join('\n');
