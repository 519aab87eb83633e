import { describe, expect, it } from 'vitest';
import { nobodyDelaysOthers } from '../../../simulation/invariants/delays.ts';
import { printedOnAws } from '../../../simulation/invariants/evidence/printed.ts';
import { independence } from '../../../simulation/invariants/independence.ts';
import { isolation } from '../../../simulation/invariants/isolation.ts';
import { nobodyQueuesForOthers } from '../../../simulation/invariants/queued.ts';
import { noSecretLeaks } from '../../../simulation/invariants/secrets.ts';
import type { Seen } from '../../../simulation/world/world.ts';
import { CANARY, copyItem, type Stub, stubWorld, tradeOf } from './stub-world.ts';

const EXIT = 'exit@v1.1';
const keyOf = ({ world }: Stub, accountId: string) =>
  world.members.find((member) => member.accountId === accountId) ?? { apiKey: '', ownKey: '' };

const begins = (stub: Stub, accountId: string, process = EXIT): void =>
  stub.see({ kind: 'invocation', process, fn: 'exit', event: { accountId } });

describe('accounts are never mixed', () => {
  it("holds for calls with the account's own key and secret", async () => {
    const stub = await stubWorld(isolation);

    begins(stub, 'u-1');
    stub.see({ kind: 'secret', process: EXIT, secretId: 'nija/simulated/user/u-1' });
    stub.see({ kind: 'sent', process: EXIT, apiKey: keyOf(stub, 'u-1').apiKey, endpoint: 'BalanceEx' });

    expect(await stub.said()).toBeUndefined();
  });

  it("tells a call with another account's key", async () => {
    const stub = await stubWorld(isolation);

    begins(stub, 'u-1');
    stub.see({ kind: 'sent', process: EXIT, apiKey: keyOf(stub, 'u-2').apiKey, endpoint: 'AddOrder' });

    expect(await stub.said()).toBe(
      'exit@v1.1 works for u-1 and asks the exchange for AddOrder with a key of u-2',
    );
  });

  it("tells a call with the owner's own key", async () => {
    const stub = await stubWorld(isolation);

    begins(stub, 'u-1');
    stub.see({ kind: 'sent', process: EXIT, apiKey: keyOf(stub, 'u-1').ownKey, endpoint: 'AddOrder' });

    expect(await stub.said()).toMatch(/with the own key of the owner of u-1/);
  });

  it("tells who reads another account's secret", async () => {
    const stub = await stubWorld(isolation);

    begins(stub, 'u-1');
    stub.see({ kind: 'secret', process: EXIT, secretId: 'nija/simulated/user/u-2' });

    expect(await stub.said()).toMatch(/works for u-1 and reads the secret nija\/simulated\/user\/u-2/);
  });
});

describe('users do not depend on the master', () => {
  const item = (process: string, pk: string, write = false): Seen => ({
    kind: 'item',
    process,
    pk,
    sk: 'X',
    write,
  });

  it.each([
    ['an exit that reads the published status', item(EXIT, 'status#m-1')],
    ['the copier that reads a trade', item('trade-copier@v1.1', 'm-1')],
    ['a tick of the master itself', item('master-tick@v1.1', 'm-1', true)],
  ])('holds for %s', async (_, seen) => {
    const stub = await stubWorld(independence);

    stub.see(seen);

    expect(await stub.said()).toBeUndefined();
  });

  it.each([
    ['an exit that reads the master', item(EXIT, 'm-1'), /reads m-1 \/ X, which is not of its plane/],
    ['a copy that writes the status', item('copy-worker@v1.1', 'status#m-1', true), /writes the status/],
    ['a tick that reads a user', item('master-tick@v1.1', 'u-1'), /reads u-1 \/ X/],
    [
      'an exit that reads a secret of the master',
      { kind: 'secret', process: EXIT, secretId: 'nija/simulated/master/m-1' } as const,
      /reads the secret nija\/simulated\/master\/m-1, which is not of its plane/,
    ],
  ])('tells %s', async (_, seen, says) => {
    const stub = await stubWorld(independence);

    stub.see(seen);

    expect(await stub.said()).toMatch(says);
  });
});

describe('no secret leaves the vault', () => {
  it('holds where none is seen', async () => {
    const stub = await stubWorld(noSecretLeaks);

    begins(stub, 'u-1');
    stub.log({ message: 'an exit' });
    await stub.put('u-1', 'X', { text: 'nothing' });

    expect(await stub.said()).toBeUndefined();
  });

  it.each<readonly [string, (stub: Stub) => unknown, RegExp]>([
    ['a log line', (stub) => stub.log({ fields: { why: `bad key ${CANARY}1` } }), /a log line of exit/],
    ['an item', (stub) => stub.put('u-1', 'X', { deep: [{ text: CANARY }] }), /the item u-1 \/ X/],
    [
      'a message',
      (stub) =>
        stub.see({ kind: 'invocation', process: EXIT, fn: 'exit', event: { Records: [{ body: CANARY }] } }),
      /the event of exit@v1\.1/,
    ],
    [
      'a message that came to nobody',
      (stub) => stub.see({ kind: 'message', process: EXIT, body: CANARY }),
      /a message that exit@v1\.1 sends/,
    ],
    [
      'an error',
      (stub) => stub.see({ kind: 'answer', process: EXIT, fn: 'exit', answer: { error: new Error(CANARY) } }),
      /the answer of exit@v1\.1/,
    ],
  ])('tells one in %s', async (_, leak, says) => {
    const stub = await stubWorld(noSecretLeaks);

    await leak(stub);

    expect(await stub.said()).toMatch(says);
  });
});

describe('what functions print on AWS', () => {
  const line = { at: '2026-01-05T12:00:00.000Z', function: 'exit', fields: { account: 'u-1', why: CANARY } };

  it('is known with all that a line or a figure says', () => {
    const printed = printedOnAws([
      { ...line, level: 'error', message: 'an exit failed' },
      { ...line, level: 'metric', message: 'ExitFailed' },
    ]);

    expect(printed).toContain('an exit failed');
    expect(printed).toContain('CloudWatchMetrics');
    expect(printed.split(CANARY).length - 1).toBe(2);
  });
});

describe('no account delays another', () => {
  const WORKER = 'copy-worker@v1.2';
  const copy = async (stub: Stub, ms: number, meanwhile: (stub: Stub) => void): Promise<void> => {
    const item = copyItem('u-1', tradeOf('t-1'), { createdAt: stub.sim.now() });
    await stub.put('u-1', 'COPY#t-1', item);
    begins(stub, 'u-1', WORKER);
    begins(stub, 'u-2', EXIT);
    meanwhile(stub);
    await stub.sim.run(stub.sim.now() + ms);
    await stub.put('u-1', 'COPY#t-1', { ...item, outcome: { state: 'SKIPPED' } });
  };

  it('holds for a copy that ends soon', async () => {
    const stub = await stubWorld(nobodyDelaysOthers);

    await copy(stub, 29_000, () => {});

    expect(await stub.said()).toBeUndefined();
  });

  it('tells one that waits while the process of another account dies', async () => {
    const stub = await stubWorld(nobodyDelaysOthers);

    await copy(stub, 31_000, ({ sim }) => sim.choices.take(`${EXIT}#3 store Put: killed`, sim.now()));

    expect(await stub.said()).toMatch(/the copy COPY#t-1 of u-1 took 31 s, and nothing befell u-1/);
  });

  it.each<readonly [string, (stub: Stub) => void]>([
    ['its own process died', ({ sim }) => sim.choices.take(`${WORKER}#3 store Put: killed`, sim.now())],
    ['something befell all', ({ sim }) => sim.choices.take('queue of copy-worker#2 late', sim.now())],
    [
      'its exchange was out',
      ({ world, sim }) =>
        world.told.push({ what: 'outage', scope: 'u-1', beganAt: sim.now(), endedAt: sim.now() + 60_000 }),
    ],
    ['it was exited meanwhile', (stub) => begins(stub, 'u-1', 'exit@v1.9')],
  ])('excuses one where %s', async (_, meanwhile) => {
    const stub = await stubWorld(nobodyDelaysOthers);

    await copy(stub, 31_000, meanwhile);

    expect(await stub.said()).toBeUndefined();
  });
});

describe('no account waits in the queue for another', () => {
  const comes = (stub: Stub, accountId: string, tradeId: string, sentAt: number, receivedAt: number): void =>
    stub.see({
      kind: 'invocation',
      process: `copy-worker@v1.${accountId}`,
      fn: 'copy-worker',
      event: {
        Records: [
          {
            messageId: `${accountId} ${tradeId}`,
            body: JSON.stringify({ accountId, tradeId }),
            attributes: {
              SentTimestamp: String(sentAt),
              ApproximateFirstReceiveTimestamp: String(receivedAt),
            },
          },
        ],
      },
    });
  const ends = (stub: Stub, accountId: string, result: object): void =>
    stub.see({
      kind: 'answer',
      process: `copy-worker@v1.${accountId}`,
      fn: 'copy-worker',
      answer: { result },
    });
  const DONE = { batchItemFailures: [] };
  const FAILED = { batchItemFailures: [{ itemIdentifier: 'a message' }] };

  it('tells a message that lay there while another account was worked for', async () => {
    const stub = await stubWorld(nobodyQueuesForOthers);
    const sentAt = stub.sim.now();

    comes(stub, 'u-1', 't-1', sentAt, sentAt);
    ends(stub, 'u-1', DONE);
    comes(stub, 'u-2', 't-1', sentAt, sentAt + 1_500);

    expect(await stub.said()).toMatch(
      /the copy of trade t-1 for u-2 lay in the queue for 1\.5 s, and nothing of u-2 was before it/,
    );
  });

  it('counts from the end of what was before it', async () => {
    const stub = await stubWorld(nobodyQueuesForOthers);
    const sentAt = stub.sim.now();

    comes(stub, 'u-1', 't-1', sentAt, sentAt);
    await stub.sim.run(sentAt + 9_000);
    ends(stub, 'u-1', DONE);
    comes(stub, 'u-1', 't-2', sentAt, sentAt + 9_100);
    ends(stub, 'u-1', DONE);
    comes(stub, 'u-1', 't-3', sentAt, sentAt + 10_500);

    expect(await stub.said()).toMatch(/trade t-3 for u-1 lay in the queue for 1\.5 s/);
  });

  it.each<readonly [string, (stub: Stub) => void]>([
    ['the one before it failed and comes again', (stub) => ends(stub, 'u-1', FAILED)],
    ['the one before it is worked on still', () => {}],
    [
      'the deletion of one was lost',
      (stub) => {
        ends(stub, 'u-1', DONE);
        stub.sim.choices.take('queue of copy-worker#3 deletion lost', stub.sim.now());
      },
    ],
    [
      'the answer to one never came to the queue',
      (stub) => {
        ends(stub, 'u-1', DONE);
        stub.sim.choices.take('copy-worker invocation#3 lost answer', stub.sim.now());
      },
    ],
    [
      'the answer to one never came to the queue',
      (stub) => {
        ends(stub, 'u-1', DONE);
        stub.sim.choices.take('copy-worker invocation#3 lost answer', stub.sim.now());
      },
    ],
  ])('says nothing where %s', async (_, then) => {
    const stub = await stubWorld(nobodyQueuesForOthers);
    const sentAt = stub.sim.now();

    comes(stub, 'u-1', 't-1', sentAt, sentAt);
    then(stub);
    comes(stub, 'u-1', 't-2', sentAt, sentAt + 360_000);

    expect(await stub.said()).toBeUndefined();
  });

  it('judges a message once, however often it comes', async () => {
    const stub = await stubWorld(nobodyQueuesForOthers);
    const sentAt = stub.sim.now();

    comes(stub, 'u-1', 't-1', sentAt, sentAt);
    ends(stub, 'u-1', DONE);
    comes(stub, 'u-1', 't-1', sentAt, sentAt + 700_000);

    expect(await stub.said()).toBeUndefined();
  });
});
