/** PDFs: of a window as it stands, and of a document (a ticket, a report) that the core offers as an HTML file. */
import { randomBytes } from 'node:crypto';
import { app, BrowserWindow, session, type WebContents } from 'electron';
import type { Artifact } from '../shell-common/core-port.ts';
import { originOf, SCHEME } from './security.ts';

/** Largest document that is turned into pages. */
const LARGEST = 64e6;

/** A document made of files may say what it likes: no script, no request, nothing but its own text and style. */
const DOCUMENT_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; sandbox",
  'x-content-type-options': 'nosniff',
};

const pageSize = (): 'Letter' | 'A4' => (['US', 'CA', 'MX', 'PH', 'CL', 'CO'].includes(app.getLocaleCountryCode()) ? 'Letter' : 'A4');

const toPdf = (contents: WebContents, landscape: boolean): Promise<Uint8Array> =>
  contents.printToPDF({ pageSize: pageSize(), landscape, printBackground: true, displayHeaderFooter: false, preferCSSPageSize: true });

/** The screen of a window, on paper. */
export const screenAsPdf = (window: BrowserWindow): Promise<Uint8Array> => toPdf(window.webContents, true);

/** A document as PDF, laid out in a window nobody sees and no script runs in. */
export async function documentAsPdf(document: Artifact): Promise<Uint8Array> {
  if (document.bytes > LARGEST) throw new Error(`${document.name} is too large to be printed.`);
  const chunks: Uint8Array[] = [];
  for await (const chunk of document.stream) chunks.push(chunk);
  const html = Buffer.concat(chunks);
  const name = `print-${randomBytes(8).toString('hex')}`;
  // In memory, and gone with the window.
  const own = session.fromPartition(name, { cache: false });
  own.protocol.handle(SCHEME, (request) =>
    request.url === `${originOf(name)}/` ? new Response(html, { headers: DOCUMENT_HEADERS }) : new Response(null, { status: 404 }),
  );
  const window = new BrowserWindow({
    show: false,
    webPreferences: {
      session: own,
      sandbox: !app.commandLine.hasSwitch('no-sandbox'),
      contextIsolation: true,
      nodeIntegration: false,
      javascript: false,
      spellcheck: false,
    },
  });
  try {
    await window.loadURL(`${originOf(name)}/`);
    return await toPdf(window.webContents, false);
  } finally {
    window.destroy();
    own.protocol.unhandle(SCHEME);
  }
}
