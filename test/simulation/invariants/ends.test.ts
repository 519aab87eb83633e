import { describe, expect, it } from 'vitest';
import { keysAreGivenBack, queuesAreEmpty } from '../../../simulation/invariants/given-back.ts';
import { givenUpIsTold } from '../../../simulation/invariants/told.ts';
import { copyItem, type Stub, stubWorld, tradeOf } from './stub-world.ts';

const PROCESS = 'copy-worker@v1.1';
const BODY = JSON.stringify({ accountId: 'u-1', masterId: 'm-1', tradeId: 't-1' });

const begins = (stub: Stub): void =>
  stub.see({ kind: 'invocation', process: PROCESS, fn: 'copy-worker', event: { Records: [{ body: BODY }] } });
const answers = (stub: Stub): void =>
  stub.see({ kind: 'answer', process: PROCESS, fn: 'copy-worker', answer: { result: {} } });
const writes = async (stub: Stub, sk: string, fields: object): Promise<void> => {
  stub.see({ kind: 'item', process: PROCESS, pk: 'u-1', sk, write: true });
  await stub.put('u-1', sk, { ...fields });
};

describe('a key is given back', () => {
  const holds = async (faults: 'on' | 'off', released: boolean): Promise<string | undefined> => {
    const stub = await stubWorld(keysAreGivenBack);
    stub.sim.faults = faults;
    const lease = { kind: 'LEASE', accountId: 'u-1', lastNonce: 5 };
    const heldUntil = stub.sim.now() + 20_000;
    begins(stub);
    await writes(stub, 'LEASE#key', { ...lease, token: 'one', holder: 'copy t-1', heldUntil });
    if (released) await writes(stub, 'LEASE#key', lease);
    answers(stub);
    return await stub.said();
  };

  it('holds where it was, and where something may have befallen it', async () => {
    expect(await holds('off', true)).toBeUndefined();
    expect(await holds('on', false)).toBeUndefined();
  });

  it('tells who keeps it', async () => {
    expect(await holds('off', false)).toMatch(
      /copy-worker@v1\.1 has ended, and keeps the key of u-1 \(copy t-1\)/,
    );
  });
});

describe('no message is left', () => {
  it('holds for an empty queue', async () => {
    expect(await (await stubWorld(queuesAreEmpty)).said()).toBeUndefined();
  });

  it.each([{ available: 1 }, { inFlight: 1 }, { delayed: 1 }])('tells %o', async (counts) => {
    const stub = await stubWorld(queuesAreEmpty);

    stub.leave(counts);

    expect(await stub.said()).toMatch(/1 messages are left in copies/);
  });
});

describe('what is given up is told', () => {
  const sale = tradeOf('t-1', { side: 'SELL' });
  const FAILED = { outcome: { state: 'FAILED', reason: 'REJECTED', asked: '1' } };
  const OWED = { ...FAILED, owed: { since: 0, lastReason: 'because' } };
  const metric = (stub: Stub, message: string, trade = 't-1'): void =>
    stub.log({ level: 'metric', message, fields: { account: 'u-1', trade } });

  /** A worker ends a copy like that, and tells these figures before it answers. */
  const ends = async (how: object, told: readonly string[], answered = true): Promise<string | undefined> => {
    const stub = await stubWorld(givenUpIsTold);
    begins(stub);
    await stub.put('u-1', 'COPY#t-1', copyItem('u-1', sale));
    await writes(stub, 'COPY#t-1', copyItem('u-1', sale, { ...how }));
    for (const name of told) metric(stub, name);
    if (answered) answers(stub);
    return await stub.said();
  };

  it('holds where the figures of its alarms were told', async () => {
    expect(await ends(FAILED, ['CopyFailed'])).toBeUndefined();
    expect(await ends(OWED, ['CopyFailed', 'SaleOwed'])).toBeUndefined();
  });

  it('excuses who dies before it could', async () => {
    expect(await ends(FAILED, [], false)).toBeUndefined();
  });

  it('tells a failed copy that nobody hears of', async () => {
    expect(await ends(FAILED, ['CopySkipped'])).toMatch(
      /copy-worker@v1\.1 has given something up and answers: nobody told CopyFailed or CopyUnfinished of u-1 for t-1/,
    );
  });

  it('tells an owed sale that nobody hears of', async () => {
    expect(await ends(OWED, ['CopyFailed'])).toMatch(/nobody told SaleOwed or SaleStillOwed/);
  });

  it('does not take what was told before for it', async () => {
    const stub = await stubWorld(givenUpIsTold);
    metric(stub, 'CopyFailed');
    begins(stub);
    await stub.put('u-1', 'COPY#t-1', copyItem('u-1', sale));
    await writes(stub, 'COPY#t-1', copyItem('u-1', sale, FAILED));
    answers(stub);

    expect(await stub.said()).toMatch(/nobody told CopyFailed/);
  });

  it.each<readonly [string, object, RegExp]>([
    ['COPY#t-1', copyItem('u-1', sale, OWED), /a sale of SOL\/USD is owed, and nobody told SaleOwed/],
    [
      'EXIT#away',
      { kind: 'EXIT', accountId: 'u-1', requestId: 'away', state: 'RUNNING', requestedAt: 0, results: [] },
      /exit away goes on, and nobody told ExitFailed of u-1/,
    ],
    ['DRIFT#SOL', { kind: 'DRIFT', accountId: 'u-1', asset: 'SOL' }, /a drift of SOL is open/],
  ])('tells what is open in the end, and of which nobody heard: %s', async (sk, fields, says) => {
    const stub = await stubWorld(givenUpIsTold);

    await stub.put('u-1', sk, { ...fields });

    expect(await stub.said()).toMatch(says);
  });

  it('holds where somebody heard of it', async () => {
    const stub = await stubWorld(givenUpIsTold);

    await stub.put('u-1', 'COPY#t-1', copyItem('u-1', sale, OWED));
    metric(stub, 'SaleStillOwed');

    expect(await stub.said()).toBeUndefined();
  });
});
