import type { AccountId } from '../account/account.ts';
import type { MarketSymbol } from '../exchange/market.ts';
import type { Price, Quantity, QuoteAmount } from '../money/money.ts';
import type { BackOff } from '../order/back-off.ts';
import type { Instant } from '../time/clock.ts';

/** managed: what Nija bought. everything: all that the account holds and can be sold for cash. */
export const EXIT_SCOPES = ['managed', 'everything'] as const;
export type ExitScope = (typeof EXIT_SCOPES)[number];

/**
 * SOLD and FLAT end well (FLAT: there was nothing to sell). DUST: what is left is too little to be sold. STAKED:
 * what is left has to be unstaked by its owner first; how much, `detail` tells. DELISTED: the exchange lists the market no
 * more, so what is left cannot be sold there. WOULD_SELL: a dry run's answer. FAILED: the error; ask again.
 */
export interface ExitSymbolResult {
  readonly symbol: MarketSymbol;
  readonly state: 'SOLD' | 'FLAT' | 'DUST' | 'STAKED' | 'DELISTED' | 'WOULD_SELL' | 'FAILED';
  /** Sold, or that would be sold. */
  readonly quantity: Quantity;
  /** Average over the executions; in a dry run the bid. */
  readonly price?: Price;
  /** Less the fees; in a dry run before them. */
  readonly proceeds: QuoteAmount;
  readonly fees: QuoteAmount;
  /** What the exchange shows as left of what was asked to be sold. */
  readonly left: Quantity;
  /** Of a failure: how much there was to sell was seen, so that `left` is what remains of it. */
  readonly leftIsKnown?: true;
  readonly detail: string;
  /** DUST by the exchange's own answer to an order for all of it, whatever the rules say that are known. */
  readonly tooLittle?: true;
  /** How many orders were closed for it so far. */
  readonly rounds: number;
  /** Where its last orders were refused, or found no buyer. */
  readonly backOff?: BackOff;
}

/** The EXIT item: kept RUNNING until the exchange itself shows that nothing sellable is left. */
export interface ExitRequest {
  readonly accountId: AccountId;
  readonly requestId: string;
  readonly scope: ExitScope;
  /** All, where not given. */
  readonly symbols?: readonly MarketSymbol[];
  readonly state: 'RUNNING' | 'FLAT';
  readonly results: readonly ExitSymbolResult[];
  readonly requestedAt: Instant;
  /** When somebody asked for it again. */
  readonly askedAgainAt?: Instant;
  readonly finishedAt?: Instant;
  readonly version: number;
}

/** Until when somebody has asked for it: what was bought by then is asked to be sold. */
export const lastAskedAt = ({ requestedAt, askedAgainAt }: ExitRequest): Instant =>
  askedAgainAt ?? requestedAt;

export interface ExitStore {
  get(accountId: AccountId, requestId: string): Promise<ExitRequest | undefined>;
  /** Writes version 1 if absent, else the version after the stored one. @throws ConcurrentChange */
  save(request: ExitRequest): Promise<void>;
  list(accountId: AccountId): Promise<readonly ExitRequest[]>;
  /** Those that are not flat, the oldest first; the others are not read. Strongly consistent. */
  unfinished(accountId: AccountId): Promise<readonly ExitRequest[]>;
}
