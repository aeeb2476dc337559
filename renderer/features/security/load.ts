/** What the screen shows of a security: its row on the date, its fields and what is stored about it over its days. */
import type { Input } from '../../../main/contract/methods.ts';
import type { SecurityView } from '../../../main/contract/results.ts';
import type { SecurityFacts, SecurityHeader } from '../../../main/contract/results-security.ts';
import { columns } from '../../lib/api.ts';
import { app, go, picked } from '../../lib/app.svelte.ts';
import { etfOf } from '../../lib/etfs.ts';
import { LEGS } from './series.ts';

export interface SecurityPast {
  readonly facts: SecurityFacts;
  readonly days: Int32Array;
  readonly close: Float64Array;
  readonly adjClose: Float64Array;
  readonly returns: Float64Array;
}

/** Columns by wire name, `day` among them. */
type SecurityFields = Readonly<Record<string, Float64Array | Int32Array>>;

export interface LoadedSecurity {
  readonly view: SecurityView;
  readonly past: SecurityPast;
  readonly fields: SecurityFields;
}

const FIELDS = [1, 2, 3].flatMap((level) => [
  ...LEGS.slice(0, level).flatMap((leg) => [`l${level}_${leg}_hr`, `l${level}_${leg}_hr_se`, `l${level}_${leg}_er`]),
  `l${level}_res_er`,
]);

type Wanted = Omit<Input<'security.open'>, 'fields'>;

/** Milliseconds after which what was asked for ahead, and not taken, is of another moment. */
const AHEAD = 1000;

let ahead: { readonly key: string; readonly loaded: Promise<LoadedSecurity> } | undefined;

/** The same question to the same data: a run that ended meanwhile gives another answer. */
const keyOf = (input: Wanted): string => `${app.told} ${JSON.stringify(input)}`;

/** Asks for a security that is about to be opened: pressing a button takes longer than much of the answer. */
export function askAhead(securityId: number): void {
  if (etfOf(securityId) !== undefined) return;
  const input = { ...picked(), securityId };
  const key = keyOf(input);
  if (ahead?.key === key) return;
  const begun = { key, loaded: askSecurity(input) };
  ahead = begun;
  // Whoever takes it is told of a failure.
  begun.loaded.catch(() => undefined);
  setTimeout(() => ahead === begun && (ahead = undefined), AHEAD);
}

/** Goes to a security. It is asked for at once: leaving the screen before takes as long as the answer. */
export function openSecurity(securityId: number, detail = ''): void {
  askAhead(securityId);
  go('security', securityId, detail);
}

/** All that the screen shows, or what is on its way already. Rejects with not_found when there is no row on the date. */
export function loadSecurity(input: Wanted): Promise<LoadedSecurity> {
  const begun = ahead;
  ahead = undefined;
  return begun?.key === keyOf(input) ? begun.loaded : askSecurity(input);
}

/** Asks for all of it in one question, so that it is found out once and the screen changes once. */
export async function askSecurity(input: Wanted): Promise<LoadedSecurity> {
  const { header, columns: data } = await columns('security.open', { ...input, fields: [...FIELDS, 'n_obs'] });
  const { view, ...facts } = header as unknown as SecurityHeader;
  return {
    view,
    fields: data,
    past: {
      facts,
      days: data['day'] as Int32Array,
      close: data['close'] as Float64Array,
      adjClose: data['adj_close'] as Float64Array,
      returns: data['return'] as Float64Array,
    },
  };
}
