import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DispatchFailed, dispatchChecks } from '../../functions/check-dispatcher/check-dispatcher.ts';
import { createHandler } from '../../functions/check-dispatcher/handler.ts';
import { LOCAL_AWS_ACCOUNT, localAwsEnv } from '../../infra/local/aws/environment.ts';
import { invoke } from '../../infra/local/aws/lambda.ts';
import { type LocalSqs, startSqs } from '../../infra/local/aws/sqs.ts';
import type { CheckMessage, Unsent } from '../../shared/check/check-message.ts';
import { type Lab, openLab } from './lab.ts';

let lab: Lab;
let sqs: LocalSqs;
const SLOT = '2026-03-02T12:00:00Z';

beforeAll(async () => {
  lab = await openLab();
  sqs = await startSqs();
});
afterAll(async () => {
  await sqs.stop();
  await lab.stop();
});

/** A queue that keeps what it is given, and refuses what `refuses` says. */
const keptQueue = (refuses: (message: CheckMessage) => boolean = () => false) => {
  const sent: CheckMessage[] = [];
  return {
    sent,
    send: async (messages: readonly CheckMessage[]): Promise<readonly Unsent[]> => {
      sent.push(...messages.filter((message) => !refuses(message)));
      return messages.filter(refuses).map(({ accountId }) => ({ accountId, why: 'InternalError' }));
    },
  };
};

/** Accounts in pages, as the ledger gives them. */
const listing = (...pages: readonly (readonly string[])[]) => ({
  list: async function* () {
    yield* pages;
  },
});

const portsWith = (
  accounts: ReturnType<typeof listing>,
  queue: ReturnType<typeof keptQueue>,
): Parameters<typeof dispatchChecks>[1] => {
  const { clock, log, meter } = lab.process();
  return { accounts, queue, clock, log, meter };
};

const idsOf = (count: number, from = 0) => Array.from({ length: count }, (_, index) => `u-${from + index}`);
const always = () => true;

describe('a slot', () => {
  it('sends one message to each account of every page, with the slot', async () => {
    const queue = keptQueue();
    const pages = [idsOf(1_203), [], idsOf(7, 2_000)];

    const dispatch = await dispatchChecks({ slot: SLOT }, portsWith(listing(...pages), queue), always);

    expect(dispatch).toEqual({ slot: SLOT, accounts: 1_210 });
    expect(queue.sent).toEqual(pages.flat().map((accountId) => ({ accountId, slot: SLOT })));
  });

  it('is now where somebody sends none', async () => {
    const queue = keptQueue();

    const { slot } = await dispatchChecks({}, portsWith(listing(['u-1']), queue), always);

    expect(slot).toBe(new Date(lab.clock.now()).toISOString());
    expect(queue.sent).toEqual([{ accountId: 'u-1', slot }]);
  });

  it('without any account says so, because nothing else would tell it from one that was missed', async () => {
    const before = lab.lines.length;

    await dispatchChecks({ slot: SLOT }, portsWith(listing(), keptQueue()), always);

    expect(lab.lines.slice(before)).toContainEqual(
      expect.objectContaining({ level: 'metric', message: 'NoAccountToCheck' }),
    );
  });

  it('tries every account before it says which got no message', async () => {
    const queue = keptQueue(({ accountId }) => ['u-3', 'u-900'].includes(accountId));

    const failed = dispatchChecks({ slot: SLOT }, portsWith(listing(idsOf(1_000)), queue), always);

    await expect(failed).rejects.toThrow(DispatchFailed);
    await expect(failed).rejects.toThrow(
      /2 of 1000 accounts \(u-3: InternalError, u-900: InternalError\).*\(given slot '2026-03-02T12:00:00Z'\)$/,
    );
    expect(queue.sent).toHaveLength(998);
  });

  it('stops before the time of the function ends, and says how far it came', async () => {
    const queue = keptQueue();
    let looks = 0;
    const once = () => {
      looks += 1;
      return looks === 1;
    };

    const failed = dispatchChecks({ slot: SLOT }, portsWith(listing(idsOf(600)), queue), once);

    await expect(failed).rejects.toThrow('ended after 500 accounts');
    expect(queue.sent).toHaveLength(500);
  });
});

describe('the function', () => {
  const handlerOn = (queueName: string) =>
    createHandler({
      ...lab.host,
      env: {
        ...lab.env,
        ...localAwsEnv({
          dynamodb: lab.env['AWS_ENDPOINT_URL_DYNAMODB'] ?? '',
          secretsManager: lab.env['AWS_ENDPOINT_URL_SECRETS_MANAGER'] ?? '',
          sqs: sqs.endpoint,
        }),
        NIJA_CHECK_QUEUE_URL: `${sqs.endpoint}/${LOCAL_AWS_ACCOUNT}/${queueName}`,
      },
    });
  const run = async (queueName: string, event: unknown) =>
    await invoke({ name: 'check-dispatcher', handler: handlerOn(queueName), timeoutMs: 60_000 }, event);
  const FIFO = {
    FifoQueue: 'true',
    DeduplicationScope: 'messageGroup',
    FifoThroughputLimit: 'perMessageGroupId',
  };

  it('sends a group for each user, none to a master, and nothing twice for the same slot', async () => {
    const queue = sqs.queues.create('checks.fifo', FIFO);
    await lab.openAccount('master');
    const users: string[] = [];
    for (let made = 0; made < 23; made += 1) users.push((await lab.openAccount('user')).accountId);

    const first = await run('checks.fifo', { slot: SLOT });
    const again = await run('checks.fifo', { slot: SLOT });

    expect(first).toEqual({ slot: SLOT, accounts: 23 });
    expect(again).toEqual(first);
    expect(queue.counts().available).toBe(23);
    const received = Array.from({ length: 23 }, () => queue.receive(1)).flat();
    expect(received.map(({ body }) => JSON.parse(body).accountId).sort()).toEqual(users.sort());
  });

  it('sends again for the next slot', async () => {
    const queue = sqs.queues.create('next.fifo', FIFO);
    await run('next.fifo', { slot: SLOT });
    const before = queue.counts().available;

    await run('next.fifo', { slot: '2026-03-02T12:15:00Z' });

    expect(queue.counts().available).toBe(2 * before);
  });

  it('fails where the queue takes nothing, naming the cause', async () => {
    await expect(run('none.fifo', { slot: SLOT })).rejects.toThrow(/did not take the checks of 23 of 23/);
  });

  it('refuses what is no slot, naming the field', async () => {
    await expect(run('checks.fifo', { slot: 'noon' })).rejects.toThrow('slot: a slot looks like');
  });
});
