/** A stored classification row of one security. */
export interface ClassRow {
  readonly sector: string;
  readonly industry: string | null;
  /** '' when the file named none. */
  readonly scheme: string;
  /** EpochDay; null: holds always (possible look-ahead, reported as `undated`). */
  readonly validFrom: number | null;
  /** Exclusive EpochDay; null: until the next row of the security and scheme begins. */
  readonly validTo: number | null;
  /** EpochDay from which the row was known. */
  readonly known: number;
  /** Commit order: later wins ties of `known`. */
  readonly order: number;
  readonly batchId: number;
}

/** A row of the ETF map in force (an import replaces the whole map: pass the rows of one batch). */
export interface MapRow {
  readonly level: 'market' | 'sector' | 'subsector';
  /** Sector or industry name; `*` for the market. */
  readonly code: string;
  /** Canonical ticker key. */
  readonly etf: string;
  readonly scheme: string;
  readonly validFrom: number | null;
  readonly validTo: number | null;
  readonly known: number;
  readonly order: number;
  /** Security behind the ETF, by which two rows name the same one whatever they call it; absent or null when nobody says. */
  readonly security?: number | null;
  /** ETF whose returns serve before this one's first, and the security behind it. */
  readonly proxy?: string | null;
  readonly proxySecurity?: number | null;
}

/** The chain of a security on rows [fromRow, toRow). */
export interface ChainSpan {
  readonly fromRow: number;
  readonly toRow: number;
  readonly market: string | null;
  readonly sector: string | null;
  readonly subsector: string | null;
  /** Scheme, sector and industry of the class row used; null without one. */
  readonly scheme: string | null;
  readonly sectorName: string | null;
  readonly industryName: string | null;
  /** The class row has no valid_from. */
  readonly undated: boolean;
  /** The map rows that gave the ETFs, market first. */
  readonly etfs: readonly MapRow[];
}

export interface ChainOptions {
  /** K: the day as of which the run knows. */
  readonly knownAsOf: number;
  /** Order of preference; '' is a classification without a scheme. */
  readonly schemes: readonly string[];
  /** `corrected`: the last version known by K holds from the day the first one was known. Default strict. */
  readonly knowledge?: 'strict' | 'corrected';
}

/** Row range on which an ETF stands in the map. */
export interface RowSpan {
  readonly fromRow: number;
  readonly toRow: number;
}
