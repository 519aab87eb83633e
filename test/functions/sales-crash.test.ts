import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCopy } from '../../functions/copy-worker/copy-worker.ts';
import { runExit } from '../../functions/exit/exit.ts';
import { zExitInput } from '../../functions/exit/exit-contract.ts';
import { GONE_FOR_MS } from '../../shared/copying/owed-sale.ts';
import { redriveWork } from '../../shared/copying/redrive-work.ts';
import { fraction } from '../../shared/money/money.ts';
import { HOUR, SECOND } from '../../shared/time/clock.ts';
import { BTC, ETH } from '../local/kraken/exchange.ts';
import { expectLedgerAsExchange, ordersAtExchange } from './books.ts';
import { bossIsHealthy, bossTrade, giveCopy } from './causes.ts';
import { type Lab, type LabPorts, openLab } from './lab.ts';
import { Life, type Moment } from './mortality.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
  await bossIsHealthy(lab);
});
afterAll(() => lab.stop());

interface Case {
  readonly name: string;
  /** Between the death of one process and the next, and between tries. */
  readonly pauseMs: number;
  prepare(): Promise<{
    readonly accountId: string;
    /** One try. True when it has come to its end. */
    run(ports: LabPorts): Promise<boolean>;
    assess(when: string): Promise<void>;
  }>;
}

const refusal = (accountId: string, times: number) =>
  lab.simulator.faults.inject({
    kind: 'ERROR_TEXT',
    text: 'EOrder:Insufficient funds',
    endpoint: 'AddOrder',
    accountId,
    times,
  });
const user = async (balances: Record<string, string> = { USD: '100' }) =>
  (await lab.openAccount('user', { balances })).accountId;
const giveSale = async (accountId: string) => {
  const trade = bossTrade(lab.clock.now(), { side: 'SELL', soldFraction: fraction('1') });
  return await giveCopy(lab, accountId, trade);
};
const redrive = async (accountId: string, ports: LabPorts): Promise<boolean> => {
  const { failures } = await redriveWork(accountId, { mayGoOn: () => true, patienceMs: () => 20_000 }, ports);
  return failures.length === 0 && (await lab.ledger.copies.unfinished(accountId)).length === 0;
};
const soldOnce = async (accountId: string, amount: string, when: string) => {
  const filled = ordersAtExchange(lab, accountId).filter((order) => order.filled !== '0');
  expect(filled, when).toMatchObject([{ side: 'SELL', filled: amount }]);
};

const CASES: readonly Case[] = [
  {
    name: 'a copied SELL of what a late balance does not show, and its making good',
    pauseMs: 15 * 60 * SECOND,
    prepare: async () => {
      const accountId = await user();
      lab.simulator.freezeBalances({ accountId, calls: 1 });
      await lab.givePosition(accountId, BTC, '0.02');
      const message = await giveSale(accountId);
      return {
        accountId,
        run: async (ports) => {
          await runCopy(message, ports);
          return await redrive(accountId, ports);
        },
        assess: async (when) => {
          await soldOnce(accountId, '0.02', when);
          await expectLedgerAsExchange(lab, accountId, BTC, when);
        },
      };
    },
  },
  {
    name: 'an owed sale whose coins are gone',
    pauseMs: GONE_FOR_MS / 2,
    prepare: async () => {
      const accountId = await user();
      await lab.givePosition(accountId, BTC, '0.02');
      refusal(accountId, 1);
      const message = await giveSale(accountId);
      await runCopy(message, lab.process());
      lab.simulator.withdraw(accountId, 'BTC', '0.02');
      const began = lab.clock.now();
      return {
        accountId,
        run: async (ports) => await redrive(accountId, ports),
        assess: async (when) => {
          const copy = await lab.ledger.copies.get(accountId, message.tradeId);
          expect(copy?.owed, when).toMatchObject({ madeGood: { by: 'NOTHING_HELD' } });
          expect((copy?.owed?.madeGood?.at ?? 0) - began, when).toBeGreaterThanOrEqual(GONE_FOR_MS);
          expect(ordersAtExchange(lab, accountId), when).toEqual([]);
        },
      };
    },
  },
  {
    name: 'an owed sale that is refused once more, and rests',
    pauseMs: HOUR,
    prepare: async () => {
      const accountId = await user();
      await lab.givePosition(accountId, BTC, '0.02');
      const fault = refusal(accountId, 3);
      const message = await giveSale(accountId);
      await runCopy(message, lab.process());
      return {
        accountId,
        run: async (ports) => await redrive(accountId, ports),
        assess: async (when) => {
          expect(fault.hits(), when).toBe(3);
          await soldOnce(accountId, '0.02', when);
          await expectLedgerAsExchange(lab, accountId, BTC, when);
          const copy = await lab.ledger.copies.get(accountId, message.tradeId);
          expect(copy?.owed, when).toMatchObject({ madeGood: { by: 'SOLD' } });
          // A refusal that nobody lived to see is found absent, and its round is sent again.
          expect(copy?.owed?.rounds, when).toBeLessThanOrEqual(3);
          expect(copy?.owed?.rounds, when).toBeGreaterThanOrEqual(2);
          expect(copy?.owed, when).not.toHaveProperty('backOff');
        },
      };
    },
  },
  {
    name: 'an exit whose first balance shows nothing of a position, and that finds coins staked',
    pauseMs: 5 * SECOND,
    prepare: async () => {
      const accountId = await user({ USD: '100', ETH: '0.2', 'ETH.B': '0.5' });
      lab.simulator.freezeBalances({ accountId, calls: 2 });
      await lab.givePosition(accountId, BTC, '0.02');
      const input = zExitInput.parse({ accountId, requestId: 'away', scope: 'everything' });
      return {
        accountId,
        run: async (ports) => (await runExit(input, ports)).state === 'FLAT',
        assess: async (when) => {
          const stored = await lab.ledger.exits.get(accountId, 'away');
          expect(stored, when).toMatchObject({ state: 'FLAT' });
          const results = stored?.results.map(({ symbol, state, quantity, left }) =>
            [symbol, state, quantity.toFixed(), left.toFixed()].join(' '),
          );
          expect(results?.toSorted(), when).toEqual(['BTC/USD SOLD 0.02 0', 'ETH/USD STAKED 0.2 0.5']);
          const orders = ordersAtExchange(lab, accountId).map(({ symbol, filled }) => `${symbol} ${filled}`);
          expect(orders.toSorted(), when).toEqual([`${BTC} 0.02`, `${ETH} 0.2`]);
        },
      };
    },
  },
];

/** A process that died keeps the key from others for so long. */
const LEASE_MS = 2 * SECOND;
const MOST_CALLS = 200;
const MOST_TRIES = 10;

describe.each(CASES)('$name', ({ prepare, pauseMs }: Case) => {
  it.each<Moment>([
    'BEFORE',
    'AFTER',
  ])('ends as it should whatever call the process dies at, %s its effect', async (moment) => {
    let survived = false;
    for (let call = 1; call <= MOST_CALLS && !survived; call += 1) {
      const { accountId, run, assess } = await prepare();
      const life = new Life(call, moment);
      let ended = false;
      try {
        ended = await run(lab.process({ life, leaseMs: LEASE_MS }));
      } catch (error) {
        if (life.died === undefined) throw error;
      }
      survived = life.died === undefined;
      for (let tries = 1; tries <= MOST_TRIES && (!ended || !survived); tries += 1) {
        lab.clock.advance(pauseMs);
        ended = await run(lab.process());
        if (ended) break;
      }
      expect(ended, `died ${life.died ?? 'never'}`).toBe(true);
      await assess(`died ${life.died ?? 'never'}`);
      lab.simulator.faults.clear();
      expect(await lab.ledger.orders.inDoubt(accountId)).toEqual([]);
    }
    expect(survived).toBe(true);
    expect(lab.simulator.books.audit()).toEqual([]);
  });
});
