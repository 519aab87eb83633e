import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { ExchangeError } from '../../../shared/exchange/exchange.ts';
import { type Answer, buy, deafUrl, rawKraken, says, sessionAt } from './raw-kraken.ts';

describe('a failure', () => {
  const KEY = 'CANARY-key-4711';
  const SECRET = Buffer.from('CANARY private key').toString('base64');

  /** Kraken's have 56 characters. */
  const LONG_KEY = `${'CANARY+/'.repeat(7)}`;
  const figure = (balance: string): string =>
    JSON.stringify({ error: [], result: { ZUSD: { balance, hold_trade: '0' } } });

  const leaks = (error: unknown): readonly string[] => {
    const shown = inspect(error, { depth: 20, showHidden: true });
    const parts = error instanceof Error ? [error.message, error.stack ?? '', inspect(error.cause)] : [];
    const all = [shown, ...parts, JSON.stringify(error)].join('\n');
    return [KEY, SECRET, 'CANARY', 'API-Sign', '127.0.0.1', 'nonce='].filter((word) => all.includes(word));
  };

  const echo = (text: string): Answer => ({
    body: JSON.stringify({ error: [`EGeneral:Invalid arguments:${text}`] }),
  });
  test.each<readonly [string, Answer]>([
    ['a text that repeats the key', echo(KEY)],
    ['a text that repeats the private key', echo(SECRET)],
    ['a text that repeats a part of the key', echo(LONG_KEY.slice(0, 30))],
    ['a text that repeats the key as a URL has it', echo(encodeURIComponent(LONG_KEY))],
    ['a figure that repeats a part of the key', { body: figure(LONG_KEY.slice(0, 40)) }],
    ['a page that repeats the request', { body: `<html>${KEY} ${SECRET}</html>` }],
    ['a 5xx page', { status: 502, body: `${KEY} ${SECRET}` }],
    ['an unexpected result', { body: JSON.stringify({ error: [], result: { [KEY]: SECRET } }) }],
    ['no answer', 'HANG'],
    ['a reset connection', 'RESET'],
    ['half an answer', 'HALF'],
  ])('of %s shows neither key nor secret nor address', async (_name, answer) => {
    const { url } = await rawKraken(() => answer);
    const session = sessionAt(url, {
      apiKey: KEY,
      apiSecret: SECRET,
      timeoutMs: answer === 'HANG' ? 50 : 30_000,
    });

    const error: unknown = await session.balances().catch((thrown: unknown) => thrown);
    const placement = await session.place(buy());

    expect(error).toBeInstanceOf(ExchangeError);
    expect(leaks(error)).toEqual([]);
    expect(leaks(placement)).toEqual([]);
    expect(leaks(session)).toEqual([]);
  });

  test.each([
    ['CANARY not base64'],
    ['CANARY='],
    ['CANARYCANARY='],
  ])('of a private key that cannot sign (%s) shows nothing of it', async (apiSecret) => {
    const error: unknown = await sessionAt('http://127.0.0.1:1', { apiSecret, apiKey: KEY })
      .balances()
      .catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code: 'INVALID_KEY' });
    expect(leaks(error)).toEqual([]);
  });

  test('names the call, the account, what was said and what to do', async () => {
    const { url } = await rawKraken(() => says('EAPI:Invalid key'));

    const reading = sessionAt(url, { accountId: 'u-bob' }).balances();

    await expect(reading).rejects.toThrow(
      'kraken BalanceEx for account u-bob failed with INVALID_KEY: EAPI:Invalid key; HTTP 200; check that the key exists at Kraken and that the stored secret holds it unchanged',
    );
  });

  test.each<readonly [Answer, string]>([
    ['HANG', 'TIMEOUT'],
    ['RESET', 'UNAVAILABLE'],
    ['HALF', 'UNAVAILABLE'],
    [{ status: 503, body: '' }, 'UNAVAILABLE'],
    [{ status: 429, body: '' }, 'RATE_LIMITED'],
    [{ body: '' }, 'MALFORMED_ANSWER'],
    [{ body: '<html>' }, 'MALFORMED_ANSWER'],
    [says(), 'MALFORMED_ANSWER'],
    [says('EAPI:Invalid nonce'), 'INVALID_NONCE'],
    [says('EGeneral:Temporary lockout'), 'LOCKED_OUT'],
    [says('EGeneral:Brand new'), 'UNKNOWN'],
  ])('by %j has the code %s', async (answer, code) => {
    const { url } = await rawKraken(() => answer);

    const reading = sessionAt(url, { timeoutMs: answer === 'HANG' ? 50 : 30_000 }).balances();

    await expect(reading).rejects.toMatchObject({ code, exchange: 'kraken' });
  });

  test('to connect is UNREACHABLE', async () => {
    const reading = sessionAt(await deafUrl()).balances();

    await expect(reading).rejects.toMatchObject({ code: 'UNREACHABLE' });
  });
});
