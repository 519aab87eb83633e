import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runTick, zTickInput } from '../../functions/master-tick/master-tick.ts';
import type { Tier } from '../../infra/local/kraken/rate-limits.ts';
import { LedgerError } from '../../shared/ledger/ledger.ts';
import { iso, MINUTE } from '../../shared/time/clock.ts';
import { ETH } from '../local/kraken/exchange.ts';
import { marketOrder } from '../reconciliation/checked.ts';
import { expectLedgerAsExchange, ordersAtExchange } from './books.ts';
import { liveMaster, strategyOf, undecided } from './causes.ts';
import { type Lab, openLab } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab({ simulator: { rateLimits: { private: true, engine: false } } });
});
afterAll(() => lab.stop());

const TRADES = 330;

/** A master whose owner traded more, while nobody ticked, than its key may read at once. */
const busyMaster = async (everyMs: number): Promise<string> => {
  const { accountId } = await lab.openAccount('master', {
    ...liveMaster,
    tier: 'starter',
    balances: { USD: '100000' },
  });
  for (let trade = 0; trade < TRADES; trade += 1) {
    lab.clock.advance(everyMs);
    await marketOrder(lab, accountId, ETH, trade % 10 === 9 ? 'SELL' : 'BUY', '0.002');
  }
  lab.clock.advance(MINUTE);
  return accountId;
};

/** Ticks a minute apart until one does all that it should; what the others said. */
const tickUntilDone = async (accountId: string): Promise<readonly string[]> => {
  const said: string[] = [];
  for (let ticks = 0; ticks < 20; ticks += 1) {
    const input = zTickInput.parse({ accountId, scheduledAt: iso(lab.clock.now()) });
    try {
      await runTick(input, lab.process());
      return said;
    } catch (error) {
      expect(await lab.ledger.masterStatus.read(accountId)).toMatchObject({ healthy: false });
      said.push(error instanceof Error ? error.message : String(error));
    }
    lab.clock.advance(MINUTE);
  }
  throw new Error(`never done: ${said.join('\n')}`);
};

describe('a master with more executions than its key may read in one tick', () => {
  it.each([
    ['over hours', MINUTE],
    ['within minutes', 2_000],
  ])(
    '%s is read in parts, a part with each tick, until every trade is published once',
    async (_, everyMs) => {
      const accountId = await busyMaster(everyMs);

      const said = await tickUntilDone(accountId);

      const executed = lab.simulator.books.trades().filter((trade) => trade.accountId === accountId);
      const orders = (await lab.ledger.trades(accountId)).map(({ exchangeOrderId }) => exchangeOrderId);
      expect(said.length).toBeGreaterThan(1);
      expect(said[0]).toMatch(/read and published up to .* so far: the next ticks go on/);
      expect(await lab.ledger.fills.list(accountId)).toHaveLength(executed.length);
      expect(orders).toHaveLength(TRADES);
      expect(new Set(orders).size).toBe(TRADES);
      await expectLedgerAsExchange(lab, accountId, ETH, 'all of it');
    },
    60_000,
  );

  it('goes on where it was though every tick fails behind the reading', async () => {
    const accountId = await busyMaster(MINUTE);
    const fault = lab.simulator.faults.inject({
      kind: 'HTTP_5XX',
      endpoint: 'TradeVolume',
      accountId,
      times: Number.POSITIVE_INFINITY,
    });
    const recorded: number[] = [];

    for (let ticks = 0; ticks < 6; ticks += 1) {
      const input = zTickInput.parse({ accountId, scheduledAt: iso(lab.clock.now()) });
      await expect(runTick(input, lab.process())).rejects.toThrow();
      recorded.push((await lab.ledger.fills.list(accountId)).length);
      lab.clock.advance(MINUTE);
    }
    fault.clear();

    expect(recorded.at(-1)).toBe(
      lab.simulator.books.trades().filter((it) => it.accountId === accountId).length,
    );
    await tickUntilDone(accountId);
  }, 60_000);
});

describe('a sale that is decided while not all executions are read', () => {
  /** All of it, as a stop would. */
  const sellsAll = strategyOf(({ positions }) => ({
    ...undecided,
    exits: [...positions].map(([symbol, { quantity }]) => ({
      symbol,
      quantity,
      reason: 'always',
      numbers: {},
    })),
  }));
  const OWN = '5';

  /** Bought 1 ETH in small parts, and sold 0.7 of it by hand at last; the owner holds 5 more. */
  const soldByHandMeanwhile = async (purchases: number, tier = 'starter' as Tier): Promise<string> => {
    const { accountId } = await lab.openAccount('master', {
      ...liveMaster,
      tier,
      balances: { USD: '100000', ETH: OWN },
    });
    const part = String(1 / purchases);
    for (let trade = 0; trade < purchases; trade += 1) {
      lab.clock.advance(1_000);
      await marketOrder(lab, accountId, ETH, 'BUY', part);
    }
    lab.clock.advance(1_000);
    await marketOrder(lab, accountId, ETH, 'SELL', '0.7');
    lab.clock.advance(MINUTE);
    return accountId;
  };

  const tick = async (accountId: string) => {
    const input = zTickInput.parse({ accountId, scheduledAt: iso(lab.clock.now()) });
    return await runTick(input, lab.process({ strategy: sellsAll }));
  };

  it('is of what is left of the position when the rest is read, and is published in the same tick', async () => {
    const accountId = await soldByHandMeanwhile(160);

    await tick(accountId);

    const sold = ordersAtExchange(lab, accountId).at(-1);
    expect(sold).toMatchObject({ side: 'SELL', filled: '0.3' });
    expect(lab.simulator.books.balances(accountId)['ETH']?.total).toBe(OWN);
    const published = await lab.ledger.trades(accountId);
    expect(published.at(-1)?.exchangeOrderId).toBe(sold?.orderId);
    expect((await lab.ledger.positions.get(accountId, ETH))?.quantity.toFixed()).toBe('0');
  });

  it('reads on to the end, however much there is, as far as the key may', async () => {
    const accountId = await soldByHandMeanwhile(400, 'pro');

    await tick(accountId);

    expect(ordersAtExchange(lab, accountId).at(-1)).toMatchObject({ side: 'SELL', filled: '0.3' });
    expect(lab.simulator.books.balances(accountId)['ETH']?.total).toBe(OWN);
  }, 60_000);

  it.each([
    ['is made by what is left where that comes right', 1, ['0.7', '0.3']],
    ['waits where it does not', Number.POSITIVE_INFINITY, ['0.7']],
  ] as const)('while what is read cannot be recorded %s', async (_what, failures, sales) => {
    const { accountId } = await lab.openAccount('master', {
      ...liveMaster,
      balances: { USD: '100000', ETH: OWN },
    });
    await marketOrder(lab, accountId, ETH, 'BUY', '1');
    lab.clock.advance(11 * MINUTE);
    await runTick(zTickInput.parse({ accountId, scheduledAt: iso(lab.clock.now()) }), lab.process());
    await marketOrder(lab, accountId, ETH, 'SELL', '0.7');
    lab.clock.advance(MINUTE);
    const ports = lab.process({ strategy: sellsAll });
    let left: number = failures;
    const recordExecution: typeof ports.ledger.recordExecution = async (execution) => {
      left -= 1;
      if (left >= 0) throw new LedgerError('the table is throttled');
      await ports.ledger.recordExecution(execution);
    };
    const input = zTickInput.parse({ accountId, scheduledAt: iso(lab.clock.now()) });

    await runTick(input, { ...ports, ledger: { ...ports.ledger, recordExecution } }).catch(() => undefined);

    const sold = ordersAtExchange(lab, accountId).filter(({ side }) => side === 'SELL');
    expect(sold.map(({ filled }) => filled)).toEqual(sales);
  });

  it('waits where even so not all could be read, until it is', async () => {
    const accountId = await soldByHandMeanwhile(500);
    const sales = () => ordersAtExchange(lab, accountId).filter(({ side }) => side === 'SELL');

    await expect(tick(accountId)).rejects.toThrow('so far: the next ticks go on');

    expect(sales().map(({ filled }) => filled)).toEqual(['0.7']);
    for (let ticks = 0; ticks < 15 && sales().length === 1; ticks += 1) {
      lab.clock.advance(MINUTE);
      await tick(accountId).catch(() => undefined);
    }
    expect(sales().map(({ filled }) => filled)).toEqual(['0.7', '0.3']);
    expect(lab.simulator.books.balances(accountId)['ETH']?.total).toBe(OWN);
  }, 60_000);

  it('waits also for a tick that could read nothing', async () => {
    const accountId = await soldByHandMeanwhile(500);
    await expect(tick(accountId)).rejects.toThrow('so far: the next ticks go on');
    const fault = { kind: 'HTTP_5XX', endpoint: 'TradesHistory', accountId, times: 99 } as const;
    const failing = lab.simulator.faults.inject(fault);
    lab.clock.advance(MINUTE);

    await expect(tick(accountId)).rejects.toThrow('TradesHistory');
    failing.clear();

    const sales = ordersAtExchange(lab, accountId).filter(({ side }) => side === 'SELL');
    expect(sales.map(({ filled }) => filled)).toEqual(['0.7']);
  }, 60_000);

  it('is made though it cannot be noted that something was unread', async () => {
    const accountId = await soldByHandMeanwhile(160);
    const ports = lab.process({ strategy: sellsAll });
    const { strategyStates } = ports.ledger;
    let refusals = 1;
    const put: typeof strategyStates.put = async (of, key, state) => {
      if (key === 'unrecorded' && refusals > 0) {
        refusals -= 1;
        throw new LedgerError('the table is throttled');
      }
      await strategyStates.put(of, key, state);
    };
    const input = zTickInput.parse({ accountId, scheduledAt: iso(lab.clock.now()) });
    const ledger = { ...ports.ledger, strategyStates: { ...strategyStates, put } };

    await expect(runTick(input, { ...ports, ledger })).rejects.toThrow('could not be noted');

    expect(ordersAtExchange(lab, accountId).at(-1)).toMatchObject({ side: 'SELL', filled: '0.3' });
  });

  it('waits as well where only a second reading told that there is more', async () => {
    const accountId = await soldByHandMeanwhile(500);
    lab.simulator.faults.inject({ kind: 'HTTP_5XX', endpoint: 'TradesHistory', accountId });
    await lab.givePosition(accountId, ETH, '0.01');
    await tick(accountId).catch(() => undefined);
    const fault = { kind: 'HTTP_5XX', endpoint: 'TradesHistory', accountId, times: 99 } as const;
    const failing = lab.simulator.faults.inject(fault);
    lab.clock.advance(MINUTE);

    await tick(accountId).catch(() => undefined);
    failing.clear();

    const sales = ordersAtExchange(lab, accountId).filter(({ side }) => side === 'SELL');
    expect(sales.map(({ filled }) => filled)).toEqual(['0.7']);
  }, 60_000);
});
