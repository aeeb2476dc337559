/** Error catalogue: every failure a user can meet is one of these; no stack crosses the contract. */
export type ErrorCode =
  | 'usage'
  | 'data'
  | 'ambiguous'
  | 'not_found'
  | 'workspace_locked'
  | 'workspace_newer'
  | 'workspace_damaged'
  | 'disk_full'
  | 'cancelled'
  | 'blocked'
  | 'io'
  | 'internal';

/** Process exit code of the command line for each error (CLI.md). */
export const EXIT_CODE: Readonly<Record<ErrorCode, number>> = {
  usage: 2,
  ambiguous: 2,
  data: 3,
  blocked: 3,
  cancelled: 130,
  not_found: 1,
  workspace_locked: 1,
  workspace_newer: 1,
  workspace_damaged: 1,
  disk_full: 1,
  io: 1,
  internal: 1,
};

/** An error as it crosses workers, shells and files. */
export interface ErrorData {
  readonly code: ErrorCode;
  /** What happened, in words, with names and numbers. */
  readonly message: string;
  /** What the user can do next. */
  readonly action: string;
  readonly retryable: boolean;
  /** Anything a screen can show beside it: issues, options to choose from. */
  readonly details?: unknown;
}

/** The one exception class of the program. */
export class HedgerowError extends Error {
  readonly data: ErrorData;

  constructor(code: ErrorCode, message: string, action: string, details?: unknown) {
    super(message);
    this.name = 'HedgerowError';
    this.data = { code, message, action, retryable: code === 'workspace_locked', ...(details === undefined ? {} : { details }) };
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission is denied',
  EBUSY: 'another program holds it',
  EDQUOT: 'no more may be stored on this disk',
  EEXIST: 'it is there already',
  EFBIG: 'a file so large is more than the drive or a limit allows',
  EIO: 'the drive failed',
  EISDIR: 'it is a folder, not a file',
  ENAMETOOLONG: 'the name is too long',
  ENOENT: 'there is no such file or folder',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of its path is a file, not a folder',
  EPERM: 'permission is denied',
  EROFS: 'the drive is read-only',
};

/** Why the system refused a file, in words with the system's code; what else was thrown says itself. */
export function fileReason(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  const reason = typeof code === 'string' ? REASONS[code] : undefined;
  return reason ? `${reason} (${String(code)})` : error instanceof Error ? error.message : String(error);
}

/** Turns anything thrown into catalogue data; what the system says of a file names it, other errors become `internal` with their message only. */
export function toErrorData(error: unknown): ErrorData {
  if (error instanceof HedgerowError) return error.data;
  const { code, path } = (error ?? {}) as { code?: unknown; path?: unknown };
  const message = error instanceof Error ? error.message : String(error);
  if (code === 'SQLITE_FULL' || code === 'ENOSPC') {
    return {
      code: 'disk_full',
      message: `The disk is full: ${message}`,
      action: 'Free some space and try again; nothing was changed.',
      retryable: true,
    };
  }
  if (typeof path === 'string' && typeof code === 'string' && code in REASONS)
    return {
      code: 'io',
      message: `${path}: ${fileReason(error)}.`,
      action: 'Choose another file or folder, or allow the use of it.',
      retryable: false,
    };
  return { code: 'internal', message, action: 'Try again; if it happens again, report it with the steps.', retryable: false };
}
