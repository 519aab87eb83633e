import { describe, expect, it } from 'vitest';
import { fingerprintOf, Secret } from '../../../shared/account/credentials.ts';
import { MINUTE } from '../../../shared/time/clock.ts';
import { stopsAreJustified, stopsFire } from '../../../simulation/invariants/stops.ts';
import type { Invariant } from '../../../simulation/world/world.ts';
import { copyOf, type Stub, SYMBOL, stubWorld } from './stub-world.ts';

/** One coin, bought at 100, where it is still; its stop is ten percent below what it cost. */
const held = async (invariant: Invariant, costBasis: string, protection: object = {}): Promise<Stub> => {
  const stub = await stubWorld(invariant);
  const order = { accountId: 'u-1', side: 'BUY', quantity: '1', cause: copyOf('u-1', 't-1') } as const;
  const apiKey = stub.world.members.find(({ accountId }) => accountId === 'u-1')?.apiKey ?? '';
  await stub.put('u-1', 'PROFILE', {
    kind: 'ACCOUNT',
    keyFingerprint: fingerprintOf(new Secret(apiKey)),
    protection: { enabled: true, stopLoss: '0.1', ...protection },
  });
  await stub.intend(order);
  await stub.place(order);
  const position = { kind: 'POSITION', accountId: 'u-1', symbol: SYMBOL, quantity: '1', costBasis };
  await stub.sim.run(stub.sim.now() + 2 * MINUTE);
  await stub.put('u-1', `POSITION#${SYMBOL}`, position);
  return stub;
};

const sells = async (stub: Stub, rule: string, numbers: object = {}): Promise<void> =>
  await stub.put('u-1', `PROTECTION#${rule}`, {
    kind: 'PROTECTION',
    accountId: 'u-1',
    symbol: SYMBOL,
    rule,
    state: 'RUNNING',
    numbers,
  });

describe('a position below its stop is sold', () => {
  const judged = async (stub: Stub, minutes: number): Promise<string | undefined> => {
    await stub.sim.run(stub.sim.now() + minutes * MINUTE);
    return await stub.said();
  };

  it('holds where it is above, has no stop, or a check is yet to come', async () => {
    expect(await judged(await held(stopsFire, '110'), 20)).toBeUndefined();
    expect(await judged(await held(stopsFire, '200', { stopLoss: null }), 20)).toBeUndefined();
    expect(await judged(await held(stopsFire, '200', { enabled: false }), 20)).toBeUndefined();
    expect(await judged(await held(stopsFire, '200'), 16)).toBeUndefined();
  });

  it('holds where it is being sold', async () => {
    const stub = await held(stopsFire, '200');

    await sells(stub, 'stop-loss');

    expect(await judged(stub, 20)).toBeUndefined();
  });

  it('tells one that nobody sells', async () => {
    expect(await judged(await held(stopsFire, '200'), 20)).toMatch(
      /SOL\/USD of u-1 has been below its stop for 20 minutes/,
    );
  });
});

describe('a protective sale has its reason', () => {
  it('holds below the stop, and for a loss that there is', async () => {
    const below = await held(stopsAreJustified, '200');
    const lost = await held(stopsAreJustified, '100');

    await sells(below, 'stop-loss');
    await sells(lost, 'daily-loss', { equity: '10400' });

    expect(await below.said()).toBeUndefined();
    expect(await lost.said()).toBeUndefined();
  });

  it('tells a stop that sells what has not fallen', async () => {
    const stub = await held(stopsAreJustified, '100');

    await sells(stub, 'stop-loss');

    expect(await stub.said()).toMatch(/sells at a bid of \S+, and its stop is 90\.0/);
  });

  it.each(['daily-loss', 'max-drawdown'])('tells a %s of money that is there', async (rule) => {
    const stub = await held(stopsAreJustified, '100');

    await sells(stub, rule, { equity: '0' });

    expect(await stub.said()).toMatch(/at an equity of 0, and by the books it is 10\d+\.\d+ at least/);
  });
});
