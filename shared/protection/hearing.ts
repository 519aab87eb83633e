import {
  type Exchange,
  ExchangeError,
  type ExchangeErrorCode,
  type PrivateSession,
} from '../exchange/exchange.ts';
import { exchangeFailureOf, isExchangeFailure } from './circuit.ts';

export const ANSWERS = 'ANSWERS';

/** What an exchange did when an account asked it something: it answered, if only to refuse, or failed with a code. */
export type Heard = typeof ANSWERS | ExchangeErrorCode;

/** The same exchange; `told` learns of each call of its sessions whether it was answered. */
export const hearing = (exchange: Exchange, told: (heard: Heard) => void): Exchange => ({
  ...exchange,
  session: (input) => heardSession(exchange.session(input), told),
});

const heardSession = (session: PrivateSession, told: (heard: Heard) => void): PrivateSession => {
  const listen = async <T>(call: Promise<T>): Promise<T> => {
    try {
      const answer = await call;
      told(ANSWERS);
      return answer;
    } catch (error) {
      // A lease that is lost says nothing of the exchange.
      if (error instanceof ExchangeError) told(exchangeFailureOf(error) ?? ANSWERS);
      throw error;
    }
  };
  return {
    accountId: session.accountId,
    place: async (order) => {
      const placement = await session.place(order);
      const failed = placement.outcome !== 'PLACED' && isExchangeFailure(placement.code);
      told(failed ? placement.code : ANSWERS);
      return placement;
    },
    balances: (...asked) => listen(session.balances(...asked)),
    findByClientOrderId: (...asked) => listen(session.findByClientOrderId(...asked)),
    order: (...asked) => listen(session.order(...asked)),
    orders: (...asked) => listen(session.orders(...asked)),
    fillsOf: (...asked) => listen(session.fillsOf(...asked)),
    fillsSince: (...asked) => listen(session.fillsSince(...asked)),
    openOrders: (...asked) => listen(session.openOrders(...asked)),
    cancel: (...asked) => listen(session.cancel(...asked)),
    takerFee: (...asked) => listen(session.takerFee(...asked)),
    keyInfo: (...asked) => listen(session.keyInfo(...asked)),
  };
};
