import type { ExchangeErrorCode } from '../exchange.ts';

/** What a text proves about an order that was sent. BY_NONCE: NOT_PLACED on the first send, else AMBIGUOUS. */
export type TextOutcome = 'REJECTED' | 'NOT_PLACED' | 'AMBIGUOUS' | 'BY_NONCE';

export interface ErrorText {
  readonly text: string;
  readonly code: ExchangeErrorCode;
  readonly outcome: TextOutcome;
}

/**
 * Kraken's error texts. An entry holds for the text itself and for the text with a `:detail` behind it; the
 * longest entry that fits counts. What is not listed here is UNKNOWN and AMBIGUOUS.
 */
export const ERROR_TEXTS: readonly ErrorText[] = [
  { text: 'EAPI:Invalid key', code: 'INVALID_KEY', outcome: 'REJECTED' },
  { text: 'EAPI:Invalid signature', code: 'INVALID_SIGNATURE', outcome: 'REJECTED' },
  { text: 'EAPI:Invalid nonce', code: 'INVALID_NONCE', outcome: 'BY_NONCE' },
  { text: 'EAPI:Feature disabled', code: 'PERMISSION_DENIED', outcome: 'REJECTED' },
  { text: 'EAPI:Rate limit exceeded', code: 'RATE_LIMITED', outcome: 'NOT_PLACED' },
  { text: 'EOrder:Rate limit exceeded', code: 'RATE_LIMITED', outcome: 'NOT_PLACED' },
  { text: 'EOrder:Domain rate limit exceeded', code: 'RATE_LIMITED', outcome: 'NOT_PLACED' },
  { text: 'EService:Throttled', code: 'RATE_LIMITED', outcome: 'NOT_PLACED' },
  { text: 'EGeneral:Too many requests', code: 'RATE_LIMITED', outcome: 'AMBIGUOUS' },
  { text: 'EGeneral:Temporary lockout', code: 'LOCKED_OUT', outcome: 'AMBIGUOUS' },
  { text: 'EGeneral:Permission denied', code: 'PERMISSION_DENIED', outcome: 'REJECTED' },
  { text: 'EAccount:Invalid permissions', code: 'PERMISSION_DENIED', outcome: 'REJECTED' },
  { text: 'EOrder:Trading agreement required', code: 'PERMISSION_DENIED', outcome: 'REJECTED' },
  { text: 'EGeneral:Invalid arguments', code: 'INVALID_ARGUMENTS', outcome: 'REJECTED' },
  { text: 'EGeneral:Invalid arguments:volume minimum not met', code: 'BELOW_MINIMUM', outcome: 'REJECTED' },
  { text: 'EGeneral:Internal error', code: 'UNAVAILABLE', outcome: 'AMBIGUOUS' },
  { text: 'EDatabase:Internal error', code: 'UNAVAILABLE', outcome: 'AMBIGUOUS' },
  { text: 'EService:Unavailable', code: 'UNAVAILABLE', outcome: 'AMBIGUOUS' },
  { text: 'EService:Busy', code: 'UNAVAILABLE', outcome: 'AMBIGUOUS' },
  { text: 'EService:Timeout', code: 'TIMEOUT', outcome: 'AMBIGUOUS' },
  { text: 'EService:Deadline elapsed', code: 'DEADLINE_ELAPSED', outcome: 'NOT_PLACED' },
  { text: 'EOrder:Deadline elapsed', code: 'DEADLINE_ELAPSED', outcome: 'NOT_PLACED' },
  { text: 'EService:Market in cancel_only mode', code: 'MARKET_RESTRICTED', outcome: 'NOT_PLACED' },
  { text: 'EService:Market in post_only mode', code: 'MARKET_RESTRICTED', outcome: 'NOT_PLACED' },
  { text: 'EService:Market in limit_only mode', code: 'MARKET_RESTRICTED', outcome: 'NOT_PLACED' },
  { text: 'EService:Market in reduce_only mode', code: 'MARKET_RESTRICTED', outcome: 'NOT_PLACED' },
  { text: 'EQuery:Unknown asset pair', code: 'UNKNOWN_PAIR', outcome: 'REJECTED' },
  { text: 'EQuery:Invalid asset pair', code: 'UNKNOWN_PAIR', outcome: 'REJECTED' },
  { text: 'EOrder:Insufficient funds', code: 'INSUFFICIENT_FUNDS', outcome: 'REJECTED' },
  { text: 'EOrder:Order minimum not met', code: 'BELOW_MINIMUM', outcome: 'REJECTED' },
  { text: 'EOrder:Cost minimum not met', code: 'BELOW_MINIMUM', outcome: 'REJECTED' },
  { text: 'EOrder:Tick size check failed', code: 'INVALID_PRICE', outcome: 'REJECTED' },
  { text: 'EOrder:Invalid price', code: 'INVALID_PRICE', outcome: 'REJECTED' },
  { text: 'EOrder:Invalid order', code: 'INVALID_ARGUMENTS', outcome: 'REJECTED' },
  // An open order has this client id already: the order in question may well be that one.
  { text: 'EOrder:Duplicate cl_ord_id', code: 'INVALID_ARGUMENTS', outcome: 'AMBIGUOUS' },
  { text: 'EOrder:Orders limit exceeded', code: 'ORDER_LIMIT', outcome: 'REJECTED' },
  { text: 'EOrder:Unknown order', code: 'UNKNOWN_ORDER', outcome: 'AMBIGUOUS' },
];

const UNLISTED = { code: 'UNKNOWN', outcome: 'AMBIGUOUS' } as const;

/** `EService: Throttled: 1700000000` is the same as `EService:Throttled:1700000000`. */
const normalised = (text: string): string => text.trim().replace(/:\s+/g, ':');

/** What one error text means; UNKNOWN and AMBIGUOUS for a text that is not listed. */
export const meaningOf = (raw: string): Omit<ErrorText, 'text'> => {
  const text = normalised(raw);
  let best: ErrorText | undefined;
  for (const entry of ERROR_TEXTS) {
    const fits = text === entry.text || text.startsWith(`${entry.text}:`);
    if (fits && entry.text.length > (best?.text.length ?? 0)) best = entry;
  }
  return best ?? UNLISTED;
};

/** What the operator can do about it, one sentence without a full stop. */
export const ADVICE: Readonly<Record<ExchangeErrorCode, string>> = {
  TIMEOUT: 'it is unknown whether the exchange acted; it is asked again at the next run',
  UNREACHABLE: 'check the network and the configured exchange address; nothing was sent',
  UNAVAILABLE: "the exchange is in trouble; see Kraken's status page",
  RATE_LIMITED: 'wait a little and ask again; if it happens often, use the key for nothing else',
  LOCKED_OUT: 'wait 15 minutes, and make sure that no other program uses this key',
  INVALID_NONCE: 'make sure that no other program uses this key',
  INVALID_KEY: 'check that the key exists at Kraken and that the stored secret holds it unchanged',
  INVALID_SIGNATURE: 'store the private key that belongs to this API key',
  PERMISSION_DENIED: "give the key the missing permission in Kraken's API settings",
  INSUFFICIENT_FUNDS: 'less is free at the exchange than was asked for',
  BELOW_MINIMUM: "the order is smaller than the market's minimum",
  INVALID_PRICE: "the price does not fit the market's tick; refresh the market rules",
  INVALID_ARGUMENTS: 'the exchange refused an argument; refresh the market rules',
  UNKNOWN_PAIR: 'refresh the market rules',
  UNKNOWN_ORDER: 'the exchange has no such order in this account',
  MARKET_RESTRICTED: 'the market takes no such orders now; it is tried again',
  DEADLINE_ELAPSED: 'the order came too late and was not placed',
  ORDER_LIMIT: 'the account has too many open orders; cancel some',
  MALFORMED_ANSWER: "the answer was not understood; see Kraken's status page",
  UNKNOWN: "look the text up in Kraken's API documentation",
};
