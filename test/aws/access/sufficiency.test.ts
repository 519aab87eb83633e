import { afterAll, beforeAll, expect, test } from 'vitest';
import { FUNCTION_NAMES } from '../../../infra/functions/specs.ts';
import { VirtualClock } from '../../../infra/local/clock/virtual-clock.ts';
import { localMarkets } from '../../../infra/local/markets.ts';
import { openAccount, register } from '../../../infra/local/owner/open-account.ts';
import { ownerOf } from '../../../infra/local/owner/owner.ts';
import { fixedPrice } from '../../../infra/local/prices/price-source.ts';
import { type Runtime, STAGE } from '../../../infra/local/runtime.ts';
import { LEAVER, MASTER_ID, STAYER, TICK_MS } from '../../../infra/local/scenario/cast.ts';
import { CheckRecord } from '../../../infra/local/scenario/check-record.ts';
import type { Evidence } from '../../../infra/local/scenario/evidence.ts';
import { FallingPrices } from '../../../infra/local/scenario/price-falls.ts';
import { play } from '../../../infra/local/scenario/run.ts';
import { openState, type StateFolder } from '../../../infra/local/state/state-folder.ts';
import { type MarketSymbol, marketSymbol } from '../../../shared/exchange/market.ts';
import { zChannel } from '../../../shared/notification/channel.ts';
import { DAY, HOUR } from '../../../shared/time/clock.ts';
import { type Receiver, startReceiver } from '../../notification/receiver.ts';
import { CHANNEL, deployed } from './deployed.ts';
import { grantText, isUsed, ledgerGrants } from './grants.ts';
import type { Relays } from './relay.ts';
import { bootRouted, relaysFor } from './routed-runtime.ts';

const SEED = 1;
/** From here on the seeded market moves enough for three trades of each side soon. */
const QUIET_CANDLES = 395;
const SOL = marketSymbol('SOL/USD');
const deployment = deployed(STAGE);

let relays: Relays;
let receiver: Receiver;
let state: StateFolder;
let clock: VirtualClock;
let runtime: Runtime;
let evidence: Evidence;

/** Market rules in the ledger are read from the exchange again after a day, by whoever meets them then. */
const letRulesAge = (): void => clock.advanceTo(clock.now() + DAY + HOUR);

/** Again, with another key. */
const renew = async (accountId: string, registration: object): Promise<void> => {
  await runtime.storeSecret(accountId, runtime.simulator.addKey({ accountId }));
  await register(runtime, accountId, registration);
};

const tick = async (): Promise<void> => {
  await runtime.call('master-tick', {
    accountId: MASTER_ID,
    scheduledAt: new Date(clock.now()).toISOString(),
  });
};

const control = async (request: object): Promise<void> => {
  await runtime.call('control', { by: 'operator', why: 'a test', ...request });
};

beforeAll(async () => {
  const markets = await localMarkets({ seed: SEED, candles: undefined });
  const from = markets.from + QUIET_CANDLES * TICK_MS;
  clock = new VirtualClock(from);
  state = await openState('throw-away', from);
  relays = await relaysFor(deployment);
  receiver = await startReceiver();
  const prices = new FallingPrices([...markets.prices, fixedPrice(SOL, '100')]);
  const checks = new CheckRecord();
  runtime = await bootRouted(relays, {
    state,
    clock,
    seed: SEED,
    simulator: { prices: prices.sources },
    onLine: (line) => checks.see(line),
    channels: [
      {
        channel: zChannel.parse(CHANNEL),
        address: { url: receiver.url, signingKey: 'a key of thirty-two characters or more' },
      },
    ],
  });

  // A strategy that trades, copies, a halt, a master that is lost, balances, exits.
  const played = await play(runtime, clock, {
    seed: SEED,
    users: 6,
    symbols: markets.symbols,
    from,
    prices,
    checks,
    bootMs: 0,
    searched: [],
    flushLogs: runtime.flushLogs,
    progress: () => undefined,
    stopping: new AbortController().signal,
    length: { least: 30, interludeAt: 25, most: 120 },
  });
  evidence = played.evidence;
  await afterwards(markets.symbols);
  await beTold();
});
afterAll(async () => {
  await runtime?.stop();
  await relays?.stop();
  await receiver?.stop();
  await state?.close();
});

/** What the demonstration does not do: new keys, switches, old market rules, trades of the
 * owner alone, and a trade that is fanned out again. */
const afterwards = async (symbols: readonly MarketSymbol[]): Promise<void> => {
  await control({ action: 'halt' });
  await control({ action: 'halt' });
  await control({ action: 'resume' });
  await runtime.call('control', { action: 'status' });
  await control({ action: 'exit-only', accountId: LEAVER });
  await control({ action: 'leave-exit-only', accountId: LEAVER });
  await control({ action: 'leave-exit-only', accountId: LEAVER });
  await control({ action: 'set-limits', accountId: LEAVER, limits: { maxOpenPositions: 7 } });
  await control({ action: 'set-symbols', accountId: LEAVER, denied: ['DOGE/USD'] });
  await runtime.call('control', { action: 'status', accountId: LEAVER });

  letRulesAge();
  await renew(MASTER_ID, { strategy: { name: 'manual', symbols, mode: 'live' } });
  letRulesAge();
  await renew(LEAVER, { follows: MASTER_ID });
  letRulesAge();
  await tick();
  await runtime.settle();

  // The owner sells what Nija never bought: there is no position, and that is checked, not written.
  runtime.simulator.deposit(MASTER_ID, 'SOL', '10');
  const owner = await ownerOf(MASTER_ID, runtime, clock);
  await owner.trade('SELL', SOL, '10', '0');
  await tick();
  await runtime.settle();

  const redrive = { masterId: MASTER_ID, since: new Date(clock.now() - HOUR).toISOString() };
  await runtime.call('trade-copier', { redrive });
  await runtime.settle();

  const copy = await lateCopy();
  letRulesAge();
  await runtime.call('copy-worker', { Records: [copy] });

  // Given up by the queue: the check of its account runs it again.
  await copyOf('t-left');
  letRulesAge();
  await runtime.call('check-dispatcher', {});
  await runtime.settle();

  letRulesAge();
  await runtime.call('balance', { accountId: STAYER });
  letRulesAge();
  await openAccount(runtime, { accountId: 'u-own', balances: { USD: '100', BTC: '0.1' } });
  await register(runtime, 'u-own');
  letRulesAge();
  await runtime.call('exit', { accountId: 'u-own', requestId: 'own-coins', scope: 'everything' });
  await openAccount(runtime, { accountId: 'u-adopts', balances: { BTC: '0.1' } });
  await register(runtime, 'u-adopts');
  letRulesAge();
  const asked = { accountId: 'u-adopts', symbol: 'BTC/USD', by: 'a test', why: 'to see what it needs' };
  const coins = { action: 'adopt', quantity: '0.1', costPerUnit: '20000', requestId: 'in', ...asked };
  await runtime.call('adopt', coins);
  await runtime.call('adopt', { action: 'release', requestId: 'out', ...asked });
  for (const query of ['overview', 'positions', 'events', 'equity', 'separation', 'doctor', 'distribution'])
    await runtime.call('view', { query });
  // It follows nobody: where nothing is found, it is looked whether the account is there.
  await runtime.call('view', { query: 'copies', accountId: 'u-own' });
  await runtime.call('dashboard', {});
  const month = new Date(clock.now()).toISOString().slice(0, 7);
  for (const accountId of [LEAVER, MASTER_ID])
    await runtime.call('statement', { accountId, month, profitShare: '0.2' });
};

/** Nobody's message was given up, and that is looked at, too. */
const beTold = async (): Promise<void> => {
  await runtime.settle();
  await runtime.call('notify', { flush: true, early: true });
  await runtime.call('notify', { undelivered: true });
};

/** A row for a purchase of before, which no message is about. */
const copyOf = async (tradeId: string): Promise<void> => {
  const trade = evidence.collected.trades.find(({ side }) => side === 'BUY');
  if (trade === undefined) throw new Error('the demonstration published no purchase');
  await runtime.ledger.copies.create({
    accountId: STAYER,
    trade: { ...trade, tradeId },
    createdAt: clock.now(),
  });
};

/** A message whose trade is one of yesterday, as the queue delivers it. */
const lateCopy = async (): Promise<object> => {
  const message = { accountId: STAYER, masterId: MASTER_ID, tradeId: 't-late' };
  await copyOf(message.tradeId);
  return {
    messageId: 'late',
    body: JSON.stringify(message),
    attributes: { MessageGroupId: STAYER },
    eventSource: 'aws:sqs',
  };
};

test('the demonstration did all there is to do', () => {
  const copies = evidence.collected.accounts.flatMap((account) => account.copies);
  const filled = copies.filter(({ outcome }) => outcome?.state === 'FILLED');

  expect(new Set(filled.map(({ trade }) => trade.side))).toEqual(new Set(['BUY', 'SELL']));
  expect(evidence.outage).toMatchObject({ plan: { state: 'PLANNED' }, exit: { state: 'FLAT' } });
  expect(evidence.deadLetters).toBe(0);
});

test('every function does its work with its own role, without one refusal', () => {
  expect(relays.refused).toEqual([]);
  expect([...new Set(relays.asked.map((asking) => asking.function))].sort()).toEqual(
    [...FUNCTION_NAMES].sort(),
  );
});

test('people were told of it', () => {
  const told = receiver.bodies().flatMap(({ notices }) => notices.map(({ kind }: { kind: string }) => kind));

  expect(told).toEqual(expect.arrayContaining(['halted', 'resumed', 'exit-begun', 'exit-ended', 'switched']));
});

test('secrets are read, and messages sent, by those alone who are for it', () => {
  const others = relays.asked.filter(({ action }) => !action.startsWith('dynamodb:'));

  expect([...new Set(others.map((asking) => `${asking.function} ${asking.action}`))].sort()).toEqual([
    'account-check secretsmanager:GetSecretValue',
    'adopt secretsmanager:GetSecretValue',
    'balance secretsmanager:GetSecretValue',
    'check-dispatcher sqs:SendMessage',
    'copy-worker secretsmanager:GetSecretValue',
    'exit secretsmanager:GetSecretValue',
    'master-tick secretsmanager:GetSecretValue',
    'notify secretsmanager:GetSecretValue',
    'register-master secretsmanager:GetSecretValue',
    'register-user secretsmanager:GetSecretValue',
    'trade-copier sqs:SendMessage',
    'view sqs:GetQueueAttributes',
  ]);
});

test('every grant of the ledger is used, or is there for a reason', () => {
  const unused = FUNCTION_NAMES.flatMap((name) => {
    const asked = relays.asked.filter((asking) => asking.function === name);
    return ledgerGrants(deployment.roles.policiesOf(deployment.named(name)))
      .filter((grant) => !isUsed(grant, asked))
      .map((grant) => grantText(name, grant));
  });

  const withReason = [
    // The check runs copies again, here one that is late: what the worker may need for one, it may need, too.
    'account-check BatchGetItem rate#*',
    'account-check GetItem control',
    'account-check GetItem runaway',
    'account-check PutItem runaway',
    'account-check UpdateItem rate#*',
    // Executions past Nija or missed.
    'adopt BatchGetItem u-*',
    // A first purchase of which a fee takes everything leaves no position; whoever records an order may meet one.
    'account-check ConditionCheckItem u-*',
    'adopt ConditionCheckItem u-*',
    'copy-worker ConditionCheckItem u-*',
    'exit ConditionCheckItem u-*',
    'master-tick ConditionCheckItem m-*',
    // One by one, where the batch of all that a copy is decided on could not be read.
    'copy-worker GetItem control',
    'copy-worker GetItem runaway',
    'copy-worker GetItem status#*',
    // The breaker over all accounts trips, and is cleared.
    'copy-worker PutItem runaway',
    'master-tick PutItem runaway',
    'control PutItem runaway',
  ];
  expect(unused.sort()).toEqual(withReason.sort());
});
