/** The hash-chained journal of order sets, and the check of a file, its manifest and the journal against each other. Pure. */
import { canonicalJson } from './json.ts';
import { hex, lineHash, splitLines, verifyManifest, type Manifest, type Verification } from './manifest.ts';
import type { Sha256 } from './records.ts';

/** One line of the append-only journal; `hash` covers all else, `previous` is the hash of the entry before it. */
export interface JournalEntry {
  /** From 1, without gaps. */
  readonly seq: number;
  /** ISO instant in UTC. */
  readonly at: string;
  /** `freeze`, `approve`, `override`, `export` or whatever else is to be kept. */
  readonly kind: string;
  /** JSON. */
  readonly data: unknown;
  readonly previous: string;
  readonly hash: string;
}

/** Data of an `export` entry. */
export interface ExportRecord {
  readonly run_id: string;
  readonly file: string;
  readonly file_sha256: string;
  readonly manifest_sha256: string;
  /** Hash per line of the manifest, so that its first altered line can be named. */
  readonly manifest_lines: readonly string[];
}

const START = '0'.repeat(64);

/** The entry that comes after the last of a journal. */
export function appendEntry(
  journal: readonly JournalEntry[],
  { at, kind, data }: Pick<JournalEntry, 'at' | 'kind' | 'data'>,
  sha256: Sha256,
): JournalEntry {
  const last = journal.at(-1);
  const entry = { seq: (last?.seq ?? 0) + 1, at, kind, data, previous: last?.hash ?? START };
  return { ...entry, hash: hex(sha256(canonicalJson(entry))) };
}

/** What an `export` entry says of an order file's manifest, given its text. */
export function exportRecord(manifest: Manifest, text: string, sha256: Sha256): ExportRecord {
  return {
    run_id: manifest.run_id,
    file: manifest.output.file,
    file_sha256: manifest.output.sha256,
    manifest_sha256: hex(sha256(text)),
    manifest_lines: splitLines(text).map((line) => lineHash(line, sha256)),
  };
}

/**
 * Checks the chain; `line` is the first entry altered, missing, moved or added inside. Entries cut off at the end leave a
 * whole chain: only a copy of the last hash kept elsewhere shows that.
 */
export function verifyJournal(journal: readonly JournalEntry[], sha256: Sha256): Verification {
  let previous = START;
  for (const [index, { hash, ...entry }] of journal.entries()) {
    const line = index + 1;
    if (entry.seq !== line || entry.previous !== previous)
      return bad(line, `Journal line ${line} does not follow the one before: an entry is altered, missing, moved or added.`);
    if (hash !== hex(sha256(canonicalJson(entry)))) return bad(line, `Journal line ${line} was altered.`);
    previous = hash;
  }
  return { ok: true, line: null, message: `The journal's ${journal.length} entries are whole.` };
}

/**
 * Checks texts of an order file and its manifest, and the journal (null: there is none, which the message says). Names
 * the part and its first altered line, the journal first, because the manifest rests on it and the file on the manifest.
 */
export function verifyOrderSet(
  fileText: string,
  manifestText: string,
  journal: readonly JournalEntry[] | null,
  sha256: Sha256,
): Verification & { readonly part: 'orders' | 'manifest' | 'journal' } {
  let entry = 0;
  if (journal !== null) {
    const chain = verifyJournal(journal, sha256);
    if (!chain.ok) return { ...chain, part: 'journal' };
    const own = hex(sha256(manifestText));
    const exports = journal.flatMap(({ kind, data, seq }) => (kind === 'export' ? [{ ...(data as ExportRecord), seq }] : []));
    const found = exports.findLast(({ manifest_sha256: recorded }) => recorded === own);
    if (found === undefined) {
      const meant =
        exports.findLast(({ file_sha256: file }) => file === hex(sha256(fileText))) ??
        exports.findLast(
          ({ file, run_id: run }) => manifestText.includes(JSON.stringify(file)) && manifestText.includes(JSON.stringify(run)),
        );
      if (meant === undefined) return { ...bad(null, 'The journal records no export of this file and manifest.'), part: 'journal' };
      const lines = splitLines(manifestText).map((line) => lineHash(line, sha256));
      const most = Math.max(lines.length, meant.manifest_lines.length);
      const line = Array.from({ length: most }, (_, at) => at).findIndex((at) => lines[at] !== meant.manifest_lines[at]) + 1;
      return {
        ...bad(line, `The manifest of ${meant.file}: line ${line} is not as recorded in journal entry ${meant.seq}.`),
        part: 'manifest',
      };
    }
    entry = found.seq;
  }
  let result: Verification;
  try {
    result = verifyManifest(JSON.parse(manifestText) as Manifest, fileText, sha256);
  } catch {
    return { ...bad(null, 'The manifest is not one of this program.'), part: 'manifest' };
  }
  const where = journal === null ? ' No journal was checked.' : ` Recorded as journal entry ${entry}.`;
  if (result.ok) return { ...result, message: result.message + where, part: 'orders' };
  return { ...result, part: result.line === null ? 'manifest' : 'orders' };
}

function bad(line: number | null, message: string): Verification {
  return { ok: false, line, message };
}
