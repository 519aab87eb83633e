import type { DynamoDBRecord, DynamoDBStreamEvent, SQSEvent } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { ensureQueuePair } from '../../../infra/local/aws/sqs/queue-pair.ts';
import { Queues } from '../../../infra/local/aws/sqs/queues.ts';
import { openRows } from '../../../infra/local/state/rows.ts';
import { Lambda } from '../../../simulation/kernel/lambda.ts';
import type { Sim } from '../../../simulation/kernel/sim.ts';
import { startSimQueue } from '../../../simulation/kernel/sources/queue-source.ts';
import { startSimSchedule } from '../../../simulation/kernel/sources/schedule.ts';
import { type SimStreamOptions, startSimStream } from '../../../simulation/kernel/sources/stream-source.ts';
import { aSim, START } from './made.ts';

const NO_FAULTS = { recycled: 0, lostAnswer: 0, late: 0 };
const HOUR = 3_600_000;

/** Runs it as the one function there is; each call takes a second. */
const lambdaOf = (sim: Sim, name: string, handle: (event: never) => unknown): Lambda => {
  const lambda = new Lambda(sim, NO_FAULTS);
  lambda.deploy([
    {
      fn: {
        name,
        version: 'v1',
        timeoutMs: 60_000,
        create: (process) => async (event) => {
          await process.clock.sleep(1_000);
          return handle(event as never);
        },
      },
      share: 1,
    },
  ]);
  return lambda;
};

const aRecord = (key: string, number: number): DynamoDBRecord => ({
  eventName: 'INSERT',
  dynamodb: {
    Keys: { pk: { S: key } },
    SequenceNumber: String(number),
    NewImage: { n: { N: String(number) } },
  },
});

describe('a stream source', () => {
  const run = async (
    records: readonly DynamoDBRecord[],
    handle: (event: DynamoDBStreamEvent) => unknown,
    options: Partial<SimStreamOptions> = {},
  ) => {
    const sim = aSim();
    const batches: string[][] = [];
    const lambda = lambdaOf(sim, 'trade-copier', (event: DynamoDBStreamEvent) => {
      batches.push(event.Records.map(({ dynamodb }) => dynamodb?.SequenceNumber ?? ''));
      return handle(event);
    });
    const source = startSimStream({
      sim,
      lambda,
      functionName: 'trade-copier',
      stream: {
        since: (after) =>
          records.filter(({ dynamodb }) => Number(dynamodb?.SequenceNumber) > Number(after ?? 0)),
      },
      rates: { again: 0, late: 0 },
      ...options,
    });
    source.wake();
    await sim.run(sim.now() + 24 * HOUR);
    return { batches, waiting: source.waiting, trace: sim.trace.render() };
  };
  const records = Array.from({ length: 12 }, (_, index) => aRecord(`m-${index % 3}`, index + 1));

  it('delivers everything, of one key in order, different keys apart', async () => {
    const { batches, waiting } = await run(records, () => undefined, { batchSize: 2 });

    const order = batches.flat().map(Number);
    expect([...order].sort((a, b) => a - b)).toEqual(records.map((_, index) => index + 1));
    for (const key of [0, 1, 2]) {
      const ofKey = order.filter((number) => (number - 1) % 3 === key);
      expect(ofKey).toEqual([...ofKey].sort((a, b) => a - b));
    }
    expect([order.join() !== [...order].sort((a, b) => a - b).join(), waiting]).toEqual([true, 0]);
  });

  it('goes on from the record that a function says it did not manage', async () => {
    let failures = 2;
    const { batches } = await run(
      records.slice(0, 4),
      ({ Records }) => {
        if (failures === 0) return { batchItemFailures: [] };
        failures -= 1;
        return { batchItemFailures: [{ itemIdentifier: Records.at(-1)?.dynamodb?.SequenceNumber }] };
      },
      { shards: 1 },
    );

    expect(batches).toEqual([['1', '2', '3', '4'], ['4'], ['4']]);
  });

  it('halves a batch that fails until the bad record is alone, gives that up after its tries, and loses no other', async () => {
    const givenUp: object[] = [];
    const { batches } = await run(
      records.slice(0, 4),
      ({ Records }) => {
        if (Records.some(({ dynamodb }) => dynamodb?.SequenceNumber === '3')) throw new RangeError('bad');
      },
      { shards: 1, retry: { maxRetries: 2 }, onFailure: (record) => void givenUp.push(record) },
    );

    expect(batches).toEqual([['1', '2', '3', '4'], ['1', '2'], ['3', '4'], ['3'], ['3'], ['3'], ['4']]);
    expect(givenUp).toMatchObject([{ DDBStreamBatchInfo: { startSequenceNumber: '3', batchSize: 1 } }]);
  });

  it('gives up what is too old', async () => {
    const { batches, waiting } = await run(
      [aRecord('m-1', 1)],
      () => {
        throw new RangeError('bad');
      },
      { retry: { maxRecordAgeMs: 30_000 } },
    );

    expect(batches.length).toBeGreaterThan(3);
    expect(waiting).toBe(0);
  });

  it('delivers only what its filters let through', async () => {
    const { batches } = await run(records, () => undefined, {
      filters: [{ dynamodb: { NewImage: { n: { N: ['5'] } } } }],
    });

    expect(batches).toEqual([['5']]);
  });

  it('delivers again by chance', async () => {
    const { batches } = await run([aRecord('m-1', 1)], () => undefined, { rates: { again: 1, late: 1 } });

    expect(batches).toEqual([['1'], ['1']]);
  });
});

describe('a queue source', () => {
  const run = async (
    rates: { undelivered: number; undeleted: number; late: number },
    handle: (body: string, count: number) => void = () => {},
  ) => {
    const sim = aSim();
    const rows = openRows();
    const { queue, deadLetters } = ensureQueuePair(new Queues(sim.clock, rows), {
      name: 'copies',
      visibilityTimeoutMs: 360_000,
      maxReceiveCount: 3,
    });
    const bodies: string[] = [];
    const lambda = lambdaOf(sim, 'copy-worker', ({ Records }: SQSEvent) => {
      const body = Records[0]?.body ?? '';
      bodies.push(body);
      handle(body, bodies.filter((one) => one === body).length);
    });
    startSimQueue({ sim, lambda, functionName: 'copy-worker', queue, rates });
    sim.after(1, () => {
      for (const body of ['ann 1', 'ann 2', 'ben 1'])
        queue.send({ body, group: body.slice(0, 3), deduplicationId: body, sender: 'copier' });
    });
    // Far enough for every delivery.
    for (let turn = 0; turn < 100; turn += 1) await sim.run(sim.now() + HOUR / 20);
    rows.close();
    return { bodies, dead: deadLetters.counts().available, left: queue.counts() };
  };
  const QUIET = { undelivered: 0, undeleted: 0, late: 0 };

  it('delivers each message once when all is well, those of a group in order', async () => {
    const { bodies, left } = await run(QUIET);

    expect([...bodies].sort()).toEqual(['ann 1', 'ann 2', 'ben 1']);
    expect(bodies.indexOf('ann 1')).toBeLessThan(bodies.indexOf('ann 2'));
    expect(left).toEqual({ available: 0, inFlight: 0, delayed: 0 });
  });

  it('delivers what failed again when it is visible again, and nothing of its group before', async () => {
    const { bodies } = await run(QUIET, (body, count) => {
      if (body === 'ann 1' && count === 1) throw new RangeError('refused');
    });

    expect(bodies.filter((body) => body.startsWith('ann'))).toEqual(['ann 1', 'ann 1', 'ann 2']);
  });

  it('delivers again what was done and not deleted, until it goes to the dead letters', async () => {
    const { bodies, dead } = await run({ ...QUIET, undeleted: 1 });

    expect(bodies.filter((body) => body === 'ben 1')).toHaveLength(3);
    expect(dead).toBe(3);
  });

  it('loses no message that it received and did not deliver', async () => {
    const { bodies, dead } = await run({ ...QUIET, undelivered: 1 });

    expect([bodies, dead]).toEqual([[], 3]);
  });
});

describe('a schedule', () => {
  const run = async (rates: { twice: number; late: number }, hours = 1, stopAfter?: number) => {
    const sim = aSim();
    const seen: number[] = [];
    const lambda = lambdaOf(
      sim,
      'master-tick',
      ({ at }: { at: number }) => void seen.push((at - START) / 60_000),
    );
    const schedule = startSimSchedule({
      sim,
      lambda,
      name: 'tick of m-1',
      functionName: 'master-tick',
      rateMs: 15 * 60_000,
      startAt: START,
      input: (at) => ({ at }),
      rates,
    });
    if (stopAfter !== undefined) sim.after(stopAfter, () => schedule.stop());
    await sim.run(START + hours * HOUR - 1);
    return seen;
  };

  it('occurs at its rate with the time it was due', async () => {
    expect(await run({ twice: 0, late: 0 })).toEqual([0, 15, 30, 45]);
  });

  it('occurs twice, or late, by chance, and never less than once', async () => {
    const twice = await run({ twice: 1, late: 0 });
    const late = await run({ twice: 0, late: 1 });

    expect(twice.sort((a, b) => a - b)).toEqual([0, 0, 15, 15, 30, 30, 45, 45]);
    expect(late).toEqual([0, 15, 30, 45]);
  });

  it('does not occur any more once it is stopped', async () => {
    expect(await run({ twice: 0, late: 0 }, 2, 20 * 60_000)).toEqual([0, 15]);
  });
});
