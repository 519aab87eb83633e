import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { dynamoLedger } from '../../shared/ledger/dynamodb/ledger.ts';
import { type Channel, isFor, wordedFor, zChannel } from '../../shared/notification/channel.ts';
import { NOTICE_KINDS } from '../../shared/notification/notice.ts';
import { aCopy, anAccount, aTrade, START } from '../ledger/examples.ts';
import { type NotifyWorld, openNotifyWorld, SIGNING_KEY } from './notify-world.ts';
import { type Receiver, startReceiver } from './receiver.ts';

const account = fc.constantFrom('u-ann', 'u-bob', 'u-cho', 'm-apex');
const channel: fc.Arbitrary<Channel> = fc
  .record({
    id: fc.constant('ops'),
    kind: fc.constantFrom('webhook', 'slack', 'telegram'),
    accounts: fc.oneof(fc.constant('all' as const), fc.uniqueArray(account, { minLength: 1 })),
    least: fc.constantFrom('info', 'warning', 'urgent'),
    without: fc.uniqueArray(fc.constantFrom(...NOTICE_KINDS), { maxLength: 3 }),
  })
  .map((routing) => zChannel.parse(routing));
const kind = fc.constantFrom(...NOTICE_KINDS);

describe('a channel of some accounts', () => {
  test('never gets what is about another account, or for operators alone', () => {
    fc.assert(
      fc.property(
        channel,
        kind,
        fc.oneof(account, fc.constant('operators' as const)),
        (one, of, concerns) => {
          fc.pre(one.accounts !== 'all' && !one.accounts.includes(concerns));

          expect(isFor(one, { kind: of, concerns })).toBe(false);
        },
      ),
    );
  });

  test('gets what is about everyone as a channel of all does', () => {
    fc.assert(
      fc.property(channel, kind, (one, of) => {
        const everyone = { kind: of, concerns: 'everyone' as const };

        expect(isFor(one, everyone)).toBe(isFor({ ...one, accounts: 'all' }, everyone));
      }),
    );
  });
});

test("a channel of some accounts gets no operator's own words, and one of all does", () => {
  const notice = {
    cause: 'audit 1',
    kind: 'halted',
    concerns: 'everyone',
    at: START,
    reason: 'by ops',
    says: "ops halted all buying: u-bob's key leaked",
    toOwners: { reason: 'by the operators', says: 'all buying was halted' },
  } as const;

  const toAll = wordedFor({ accounts: 'all' }, notice);
  const toOwner = wordedFor({ accounts: ['u-ann'] }, notice);

  expect(toAll.says).toBe(notice.says);
  expect(toOwner.says).toBe('all buying was halted');
  expect(JSON.stringify(toOwner)).not.toContain('u-bob');
});

test('what a channel gets of urgent kinds it gets whatever it asks for at least', () => {
  fc.assert(
    fc.property(channel, kind, account, (one, of, concerns) => {
      const urgently = isFor({ ...one, least: 'urgent' }, { kind: of, concerns });

      if (urgently) expect(isFor(one, { kind: of, concerns })).toBe(true);
    }),
  );
});

describe('through the function', () => {
  let world: NotifyWorld;
  let ann: Receiver;
  let ops: Receiver;
  beforeAll(async () => {
    world = await openNotifyWorld();
  });
  afterAll(() => world.stop());
  beforeEach(async () => {
    [ann, ops] = [await startReceiver(), await startReceiver()];
  });
  afterEach(async () => {
    await ann.stop();
    await ops.stop();
  });

  test('each owner is told of his own account alone, and operators of all', async () => {
    world.open({ id: 'ann', kind: 'slack', accounts: ['u-ann'] }, { id: 'ops', kind: 'webhook' });
    await world.store('ann', { url: ann.url });
    await world.store('ops', { url: ops.url, signingKey: SIGNING_KEY });
    const { accounts, copies, control } = dynamoLedger(world.table);
    await accounts.register(anAccount());
    const outcome = { state: 'FAILED', reason: 'REJECTED', detail: 'no' } as const;
    for (const accountId of ['u-ann', 'u-bob'])
      await copies.create(aCopy({ accountId, trade: aTrade({ side: 'SELL' }), outcome, finishedAt: START }));
    const asked = { by: 'ops', why: 'lost phone', at: START };
    await control.setSwitch({ accountId: 'u-ann', switch: 'copyPaused', on: true, ...asked });

    await world.hear();
    await world.call({ flush: true, early: true });

    const toAnn = ann
      .bodies()
      .map(({ text }) => text)
      .join('\n');
    const toOps = ops
      .bodies()
      .map(({ text }) => text)
      .join('\n');
    expect(toAnn).toContain('u-ann');
    expect(toAnn).toContain('copyPaused of u-ann was switched on');
    expect(toAnn).not.toContain('u-bob');
    expect(toAnn).not.toContain('lost phone');
    expect(toOps).toContain('copyPaused of u-ann was switched on by ops: lost phone');
    expect(toOps).toContain('u-bob');
  });
});
