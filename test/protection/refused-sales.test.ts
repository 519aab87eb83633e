import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runExit } from '../../functions/exit/exit.ts';
import { zExitInput } from '../../functions/exit/exit-contract.ts';
import { redriveWork } from '../../shared/copying/redrive-work.ts';
import { HOUR, MINUTE } from '../../shared/time/clock.ts';
import { ordersAtExchange } from '../functions/books.ts';
import { BTC } from '../local/kraken/exchange.ts';
import { openProtectedLab, type ProtectedLab } from './protected-lab.ts';

let lab: ProtectedLab;
beforeAll(async () => {
  lab = await openProtectedLab();
});
afterAll(() => lab.stop());
beforeEach(() => lab.simulator.faults.clear());

const refuse = (accountId: string) =>
  lab.simulator.faults.inject({
    kind: 'ERROR_TEXT',
    text: 'EGeneral:Permission denied',
    endpoint: 'AddOrder',
    accountId,
    times: Number.POSITIVE_INFINITY,
  });
const soldOf = (accountId: string) => ordersAtExchange(lab, accountId).map(({ filled }) => filled);
const exit = async (accountId: string) =>
  await runExit(zExitInput.parse({ accountId, requestId: 'away' }), lab.process());

/** How many orders the checks of a time send that are refused. */
const triesOf = async (
  fault: ReturnType<typeof refuse>,
  checks: number,
  apart: number,
  check: () => Promise<unknown>,
): Promise<number> => {
  const before = fault.hits();
  for (let count = 0; count < checks; count += 1) {
    lab.clock.advance(apart);
    await check();
  }
  return fault.hits() - before;
};

describe('a protective sale that the exchange refuses', () => {
  it('is tried a little more seldom, is told with each check, and is never given up', async () => {
    const accountId = await lab.user();
    await lab.hold(accountId, BTC, '0.02', '2000');
    const fault = refuse(accountId);
    const check = () => lab.protect(accountId);

    const told = await lab.toldBy(async () => {
      expect(await triesOf(fault, 2, MINUTE, check)).toBe(2);
      expect(await triesOf(fault, 14, 5 * MINUTE, check)).toBeLessThanOrEqual(5);
      expect(await triesOf(fault, 2, HOUR / 2, check)).toBe(2);
    });

    const failures = told.filter(({ message }) => message === 'ProtectionFailed');
    expect(failures).toHaveLength(18);
    fault.clear();
    lab.clock.advance(HOUR / 2);
    await check();
    expect(soldOf(accountId)).toEqual(['0.02']);
    expect(await lab.decisions(accountId)).toEqual(['stop-loss SOLD 0.02']);
  });

  it('does not keep an exit that its owner asks for from trying at once', async () => {
    const accountId = await lab.user();
    await lab.hold(accountId, BTC, '0.02', '2000');
    const fault = refuse(accountId);
    for (let checks = 0; checks < 4; checks += 1) {
      lab.clock.advance(HOUR);
      await lab.protect(accountId);
    }
    fault.clear();

    expect((await exit(accountId)).state).toBe('FLAT');
    expect(soldOf(accountId)).toEqual(['0.02']);
    expect(await lab.protect(accountId)).toEqual(['BTC/USD ENDED']);
  });
});

describe('an exit that the exchange refuses', () => {
  it('goes on by itself a little more seldom, and at once where it is asked for again', async () => {
    const accountId = await lab.user({ enabled: false });
    await lab.hold(accountId, BTC, '0.02', '2000');
    const fault = refuse(accountId);
    await exit(accountId);
    const goOn = () => redriveWork(accountId, { mayGoOn: () => true }, lab.process());

    expect(await triesOf(fault, 1, MINUTE, goOn)).toBe(1);
    expect(await triesOf(fault, 14, 5 * MINUTE, goOn)).toBeLessThanOrEqual(5);
    const before = fault.hits();
    expect((await exit(accountId)).results[0]?.detail).toContain('Permission denied');
    expect(fault.hits() - before).toBe(1);
    fault.clear();

    expect(await exit(accountId)).toMatchObject({ state: 'FLAT', results: [{ state: 'SOLD' }] });
  });
});
