import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CheckFacts } from '../../shared/check/check-facts.ts';
import type { PrivateSession } from '../../shared/exchange/exchange.ts';
import { LedgerError } from '../../shared/ledger/ledger.ts';
import { quantity, text } from '../../shared/money/money.ts';
import { HOUR, MINUTE } from '../../shared/time/clock.ts';
import { type Lab, openLab } from '../functions/lab.ts';
import { BTC, ETH } from '../local/kraken/exchange.ts';
import { check, marketOrder, missedOrder } from './checked.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.stop());

const holder = async (): Promise<string> => {
  const { accountId } = await lab.openAccount('user');
  await lab.givePosition(accountId, BTC, '0.02');
  lab.clock.advance(MINUTE);
  return accountId;
};

/** The exchange as it is, but for what these answer. */
const answering =
  (answers: (session: PrivateSession) => Partial<PrivateSession>) =>
  ({ connection }: CheckFacts): Partial<CheckFacts> => ({
    connection: { ...connection, session: { ...connection.session, ...answers(connection.session) } },
  });
/** The exchange's orders, each shown in another way than it is. */
const ordersShown = (changes: Partial<Awaited<ReturnType<PrivateSession['orders']>>[number]>) =>
  answering((session) => ({
    orders: async (ids) => (await session.orders(ids)).map((order) => ({ ...order, ...changes })),
  }));

const recordedOf = async (accountId: string) => (await lab.ledger.fills.list(accountId)).length;

describe('a missed execution about which nothing can be concluded yet', () => {
  it.each([
    ['of an order that is still open', ordersShown({ status: 'OPEN' }), 'it is still open'],
    [
      'that the exchange tells of another market',
      ordersShown({ symbol: ETH }),
      'the ledger has it in BTC/USD, the exchange in ETH/USD',
    ],
    [
      'in a market without rules',
      ({ connection }: CheckFacts) => ({
        connection: {
          ...connection,
          everListed: connection.everListed.filter(({ symbol }) => symbol !== BTC),
        },
      }),
      'the rules of the market BTC/USD are not known',
    ],
  ])('%s is told, and recorded by a later check', async (_, shown, why) => {
    const { accountId } = await lab.openAccount('user');
    const { clientOrderId } = await missedOrder(lab, accountId, BTC, 'BUY', '0.01');
    // Longer ago than executions are read again.
    lab.clock.advance(20 * MINUTE);

    const first = await check(lab, accountId, lab.process(), shown);
    const recorded = await recordedOf(accountId);
    lab.clock.advance(HOUR);
    const later = await check(lab, accountId);

    expect(first.report.missedFills).toEqual([]);
    expect(first.report.undecided).toContainEqual({ asset: 'BTC', why: expect.stringContaining(why) });
    expect(recorded).toBe(0);
    expect(later.report.missedFills).toMatchObject([{ clientOrderId }]);
    expect(await recordedOf(accountId)).toBeGreaterThan(0);
  });

  it('because the exchange does not tell of the order keeps the cursor where it was', async () => {
    const { accountId } = await lab.openAccount('user');
    const { clientOrderId } = await missedOrder(lab, accountId, BTC, 'BUY', '0.01');
    const silent = answering(() => ({ orders: () => Promise.reject(new Error('no answer about orders')) }));
    const before = await lab.ledger.reconciliation.progress(accountId);

    await expect(check(lab, accountId, lab.process(), silent)).rejects.toThrow('no answer about orders');
    const after = await lab.ledger.reconciliation.progress(accountId);
    lab.clock.advance(HOUR);
    const later = await check(lab, accountId);

    expect(before).toBeUndefined();
    const registeredAt = (await lab.ledger.accounts.get(accountId))?.registeredAt;
    expect(after).toMatchObject({ cursor: registeredAt, pending: [] });
    expect(later.report.missedFills).toMatchObject([{ clientOrderId }]);
  });

  it('is no matter of the exchange where the ledger fails: the check ends, and writes nothing', async () => {
    const { accountId } = await lab.openAccount('user');
    const gone = answering(() => ({
      fillsSince: () => Promise.reject(new LedgerError('the table is gone')),
    }));

    await expect(check(lab, accountId, lab.process(), gone)).rejects.toThrow(LedgerError);

    expect(await lab.ledger.reconciliation.progress(accountId)).toBeUndefined();
  });

  it('of what was listed since the market rules were read has them read again; that they cannot be stops nothing', async () => {
    const accountId = await holder();
    const asked: [string, number][] = [];
    const at = lab.clock.now();
    const unlisted = { fillId: 'T-NEW', exchangeOrderId: 'O-NEW', pair: 'NEWUSD', at } as const;
    const unknownPair = answering((session) => ({
      fillsSince: async (since, reading) => ({
        ...(await session.fillsSince(since, reading)),
        unlisted: [unlisted],
      }),
      orders: async () => [],
    }));
    const ports = lab.process();
    const refresh = (exchange: string, newest: number) => {
      asked.push([exchange, newest]);
      return Promise.reject(new Error('the rules cannot be read'));
    };
    const before = lab.lines.length;

    const { report } = await check(
      lab,
      accountId,
      { ...ports, marketRules: { ...ports.marketRules, refresh } },
      unknownPair,
    );

    expect(asked).toEqual([['kraken', at]]);
    expect(report).toMatchObject({ missedFills: [], adjusted: [], drifts: [] });
    const warned = lab.lines.slice(before).find(({ level }) => level === 'warn');
    expect(warned?.fields).toMatchObject({
      account: accountId,
      pair: 'NEWUSD',
      why: 'the rules cannot be read',
    });
  });
});

describe('a drift that is known', () => {
  /** Drift in BTC, told by a first check. */
  const drifting = async () => {
    const accountId = await holder();
    lab.simulator.withdraw(accountId, 'BTC', '0.005');
    const { report } = await check(lab, accountId);
    const [drift] = report.drifts;
    if (drift === undefined) throw new Error('no drift was found');
    return { accountId, drift };
  };

  it('is reported and left as it is while its asset is in doubt', async () => {
    const { accountId, drift } = await drifting();
    lab.simulator.deposit(accountId, 'BTC', '0.005');

    const inDoubt = await check(lab, accountId, lab.process(), () => ({
      doubtful: new Map([[BTC, 'an order is in doubt']]),
    }));
    const after = await check(lab, accountId);

    expect(inDoubt.report).toMatchObject({ drifts: [{ asset: 'BTC', why: drift.why }], closedDrifts: [] });
    expect(after.report).toMatchObject({ drifts: [], closedDrifts: [{ asset: 'BTC' }] });
  });

  it('that is over is not reported while its asset is in doubt', async () => {
    const { accountId } = await drifting();
    lab.simulator.deposit(accountId, 'BTC', '0.005');
    await check(lab, accountId);

    const { report } = await check(lab, accountId, lab.process(), () => ({
      doubtful: new Map([[BTC, 'an order is in doubt']]),
    }));

    expect(report).toMatchObject({ drifts: [], closedDrifts: [] });
  });

  it('is over where neither coins nor a position are left', async () => {
    const { accountId } = await drifting();
    const position = await lab.ledger.positions.get(accountId, BTC);
    if (position === undefined) throw new Error('there is no position');
    lab.simulator.withdraw(accountId, 'BTC', '0.015');
    await lab.ledger.recordExecution({
      accountId,
      symbol: BTC,
      fills: [],
      position: {
        before: position,
        after: { ...position, quantity: quantity('0'), version: position.version + 1 },
      },
      at: lab.clock.now(),
    });

    const { report } = await check(lab, accountId);

    expect(report).toMatchObject({ drifts: [], closedDrifts: [{ asset: 'BTC' }], adjusted: [] });
  });

  it('whose owner’s trades were read once is kept by its figures, without reading them again', async () => {
    const { accountId, drift } = await drifting();
    let reads = 0;
    const counting = answering((session) => ({
      fillsSince: async (since, reading) => {
        reads += 1;
        return await session.fillsSince(since, reading);
      },
    }));
    lab.clock.advance(HOUR);
    await check(lab, accountId);
    lab.clock.advance(HOUR);

    const { report } = await check(lab, accountId, lab.process(), counting);

    expect(report.drifts.map(({ why, held, managed }) => [why, text(held), text(managed)])).toEqual([
      [drift.why, '0.015', '0.02'],
    ]);
    expect(report.closedDrifts).toEqual([]);
    // The executions since the cursor only.
    expect(reads).toBe(1);
  });

  it('of one asset is judged by the balance of that asset', async () => {
    const accountId = await holder();
    await lab.givePosition(accountId, ETH, '0.4');
    lab.clock.advance(MINUTE);
    await marketOrder(lab, accountId, ETH, 'SELL', '0.1');

    const { report } = await check(lab, accountId);

    expect(report.adjusted).toMatchObject([{ symbol: ETH, reason: 'OWN_SALE', held: quantity('0.3') }]);
    expect(report.undecided).toEqual([]);
  });
});
