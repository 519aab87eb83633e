import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cause, causeText, clientOrderIdOf } from '../../shared/order/order.ts';
import { BTC } from '../copying/made.ts';

const accountId = 'u-ann';
const copy: Cause = { kind: 'copy', accountId, tradeId: 't-1' };
const tick: Cause = { kind: 'tick', accountId: 'm-apex', tickId: '17', symbol: BTC, side: 'BUY' };
const exit: Cause = { kind: 'exit', accountId, requestId: 'out', symbol: BTC, round: 0 };
const owed: Cause = { kind: 'owed', accountId, tradeId: 't-1', round: 0 };
const protection: Cause = { kind: 'protection', accountId, exitId: 'stop-1', round: 0 };

describe('the id of an order', () => {
  it.each([
    ['a copy', copy, '["copy","u-ann","t-1"]'],
    ['a tick', tick, '["tick","m-apex","17","BTC/USD","BUY"]'],
    ['an exit', exit, '["exit","u-ann","out","BTC/USD",0]'],
    ['an owed sale', owed, '["owed","u-ann","t-1",0]'],
    ['a protective sale', protection, '["protection","u-ann","stop-1",0]'],
  ])('of %s stays what it is in every version: orders sent by the last one are looked up by it', (_of, cause, text) => {
    expect(causeText(cause)).toBe(text);
    expect(clientOrderIdOf(cause)).toBe(createHash('sha256').update(text).digest('hex').slice(0, 32));
  });

  it('is of a length that the exchange takes', () => {
    expect(clientOrderIdOf(copy)).toMatch(/^[0-9a-f]{32}$/);
  });

  it.each([
    ['account', copy, { accountId: 'u-bob' }],
    ['trade', copy, { tradeId: 't-2' }],
    ['tick', tick, { tickId: '18' }],
    ['symbol of a tick', tick, { symbol: 'ETH/USD' }],
    ['side', tick, { side: 'SELL' }],
    ['request', exit, { requestId: 'again' }],
    ['symbol of an exit', exit, { symbol: 'ETH/USD' }],
    ['round of an exit', exit, { round: 1 }],
    ['trade of an owed sale', owed, { tradeId: 't-2' }],
    ['round of an owed sale', owed, { round: 1 }],
    ['protective exit', protection, { exitId: 'stop-2' }],
    ['round of a protective exit', protection, { round: 1 }],
  ] as const)('is another one for another %s', (_what, cause, other) => {
    expect(clientOrderIdOf({ ...cause, ...other } as Cause)).not.toBe(clientOrderIdOf(cause));
  });

  it('is never shared by two trades, whatever their ids look like', () => {
    const ids = fc.record({ accountId: fc.string(), tradeId: fc.string() });
    fc.assert(
      fc.property(ids, ids, (a, b) => {
        const same = a.accountId === b.accountId && a.tradeId === b.tradeId;
        expect(causeText({ kind: 'copy', ...a }) === causeText({ kind: 'copy', ...b })).toBe(same);
      }),
    );
  });
});
