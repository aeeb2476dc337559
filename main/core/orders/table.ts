/** The methods of methods-orders.ts. */
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { OrderTerms } from '../../contract/desk.ts';
import type { ORDERS_METHODS, OrdersOutput } from '../../contract/methods-orders.ts';
import type { HedgeRequest } from '../../contract/results.ts';
import { formatExtension, type OrderFormat } from '../../exporters/orders/index.ts';
import { previewHedge } from '../hedge.ts';
import { orderFormat } from '../order-profile.ts';
import type { Session } from '../session.ts';
import type { CoreContext, Table } from '../table.ts';
import { deskOf, profileOf, setDesk } from './desk.ts';
import { checkPackage, exportPackage, freezeHedge, writeHedgeFiles, type Written } from './export.ts';
import { countFills, importFills } from './fills.ts';
import { getLedger } from './ledger.ts';
import { approvePackage, comparePackages, getPackage, listPackages, ordersPolicy } from './packages.ts';
import { ticketHtml } from './ticket.ts';
import { verifyFiles } from './verify.ts';

export function ordersTable({ current, files }: CoreContext): Table<keyof typeof ORDERS_METHODS> {
  /** Format, desk rules and terms of an export from a screen, and where its file goes. */
  async function optionsOf(session: Session, name: string, terms: OrderTerms | undefined, date: string | undefined, folder?: string) {
    const format = orderFormat(name);
    const profile = profileOf(await deskOf(session), format, terms);
    const extension = formatExtension(format, profile);
    return { format, profile, out: join(folder ?? files.artifactFolder(), orderFileName(format, extension, date)) };
  }
  function offered({ package: { view: _, ...one }, files: written }: Written): OrdersOutput['orders.export'] {
    const artifacts = [written.orderFile, written.manifestFile].map((path) => files.offer(path));
    return {
      package: one,
      files: { ...written, orderFile: basename(written.orderFile), manifestFile: basename(written.manifestFile) },
      artifacts,
    };
  }
  return {
    'hedge.preview': async ({ output: asked, ...request }, hooks) => {
      const session = current();
      const { format, profile } = asked ? await optionsOf(session, asked.format, asked.terms, undefined, '') : {};
      const output = format ? { format, ...(profile ? { profile } : {}) } : undefined;
      return previewHedge(session, request as HedgeRequest, [], output, hooks);
    },
    'hedge.export': async ({ request, format: name, terms, override, overriding, by }) => {
      const session = current();
      const options = await optionsOf(session, name, terms, request.date);
      return offered(await writeHedgeFiles(session, request as HedgeRequest, { ...options, override, overriding, by }));
    },
    'orders.list': () => listPackages(current()),
    'orders.show': ({ packageId }) => getPackage(current(), packageId),
    'orders.freeze': ({ request, by, note }) => freezeHedge(current(), request as HedgeRequest, { by, note }),
    'orders.approve': ({ packageId, by, note }) => approvePackage(current(), packageId, by, note ?? ''),
    'orders.check': async ({ packageId, format: name, terms }) => {
      const session = current();
      return checkPackage(session, packageId, await optionsOf(session, name, terms, undefined));
    },
    'orders.export': async ({ packageId, format: name, terms, override, overriding, by }) => {
      const session = current();
      const options = await optionsOf(session, name, terms, undefined);
      return offered(await exportPackage(session, packageId, { ...options, override, overriding, by }));
    },
    'orders.desk': ({ rules, before, by }) => (rules ? setDesk(current(), rules, by, before) : deskOf(current())),
    'orders.compare': ({ a, b }) => comparePackages(current(), a, b),
    'orders.ticket': async ({ packageId, terms }) => {
      const session = current();
      const path = join(files.artifactFolder(), `order-set-${packageId}.html`);
      const text = ticketHtml(await getPackage(session, packageId), profileOf(await deskOf(session), 'generic', terms));
      writeFileSync(path, text, { mode: 0o600 });
      return files.offer(path);
    },
    'orders.verify': ({ orders, manifest }) => verifyFiles(current(), files.source(orders), files.source(manifest).path),
    'orders.fills': ({ file }) => {
      const source = files.source(file);
      return importFills(current(), source.path, source.name);
    },
    'orders.countFills': ({ entry, counts }) => countFills(current(), entry, counts),
    'orders.policy': (change) => ordersPolicy(current(), change),
    'orders.ledger': () => getLedger(current()),
  };
}

/** Ends with the moment by the user's clock. */
export function orderFileName(format: OrderFormat, extension: string, date: string | undefined, at: Date = new Date()): string {
  const name = format.replace(/[^A-Za-z0-9]+/g, '-');
  const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  return `hedge-${name}${date ? `-${date}` : ''}-${local.toISOString().slice(0, 19).replace(/[:T-]/g, '')}.${extension}`;
}
