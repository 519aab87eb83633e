import type { Fraction } from '../money/money.ts';
import { type Clock, HOUR, type Instant } from '../time/clock.ts';
import type { Exchange } from './exchange.ts';

/** Fees move with a month's volume: an hour is soon enough to see it, and saves a call on every order. */
const FRESH_MS = HOUR;

/** Remembers for a while which taker fee each account pays in each market. Never shared between accounts. */
export const withFeeCache = (exchange: Exchange, clock: Clock): Exchange => {
  const known = new Map<string, { readonly fee: Fraction; readonly at: Instant }>();
  return {
    marketData: exchange.marketData,
    session: (input) => {
      const session = exchange.session(input);
      return {
        ...session,
        takerFee: async (market) => {
          const key = `${input.accountId} ${market.symbol}`;
          const cached = known.get(key);
          if (cached !== undefined && clock.now() - cached.at < FRESH_MS) return cached.fee;
          const fee = await session.takerFee(market);
          known.set(key, { fee, at: clock.now() });
          return fee;
        },
      };
    },
  };
};
