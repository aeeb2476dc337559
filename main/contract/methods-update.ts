/** About this copy of the program, and updates from a signed file. */
import { handle, none, strictObject } from './schemas.ts';

export const UPDATE_METHODS = {
  'app.about': { kind: 'call', input: none },
  /** Reads and verifies an update file; changes nothing. */
  'update.inspect': { kind: 'job', input: strictObject({ handle }) },
  /** Verifies the file anew and puts it in place. */
  'update.apply': { kind: 'job', input: strictObject({ handle }) },
} as const;

interface About {
  readonly version: string;
  /** `Electron 45.4.1`, `Node 24.21.0`, … as they run now. */
  readonly runtime: readonly string[];
  readonly platform: string;
  /** How an update file is put in place here; null where it cannot be, with the reason in words. */
  readonly updates: { readonly target: string | null; readonly why: string; readonly keys: readonly string[] };
}

export interface UpdateView {
  readonly version: string;
  readonly current: string;
  /** ISO day. */
  readonly published: string;
  readonly notes: string;
  /** Name of the key that signed it. */
  readonly signedBy: string;
  readonly files: number;
  /** Unpacked. */
  readonly bytes: number;
}

interface AppliedUpdate {
  readonly version: string;
  /** `restart`: in place, used from the next start on. `installer`: to be handed to the system. */
  readonly how: 'restart' | 'installer';
  /** For the shell's `runInstaller`. */
  readonly installerId: string | null;
}

export interface UpdateOutput {
  'app.about': About;
  'update.inspect': UpdateView;
  'update.apply': AppliedUpdate;
}
