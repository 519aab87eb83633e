import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EXCHANGE_ERROR_CODES, ExchangeError } from '../../shared/exchange/exchange.ts';
import { BTC, ETH, NOON } from '../local/kraken/exchange.ts';
import { leaksOf, shownOf } from './canary.ts';
import {
  type Answers,
  type Connection,
  capturedAnswers,
  connectTo,
  KEY,
  realAnswers,
} from './exchange-answers.ts';
import { oddAnswer } from './odd-answers.ts';
import { runs } from './runs.ts';

const RUNS = 100;
const real = await realAnswers();
const captured = capturedAnswers();

type Call = (connection: Connection) => Promise<unknown>;
/** Every call of the adapter but placing, by the endpoints it reads. */
const CALLS: Readonly<Record<string, { readonly reads: readonly string[]; readonly call: Call }>> = {
  balances: { reads: ['BalanceEx'], call: ({ session }) => session.balances() },
  'a fee': { reads: ['TradeVolume'], call: ({ session }) => session.takerFee(real.market) },
  'what a key may do': { reads: ['GetApiKeyInfo'], call: ({ session }) => session.keyInfo() },
  'an order by its client id': {
    reads: ['OpenOrders', 'ClosedOrders'],
    call: ({ session }) => session.findByClientOrderId(real.saleId, NOON),
  },
  'an order': { reads: ['QueryOrders'], call: ({ session }) => session.order(real.order.exchangeOrderId) },
  'open orders': { reads: ['OpenOrders'], call: ({ session }) => session.openOrders() },
  'fills of an order': {
    reads: ['QueryTrades', 'QueryOrders'],
    call: ({ session }) => session.fillsOf(real.order),
  },
  'fills since a moment': {
    reads: ['TradesHistory', 'QueryOrders'],
    call: ({ session }) => session.fillsSince(NOON, { mostPages: 3, keep: async () => {} }),
  },
  'a cancellation': { reads: ['CancelOrder'], call: ({ session }) => session.cancel('OABC-1') },
  tickers: { reads: ['Ticker'], call: ({ exchange }) => exchange.marketData.tickers([BTC, ETH]) },
  candles: { reads: ['OHLC'], call: ({ exchange }) => exchange.marketData.candles(BTC) },
  markets: { reads: ['Assets', 'AssetPairs'], call: ({ exchange }) => exchange.marketData.markets() },
};

const CASES = Object.entries(CALLS).flatMap(([what, { reads, call }]) =>
  reads.map((endpoint) => ({ what, endpoint, call })),
);

/** The last moment that a Date can say. */
const LATEST = 8.64e15;
const MOMENTS = /\.(at|openedAt|expiresAt|readTo)$/;

/** What is wrong with a value that came of an answer: every figure has to be one. */
const wrongIn = (value: unknown, at = 'it'): readonly string[] => {
  if (Decimal.isDecimal(value))
    return value.isFinite() && !value.isNegative() ? [] : [`${at} is ${value.toString()}`];
  if (typeof value === 'number') {
    const most = MOMENTS.test(at) ? LATEST : Number.MAX_SAFE_INTEGER;
    return value >= 0 && value <= most ? [] : [`${at} is ${value}`];
  }
  if (typeof value === 'function' || typeof value === 'symbol') return [`${at} is a ${typeof value}`];
  if (value instanceof Map)
    return [...value].flatMap(([name, inner]) => wrongIn(inner, `${at}.${String(name)}`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => wrongIn(inner, `${at}.${name}`));
};

/** One call, with one of its endpoints answering as told. */
const outcomeOf = async (call: Call, answers: Answers) => {
  const signatures: string[] = [];
  const nothing = { status: 404, body: '' };
  const connection = connectTo(
    (endpoint) => answers.get(endpoint) ?? nothing,
    real.markets,
    (signature) => signatures.push(signature),
  );
  const end = await call(connection).then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  return { end, secrets: [KEY.apiKey, KEY.apiSecret, ...signatures] };
};

const judge = ({ end, secrets }: Awaited<ReturnType<typeof outcomeOf>>): void => {
  if ('value' in end) {
    expect(wrongIn(end.value)).toEqual([]);
    return;
  }
  expect(end.error, shownOf(end.error)).toBeInstanceOf(ExchangeError);
  if (end.error instanceof ExchangeError) expect(EXCHANGE_ERROR_CODES).toContain(end.error.code);
  expect(leaksOf(shownOf(end.error), secrets)).toEqual([]);
};

describe('an answer of the exchange that is odd', () => {
  test.each(CASES)('gives $what a true value or an error with a code, at $endpoint', async ({
    endpoint,
    call,
  }) => {
    const known = [real.answers.get(endpoint), captured.get(endpoint)].filter(
      (answer) => answer !== undefined,
    );
    const answers = fc.oneof(...known.map((answer) => oddAnswer(answer, [KEY.apiKey, KEY.apiSecret])));

    await fc.assert(
      fc.asyncProperty(answers, async (answer) => {
        judge(await outcomeOf(call, new Map([...real.answers, [endpoint, answer]])));
      }),
      runs(RUNS),
    );
  });
});

describe('an answer of the exchange as it is', () => {
  test.each(CASES)('gives $what a true value, at $endpoint', async ({ call }) => {
    const { end } = await outcomeOf(call, real.answers);

    expect('error' in end ? shownOf(end.error) : wrongIn(end.value)).toEqual([]);
  });
});

/** Every place of an answer's result that holds a text of digits. */
const figuresOf = (value: unknown, at: readonly string[] = []): readonly (readonly string[])[] => {
  if (typeof value === 'string') return /^\d+(\.\d+)?$/.test(value) ? [at] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => figuresOf(inner, [...at, name]));
};

const without = (value: unknown, [name, ...rest]: readonly string[]): unknown => {
  if (name === undefined || typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .filter(([known]) => known !== name || rest.length > 0)
    .map(([known, inner]): [string, unknown] => [known, known === name ? without(inner, rest) : inner]);
  return Array.isArray(value) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
};

/** Of pairs alone: answers of earlier years have none, and the exchange itself refuses what is too small. */
const MAY_BE_ABSENT = new Set(['ordermin', 'costmin', 'tick_size']);

describe('a figure that is missing in an answer', () => {
  test.each(CASES)('is never taken for zero: $what, at $endpoint', async ({ endpoint, call }) => {
    const answer = real.answers.get(endpoint);
    const valid: unknown = JSON.parse(answer?.body ?? 'null');
    const whole = await outcomeOf(call, real.answers);
    const figures = figuresOf(valid).filter((path) => !MAY_BE_ABSENT.has(path.at(-1) ?? ''));
    const some = figures.filter((_, index) => index < 40 || index % 97 === 0);

    for (const path of some) {
      const body = JSON.stringify(without(valid, path));
      const { end } = await outcomeOf(call, new Map([...real.answers, [endpoint, { status: 200, body }]]));
      if ('value' in end) expect({ end, path }).toEqual({ end: whole.end, path });
      else expect(end.error).toMatchObject({ name: 'ExchangeError', code: 'MALFORMED_ANSWER' });
    }
  });
});
