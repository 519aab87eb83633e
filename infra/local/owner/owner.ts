import { Secret } from '../../../shared/account/credentials.ts';
import type { OrderToSend } from '../../../shared/exchange/exchange.ts';
import { krakenExchange } from '../../../shared/exchange/kraken/kraken.ts';
import type { Market, MarketSymbol } from '../../../shared/exchange/market.ts';
import {
  floorTo,
  fraction,
  type Price,
  price,
  type Quantity,
  quantity,
  quantityFor,
  quote,
  scale,
  text,
} from '../../../shared/money/money.ts';
import { type Clock, SECOND } from '../../../shared/time/clock.ts';
import type { Runtime } from '../runtime.ts';

/** The owner of an account, who trades by hand at the exchange, with a key that Nija does not know. */
export interface Owner {
  readonly apiKey: string;
  readonly apiSecret: string;
  /**
   * A purchase is capped at `cap`, a sale takes what the market gives.
   *
   * @returns the order's id. @throws Error where there is no such market, or the order was not taken
   */
  trade(side: OrderToSend['side'], symbol: MarketSymbol, size: string, cap: string): Promise<string>;
  /** For this much of the quote currency. @returns the order's id. @throws Error as `trade`, or without a price */
  buyFor(symbol: MarketSymbol, quoteAmount: string): Promise<string>;
  /** All of it that is free. @returns the order's id. @throws Error as `trade` */
  sellAll(symbol: MarketSymbol): Promise<string>;
}

const DEADLINE_MS = 30 * SECOND;
/** Above the ask: it is bought at once, at what is asked. */
const CAP_OF_ASK = fraction('1.01');

/** @throws Error before any account is registered: the market rules come with the first */
export const ownerOf = async (accountId: string, runtime: Runtime, clock: Clock): Promise<Owner> => {
  const { simulator, ledger } = runtime;
  const markets = (await ledger.markets.all('kraken'))?.markets ?? [];
  if (markets.length === 0) throw new Error('the ledger has no market rules yet: register an account first');
  const marketOf = (symbol: MarketSymbol): Market => {
    const market = markets.find((one) => one.symbol === symbol);
    if (market === undefined) throw new Error(`the exchange lists no such market (given '${symbol}')`);
    return market;
  };
  const key = simulator.addKey({ accountId, name: "the owner's own" });
  let nonce = clock.now() * 1_000;
  const next = (): number => {
    nonce += 1;
    return nonce;
  };
  const session = krakenExchange({ url: simulator.url, clock }).session({
    accountId,
    credentials: { apiKey: new Secret(key.apiKey), apiSecret: new Secret(key.apiSecret) },
    nonces: { next },
    markets,
  });
  let orders = 0;

  const place = async (
    market: Market,
    size: Quantity,
    how: { readonly side: 'BUY'; readonly cap: Price } | { readonly side: 'SELL' },
  ): Promise<string> => {
    orders += 1;
    const common = {
      clientOrderId: `hand-${orders}`,
      market,
      quantity: size,
      deadline: clock.now() + DEADLINE_MS,
      firstSend: true,
    };
    const placed = await session.place(
      how.side === 'BUY'
        ? { ...common, side: how.side, type: 'LIMIT_IOC', limitPrice: how.cap }
        : { ...common, side: how.side, type: 'MARKET' },
    );
    if (placed.outcome !== 'PLACED')
      throw new Error(
        `the owner's ${how.side} of ${text(size)} ${market.symbol} was not taken: ${placed.message}`,
      );
    return placed.exchangeOrderId;
  };

  return {
    ...key,
    trade: async (side, symbol, size, cap) =>
      await place(marketOf(symbol), quantity(size), side === 'BUY' ? { side, cap: price(cap) } : { side }),
    buyFor: async (symbol, quoteAmount) => {
      const market = marketOf(symbol);
      const ask = simulator.price(symbol)?.ask;
      if (ask === undefined) throw new Error(`${symbol} has no price now`);
      const cap = price(floorTo(scale(price(ask), CAP_OF_ASK), market.priceTick));
      const size = floorTo(quantityFor(quote(quoteAmount), cap), market.quantityStep);
      return await place(market, size, { side: 'BUY', cap });
    },
    sellAll: async (symbol) => {
      const market = marketOf(symbol);
      const free = simulator.books.balances(accountId)[market.base]?.free ?? '0';
      return await place(market, floorTo(quantity(free), market.quantityStep), { side: 'SELL' });
    },
  };
};
