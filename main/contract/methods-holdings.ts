/** Files read by a template of the user's, and the lines of holdings files. */
import * as v from 'valibot';
import type { FileLook } from './mapping.ts';
import type { FileLines, WaitingLine } from './results-holdings.ts';
import { handle, id, strictObject, text } from './schemas.ts';
import { templatesInput, type FileTemplate } from './templates.ts';

export const HOLDINGS_METHODS = {
  /** The first lines of a file as cells, and what its columns seem to be. */
  'import.look': {
    kind: 'call',
    input: strictObject({
      handle,
      sheet: v.optional(text(100)),
      delimiter: v.optional(v.picklist([',', ';', '\t', '|'] as const)),
      encoding: v.optional(v.picklist(['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'] as const)),
    }),
  },
  /** The templates of the workspace; saves or removes one first. */
  'import.templates': { kind: 'call', input: templatesInput },
  /** Every line of a holdings file that was read, with what becomes of it. */
  'import.lines': { kind: 'call', input: strictObject({ stageId: id }) },
  /** Positions that no security answers to: of a snapshot, or of the book. `identities.resolve` says whose one is. */
  'holdings.waiting': { kind: 'call', input: strictObject({ snapshotId: v.optional(id) }) },
} as const;

export interface HoldingsOutput {
  'import.look': FileLook;
  /** By name. */
  'import.templates': readonly FileTemplate[];
  'import.lines': FileLines;
  'holdings.waiting': readonly WaitingLine[];
}
