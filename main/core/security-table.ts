/** The methods of methods-security.ts. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SECURITY_METHODS } from '../contract/methods-security.ts';
import type { IoProcedures } from '../workers/io/procedures.ts';
import { WorkerClient } from '../workers/rpc.ts';
import { loadBook } from './book.ts';
import { bookFields } from './book-fields.ts';
import { openSecurity } from './security-open.ts';
import { securityRegression } from './security-regression.ts';
import type { CoreContext, Table } from './table.ts';
import { packedInTurns } from './turns.ts';

export function securityTable({ environment, current, files }: CoreContext): Table<keyof typeof SECURITY_METHODS> {
  return {
    'security.open': (input) => openSecurity(current(), input),
    'security.regression': (input) => securityRegression(current(), input),
    'book.fields': ({ fields, ...book }, hooks) => bookFields(current(), book, fields, hooks),
    'book.coverage': async (book, hooks) => {
      const { exposure } = await loadBook(current(), book, hooks);
      return { coverage: exposure.coverage, unvalued: exposure.unpriced };
    },
    'files.offerSheet': async ({ name, rows, ...sheet }) => {
      const path = join(files.artifactFolder(), name);
      // Thousands of rows take seconds, for which nobody else should wait: neither an import nor a screen.
      const worker = new WorkerClient<IoProcedures>('workbook', environment.workers.io);
      try {
        await worker.call('sheet', { path, ...sheet, rows: await packedInTurns(rows) });
      } finally {
        await worker.stop();
      }
      return files.offer(path);
    },
    'files.offerImage': ({ name, png }) => {
      const path = join(files.artifactFolder(), name);
      writeFileSync(path, Buffer.from(png, 'base64'), { mode: 0o600 });
      return files.offer(path);
    },
  };
}
