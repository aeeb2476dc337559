/** What the pre-trade checks look at. */
import type { HedgeLeg, HedgeLimits, HedgeOrder } from '../../contract/results.ts';
import type { AccountKind } from './account-kind.ts';
import type { OrderFormat, OrderProfile } from './profile.ts';

/** A price that values a position or an order. */
export interface UsedPrice {
  readonly ticker: string;
  readonly price: number;
  /** ISO day. */
  readonly day: string;
  /** Price of the same name in the holdings file; null when it has none, absent of a fund to be traded and of a position in other money. */
  readonly filePrice?: number | null;
  /** An adjusted close stands in for a missing raw one (MODEL.md 10). */
  readonly adjusted: boolean;
}

/** What an account holds of one ETF before trading, shares. */
interface AccountHolding {
  readonly account: string;
  readonly symbol: string;
  readonly shares: number;
  readonly role: 'investment' | 'hedge';
  /** Whether the user chose the role; false when it was only inferred; absent when the caller does not know. */
  readonly marked?: boolean;
}

export interface JournalState {
  /** The first entry that was changed, lost or put in; null when there is none. */
  readonly brokenAt: number | null;
  /** Batches that are not what the journal says. */
  readonly altered?: readonly { readonly batchId: number; readonly file: string; readonly part: 'rows' | 'names' | 'undo' }[];
  /** The newest backup whose journal is whole, by the name of its file. */
  readonly backup?: string | null;
}

export interface CheckContext {
  readonly runId: string;
  readonly orders: readonly HedgeOrder[];
  readonly legs: readonly HedgeLeg[];
  /** ISO day on which the file is made. */
  readonly today: string;
  /** Last finished session on or before today, ISO. */
  readonly lastSession: string;
  /** NYSE sessions after `from` up to and including `to`; ISO days; 0 when `to` is not later. */
  readonly businessDaysBetween: (from: string, to: string) => number;
  /** ISO as-of days of the holdings in the book, one per file or account; null where unknown. */
  readonly holdingsAsOf: readonly (string | null)[];
  /** Lines of the holdings that were rejected or whose security is unresolved. */
  readonly unresolvedLines: number;
  /** Accounts whose holdings are a what-if that was kept. */
  readonly whatIfs?: readonly string[];
  /** Positions that files tell by their value alone. */
  readonly toldByValue?: readonly string[];
  /** Modelled share of gross; null without any value. */
  readonly coverage: number | null;
  readonly unmodelled: readonly string[];
  /** Positions without a value in dollars: they are in neither part of the coverage. */
  readonly valueless?: readonly string[];
  /** Dollars of the long positions, without cash. */
  readonly longValue: number;
  /** Dollars of the short positions, in size, without the hedge sleeve. */
  readonly shortValue: number;
  /** Every price behind a position's value or an order. */
  readonly prices: readonly UsedPrice[];
  /** Gross dollars of the positions that their file prices too, at its prices and at those used now. */
  readonly drift?: { readonly positions: number; readonly then: number; readonly now: number };
  /** ETF holdings of the hedged accounts. */
  readonly etfHoldings: readonly AccountHolding[];
  /** The same of accounts that are not hedged here. */
  readonly otherEtfs?: readonly Pick<AccountHolding, 'account' | 'symbol' | 'shares'>[];
  /** Kind per account where known. */
  readonly accountKinds?: Readonly<Record<string, AccountKind>>;
  /** Net value per account, cash included, dollars; an account whose file shows no cash is left out. */
  readonly accountEquity?: Readonly<Record<string, number>>;
  /** Accounts that hold nearly the same as another one of another file, or that files would name alike: pairs, in words. */
  readonly twinAccounts?: readonly string[];
  /** Totals of the holdings files that disagree with their lines, in words. */
  readonly totalsOff?: readonly string[];
  /** What has replaced the holdings, prices or master data behind the orders, a sentence each; absent when the caller does not know. */
  readonly superseded?: readonly string[];
  /** ETFs of the orders that their symbol means no more, with what they are called now. */
  readonly renamed?: readonly { readonly symbol: string; readonly now: string }[];
  /** An export whose trades the holdings cannot hold yet, in words; null when there is none. */
  readonly earlierExport: string | null;
  readonly simulated: boolean;
  /** Dollars per order; default 5,000,000. */
  readonly orderCap?: number;
  /** Share of the book's net value per order, of gross where longs and shorts cancel; no such cap by default. */
  readonly orderShare?: number;
  /** Gross hedge over the larger of long and short value; default 1.5. */
  readonly basketCap?: number;
  /** Dollars of orders per account; no cap by default. */
  readonly accountCap?: number;
  /** Gross value after the hedge over net value; no cap by default. */
  readonly leverageCap?: number;
  /** Gross and net value of the book, dollars. */
  readonly bookValue?: { readonly gross: number; readonly net: number };
  /** Returns that all funds of the hedge have in the window, and how many it takes for their covariance. */
  readonly commonReturns?: { readonly rows: number; readonly needed: number };
  /** Limits in the way of the model's targets. */
  readonly limits?: HedgeLimits | null;

  /** What becomes of the set; each part absent while it is not known. */
  readonly process?: {
    readonly basket?: string;
    /** Baskets of other sets. */
    readonly otherBaskets?: readonly string[];
    readonly secondApprover?: boolean;
    readonly approvedBy?: readonly string[];
    readonly preparedBy?: string;
    readonly journal?: JournalState;
  };

  // What follows is optional: a check whose data are absent says so instead of passing silently. All records are per ETF ticker.

  /** The file to come. */
  readonly output?: { readonly format: OrderFormat; readonly profile?: OrderProfile };
  /** The session the orders are for; `time` is HH:MM in New York, null when the session is on a later day than today. */
  readonly tradeSession?: { readonly day: string; readonly kind: 'full' | 'half' | 'closed'; readonly time: string | null };
  /** Shares that other sets exported for the same session sell short. */
  readonly locatesUsed?: Readonly<Record<string, number>>;
  /** Last times for orders at the close, HH:MM in New York; default 15:50 and 12:50. */
  readonly closeCutOff?: { readonly full: string; readonly half: string };
  /** Shares a day over the last 20 sessions, on average. */
  readonly averageVolume?: Readonly<Record<string, number>>;
  /** Median bid-ask spread as a share of the price. */
  readonly spreads?: Readonly<Record<string, number>>;
  /** Shares and dollars that exported sets traded in each ETF: medians of the latest `sets` with it; empty when nothing was exported. */
  readonly usualSizes?: Readonly<Record<string, { readonly sets: number; readonly quantity: number; readonly notional: number }>>;
  /** Return of the last session, as a fraction. */
  readonly lastReturns?: Readonly<Record<string, number>>;
  /** Change of a held hedge that is not worth a trade, as a share of the target; default 0.02. */
  readonly noTradeBand?: number;
  /**
   * The user's list; `code` is a ticker, a CUSIP (of `output.profile.cusips`) or stands for `etfs`. `known`: whether it stands for anything
   * here, absent when the caller does not know.
   */
  readonly restricted?: readonly {
    readonly code: string;
    readonly kind: 'restricted' | 'no_short' | 'watch';
    readonly etfs?: readonly string[];
    readonly known?: boolean;
  }[];
  /** Accounts whose positions are one hedge. */
  readonly hedgedAsOne?: readonly string[];
  /** Beneficial owner per account. */
  readonly owners?: Readonly<Record<string, string>>;
  /** `split`: new shares for an old one, of a split that prices and shares of the orders do not count yet. */
  readonly corporateActions?: readonly { readonly symbol: string; readonly day: string; readonly what: string; readonly split?: number }[];
  /** Purchases that have not settled. */
  readonly unsettled?: readonly { readonly account: string; readonly symbol: string; readonly shares: number }[];
  /** Coming ex-dates; `amount` is dollars per share where known. */
  readonly exDates?: readonly { readonly symbol: string; readonly day: string; readonly amount: number | null }[];
  readonly sharesOutstanding?: Readonly<Record<string, number>>;
}
