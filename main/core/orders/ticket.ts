/** A frozen set as a page for people: to read, sign and print. No script, nothing from elsewhere. */
import { legNote } from '../../contract/leg-note.ts';
import type { OrderPackage } from '../../contract/results-orders.ts';
import type { HedgeOrder } from '../../contract/results.ts';
import { withMinus } from '../../contract/units.ts';
import { toRecords, type OrderProfile } from '../../exporters/orders/index.ts';

const SIDES: Record<HedgeOrder['side'], string> = { BUY: 'Buy', SELL: 'Sell', SELL_SHORT: 'SELL SHORT', BUY_TO_COVER: 'Buy to cover' };

const TYPES = { MKT: 'market', MOC: 'market on close', LMT: 'limit', LOC: 'limit on close' } as const;

/** Names no order file could hold stand on the page all the same: it is for people. */
const written = ({ view }: OrderPackage, { accounts }: OrderProfile): Record<string, string> =>
  Object.fromEntries(view.orders.map(({ account }, i) => [account, accounts?.[account] ?? `A${i}`]));

const escape = (text: string): string =>
  text.replace(/[&<>"']/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[sign]!);
/** What rounds to nothing has no sign. */
const money = (value: number): string =>
  `${value <= -0.005 ? '−' : ''}$${Math.abs(value).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
const shares = (value: number): string => value.toLocaleString('en-US');

const row = (cells: readonly (string | number)[]): string =>
  `<tr>${cells.map((cell) => (typeof cell === 'number' ? `<td class="n">${shares(cell)}</td>` : `<td${/^[−$\d]/.test(cell) ? ' class="n"' : ''}>${escape(cell)}</td>`)).join('')}</tr>`;
/** Headings of columns; those after a `>` stand over numbers. */
const head = (names: readonly string[]): string =>
  `<tr>${names.map((name) => (name.startsWith('>') ? `<th class="n">${name.slice(1)}</th>` : `<th>${name}</th>`)).join('')}</tr>`;

/** HTML of the ticket; accounts, prices and limits are those of an order file written with the same profile, to the cent. */
export function ticketHtml(one: OrderPackage, { locates: _, ...profile }: OrderProfile = {}): string {
  const records = new Map(
    toRecords(one.view.lineage.runId, one.view.orders, { ...profile, accounts: written(one, profile) }).map((record) => [
      record.orderId,
      record,
    ]),
  );
  const { view } = one;
  const limited = profile.orderType === 'LMT' || profile.orderType === 'LOC';
  const facts: [string, string][] = [
    ['Order set', `${one.packageId}, ${one.basket}`],
    ['Content SHA-256', one.sha256],
    ['Prepared', `${one.preparedBy}, ${one.frozenAt}`],
    ['Approved', one.approvals.map(({ by, at, note }) => `${by}, ${at}${note ? `: ${note}` : ''}`).join('; ') || 'nobody'],
    [
      'Exported',
      one.exports
        .map(({ file, at, by, sha256, reExport }) => `${reExport ? 'RE-EXPORT ' : ''}${file}, ${at}, ${by}, SHA-256 ${sha256}`)
        .join('; ') || 'not yet',
    ],
    ['Holdings and prices', `snapshot ${view.snapshotId}, prices of ${view.date}, run ${view.lineage.runId}`],
    ['Order type', TYPES[profile.orderType ?? 'MKT']],
    ['Gross and net', `${money(one.grossNotional)} and ${money(one.netNotional)}`],
  ];
  const orders = view.orders.map((order) =>
    row([
      order.orderId,
      profile.accounts?.[order.account] ? `${profile.accounts[order.account]!} (${order.account})` : order.account,
      order.symbol,
      SIDES[order.side],
      order.quantity,
      `$${records.get(order.orderId)!.refPrice}`,
      ...(limited ? [`$${records.get(order.orderId)!.limitPrice}`] : []),
      money(order.notional),
      withMinus(order.reason),
    ]),
  );
  const held = (count: number): string => `${shares(count)} ${count === 1 ? 'share' : 'shares'}`;
  const legs = view.legs.map((leg) =>
    row([leg.etf, money(leg.before), money(leg.after), money(leg.rounded), withMinus(legNote(view, leg, held) ?? '')]),
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Order set ${one.packageId}</title>
<style>
@page { size: A4 landscape; margin: 14mm }
body { font: 12px system-ui, sans-serif; color: #000; background: #fff; margin: 16px }
h1 { font-size: 18px; margin: 0 0 8px } h2 { font-size: 14px; margin: 16px 0 4px }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: 3px 8px; border-bottom: 1px solid #bbb; vertical-align: top }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap } .simulated { border: 2px solid #8a5a00; padding: 4px 8px; font-weight: 700 }
thead { display: table-header-group } tr { break-inside: avoid }
</style></head><body>
<h1>Hedge orders, set ${one.packageId}</h1>
${one.simulated ? '<p class="simulated">SIMULATED DATA: not for trading</p>' : ''}
<table>${facts.map(([name, value]) => `<tr><th>${escape(name)}</th><td>${escape(value)}</td></tr>`).join('')}</table>
<h2>Orders</h2>
<table><thead>${head(['Order id', 'Account', 'ETF', 'Side', '>Shares', '>Price', ...(limited ? ['>Limit'] : []), '>Notional', 'Why'])}</thead><tbody>${orders.join('\n')}</tbody></table>
<h2>Exposure per ETF</h2>
<table><thead>${head(['ETF', '>Before', '>After the exact trade', '>After whole shares', 'Note'])}</thead><tbody>${legs.join('\n')}</tbody></table>
<p>Prepared by ____________________ &nbsp; Approved by ____________________ &nbsp; Date ____________</p>
</body></html>
`;
}
