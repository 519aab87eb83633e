import { createHash, createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Secret } from '../../../shared/account/credentials.ts';
import { krakenExchange } from '../../../shared/exchange/kraken/kraken.ts';
import { LeaseLost } from '../../../shared/vault/lease.ts';
import { WHOLE } from '../whole-reading.ts';
import { buy, clockAt, counting, gives, rawKraken, says, sessionAt, VECTOR_SECRET } from './raw-kraken.ts';

const signature = (secret: string, path: string, nonce: string, body: string): string =>
  createHmac('sha512', Buffer.from(secret, 'base64'))
    .update(
      Buffer.concat([
        Buffer.from(path),
        createHash('sha256')
          .update(nonce + body)
          .digest(),
      ]),
    )
    .digest('base64');

describe('a private call', () => {
  test('is signed as Kraken publishes it', async () => {
    const published = signature(
      VECTOR_SECRET,
      '/0/private/AddOrder',
      '1616492376594',
      'nonce=1616492376594&ordertype=limit&pair=XBTUSD&price=37500&type=buy&volume=1.25',
    );
    const { url, requests } = await rawKraken(() => gives({ txid: ['O1'] }));

    await sessionAt(url, { nonces: counting(1616492376594) }).place(buy());

    const [sent] = requests;
    expect(published).toBe(
      '4/dpxb3iT4tp/ZCVEwSnEsLxx0bqyhLpdfOpc6fn7OR8+UClSV5n9E6aSS8MPtnRfp32bAb0nmbRn6H8ndwLUQ==',
    );
    expect(sent?.signature).toBe(
      signature(VECTOR_SECRET, '/0/private/AddOrder', '1616492376594', sent?.body ?? ''),
    );
    expect(sent?.apiKey).toBe('ann-key');
  });

  test('waits for the one before, so that nonces arrive in order', async () => {
    let open = 0;
    let most = 0;
    const { url, requests, server } = await rawKraken(() => ({
      body: '{"error":[],"result":{}}',
      afterMs: 5,
    }));
    server.on('request', (_, outgoing) => {
      open += 1;
      most = Math.max(most, open);
      outgoing.on('close', () => {
        open -= 1;
      });
    });
    const session = sessionAt(url, { nonces: counting(1) });

    await Promise.all(Array.from({ length: 10 }, () => session.balances()));

    expect(requests.map((request) => request.form['nonce'])).toEqual(
      Array.from({ length: 10 }, (_, index) => String(index + 1)),
    );
    expect(most).toBe(1);
  });

  test('goes on after one before has failed', async () => {
    const { url } = await rawKraken((_, count) => (count === 1 ? says('EService:Busy') : gives({})));
    const session = sessionAt(url);

    const results = await Promise.allSettled([session.balances(), session.balances()]);

    expect(results.map((result) => result.status)).toEqual(['rejected', 'fulfilled']);
  });

  test('makes no public call, ever', async () => {
    const { url, requests } = await rawKraken(() => says('EService:Busy'));
    const session = sessionAt(url);

    await Promise.allSettled([
      session.balances(),
      session.place(buy()),
      session.findByClientOrderId('a', 0),
      session.order('O1'),
      session.fillsSince(0, WHOLE),
      session.openOrders(),
      session.cancel('O1'),
      session.takerFee(buy().market),
      session.keyInfo(),
    ]);

    expect(requests).toHaveLength(9);
    expect(requests.filter((request) => !request.path.startsWith('/0/private/'))).toEqual([]);
  });

  test('sends nothing when the lease is lost, and says so itself', async () => {
    const { url, requests } = await rawKraken(() => gives({}));
    const nonces = {
      next: () => {
        throw new LeaseLost('the lease is over');
      },
    };

    const reading = sessionAt(url, { nonces }).balances();

    await expect(reading).rejects.toBeInstanceOf(LeaseLost);
    expect(requests).toEqual([]);
  });

  test('that asks is repeated once on a new connection when the old one was already dead', async () => {
    const { url, requests } = await rawKraken((_, count) => (count === 2 ? 'RESET' : gives({})));
    const session = sessionAt(url);
    await session.balances();

    const balances = await session.balances();

    expect(balances).toEqual([]);
    expect(requests.map((request) => request.form['nonce'])).toEqual(['1', '2', '3']);
  });
});

test('accounts that work at the same time each use their own key, secret and nonces', async () => {
  const { url, requests } = await rawKraken(() => ({ body: '{"error":[],"result":{}}', afterMs: 2 }));
  const exchange = krakenExchange({ url, clock: clockAt(0) });
  const secretOf = (n: number): string => Buffer.from(`private key ${n}`).toString('base64');
  const sessions = Array.from({ length: 20 }, (_, n) =>
    sessionAtExchange(exchange, `u-${n}`, `key-${n}`, secretOf(n), n * 1000 + 1),
  );

  await Promise.all(sessions.flatMap((session) => [session.balances(), session.balances()]));

  for (let n = 0; n < 20; n++) {
    const own = requests.filter((request) => request.apiKey === `key-${n}`);
    expect(own.map((request) => request.form['nonce'])).toEqual([`${n * 1000 + 1}`, `${n * 1000 + 2}`]);
    for (const { path, form, body, signature: signed } of own) {
      expect(signed).toBe(signature(secretOf(n), path, form['nonce'] ?? '', body));
    }
  }
});

const sessionAtExchange = (
  exchange: ReturnType<typeof krakenExchange>,
  accountId: string,
  apiKey: string,
  apiSecret: string,
  firstNonce: number,
) =>
  exchange.session({
    accountId,
    credentials: { apiKey: new Secret(apiKey), apiSecret: new Secret(apiSecret) },
    nonces: counting(firstNonce),
    markets: [],
  });

test.each([
  'http://exchange.example.com',
  'ftp://127.0.0.1',
  'nonsense',
  '',
])('an address that would send keys in the clear or nowhere is refused (%s)', (url) => {
  const make = (): unknown => krakenExchange({ url, clock: clockAt(0) });

  expect(make).toThrow(/NIJA_EXCHANGE_URL_KRAKEN/);
});
