import { describe, expect, it } from 'vitest';
import { SECOND } from '../../../shared/time/clock.ts';
import { openVenue, orderForm } from './exchange.ts';

describe('rate limits', () => {
  it('counts calls for each key, twice for history, and lets the counter run down with the clock', async () => {
    const { call, clock } = await openVenue();
    const errors: string[] = [];
    for (let count = 0; count < 8; count++) errors.push(...(await call('TradesHistory')).error);
    for (let count = 0; count < 4; count++) errors.push(...(await call('Balance')).error);

    const over = await call('Balance');
    clock.advance(SECOND);
    const later = await call('Balance');

    expect(errors).toEqual([]);
    expect(over.error).toEqual(['EAPI:Rate limit exceeded']);
    expect(later.error).toEqual([]);
  });

  it('counts no orders among the calls', async () => {
    const { call } = await openVenue({ balances: { USD: '1000000' } });
    for (let count = 0; count < 30; count++) await call('AddOrder', orderForm({ volume: '0.001' }));

    const balance = await call('Balance');

    expect(balance.error).toEqual([]);
  });

  it('makes quick cancels dear: the engine refuses after too many on one pair, and on that pair alone', async () => {
    const { call } = await openVenue({ balances: { USD: '1000000' } });
    const resting = (pair: string, price: string, volume: string) =>
      orderForm({ pair, ordertype: 'limit', price, volume, cl_ord_id: 'again' });
    const errors: string[] = [];
    for (let count = 0; count < 20; count++) {
      errors.push(...(await call('AddOrder', resting('XBTUSD', '40000', '0.001'))).error);
      errors.push(...(await call('CancelOrder', { cl_ord_id: 'again' })).error);
    }

    const refused = await call('AddOrder', resting('XBTUSD', '40000', '0.001'));
    const elsewhere = await call('AddOrder', orderForm({ pair: 'SOLUSD', volume: '1' }));

    expect(errors).toEqual([]);
    expect(refused.error).toEqual(['EOrder:Rate limit exceeded']);
    expect(elsewhere.error).toEqual([]);
  });

  it('limits public calls only when switched on', async () => {
    const strict = await openVenue({ rateLimits: { public: true } });
    const lenient = await openVenue();
    const errorsOf = async ({ publicly }: typeof strict) => {
      const errors: string[] = [];
      for (let count = 0; count < 10; count++) errors.push(...(await publicly('Time')).error);
      return new Set(errors);
    };

    expect(await errorsOf(strict)).toEqual(new Set(['EGeneral:Too many requests']));
    expect(await errorsOf(lenient)).toEqual(new Set());
  });
});
