/** Orders that left the program and that the journal of a restored backup does not know: a broker may be working them. */
import type { HedgeView } from '../main/contract/results.ts';
import type { Workspace } from './connection.ts';
import { listJournal } from './journal.ts';

export interface ForgottenOrders {
  /** Hash of the entry of their last export. */
  readonly entry: string;
  readonly at: string;
  readonly file: string;
  /** Accounts that the orders hedge as one. */
  readonly asOne: readonly string[];
  readonly orders: readonly Pick<HedgeView['orders'][number], 'account' | 'symbol' | 'side' | 'quantity'>[];
}

/** What is frozen, as far as it is read here. */
interface Frozen {
  readonly view: Pick<HedgeView, 'orders' | 'request'>;
  readonly inputs: readonly { readonly accounts: readonly string[] }[];
}

/** What the journal of `present` has sent, or an earlier restore there had forgotten, that the one of `backup` does not have; a set once. */
export function forgottenOrders(present: Workspace, backup: Workspace): ForgottenOrders[] {
  const known = new Set(listJournal(backup).map(({ hash }) => hash));
  const frozen = new Map<number, string>();
  const before: ForgottenOrders[] = [];
  const own = new Map<number, ForgottenOrders>();
  for (const { action, at, hash, detail } of listJournal(present)) {
    const { packageId, content, file, forgotten } = detail as Partial<{ packageId: number; content: string; file: string } & RestoreDetail>;
    if (action === 'freeze') frozen.set(packageId!, content!);
    else if (action === 'restore') before.push(...(forgotten ?? []).filter(({ entry }) => !known.has(entry)));
    else if (action === 'orders' && packageId !== undefined && !known.has(hash)) {
      const { view, inputs } = JSON.parse(frozen.get(packageId)!) as Frozen;
      own.set(packageId, {
        ...{ entry: hash, at, file: file! },
        asOne: view.request.netting === 'per-account' ? [] : inputs.flatMap(({ accounts }) => accounts),
        orders: view.orders.map(({ account, symbol, side, quantity }) => ({ account, symbol, side, quantity })),
      });
    }
  }
  return [...before, ...own.values()];
}

/** What the journal keeps of a restore. */
export interface RestoreDetail {
  readonly file: string;
  readonly sha256: string;
  readonly kept: string | null;
  /** Absent in those of earlier programs. */
  readonly forgotten?: readonly ForgottenOrders[];
}
