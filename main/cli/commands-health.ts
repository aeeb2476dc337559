/** findings, fix, dismiss. */
import { kindOf, type Finding, type FixResult } from '../contract/results-health.ts';
import { sessionsNote } from '../contract/sessions-note.ts';
import { dismissFinding, ensureLook, fixFindings, latestLook, listFindings, restoreFinding } from '../core/findings.ts';
import { withSession, type Session } from '../core/session.ts';
import { parseWords, usage, type Words } from './arguments.ts';
import type { Command } from './commands.ts';
import { fixed, table } from './table.ts';

const dollars = (value: number | null): string => (value === null ? '' : fixed(value, 0));

/** Market value with what the fix makes of it, when it makes something else. */
function valueText({ effect }: Finding): string {
  if (!effect || effect.marketValue === null) return '';
  const same = effect.marketValueFixed === null || effect.marketValueFixed === effect.marketValue;
  return dollars(effect.marketValue) + (same ? '' : ` → ${dollars(effect.marketValueFixed)}`);
}

function riskText({ effect }: Finding): string {
  if (!effect || effect.volatility === null) return '';
  const same = effect.volatilityFixed === null || effect.volatilityFixed === effect.volatility;
  return same ? dollars(effect.ownRisk) : `book ${dollars(effect.volatility)} → ${dollars(effect.volatilityFixed)}`;
}

function numberOf(word: string): number {
  const id = Number(word);
  if (!Number.isInteger(id) || id < 1) throw usage(`"${word}" is not a finding number.`, 'Run "findings" for the list.');
  return id;
}

function wanted(w: Words, rows: readonly Finding[]): readonly Finding[] {
  const severity = w.choice('severity', ['error', 'warning', 'info']);
  const code = w.text('code');
  return rows.filter((row) => (severity === undefined || row.severity === severity) && (code === undefined || row.code === code));
}

export const findingsCommand: Command = {
  help: `findings [--all] [--severity error|warning|info] [--code CODE] [--as-is]   data-health findings, most severe first
The doctor looks first when the data changed since its last look.
Columns: market value of the security in the latest holdings and volatility (dollars a year) that rest on it, → with the fix.`,
  async run({ workspace, words, environment, terminal }) {
    const w = parseWords(
      words,
      { all: { type: 'boolean' }, severity: { type: 'string' }, code: { type: 'string' }, 'as-is': { type: 'boolean' } },
      { min: 0, max: 0, names: '' },
    );
    return withSession(environment, workspace, async (session) => {
      if (!w.flag('as-is')) await ensureLook(session, { onProgress: terminal.progress, signal: terminal.signal });
      const rows = wanted(w, await listFindings(session)).filter((row) => w.flag('all') || row.dismissed === null);
      return {
        value: rows,
        text: () =>
          rows.length === 0
            ? 'No findings.'
            : table(
                ['finding', 'severity', 'code', 'subject', 'day', 'value', 'risk', 'fix', 'message'],
                rows.map((row) => [
                  row.findingId,
                  row.severity,
                  row.code,
                  row.subject,
                  row.day ?? '',
                  valueText(row),
                  riskText(row),
                  row.fix ?? '',
                  row.dismissed === null ? row.message : `${row.message} (dismissed: ${row.dismissed})`,
                ]),
              ),
      };
    });
  },
};

export const doctorCommand: Command = {
  help: 'doctor   look at all data and count what is found, by kind',
  async run({ workspace, words, environment, terminal }) {
    parseWords(words, {}, { min: 0, max: 0, names: '' });
    return withSession(environment, workspace, async (session) => {
      await ensureLook(session, { onProgress: terminal.progress, signal: terminal.signal });
      const look = (await latestLook(session))!;
      return {
        value: look,
        text: () =>
          [
            `${fixed(look.securities, 0)} securities in ${fixed(look.milliseconds / 1000, 1)} s, known as of ${look.knownAsOf}${look.bookValue === null ? '' : `; book of snapshot ${look.snapshotId}: ${dollars(look.bookValue)} net, volatility ${dollars(look.bookVolatility)} a year ${sessionsNote(look.bookSessions, (count) => fixed(count, 0))}`}`,
            ...Object.entries(look.counts)
              .sort((a, b) => b[1] - a[1])
              .map(([code, count]) => `  ${String(count).padStart(6)}  ${code}: ${kindOf(code).title}`),
          ].join('\n'),
      };
    });
  },
};

function fixText(result: FixResult): string {
  return [
    ...result.written,
    `Written as batch ${result.batchId}, ${result.knownFrom === null ? 'known from the day of each fact' : `known from ${result.knownFrom}: strict rows before it stay as they were`}. "undo ${result.batchId}" takes it back.`,
  ].join('\n');
}

async function fixable(session: Session, w: Words): Promise<readonly number[]> {
  if (w.positionals.length > 0) return w.positionals.map(numberOf);
  if (w.text('code') === undefined) throw usage('Say which findings: their numbers, or --code CODE for all of a kind.');
  const rows = wanted(w, await listFindings(session)).filter((row) => row.dismissed === null && row.fix !== null);
  if (rows.length === 0) throw usage(`No open finding of kind ${w.text('code')} has a repair.`, 'Run "findings" for the list.');
  return rows.map((row) => row.findingId);
}

export const fixCommand: Command = {
  help: `fix FINDING… | --code CODE [--severity error|warning|info] [--known-from today|day]   write the proposed repair of findings as one batch that can be undone`,
  async run({ workspace, words, environment }) {
    const w = parseWords(
      words,
      { code: { type: 'string' }, severity: { type: 'string' }, 'known-from': { type: 'string' } },
      { min: 0, max: 5000, names: 'finding numbers' },
    );
    if (w.positionals.length > 0) w.unused('where findings are named', 'code', 'severity');
    const knownFrom = w.choice('known-from', ['today', 'day']) ?? 'today';
    return withSession(environment, workspace, async (session) => {
      const result = await fixFindings(session, await fixable(session, w), knownFrom);
      return { value: result, text: () => fixText(result) };
    });
  },
};

export const dismissCommand: Command = {
  help: 'dismiss FINDING… --why TEXT | --undo   put findings away with a reason, or back in force',
  async run({ workspace, words, environment }) {
    const w = parseWords(words, { why: { type: 'string' }, undo: { type: 'boolean' } }, { min: 1, max: 5000, names: 'finding numbers' });
    const ids = w.positionals.map(numberOf);
    const why = w.text('why');
    if (w.flag('undo')) w.unused('with --undo', 'why');
    if (!w.flag('undo') && !why?.trim()) throw usage('A finding is dismissed with a reason: --why TEXT.');
    return withSession(environment, workspace, async (session) => {
      for (const id of ids) await (w.flag('undo') ? restoreFinding(session, id) : dismissFinding(session, id, why!));
      const value = ids.map((findingId) => ({ findingId, dismissed: w.flag('undo') ? null : why }));
      return {
        value: value.length === 1 ? value[0] : value,
        text: () => ids.map((id) => `Finding ${id} is ${w.flag('undo') ? 'in force again' : 'dismissed'}.`).join('\n'),
      };
    });
  },
};
