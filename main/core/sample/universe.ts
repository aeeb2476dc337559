import { simulatedIsin } from './identifiers.ts';
import { randomStream } from './random.ts';

/** Changing the seed changes every byte of the sample. */
export const SEED = 20_210_104;

/** A simulated fund: `return = linkMarket * m + linkSector * s* + own`, with s* the cleaned sector of `sector`. */
export interface FundSpec {
  readonly etf: string;
  readonly level: 'market' | 'sector' | 'subsector';
  /** Sector or sub-industry name the fund stands for in the map; `*` for the market. */
  readonly code: string;
  /** The sector ETF above a subsector fund; the fund itself for a sector fund; empty for the market. */
  readonly sectorEtf: string;
  readonly linkMarket: number;
  readonly linkSector: number;
  /** Annual volatility of the part that is the fund's own: the cleaned factor. */
  readonly ownVol: number;
  /** Annual dividend yield; 0 = pays nothing. */
  readonly dividendYield: number;
  readonly startPrice: number;
  readonly isin: string;
  readonly stream: number;
}

export type StockEvent =
  | { readonly kind: 'split'; readonly at: number; readonly ratio: number }
  | { readonly kind: 'special'; readonly at: number; readonly fraction: number }
  | { readonly kind: 'spinoff'; readonly at: number; readonly fraction: number }
  | { readonly kind: 'rename'; readonly at: number; readonly ticker: string };

/** A simulated company. Times are fractions of the sample's length, so that a longer calendar moves them along. */
export interface StockSpec {
  readonly ticker: string;
  readonly name: string;
  readonly isin: string;
  readonly exchange: 'NYSE' | 'NASDAQ';
  readonly sectorEtf: string;
  readonly subsectorEtf: string | null;
  readonly industry: string;
  readonly betaMarket: number;
  readonly betaSector: number;
  /** 0 without a subsector ETF. */
  readonly betaSubsector: number;
  readonly idioVol: number;
  readonly dividendYield: number;
  readonly startPrice: number;
  readonly shares: number;
  readonly events: readonly StockEvent[];
  /** First session: a fraction, or a negative count of sessions from the end. */
  readonly listedAt: number;
  /** Session after the last price and why; null = still listed. */
  readonly ends: { readonly at: number; readonly how: 'delisting' | 'merger'; readonly value: number } | null;
  readonly hasGaps: boolean;
  readonly stream: number;
}

// Sector ETF, sector name (GICS), beta on the market, annual volatility of the cleaned sector.
const SECTORS: readonly (readonly [string, string, number, number])[] = [
  ['XLB', 'Materials', 1.0, 0.11],
  ['XLC', 'Communication Services', 1.05, 0.09],
  ['XLE', 'Energy', 0.85, 0.22],
  ['XLF', 'Financials', 1.05, 0.11],
  ['XLI', 'Industrials', 1.0, 0.07],
  ['XLK', 'Information Technology', 1.25, 0.1],
  ['XLP', 'Consumer Staples', 0.55, 0.09],
  ['XLRE', 'Real Estate', 0.9, 0.12],
  ['XLU', 'Utilities', 0.55, 0.14],
  ['XLV', 'Health Care', 0.7, 0.1],
  ['XLY', 'Consumer Discretionary', 1.2, 0.09],
];

// Subsector ETF, sector ETF, sub-industry name (GICS), whole market beta, beta on the cleaned sector, annual own volatility.
const SUBSECTORS: readonly (readonly [string, string, string, number, number, number])[] = [
  ['FDN', 'XLC', 'Interactive Media & Services', 1.2, 0.8, 0.13],
  ['GDX', 'XLB', 'Gold', 0.6, 0.9, 0.3],
  ['IAI', 'XLF', 'Investment Banking & Brokerage', 1.15, 0.8, 0.09],
  ['IGV', 'XLK', 'Application Software', 1.25, 0.7, 0.15],
  ['IHF', 'XLV', 'Managed Health Care', 0.7, 1.0, 0.14],
  ['IHI', 'XLV', 'Health Care Equipment', 0.9, 0.9, 0.1],
  ['ITA', 'XLI', 'Aerospace & Defense', 0.85, 1.0, 0.12],
  ['ITB', 'XLY', 'Homebuilding', 1.3, 0.7, 0.2],
  ['IYT', 'XLI', 'Rail Transportation', 1.05, 1.0, 0.1],
  ['IYZ', 'XLC', 'Integrated Telecommunication Services', 0.8, 0.6, 0.11],
  ['JETS', 'XLI', 'Passenger Airlines', 1.3, 1.2, 0.25],
  ['KIE', 'XLF', 'Property & Casualty Insurance', 0.8, 0.9, 0.09],
  ['KRE', 'XLF', 'Regional Banks', 1.1, 1.3, 0.16],
  ['OIH', 'XLE', 'Oil & Gas Equipment & Services', 1.1, 1.15, 0.16],
  ['PBJ', 'XLP', 'Packaged Foods & Meats', 0.55, 0.7, 0.09],
  ['PEJ', 'XLY', 'Restaurants', 1.15, 0.6, 0.12],
  ['PHO', 'XLU', 'Water Utilities', 0.95, 0.3, 0.09],
  ['PPH', 'XLV', 'Pharmaceuticals', 0.65, 0.9, 0.1],
  ['REZ', 'XLRE', 'Multi-Family Residential REITs', 0.8, 0.9, 0.08],
  ['SLX', 'XLB', 'Steel', 1.1, 1.1, 0.16],
  ['SOXX', 'XLK', 'Semiconductors', 1.6, 1.2, 0.18],
  ['SRVR', 'XLRE', 'Data Center REITs', 0.85, 0.8, 0.09],
  ['XBI', 'XLV', 'Biotechnology', 1.1, 1.0, 0.24],
  ['XOP', 'XLE', 'Oil & Gas Exploration & Production', 1.0, 1.2, 0.14],
  ['XRT', 'XLY', 'Other Specialty Retail', 1.2, 0.7, 0.16],
  ['XTL', 'XLK', 'Communications Equipment', 1.0, 0.4, 0.13],
];

// Companies of these sub-industries have a sector ETF and no subsector ETF.
const UNMAPPED: readonly (readonly [string, string])[] = [
  ['XLB', 'Specialty Chemicals'],
  ['XLC', 'Advertising'],
  ['XLF', 'Consumer Finance'],
  ['XLI', 'Human Resource & Employment Services'],
  ['XLK', 'Technology Hardware, Storage & Peripherals'],
  ['XLP', 'Household Products'],
  ['XLRE', 'Office REITs'],
  ['XLU', 'Electric Utilities'],
  ['XLU', 'Multi-Utilities'],
  ['XLV', 'Life Sciences Tools & Services'],
  ['XLY', 'Footwear'],
];

const FIRST_SYLLABLES = ['Bra', 'Cor', 'Dal', 'Fen', 'Gro', 'Hal', 'Jun', 'Kel', 'Lom', 'Mir', 'Nor', 'Pel'];
const LAST_SYLLABLES = ['vantel', 'dessim', 'mirrax', 'quillo', 'tovarn', 'zendar', 'brunik', 'lissom', 'wexley', 'gandrit'];

/** Name of a sector by its ETF, as in the sample's classification. */
export const SECTOR_NAME: ReadonlyMap<string, string> = new Map(SECTORS.map(([etf, name]) => [etf, name]));

/** SPY, the eleven sector funds, the subsector funds; in this order, because each draws on the ones before. */
export function sampleFunds(): readonly FundSpec[] {
  const fund = (index: number, spec: Omit<FundSpec, 'dividendYield' | 'startPrice' | 'isin' | 'stream'>): FundSpec => {
    const random = randomStream(SEED + 10_000 + index);
    return {
      ...spec,
      // Gold miners and biotech pay next to nothing in life too; the rest pay quarterly.
      dividendYield: spec.etf === 'GDX' || spec.etf === 'XBI' ? 0 : random.between(0.006, 0.032, 3),
      startPrice: spec.level === 'market' ? 370 : random.between(40, 160, 0),
      isin: simulatedIsin(900_000 + index),
      stream: SEED + 20_000 + index,
    };
  };
  return [
    fund(0, { etf: 'SPY', level: 'market', code: '*', sectorEtf: '', linkMarket: 1, linkSector: 0, ownVol: 0 }),
    ...SECTORS.map(([etf, code, linkMarket, ownVol], i) =>
      fund(1 + i, { etf, level: 'sector', code, sectorEtf: etf, linkMarket, linkSector: 1, ownVol }),
    ),
    ...SUBSECTORS.map(([etf, sectorEtf, code, linkMarket, linkSector, ownVol], i) =>
      fund(100 + i, { etf, level: 'subsector', code, sectorEtf, linkMarket, linkSector, ownVol }),
    ),
  ];
}

/** Name of a fund in the files: the real ticker must not make it look real. */
export function fundName(fund: FundSpec): string {
  return `${fund.level === 'market' ? 'Market' : fund.code} fund (simulated)`;
}

/** Four-letter tickers of a pattern no listed company uses. */
function sampleTicker(index: number): string {
  return `QX${String.fromCharCode(65 + Math.floor(index / 26))}${String.fromCharCode(65 + (index % 26))}`;
}

/** The ticker two companies use, one after the other. */
export const RECYCLED_TICKER = sampleTicker(8);

// What happens to which company (index in the list below); everything else has dividends only.
const EVENTS: ReadonlyMap<number, Partial<StockSpec>> = new Map<number, Partial<StockSpec>>([
  [0, { events: [{ kind: 'split', at: 0.3, ratio: 2 }] }],
  [1, { events: [{ kind: 'split', at: 0.55, ratio: 3 }] }],
  [2, { events: [{ kind: 'split', at: 0.7, ratio: 0.1 }], startPrice: 6, dividendYield: 0 }],
  [3, { events: [{ kind: 'special', at: 0.6, fraction: 0.08 }] }],
  [4, { events: [{ kind: 'spinoff', at: 0.5, fraction: 0.15 }] }],
  [5, { events: [{ kind: 'rename', at: 0.45, ticker: sampleTicker(130) }] }],
  [6, { hasGaps: true, dividendYield: 0 }],
  // A split and a dividend with the same ex-date: the dividend is per share held after the split.
  [
    7,
    {
      events: [
        { kind: 'split', at: 0.4, ratio: 2 },
        { kind: 'special', at: 0.4, fraction: 0.02 },
      ],
    },
  ],
  [8, { listedAt: 0.47 }],
  [115, { ticker: RECYCLED_TICKER, exchange: 'NYSE', ends: { at: 0.36, how: 'merger', value: 0.012 } }],
  [116, { ends: { at: 0.65, how: 'delisting', value: -0.35 } }],
  [117, { listedAt: 0.5 }],
  [118, { listedAt: -200 }],
]);

/** Index of the company that the spin-off of `EVENTS` brings to the market, and of its parent. */
export const SPUN_OFF = { child: 117, parent: 4, sharesPerParentShare: 0.25 } as const;

/** The 120 companies with their true betas on the cleaned factors, constant over time. */
export function sampleStocks(): readonly StockSpec[] {
  const chains: [string, string | null, string][] = [];
  for (let round = 0; round < 4; round++) for (const [etf, sectorEtf, industry] of SUBSECTORS) chains.push([sectorEtf, etf, industry]);
  for (const [sectorEtf, industry] of UNMAPPED) chains.push([sectorEtf, null, industry]);
  for (const i of [20, 3, 4, 22, 10]) chains.push(chains[i] as [string, string, string]);
  return chains.map(([sectorEtf, subsectorEtf, industry], index) => {
    const random = randomStream(SEED + 30_000 + index);
    return {
      ticker: sampleTicker(index),
      name: `${FIRST_SYLLABLES[index % 12]}${LAST_SYLLABLES[Math.floor(index / 12)]} Corp (simulated)`,
      isin: simulatedIsin(index + 1),
      exchange: index % 3 === 0 ? ('NYSE' as const) : ('NASDAQ' as const),
      sectorEtf,
      subsectorEtf,
      industry,
      betaMarket: random.between(0.5, 1.6, 2),
      betaSector: random.between(0.2, 0.9, 2),
      betaSubsector: random.between(0.2, 0.8, 2) * (subsectorEtf === null ? 0 : 1),
      idioVol: random.between(0.18, 0.45, 2),
      dividendYield: index % 2 === 0 ? random.between(0.008, 0.045, 3) : 0,
      startPrice: random.between(25, 240, 0),
      shares: random.between(40, 900, 0) * 1_000_000,
      events: [],
      listedAt: 0,
      ends: null,
      hasGaps: false,
      stream: SEED + 40_000 + index,
      ...EVENTS.get(index),
    };
  });
}
