import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { dynamoLedger } from '../../shared/ledger/dynamodb/ledger.ts';
import { AddressError, type AddressedChannel, readAddress } from '../../shared/notification/address.ts';
import { zChannel } from '../../shared/notification/channel.ts';
import { HOUR } from '../../shared/time/clock.ts';
import { aCopy, aTrade, START } from '../ledger/examples.ts';
import { type NotifyWorld, openNotifyWorld, SIGNING_KEY } from './notify-world.ts';
import { type Answer, type Receiver, startReceiver } from './receiver.ts';

const URL_CANARY = 'canary-in-the-path-7f3a';
const TOKEN_CANARY = '123456789:canary-bot-token-9c1d';
const CHAT_CANARY = '-100987654321';
const CANARIES = [SIGNING_KEY, URL_CANARY, TOKEN_CANARY, CHAT_CANARY];

let world: NotifyWorld;
let receiver: Receiver;
beforeAll(async () => {
  world = await openNotifyWorld();
  receiver = await startReceiver();
  await world.store('hook', { url: `${receiver.url}/${URL_CANARY}`, signingKey: SIGNING_KEY });
  await world.store('slack', { url: `${receiver.url}/services/${URL_CANARY}` });
  await world.store('bot', { botToken: TOKEN_CANARY, chatId: CHAT_CANARY, apiUrl: receiver.url });
});
afterAll(async () => {
  await receiver.stop();
  await world.stop();
});
beforeEach(() => {
  world.open(
    { id: 'hook', kind: 'webhook' },
    { id: 'slack', kind: 'slack' },
    { id: 'bot', kind: 'telegram' },
  );
});
/** Nothing of one test is still on its way in the next. */
afterEach(async () => {
  receiver.answerAlways({ status: 200 });
  world.pass(2 * HOUR);
  await world.call({ flush: true, early: true });
  receiver.received.length = 0;
});

/** All that is kept or logged by now, and all that was sent, as it could be read by somebody. */
const everything = async (): Promise<string> => {
  const { Items } = await world.table.client.send(new ScanCommand({ TableName: world.table.table }));
  const bodies = receiver.received.map(({ body, headers }) => {
    const { chat_id: _addressed, ...rest } = JSON.parse(body);
    return { ...rest, headers };
  });
  return JSON.stringify([world.lines, Items, bodies]);
};

let trades = 0;
const somethingFails = async (): Promise<void> => {
  trades += 1;
  const outcome = { state: 'FAILED', reason: 'REJECTED', detail: 'no' } as const;
  const trade = aTrade({ tradeId: `t-${trades}`, side: 'SELL' });
  await dynamoLedger(world.table).copies.create(aCopy({ trade, outcome, finishedAt: START }));
  await world.hear();
};

describe('no key, token or address', () => {
  test.each<[string, Answer]>([
    ['are taken', { status: 200 }],
    ['are refused with an answer that repeats the request', { status: 403, body: JSON.stringify(CANARIES) }],
    ['fail', { status: 500, headers: { 'Retry-After': SIGNING_KEY }, body: TOKEN_CANARY }],
    ['are redirected', { status: 301, headers: { Location: `https://${URL_CANARY}.example/` } }],
    ['end in a hang-up', 'hangs-up'],
  ])('is logged, kept or sent where messages %s', async (_, answer) => {
    receiver.answerAlways(answer);

    await somethingFails();
    await world.call({ flush: true, early: true });
    world.pass(2 * HOUR);
    await world.call({ flush: true, early: true });
    const undelivered = await world.call({ undelivered: true });

    const seen = `${await everything()}${JSON.stringify(undelivered)}`;
    expect(receiver.received.length).toBeGreaterThanOrEqual(3);
    for (const canary of CANARIES) expect(seen).not.toContain(canary);
  });

  test('is told where nobody listens at the address', async () => {
    const gone = await startReceiver();
    await gone.stop();
    await world.store('gone', { url: `${gone.url}/${URL_CANARY}`, signingKey: SIGNING_KEY });
    world.open({ id: 'gone', kind: 'webhook' });

    await somethingFails();
    await world.call({ flush: true, early: true });

    expect(world.lines.at(-1)?.fields['why']).toBe('the connection failed (ECONNREFUSED)');
    expect(await everything()).not.toContain(URL_CANARY);
  });
});

test('each kind of channel is addressed as its owner has stored it', async () => {
  await somethingFails();
  await world.call({ flush: true, early: true });

  expect(receiver.received.map(({ path }) => path).sort()).toEqual(
    [`/${URL_CANARY}`, `/bot${TOKEN_CANARY}/sendMessage`, `/services/${URL_CANARY}`].sort(),
  );
  const telegram = receiver.received.find(({ path }) => path.startsWith('/bot'));
  expect(JSON.parse(telegram?.body ?? '{}')).toMatchObject({ chat_id: CHAT_CANARY, parse_mode: 'HTML' });
});

test('Telegram says in its body how long to wait, and is not asked before', async () => {
  world.open({ id: 'bot', kind: 'telegram' });
  receiver.answerNext({ status: 429, body: '{"ok":false,"parameters":{"retry_after":600}}' });

  await somethingFails();
  await world.call({ flush: true, early: true });
  world.pass(599_000);
  const early = await world.call({ flush: true });
  world.pass(2_000);

  expect(early).toMatchObject({ delivered: 0 });
  expect(await world.call({ flush: true })).toMatchObject({ delivered: 1 });
});

describe('an address', () => {
  const channelOf = (kind: 'webhook' | 'slack' | 'telegram'): AddressedChannel => {
    const channel = zChannel.parse({ id: 'ops', kind });
    if (channel.kind === 'email') throw new Error('it has no address');
    return channel;
  };
  const name = 'nija/prod/notify/ops';
  const read = (kind: 'webhook' | 'slack' | 'telegram', stored: unknown, runsHere = false) =>
    readAddress(typeof stored === 'string' ? stored : JSON.stringify(stored), channelOf(kind), {
      name,
      runsHere,
    });
  const key = SIGNING_KEY;

  test.each([
    ['webhook', { url: `https://example.com/${URL_CANARY}`, signingKey: key }],
    ['slack', { url: 'https://hooks.slack.com/services/T/B/x' }],
    ['telegram', { botToken: TOKEN_CANARY, chatId: '@channel_name' }],
  ] as const)('of a %s is read, and shows itself to nobody', (kind, stored) => {
    const address = read(kind, stored);

    expect(`${JSON.stringify(address)}${String(address.url)}`).not.toMatch(/https|canary/);
  });

  test.each([
    ['that is not encrypted on its way', 'slack', { url: `http://example.com/${URL_CANARY}` }],
    ['on this machine, in a deployment', 'slack', { url: `http://127.0.0.1:9001/${URL_CANARY}` }],
    ['with a password in it', 'slack', { url: `https://ann:${URL_CANARY}@example.com/` }],
    ['of another protocol', 'slack', { url: `file:///${URL_CANARY}` }],
    [
      'with a signing key that can be guessed',
      'webhook',
      { url: `https://x/${URL_CANARY}`, signingKey: 'short' },
    ],
    ['with more than belongs there', 'slack', { url: 'https://x/', [URL_CANARY]: 1 }],
    ['with a token that would change the path', 'telegram', { botToken: `../${URL_CANARY}/x`, chatId: '1' }],
    ['that is not JSON', 'slack', `https://${URL_CANARY}`],
    ['that is nothing', 'slack', ''],
  ] as const)('%s is refused without being repeated', (_, kind, stored) => {
    const refused = (): unknown => read(kind, stored);

    expect(refused).toThrow(AddressError);
    expect(refused).toThrow(/^the secret 'nija\/prod\/notify\/ops' of channel ops/);
    expect(refused).not.toThrow(URL_CANARY);
  });

  test('on this machine is taken in the local runtime', () => {
    expect(read('slack', { url: 'http://127.0.0.1:4600/' }, true).kind).toBe('slack');
  });
});
