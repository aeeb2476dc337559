/** hedge, freeze, approve, orders, verify, fills, ledger. */
import { existsSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { DeskRules, OrderTerms } from '../contract/desk.ts';
import type { FillsFile, LedgerView, OrderPackage, OrderPackageRow, OrdersComparison } from '../contract/results-orders.ts';
import type { HedgeRequest, HedgeView } from '../contract/results.ts';
import { previewHedge } from '../core/hedge.ts';
import { orderFormat, orderProfile } from '../core/order-profile.ts';
import { deskOf, profileOf } from '../core/orders/desk.ts';
import { exportPackage, freezeHedge, writeHedgeFiles, type Written } from '../core/orders/export.ts';
import { countFills, importFills } from '../core/orders/fills.ts';
import { getLedger } from '../core/orders/ledger.ts';
import { approvePackage, comparePackages, getPackage, listPackages, ordersPolicy } from '../core/orders/packages.ts';
import { ticketHtml } from '../core/orders/ticket.ts';
import { verifyFiles } from '../core/orders/verify.ts';
import { withSession, type Session } from '../core/session.ts';
import { parseWords, usage, type Words } from './arguments.ts';
import type { Command } from './commands.ts';
import { basisText, fixed, money, percent, table } from './table.ts';

const simulated = (view: { lineage: { simulated: boolean } }): string => (view.lineage.simulated ? ' (SIMULATED data)' : '');
const text = (...names: string[]) => Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));

function layers(raw: string | undefined): HedgeRequest['layers'] {
  if (raw === undefined) return undefined;
  const out = { market: 0, sector: 0, subsector: 0 };
  for (const part of raw.split(',')) {
    const [name, share] = part.split('=').map((word) => word.trim());
    const value = Number(share);
    if (!name || !(name in out) || share === undefined || share === '' || !(value >= 0 && value <= 100))
      throw usage(`--layers takes market=0..100,sector=0..100,subsector=0..100; not "${part}".`);
    out[name as keyof typeof out] = value;
  }
  return out;
}

function limits(pairs: readonly string[] | undefined): HedgeRequest['limits'] {
  return pairs?.map((pair) => {
    const [etf, amount] = pair.split('=');
    const dollars = Number(amount);
    if (!etf || amount === undefined || amount.trim() === '' || !(dollars >= 0)) throw usage(`--limit takes ETF=DOLLARS,…; not "${pair}".`);
    return { etf: etf.trim(), dollars };
  });
}

function hedgeText(view: HedgeView, files: string[]): string {
  const { volatility: vol } = view;
  return [
    `Hedge of snapshot ${view.snapshotId} on ${view.date}${simulated(view)}, ${basisText(view.lineage)}`,
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
        leg.side ?? '',
        money(leg.notional),
        money(leg.after),
        money(leg.rounded),
        leg.dropped ?? '',
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

const REQUEST = text(
  ...[
    'snapshot',
    'run',
    'known-as-of',
    'date',
    'account',
    'accounts',
    'level',
    'layers',
    'min-trade',
    'band',
    'rounding',
    'exclude',
    'hedge-sleeve',
  ],
  ...['netting', 'limit', 'gross-cap'],
);
const USUAL = { usual: { type: 'boolean' } } as const;
const REQUEST_HELP =
  '[--usual] [--snapshot ID] [--run ID] [--known-as-of DATE] [--date DATE] [--account NAME] [--level 3] [--layers market=100,sector=100,subsector=100] [--min-trade USD] [--band PER CENT] [--rounding joint|nearest] [--exclude ETF,…] [--hedge-sleeve ETF,…|none] [--accounts NAME,…] [--netting across|per-account] [--limit ETF=USD,…] [--gross-cap USD]';

function hedgeRequest(w: Words): HedgeRequest {
  const level = w.choice('level', ['1', '2', '3']);
  return Object.fromEntries(
    Object.entries({
      snapshotId: whole(w.number('snapshot'), '--snapshot'),
      runId: w.text('run'),
      knownAsOf: w.day('known-as-of'),
      date: w.day('date'),
      account: w.text('account'),
      level: level === undefined ? undefined : Number(level),
      layers: layers(w.text('layers')),
      minTrade: w.number('min-trade'),
      band: w.number('band'),
      rounding: w.choice('rounding', ['joint', 'nearest']),
      exclude: w.list('exclude'),
      hedgeSleeve: w.text('hedge-sleeve')?.trim().toLowerCase() === 'none' ? [] : w.list('hedge-sleeve'),
      accounts: w.list('accounts'),
      netting: w.choice('netting', ['across', 'per-account']),
      limits: limits(w.list('limit')),
      grossCap: w.number('gross-cap'),
    }).filter(([, value]) => value !== undefined),
  ) as HedgeRequest;
}

/**
 * What is asked for in words, with `--usual` on top of the usual ticket of the desk rules. Its layers count up to the level that is hedged; a layer
 * below that is refused where it is asked for in words (MODEL.md 11).
 */
async function onTicket(asked: HedgeRequest, w: Words, session: Session): Promise<HedgeRequest> {
  if (!w.flag('usual')) return asked;
  const { format: _format, terms: _terms, ...ticket } = await usualTicket(session);
  const { market, sector, subsector } = ticket.layers ?? { market: 100, sector: 100, subsector: 100 };
  const level = asked.level ?? ticket.level ?? 3;
  const layers = { market, sector: level > 1 ? sector : 0, subsector: level > 2 ? subsector : 0 };
  return { ...ticket, layers, ...asked } as HedgeRequest;
}

async function usualTicket(session: Session): Promise<NonNullable<DeskRules['ticket']>> {
  const { ticket } = await deskOf(session);
  if (ticket) return ticket;
  throw usage(
    'The desk rules lay down no usual ticket.',
    'Make one on the ticket of the application or with "desk", or leave --usual out.',
  );
}

/** Terms of the words, else of the usual ticket where that is asked for. */
async function usualTerms(w: Words, terms: OrderTerms, session: Session): Promise<OrderTerms> {
  if (!w.flag('usual') || Object.keys(terms).length > 0) return terms;
  return (await usualTicket(session)).terms ?? {};
}

function whole(value: number | undefined, what: string): number | undefined {
  if (value !== undefined && (!Number.isInteger(value) || value < 1)) throw usage(`${what} takes a whole number.`);
  return value;
}

const WRITE = text('override', 'format', 'out', 'profile', 'template', 'by', 'type', 'limit-bps');

/** --format and --out with what belongs to them; null when neither is given. */
function writeOptions(w: Words) {
  const given = w.text('format');
  const out = w.text('out');
  if ((given === undefined) !== (out === undefined))
    throw usage('--format and --out go together.', 'Give both to write files, neither to preview.');
  if (given === undefined || out === undefined) return null;
  const format = orderFormat(given);
  const files = { profile: w.text('profile'), template: w.text('template') };
  return { format, out, files, terms: termsOf(w), override: w.text('override'), by: w.text('by') };
}

function termsOf(w: Words): OrderTerms {
  const bps = w.number('limit-bps');
  const type = w.choice('type', ['MKT', 'MOC', 'LMT', 'LOC']);
  if ((type === 'LMT' || type === 'LOC') !== (bps !== undefined))
    throw usage('--limit-bps goes with --type LMT or LOC.', 'Name the basis points a buy may pay above the reference price.');
  return { ...(type ? { orderType: type } : {}), ...(bps === undefined ? {} : { limitBps: bps }) };
}

/** The desk rules with what the named files and flags set on top. */
async function profiled({ files, terms, ...options }: NonNullable<ReturnType<typeof writeOptions>>, session: Session) {
  const desk = profileOf(await deskOf(session), options.format, terms);
  const own = files.template === undefined && desk?.template ? undefined : orderProfile(options.format, files);
  const profile = desk || own ? { ...desk, ...own } : undefined;
  return { ...options, profile };
}

const writtenText = ({ package: one, files }: Written): string[] => [
  `${files.orders} orders of set ${one.packageId} written to ${files.orderFile} (sha256 ${files.sha256})`,
  `manifest: ${files.manifestFile}`,
];

export const hedgeCommand: Command = {
  help: `hedge ${REQUEST_HELP} [--override REASON] [--by NAME] [--format NAME --out FILE [--type MKT|MOC|LMT|LOC] [--limit-bps N] [--profile FILE] [--template FILE]]   hedge orders\nNAME is generic, ibkr-basket, ems, emsx, fix42, fix44, alpaca, tradier or template:NAME. With --usual the request and the terms are those of the desk's usual ticket, and what is named here is on top of it.`,
  async run({ workspace, words, environment }) {
    const w = parseWords(words, { ...REQUEST, ...USUAL, ...WRITE }, { min: 0, max: 0, names: '' });
    const options = writeOptions(w);
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
  help: `freeze ${REQUEST_HELP} [--by NAME] [--note TEXT]   freeze the hedge orders as a set in the journal. --usual: as for hedge.`,
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
      ({ file, at, by, override }) =>
        `exported as ${file} at ${at} by ${by}${override ? `, overriding ${override.checks.join(', ')}: ${override.reason}` : ''}`,
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
    const file = w.positionals[0]!;
    const manifest = w.text('manifest') ?? `${file}.manifest.json`;
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
        text: () => [`${report.fills.length} executions: ${report.outcome.replace('_', ' ')}`, ...lines].join('\n'),
        exitCode: report.outcome === 'rejected' ? 1 : 0,
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
                leg.status,
                fixed(leg.heldBefore, 2),
                `${fixed(leg.heldNow, 2)}${leg.splits === 1 ? '' : ` (split: ${leg.splits} for 1)`}`,
              ],
            ]),
          ),
        ]),
    ...(fillsFiles.length === 0 ? [] : ['Imported executions', fillsText(fillsFiles)]),
    ...(drift
      ? [
          `Drift from the layers of set ${drift.packageId} on snapshot ${drift.snapshotId}, ${drift.date}`,
          table(
            ['etf', 'held', 'target', 'drift', 'of target'],
            drift.etfs.map((one) => [one.etf, money(one.held), money(one.target), money(one.drift), percent(one.share)]),
          ),
        ]
      : []),
  ].join('\n');
