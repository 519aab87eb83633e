import { describe, expect, test } from 'vitest';
import { ERROR_TEXTS } from '../../../shared/exchange/kraken/error-texts.ts';
import { LeaseLost } from '../../../shared/vault/lease.ts';
import {
  type Answer,
  buy,
  counting,
  deafUrl,
  gives,
  rawKraken,
  says,
  sell,
  sessionAt,
} from './raw-kraken.ts';

const placedOn = async (answer: Answer, order = buy()) => {
  const { url } = await rawKraken(() => answer);
  return sessionAt(url, { timeoutMs: answer === 'HANG' ? 50 : 30_000 }).place(order);
};

describe('an order that is sent', () => {
  test('carries exactly what Kraken needs: a capped buy as limit IOC', async () => {
    const { url, requests } = await rawKraken(() => gives({ txid: ['O1'] }));

    await sessionAt(url, { nonces: counting(77) }).place(buy());

    expect(requests.map((request) => [request.path, request.form])).toEqual([
      [
        '/0/private/AddOrder',
        {
          nonce: '77',
          pair: 'XXBTZUSD',
          type: 'buy',
          ordertype: 'limit',
          price: '37500',
          timeinforce: 'IOC',
          volume: '0.00000012',
          cl_ord_id: '0123456789abcdef0123456789abcdef',
          deadline: '2026-11-20T12:00:30.000Z',
          oflags: 'fciq',
        },
      ],
    ]);
  });

  test('carries exactly what Kraken needs: a sale as market order without a price', async () => {
    const { url, requests } = await rawKraken(() => gives({ txid: ['O1'] }));

    await sessionAt(url, { nonces: counting(78) }).place(sell());

    expect(requests[0]?.form).toEqual({
      nonce: '78',
      pair: 'XXBTZUSD',
      type: 'sell',
      ordertype: 'market',
      volume: '1.25',
      cl_ord_id: 'fedcba9876543210fedcba9876543210',
      deadline: '2026-11-20T12:00:30.000Z',
      oflags: 'fciq',
    });
  });

  test('is placed once it has an order id', async () => {
    const placement = await placedOn(gives({ descr: { order: 'buy' }, txid: ['OABC-1'] }));

    expect(placement).toEqual({ outcome: 'PLACED', exchangeOrderId: 'OABC-1' });
  });

  test('is placed also when Kraken adds a warning', async () => {
    const placement = await placedOn({ body: '{"error":["WGeneral:Slow"],"result":{"txid":["OABC-1"]}}' });

    expect(placement).toEqual({ outcome: 'PLACED', exchangeOrderId: 'OABC-1' });
  });
});

describe('what an error text proves of an order', () => {
  test.each(ERROR_TEXTS)('$text', async ({ text, code, outcome }) => {
    const first = await placedOn(says(text), buy({ firstSend: true }));
    const resent = await placedOn(says(text), buy({ firstSend: false }));

    expect(first).toMatchObject({ code, outcome: outcome === 'BY_NONCE' ? 'NOT_PLACED' : outcome });
    expect(resent).toMatchObject({ code, outcome: outcome === 'BY_NONCE' ? 'AMBIGUOUS' : outcome });
  });

  test.each([
    [['EOrder:Insufficient funds', 'EService:Busy'], 'AMBIGUOUS'],
    [['EOrder:Insufficient funds', 'EGeneral:Never heard of it'], 'AMBIGUOUS'],
    [['EAPI:Rate limit exceeded', 'EOrder:Insufficient funds'], 'REJECTED'],
    [['EAPI:Rate limit exceeded', 'EService:Throttled'], 'NOT_PLACED'],
  ])('%j together are %s: the doubtful one counts', async (texts, outcome) => {
    const placement = await placedOn(says(...texts));

    expect(placement.outcome).toBe(outcome);
  });
});

describe('an answer that proves nothing leaves the order in doubt', () => {
  const HTML = '<!doctype html><title>Just a moment...</title>';
  const placed = '{"error":[],"result":{"txid":["O1"]}}';
  test.each<readonly [string, Answer, string]>([
    ['500', { status: 500, body: '' }, 'UNAVAILABLE'],
    ['502 with a page', { status: 502, body: HTML }, 'UNAVAILABLE'],
    ['520', { status: 520, body: '' }, 'UNAVAILABLE'],
    ['523', { status: 523, body: HTML }, 'UNAVAILABLE'],
    ['524', { status: 524, body: HTML }, 'UNAVAILABLE'],
    [
      '503 with a text that else is final',
      { status: 503, body: '{"error":["EOrder:Insufficient funds"]}' },
      'INSUFFICIENT_FUNDS',
    ],
    ['503 with an order id', { status: 503, body: placed }, 'UNAVAILABLE'],
    ['429', { status: 429, body: 'slow down' }, 'RATE_LIMITED'],
    ['403 with a page', { status: 403, body: HTML }, 'MALFORMED_ANSWER'],
    ['302', { status: 302, body: '' }, 'MALFORMED_ANSWER'],
    ['200 with a page', { body: HTML }, 'MALFORMED_ANSWER'],
    ['200 without a body', { body: '' }, 'MALFORMED_ANSWER'],
    ['truncated JSON', { body: placed.slice(0, -8) }, 'MALFORMED_ANSWER'],
    ['a list instead of an object', { body: '[]' }, 'MALFORMED_ANSWER'],
    ['null', { body: 'null' }, 'MALFORMED_ANSWER'],
    ['neither error nor result', says(), 'MALFORMED_ANSWER'],
    ['an empty result', gives({}), 'MALFORMED_ANSWER'],
    ['no order id (a validated order)', gives({ descr: { order: 'buy' } }), 'MALFORMED_ANSWER'],
    ['an empty list of ids', gives({ txid: [] }), 'MALFORMED_ANSWER'],
    ['an empty id', gives({ txid: [''] }), 'MALFORMED_ANSWER'],
    ['a null id', gives({ txid: [null] }), 'MALFORMED_ANSWER'],
    ['an id that no order has', gives({ txid: ['O1,O2'] }), 'MALFORMED_ANSWER'],
    [
      'both an error and an id that is no list',
      { body: '{"error":["EOrder:Insufficient funds"],"result":{"txid":"O1"}}' },
      'INSUFFICIENT_FUNDS',
    ],
    [
      'both an error and an id',
      { body: '{"error":["EOrder:Insufficient funds"],"result":{"txid":["O1"]}}' },
      'INSUFFICIENT_FUNDS',
    ],
    ['only a warning', says('WGeneral:Slow'), 'MALFORMED_ANSWER'],
    ['an error field of another type', { body: '{"error":"EOrder:Insufficient funds"}' }, 'MALFORMED_ANSWER'],
    ['no answer', 'HANG', 'TIMEOUT'],
    ['a reset connection', 'RESET', 'UNAVAILABLE'],
    ['half an answer', 'HALF', 'UNAVAILABLE'],
  ])('%s', async (_name, answer, code) => {
    const placement = await placedOn(answer);

    expect(placement).toMatchObject({ outcome: 'AMBIGUOUS', code });
  });
});

describe('an order that was never sent', () => {
  test('is not placed when nobody listens at the address', async () => {
    const placement = await sessionAt(await deafUrl()).place(buy());

    expect(placement).toMatchObject({ outcome: 'NOT_PLACED', code: 'UNREACHABLE' });
  });

  test('is not placed when the TLS handshake fails', async () => {
    const { url, requests } = await rawKraken(() => gives({ txid: ['O1'] }));

    const placement = await sessionAt(url.replace('http:', 'https:')).place(buy());

    expect(placement).toMatchObject({ outcome: 'NOT_PLACED', code: 'UNREACHABLE' });
    expect(requests).toEqual([]);
  });

  test('is refused for good when its private key cannot sign', async () => {
    const { url, requests } = await rawKraken(() => gives({ txid: ['O1'] }));

    const placement = await sessionAt(url, { apiSecret: 'not base64!' }).place(buy());

    expect(placement).toMatchObject({ outcome: 'REJECTED', code: 'INVALID_KEY' });
    expect(requests).toEqual([]);
  });

  test('lets the loss of the lease through as it is', async () => {
    const { url, requests } = await rawKraken(() => gives({ txid: ['O1'] }));
    const lost = new LeaseLost('the lease is over');
    const nonces = {
      next: () => {
        throw lost;
      },
    };

    const placing = sessionAt(url, { nonces }).place(buy());

    await expect(placing).rejects.toBe(lost);
    expect(requests).toEqual([]);
  });
});

test('an order is sent once, whatever comes back', async () => {
  const { url, requests } = await rawKraken((_, count) => (count === 1 ? gives({}) : 'RESET'));
  const session = sessionAt(url);
  // The second request goes out on the connection that the first one left open.
  await session.keyInfo().catch(() => undefined);

  const placement = await session.place(buy());

  expect(placement.outcome).toBe('AMBIGUOUS');
  expect(requests.map((request) => request.endpoint)).toEqual(['GetApiKeyInfo', 'AddOrder']);
});
