import { describe, expect, it } from 'vitest';
import { signatureOf, signingKey } from '../../../infra/local/kraken/authentication.ts';
import { MINUTE } from '../../../shared/time/clock.ts';
import { openVenue, orderForm, read, send } from './exchange.ts';

describe('authentication', () => {
  it("signs as the exchange's published example does", () => {
    const secret = 'kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg==';
    const body = 'nonce=1616492376594&ordertype=limit&pair=XBTUSD&price=37500&type=buy&volume=1.25';

    const signed = signatureOf(signingKey(secret), '/0/private/AddOrder', '1616492376594', body);

    expect(signed.toString('base64')).toBe(
      '4/dpxb3iT4tp/ZCVEwSnEsLxx0bqyhLpdfOpc6fn7OR8+UClSV5n9E6aSS8MPtnRfp32bAb0nmbRn6H8ndwLUQ==',
    );
  });

  it('accepts each nonce of a key once, and only rising ones', async () => {
    const { simulator, apiKey, apiSecret } = await openVenue();
    const balance = async (nonce: string) =>
      (await read(await send({ url: simulator.url, apiKey, apiSecret, endpoint: 'Balance', nonce }))).error;

    const answers = [await balance('20'), await balance('20'), await balance('19'), await balance('21')];

    expect(answers).toEqual([[], ['EAPI:Invalid nonce'], ['EAPI:Invalid nonce'], []]);
  });

  it('keeps nonces for each key apart, and refuses one beyond 64 bits', async () => {
    const { simulator, apiKey, apiSecret } = await openVenue();
    const second = simulator.addKey({ accountId: 'ann' });
    const with1 = { url: simulator.url, apiKey, apiSecret, endpoint: 'Balance' };
    const with2 = { url: simulator.url, endpoint: 'Balance', ...second };

    await send({ ...with1, nonce: '500' });
    const lower = await read(await send({ ...with2, nonce: '3' }));
    const beyond = await read(await send({ ...with1, nonce: '18446744073709551616' }));

    expect(lower.error).toEqual([]);
    expect(beyond.error).toEqual(['EAPI:Invalid nonce']);
  });

  it('refuses a wrong signature without using up the nonce, and an unknown or revoked key', async () => {
    const { simulator, apiKey, apiSecret } = await openVenue();
    const call = { url: simulator.url, apiKey, apiSecret, endpoint: 'Balance', nonce: '7' };
    const wrongSecret = Buffer.from('another').toString('base64');

    const forged = await read(await send({ ...call, apiSecret: wrongSecret }));
    const genuine = await read(await send(call));
    const unknown = await read(await send({ ...call, apiKey: 'nobody', nonce: '8' }));
    simulator.revokeKey(apiKey);
    const revoked = await read(await send({ ...call, nonce: '9' }));

    expect(forged.error).toEqual(['EAPI:Invalid signature']);
    expect(genuine.error).toEqual([]);
    expect(unknown.error).toEqual(['EAPI:Invalid key']);
    expect(revoked.error).toEqual(['EAPI:Invalid key']);
  });

  it('locks a key out for 15 minutes after repeated failures, whatever it sends meanwhile', async () => {
    const { simulator, clock, apiKey, apiSecret } = await openVenue({ lockoutAfter: 3 });
    const call = { url: simulator.url, apiKey, apiSecret, endpoint: 'Balance' };
    await send({ ...call, nonce: '100' });
    for (let attempt = 0; attempt < 3; attempt++) await send({ ...call, nonce: '1' });

    const locked = await read(await send({ ...call, nonce: '101' }));
    clock.advance(15 * MINUTE);
    const after = await read(await send({ ...call, nonce: '102' }));

    expect(locked.error).toEqual(['EGeneral:Temporary lockout']);
    expect(after.error).toEqual([]);
  });

  it('allows each key what its permissions say, and tells everybody what those are', async () => {
    const { call, simulator, apiKey } = await openVenue({ permissions: ['query-funds'] });

    const funds = await call('BalanceEx');
    const order = await call('AddOrder', orderForm());
    const trades = await call('TradesHistory');
    simulator.setPermissions(apiKey, ['modify-trades', 'withdraw-funds']);
    const later = await call('BalanceEx');
    const placed = await call('AddOrder', orderForm());
    const info = await call('GetApiKeyInfo');

    expect(funds.error).toEqual([]);
    for (const refused of [order, trades, later])
      expect(refused.error).toEqual(['EGeneral:Permission denied']);
    expect(placed.error).toEqual([]);
    expect(info.result).toMatchObject({ permissions: ['modify-trades', 'withdraw-funds'], api_key: apiKey });
  });

  it('names the fields of the key information in the other case on request', async () => {
    const { call, apiKey } = await openVenue({ keyInfoCase: 'camel' });

    const info = await call('GetApiKeyInfo');

    expect(info.result).toMatchObject({ apiKey, nonceWindow: 0, ipAllowlist: [] });
  });

  it('shows what the owner has set of a key, and does not know it any more after its end', async () => {
    const { call, apiKey, simulator, clock } = await openVenue();
    const validUntil = clock.now() + 60_000;
    simulator.setKeyTerms(apiKey, { nonceWindow: 7, ipAllowList: ['10.0.0.1'], validUntil });

    const info = await call('GetApiKeyInfo');
    clock.advance(59_999);
    const last = await call('GetApiKeyInfo');
    clock.advance(1);
    const after = await call('GetApiKeyInfo');

    expect(info.result).toMatchObject({
      nonce_window: 7,
      ip_allowlist: ['10.0.0.1'],
      valid_until: String(Math.floor(validUntil / 1000)),
    });
    expect(last.error).toEqual([]);
    expect(after.error).toEqual(['EAPI:Invalid key']);
  });

  it('answers an unknown method by its name for that', async () => {
    const { call, publicly } = await openVenue();

    const privately = await call('Withdraw');
    const openly = await publicly('Nothing');

    expect(privately.error).toEqual(['EGeneral:Unknown method']);
    expect(openly.error).toEqual(['EGeneral:Unknown method']);
  });
});
