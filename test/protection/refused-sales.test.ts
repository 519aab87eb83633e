import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runCopy } from '../../functions/copy-worker/copy-worker.ts';
import { runExit } from '../../functions/exit/exit.ts';
import { zExitInput } from '../../functions/exit/exit-contract.ts';
import { redriveWork } from '../../shared/copying/redrive-work.ts';
import { fraction } from '../../shared/money/money.ts';
import { DAY, HOUR, MINUTE } from '../../shared/time/clock.ts';
import { ordersAtExchange } from '../functions/books.ts';
import { bossTrade, giveCopy } from '../functions/causes.ts';
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
    const goOn = () =>
      redriveWork(accountId, { mayGoOn: () => true, patienceMs: () => 20_000 }, lab.process());

    expect(await triesOf(fault, 1, MINUTE, goOn)).toBe(1);
    expect(await triesOf(fault, 14, 5 * MINUTE, goOn)).toBeLessThanOrEqual(5);
    const before = fault.hits();
    expect((await exit(accountId)).results[0]?.detail).toContain('Permission denied');
    expect(fault.hits() - before).toBe(1);
    fault.clear();

    expect(await exit(accountId)).toMatchObject({ state: 'FLAT', results: [{ state: 'SOLD' }] });
  });
});

describe('a sale of all that is held which the exchange itself calls too little', () => {
  /** The market rules that are known say otherwise. */
  const raiseMinimum = (order: string) => lab.simulator.setMinimums(BTC, { order, cost: '0.5' });
  afterEach(() => lab.simulator.setMinimums(BTC, undefined));
  const refusalsOf = (accountId: string): number =>
    lab.lines
      .filter(({ message }) => message === 'the exchange rejected an order')
      .filter((line) => JSON.stringify(line).includes(`"${accountId}"`)).length;
  const REFUSED = /BELOW_MINIMUM.*Order minimum not met/;

  it('ends an exit as dust, with what the exchange said', async () => {
    const accountId = await lab.user({ enabled: false });
    await lab.hold(accountId, BTC, '0.02', '2000');
    raiseMinimum('0.03');

    const report = await exit(accountId);

    expect(report).toMatchObject({ state: 'FLAT', results: [{ state: 'DUST' }] });
    expect(report.results[0]?.detail).toMatch(REFUSED);
    expect(report.results[0]?.left.toFixed()).toBe('0.02');
  });

  it('ends a protective sale as dust, which fires again a day later, or where there is more', async () => {
    const accountId = await lab.user();
    await lab.hold(accountId, BTC, '0.02', '2000');
    raiseMinimum('0.03');

    await lab.protect(accountId);
    lab.clock.advance(15 * MINUTE);
    const next = await lab.protect(accountId);
    const refused = refusalsOf(accountId);
    lab.simulator.setMinimums(BTC, undefined);
    lab.clock.advance(DAY);
    await lab.protect(accountId);

    expect(next).toEqual(['BTC/USD HELD NOTHING_SELLABLE']);
    expect(refused).toBe(1);
    expect(await lab.decisions(accountId)).toEqual(['stop-loss DUST 0', 'stop-loss SOLD 0.02']);
  });

  it('is tried again where it was only a part of it', async () => {
    const accountId = await lab.user({ stopLoss: null, takeProfit: [{ at: '0.1', sell: '0.5' }] });
    await lab.hold(accountId, BTC, '0.02', '500');
    raiseMinimum('0.015');

    await lab.protect(accountId);

    expect(await lab.decisions(accountId)).toEqual(['take-profit 0.1 RUNNING 0']);
  });

  it.each([
    ['1', { state: 'MADE_GOOD', by: 'DUST', detail: expect.stringMatching(REFUSED) }],
    ['0.5', { state: 'STILL_OWED' }],
  ])('ends what is owed as dust where that is the whole position (share %s)', async (share, ended) => {
    const accountId = await lab.user({ enabled: false });
    await lab.hold(accountId, BTC, '0.02', '2000');
    raiseMinimum('0.03');
    const trade = bossTrade(lab.clock.now(), { side: 'SELL', soldFraction: fraction(share) });
    await runCopy(await giveCopy(lab, accountId, trade), lab.process());

    const { sales } = await redriveWork(
      accountId,
      { mayGoOn: () => true, patienceMs: () => 20_000 },
      lab.process(),
    );

    expect(sales).toMatchObject([ended]);
  });
});
