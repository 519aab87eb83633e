import { describe, expect, test } from 'vitest';
import { fingerprintOf, Secret } from '../../shared/account/credentials.ts';
import { type Exchange, ExchangeError, type PrivateSession } from '../../shared/exchange/exchange.ts';
import { withFeeCache } from '../../shared/exchange/fee-cache.ts';
import { fraction, text } from '../../shared/money/money.ts';
import { HOUR } from '../../shared/time/clock.ts';
import { market } from '../copying/made.ts';
import { atTheExchange, unasked } from '../order/at-the-exchange.ts';
import { clockAt } from './kraken/raw-kraken.ts';

const BTC = market('BTC/USD');
const ETH = market('ETH/USD');
const { session } = atTheExchange().ports;

/** Counts what it is asked; each answer is a fee higher than the one before. */
const charging = (failing: readonly number[] = []) => {
  const asked: string[] = [];
  const exchange: Exchange = {
    marketData: { exchange: 'kraken', markets: unasked, tickers: unasked, candles: unasked },
    session: ({ accountId }) => ({
      ...session,
      accountId,
      takerFee: async ({ symbol }) => {
        asked.push(`${accountId} ${symbol}`);
        if (failing.includes(asked.length)) throw new ExchangeError('kraken', 'UNAVAILABLE', 'down');
        return fraction(`0.00${asked.length}`);
      },
    }),
  };
  return { exchange, asked };
};

const sessionOf = (exchange: Exchange, accountId: string): PrivateSession => {
  const apiKey = new Secret(`key of ${accountId}`);
  const credentials = { apiKey, apiSecret: new Secret(fingerprintOf(apiKey)) };
  return exchange.session({ accountId, credentials, nonces: { next: () => 1 }, markets: [BTC, ETH] });
};

const feeOf = async (exchange: Exchange, accountId: string, of = BTC): Promise<string> =>
  text(await sessionOf(exchange, accountId).takerFee(of));

describe('the fee cache', () => {
  test('asks what an account pays once an hour, in however many sessions', async () => {
    const { exchange, asked } = charging();
    const clock = clockAt(5 * HOUR);
    const cached = withFeeCache(exchange, clock);
    const first = await feeOf(cached, 'u-ann');

    clock.set(6 * HOUR - 1);
    const second = await feeOf(cached, 'u-ann');
    clock.set(6 * HOUR);
    const third = await feeOf(cached, 'u-ann');

    expect([first, second, third]).toEqual(['0.001', '0.001', '0.002']);
    expect(asked).toHaveLength(2);
  });

  test('tells no account the fee of another, and of no market that of another', async () => {
    const { exchange, asked } = charging();
    const cached = withFeeCache(exchange, clockAt(0));
    const of: readonly (readonly [string, typeof BTC])[] = [
      ['u-ann', BTC],
      ['u-bob', BTC],
      ['u-ann', ETH],
    ];

    const fees: string[] = [];
    for (const [accountId, one] of [...of, ...of]) fees.push(await feeOf(cached, accountId, one));

    expect(fees).toEqual(['0.001', '0.002', '0.003', '0.001', '0.002', '0.003']);
    expect(asked).toEqual(['u-ann BTC/USD', 'u-bob BTC/USD', 'u-ann ETH/USD']);
  });

  test('does not remember a failure', async () => {
    const { exchange } = charging([1]);
    const cached = withFeeCache(exchange, clockAt(0));

    const failing = feeOf(cached, 'u-ann');

    await expect(failing).rejects.toThrow('down');
    expect(await feeOf(cached, 'u-ann')).toBe('0.002');
  });

  test('leaves all else as it is', () => {
    const { exchange } = charging();

    const cached = withFeeCache(exchange, clockAt(0));

    const { takerFee, ...rest } = sessionOf(cached, 'u-ann');
    const { takerFee: uncached, ...others } = sessionOf(exchange, 'u-ann');
    expect(rest).toEqual(others);
    expect(takerFee).not.toBe(uncached);
    expect(cached.marketData).toBe(exchange.marketData);
  });
});
