import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHandler as checker } from '../../functions/account-check/handler.ts';
import { readBalance } from '../../functions/balance/balance.ts';
import { runCopy } from '../../functions/copy-worker/copy-worker.ts';
import { runExit } from '../../functions/exit/exit.ts';
import { zExitInput } from '../../functions/exit/exit-contract.ts';
import { runTick } from '../../functions/master-tick/master-tick.ts';
import { invoke } from '../../infra/local/aws/lambda.ts';
import type { FaultSpec } from '../../infra/local/kraken/faults.ts';
import { attemptRead } from '../../shared/ledger/read.ts';
import { clientOrderIdOf } from '../../shared/order/order.ts';
import { FAILURES_TO_OPEN } from '../../shared/protection/circuit.ts';
import { MINUTE } from '../../shared/time/clock.ts';
import { BTC } from '../local/kraken/exchange.ts';
import { ordersAtExchange } from './books.ts';
import { bossIsHealthy, bossTrade, giveCopy } from './causes.ts';
import { type Lab, openLab } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.stop());
beforeEach(() => bossIsHealthy(lab));
afterEach(() => lab.simulator.faults.clear());

const BY_HAND = { name: 'manual', symbols: [BTC] };
const user = async (): Promise<string> => (await lab.openAccount('user')).accountId;
const fail = (accountId: string, spec: Partial<FaultSpec> = {}) =>
  lab.simulator.faults.inject({ kind: 'HTTP_5XX', accountId, times: Number.POSITIVE_INFINITY, ...spec });
/** How one copy ends, or that it stays open. */
const copyInto = async (accountId: string, side: 'BUY' | 'SELL' = 'BUY'): Promise<string> => {
  const trade = bossTrade(lab.clock.now(), { side });
  const message = await giveCopy(lab, accountId, trade);
  try {
    const outcome = await runCopy(message, lab.process());
    return outcome.state === 'FILLED' ? 'FILLED' : outcome.reason;
  } catch {
    return 'OPEN';
  }
};
const copies = async (accountId: string, count: number): Promise<readonly string[]> => {
  const ends: string[] = [];
  for (let index = 0; index < count; index += 1) ends.push(await copyInto(accountId));
  return ends;
};
const opened = async (): Promise<string> => {
  const accountId = await user();
  const fault = fail(accountId);
  await copies(accountId, FAILURES_TO_OPEN);
  fault.clear();
  return accountId;
};

describe('BUYs of an account whose exchange keeps failing', () => {
  it('are tried until it has failed so often in a row, then skipped without asking it', async () => {
    const accountId = await user();
    const fault = fail(accountId);
    const from = lab.lines.length;

    const ends = await copies(accountId, FAILURES_TO_OPEN + 2);
    const asked = fault.hits();
    const more = await copyInto(accountId);

    const tried = Array.from({ length: FAILURES_TO_OPEN }, () => 'OPEN');
    expect(ends).toEqual([...tried, 'EXCHANGE_FAILING', 'EXCHANGE_FAILING']);
    expect(more).toBe('EXCHANGE_FAILING');
    expect(fault.hits()).toBe(asked);
    const told = lab.lines.slice(from).filter(({ message }) => message.startsWith('Circuit'));
    expect(told).toMatchObject([{ fields: { account: accountId, code: 'UNAVAILABLE', openings: 1 } }]);
  });

  it('are tried again by one after a minute: where that fails the others wait twice as long', async () => {
    const accountId = await opened();
    const fault = fail(accountId);

    lab.clock.advance(MINUTE);
    const ends = await copies(accountId, 2);
    lab.clock.advance(MINUTE);
    const early = await copyInto(accountId);
    lab.clock.advance(MINUTE);
    fault.clear();
    const late = await copies(accountId, 2);

    expect(ends).toEqual(['OPEN', 'EXCHANGE_FAILING']);
    expect(early).toBe('EXCHANGE_FAILING');
    expect(late).toEqual(['FILLED', 'FILLED']);
    expect(await lab.ledger.circuits.get(accountId)).toMatchObject({ state: 'CLOSED', failures: 0 });
  });

  it('go on at once where a SELL shows that it answers again', async () => {
    const accountId = await opened();
    await lab.givePosition(accountId, BTC, '0.01');

    const ends = [await copyInto(accountId), await copyInto(accountId, 'SELL'), await copyInto(accountId)];

    expect(ends).toEqual(['EXCHANGE_FAILING', 'FILLED', 'FILLED']);
  });

  it('wait alone: other accounts buy', async () => {
    await opened();

    expect(await copyInto(await user())).toBe('FILLED');
  });

  it('begin to be counted anew with every answer', async () => {
    const accountId = await user();
    const fault = fail(accountId);
    await copies(accountId, FAILURES_TO_OPEN - 1);
    fault.clear();
    const well = await copyInto(accountId);
    fail(accountId);

    const ends = await copies(accountId, FAILURES_TO_OPEN);

    expect(well).toBe('FILLED');
    expect(ends).not.toContain('EXCHANGE_FAILING');
  });

  it('are not held back by what the exchange refuses', async () => {
    const accountId = await user();
    fail(accountId, { kind: 'ERROR_TEXT', text: 'EOrder:Insufficient funds', endpoint: 'AddOrder' });

    const ends = await copies(accountId, FAILURES_TO_OPEN + 1);

    expect(new Set(ends)).toEqual(new Set(['REJECTED']));
    expect(await lab.ledger.circuits.get(accountId)).toBeUndefined();
  });

  it('that are in doubt are looked up all the same', async () => {
    const accountId = await user();
    const trade = bossTrade(lab.clock.now());
    const message = await giveCopy(lab, accountId, trade);
    fail(accountId, { endpoint: 'AddOrder', accept: true, times: 1 });
    const lookUps = [
      fail(accountId, { endpoint: 'OpenOrders' }),
      fail(accountId, { endpoint: 'ClosedOrders' }),
    ];
    const ends: string[] = [];
    for (let index = 0; index < FAILURES_TO_OPEN; index += 1)
      ends.push(
        await runCopy(message, lab.process()).then(
          ({ state }) => state,
          () => 'OPEN',
        ),
      );
    const circuit = await lab.ledger.circuits.get(accountId);
    for (const lookUp of lookUps) lookUp.clear();

    const outcome = await runCopy(message, lab.process());

    const clientOrderId = clientOrderIdOf({ kind: 'copy', accountId, tradeId: trade.tradeId });
    expect(new Set(ends)).toEqual(new Set(['OPEN']));
    expect(circuit).toMatchObject({ state: 'OPEN' });
    expect(outcome).toMatchObject({ state: 'FILLED', clientOrderId });
    expect(ordersAtExchange(lab, accountId)).toHaveLength(1);
  });
});

describe('what else meets the exchange of an account', () => {
  const check = async (accountId: string) => {
    const fn = { name: 'account-check', handler: checker(lab.host), timeoutMs: 60_000 };
    await invoke<unknown>(fn, { accountId });
  };
  const exit = async (accountId: string) =>
    await attemptRead(() => runExit(zExitInput.parse({ accountId, scope: 'everything' }), lab.process()));
  const balance = async (accountId: string) => await readBalance(accountId, lab.process());
  const WAYS = [
    ['a check', check],
    ['an exit', exit],
    ['a balance', balance],
  ] as const;
  const circuitOf = async (accountId: string) => await lab.ledger.circuits.get(accountId);

  it.each(WAYS)('%s that fails counts, too, as often as a BUY does', async (_, meet) => {
    const accountId = await user();
    const fault = fail(accountId);

    for (let count = 0; count < FAILURES_TO_OPEN; count += 1) await meet(accountId);
    fault.clear();

    expect(await circuitOf(accountId)).toMatchObject({ state: 'OPEN', lastFailure: 'UNAVAILABLE' });
    expect(await copyInto(accountId)).toBe('EXCHANGE_FAILING');
  });

  it.each(WAYS)('%s that is answered ends the pause at once', async (_, meet) => {
    const accountId = await opened();

    await meet(accountId);

    expect(await circuitOf(accountId)).toMatchObject({ state: 'CLOSED', failures: 0 });
    expect(await copyInto(accountId)).toBe('FILLED');
  });

  it.each(WAYS)('%s writes nothing where all is well', async (_, meet) => {
    const accountId = await user();

    await meet(accountId);

    expect(await circuitOf(accountId)).toBeUndefined();
  });

  it.each(
    WAYS,
  )('%s that fails again tells that it still does, and leaves the pause as it is', async (_, meet) => {
    const accountId = await opened();
    const before = await circuitOf(accountId);
    const fault = fail(accountId);
    const from = lab.lines.length;

    await meet(accountId);
    fault.clear();

    const told = lab.lines.slice(from).filter(({ message }) => message.startsWith('Circuit'));
    expect(new Set(told.map(({ message }) => message))).toEqual(new Set(['CircuitStaysOpen']));
    expect(told[0]).toMatchObject({ fields: { account: accountId, openings: 1 } });
    expect(await circuitOf(accountId)).toEqual(before);
  });

  it('a refusal of the key is an answer: it is not the exchange that fails', async () => {
    const { accountId, apiKey } = await lab.openAccount('user');
    lab.simulator.revokeKey(apiKey);

    for (let count = 0; count < FAILURES_TO_OPEN; count += 1) await balance(accountId);

    expect(await circuitOf(accountId)).toBeUndefined();
  });

  it('a master is none: its circuit would stop nothing', async () => {
    const { accountId } = await lab.openAccount('master', { strategy: BY_HAND });
    fail(accountId);
    const scheduledAt = new Date(lab.clock.now()).toISOString();

    for (let count = 0; count < FAILURES_TO_OPEN; count += 1)
      await attemptRead(() => runTick({ accountId, scheduledAt, periodMs: MINUTE }, lab.process()));

    expect(await circuitOf(accountId)).toBeUndefined();
  });
});

describe('an exchange that fails', () => {
  it('refuses no SELL: each is tried, open or not', async () => {
    const accountId = await opened();
    await lab.givePosition(accountId, BTC, '0.01');
    const fault = fail(accountId);

    const ends = [await copyInto(accountId, 'SELL'), await copyInto(accountId, 'SELL')];

    expect(ends).toEqual(['OPEN', 'OPEN']);
    expect(fault.hits()).toBeGreaterThan(0);
  });

  it('costs no write where all is well', async () => {
    const accountId = await user();
    const ports = lab.process();
    const circuits = {
      get: async () => await Promise.reject(new Error('asked')),
      save: async () => await Promise.reject(new Error('written')),
    };
    const message = await giveCopy(lab, accountId, bossTrade(lab.clock.now()));
    const from = lab.lines.length;

    const outcome = await runCopy(message, { ...ports, ledger: { ...ports.ledger, circuits } });

    expect(outcome.state).toBe('FILLED');
    expect(lab.lines.slice(from).filter(({ level }) => level === 'warn')).toEqual([]);
  });

  it('hides nothing where its failure cannot be noted', async () => {
    const accountId = await user();
    fail(accountId);
    const ports = lab.process();
    const circuits = {
      ...ports.ledger.circuits,
      get: async () => await Promise.reject(new Error('the table timed out')),
    };
    const message = await giveCopy(lab, accountId, bossTrade(lab.clock.now()));

    const run = runCopy(message, { ...ports, ledger: { ...ports.ledger, circuits } });

    await expect(run).rejects.toMatchObject({ name: 'ExchangeError', code: 'UNAVAILABLE' });
    expect(lab.lines).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        message: 'how an exchange answers was not noted',
        fields: { account: accountId, why: 'the table timed out' },
      }),
    );
  });
});
