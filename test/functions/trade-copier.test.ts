import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHandler } from '../../functions/trade-copier/handler.ts';
import { FanOutUnfinished, fanOut, lookAtFanOut } from '../../functions/trade-copier/trade-copier.ts';
import { LOCAL_AWS_ACCOUNT, localAwsEnv } from '../../infra/local/aws/environment.ts';
import { invoke } from '../../infra/local/aws/lambda.ts';
import { type LocalSqs, startSqs } from '../../infra/local/aws/sqs.ts';
import type { Copy } from '../../shared/copying/copy.ts';
import { type CopyMessage, QueueError } from '../../shared/copying/copy-message.ts';
import type { Trade } from '../../shared/copying/trade.ts';
import { anAccount } from '../ledger/examples.ts';
import { bossTrade } from './causes.ts';
import { type Lab, openLab } from './lab.ts';
import { CrashError } from './mortality.ts';

let lab: Lab;
let sqs: LocalSqs;
beforeAll(async () => {
  lab = await openLab();
  sqs = await startSqs();
});
afterAll(async () => {
  await sqs.stop();
  await lab.stop();
});

let masters = 0;
/** A master of its own with some followers, and a trade of it. */
const followed = async (count: number) => {
  masters += 1;
  const masterId = `m-${masters}`;
  const followers: string[] = [];
  for (let made = 0; made < count; made += 1)
    followers.push((await lab.openAccount('user', { follows: masterId })).accountId);
  return { masterId, followers: followers.toSorted(), trade: bossTrade(lab.clock.now(), { masterId }) };
};

/** A queue that looks, at each message, whether its row is there already. */
const watchingQueue = () => {
  const sent: CopyMessage[] = [];
  const rowless: CopyMessage[] = [];
  return {
    sent,
    rowless,
    send: async (messages: readonly CopyMessage[]) => {
      for (const message of messages) {
        const row = await lab.ledger.copies.get(message.accountId, message.tradeId);
        (row === undefined ? rowless : sent).push(message);
      }
    },
  };
};

const portsWith = (queue: { send(messages: readonly CopyMessage[]): Promise<void> }) => {
  const { ledger, clock, log } = lab.process();
  return { accounts: ledger.accounts, copies: ledger.copies, queue, clock, log };
};

const accountsOf = (messages: readonly CopyMessage[]) =>
  messages.map(({ accountId }) => accountId).toSorted();

describe('a trade', () => {
  it('becomes one row and then one message for each follower, and for nobody else', async () => {
    const { followers, trade } = await followed(3);
    await followed(1);
    const queue = watchingQueue();

    const result = await fanOut(trade, portsWith(queue));

    expect(result).toEqual({ followers: 3, missing: 3, unfinished: 0, sent: 3 });
    expect(accountsOf(queue.sent)).toEqual(followers);
    expect(queue.rowless).toEqual([]);
    const [copy] = await lab.ledger.copies.list(followers[0] ?? '');
    expect(JSON.stringify(copy?.trade)).toBe(JSON.stringify(trade));
    expect(copy?.outcome).toBeUndefined();
  });

  it('that comes twice leaves the rows as they are, also those that have ended', async () => {
    const { followers, trade } = await followed(2);
    const queue = watchingQueue();
    await fanOut(trade, portsWith(queue));
    const [copy] = await lab.ledger.copies.list(followers[0] ?? '');
    if (copy === undefined) throw new Error('there is no copy');
    const outcome = { state: 'SKIPPED', reason: 'STALE', detail: 'too old' } as const;
    await lab.ledger.copies.finish(copy, outcome, lab.clock.now());

    const again = await fanOut(trade, portsWith(queue));

    expect(again).toEqual({ followers: 2, missing: 0, unfinished: 1, sent: 1 });
    expect(await lab.ledger.copies.list(followers[0] ?? '')).toMatchObject([{ outcome }]);
  });

  it('loses nobody where the process dies between rows and messages', async () => {
    const { followers, trade } = await followed(3);
    const dying = {
      send: async () => {
        throw new CrashError('before a message was sent');
      },
    };
    const queue = watchingQueue();

    await expect(fanOut(trade, portsWith(dying))).rejects.toThrow(CrashError);
    const again = await fanOut(trade, portsWith(queue));

    expect(again).toEqual({ followers: 3, missing: 0, unfinished: 3, sent: 3 });
    expect(accountsOf(queue.sent)).toEqual(followers);
  });

  it('sends no message where a row could not be written', async () => {
    const { trade } = await followed(2);
    const queue = watchingQueue();
    const ports = portsWith(queue);
    const copies = {
      ...ports.copies,
      create: async () => {
        throw new Error('the ledger is away');
      },
    };

    await expect(fanOut(trade, { ...ports, copies })).rejects.toThrow('the ledger is away');

    expect([...queue.sent, ...queue.rowless]).toEqual([]);
  });
});

describe('a trade of many followers', () => {
  /** As `followed`, without keys and exchange accounts. */
  const followedByMany = async (count: number) => {
    masters += 1;
    const masterId = `m-${masters}`;
    for (let made = 0; made < count; made += 1) {
      await lab.ledger.accounts.register(
        anAccount({
          accountId: `u-${masters}-${made}`,
          follows: masterId,
          keyFingerprint: `${masters}f${made}`.padStart(16, '0'),
          registeredAt: lab.clock.now(),
        }),
      );
    }
    return bossTrade(lab.clock.now(), { masterId });
  };

  /** Rows written, and messages sent, one list for each send. */
  const counting = () => {
    const ports = portsWith({ send: async (messages) => void sends.push(messages.length) });
    const sends: number[] = [];
    const writes: string[] = [];
    const copies = {
      ...ports.copies,
      create: async (copy: Copy) => {
        writes.push(copy.accountId);
        return await ports.copies.create(copy);
      },
    };
    return { ports: { ...ports, copies }, sends, writes };
  };

  const forSlices = (most: number) => {
    let asked = 0;
    return () => {
      asked += 1;
      return asked <= most;
    };
  };

  it('goes out by the hundred: the first wait for no others', async () => {
    const trade = await followedByMany(230);
    const { ports, sends } = counting();

    expect(await fanOut(trade, ports)).toEqual({ followers: 230, missing: 230, unfinished: 0, sent: 230 });

    expect(sends).toEqual([100, 100, 30]);
  });

  it('that ran out of time goes on behind the followers served, without writing their rows again', async () => {
    const trade = await followedByMany(230);
    const first = counting();
    const second = counting();

    await expect(fanOut(trade, first.ports, forSlices(2))).rejects.toThrow(FanOutUnfinished);
    const again = await fanOut(trade, second.ports);

    expect(first.sends).toEqual([100, 100]);
    expect(again).toEqual({ followers: 230, missing: 30, unfinished: 200, sent: 230 });
    // One look at each hundred that was served, and the thirty that were not.
    expect(second.writes).toHaveLength(2 + 30);
  });

  it('that comes again fills in whichever rows are missing and leaves out whose copy has ended', async () => {
    const trade = await followedByMany(120);
    const { ports } = counting();
    const have = [0, 3, 50, 119].map((index) => `u-${masters}-${index}`);
    for (const accountId of have) await lab.ledger.copies.create({ accountId, trade, createdAt: trade.at });
    const ended = { accountId: have[1] ?? '', trade, createdAt: trade.at };
    await lab.ledger.copies.finish(ended, { state: 'SKIPPED', reason: 'STALE', detail: 'old' }, trade.at);

    expect(await lookAtFanOut(trade, ports, () => true)).toEqual({
      followers: 120,
      missing: 116,
      unfinished: 3,
      sent: 0,
    });
    const total = await fanOut(trade, ports);

    expect(total.followers).toBe(120);
    expect(await lookAtFanOut(trade, ports, () => true)).toMatchObject({ missing: 0, unfinished: 119 });
  });

  it('tells no time at all from no follower at all', async () => {
    const trade = await followedByMany(1);
    const { ports, writes } = counting();

    await expect(fanOut(trade, ports, () => false)).rejects.toThrow(/ended after 0 followers/);

    expect(writes).toEqual([]);
    expect(await fanOut(bossTrade(trade.at, { masterId: 'm-alone' }), ports, () => false)).toMatchObject({
      followers: 0,
    });
  });
});

describe('who began to follow after a trade', () => {
  it('is left out, also where the account is older than the trade', async () => {
    const { masterId, followers, trade } = await followed(1);
    const later = { follows: masterId, registeredAt: trade.at + 1 };
    await lab.openAccount('user', later);
    await lab.openAccount('user', { follows: masterId, followsSince: trade.at + 1 });
    const queue = watchingQueue();

    expect(await fanOut(trade, portsWith(queue))).toMatchObject({ followers: 1, sent: 1 });

    expect(accountsOf(queue.sent)).toEqual(followers);
  });
});

/** Texts and numbers as a stream shows them; decimals are texts. */
const imageOf = (item: object): Record<string, { S: string } | { N: string }> =>
  Object.fromEntries(
    Object.entries(item).map(([field, value]) => [
      field,
      typeof value === 'number' ? { N: String(value) } : { S: String(value) },
    ]),
  );

describe('the handler', () => {
  const figuresFrom = (line: number) =>
    lab.lines
      .slice(line)
      .filter(({ level }) => level === 'metric')
      .map(({ message, fields }) => [message, fields]);
  /** What a stream delivers for a trade that was published. */
  const recordOf = (trade: Trade, SequenceNumber: string) => ({
    dynamodb: {
      SequenceNumber,
      NewImage: imageOf({
        ...trade,
        pk: trade.masterId,
        sk: `TRADE#${trade.tradeId}`,
        kind: 'TRADE',
      }),
    },
  });
  const queueNamed = (name: string) => {
    const queue = sqs.queues.create(name, { FifoQueue: 'true' });
    const env = {
      ...lab.env,
      ...localAwsEnv({ dynamodb: lab.env['AWS_ENDPOINT_URL_DYNAMODB'] ?? '', sqs: sqs.endpoint }),
      NIJA_COPY_QUEUE_URL: `${sqs.endpoint}/${LOCAL_AWS_ACCOUNT}/${name}`,
    };
    const handler = createHandler({ ...lab.host, env });
    return {
      queue,
      call: (event: unknown, timeoutMs = 30_000) =>
        invoke({ name: 'trade-copier', handler, timeoutMs }, event),
    };
  };

  it('sends the messages of all trades it was given', async () => {
    const { queue, call } = queueNamed('all.fifo');
    const one = await followed(2);
    const two = await followed(1);

    const answer = await call({ Records: [recordOf(one.trade, '1'), recordOf(two.trade, '2')] });

    expect(answer).toEqual({ batchItemFailures: [] });
    expect(queue.counts().available).toBe(3);
  });

  it('sends a message once although the stream delivers its trade twice', async () => {
    const { queue, call } = queueNamed('twice.fifo');
    const { trade } = await followed(2);

    await call({ Records: [recordOf(trade, '1'), recordOf(trade, '1')] });

    expect(queue.counts().available).toBe(2);
  });

  it('stops at the first trade that fails: nothing later goes out before it', async () => {
    const { queue, call } = queueNamed('stops.fifo');
    const good = await followed(1);
    const bad = await followed(1);
    const later = await followed(1);
    const damaged = recordOf(bad.trade, '2');
    damaged.dynamodb.NewImage['side'] = { S: 'HOLD' };
    const before = lab.lines.length;

    const answer = await call({ Records: [recordOf(good.trade, '1'), damaged, recordOf(later.trade, '3')] });

    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: '2' }] });
    expect(figuresFrom(before)).toMatchObject([
      ['TradePublished', { trade: good.trade.tradeId }],
      ['FanOutFailed', { sequence: '2', error: 'LedgerError' }],
    ]);
    expect(queue.counts().available).toBe(1);
    expect(await lab.ledger.copies.list(later.followers[0] ?? '')).toEqual([]);
  });

  it('gives a trade back, and counts it, while there is time to say so', async () => {
    const { queue, call } = queueNamed('late.fifo');
    const { masterId, trade } = await followed(1);
    const before = lab.lines.length;

    const answer = await call({ Records: [recordOf(trade, '5')] }, 7_000);

    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: '5' }] });
    expect(figuresFrom(before)).toMatchObject([
      [
        'FanOutFailed',
        { sequence: '5', trade: trade.tradeId, master: masterId, error: FanOutUnfinished.name },
      ],
    ]);
    expect(queue.counts().available).toBe(0);
  });

  it('gives the trade back where the queue takes no messages', async () => {
    const { call } = queueNamed('gone.fifo');
    const { trade, followers } = await followed(1);
    const handler = createHandler({
      ...lab.host,
      env: {
        ...lab.env,
        ...localAwsEnv({ dynamodb: lab.env['AWS_ENDPOINT_URL_DYNAMODB'] ?? '', sqs: sqs.endpoint }),
        NIJA_COPY_QUEUE_URL: `${sqs.endpoint}/${LOCAL_AWS_ACCOUNT}/none.fifo`,
      },
    });

    const failed = await invoke(
      { name: 'trade-copier', handler, timeoutMs: 30_000 },
      { Records: [recordOf(trade, '7')] },
    );
    const again = await call({ Records: [recordOf(trade, '7')] });

    expect(failed).toEqual({ batchItemFailures: [{ itemIdentifier: '7' }] });
    expect(again).toEqual({ batchItemFailures: [] });
    expect(await lab.ledger.copies.list(followers[0] ?? '')).toHaveLength(1);
    expect(lab.lines.some(({ fields }) => fields['error'] === QueueError.name)).toBe(true);
  });

  it('refuses an event that is neither of a stream nor a redrive, with the reasons of both', async () => {
    const { call } = queueNamed('wrong.fifo');

    const refused = call({ Records: [{ body: 'hello' }] });

    await expect(refused).rejects.toThrow(/\(Records\.0\.dynamodb: .*\) or \(.*redrive: /);
  });
});
