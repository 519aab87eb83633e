import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { MOST_ATTEMPTS } from '../../shared/notification/channel-state.ts';
import { post } from '../../shared/notification/http/post.ts';
import { HOUR, MINUTE, SECOND } from '../../shared/time/clock.ts';
import { type NotifyWorld, openNotifyWorld, SIGNING_KEY } from './notify-world.ts';
import { type Receiver, startReceiver } from './receiver.ts';

let world: NotifyWorld;
let receiver: Receiver;
let other: Receiver;
let channels = 0;
/** Channels of a test of its own. */
const named = (name: string) => `${name}-${channels}`;

beforeAll(async () => {
  world = await openNotifyWorld();
});
afterAll(() => world.stop());
beforeEach(async () => {
  channels += 1;
  [receiver, other] = [await startReceiver(), await startReceiver()];
});
afterEach(async () => {
  await receiver.stop();
  await other.stop();
});

const opened = async (): Promise<void> => {
  world.open({ id: named('a'), kind: 'webhook' });
  await world.store(named('a'), { url: `${receiver.url}/hook`, signingKey: SIGNING_KEY });
};
const testNow = () => world.call({ test: { by: 'ops' } });
const flush = () => world.call({ flush: true });

describe('a webhook', () => {
  test('gets JSON with everything in fields and as text, signed over time and body', async () => {
    await opened();

    const report = await testNow();

    const [got, ...more] = receiver.received;
    const [, t = '', v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(got?.headers['nija-signature'])) ?? [];
    expect(report).toMatchObject({ noted: 1, delivered: 1 });
    expect(more).toEqual([]);
    expect(got?.path).toBe('/hook');
    expect(v1).toBe(createHmac('sha256', SIGNING_KEY).update(`${t}.${got?.body}`).digest('hex'));
    expect(Number(t)).toBe(Math.floor(world.clock.now() / SECOND));
    expect(receiver.bodies()).toMatchObject([
      {
        id: got?.headers['nija-message'],
        stage: 'local',
        severity: 'info',
        text: expect.stringContaining('ops asked for it'),
        notices: [{ kind: 'test', count: 1, title: 'a test: notices arrive here' }],
      },
    ]);
  });

  test('that answers 2xx gets nothing again', async () => {
    await opened();
    receiver.answerNext({ status: 202 });

    await testNow();
    world.pass(HOUR);
    await flush();

    expect(receiver.received).toHaveLength(1);
  });

  test.each([
    ['500', { status: 500 }],
    ['503 and HTML', { status: 503, body: '<html>' }],
    ['429', { status: 429 }],
    ['408', { status: 408 }],
    ['no answer but a hang-up', 'hangs-up'],
  ] as const)('that answers %s gets the same message again, after a pause', async (_, answer) => {
    await opened();
    receiver.answerNext(answer);

    const first = await testNow();
    const tooEarly = await flush();
    world.pass(31 * SECOND);
    const second = await flush();

    expect(first).toMatchObject({ delivered: 0, postponed: 1, givenUp: 0 });
    expect(tooEarly).toMatchObject({ delivered: 0, postponed: 0 });
    expect(second).toMatchObject({ delivered: 1 });
    const [one, again] = receiver.received;
    expect(again?.body).toBe(one?.body);
    expect(again?.headers['nija-message']).toBe(one?.headers['nija-message']);
  });

  test('that does not answer in time is given up on, for now, and holds nobody for longer', async () => {
    await opened();
    receiver.answerNext('never');
    const impatient: typeof post = (request) => post({ ...request, timeoutMs: 50 });

    const report = await world.call({ test: { by: 'ops' } }, { post: impatient });

    expect(report).toMatchObject({ postponed: 1 });
    expect(world.lines.at(-1)).toMatchObject({ fields: { why: 'no answer within 50 ms' } });
  });

  test('that answers without an end is cut off', async () => {
    await opened();
    receiver.answerNext('endless');

    expect(await testNow()).toMatchObject({ delivered: 1 });
  });

  test.each([
    ['in seconds', '600'],
    ['as a date', 'later'],
  ])('that says %s how long to wait is not asked before', async (_, said) => {
    await opened();
    const until = new Date(world.clock.now() + 600 * SECOND).toUTCString();
    receiver.answerNext({ status: 503, headers: { 'Retry-After': said === 'later' ? until : said } });

    await testNow();
    world.pass(9 * MINUTE);
    const early = await flush();
    world.pass(2 * MINUTE);
    const late = await flush();

    expect(early).toMatchObject({ delivered: 0, postponed: 0 });
    expect(late).toMatchObject({ delivered: 1 });
  });

  test('that asks for a year is asked again within two hours', async () => {
    await opened();
    receiver.answerNext({ status: 429, headers: { 'Retry-After': '31536000' } });

    await testNow();
    world.pass(2 * HOUR);

    expect(await flush()).toMatchObject({ delivered: 1 });
  });

  test.each([
    ['404', { status: 404 }],
    ['401', { status: 401 }],
    ['a redirect, which is not followed', { status: 302, headers: { Location: 'http://127.0.0.1:1/' } }],
  ] as const)('that answers %s is not asked again: it is told by an alarm, and kept', async (_, answer) => {
    await opened();
    receiver.answerNext(answer);
    const before = world.metrics('NoticeUndelivered').length;

    const report = await testNow();
    world.pass(2 * HOUR);
    await flush();
    const kept = await world.call({ undelivered: true });

    expect(report).toMatchObject({ givenUp: 1, postponed: 0 });
    expect(receiver.received).toHaveLength(1);
    expect(world.metrics('NoticeUndelivered')).toHaveLength(before + 1);
    expect(kept).toMatchObject({
      undelivered: [
        {
          channel: named('a'),
          why: `the receiver answered ${answer.status}`,
          told: ['a test: notices arrive here'],
        },
      ],
    });
  });

  test('that is dead is tried less and less often, a bounded number of times, then given up', async () => {
    await opened();
    await receiver.stop();
    const pauses: number[] = [];
    await testNow();

    for (let waited = 0; pauses.length < MOST_ATTEMPTS - 1 && waited < 3 * HOUR; ) {
      world.pass(15 * SECOND);
      waited += 15 * SECOND;
      const { postponed, givenUp } = (await flush()) as { postponed: number; givenUp: number };
      if (postponed + givenUp === 0) continue;
      pauses.push(waited);
      waited = 0;
    }

    expect(pauses).toHaveLength(MOST_ATTEMPTS - 1);
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
    expect(pauses.reduce((sum, pause) => sum + pause, 0)).toBeLessThan(90 * MINUTE);
    expect(await world.call({ undelivered: true })).toMatchObject({
      undelivered: [{ why: expect.stringContaining(`(the last of ${MOST_ATTEMPTS} tries)`) }],
    });
    receiver = await startReceiver();
  });

  test('without an address in the vault is tried again, and says what to store', async () => {
    world.open({ id: named('nowhere'), kind: 'slack' });

    expect(await testNow()).toMatchObject({ postponed: 1 });
    expect(world.lines.at(-1)?.fields['why']).toContain(
      `store it as the secret 'nija/local/notify/${named('nowhere')}'`,
    );
  });
});

describe('several channels', () => {
  const two = async () => {
    world.open({ id: named('a'), kind: 'webhook' }, { id: named('b'), kind: 'webhook' });
    await world.store(named('a'), { url: receiver.url, signingKey: SIGNING_KEY });
    await world.store(named('b'), { url: other.url, signingKey: SIGNING_KEY });
  };

  test('do not wait for one that fails, hangs, or whose address is damaged', async () => {
    await two();
    receiver.answerAlways('never');
    const impatient: typeof post = (request) => post({ ...request, timeoutMs: 50 });

    const report = await world.call({ test: { by: 'ops' } }, { post: impatient });

    expect(report).toMatchObject({ delivered: 1, postponed: 1 });
    expect(other.received).toHaveLength(1);
  });

  test('get a test each, or the one that is named', async () => {
    await two();

    await world.call({ test: { by: 'ops', channel: named('b') } });

    expect(receiver.received).toHaveLength(0);
    expect(other.received).toHaveLength(1);
    await expect(world.call({ test: { by: 'ops', channel: 'c' } })).rejects.toThrow("(given 'c')");
  });
});

describe('e-mail', () => {
  test('is published to the topic of the channel, with a subject that SNS takes', async () => {
    const topicArn = 'arn:aws:sns:eu-central-1:111122223333:nija-local-notices-mail';
    world.open({ id: named('mail'), kind: 'email', topicArn });
    const published: {
      Subject?: string | undefined;
      Message?: string | undefined;
      TopicArn?: string | undefined;
    }[] = [];
    const topics = {
      send: async ({ input }: { readonly input: (typeof published)[number] }) => {
        published.push(input);
        return { $metadata: {} };
      },
    };

    await world.call({ test: { by: 'ops' } }, { topics });

    expect(published).toMatchObject([
      { TopicArn: topicArn, Subject: 'Nija local: a test: notices arrive here' },
    ]);
    expect(published[0]?.Subject).toMatch(/^[\x20-\x7e]{1,99}$/);
    expect(published[0]?.Message).toContain('ops asked for it');
  });

  test('that SNS does not take is tried again', async () => {
    world.open({ id: named('mail'), kind: 'email', topicArn: 'arn:aws:sns:eu-central-1:111122223333:x' });
    const topics = {
      send: async () => {
        throw Object.assign(new Error('with details'), { name: 'ThrottlingException' });
      },
    };

    expect(await world.call({ test: { by: 'ops' } }, { topics })).toMatchObject({ postponed: 1 });
    expect(world.lines.at(-1)?.fields['why']).toBe('SNS did not take it (ThrottlingException)');
  });
});

test('a change that cannot be read is told by a metric, and those beside it are told as ever', async () => {
  await opened();
  const before = world.metrics('NoticeUnread').length;
  const halt = {
    pk: { S: 'control' },
    sk: { S: 'AUDIT#halt#1' },
    kind: { S: 'AUDIT' },
    id: { S: named('halt') },
    subject: { S: 'halt' },
    switch: { S: 'halt' },
    before: { S: 'off' },
    after: { S: 'on' },
    by: { S: 'ops' },
    why: { S: 'odd' },
    at: { N: '1' },
  };
  const record = (NewImage: object) => ({
    eventSource: 'aws:dynamodb',
    dynamodb: { SequenceNumber: '1', NewImage },
  });
  const { by: _who, ...damaged } = halt;

  const report = await world.call({
    Records: [record(damaged), record({ kind: { S: 'TRADE' } }), record(halt)],
  });

  expect(report).toMatchObject({ noted: 1, delivered: 1 });
  expect(world.metrics('NoticeUnread')).toHaveLength(before + 1);
  expect(receiver.bodies()).toMatchObject([{ notices: [{ kind: 'halted' }] }]);
});

describe('alarms', () => {
  const alarm = (changes: object = {}) => ({
    Records: [
      {
        EventSource: 'aws:sns',
        Sns: {
          MessageId: 'message-1',
          Message: JSON.stringify({
            AlarmName: 'nija-local-exit-failed',
            AlarmDescription: 'An exit did not end flat. First: press it again.',
            NewStateValue: 'ALARM',
            NewStateReason: 'Threshold Crossed',
            StateChangeTime: '2026-11-20T12:00:00.000+0000',
            ...changes,
          }),
        },
      },
    ],
  });

  test('are told with what they mean and what to do first, once however often they are delivered', async () => {
    await opened();

    await world.call(alarm());
    await world.call(alarm());
    world.pass(21 * SECOND);
    await flush();

    expect(receiver.bodies()).toMatchObject([
      {
        notices: [
          {
            kind: 'alarm',
            count: 1,
            examples: [
              { says: 'nija-local-exit-failed: An exit did not end flat.', todo: 'press it again.' },
            ],
          },
        ],
      },
    ]);
  });

  test('that are over, and those of notices themselves, are not told', async () => {
    await opened();

    await world.call(alarm({ NewStateValue: 'OK' }));
    await world.call(alarm({ AlarmName: 'nija-local-notify-undelivered' }));
    await world.call({ flush: true, early: true });

    expect(receiver.received).toEqual([]);
  });

  test('that are none are told by a metric, and are in nobody’s way', async () => {
    await opened();
    const before = world.metrics('NoticeUnread').length;
    const odd = { EventSource: 'aws:sns', Sns: { MessageId: 'm', Message: 'hello' } };

    await world.call({
      Records: [odd, ...alarm({ StateChangeTime: '2026-11-20T13:00:00.000+0000' }).Records],
    });
    await world.call({ flush: true, early: true });

    expect(world.metrics('NoticeUnread')).toHaveLength(before + 1);
    expect(receiver.received).toHaveLength(1);
  });
});
