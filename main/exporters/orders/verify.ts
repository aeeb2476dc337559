/** What the workspace's journal keeps of an export, and the check of an order file and its manifest against that. Pure. */
import { fileWords, hex, lineHash, splitLines, verifyManifest, type Manifest, type Verification } from './manifest.ts';
import type { Sha256 } from './records.ts';

/** Part of the journal entry of an export. */
export interface ExportRecord {
  readonly runId: string;
  readonly file: string;
  readonly fileSha256: string;
  readonly manifestSha256: string;
  /** Hash per line of the manifest, so that its first altered line can be named. */
  readonly manifestLines: readonly string[];
}

/** An export record and the number of its journal entry. */
export interface RecordedExport extends ExportRecord {
  readonly seq: number;
}

/** What the journal is to keep of an order file's manifest, given its text. */
export function exportRecord(manifest: Manifest, text: string, sha256: Sha256): ExportRecord {
  return {
    runId: manifest.run_id,
    file: manifest.output.file,
    fileSha256: manifest.output.sha256,
    manifestSha256: hex(sha256(text)),
    manifestLines: splitLines(text).map((line) => lineHash(line, sha256)),
  };
}

/**
 * Checks texts of an order file and its manifest, and what the journal recorded (null: there is no journal, which the message
 * says). Names the part and its first altered line: the manifest rests on the journal, the file on the manifest. Whether the
 * journal itself is whole is the store's to say. `name`: what the file is called now; default: as it was exported.
 */
export function verifyOrderSet(
  fileText: string,
  manifestText: string,
  exports: readonly RecordedExport[] | null,
  sha256: Sha256,
  name?: string,
): Verification & { readonly part: 'orders' | 'manifest' | 'journal' } {
  let entry = 0;
  if (exports !== null) {
    const own = hex(sha256(manifestText));
    const found = exports.findLast(({ manifestSha256 }) => manifestSha256 === own);
    if (found === undefined) {
      const meant =
        exports.findLast(({ fileSha256 }) => fileSha256 === hex(sha256(fileText))) ??
        // By its own run and file: further in, a manifest names the exports that it supersedes.
        exports.findLast(({ file, runId }) =>
          [`\n  "run_id": ${JSON.stringify(runId)}`, `\n    "file": ${JSON.stringify(file)}`].every((own) => manifestText.includes(own)),
        );
      if (meant === undefined) return { ...bad(null, 'The journal records no export of this file and manifest.'), part: 'journal' };
      const lines = splitLines(manifestText).map((line) => lineHash(line, sha256));
      const most = Math.max(lines.length, meant.manifestLines.length);
      const line = Array.from({ length: most }, (_, at) => at).findIndex((at) => lines[at] !== meant.manifestLines[at]) + 1;
      return {
        ...bad(line, `The manifest of ${fileWords(meant.file, name)}: line ${line} is not as recorded in journal entry ${meant.seq}.`),
        part: 'manifest',
      };
    }
    entry = found.seq;
  }
  let result: Verification;
  try {
    result = verifyManifest(JSON.parse(manifestText) as Manifest, fileText, sha256, name);
  } catch {
    return { ...bad(null, 'The manifest is not one of this program.'), part: 'manifest' };
  }
  const where = exports === null ? ' No journal was checked.' : ` Recorded as journal entry ${entry}.`;
  if (result.ok) return { ...result, message: result.message + where, part: 'orders' };
  return { ...result, part: result.line === null ? 'manifest' : 'orders' };
}

function bad(line: number | null, message: string): Verification {
  return { ok: false, line, message };
}
