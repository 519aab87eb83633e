import type { Account } from '../../shared/account/account.ts';
import type { Connection } from '../../shared/account/connect.ts';
import { symbolsToPrice, valueAccount } from '../../shared/account/equity.ts';
import type { CheckFacts } from '../../shared/check/check-facts.ts';
import type { Exchange, Patience, Ticker } from '../../shared/exchange/exchange.ts';
import type { ExchangeName, MarketSymbol } from '../../shared/exchange/market.ts';
import type { Ledger } from '../../shared/ledger/ledger.ts';
import { settleDoubtful } from '../../shared/ledger/settle-doubtful.ts';
import type { Log } from '../../shared/telemetry/telemetry.ts';
import type { Clock } from '../../shared/time/clock.ts';
import { LeaseLost } from '../../shared/vault/lease.ts';

export interface FactReading {
  /** For orders in doubt, all together. */
  readonly settleMs: number;
  /** For prices, which are asked for without the key. */
  readonly patiently: Patience;
}

export interface FactPorts {
  readonly ledger: Ledger;
  exchange(name: ExchangeName): Exchange;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Finds out how orders in doubt ended, then reads balances and prices once, for all steps of a phase: of what is
 * held at the exchange and of every position of the ledger. Prices that cannot be read are named in the facts: a sale
 * that was decided, and much else, needs none.
 *
 * @throws ExchangeError, LeaseLost, LedgerError
 */
export const readFacts = async (
  account: Account,
  connection: Connection,
  { settleMs, patiently }: FactReading,
  { ledger, exchange, clock, log }: FactPorts,
): Promise<CheckFacts> => {
  const { accountId } = account;
  const { session, markets } = connection;
  const doubtful = await settleDoubtful(accountId, undefined, connection, { ledger, clock, log }, settleMs);
  const positions = await ledger.positions.list(accountId);
  const balances = await session.balances();
  const at = clock.now();
  const listed = new Set(markets.map(({ symbol }) => symbol));
  const symbols = new Set<MarketSymbol>([
    ...symbolsToPrice(balances, markets),
    ...positions.map(({ symbol }) => symbol).filter((symbol) => listed.has(symbol)),
  ]);
  const prices = await pricesOf([...symbols], account, patiently, exchange);
  const valuation = valueAccount(balances, prices.tickers, markets);
  return { account, connection, balances, ...prices, valuation, doubtful, at };
};

const pricesOf = async (
  symbols: readonly MarketSymbol[],
  account: Account,
  patiently: Patience,
  exchange: FactPorts['exchange'],
): Promise<Pick<CheckFacts, 'tickers' | 'pricesUnread'>> => {
  if (symbols.length === 0) return { tickers: new Map<MarketSymbol, Ticker>() };
  try {
    return { tickers: await patiently(() => exchange(account.exchange).marketData.tickers(symbols)) };
  } catch (error) {
    if (error instanceof LeaseLost) throw error;
    const pricesUnread = error instanceof Error ? error : new Error(String(error));
    return { tickers: new Map<MarketSymbol, Ticker>(), pricesUnread };
  }
};
