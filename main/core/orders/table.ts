/** The methods of methods-orders.ts. */
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { ORDERS_METHODS, OrdersOutput } from '../../contract/methods-orders.ts';
import type { HedgeRequest } from '../../contract/results.ts';
import { formatExtension, type OrderFormat } from '../../exporters/orders/index.ts';
import { previewHedge } from '../hedge.ts';
import type { CoreContext, Table } from '../table.ts';
import { exportPackage, freezeHedge, writeHedgeFiles, type Written } from './export.ts';
import { importFills } from './fills.ts';
import { getLedger } from './ledger.ts';
import { approvePackage, comparePackages, getPackage, listPackages, ordersPolicy } from './packages.ts';
import { ticketHtml } from './ticket.ts';
import { verifyFiles } from './verify.ts';

export function ordersTable({ current, files }: CoreContext): Table<keyof typeof ORDERS_METHODS> {
  const out = (format: OrderFormat, date: string | undefined): string => join(files.artifactFolder(), orderFileName(format, date));
  function offered({ package: { view: _, ...one }, files: written }: Written): OrdersOutput['orders.export'] {
    const artifacts = [written.orderFile, written.manifestFile].map((path) => files.offer(path));
    return {
      package: one,
      files: { ...written, orderFile: basename(written.orderFile), manifestFile: basename(written.manifestFile) },
      artifacts,
    };
  }
  return {
    'hedge.preview': (input) => previewHedge(current(), input as HedgeRequest),
    'hedge.export': async ({ request, format, override, by }) =>
      offered(await writeHedgeFiles(current(), request as HedgeRequest, { format, out: out(format, request.date), override, by })),
    'orders.list': () => listPackages(current()),
    'orders.show': ({ packageId }) => getPackage(current(), packageId),
    'orders.freeze': ({ request, by, note }) => freezeHedge(current(), request as HedgeRequest, { by, note }),
    'orders.approve': ({ packageId, by, note }) => approvePackage(current(), packageId, by, note ?? ''),
    'orders.export': async ({ packageId, format, override, by }) =>
      offered(await exportPackage(current(), packageId, { format, out: out(format, undefined), override, by })),
    'orders.compare': ({ a, b }) => comparePackages(current(), a, b),
    'orders.ticket': async ({ packageId }) => {
      const path = join(files.artifactFolder(), `order-set-${packageId}.html`);
      writeFileSync(path, ticketHtml(await getPackage(current(), packageId)), { mode: 0o600 });
      return files.offer(path);
    },
    'orders.verify': ({ orders, manifest }) => verifyFiles(current(), files.source(orders).path, files.source(manifest).path),
    'orders.fills': ({ file }) => {
      const source = files.source(file);
      return importFills(current(), source.path, source.name);
    },
    'orders.policy': (change) => ordersPolicy(current(), change),
    'orders.ledger': () => getLedger(current()),
  };
}

function orderFileName(format: OrderFormat, date: string | undefined): string {
  return `hedge-${format}${date ? `-${date}` : ''}-${new Date().toISOString().slice(0, 19).replace(/[:T-]/g, '')}.${formatExtension(format)}`;
}
