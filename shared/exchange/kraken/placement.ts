import { text } from '../../money/money.ts';
import { iso } from '../../time/clock.ts';
import { ExchangeError, type ExchangeErrorCode, type OrderToSend, type Placement } from '../exchange.ts';
import { type Caller, codeOfStatus, codeOfTransport, readEnvelope, sentence } from './answer.ts';
import type { KrakenClient, Params } from './client.ts';
import { meaningOf } from './error-texts.ts';
import { zPlaced } from './schemas.ts';
import { type HttpAnswer, TransportFailure } from './transport.ts';

const ENDPOINT = 'AddOrder';

export const paramsOf = (order: OrderToSend): Params => ({
  pair: order.market.exchangeId,
  type: order.side === 'BUY' ? 'buy' : 'sell',
  volume: text(order.quantity),
  cl_ord_id: order.clientOrderId,
  deadline: iso(order.deadline),
  oflags: 'fciq',
  ...(order.type === 'LIMIT_IOC'
    ? { ordertype: 'limit', price: text(order.limitPrice), timeinforce: 'IOC' }
    : { ordertype: 'market' }),
});

type Unplaced = Exclude<Placement['outcome'], 'PLACED'>;

/**
 * What the texts prove together. One doubtful text makes all doubtful; one final text beside retryable ones
 * is final.
 */
const verdictOf = (
  texts: readonly string[],
  firstSend: boolean,
): { readonly outcome: Unplaced; readonly code: ExchangeErrorCode } | undefined => {
  const rank: Readonly<Record<Unplaced, number>> = { AMBIGUOUS: 2, REJECTED: 1, NOT_PLACED: 0 };
  return texts
    .map((said) => {
      const { code, outcome } = meaningOf(said);
      if (outcome !== 'BY_NONCE') return { code, outcome };
      // After a resend the nonce may be invalid because the first send had used it.
      return { code, outcome: firstSend ? 'NOT_PLACED' : 'AMBIGUOUS' } as const;
    })
    .toSorted((a, b) => rank[b.outcome] - rank[a.outcome])[0];
};

/** What an answer to AddOrder proves. */
export const placementFrom = (caller: Caller, answer: HttpAnswer, firstSend: boolean): Placement => {
  const unplaced = (outcome: Unplaced, code: ExchangeErrorCode, ...said: readonly string[]): Placement => ({
    outcome,
    code,
    message: sentence(caller, ENDPOINT, code, [...said, `HTTP ${answer.status}`]),
  });
  const reading = readEnvelope(answer.body);
  const errors = reading.understood ? reading.errors : [];
  const verdict = verdictOf(errors, firstSend);
  // Behind a 5xx a text may be a proxy's or a half-finished engine's: it proves nothing.
  if (answer.status >= 500) {
    return unplaced('AMBIGUOUS', verdict?.code ?? codeOfStatus(answer.status), ...errors);
  }
  if (!reading.understood) {
    const code = answer.status === 200 ? 'MALFORMED_ANSWER' : codeOfStatus(answer.status);
    return unplaced('AMBIGUOUS', code, 'no Kraken answer');
  }
  if (verdict === undefined) {
    const placed = zPlaced.safeParse(reading.result);
    const id = placed.success ? placed.data.txid[0] : undefined;
    return id !== undefined && answer.status === 200
      ? { outcome: 'PLACED', exchangeOrderId: id }
      : unplaced('AMBIGUOUS', 'MALFORMED_ANSWER', 'no order id');
  }
  return isNothing(reading.result)
    ? unplaced(verdict.outcome, verdict.code, ...errors)
    : unplaced('AMBIGUOUS', verdict.code, 'both a result and an error', ...errors);
};

/** Beside an error anything else may be an order. */
const isNothing = (result: unknown): boolean =>
  result === undefined || result === null || (typeof result === 'object' && Object.keys(result).length === 0);

/**
 * Sends an order once. Throws only what the nonce source throws: nothing was sent then.
 */
export const place = async (client: KrakenClient, order: OrderToSend): Promise<Placement> => {
  try {
    const answer = await client.call(ENDPOINT, paramsOf(order));
    return placementFrom(client.caller, answer, order.firstSend);
  } catch (error) {
    if (error instanceof TransportFailure) {
      const code = codeOfTransport(error);
      return {
        outcome: error.kind === 'NEVER_OPENED' ? 'NOT_PLACED' : 'AMBIGUOUS',
        code,
        message: sentence(client.caller, ENDPOINT, code, [error.message]),
      };
    }
    // The request could not be signed: nothing was sent, and the same credentials will never do.
    if (error instanceof ExchangeError)
      return { outcome: 'REJECTED', code: error.code, message: error.message };
    throw error;
  }
};
