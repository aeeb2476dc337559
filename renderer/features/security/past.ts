/** What is stored about a security over its days, as the screen uses it. */
import type { HistoryHeader } from '../../../main/contract/results-security.ts';
import { columns } from '../../lib/api.ts';

export interface SecurityPast {
  readonly header: HistoryHeader;
  readonly days: Int32Array;
  readonly close: Float64Array;
  readonly adjClose: Float64Array;
  readonly returns: Float64Array;
}

export async function loadPast(input: { readonly securityId: number; readonly runId?: string }): Promise<SecurityPast> {
  const { header, columns: data } = await columns('security.history', input);
  return {
    header: header as unknown as HistoryHeader,
    days: data['day'] as Int32Array,
    close: data['close'] as Float64Array,
    adjClose: data['adj_close'] as Float64Array,
    returns: data['return'] as Float64Array,
  };
}
