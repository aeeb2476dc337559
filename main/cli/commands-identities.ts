/** identities, resolve, merge, split: who is who, by hand. */
import { HedgerowError } from '../contract/errors.ts';
import { MOST_HITS, type DecisionResult, type IdentityView, type QuarantineView } from '../contract/results-identities.ts';
import {
  acceptProposals,
  findIdentities,
  getQuarantine,
  listDecisions,
  mergeSecurities,
  resolveName,
  showIdentity,
  splitSecurity,
} from '../core/identities.ts';
import { withSession, type Session } from '../core/session.ts';
import { parseWords, usage, type Words } from './arguments.ts';
import type { Command } from './commands.ts';
import { table } from './table.ts';

const decisionFlags = {
  'known-from': { type: 'string' },
  why: { type: 'string' },
  'dry-run': { type: 'boolean' },
} as const;

const decisionOf = (w: Words) => ({
  knownFrom: w.day('known-from'),
  reason: w.text('why') ?? 'by command line',
  trial: w.flag('dry-run') || undefined,
});

/** Securities that an error names, and that `identities` shows in full. */
const NAMED = 8;
const SHOWN = 10;
/** A search stops at MOST_HITS: there may be more. */
const orMore = (found: readonly unknown[]): string => (found.length === MOST_HITS ? ' or more' : '');

/** `#12`, a ticker of any day, an identifier or a name that means one security. */
export async function securityGiven(session: Session, text: string): Promise<number> {
  const hits = await findIdentities(session, text);
  const exact = hits.filter(
    (hit) => hit.matched.toUpperCase().split(' ').includes(text.trim().toUpperCase()) || /^#?\d+$/.test(text.trim()),
  );
  const found = exact.length > 0 ? exact : hits;
  if (found.length === 1) return found[0]!.securityId;
  if (found.length === 0) throw new HedgerowError('not_found', `No security is called ${text}.`, 'Search with "identities TEXT".');
  const named = found.slice(0, NAMED).map((hit) => `#${hit.securityId} (${hit.matched})`);
  throw new HedgerowError(
    'ambiguous',
    `${text} means ${found.length}${orMore(found)} securities: ${named.join(', ')}${found.length > NAMED ? ` and ${found.length - NAMED}${orMore(found)} others` : ''}.`,
    'Name one by its number, like #12; "identities TEXT" searches.',
  );
}

export function decisionText(result: DecisionResult): string {
  const { batchId, text, rows, first, last, knownFrom, securityId } = result;
  return [
    `${text}.`,
    rows === 0 ? 'No stored row changes hands.' : `${rows} rows change hands, ${first} to ${last}; known from ${knownFrom}.`,
    ...result.notes,
    batchId === null
      ? 'Dry run: nothing was changed.'
      : `Stored as batch ${batchId}${securityId === null ? '' : ` (security #${securityId})`}; "undo ${batchId}" takes it back.`,
  ].join('\n');
}

function quarantineText({ entries, rows, waiting }: QuarantineView): string {
  const rest =
    waiting.names === 0
      ? []
      : [
          `${waiting.names} names have facts and no security yet: ${waiting.examples.join(', ')}${waiting.names > waiting.examples.length ? ' …' : ''}`,
        ];
  if (entries.length === 0) return ['Nothing is in quarantine.', ...rest].join('\n');
  return [
    `${rows} rows of ${entries.length} stretches are in quarantine: they enter nothing.`,
    table(
      ['name', 'why', 'first row', 'last row', 'rows', 'claimed by', 'proposal'],
      entries.map((one) => [
        one.exchange ? `${one.code}@${one.exchange}` : one.code,
        one.why,
        one.first,
        one.last,
        one.rows,
        one.claimants.map((by) => `#${by.securityId} ${by.from ?? ''}..${by.until ?? ''}`).join(', '),
        one.proposal === null ? '' : `#${one.proposal.securityId} ${one.proposal.ticker}`,
      ]),
    ),
    ...rest,
  ].join('\n');
}

export const resolveCommand: Command = {
  help: `resolve [NAME --to SECURITY|new [--from DATE] [--until DATE]] [--accept all|NAME,…] [--known-from DATE] [--why TEXT] [--dry-run]   names that belong to nobody, or to two
Without words: the quarantine. NAME as files have it, like BRK.B or ABC@NYSE; SECURITY a number (#12), ticker or identifier. --accept applies what is proposed.`,
  async run({ workspace, words, environment }) {
    const w = parseWords(
      words,
      { ...decisionFlags, to: { type: 'string' }, from: { type: 'string' }, until: { type: 'string' }, accept: { type: 'string' } },
      { min: 0, max: 1, names: 'at most one name' },
    );
    const [name] = w.positionals;
    const [to, accept] = [w.text('to'), w.list('accept')];
    if ((name === undefined) !== (to === undefined))
      throw usage('Give a name and --to SECURITY together.', 'For instance: resolve ABC --to #12.');
    if (accept !== undefined) w.unused('with --accept', 'to', 'from', 'until', 'known-from');
    else if (name === undefined) w.unused('without a name and --to', 'from', 'until', ...Object.keys(decisionFlags));
    return withSession(environment, workspace, async (session) => {
      if (accept !== undefined) {
        const { knownFrom: _, trial, reason } = decisionOf(w);
        const names = accept.length === 1 && accept[0]!.toLowerCase() === 'all' ? undefined : accept;
        const value = await acceptProposals(session, { reason, names, ...(trial ? { trial } : {}) });
        return { value, text: () => decisionText(value) };
      }
      if (name === undefined || to === undefined) {
        const value = await getQuarantine(session);
        return { value, text: () => quarantineText(value) };
      }
      const securityId = to.toLowerCase() === 'new' ? null : await securityGiven(session, to);
      const value = await resolveName(session, { name, securityId, from: w.day('from'), until: w.day('until'), ...decisionOf(w) });
      return { value, text: () => decisionText(value) };
    });
  },
};

export const mergeCommand: Command = {
  help: 'merge SECURITY OTHER [--known-from DATE] [--why TEXT] [--force] [--dry-run]   make two securities one; the first keeps its number',
  async run({ workspace, words, environment }) {
    const w = parseWords(words, { ...decisionFlags, force: { type: 'boolean' } }, { min: 2, max: 2, names: 'two securities' });
    return withSession(environment, workspace, async (session) => {
      const [intoId, otherId] = [await securityGiven(session, w.positionals[0]!), await securityGiven(session, w.positionals[1]!)];
      const value = await mergeSecurities(session, { intoId, otherId, force: w.flag('force') || undefined, ...decisionOf(w) });
      return { value, text: () => decisionText(value) };
    });
  },
};

export const splitCommand: Command = {
  help: 'split SECURITY [--from DATE] [--until DATE] [--name NAME] [--known-from DATE] [--why TEXT] [--dry-run]   make a new security of some days of its names',
  async run({ workspace, words, environment }) {
    const flags = { ...decisionFlags, from: { type: 'string' }, until: { type: 'string' }, name: { type: 'string' } } as const;
    const w = parseWords(words, flags, { min: 1, max: 1, names: 'a security' });
    return withSession(environment, workspace, async (session) => {
      const securityId = await securityGiven(session, w.positionals[0]!);
      const value = await splitSecurity(session, {
        securityId,
        from: w.day('from'),
        until: w.day('until'),
        name: w.text('name'),
        ...decisionOf(w),
      });
      return { value, text: () => decisionText(value) };
    });
  },
};

function identityText(one: IdentityView): string {
  const parts = [
    `#${one.securityId} ${one.ticker}${one.name === null ? '' : ` ${one.name}`}${one.provisional ? ' (provisional: no master row)' : ''}${one.mergedInto === null ? '' : `, merged into #${one.mergedInto.securityId}`}`,
    table(
      ['name', 'kind', 'from', 'until', 'by'],
      one.names.map((name) => [
        name.exchange ? `${name.code}@${name.exchange}` : name.code,
        name.type,
        name.from ?? 'always',
        name.until ?? '',
        name.by,
      ]),
    ),
  ];
  if (one.rows.length > 0)
    parts.push(
      table(
        ['ticker', 'exchange', 'from', 'until', 'known', 'figi', 'isin', 'cusip', 'sedol', 'batch', 'file', 'line'],
        one.rows.map((row) => [
          row.ticker,
          row.exchange,
          row.from ?? '',
          row.until ?? '',
          row.knownFrom ?? '',
          row.figi ?? '',
          row.isin ?? '',
          row.cusip ?? '',
          row.sedol ?? '',
          row.batchId,
          row.file,
          row.line ?? '',
        ]),
      ),
    );
  for (const decision of one.decisions)
    parts.push(`batch ${decision.batchId}${decision.undone ? ' (undone)' : ''}: ${decision.text}. ${decision.reason}`);
  return parts.join('\n\n');
}

export const identitiesCommand: Command = {
  help: 'identities [TEXT]   securities by ticker of any day, identifier, name or #number with their names through time; without words the decisions made by hand',
  async run({ workspace, words, environment }) {
    const w = parseWords(words, {}, { min: 0, max: 1, names: 'at most one text' });
    return withSession(environment, workspace, async (session) => {
      const [text] = w.positionals;
      if (text === undefined) {
        const value = await listDecisions(session);
        const rows = value.map((one) => [one.batchId, one.text, one.reason, one.knownFrom, one.madeAt, one.undone ? 'undone' : '']);
        return {
          value,
          text: () => (rows.length ? table(['batch', 'decision', 'reason', 'known', 'made', 'state'], rows) : 'No decisions yet.'),
        };
      }
      const hits = await findIdentities(session, text);
      const value = await Promise.all(hits.slice(0, SHOWN).map((hit) => showIdentity(session, hit.securityId)));
      const rest =
        hits.length > SHOWN ? [`The first ${SHOWN} of ${hits.length}${orMore(hits)} that match: give more of the name, or a #number.`] : [];
      return { value, text: () => (value.length ? [...value.map(identityText), ...rest].join('\n\n') : `Nothing matches ${text}.`) };
    });
  },
};
