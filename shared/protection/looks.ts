import type { Account } from '../account/account.ts';
import { valueAccount } from '../account/equity.ts';
import type { AccountStore } from '../account/stores.ts';
import type { CheckFacts } from '../check/check-facts.ts';
import type { Exchange, Ticker } from '../exchange/exchange.ts';
import type { ExchangeName, MarketSymbol } from '../exchange/market.ts';
import { attemptRead } from '../ledger/read.ts';
import type { Log } from '../telemetry/telemetry.ts';
import { usableBid } from './decide.ts';
import { type EquityLoss, judgeEquity } from './equity-losses.ts';
import type { RiskState } from './risk.ts';

/** What positions are judged by, as it was at one moment. */
export interface Look {
  /** Whose protection and limits. */
  readonly account: Account;
  readonly tickers: ReadonlyMap<MarketSymbol, Ticker>;
  readonly losses: readonly EquityLoss[];
}

export interface Looks {
  /** As the facts have it. */
  readonly first: Look;
  /**
   * As it is now, right before something is sold: the owner may have set it differently a second ago, and a bid may
   * have been that of one moment. Never throws: what cannot be read again is as it was at first, since no reading
   * that fails stops a sale.
   */
  again(symbol: MarketSymbol): Promise<Look>;
}

export interface LookPorts {
  readonly ledger: { readonly accounts: Pick<AccountStore, 'get'> };
  exchange(name: ExchangeName): Exchange;
  readonly log: Log;
}

/**
 * By the prices alone. Where there were none at first, nor are right before the first sale, they are not asked for
 * again: what hangs would take the time of the other sales.
 */
export const looksAtPrices = (facts: CheckFacts, ports: LookPorts): Looks => {
  let isSilent = false;
  const pricesNow = async (symbol: MarketSymbol): Promise<Look['tickers']> => {
    if (isSilent) return facts.tickers;
    const tickers = await tickersNow([symbol], facts, ports);
    isSilent = facts.pricesUnread !== undefined && tickers.size === 0;
    return tickers;
  };
  return {
    first: { account: facts.account, tickers: facts.tickers, losses: [] },
    again: async (symbol) => {
      const [account, tickers] = await Promise.all([accountNow(facts, ports), pricesNow(symbol)]);
      return { account, tickers, losses: [] };
    },
  };
};

/**
 * By the loss of equity, too. Prices are asked for again once for all positions: after the first of them is sold,
 * the balances of the facts are not those of the account any more.
 */
export const looksAtEquity = (
  facts: CheckFacts,
  risk: RiskState | undefined,
  losses: readonly EquityLoss[],
  ports: LookPorts,
): Looks => {
  let asked: Promise<ReadonlyMap<MarketSymbol, Ticker>> | undefined;
  return {
    first: { account: facts.account, tickers: facts.tickers, losses },
    again: async () => {
      asked ??= tickersNow([...facts.tickers.keys()], facts, ports);
      const [account, tickers] = await Promise.all([accountNow(facts, ports), asked]);
      const valuation = valueAccount(facts.balances, tickers, facts.connection.markets);
      const verdict = judgeEquity({ ...facts, account, valuation }, risk, account.protection);
      return { account, tickers, losses: verdict.state === 'JUDGED' ? verdict.losses : losses };
    },
  };
};

const accountNow = async ({ account }: CheckFacts, { ledger, log }: LookPorts): Promise<Account> => {
  const { accountId } = account;
  const now = await attemptRead(() => ledger.accounts.get(accountId));
  if (!now.readable)
    log.warn('protection goes by settings of a moment ago', { account: accountId, why: now.why });
  return now.readable ? (now.value ?? account) : account;
};

/** Those of the facts, and of the symbols what is asked for now. */
const tickersNow = async (
  symbols: readonly MarketSymbol[],
  { account: { accountId, exchange }, tickers }: CheckFacts,
  ports: LookPorts,
): Promise<ReadonlyMap<MarketSymbol, Ticker>> => {
  const { marketData } = ports.exchange(exchange);
  const now = await attemptRead(() => marketData.tickers(symbols, { anew: true }));
  if (!now.readable)
    ports.log.warn('protection goes by a price of a moment ago', { account: accountId, why: now.why });
  const fresh = now.readable ? [...now.value].filter(([, { bid }]) => usableBid(bid) !== undefined) : [];
  return new Map([...tickers, ...fresh]);
};
