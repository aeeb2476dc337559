/** What the shell around the page can do; each works in both shells, in its own way. */
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

/** One file of the user's choice, by handle; null when dismissed. To be called inside a key press or click. */
export async function chooseOne(accept: string): Promise<{ readonly handle: string; readonly name: string } | null> {
  if (bridge) return (await bridge.chooseFiles())[0] ?? null;
  const input = document.createElement('input');
  input.type = 'file';
  input.accept = accept;
  const file = await new Promise<File | null>((resolve) => {
    input.onchange = () => resolve(input.files?.[0] ?? null);
    input.oncancel = () => resolve(null);
    input.click();
  });
  return file && { handle: await upload(file), name: file.name };
}
