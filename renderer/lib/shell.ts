/** What the shell around the page can do; each works in both shells, in its own way. */
import { FILE_CHOICES, type ChosenFile, type FileChoice } from '../../main/contract/bridge.ts';
import { bridge, newWindowAddress, saveArtifacts, upload } from './api.ts';

/** One more window on the open workspace. */
export async function newWindow(): Promise<void> {
  if (bridge) return bridge.newWindow();
  window.open(await newWindowAddress(), '_blank', 'noopener');
}

/** The screen on paper: a PDF by the native dialog, or the browser's own print dialog. */
export async function saveScreen(): Promise<void> {
  const name = document.title.replace(/ – Hedgerow$/, '') || 'Hedgerow';
  if (bridge) await bridge.savePdf(name);
  else window.print();
}

/** A printable document (a ticket) that the core offers as HTML: as PDF by the native dialog, or as the file, which any browser prints. */
export async function saveDocument(document: { readonly artifactId: string; readonly name: string }): Promise<boolean> {
  return bridge ? bridge.savePdf(document.name, document.artifactId) : saveArtifacts([document]);
}

/** Whether something dragged over the window is a file. */
export const holdsFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;

/** Files of the user's choice in a browser, by its own dialog; none when dismissed. To be called inside a key press or click. */
export function browse(choice: FileChoice): Promise<File[]> {
  const input = document.createElement('input');
  const accept = FILE_CHOICES[choice].extensions.map((extension) => `.${extension}`).join();
  Object.assign(input, { type: 'file', multiple: true, accept, hidden: true });
  // Outside the document it would be collected while the dialog is open, and what is chosen then with it.
  document.body.append(input);
  return new Promise<File[]>((done) => {
    input.onchange = () => done([...(input.files ?? [])]);
    input.oncancel = () => done([]);
    input.click();
  }).finally(() => input.remove());
}

/** Files of the user's choice, once they are in the program's hands; none when dismissed. To be called inside a key press or click. */
export async function chooseFiles(choice: FileChoice): Promise<readonly ChosenFile[]> {
  if (bridge) return bridge.chooseFiles(choice);
  return Promise.all((await browse(choice)).map(async (file) => ({ handle: await upload(file), name: file.name })));
}
