import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runTick, zTickInput } from '../../functions/master-tick/master-tick.ts';
import { iso, MINUTE } from '../../shared/time/clock.ts';
import { BTC } from '../local/kraken/exchange.ts';
import { changingPrice } from '../protection/changing-price.ts';
import { ordersAtExchange } from './books.ts';
import { alwaysBuys, liveMaster, strategyOf, undecided } from './causes.ts';
import { type Lab, openLab } from './lab.ts';

const price = changingPrice(BTC, '50000');
let lab: Lab;
beforeAll(async () => {
  lab = await openLab({ simulator: { prices: [price] } });
});
afterAll(() => lab.stop());
beforeEach(() => price.change(lab.clock.now(), '50000'));

const waits = strategyOf(() => undecided);
const tick = async (accountId: string, strategy = waits): Promise<void> => {
  lab.clock.advance(5 * MINUTE);
  await runTick(
    zTickInput.parse({ accountId, scheduledAt: iso(lab.clock.now()) }),
    lab.process({ strategy }),
  );
};
const master = async (balances: Readonly<Record<string, string>>) =>
  (await lab.openAccount('master', { ...liveMaster, balances, limits: { maxDrawdown: '0.15' } })).accountId;
const curveOf = async (accountId: string) => {
  const points = [];
  for await (const page of lab.ledger.snapshots.list(accountId, 0, lab.clock.now())) points.push(...page);
  return points;
};

describe('a master', () => {
  it('from which half is withdrawn goes on buying: what left is no loss', async () => {
    const accountId = await master({ USD: '100000' });
    await tick(accountId, alwaysBuys);
    lab.simulator.withdraw(accountId, 'USD', '50000');

    await tick(accountId, alwaysBuys);
    lab.clock.advance(30 * MINUTE);
    await tick(accountId, alwaysBuys);

    const bought = { side: 'BUY' };
    expect(ordersAtExchange(lab, accountId)).toMatchObject([bought, bought, bought]);
  });

  it('that has lost stops buying, whatever is paid in meanwhile', async () => {
    const accountId = await master({ USD: '10000', BTC: '1.8' });
    await tick(accountId);
    price.change(lab.clock.now(), '35000');
    lab.simulator.deposit(accountId, 'USD', '60000');

    await tick(accountId, alwaysBuys);
    lab.clock.advance(30 * MINUTE);
    await tick(accountId, alwaysBuys);

    expect(ordersAtExchange(lab, accountId)).toEqual([]);
    expect(lab.lines).toContainEqual(
      expect.objectContaining({
        message: 'an entry was withheld',
        fields: expect.objectContaining({ account: accountId, why: expect.stringMatching(/LOSS|DRAWDOWN/) }),
      }),
    );
  });

  it('has a point of its curve every quarter of an hour, with what came and left, and its equity at each tick', async () => {
    const accountId = await master({ USD: '1000' });
    const from = lab.lines.length;

    for (let count = 0; count < 3; count += 1) await tick(accountId);
    lab.simulator.withdraw(accountId, 'USD', '400');
    await tick(accountId);

    expect(await curveOf(accountId)).toMatchObject([
      { flows: [] },
      { flows: [{ kind: 'WITHDRAWAL', asset: 'USD' }] },
    ]);
    const told = lab.lines.slice(from).filter(({ message }) => message === 'Equity');
    expect(told.map(({ fields }) => [fields['role'], fields['value']])).toEqual([
      ['master', 1000],
      ['master', 1000],
      ['master', 1000],
      ['master', 600],
    ]);
  });

  it('whose curve cannot be written ticks all the same', async () => {
    const accountId = await master({ USD: '100000' });
    const ports = lab.process({ strategy: alwaysBuys });
    const snapshots = {
      ...ports.ledger.snapshots,
      record: async () => await Promise.reject(new Error('the table is gone')),
    };

    await runTick(zTickInput.parse({ accountId, scheduledAt: iso(lab.clock.now()) }), {
      ...ports,
      ledger: { ...ports.ledger, snapshots },
    });

    expect(ordersAtExchange(lab, accountId)).toMatchObject([{ side: 'BUY' }]);
    expect(lab.lines).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        message: "a master's equity was not noted: what comes and leaves may count as profit or loss",
      }),
    );
  });
});
