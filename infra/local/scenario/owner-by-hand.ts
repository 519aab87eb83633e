import { Secret } from '../../../shared/account/credentials.ts';
import type { OrderToSend } from '../../../shared/exchange/exchange.ts';
import { krakenExchange } from '../../../shared/exchange/kraken/kraken.ts';
import type { Market, MarketSymbol } from '../../../shared/exchange/market.ts';
import {
  floorTo,
  fraction,
  price,
  quantity,
  quantityFor,
  quote,
  scale,
} from '../../../shared/money/money.ts';
import { type Clock, MINUTE } from '../../../shared/time/clock.ts';
import type { Runtime } from '../runtime.ts';
import { MASTER_ID } from './cast.ts';

/** The owner at the exchange's own screen, with a key that Nija does not know. */
export interface OwnerByHand {
  readonly apiKey: string;
  readonly apiSecret: string;
  /** @returns the order's id. @throws Error where it was not placed */
  buy(symbol: MarketSymbol, quoteAmount: string): Promise<string>;
  /** All that the master holds of it. @returns the order's id. @throws Error where it was not placed */
  sellAll(symbol: MarketSymbol): Promise<string>;
}

export const ownerByHand = async ({ simulator, ledger }: Runtime, clock: Clock): Promise<OwnerByHand> => {
  const key = simulator.addKey({ accountId: MASTER_ID, name: "the owner's own" });
  const exchange = krakenExchange({ url: simulator.url, clock });
  const markets = (await ledger.markets.all('kraken'))?.markets ?? [];
  let nonce = clock.now() * 1_000;
  const session = exchange.session({
    accountId: MASTER_ID,
    credentials: { apiKey: new Secret(key.apiKey), apiSecret: new Secret(key.apiSecret) },
    nonces: {
      next: () => {
        nonce += 1;
        return nonce;
      },
    },
    markets,
  });
  const marketOf = (symbol: MarketSymbol): Market => {
    const market = markets.find((candidate) => candidate.symbol === symbol);
    if (market === undefined) throw new Error(`the simulated exchange has no market ${symbol}`);
    return market;
  };
  const place = async (order: OrderToSend): Promise<string> => {
    const placement = await session.place(order);
    if (placement.outcome !== 'PLACED')
      throw new Error(`the owner's order was not placed: ${placement.message}`);
    return placement.exchangeOrderId;
  };
  const terms = () => ({ deadline: clock.now() + MINUTE / 2, firstSend: true }) as const;
  return {
    ...key,
    buy: async (symbol, quoteAmount) => {
      const market = marketOf(symbol);
      const ask = simulator.price(symbol)?.ask;
      if (ask === undefined) throw new Error(`${symbol} has no price now`);
      const limitPrice = price(floorTo(scale(price(ask), fraction('1.01')), market.priceTick));
      return await place({
        ...terms(),
        clientOrderId: 'owner-buys',
        market,
        quantity: floorTo(quantityFor(quote(quoteAmount), limitPrice), market.quantityStep),
        side: 'BUY',
        type: 'LIMIT_IOC',
        limitPrice,
      });
    },
    sellAll: async (symbol) => {
      const market = marketOf(symbol);
      const free = simulator.books.balances(MASTER_ID)[market.base]?.free ?? '0';
      return await place({
        ...terms(),
        clientOrderId: 'owner-sells',
        market,
        quantity: floorTo(quantity(free), market.quantityStep),
        side: 'SELL',
        type: 'MARKET',
      });
    },
  };
};
