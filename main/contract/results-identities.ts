/** Who is who, for screens and the command line: names in quarantine, securities with their symbols, decisions made by hand. */

/** A name as files spell it; the exchange is '' when none was given. */
interface NameText {
  readonly type: string;
  readonly code: string;
  readonly exchange: string;
}

/** A security in words. */
export interface SecurityTitle {
  readonly securityId: number;
  /** Its latest ticker. */
  readonly ticker: string;
  readonly name: string | null;
}

/** A stretch of rows of a name that belong to nobody (no validity covers them), or that several securities claim. */
export interface QuarantineEntry extends NameText {
  readonly why: 'unowned' | 'disputed';
  /** ISO days of its first and last row. */
  readonly first: string;
  readonly last: string;
  readonly rows: number;
  /** Days the stretch covers, last exclusive; null: open. */
  readonly from: string | null;
  readonly until: string | null;
  /** Securities that claim the name then, or on other days. */
  readonly claimants: readonly (SecurityTitle & { readonly from: string | null; readonly until: string | null })[];
  /** Whose they seem to be, with the reason; never applied by itself. */
  readonly proposal: (SecurityTitle & { readonly because: string }) | null;
}

export interface QuarantineView {
  readonly revision: number;
  readonly entries: readonly QuarantineEntry[];
  readonly rows: number;
  /** Names that only facts (classifications, shares, actions) use: they attach when prices or a securities file bring a security. */
  readonly waiting: { readonly names: number; readonly examples: readonly string[] };
}

/** Days [from, until) on which a name was the security. */
export interface NameDays extends NameText {
  readonly from: string | null;
  readonly until: string | null;
  /** By a master row, by hand, or provisionally because no master row names it. */
  readonly by: 'master' | 'hand' | 'provisional';
}

export interface IdentityFactRow {
  readonly ticker: string;
  readonly exchange: string;
  readonly from: string | null;
  readonly until: string | null;
  readonly knownFrom: string | null;
  readonly figi: string | null;
  readonly isin: string | null;
  readonly cusip: string | null;
  readonly sedol: string | null;
  readonly name: string | null;
  readonly batchId: number;
  readonly file: string;
  readonly line: number | null;
}

export interface DecisionView {
  readonly batchId: number;
  readonly kind: 'merge' | 'assign';
  /** In one sentence. */
  readonly text: string;
  readonly reason: string;
  readonly knownFrom: string;
  readonly madeAt: string;
  readonly undone: boolean;
}

export interface IdentityView extends SecurityTitle {
  readonly provisional: boolean;
  /** Security it has been merged into; null when it stands for itself. */
  readonly mergedInto: SecurityTitle | null;
  readonly names: readonly NameDays[];
  /** Master rows, every version, oldest first. */
  readonly rows: readonly IdentityFactRow[];
  readonly decisions: readonly DecisionView[];
}

/** A search for securities gives at most as many. */
export const MOST_HITS = 50;

export interface IdentityHit extends SecurityTitle {
  readonly provisional: boolean;
  /** What matched: a ticker of any day, an identifier or the name. */
  readonly matched: string;
}

/** What a decision did, or would do. */
export interface DecisionResult {
  /** null: nothing was stored (a trial). */
  readonly batchId: number | null;
  readonly text: string;
  readonly securityId: number | null;
  /** Stored rows of prices and returns that change hands. */
  readonly rows: number;
  readonly first: string | null;
  readonly last: string | null;
  readonly knownFrom: string;
  /** What to know about it, in sentences. */
  readonly notes: readonly string[];
}
