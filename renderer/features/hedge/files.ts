/** Files for a call, in the program's hands. */
import { bridge, upload } from '../../lib/api.ts';

export interface PickedFile {
  readonly handle: string;
  readonly name: string;
}

/** Lets the user choose files; none when the dialog is dismissed. */
export async function pickFiles(): Promise<PickedFile[]> {
  if (bridge) return (await bridge.chooseFiles()).map(({ handle, name }) => ({ handle, name }));
  const input = document.createElement('input');
  input.type = 'file';
  input.multiple = true;
  const given = await new Promise<File[]>((done) => {
    input.onchange = () => done([...(input.files ?? [])]);
    input.oncancel = () => done([]);
    input.click();
  });
  return Promise.all(given.map(async (file) => ({ handle: await upload(file), name: file.name })));
}
