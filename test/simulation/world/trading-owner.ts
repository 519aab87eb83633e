import { Secret } from '../../../shared/account/credentials.ts';
import { krakenExchange } from '../../../shared/exchange/kraken/kraken.ts';
import type { Market } from '../../../shared/exchange/market.ts';
import {
  floorTo,
  fraction,
  price,
  quantity,
  quantityFor,
  quote,
  scale,
} from '../../../shared/money/money.ts';
import { IN_PROCESS_URL, inProcessTransport } from '../../../simulation/exchange/in-process.ts';
import type { Actor, Member, World } from '../../../simulation/world/world.ts';

/** The owner of a master who buys, and at the next act sells all of it, with the owner's own key. */
export const tradingOwner = (): Actor => {
  const holds = new Set<string>();
  let acts = 0;
  return {
    name: 'a master trades by hand',
    weight: 1,
    act: async (world) => {
      acts += 1;
      const master = world.members.find(({ role }) => role === 'master');
      const symbol = world.symbols[0];
      if (master === undefined || symbol === undefined) return;
      const { session, market } = await at(world, master);
      const common = {
        clientOrderId: `hand-${acts}`,
        market,
        deadline: world.sim.now() + 30_000,
        firstSend: true,
      };
      if (holds.delete(master.accountId)) {
        const free = world.exchange.books.balances(master.accountId)[market.base]?.free ?? '0';
        const all = floorTo(quantity(free), market.quantityStep);
        await session.place({ ...common, side: 'SELL', type: 'MARKET', quantity: all });
        return;
      }
      const ask = world.exchange.price(symbol)?.ask;
      if (ask === undefined) return;
      const cap = price(floorTo(scale(price(ask), fraction('1.01')), market.priceTick));
      const size = floorTo(quantityFor(quote('1000'), cap), market.quantityStep);
      await session.place({ ...common, side: 'BUY', type: 'LIMIT_IOC', limitPrice: cap, quantity: size });
      holds.add(master.accountId);
    },
  };
};

const at = async ({ sim, exchange, symbols }: World, { accountId, ownKey, ownSecret }: Member) => {
  const kraken = krakenExchange({
    url: IN_PROCESS_URL,
    clock: sim.clock,
    transport: inProcessTransport({ exchange, clock: sim.clock }),
  });
  const markets = await kraken.marketData.markets();
  const market = markets.find((one): one is Market => one.symbol === symbols[0]);
  if (market === undefined) throw new Error(`the exchange lists no such market (given '${symbols[0]}')`);
  let nonce = sim.now() * 1_000;
  const nonces = {
    next: () => {
      nonce += 1;
      return nonce;
    },
  };
  const credentials = { apiKey: new Secret(ownKey), apiSecret: new Secret(ownSecret) };
  return { market, session: kraken.session({ accountId, credentials, nonces, markets }) };
};
