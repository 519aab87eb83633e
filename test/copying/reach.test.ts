import { describe, expect, it } from 'vitest';
import { tradeIdOf } from '../../shared/copying/reach.ts';
import { type Cause, causeText } from '../../shared/order/order.ts';
import { BTC } from './made.ts';

const accountId = 'u-ann';

describe('the trade that an order was made for', () => {
  it.each([
    ['of a copy', { kind: 'copy', accountId, tradeId: 't"1' }, 't"1'],
    ['of an owed sale', { kind: 'owed', accountId, tradeId: 't-2', round: 3 }, 't-2'],
  ] satisfies readonly (readonly [string, Cause, string])[])('is that %s', (_, cause, tradeId) => {
    expect(tradeIdOf(causeText(cause))).toBe(tradeId);
  });

  it.each([
    ['an exit', causeText({ kind: 'exit', accountId, requestId: 'out', symbol: BTC, round: 1 })],
    [
      'a master’s tick',
      causeText({ kind: 'tick', accountId: 'm-a', tickId: 'now', symbol: BTC, side: 'BUY' }),
    ],
    ['what is no cause', 'stuck'],
    ['a cause that is not known', undefined],
  ])('is none of %s', (_, cause) => {
    expect(tradeIdOf(cause)).toBeUndefined();
  });
});
