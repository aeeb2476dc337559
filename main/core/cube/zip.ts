/** A folder inside one zip file, stored without compression: `xarray.open_zarr("x.zarr.zip")` reads it as it stands. */
import { Zip, ZipPassThrough } from 'fflate';
import { HedgerowError } from '../../contract/errors.ts';
import type { FileDraft, FolderDraft } from './draft.ts';

/** A plain zip file ends at 4 GiB and 65,535 entries. */
const MOST_BYTES = 4_200_000_000;
const MOST_ENTRIES = 65_000;

/** Hands `work` a folder whose files go into the zip file. Rejects with data when it becomes too large for one. */
export async function writeZip<T>(file: FileDraft, work: (folder: FolderDraft) => Promise<T>): Promise<T> {
  let waiting: Uint8Array[] = [];
  let entries = 0;
  const zip = new Zip((error, chunk) => {
    if (error) throw error;
    if (chunk.length) waiting.push(chunk);
  });
  const flush = async (): Promise<void> => {
    const chunks = waiting;
    waiting = [];
    for (const chunk of chunks) await file.write(chunk);
    if (file.bytes > MOST_BYTES || entries > MOST_ENTRIES)
      throw new HedgerowError(
        'data',
        'The store is too large for one zip file.',
        'Choose fewer fields, tickers or dates, or write a folder from the command line.',
      );
  };
  const begin = (path: string): ZipPassThrough => {
    const entry = new ZipPassThrough(path);
    entry.mtime = '1980-01-01T12:00:00'; // The same cube gives the same bytes.
    zip.add(entry);
    entries++;
    return entry;
  };
  const result = await work({
    get bytes() {
      return file.bytes;
    },
    async put(path, bytes) {
      begin(path).push(bytes, true);
      await flush();
    },
    async file(path, fill) {
      const entry = begin(path);
      let bytes = 0;
      const done = await fill({
        get bytes() {
          return bytes;
        },
        async write(chunk) {
          bytes += chunk.length;
          entry.push(chunk);
          await flush();
        },
      });
      entry.push(new Uint8Array(0), true);
      await flush();
      return done;
    },
  });
  zip.end();
  await flush();
  return result;
}
