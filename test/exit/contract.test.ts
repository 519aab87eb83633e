import { describe, expect, it } from 'vitest';
import { marketSymbol } from '../../shared/exchange/market.ts';
import { concerns, zExitInput } from '../../shared/exit/exit-contract.ts';
import { closedOrder } from '../order/at-the-exchange.ts';

const asked = (facts: object = {}) => zExitInput.parse({ accountId: 'u-ann', ...facts });

describe('what an exit is asked for', () => {
  it('is, unless said otherwise, what is managed, and is done', () => {
    expect(asked()).toEqual({ accountId: 'u-ann', scope: 'managed', dryRun: false });
  });

  it.each(['a', 'A.b_c:d-9', 'x'.repeat(64)])('may have the id %s', (requestId) => {
    expect(asked({ requestId }).requestId).toBe(requestId);
  });

  it.each([
    [{ requestId: '' }],
    [{ requestId: 'x'.repeat(65) }],
    [{ requestId: 'a b' }],
    [{ requestId: ' a' }],
    [{ requestId: 'a/' }],
    [{ accountId: 'm-apex' }],
    [{ symbols: [] }],
    [{ scope: 'all' }],
    [{ dryrun: true }],
  ])('is refused as %j: a typo must sell nothing else', (facts) => {
    expect(zExitInput.safeParse({ accountId: 'u-ann', ...facts }).success).toBe(false);
  });
});

describe('an open order', () => {
  const [BTC, ETH] = ['BTC/USD', 'ETH/USD'].map(marketSymbol);
  if (BTC === undefined || ETH === undefined) throw new Error('two symbols');
  const order = closedOrder({ symbol: BTC, status: 'OPEN' });

  it.each([
    ['of a symbol that is sold', {}, [BTC], true],
    ['of another symbol', {}, [ETH], false],
    ['of any symbol, where everything is sold', { scope: 'everything' }, [ETH], true],
    [
      'of another symbol, where everything of some is sold',
      { scope: 'everything', symbols: [ETH] },
      [ETH],
      false,
    ],
    ['of one of these', { scope: 'everything', symbols: [BTC] }, [BTC], true],
  ])('%s is cancelled or left alone: %#', (_what, facts, targets, expected) => {
    expect(concerns(asked(facts), targets, order)).toBe(expected);
  });
});
