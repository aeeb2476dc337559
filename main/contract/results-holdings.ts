/** What became of the lines of a holdings file, and the lines that wait for a security. */

/** One line of a file that was read and is not stored yet. */
export interface FileLine {
  readonly line: number;
  /** Position, lot, cash, money fund, option, bond, fund, total, note, … */
  readonly disposition: string;
  /** Why a line is left out or wrong; '' otherwise. */
  readonly reason: string;
  readonly account: string;
  readonly ticker: string;
  readonly name: string;
  /** As the file says, in plain decimals; null = not given. */
  readonly quantity: string | null;
  readonly price: string | null;
  readonly marketValue: string | null;
  readonly currency: string;
  /** ISO day that it is of, in a file of several days. */
  readonly day: string | null;
}

/** All lines of a file, or its first ones. */
export interface FileLines {
  readonly total: number;
  readonly lines: readonly FileLine[];
}

/** A security a line may mean, and what speaks for it. */
export interface Suggestion {
  readonly securityId: number;
  readonly ticker: string;
  readonly name: string | null;
  readonly because: string;
}

/** A position of a snapshot that no security answers to. */
export interface WaitingLine {
  readonly snapshotId: number;
  /** Of the snapshot. */
  readonly asOf: string;
  readonly file: string;
  readonly line: number;
  readonly account: string;
  readonly ticker: string;
  /** What `identities.resolve` takes as its name. */
  readonly symbol: string;
  /**
   * Day from which a choice may count as known. A broker's spelling that names nothing else here says nothing of prices: the day of the
   * holdings. null: facts under the name are stored, so that an earlier row would change; the choice counts from the day it is made.
   */
  readonly knownFrom: string | null;
  readonly name: string | null;
  readonly quantity: string | null;
  readonly marketValue: string | null;
  /** Best first; at most five. */
  readonly suggestions: readonly Suggestion[];
}
