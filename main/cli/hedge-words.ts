/** The words that ask for a hedge and for its file; with `--usual` on top of the usual ticket of the desk rules. */
import type { DeskRules, OrderTerms } from '../contract/desk.ts';
import type { HedgeRequest } from '../contract/results.ts';
import { orderFormat, orderProfile } from '../core/order-profile.ts';
import { deskOf, profileOf } from '../core/orders/desk.ts';
import type { Session } from '../core/session.ts';
import { usage, type Words } from './arguments.ts';

export const text = (...names: string[]) => Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));

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

export const REQUEST = text(
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
export const USUAL = { usual: { type: 'boolean' } } as const;
export const REQUEST_HELP =
  '[--usual] [--snapshot ID] [--run ID] [--known-as-of DATE] [--date DATE] [--account NAME] [--level 1|2|3] [--layers market=100,sector=100,subsector=100] [--min-trade USD] [--band PER CENT] [--rounding joint|nearest] [--exclude ETF,…] [--hedge-sleeve ETF,…|none] [--accounts NAME,…] [--netting across|per-account] [--limit ETF=USD,…] [--gross-cap USD]';

export function hedgeRequest(w: Words): HedgeRequest {
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
export async function onTicket(asked: HedgeRequest, w: Words, session: Session): Promise<HedgeRequest> {
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
export async function usualTerms(w: Words, terms: OrderTerms, session: Session): Promise<OrderTerms> {
  if (!w.flag('usual') || Object.keys(terms).length > 0) return terms;
  return (await usualTicket(session)).terms ?? {};
}

function whole(value: number | undefined, what: string): number | undefined {
  if (value !== undefined && (!Number.isInteger(value) || value < 1)) throw usage(`${what} takes a whole number.`);
  return value;
}

/** Terms of orders, and what else belongs to writing them. */
const TERMS: readonly string[] = ['type', 'limit-bps'];
export const OF_FILES: readonly string[] = ['override', 'profile', 'template', 'by', ...TERMS];
export const WRITE = text('format', 'out', ...OF_FILES);

/** `orders` sets the policy, compares, writes, prints or shows: refuses what belongs to another of these than is asked for. */
export function ordersOnly(w: Words): void {
  const other = ['second-approver', 'compare'].find((name) => w.text(name) !== undefined);
  if (other !== undefined) {
    const used = other === 'compare' ? [] : ['by'];
    const rest = ['compare', 'format', 'out', 'ticket', ...OF_FILES].filter((name) => name !== other && !used.includes(name));
    w.unused(`with --${other}`, ...rest);
    if (w.positionals.length > 0) throw usage(`Set ${w.positionals[0]} has no effect with --${other}.`, 'Leave it out.');
  } else if (w.text('format') !== undefined) w.unused('with --format, which writes orders', 'ticket');
  else w.unused('without --format and --out', ...OF_FILES.filter((name) => w.text('ticket') === undefined || !TERMS.includes(name)));
}

/** --format and --out with what belongs to them; null when neither is given. */
export function writeOptions(w: Words) {
  const given = w.text('format');
  const out = w.text('out');
  if ((given === undefined) !== (out === undefined))
    throw usage('--format and --out go together.', 'Give both to write files, neither to preview.');
  if (given === undefined || out === undefined) return null;
  const format = orderFormat(given);
  const files = { profile: w.text('profile'), template: w.text('template') };
  return { format, out, files, terms: termsOf(w), override: w.text('override'), by: w.text('by') };
}

export function termsOf(w: Words): OrderTerms {
  const bps = w.number('limit-bps');
  const type = w.choice('type', ['MKT', 'MOC', 'LMT', 'LOC']);
  if ((type === 'LMT' || type === 'LOC') !== (bps !== undefined))
    throw usage('--limit-bps goes with --type LMT or LOC.', 'Name the basis points a buy may pay above the reference price.');
  return { ...(type ? { orderType: type } : {}), ...(bps === undefined ? {} : { limitBps: bps }) };
}

/** The desk rules with what the named files and flags set on top. */
export async function profiled({ files, terms, ...options }: NonNullable<ReturnType<typeof writeOptions>>, session: Session) {
  const desk = profileOf(await deskOf(session), options.format, terms);
  const own = files.template === undefined && desk?.template ? undefined : orderProfile(options.format, files);
  const profile = desk || own ? { ...desk, ...own } : undefined;
  return { ...options, profile };
}
