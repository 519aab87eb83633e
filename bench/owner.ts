import type { Runtime } from '../infra/local/runtime.ts';
import { Secret } from '../shared/account/credentials.ts';
import type { OrderToSend, PrivateSession } from '../shared/exchange/exchange.ts';
import { krakenExchange } from '../shared/exchange/kraken/kraken.ts';
import type { Market, MarketSymbol } from '../shared/exchange/market.ts';
import { price, quantity } from '../shared/money/money.ts';
import type { Clock } from '../shared/time/clock.ts';

/** The owner of an account, who trades by hand at the exchange, with another key than Nija's. */
export interface Owner {
  /** A purchase is capped at `cap`, a sale takes what the market gives. @throws Error when it was not taken */
  trade(side: 'BUY' | 'SELL', symbol: MarketSymbol, size: string, cap: string): Promise<void>;
}

/** @throws Error before any account is registered: the market rules come with the first */
export const ownerOf = async (accountId: string, runtime: Runtime, clock: Clock): Promise<Owner> => {
  const markets = (await runtime.ledger.markets.all('kraken'))?.markets ?? [];
  if (markets.length === 0) throw new Error('the ledger has no market rules yet: register an account first');
  const session = handSession(accountId, runtime, clock, markets);
  let count = 0;
  return {
    trade: async (side, symbol, size, cap) => {
      const market = markets.find((one) => one.symbol === symbol);
      if (market === undefined) throw new Error(`the exchange lists no such market (given '${symbol}')`);
      count += 1;
      const common = {
        clientOrderId: `hand-${count}`,
        market,
        quantity: quantity(size),
        deadline: clock.now() + 5_000,
        firstSend: true,
      };
      const order: OrderToSend =
        side === 'BUY'
          ? { ...common, side, type: 'LIMIT_IOC', limitPrice: price(cap) }
          : { ...common, side, type: 'MARKET' };
      const placed = await session.place(order);
      if (placed.outcome !== 'PLACED')
        throw new Error(`the owner's ${side} of ${size} ${symbol} was not taken: ${placed.message}`);
    },
  };
};

const handSession = (
  accountId: string,
  { simulator }: Runtime,
  clock: Clock,
  markets: readonly Market[],
): PrivateSession => {
  const { apiKey, apiSecret } = simulator.addKey({ accountId });
  let nonce = clock.now() * 1_000;
  const next = (): number => {
    nonce += 1;
    return nonce;
  };
  return krakenExchange({ url: simulator.url, clock }).session({
    accountId,
    credentials: { apiKey: new Secret(apiKey), apiSecret: new Secret(apiSecret) },
    nonces: { next },
    markets,
  });
};
