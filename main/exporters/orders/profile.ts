/** What a desk sets per format: terms, locates, vocabularies, FIX header, template. Plain JSON, kept in the manifest. */
import type { OrderField } from './records.ts';

/** Names of the formats as contract and command line spell them; `template:NAME` comes on top. */
export const ORDER_FORMATS = ['generic', 'ibkr-basket', 'ems', 'emsx', 'fix42', 'fix44', 'alpaca', 'tradier'] as const;
export type OrderFormat = (typeof ORDER_FORMATS)[number] | `template:${string}`;

/** True for a format's name; whether a template of that name exists is the caller's to know. */
export function isOrderFormat(text: string): text is OrderFormat {
  return (ORDER_FORMATS as readonly string[]).includes(text) || TEMPLATE_NAME.test(text);
}

/** For a contract that cannot import this part: the same words in a pattern. */
export const TEMPLATE_NAME = /^template:[A-Za-z0-9][A-Za-z0-9 _-]{0,39}$/;

export interface OrderProfile {
  /** Market order (default) or limit order, in the session or at the close. */
  readonly orderType?: 'MKT' | 'MOC' | 'LMT' | 'LOC';
  /** What limit orders need: whole basis points a buy may pay above, or a sale may take below, the reference price. */
  readonly limitBps?: number;
  /** ISO instant in UTC that FIX messages carry; default: midnight of the latest price day, which a live session refuses as stale. */
  readonly time?: string;
  /** Account as the file names it, per account of the holdings; the others go out as they are. */
  readonly accounts?: Readonly<Record<string, string>>;
  /** CUSIP per symbol, for the formats that have a column. */
  readonly cusips?: Readonly<Record<string, string>>;
  readonly locates?: readonly Locate[];
  readonly emsx?: {
    /** Words for the sides Bloomberg does not document; a file with such an order is refused while its word is missing. */
    readonly sides?: { readonly SELL_SHORT?: string; readonly BUY_TO_COVER?: string };
  };
  readonly fix?: FixProfile;
  /** The template of `template:NAME`; its name must be NAME. */
  readonly template?: OrderTemplate;
}

/** Shares a broker has promised to lend. `ETB_ASSUMED`: on an easy-to-borrow list, no promise. */
export interface Locate {
  readonly status: 'LOCATED' | 'ETB_ASSUMED';
  readonly symbol: string;
  /** Short sales of the symbol together may not exceed it. */
  readonly quantity: number;
  /** ISO day, the last on which it holds. */
  readonly expires: string;
  /** Empty when `ETB_ASSUMED` names none. */
  readonly broker: string;
  readonly id: string;
}

interface FixProfile {
  /** One NewOrderSingle per order (default), or one NewOrderList. */
  readonly message?: 'single' | 'list';
  /** Defaults HEDGEROW and BROKER: no real session answers to them. */
  readonly senderCompId?: string;
  readonly targetCompId?: string;
  /** MsgSeqNum of the first message; default 1. */
  readonly firstSeqNum?: number;
  /** 1 automatic, 2 automatic with intervention, 3 manual (default). */
  readonly handlInst?: '1' | '2' | '3';
  /** Class shares as 55=BRK.B (default) or 55=BRK and 65=B. */
  readonly classShares?: 'symbol' | 'suffix';
  /** Rule80A (47, 4.2) or OrderCapacity (528, 4.4); left out by default. */
  readonly capacity?: string;
  /** 15=USD; default true. */
  readonly currency?: boolean;
  /** Text (58); default the run id; empty: none. */
  readonly text?: string;
  /** User-defined tag for the id of a locate, 5000 to 9999; none by default. */
  readonly locateIdTag?: number;
}

/** A user's own layout, see `parseTemplate`. */
export interface OrderTemplate {
  readonly name: string;
  readonly columns: readonly TemplateColumn[];
  readonly delimiter: ',' | ';' | '\t' | '|';
  readonly quotes: 'needed' | 'always' | 'never';
  readonly header: boolean;
  readonly eol: '\r\n' | '\n';
  readonly extension: 'csv' | 'txt';
  readonly symbolStyle: SymbolStyle;
  /** Of prices, notionals and quantities. */
  readonly decimalMark: '.' | ',';
  readonly thousands: '' | ',' | '.' | ' ' | "'";
}

export type SymbolStyle = 'dot' | 'slash' | 'space' | 'dash' | 'bbg' | 'none';

export type TemplateColumn =
  | { readonly header: string; readonly constant: string }
  | {
      readonly header: string;
      readonly field: OrderField;
      /** Code per neutral value; a value without one is refused. */
      readonly map?: Readonly<Record<string, string>>;
      /** Decimals of a price or notional, 0 to 6. */
      readonly decimals?: number;
    };
