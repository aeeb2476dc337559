/** What a person drops on the window: files, and the files inside dropped folders. */

export interface Dropped {
  readonly files: File[];
  /** Name of the folder that was dropped, when it was one. */
  readonly folder: string | null;
  /** The folder is a workspace: a page may not open it by itself. */
  readonly workspace: boolean;
}

const MOST = 500;

/** Reads the entries of a drop; to be called before the event is over (the list is emptied after it). */
export async function droppedFiles(items: DataTransferItemList): Promise<Dropped> {
  const entries = [...items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  const files: File[] = [];
  let workspace = false;
  async function walk(entry: FileSystemEntry, depth: number): Promise<void> {
    if (entry.name.startsWith('.') || files.length >= MOST) return;
    if (entry.isFile) {
      if (entry.name === 'workspace.db') workspace = true;
      else files.push(await new Promise<File>((done, failed) => (entry as FileSystemFileEntry).file(done, failed)));
    } else if (depth < 3) {
      const reader = (entry as FileSystemDirectoryEntry).createReader();
      while (true) {
        const some = await new Promise<FileSystemEntry[]>((done, failed) => reader.readEntries(done, failed));
        if (some.length === 0) break;
        for (const one of some) await walk(one, depth + 1);
      }
    }
  }
  for (const entry of entries) await walk(entry, 0);
  return { files: workspace ? [] : files, folder: entries.find((entry) => entry.isDirectory)?.name ?? null, workspace };
}

/** A name a workspace may have, from a folder's. */
export const workspaceName = (folder: string): string =>
  folder
    .replace(/\.hedgerow$/i, '')
    .replace(/[^\p{L}\p{N} _-]+/gu, ' ')
    .trim()
    .slice(0, 60) || 'Imported';
