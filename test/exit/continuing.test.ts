import { describe, expect, it } from 'vitest';
import { boundOf, unsold } from '../../shared/exit/continuing.ts';
import type { ExitRequest, ExitSymbolResult } from '../../shared/exit/exit-request.ts';
import type { Position } from '../../shared/ledger/position.ts';
import { quantity, quote } from '../../shared/money/money.ts';
import { BTC, NOON } from '../copying/made.ts';
import { aPosition } from '../ledger/examples.ts';
import { unasked } from '../order/at-the-exchange.ts';

const result = (changes: Partial<ExitSymbolResult> = {}): ExitSymbolResult => ({
  symbol: BTC,
  state: 'FAILED',
  quantity: quantity('0.5'),
  proceeds: quote('50'),
  fees: quote('0'),
  left: quantity('1.5'),
  detail: 'no',
  rounds: 1,
  ...changes,
});
const request = (changes: Partial<ExitRequest> = {}): ExitRequest => ({
  accountId: 'u-ann',
  requestId: 'out',
  scope: 'managed',
  state: 'RUNNING',
  results: [],
  requestedAt: NOON,
  version: 1,
  ...changes,
});
const bound = (position: Position | undefined, of = request(), earlier = result()) =>
  boundOf(of, earlier, { get: async () => position });

describe('an exit that goes on by itself', () => {
  it('goes on with what it named and did not sell, and with nothing else', () => {
    const states = ['SOLD', 'FLAT', 'DUST', 'STAKED', 'DELISTED', 'FAILED'] as const;

    const left = unsold(request({ results: states.map((state) => result({ state })) }));

    expect(left.map(({ state }) => state)).toEqual(['FAILED']);
  });

  it.each([
    ['is gone', undefined],
    ['is empty', aPosition({ quantity: quantity('0'), grewAt: NOON + 1 })],
    ['was opened before', aPosition({ openedAt: NOON - 1 })],
    ['grew last at the moment it was asked for', aPosition({ grewAt: NOON })],
  ])('sells all of a managed position that %s', async (_how, position) => {
    expect(await bound(position)).toEqual({ sells: 'all' });
  });

  it.each([
    ['has grown since', aPosition({ openedAt: NOON - 1, grewAt: NOON + 1 })],
    ['was opened since', aPosition({ openedAt: NOON + 1 })],
  ])('sells nothing more of a managed position that %s, and says what to do', async (_how, position) => {
    expect(await bound(position)).toEqual({
      sells: 'nothing',
      most: quantity('0.5'),
      because: expect.stringContaining('ask again'),
    });
  });

  it('of everything sells what the last try has shown as left, and asks no ledger', async () => {
    const everything = request({ scope: 'everything' });

    expect(await boundOf(everything, result(), { get: unasked })).toEqual({
      sells: 'at most',
      most: quantity('2'),
    });
  });

  it('of everything sells nothing where how much there was is not known', async () => {
    const none = result({ left: quantity('0') });

    expect(await boundOf(request({ scope: 'everything' }), none, { get: unasked })).toEqual({
      sells: 'nothing',
      most: quantity('0.5'),
      because: expect.stringContaining('was not known'),
    });
  });
});
