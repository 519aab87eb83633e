import { describe, expect, test } from 'vitest';
import { ERROR_TEXTS, meaningOf } from '../../../shared/exchange/kraken/error-texts.ts';

/** Written out once more by hand: a slip in the table of the product shows as a difference. */
const EXPECTED: readonly (readonly [text: string, code: string, outcome: string])[] = [
  ['EAPI:Invalid key', 'INVALID_KEY', 'REJECTED'],
  ['EAPI:Invalid signature', 'INVALID_SIGNATURE', 'REJECTED'],
  ['EAPI:Invalid nonce', 'INVALID_NONCE', 'BY_NONCE'],
  ['EAPI:Feature disabled', 'PERMISSION_DENIED', 'REJECTED'],
  ['EAPI:Rate limit exceeded', 'RATE_LIMITED', 'NOT_PLACED'],
  ['EOrder:Rate limit exceeded', 'RATE_LIMITED', 'NOT_PLACED'],
  ['EOrder:Domain rate limit exceeded', 'RATE_LIMITED', 'NOT_PLACED'],
  ['EService:Throttled', 'RATE_LIMITED', 'NOT_PLACED'],
  ['EGeneral:Too many requests', 'RATE_LIMITED', 'AMBIGUOUS'],
  ['EGeneral:Temporary lockout', 'LOCKED_OUT', 'AMBIGUOUS'],
  ['EGeneral:Permission denied', 'PERMISSION_DENIED', 'REJECTED'],
  ['EAccount:Invalid permissions', 'PERMISSION_DENIED', 'REJECTED'],
  ['EOrder:Trading agreement required', 'PERMISSION_DENIED', 'REJECTED'],
  ['EGeneral:Invalid arguments', 'INVALID_ARGUMENTS', 'REJECTED'],
  ['EGeneral:Invalid arguments:volume minimum not met', 'BELOW_MINIMUM', 'REJECTED'],
  ['EGeneral:Internal error', 'UNAVAILABLE', 'AMBIGUOUS'],
  ['EDatabase:Internal error', 'UNAVAILABLE', 'AMBIGUOUS'],
  ['EService:Unavailable', 'UNAVAILABLE', 'AMBIGUOUS'],
  ['EService:Busy', 'UNAVAILABLE', 'AMBIGUOUS'],
  ['EService:Timeout', 'TIMEOUT', 'AMBIGUOUS'],
  ['EService:Deadline elapsed', 'DEADLINE_ELAPSED', 'NOT_PLACED'],
  ['EOrder:Deadline elapsed', 'DEADLINE_ELAPSED', 'NOT_PLACED'],
  ['EService:Market in cancel_only mode', 'MARKET_RESTRICTED', 'NOT_PLACED'],
  ['EService:Market in post_only mode', 'MARKET_RESTRICTED', 'NOT_PLACED'],
  ['EService:Market in limit_only mode', 'MARKET_RESTRICTED', 'NOT_PLACED'],
  ['EService:Market in reduce_only mode', 'MARKET_RESTRICTED', 'NOT_PLACED'],
  ['EQuery:Unknown asset pair', 'UNKNOWN_PAIR', 'REJECTED'],
  ['EQuery:Invalid asset pair', 'UNKNOWN_PAIR', 'REJECTED'],
  ['EOrder:Insufficient funds', 'INSUFFICIENT_FUNDS', 'REJECTED'],
  ['EOrder:Order minimum not met', 'BELOW_MINIMUM', 'REJECTED'],
  ['EOrder:Cost minimum not met', 'BELOW_MINIMUM', 'REJECTED'],
  ['EOrder:Tick size check failed', 'INVALID_PRICE', 'REJECTED'],
  ['EOrder:Invalid price', 'INVALID_PRICE', 'REJECTED'],
  ['EOrder:Invalid order', 'INVALID_ARGUMENTS', 'REJECTED'],
  ['EOrder:Duplicate cl_ord_id', 'INVALID_ARGUMENTS', 'AMBIGUOUS'],
  ['EOrder:Orders limit exceeded', 'ORDER_LIMIT', 'REJECTED'],
  ['EOrder:Unknown order', 'UNKNOWN_ORDER', 'AMBIGUOUS'],
];

describe('the table of error texts', () => {
  test.each(EXPECTED)('%s is %s and %s', (text, code, outcome) => {
    const meaning = meaningOf(text);

    expect(meaning).toMatchObject({ code, outcome });
  });

  test('no text is in the table that this test does not name', () => {
    const texts = ERROR_TEXTS.map((entry) => entry.text);

    expect(texts.toSorted()).toEqual(EXPECTED.map(([text]) => text).toSorted());
  });

  test.each([
    'EGeneral:Something new',
    '',
    'EOrder',
    'EOrder:Insufficient funds maybe',
    'prefix EOrder:Insufficient funds',
    'eorder:insufficient funds',
  ])('a text that is not listed (%s) proves nothing', (text) => {
    const meaning = meaningOf(text);

    expect(meaning).toMatchObject({ code: 'UNKNOWN', outcome: 'AMBIGUOUS' });
  });

  test.each([
    ['EService: Throttled: 1763640000', 'RATE_LIMITED'],
    ['EGeneral:Invalid arguments:price', 'INVALID_ARGUMENTS'],
    ['EGeneral:Invalid arguments:volume minimum not met', 'BELOW_MINIMUM'],
    ['EAccount:Invalid permissions:ATOM trading restricted for US:GA', 'PERMISSION_DENIED'],
    [' EOrder:Insufficient funds ', 'INSUFFICIENT_FUNDS'],
  ])('%s is read with its detail as %s', (text, code) => {
    const meaning = meaningOf(text);

    expect(meaning.code).toBe(code);
  });
});
