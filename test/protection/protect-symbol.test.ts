import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runExit } from '../../functions/exit/exit.ts';
import { zExitInput } from '../../functions/exit/exit-contract.ts';
import { HOUR, MINUTE } from '../../shared/time/clock.ts';
import { heldAtExchange, ordersAtExchange } from '../functions/books.ts';
import { orderByHand } from '../functions/by-hand.ts';
import { BTC, ETH } from '../local/kraken/exchange.ts';
import { type Change, openProtectedLab, type ProtectedLab } from './protected-lab.ts';

let lab: ProtectedLab;
beforeAll(async () => {
  lab = await openProtectedLab();
});
afterAll(() => lab.stop());
beforeEach(() => {
  lab.simulator.faults.clear();
  lab.setPrice(BTC, '50000');
  lab.setPrice(ETH, '2500');
});

const refused = { kind: 'ERROR_TEXT', text: 'EGeneral:Permission denied', endpoint: 'AddOrder' } as const;
const TWO_LEVELS = {
  takeProfit: [
    { at: '0.05', sell: '0.5' },
    { at: '0.1', sell: '0.5' },
  ],
};
const soldOf = (accountId: string) =>
  ordersAtExchange(lab, accountId)
    .filter(({ side }) => side === 'SELL')
    .map(({ symbol, filled }) => `${symbol} ${filled}`);
const holding = async (settings: Record<string, unknown> = {}): Promise<string> => {
  const accountId = await lab.user(settings);
  await lab.hold(accountId, BTC, '0.02', '1000');
  return accountId;
};
const watchOf = async (accountId: string) => (await lab.ledger.protections.watches(accountId))[0];

describe('a check of one position', () => {
  it('reports each exit that it began or went on with, as it ended', async () => {
    const accountId = await holding(TWO_LEVELS);
    lab.setPrice(BTC, '56000');

    const { byPrices } = await lab.check(accountId);

    expect(byPrices?.symbols).toMatchObject([
      {
        symbol: BTC,
        state: 'ENDED',
        exits: [
          { rule: 'take-profit', level: '0.05', state: 'SOLD' },
          { rule: 'take-profit', level: '0.1', state: 'SOLD' },
        ],
      },
    ]);
    expect(byPrices?.symbols[0]?.exits).toHaveLength(2);
  });

  it('that sells nothing reports no exit, and says nothing of a rule that fires no more', async () => {
    const accountId = await holding();

    const told = await lab.toldBy(async () => {
      expect((await lab.check(accountId)).byPrices?.symbols).toMatchObject([{ exits: [] }]);
      lab.setPrice(BTC, '44000');
      expect(await lab.protect(accountId)).toEqual(['BTC/USD ENDED']);
    });

    expect(told.map(({ message }) => message)).not.toContain('a rule fired that does not a moment later');
  });

  it('judges what is left after a sale by what is still held', async () => {
    const accountId = await holding(TWO_LEVELS);
    await orderByHand(lab, accountId, { pair: 'XBTUSD', type: 'sell', ordertype: 'market', volume: '0.004' });
    lab.setPrice(BTC, '56000');

    await lab.protect(accountId);

    const decisions = await lab.ledger.protections.exits(accountId);
    expect(decisions.map(({ numbers }) => numbers['held'])).toEqual(['0.016', '0.006']);
  });

  it('is over with the sale of all that is held, also where the position was for more', async () => {
    const accountId = await holding();
    await orderByHand(lab, accountId, { pair: 'XBTUSD', type: 'sell', ordertype: 'market', volume: '0.005' });
    lab.setPrice(BTC, '44000');

    expect(await lab.protect(accountId)).toEqual(['BTC/USD ENDED']);
    expect(heldAtExchange(lab, accountId, BTC)).toBe('0');
  });

  it('is over where what was to be sold was sold by others and is not wanted any more', async () => {
    const accountId = await holding();
    lab.setPrice(BTC, '44000');
    lab.simulator.faults.inject({ ...refused, accountId });
    await lab.protect(accountId);
    await runExit(zExitInput.parse({ accountId, requestId: 'out' }), lab.process());
    await lab.switchProtection(accountId, {}, false);

    expect(await lab.protect(accountId)).toEqual(['BTC/USD ENDED']);

    expect(await lab.decisions(accountId)).toEqual(['stop-loss ABANDONED 0']);
    expect(soldOf(accountId)).toEqual(['BTC/USD 0.02']);
  });

  it('writes nothing where there is nothing new to remember', async () => {
    const accountId = await holding();
    await lab.protect(accountId);
    const before = await watchOf(accountId);

    await lab.protect(accountId);

    expect(before).toMatchObject({ version: 1 });
    expect(await watchOf(accountId)).toEqual(before);
  });

  it('remembers nothing of a position whose protection is off', async () => {
    const accountId = await lab.user({ enabled: false });
    await lab.hold(accountId, BTC, '0.02', '1000');

    expect(await lab.protect(accountId)).toEqual(['BTC/USD HELD OFF']);
    expect(await watchOf(accountId)).toBeUndefined();
  });

  it('sells no second part while the first could not be sold', async () => {
    const accountId = await holding(TWO_LEVELS);
    lab.setPrice(BTC, '56000');
    lab.simulator.faults.inject({ ...refused, accountId });

    const { byPrices } = await lab.check(accountId);

    expect(byPrices?.symbols).toMatchObject([
      { state: 'FAILED', why: expect.stringContaining('Permission denied'), exits: [{ state: 'RUNNING' }] },
    ]);
    expect(await lab.decisions(accountId)).toEqual(['take-profit 0.05 RUNNING 0']);
    expect(soldOf(accountId)).toEqual([]);
  });

  it('sells nothing of a symbol while the sale of a part is in doubt, and by its stop as soon as that is known', async () => {
    const accountId = await holding({ ...TWO_LEVELS, stopLoss: '0.1' });
    lab.setPrice(BTC, '54000');
    lab.simulator.faults.inject({ kind: 'HTTP_5XX', accountId, endpoint: 'AddOrder', accept: true });
    lab.simulator.faults.inject({ kind: 'HTTP_5XX', accountId, endpoint: 'OpenOrders', times: 3 });

    const first = await lab.protect(accountId);
    lab.setPrice(BTC, '44000');
    const second = await lab.protect(accountId);
    const third = await lab.protect(accountId);

    expect([first, second, third]).toEqual([['BTC/USD FAILED'], ['BTC/USD LEFT'], ['BTC/USD ENDED']]);
    expect(soldOf(accountId)).toEqual(['BTC/USD 0.01', 'BTC/USD 0.01']);
  });

  it('sells no whole after a part in doubt: what is there beyond that part is its owner’s', async () => {
    const accountId = await holding({
      stopLoss: null,
      takeProfit: [{ at: '0.05', sell: '0.5' }],
      maxHoldingHours: 1,
    });
    lab.simulator.deposit(accountId, 'BTC', '1');
    await lab.protect(accountId);
    lab.clock.advance(HOUR);
    lab.setPrice(BTC, '54000');
    lab.simulator.faults.inject({ kind: 'HTTP_5XX', accountId, endpoint: 'AddOrder', accept: true });
    const times = Number.POSITIVE_INFINITY;
    lab.simulator.faults.inject({ kind: 'HTTP_5XX', accountId, endpoint: 'OpenOrders', times });

    const ended = await lab.protect(accountId);

    expect(ended).toEqual(['BTC/USD FAILED']);
    expect(soldOf(accountId)).toEqual(['BTC/USD 0.01']);
    lab.simulator.faults.clear();
    await lab.protect(accountId);
    expect(soldOf(accountId)).toEqual(['BTC/USD 0.01', 'BTC/USD 0.01']);
    expect(heldAtExchange(lab, accountId, BTC)).toBe('1');
  });
});

/** The same world, in which a position's market is not known. */
const withoutRulesOf =
  (gone: string): Change =>
  (ports) => {
    const { marketRules } = ports;
    const known = async (exchange: 'kraken') =>
      (await marketRules.everListed(exchange)).filter(({ symbol }) => symbol !== gone);
    return {
      ...ports,
      marketRules: { of: known, everListed: known, refresh: (...asked) => marketRules.refresh(...asked) },
    };
  };

/** The same world, in which the exits of a protection are gone. */
const withoutExits: Change = (ports) => {
  const { protections } = ports.ledger;
  const gone: typeof protections = { ...protections, exit: async () => undefined };
  return { ...ports, ledger: { ...ports.ledger, protections: gone } };
};

describe('a position that cannot be protected', () => {
  it('because its market is not known fails by name, counts, and stops no other', async () => {
    const accountId = await holding();
    await lab.hold(accountId, ETH, '0.4', '1000');
    lab.setPrice(ETH, '2000');

    const told = await lab.toldBy(async () => {
      const { byPrices } = await lab.check(accountId, {}, withoutRulesOf(BTC));
      expect(byPrices?.symbols).toMatchObject([
        {
          symbol: BTC,
          state: 'FAILED',
          why: expect.stringContaining('BTC/USD are not known: sell it by hand'),
          exits: [],
        },
        { symbol: ETH, state: 'ENDED' },
      ]);
    });

    expect(told).toContainEqual(
      expect.objectContaining({
        level: 'metric',
        message: 'ProtectionFailed',
        fields: expect.objectContaining({
          account: accountId,
          symbol: BTC,
          why: expect.stringContaining('not known'),
        }),
      }),
    );
    expect(soldOf(accountId)).toEqual(['ETH/USD 0.4']);
  });

  it('because what it decided is gone from the ledger fails by name, and sells nothing', async () => {
    const accountId = await holding();
    lab.setPrice(BTC, '44000');
    lab.simulator.faults.inject({ ...refused, accountId });
    await lab.protect(accountId);

    const { byPrices } = await lab.check(accountId, {}, withoutExits);

    expect(byPrices?.symbols).toMatchObject([
      { state: 'FAILED', why: expect.stringMatching(/protective exit BTC\/USD#.* of u-\d+ is gone/) },
    ]);
    expect(soldOf(accountId)).toEqual([]);
  });

  it('because what it cost is not known is told from the second check on', async () => {
    const accountId = await lab.user();
    await lab.hold(accountId, BTC, '0.02', '0');

    const unjudged = async () => {
      lab.clock.advance(15 * MINUTE);
      const told = await lab.toldBy(async () => {
        expect(await lab.protect(accountId)).toEqual(['BTC/USD HELD NO_COST']);
      });
      return told.flatMap(({ message, fields }) => (message === 'PositionUnjudged' ? [fields?.['why']] : []));
    };

    expect(await unjudged()).toEqual([]);
    expect(await unjudged()).toEqual(['NO_COST: its rules go by what it cost, and that is not known']);
  });
});
