import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCopy } from '../../functions/copy-worker/copy-worker.ts';
import { createHandler } from '../../functions/trade-copier/handler.ts';
import { redriveTrades } from '../../functions/trade-copier/redrive.ts';
import {
  type RedrivePorts,
  type RedriveReport,
  type RedriveRequest,
  zRedriveInput,
} from '../../functions/trade-copier/redrive-contract.ts';
import { LOCAL_AWS_ACCOUNT, localAwsEnv } from '../../infra/local/aws/environment.ts';
import { invoke } from '../../infra/local/aws/lambda.ts';
import { receiptHandle } from '../../infra/local/aws/sqs/receipt.ts';
import { type LocalSqs, startSqs } from '../../infra/local/aws/sqs.ts';
import { VirtualClock } from '../../infra/local/clock/virtual-clock.ts';
import { QueueError, zCopyMessage } from '../../shared/copying/copy-message.ts';
import { jsonText } from '../../shared/copying/json-text.ts';
import { sqsCopyQueue } from '../../shared/copying/sqs/copy-queue.ts';
import type { Trade } from '../../shared/copying/trade.ts';
import { dynamoTrades } from '../../shared/ledger/dynamodb/trades.ts';
import { DAY, HOUR, iso, MINUTE, SECOND } from '../../shared/time/clock.ts';
import { BTC, NOON } from '../local/kraken/exchange.ts';
import { expectLedgerAsExchange, ordersAtExchange } from './books.ts';
import { bossTrade } from './causes.ts';
import { type Lab, openLab } from './lab.ts';

// The queue forgets what it was sent after five minutes of the same time that the trades have.
const clock = new VirtualClock(NOON);
let lab: Lab;
let sqs: LocalSqs;
beforeAll(async () => {
  lab = await openLab({ clock });
  sqs = await startSqs({ clock });
});
afterAll(async () => {
  await sqs.stop();
  await lab.stop();
});

const always = () => true;
let stages = 0;

/** A healthy master, its followers, a queue of its own, and the functions on both sides of that queue. */
const staged = async (followers: number) => {
  stages += 1;
  const masterId = `m-redriven-${stages}`;
  const queue = sqs.queues.create(`copies-${stages}.fifo`, { FifoQueue: 'true' });
  const env = {
    ...lab.env,
    ...localAwsEnv({ dynamodb: lab.env['AWS_ENDPOINT_URL_DYNAMODB'] ?? '', sqs: sqs.endpoint }),
    NIJA_COPY_QUEUE_URL: `${sqs.endpoint}/${LOCAL_AWS_ACCOUNT}/copies-${stages}.fifo`,
  };
  await lab.ledger.publishStatus({
    masterId,
    healthy: true,
    reason: 'ok',
    at: clock.now(),
    periodMs: DAY,
  });
  const join = async (registeredAt: number): Promise<string> =>
    (await lab.openAccount('user', { follows: masterId, registeredAt })).accountId;
  const users: string[] = [];
  for (let made = 0; made < followers; made += 1) users.push(await join(clock.now() - HOUR));
  const { ledger, log, meter } = lab.process();
  const ports: RedrivePorts = {
    accounts: ledger.accounts,
    copies: ledger.copies,
    trades: dynamoTrades(lab.table),
    queue: sqsCopyQueue(env, env.NIJA_COPY_QUEUE_URL),
    clock,
    log,
    meter,
  };
  return {
    masterId,
    users,
    join,
    queue,
    ports,
    env,
    redrive: async (
      request: Omit<RedriveRequest, 'masterId'>,
      changes: Partial<RedrivePorts> = {},
      mayGoOn: () => boolean = always,
    ): Promise<RedriveReport> =>
      await redriveTrades(zRedriveInput.parse({ masterId, ...request }), { ...ports, ...changes }, mayGoOn),
    /** In the ledger, as the master's tick leaves it; the stream never brought it to anybody. */
    publish: async (changes: Partial<Trade> = {}): Promise<Trade> => {
      const trade = bossTrade(clock.now(), { masterId, ...changes });
      await lab.ledger.recordExecution({
        accountId: masterId,
        symbol: trade.symbol,
        fills: [],
        position: { before: undefined, after: undefined },
        trade,
        at: clock.now(),
      });
      return trade;
    },
    /** Works off what the queue holds, in its order; gives how each copy ended. */
    work: async () => {
      const ended: string[] = [];
      for (let taken = queue.receive(1); taken.length > 0; taken = queue.receive(1)) {
        for (const delivered of taken) {
          const message = jsonText(zCopyMessage).parse(delivered.body);
          const outcome = await runCopy(message, lab.process());
          const how = outcome.state === 'FILLED' ? 'FILLED' : outcome.reason;
          ended.push(`${message.accountId} ${message.tradeId} ${how}`);
          queue.delete(receiptHandle(delivered));
        }
      }
      return ended;
    },
  };
};

const outcomeOf = async (accountId: string, { tradeId }: Trade) =>
  (await lab.ledger.copies.get(accountId, tradeId))?.outcome;

describe('trades that were given up', () => {
  it('are handed to every follower, oldest first, and reported one by one', async () => {
    const { masterId, users, publish, redrive, work } = await staged(2);
    const now = clock.now();
    const sold = await publish({ side: 'SELL', at: now });
    const bought = await publish({ at: now - 1 });

    const report = await redrive({ since: iso(now) });

    const counts = { followers: 2, missing: 2, unfinished: 0, sent: 2 };
    expect(report).toEqual({
      masterId,
      state: 'DONE',
      lookedAt: { since: iso(now - HOUR) },
      found: 2,
      trades: [
        { tradeId: bought.tradeId, symbol: BTC, side: 'BUY', at: iso(bought.at), ...counts },
        { tradeId: sold.tradeId, symbol: BTC, side: 'SELL', at: iso(sold.at), ...counts },
      ],
    });
    const worked = await work();
    for (const accountId of users) {
      expect(worked.filter((line) => line.startsWith(`${accountId} `))).toEqual([
        `${accountId} ${bought.tradeId} FILLED`,
        `${accountId} ${sold.tradeId} FILLED`,
      ]);
    }
  });

  it('are only looked at in a dry run', async () => {
    const { users, publish, redrive, ports, queue } = await staged(3);
    const trade = await publish();
    const [open = '', ended = ''] = users;
    for (const accountId of [open, ended])
      await ports.copies.create({ accountId, trade, createdAt: clock.now() });
    const copy = { accountId: ended, trade, createdAt: clock.now() };
    await lab.ledger.copies.finish(copy, { state: 'SKIPPED', reason: 'STALE', detail: 'old' }, clock.now());

    const report = await redrive({ since: iso(trade.at), dryRun: true });

    expect(report).toMatchObject({
      state: 'PLANNED',
      trades: [{ followers: 3, missing: 1, unfinished: 1, sent: 0 }],
    });
    expect(queue.counts().available).toBe(0);
    expect(await lab.ledger.copies.get(users[2] ?? '', trade.tradeId)).toBeUndefined();
  });

  it('are found although they were made up to an hour before they were published', async () => {
    const { publish, redrive } = await staged(1);
    await publish({ at: clock.now() - HOUR - SECOND });
    const late = await publish({ at: clock.now() - HOUR + MINUTE });

    const { trades } = await redrive({ since: iso(clock.now()), until: iso(clock.now() + SECOND) });

    expect(trades.map(({ tradeId }) => tradeId)).toEqual([late.tradeId]);
  });
});

describe('a redriven BUY', () => {
  it('that is late ends as STALE and places nothing', async () => {
    const { users, publish, redrive, work } = await staged(1);
    const trade = await publish();
    clock.advanceTo(clock.now() + 10 * MINUTE);

    await redrive({ since: iso(trade.at) });

    expect(await work()).toEqual([`${users[0]} ${trade.tradeId} STALE`]);
    expect(ordersAtExchange(lab, users[0] ?? '')).toEqual([]);
  });

  it('that was bought before it was given up is not bought again', async () => {
    const { users, publish, redrive, work } = await staged(1);
    const trade = await publish();
    await redrive({ since: iso(trade.at) });
    await work();
    clock.advanceTo(clock.now() + 10 * MINUTE);

    const report = await redrive({ since: iso(trade.at) });

    expect(report.trades).toMatchObject([{ missing: 0, unfinished: 0, sent: 0 }]);
    expect(await work()).toEqual([]);
    expect(ordersAtExchange(lab, users[0] ?? '')).toHaveLength(1);
  });
});

describe('a redriven SELL', () => {
  it('that is late still sells', async () => {
    const { users, publish, redrive, work } = await staged(1);
    const [accountId = ''] = users;
    await lab.givePosition(accountId, BTC, '0.02');
    const trade = await publish({ side: 'SELL' });
    clock.advanceTo(clock.now() + 5 * HOUR);

    await redrive({ since: iso(trade.at) });

    expect(await work()).toEqual([`${accountId} ${trade.tradeId} FILLED`]);
    expect(ordersAtExchange(lab, accountId)).toMatchObject([{ side: 'SELL', filled: '0.02' }]);
  });

  it('whose copy has ended does nothing, not even by a message that comes again', async () => {
    const { users, publish, redrive, work } = await staged(1);
    const [accountId = ''] = users;
    const trade = await publish({ side: 'SELL' });
    await redrive({ since: iso(trade.at) });
    expect(await work()).toEqual([`${accountId} ${trade.tradeId} NO_POSITION`]);
    await lab.givePosition(accountId, BTC, '0.02');
    clock.advanceTo(clock.now() + 10 * MINUTE);

    const report = await redrive({ since: iso(trade.at) });
    const message = { accountId, masterId: trade.masterId, tradeId: trade.tradeId };
    const again = await runCopy(message, lab.process());

    expect(report.trades).toMatchObject([{ missing: 0, unfinished: 0, sent: 0 }]);
    expect(again).toMatchObject({ reason: 'NO_POSITION' });
    expect(await work()).toEqual([]);
    expect(ordersAtExchange(lab, accountId)).toEqual([]);
  });

  it.each([
    ['within the five minutes that the queue remembers it, waits once', 0, 1],
    ['after them, waits twice', 6 * MINUTE, 2],
  ])('sent again %s, and sells once', async (_when, pauseMs, waiting) => {
    const { users, publish, redrive, work, queue } = await staged(1);
    const [accountId = ''] = users;
    await lab.givePosition(accountId, BTC, '0.02');
    const trade = await publish({ side: 'SELL' });
    await redrive({ since: iso(trade.at) });
    clock.advanceTo(clock.now() + pauseMs);

    const report = await redrive({ since: iso(trade.at) });

    expect(report.trades).toMatchObject([{ missing: 0, unfinished: 1, sent: 1 }]);
    expect(queue.counts().available).toBe(waiting);
    await work();
    expect(ordersAtExchange(lab, accountId)).toMatchObject([{ side: 'SELL', filled: '0.02' }]);
  });
});

describe('a user who began to follow after a trade', () => {
  it('gets no copy of it and keeps what it bought since', async () => {
    const { users, join, publish, redrive, work } = await staged(1);
    const trades = [await publish(), await publish({ side: 'SELL' })];
    clock.advanceTo(clock.now() + MINUTE);
    const newcomer = await join(clock.now());
    await lab.givePosition(newcomer, BTC, '0.02');

    const report = await redrive({ since: iso(trades[0]?.at ?? 0) });

    expect(report.trades).toMatchObject([
      { followers: 1, sent: 1 },
      { followers: 1, sent: 1 },
    ]);
    expect((await work()).every((line) => line.startsWith(`${users[0]} `))).toBe(true);
    for (const trade of trades) expect(await lab.ledger.copies.get(newcomer, trade.tradeId)).toBeUndefined();
    expect(ordersAtExchange(lab, newcomer)).toEqual([]);
  });
});

describe('a redrive', () => {
  it('that has no time left goes on with its next event, and does each trade once', async () => {
    const { publish, redrive } = await staged(1);
    const trades: Trade[] = [];
    for (let made = 0; made < 5; made += 1) trades.push(await publish({ at: clock.now() - (made % 2) }));
    // One moment for both: the clock goes on while this runs.
    const now = iso(clock.now());
    const done: string[] = [];
    const states: string[] = [];

    let request: RedriveRequest | undefined = { masterId: '', since: now, until: now };
    while (request !== undefined) {
      let asked = 0;
      const { masterId: _same, ...asks } = request;
      const report: RedriveReport = await redrive(asks, {}, () => {
        asked += 1;
        return asked <= 2;
      });
      done.push(...report.trades.map(({ tradeId }) => tradeId));
      states.push(report.state);
      request = report.next?.redrive;
    }

    expect(states).toEqual(['INCOMPLETE', 'INCOMPLETE', 'DONE']);
    expect(done).toHaveLength(5);
    expect(new Set(done)).toEqual(new Set(trades.map(({ tradeId }) => tradeId)));
  });

  it('without time for a single trade asks for the same again', async () => {
    const { masterId, publish, redrive } = await staged(1);
    await publish();
    const since = iso(clock.now());

    const report = await redrive({ since, dryRun: true }, {}, () => false);

    expect(report).toMatchObject({ state: 'PLANNED_IN_PART', found: 1, trades: [] });
    expect(report.why).toMatch(/ended after 0 followers/);
    expect(report.next).toEqual({ redrive: { masterId, since, dryRun: true } });
  });

  it('does at most a thousand trades at once', async () => {
    const { masterId, redrive } = await staged(0);
    const many = Array.from({ length: 1_001 }, () => bossTrade(clock.now(), { masterId }));

    const report = await redrive(
      { since: iso(clock.now()) },
      { trades: { list: async (_master, _range, limit) => many.slice(0, limit) } },
    );

    expect(report).toMatchObject({ state: 'INCOMPLETE', found: 1_000, why: expect.stringContaining('1000') });
    expect(report.trades).toHaveLength(1_000);
    expect(report.next?.redrive).toMatchObject({ after: many[999]?.tradeId, since: iso(many[999]?.at ?? 0) });
  });

  it('stops at a trade that fails, counts it, and goes on from there when asked again', async () => {
    const { masterId, users, publish, redrive, work } = await staged(1);
    const first = await publish({ side: 'SELL', at: clock.now() - 2 });
    const second = await publish({ side: 'SELL', at: clock.now() - 1 });
    let sends = 0;
    const failing = {
      send: async () => {
        sends += 1;
        if (sends > 1) throw new QueueError('the queue is away');
      },
    };
    const before = lab.lines.length;

    const report = await redrive({ since: iso(clock.now()) }, { queue: failing });

    expect(report).toMatchObject({ state: 'INCOMPLETE', found: 2, trades: [{ tradeId: first.tradeId }] });
    expect(report.why).toContain(`trade ${second.tradeId} could not be fanned out`);
    expect(report.why).toContain('the queue is away');
    const figures = lab.lines.slice(before).filter(({ level }) => level === 'metric');
    expect(figures).toMatchObject([
      { message: 'FanOutFailed', fields: { trade: second.tradeId, master: masterId, error: 'QueueError' } },
    ]);
    const { masterId: _same, ...next } = report.next?.redrive ?? { since: '' };
    expect(await redrive(next)).toMatchObject({
      state: 'DONE',
      trades: [{ tradeId: second.tradeId, missing: 0, unfinished: 1, sent: 1 }],
    });
    expect(await work()).toEqual([`${users[0]} ${second.tradeId} NO_POSITION`]);
    expect(await outcomeOf(users[0] ?? '', first)).toBeUndefined();
  });
});

describe('the handler, called by an operator', () => {
  const called = (env: Lab['env']) => async (event: unknown) => {
    const handler = createHandler({ ...lab.host, clock, env });
    return await invoke<unknown>({ name: 'trade-copier', handler, timeoutMs: 30_000 }, event);
  };

  it('redrives trades and answers the report', async () => {
    const { masterId, env, publish, queue, users } = await staged(1);
    const trade = await publish({ side: 'SELL' });

    const answer = await called(env)({ redrive: { masterId, since: iso(trade.at) } });

    expect(answer).toMatchObject({ state: 'DONE', found: 1, trades: [{ tradeId: trade.tradeId, sent: 1 }] });
    expect(queue.counts().available).toBe(1);
    await expectLedgerAsExchange(lab, users[0] ?? '', BTC, 'nothing was traded');
  });

  it('answers that nothing was found for a master without trades', async () => {
    const { env } = await staged(0);

    const answer = await called(env)({ redrive: { masterId: 'm-none', since: '2026-01-31T10:00:00Z' } });

    expect(answer).toMatchObject({ state: 'DONE', found: 0, trades: [] });
  });

  it.each([
    ['a user', { masterId: 'u-ann', since: '2026-01-31T10:00:00Z' }, /a master id looks like m-apex/],
    ['a time in words', { masterId: 'm-a', since: 'yesterday' }, /redrive\.since: is a moment like/],
    [
      'an end before the beginning',
      { masterId: 'm-a', since: '2026-01-31T10:00:00Z', until: '2026-01-31T09:00:00Z' },
      /redrive\.until: is before since/,
    ],
    ['a field that it does not know', { masterId: 'm-a', since: '2026-01-31T10:00:00Z', from: 1 }, /from/],
  ])('refuses %s, and says what is wrong', async (_what, redrive, reason) => {
    const { env } = await staged(0);

    await expect(called(env)({ redrive })).rejects.toThrow(reason);
  });
});
