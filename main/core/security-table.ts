/** The methods of methods-security.ts. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SECURITY_METHODS } from '../contract/methods-security.ts';
import { loadBook } from './book.ts';
import { bookFields } from './book-fields.ts';
import { openSecurity } from './security-open.ts';
import { securityRegression } from './security-regression.ts';
import { writeSheet } from './sheet.ts';
import type { CoreContext, Table } from './table.ts';

export function securityTable({ current, files }: CoreContext): Table<keyof typeof SECURITY_METHODS> {
  return {
    'security.open': (input) => openSecurity(current(), input),
    'security.regression': (input) => securityRegression(current(), input),
    'book.fields': ({ fields, ...book }) => bookFields(current(), book, fields),
    'book.coverage': async (book) => ({ coverage: (await loadBook(current(), book)).exposure.coverage }),
    'files.offerSheet': async ({ name, ...sheet }) => {
      const path = join(files.artifactFolder(), name);
      await writeSheet(path, sheet);
      return files.offer(path);
    },
    'files.offerImage': ({ name, png }) => {
      const path = join(files.artifactFolder(), name);
      writeFileSync(path, Buffer.from(png, 'base64'), { mode: 0o600 });
      return files.offer(path);
    },
  };
}
