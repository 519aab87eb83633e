import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Fill, PrivateSession as Session } from '../../shared/exchange/exchange.ts';
import type { MarketSymbol } from '../../shared/exchange/market.ts';
import { quantity, quote, text } from '../../shared/money/money.ts';
import { HOUR, MINUTE } from '../../shared/time/clock.ts';
import { type Lab, openLab } from '../functions/lab.ts';
import { BTC, ETH } from '../local/kraken/exchange.ts';
import { check, marketOrder, missedOrder } from './checked.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.stop());

/** An account with a position of 0.02 BTC, opened a minute ago. */
const holder = async (balances: Readonly<Record<string, string>> = { USD: '10000' }): Promise<string> => {
  const { accountId } = await lab.openAccount('user', { balances });
  await lab.givePosition(accountId, BTC, '0.02');
  lab.clock.advance(MINUTE);
  return accountId;
};

const positionOf = async (accountId: string, symbol: MarketSymbol = BTC) => {
  const position = await lab.ledger.positions.get(accountId, symbol);
  return position === undefined ? undefined : `${text(position.quantity)} for ${text(position.costBasis)}`;
};

const figures = (drifts: readonly { managed: Fill['quantity']; held: Fill['quantity'] }[]) =>
  drifts.map(({ managed, held }) => `${text(managed)} managed, ${text(held)} held`);

describe('missed executions', () => {
  it('of an order of ours are recorded with the position, once', async () => {
    const { accountId } = await lab.openAccount('user');
    const { clientOrderId } = await missedOrder(lab, accountId, BTC, 'BUY', '0.01');

    const first = await check(lab, accountId);
    const second = await check(lab, accountId);

    expect(first.report.missedFills).toMatchObject([{ clientOrderId, symbol: BTC }]);
    expect(text((await lab.ledger.positions.get(accountId, BTC))?.quantity ?? quantity('0'))).toBe('0.01');
    expect(await lab.ledger.orders.get(accountId, clientOrderId)).toMatchObject({ state: 'CLOSED' });
    expect(second.report.missedFills).toEqual([]);
    expect([...first.told, ...second.told]).toEqual([]);
  });

  it('by hand of the owner are neither recorded nor adopted', async () => {
    const { accountId } = await lab.openAccount('user');
    await marketOrder(lab, accountId, BTC, 'BUY', '0.01');
    await marketOrder(lab, accountId, ETH, 'BUY', '0.1', { cl_ord_id: 'ab'.repeat(16) });

    const { report, told } = await check(lab, accountId);

    expect(report).toMatchObject({ missedFills: [], adjusted: [], drifts: [] });
    expect(report.unmanaged.map(({ asset, unmanaged }) => `${asset} ${text(unmanaged)}`)).toEqual([
      'BTC 0.01',
      'ETH 0.1',
    ]);
    expect(await lab.ledger.fills.list(accountId)).toEqual([]);
    expect(await lab.ledger.positions.list(accountId)).toEqual([]);
    expect(told).toEqual([]);
  });

  it('that cannot be recorded yet leave their symbol alone and are tried again, however far the cursor is', async () => {
    const accountId = await holder();
    lab.simulator.withdraw(accountId, 'BTC', '0.01');
    const { clientOrderId } = await missedOrder(lab, accountId, BTC, 'BUY', '0.01');
    const ports = lab.process();

    const { report, told } = await check(lab, accountId, ports, ({ connection }) => ({
      connection: {
        ...connection,
        session: { ...connection.session, fillsOf: () => Promise.reject(new Error('not all are listed')) },
      },
    }));
    lab.clock.advance(60 * MINUTE);
    const later = await check(lab, accountId);

    expect(report.undecided).toMatchObject([
      { asset: 'BTC', why: expect.stringContaining('not all are listed') },
    ]);
    expect(report.drifts).toEqual([]);
    expect(told).toEqual([]);
    expect(later.report.missedFills).toMatchObject([{ clientOrderId }]);
  });
});

describe('what is held beside a position', () => {
  it('is the owner’s own: reported, not alarmed, not adopted', async () => {
    const accountId = await holder({ USD: '10000', SOL: '3' });
    lab.simulator.deposit(accountId, 'BTC', '0.5');

    const { report, told } = await check(lab, accountId);

    expect(
      report.unmanaged.map(({ asset, managed, unmanaged }) => [asset, text(managed), text(unmanaged)]),
    ).toEqual([
      ['BTC', '0.02', '0.5'],
      ['SOL', '0', '3'],
    ]);
    expect(await positionOf(accountId)).toBe('0.02 for 100');
    expect(told).toEqual([]);
  });
});

describe('a shortfall', () => {
  it('of one step is rounding', async () => {
    const accountId = await holder();
    lab.simulator.withdraw(accountId, 'BTC', '0.00000001');

    const { report } = await check(lab, accountId);

    expect(report).toMatchObject({ adjusted: [], drifts: [] });
  });

  it('that nothing explains is told once, with both figures, and again only where it grows', async () => {
    const accountId = await holder();
    lab.simulator.withdraw(accountId, 'BTC', '0.005');

    const first = await check(lab, accountId);
    lab.clock.advance(15 * MINUTE);
    const second = await check(lab, accountId);
    lab.simulator.withdraw(accountId, 'BTC', '0.005');
    const grown = await check(lab, accountId);

    expect(first.told).toMatchObject([
      { account: accountId, position: '0.02', held: '0.015', missing: '0.005' },
    ]);
    expect(second.told).toEqual([]);
    expect(figures(second.report.drifts)).toEqual(['0.02 managed, 0.015 held']);
    expect(grown.told).toMatchObject([{ missing: '0.01' }]);
    expect(await positionOf(accountId)).toBe('0.02 for 100');
  });

  it('is over when the coins are back, and told anew when they go again', async () => {
    const accountId = await holder();
    lab.simulator.withdraw(accountId, 'BTC', '0.005');
    await check(lab, accountId);
    lab.simulator.deposit(accountId, 'BTC', '0.005');

    const back = await check(lab, accountId);
    lab.simulator.withdraw(accountId, 'BTC', '0.005');
    const again = await check(lab, accountId);

    expect(back.report).toMatchObject({
      drifts: [],
      closedDrifts: [{ asset: 'BTC', closedAt: lab.clock.now() }],
    });
    expect(again.told).toHaveLength(1);
  });

  it('that the owner’s own sale explains takes the position down to what is held, at the same cost a unit', async () => {
    const accountId = await holder();
    await marketOrder(lab, accountId, BTC, 'SELL', '0.005');

    const { report, told } = await check(lab, accountId);
    lab.clock.advance(15 * MINUTE);
    await marketOrder(lab, accountId, BTC, 'SELL', '0.003');
    const next = await check(lab, accountId);

    expect(report.adjusted).toMatchObject([{ reason: 'OWN_SALE', by: 'reconciliation', symbol: BTC }]);
    expect(next.report.adjusted).toMatchObject([{ reason: 'OWN_SALE' }]);
    expect(await positionOf(accountId)).toBe('0.012 for 60');
    expect([...told, ...next.told]).toEqual([]);
    expect(await lab.ledger.reconciliation.adjustments(accountId)).toHaveLength(2);
  });

  it('that is less than the owner sold, who had coins of his own, too, takes the position down to what is held', async () => {
    const accountId = await holder({ USD: '10000', BTC: '0.01' });
    await marketOrder(lab, accountId, BTC, 'SELL', '0.014');

    const { report, told } = await check(lab, accountId);

    expect(report.adjusted).toMatchObject([{ reason: 'OWN_SALE', ownSold: quantity('0.014') }]);
    expect(report.drifts).toEqual([]);
    expect(await positionOf(accountId)).toBe('0.016 for 80');
    expect(told).toEqual([]);
  });

  it('that the owner’s own sale explains only in part stays and is drift', async () => {
    const accountId = await holder();
    await marketOrder(lab, accountId, BTC, 'SELL', '0.005');
    lab.simulator.withdraw(accountId, 'BTC', '0.001');

    const { report } = await check(lab, accountId);

    expect(report.adjusted).toEqual([]);
    expect(report.drifts).toMatchObject([{ why: expect.stringContaining('0.005 BTC of the missing 0.006') }]);
  });

  it('is not concluded from what the exchange is in doubt about', async () => {
    const accountId = await holder();
    lab.simulator.withdraw(accountId, 'BTC', '0.02');

    const { report, told } = await check(lab, accountId, lab.process(), () => ({
      doubtful: new Map([[BTC, 'an order is in doubt']]),
    }));

    expect(report.undecided).toEqual([{ asset: 'BTC', why: 'an order is in doubt' }]);
    expect(report).toMatchObject({ adjusted: [], drifts: [] });
    expect(told).toEqual([]);
  });

  it('that a balance only seems to show changes nothing', async () => {
    const accountId = await holder();
    await marketOrder(lab, accountId, BTC, 'SELL', '0.005');
    const ports = lab.process();

    const { report } = await check(lab, accountId, ports, ({ balances }) => {
      lab.simulator.deposit(accountId, 'BTC', '0.005');
      return { balances };
    });

    expect(report.adjusted).toEqual([]);
    expect(report.undecided).toMatchObject([
      { asset: 'BTC', why: expect.stringContaining('0.015 BTC, and then 0.02') },
    ]);
  });

  it('in one asset stops no other', async () => {
    const accountId = await holder();
    await lab.givePosition(accountId, ETH, '0.4');
    lab.clock.advance(MINUTE);
    await marketOrder(lab, accountId, BTC, 'SELL', '0.02');
    await marketOrder(lab, accountId, ETH, 'SELL', '0.4');
    const ports = lab.process();
    const { reconciliation } = ports.ledger;
    const broken: typeof reconciliation = {
      ...reconciliation,
      adjust: async (change) => {
        if (change.after.symbol === BTC) throw new Error('the table is away');
        await reconciliation.adjust(change);
      },
    };

    const run = check(lab, accountId, { ...ports, ledger: { ...ports.ledger, reconciliation: broken } });

    await expect(run).rejects.toThrow(`${accountId} was not reconciled in BTC: the table is away`);
    expect(await positionOf(accountId, ETH)).toBe('0 for 0');
    expect(await lab.ledger.reconciliation.progress(accountId)).toBeDefined();
  });
});

describe('a phantom position', () => {
  it('that the owner sold by hand is closed at once, with a record of why', async () => {
    const accountId = await holder();
    await marketOrder(lab, accountId, BTC, 'SELL', '0.02');

    const { report, told } = await check(lab, accountId);

    expect(await positionOf(accountId)).toBe('0 for 0');
    expect(report.adjusted).toMatchObject([
      { reason: 'OWN_SALE', quantityBefore: quantity('0.02'), costBefore: quote('100'), held: quantity('0') },
    ]);
    expect(await lab.ledger.reconciliation.adjustments(accountId)).toEqual(report.adjusted);
    expect(told).toEqual([]);
  });

  it('that nothing explains is told at once and closed only when a later check finds it so, too', async () => {
    const accountId = await holder();
    lab.simulator.withdraw(accountId, 'BTC', '0.02');

    const first = await check(lab, accountId);
    const held = await positionOf(accountId);
    lab.clock.advance(15 * MINUTE);
    const second = await check(lab, accountId);
    const third = await check(lab, accountId);

    expect(first.told).toHaveLength(1);
    expect(held).toBe('0.02 for 100');
    expect(second.report.adjusted).toMatchObject([
      { reason: 'PHANTOM', why: '0 BTC is left, and no trade explains it: withdrawn or moved' },
    ]);
    expect(second.report).toMatchObject({ drifts: [], closedDrifts: [{ asset: 'BTC' }] });
    expect(await positionOf(accountId)).toBe('0 for 0');
    expect([...second.told, ...third.told]).toEqual([]);
    expect(third.report.adjusted).toEqual([]);
  });

  it('of which too little is left to be sold is closed the same way; the rest is the owner’s', async () => {
    const accountId = await holder();
    lab.simulator.withdraw(accountId, 'BTC', '0.01999');

    await check(lab, accountId);
    lab.clock.advance(15 * MINUTE);
    const { report } = await check(lab, accountId);
    const after = await check(lab, accountId);

    expect(report.adjusted).toMatchObject([{ reason: 'PHANTOM' }]);
    expect(after.report.unmanaged).toMatchObject([{ asset: 'BTC', unmanaged: quantity('0.00001') }]);
  });

  it('is not closed where its coins came back in between', async () => {
    const accountId = await holder();
    lab.simulator.withdraw(accountId, 'BTC', '0.02');
    await check(lab, accountId);
    lab.clock.advance(15 * MINUTE);
    lab.simulator.deposit(accountId, 'BTC', '0.01');
    await check(lab, accountId);
    lab.simulator.withdraw(accountId, 'BTC', '0.01');
    lab.clock.advance(MINUTE);

    const { report } = await check(lab, accountId);

    expect(report.adjusted).toEqual([]);
    expect(report.drifts).toMatchObject([{ why: expect.stringContaining('closed if the next checks') }]);
  });

  it('stays where the owner’s trades cannot be read, and is judged when they can; not at every check meanwhile', async () => {
    const accountId = await holder();
    await check(lab, accountId);
    await marketOrder(lab, accountId, BTC, 'SELL', '0.02');
    const ports = lab.process();

    const { report } = await check(lab, accountId, ports, ({ connection }) => {
      let calls = 0;
      const { session } = connection;
      const fillsSince: typeof session.fillsSince = async (...asked) => {
        calls += 1;
        if (calls > 1) throw new Error('asked too often');
        return await session.fillsSince(...asked);
      };
      return { connection: { ...connection, session: { ...session, fillsSince } } };
    });
    const meanwhile = await check(lab, accountId);
    lab.clock.advance(15 * MINUTE);
    const next = await check(lab, accountId);

    expect(report.adjusted).toEqual([]);
    expect(report.drifts).toMatchObject([{ why: expect.stringContaining('asked too often') }]);
    expect(meanwhile.report.drifts).toMatchObject([
      { why: expect.stringContaining('could not be read 1 times') },
    ]);
    expect(next.report.adjusted).toMatchObject([{ reason: 'OWN_SALE' }]);
  });

  it('is closed where it is found twice, also where the owner’s trades cannot be read; that is said', async () => {
    const accountId = await holder();
    await check(lab, accountId);
    lab.simulator.withdraw(accountId, 'BTC', '0.02');
    const unreadable = () =>
      check(lab, accountId, lab.process(), ({ connection }) => {
        let calls = 0;
        const { session } = connection;
        const fillsSince: typeof session.fillsSince = async (...asked) => {
          calls += 1;
          if (calls > 1) throw new Error('asked too often');
          return await session.fillsSince(...asked);
        };
        return { connection: { ...connection, session: { ...session, fillsSince } } };
      });

    await unreadable();
    lab.clock.advance(15 * MINUTE);
    const { report } = await unreadable();

    expect(report.adjusted).toMatchObject([
      {
        reason: 'PHANTOM',
        why: '0 BTC is left, and whether the owner sold it is not known: asked too often',
      },
    ]);
    expect(await positionOf(accountId)).toBe('0 for 0');
  });
});

describe('executions of the account that are not read to the end', () => {
  /** What reading them answers from the first call of a check on. */
  const checkWith = async (accountId: string, fillsSince: Session['fillsSince']) =>
    await check(lab, accountId, lab.process(), ({ connection }) => ({
      connection: { ...connection, session: { ...connection.session, fillsSince } },
    }));
  const failing: Session['fillsSince'] = async () => {
    throw new Error('asked too often');
  };
  /** More in each check than may be read in one. */
  const endless: Session['fillsSince'] = async (since) => ({
    fills: [],
    unlisted: [],
    readTo: since + MINUTE,
  });

  it.each([
    ['because reading fails', failing, 'asked too often'],
    ['because there are too many', endless, 'are read up to'],
  ])('%s, keep a position whose coins are gone for six hours, not for ever; each check fails meanwhile or from then on', async (_, fillsSince, why) => {
    const accountId = await holder();
    await check(lab, accountId);
    lab.simulator.withdraw(accountId, 'BTC', '0.02');
    const begun = lab.clock.now();
    const open = async () => (await positionOf(accountId)) === '0.02 for 100';
    const failures: unknown[] = [];

    while ((await open()) && lab.clock.now() - begun < 12 * HOUR) {
      lab.clock.advance(15 * MINUTE);
      await checkWith(accountId, fillsSince).catch((error: unknown) => failures.push(error));
    }

    expect(await open()).toBe(false);
    expect(lab.clock.now() - begun).toBeGreaterThanOrEqual(6 * HOUR);
    expect(failures.length).toBeGreaterThan(0);
    const [adjustment] = await lab.ledger.reconciliation.adjustments(accountId);
    expect(adjustment).toMatchObject({ reason: 'PHANTOM', why: expect.stringContaining(why) });
  });

  it('explain nothing, and prove nothing where something is left', async () => {
    const accountId = await holder();
    await check(lab, accountId);
    await marketOrder(lab, accountId, BTC, 'SELL', '0.005');
    for (let hours = 0; hours < 8; hours += 1) {
      lab.clock.advance(HOUR);
      await expect(checkWith(accountId, failing)).rejects.toThrow('asked too often');
    }

    const drifts = await lab.ledger.reconciliation.drifts(accountId);
    const held = await positionOf(accountId);
    const after = await check(lab, accountId);

    expect(drifts).toMatchObject([{ asset: 'BTC', why: expect.stringContaining('asked too often') }]);
    expect(held).toBe('0.02 for 100');
    expect(after.report.adjusted).toMatchObject([{ reason: 'OWN_SALE' }]);
    expect(after.report.drifts).toEqual([]);
  });

  it('are waited for anew once they were', async () => {
    const accountId = await holder();
    await check(lab, accountId);
    lab.clock.advance(HOUR);
    await expect(checkWith(accountId, failing)).rejects.toThrow();
    lab.clock.advance(6 * HOUR);
    await check(lab, accountId);
    lab.simulator.withdraw(accountId, 'BTC', '0.02');

    for (const _ of [1, 2, 3]) {
      lab.clock.advance(HOUR);
      await expect(checkWith(accountId, failing)).rejects.toThrow();
    }

    expect(await positionOf(accountId)).toBe('0.02 for 100');
    expect(await lab.ledger.reconciliation.drifts(accountId)).toEqual([]);
  });
});
