import { Secret } from '../../../shared/account/credentials.ts';
import type { OrderToSend } from '../../../shared/exchange/exchange.ts';
import { krakenExchange } from '../../../shared/exchange/kraken/kraken.ts';
import type { MarketSymbol } from '../../../shared/exchange/market.ts';
import { price, quantity } from '../../../shared/money/money.ts';
import type { World } from './world.ts';

export type TradeByHand = (side: 'BUY' | 'SELL', size: string, cap: string) => Promise<void>;

/**
 * The owner of an account, who trades one symbol by hand, with another key than Nija's.
 *
 * @throws Error when the exchange lists no such market, or does not take the order
 */
export const ownerOf = async (
  accountId: string,
  symbol: MarketSymbol,
  { runtime, clock }: World,
): Promise<TradeByHand> => {
  const { simulator, ledger } = runtime;
  const markets = (await ledger.markets.all('kraken'))?.markets ?? [];
  const market = markets.find((one) => one.symbol === symbol);
  if (market === undefined) throw new Error(`the exchange lists no such market (given '${symbol}')`);
  const key = simulator.addKey({ accountId });
  let nonce = clock.now() * 1_000;
  let orders = 0;
  const session = krakenExchange({ url: simulator.url, clock }).session({
    accountId,
    credentials: { apiKey: new Secret(key.apiKey), apiSecret: new Secret(key.apiSecret) },
    nonces: {
      next: () => {
        nonce += 1;
        return nonce;
      },
    },
    markets,
  });
  return async (side, size, cap) => {
    orders += 1;
    const common = {
      clientOrderId: `hand-${orders}`,
      market,
      quantity: quantity(size),
      deadline: clock.now() + 10_000,
      firstSend: true,
    };
    const order: OrderToSend =
      side === 'BUY'
        ? { ...common, side, type: 'LIMIT_IOC', limitPrice: price(cap) }
        : { ...common, side, type: 'MARKET' };
    const placed = await session.place(order);
    if (placed.outcome !== 'PLACED')
      throw new Error(`the owner's ${side} of ${size} ${symbol} was not taken: ${placed.message}`);
  };
};
