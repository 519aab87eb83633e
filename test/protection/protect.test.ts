import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { quantity } from '../../shared/money/money.ts';
import { HOUR, MINUTE } from '../../shared/time/clock.ts';
import { expectLedgerAsExchange, heldAtExchange, ordersAtExchange } from '../functions/books.ts';
import { orderByHand } from '../functions/by-hand.ts';
import { BTC, ETH, SOL } from '../local/kraken/exchange.ts';
import { openProtectedLab, type ProtectedLab } from './protected-lab.ts';

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

const soldOf = (accountId: string) =>
  ordersAtExchange(lab, accountId)
    .filter(({ side }) => side === 'SELL')
    .map(({ symbol, filled }) => `${symbol} ${filled}`);
const refused = { kind: 'ERROR_TEXT', text: 'EGeneral:Permission denied', endpoint: 'AddOrder' } as const;

describe('a stop loss', () => {
  it('sells the whole position once the bid is low enough, and records why', async () => {
    const accountId = await lab.user();
    await lab.hold(accountId, BTC, '0.02', '1000');
    const held = await lab.protect(accountId);

    lab.setPrice(BTC, '44000');
    const told = await lab.toldBy(async () => {
      expect(await lab.protect(accountId)).toEqual(['BTC/USD ENDED']);
    });

    expect(held).toEqual(['BTC/USD HELD NO_RULE_FIRES']);
    expect(soldOf(accountId)).toEqual(['BTC/USD 0.02']);
    await expectLedgerAsExchange(lab, accountId, BTC, 'stopped');
    const [decision] = await lab.ledger.protections.exits(accountId);
    expect(decision).toMatchObject({
      rule: 'stop-loss',
      state: 'SOLD',
      numbers: { threshold: '45000', averageCost: '50000', position: '0.02', held: '0.02' },
      result: { state: 'SOLD', rounds: 1 },
    });
    expect(Number(decision?.numbers['price'])).toBeLessThanOrEqual(44_000);
    expect(told.filter(({ level }) => level === 'metric').map(({ message }) => message)).toContain(
      'ProtectionFired',
    );
    expect(told.map(({ message }) => message)).toContain('a position is sold for its protection');
  });

  it('is done with its position, and begins anew with the next one', async () => {
    const accountId = await lab.user();
    await lab.hold(accountId, BTC, '0.02', '1000');
    lab.setPrice(BTC, '44000');
    await lab.protect(accountId);

    expect(await lab.protect(accountId)).toEqual([]);
    const position = await lab.ledger.positions.get(accountId, BTC);
    if (position === undefined) throw new Error('the closed position is gone');
    lab.simulator.deposit(accountId, 'BTC', '0.01');
    await lab.ledger.recordExecution({
      accountId,
      symbol: BTC,
      fills: [],
      position: {
        before: position,
        after: {
          ...position,
          quantity: quantity('0.01'),
          costBasis: position.costBasis.plus(440) as typeof position.costBasis,
          openedAt: lab.clock.now(),
          version: position.version + 1,
        },
      },
      at: lab.clock.now(),
    });
    expect(await lab.protect(accountId)).toEqual(['BTC/USD HELD NO_RULE_FIRES']);
    lab.setPrice(BTC, '39000');
    await lab.protect(accountId);

    expect(await lab.decisions(accountId)).toEqual(['stop-loss SOLD 0.02', 'stop-loss SOLD 0.01']);
    expect(soldOf(accountId)).toEqual(['BTC/USD 0.02', 'BTC/USD 0.01']);
  });

  it('fires whatever stops buying, with the master gone and the account disabled', async () => {
    const accountId = await lab.user(
      {},
      {
        enabled: false,
        exitOnly: true,
        copyPaused: true,
        deniedSymbols: [BTC],
        limits: { minimumEquity: '1000000' },
      },
    );
    await lab.hold(accountId, BTC, '0.02', '1000');
    await lab.ledger.control.setHalt({ engaged: true, by: 'ops', why: 'odd', at: lab.clock.now() });
    lab.setPrice(BTC, '44000');

    await lab.protect(accountId);
    await lab.ledger.control.setHalt({ engaged: false, by: 'ops', why: 'seen', at: lab.clock.now() });

    expect(await lab.decisions(accountId)).toEqual(['stop-loss SOLD 0.02']);
  });

  it('sells what is held where less is held, and no coin more than the position', async () => {
    const [less, more] = [await lab.user(), await lab.user()];
    await lab.hold(less, BTC, '0.02', '1000');
    await lab.hold(more, BTC, '0.02', '1000');
    await orderByHand(lab, less, { pair: 'XBTUSD', type: 'sell', ordertype: 'market', volume: '0.005' });
    lab.simulator.deposit(more, 'BTC', '0.5');
    lab.setPrice(BTC, '44000');

    await lab.protect(less);
    await lab.protect(more);

    expect(await lab.decisions(less)).toEqual(['stop-loss SOLD 0.015']);
    expect(await lab.decisions(more)).toEqual(['stop-loss SOLD 0.02']);
    expect(heldAtExchange(lab, more, BTC)).toBe('0.5');
  });

  it('decides nothing where the exchange holds nothing', async () => {
    const accountId = await lab.user();
    await lab.hold(accountId, BTC, '0.02', '1000');
    await lab.protect(accountId);
    await orderByHand(lab, accountId, { pair: 'XBTUSD', type: 'sell', ordertype: 'market', volume: '0.02' });
    lab.setPrice(BTC, '44000');

    expect(await lab.protect(accountId)).toEqual(['BTC/USD HELD NOTHING_SELLABLE']);
    expect(await lab.decisions(accountId)).toEqual([]);
  });
});

describe('a sale that does not succeed', () => {
  it('is tried again with each check until it is sold, and counted each time', async () => {
    const accountId = await lab.user();
    await lab.hold(accountId, BTC, '0.02', '1000');
    lab.setPrice(BTC, '44000');
    lab.simulator.faults.inject({ ...refused, accountId, times: 2 });

    const first = await lab.toldBy(() => lab.protect(accountId));
    // It goes on although the price has come back: it was decided.
    lab.setPrice(BTC, '50000');
    const second = await lab.toldBy(() => lab.protect(accountId));
    lab.clock.advance(15 * MINUTE);
    const third = await lab.toldBy(() => lab.protect(accountId));

    const failures = [first, second, third].map(
      (told) => told.filter(({ message }) => message === 'ProtectionFailed').length,
    );
    const fired = [first, second, third].map(
      (told) => told.filter(({ message }) => message === 'ProtectionFired').length,
    );
    expect([failures, fired]).toEqual([
      [1, 1, 0],
      [1, 0, 0],
    ]);
    expect(await lab.decisions(accountId)).toEqual(['stop-loss SOLD 0.02']);
    expect(soldOf(accountId)).toEqual(['BTC/USD 0.02']);
  });

  it('is no reason to leave another position alone', async () => {
    const accountId = await lab.user();
    await lab.hold(accountId, BTC, '0.02', '1000');
    await lab.hold(accountId, ETH, '0.4', '1000');
    lab.setPrice(BTC, '44000');
    lab.setPrice(ETH, '2000');
    lab.simulator.faults.inject({ ...refused, accountId });

    expect(await lab.protect(accountId)).toEqual(['BTC/USD FAILED', 'ETH/USD ENDED']);
  });

  it('of a part gives way to the sale of the whole, and to nothing less', async () => {
    const accountId = await lab.user({ takeProfit: [{ at: '0.05', sell: '0.5' }] });
    await lab.hold(accountId, BTC, '0.02', '1000');
    lab.setPrice(BTC, '54000');
    lab.simulator.faults.inject({ ...refused, accountId, times: 2 });

    expect(await lab.protect(accountId)).toEqual(['BTC/USD FAILED']);
    lab.setPrice(BTC, '44000');
    expect(await lab.protect(accountId)).toEqual(['BTC/USD ENDED']);

    expect(await lab.decisions(accountId)).toEqual(['take-profit 0.05 ABANDONED 0', 'stop-loss SOLD 0.02']);
    expect(soldOf(accountId)).toEqual(['BTC/USD 0.02']);
  });

  it('ends where the owner switches protection off, and nothing more is sent', async () => {
    const accountId = await lab.user();
    await lab.hold(accountId, BTC, '0.02', '1000');
    lab.setPrice(BTC, '44000');
    lab.simulator.faults.inject({ ...refused, accountId });
    await lab.protect(accountId);

    await lab.switchProtection(accountId, {}, false);

    expect(await lab.protect(accountId)).toEqual(['BTC/USD HELD OFF']);
    expect(await lab.decisions(accountId)).toEqual(['stop-loss ABANDONED 0']);
    expect(soldOf(accountId)).toEqual([]);
  });

  it('is decided anew, and sells once, where protection is switched on again', async () => {
    const accountId = await lab.user();
    await lab.hold(accountId, BTC, '0.02', '1000');
    lab.setPrice(BTC, '44000');
    lab.simulator.faults.inject({ ...refused, accountId });
    await lab.protect(accountId);
    for (const enabled of [false, true]) {
      const asked = { by: 'ann', why: 'I hold, or not', at: lab.clock.now() };
      await lab.ledger.control.setProtection({ accountId, protection: { enabled }, ...asked });
      await lab.protect(accountId);
    }
    await lab.protect(accountId);

    expect(await lab.decisions(accountId)).toEqual(['stop-loss ABANDONED 0', 'stop-loss SOLD 0.02']);
    expect(soldOf(accountId)).toHaveLength(1);
  });

  it('is decided anew also where it was for a level, or for how long it was held', async () => {
    for (const { settings, price, id, sold } of [
      { settings: { stopLoss: null, maxHoldingHours: 1 }, price: '50000', id: 'max-holding', sold: '0.02' },
      {
        settings: { takeProfit: [{ at: '0.05', sell: '0.5' }] },
        price: '54000',
        id: 'take-profit 0.05',
        sold: '0.01',
      },
    ]) {
      lab.setPrice(BTC, '50000');
      const accountId = await lab.user(settings);
      await lab.hold(accountId, BTC, '0.02', '1000');
      await lab.protect(accountId);
      lab.clock.advance(HOUR);
      lab.setPrice(BTC, price);
      lab.simulator.faults.inject({ ...refused, accountId });
      const first = await lab.protect(accountId);

      await lab.switchProtection(accountId, settings, false);
      const off = await lab.protect(accountId);
      await lab.switchProtection(accountId, settings, true);
      await lab.protect(accountId);
      await lab.protect(accountId);

      expect([first, off]).toEqual([['BTC/USD FAILED'], ['BTC/USD HELD OFF']]);
      expect(await lab.decisions(accountId)).toEqual([`${id} ABANDONED 0`, `${id} SOLD ${sold}`]);
      expect(soldOf(accountId)).toEqual([`BTC/USD ${sold}`]);
    }
  });

  it('of a part is tried again after the sale of the whole that it gave way to was switched off', async () => {
    const settings = { takeProfit: [{ at: '0.05', sell: '0.5' }] };
    const accountId = await lab.user(settings);
    await lab.hold(accountId, BTC, '0.02', '1000');
    lab.setPrice(BTC, '54000');
    lab.simulator.faults.inject({ ...refused, accountId, times: 3 });
    await lab.protect(accountId);
    lab.setPrice(BTC, '44000');
    await lab.protect(accountId);
    await lab.switchProtection(accountId, settings, false);
    await lab.protect(accountId);

    lab.setPrice(BTC, '54000');
    await lab.switchProtection(accountId, settings, true);
    await lab.protect(accountId);
    await lab.protect(accountId);

    expect((await lab.decisions(accountId)).toSorted()).toEqual([
      'stop-loss ABANDONED 0',
      'take-profit 0.05 ABANDONED 0',
      'take-profit 0.05 SOLD 0.01',
    ]);
    expect(soldOf(accountId)).toEqual(['BTC/USD 0.01']);
  });

  it('does not sell the position that was opened after its own was sold by others', async () => {
    const accountId = await lab.user();
    await lab.hold(accountId, BTC, '0.02', '1000');
    lab.setPrice(BTC, '44000');
    lab.simulator.faults.inject({ ...refused, accountId });
    await lab.protect(accountId);

    const before = await lab.ledger.positions.get(accountId, BTC);
    if (before === undefined) throw new Error('the position is gone');
    const after = {
      ...before,
      costBasis: before.costBasis.times('0.88') as typeof before.costBasis,
      openedAt: lab.clock.now(),
      version: before.version + 1,
    };
    await lab.ledger.recordExecution({
      accountId,
      symbol: BTC,
      fills: [],
      position: { before, after },
      at: lab.clock.now(),
    });

    expect(await lab.protect(accountId)).toEqual(['BTC/USD HELD NO_RULE_FIRES']);
    expect(await lab.decisions(accountId)).toEqual(['stop-loss ABANDONED 0']);
    expect(soldOf(accountId)).toEqual([]);
  });
});

describe('an order in doubt', () => {
  it('leaves its symbol, and only that, to the next check, which sells once in all', async () => {
    const accountId = await lab.user();
    await lab.hold(accountId, BTC, '0.02', '1000');
    await lab.hold(accountId, ETH, '0.4', '1000');
    lab.setPrice(BTC, '44000');
    lab.setPrice(ETH, '2000');
    lab.simulator.faults.inject({ kind: 'HTTP_5XX', accountId, endpoint: 'AddOrder', accept: true });
    lab.simulator.faults.inject({ kind: 'HTTP_5XX', accountId, endpoint: 'OpenOrders', times: 3 });

    const first = await lab.protect(accountId);
    const second = await lab.protect(accountId);
    const third = await lab.protect(accountId);

    expect(first).toEqual(['BTC/USD FAILED', 'ETH/USD ENDED']);
    expect([second, third]).toEqual([['BTC/USD LEFT'], ['BTC/USD ENDED']]);
    expect(soldOf(accountId).toSorted()).toEqual(['BTC/USD 0.02', 'ETH/USD 0.4']);
    expect((await lab.decisions(accountId)).toSorted()).toEqual([
      'stop-loss SOLD 0.02',
      'stop-loss SOLD 0.4',
    ]);
    await expectLedgerAsExchange(lab, accountId, BTC, 'doubt');
  });
});

describe('take profit', () => {
  it('sells a part at each level, each once, and leaves the rest', async () => {
    const accountId = await lab.user({
      takeProfit: [
        { at: '0.05', sell: '0.5' },
        { at: '0.1', sell: '0.25' },
      ],
    });
    await lab.hold(accountId, BTC, '0.02', '1000');

    lab.setPrice(BTC, '53000');
    await lab.protect(accountId);
    await lab.protect(accountId);
    lab.setPrice(BTC, '51000');
    await lab.protect(accountId);
    lab.setPrice(BTC, '53000');
    await lab.protect(accountId);
    lab.setPrice(BTC, '56000');
    await lab.protect(accountId);
    await lab.protect(accountId);

    expect(soldOf(accountId)).toEqual(['BTC/USD 0.01', 'BTC/USD 0.0025']);
    expect(await lab.decisions(accountId)).toEqual([
      'take-profit 0.05 SOLD 0.01',
      'take-profit 0.1 SOLD 0.0025',
    ]);
  });

  it('sells the parts of two levels in one check where both are reached at once', async () => {
    const accountId = await lab.user({
      takeProfit: [
        { at: '0.05', sell: '0.5' },
        { at: '0.1', sell: '0.5' },
      ],
    });
    await lab.hold(accountId, BTC, '0.02', '1000');
    lab.setPrice(BTC, '56000');

    expect(await lab.protect(accountId)).toEqual(['BTC/USD ENDED']);

    expect(soldOf(accountId)).toEqual(['BTC/USD 0.01', 'BTC/USD 0.01']);
  });
});

describe('a trailing stop', () => {
  it('follows the best price over many checks and sells when the price falls from it', async () => {
    const accountId = await lab.user({ trailing: { activateAt: '0.05', distance: '0.05' } });
    await lab.hold(accountId, BTC, '0.02', '1000');
    const best: number[] = [];
    for (const price of ['51000', '55000', '53000', '60000', '58000']) {
      lab.setPrice(BTC, price);
      await lab.protect(accountId);
      best.push((await lab.ledger.protections.watches(accountId))[0]?.bestPrice?.toNumber() ?? 0);
    }
    expect(best).toEqual(best.toSorted((a, b) => a - b));
    expect(soldOf(accountId)).toEqual([]);

    lab.setPrice(BTC, '56900');
    await lab.protect(accountId);

    expect(await lab.decisions(accountId)).toEqual(['trailing-stop SOLD 0.02']);
  });
});

describe('the longest holding time', () => {
  it('sells when it is over', async () => {
    const accountId = await lab.user({ maxHoldingHours: 2 });
    await lab.hold(accountId, BTC, '0.02', '1000');

    expect(await lab.protect(accountId)).toEqual(['BTC/USD HELD NO_RULE_FIRES']);
    lab.clock.advance(2 * HOUR);
    expect(await lab.protect(accountId)).toEqual(['BTC/USD ENDED']);

    expect(await lab.decisions(accountId)).toEqual(['max-holding SOLD 0.02']);
  });
});

describe('a loss of the account’s equity', () => {
  it('sells all managed positions where the owner wants that, and nothing of the owner’s own', async () => {
    const accountId = await lab.user({ stopLoss: null, onMaxDrawdown: 'exit' });
    await lab.hold(accountId, BTC, '0.2', '10000');
    await lab.hold(accountId, ETH, '1', '2500');
    lab.simulator.deposit(accountId, 'SOL', '3');
    await lab.protect(accountId);

    lab.setPrice(BTC, '36000');
    await lab.protect(accountId);

    const decisions = await lab.ledger.protections.exits(accountId);
    expect(decisions.map(({ symbol, rule, state }) => `${symbol} ${rule} ${state}`)).toEqual([
      'BTC/USD max-drawdown SOLD',
      'ETH/USD max-drawdown SOLD',
    ]);
    expect(Object.keys(decisions[0]?.numbers ?? {})).toEqual(
      expect.arrayContaining(['equity', 'peakEquity', 'limit', 'price']),
    );
    expect(heldAtExchange(lab, accountId, SOL)).toBe('3');
  });

  it('of one day is a rule of its own', async () => {
    const accountId = await lab.user({ stopLoss: null, onDailyLoss: 'exit' });
    await lab.hold(accountId, BTC, '0.2', '10000');
    await lab.protect(accountId);

    lab.setPrice(BTC, '46500');
    await lab.protect(accountId);

    expect(await lab.decisions(accountId)).toEqual(['daily-loss SOLD 0.2']);
  });

  it('only stops buying where nothing else was asked for', async () => {
    const accountId = await lab.user({ stopLoss: null });
    await lab.hold(accountId, BTC, '0.2', '10000');
    await lab.protect(accountId);

    lab.setPrice(BTC, '30000');

    expect(await lab.protect(accountId)).toEqual(['BTC/USD HELD NO_RULE_FIRES']);
  });

  it('is not what a withdrawal is', async () => {
    const accountId = await lab.user({ stopLoss: null, onMaxDrawdown: 'exit', onDailyLoss: 'exit' });
    await lab.hold(accountId, BTC, '0.02', '1000');
    await lab.protect(accountId);

    lab.clock.advance(MINUTE);
    lab.simulator.withdraw(accountId, 'USD', '900');

    expect(await lab.protect(accountId)).toEqual(['BTC/USD HELD NO_RULE_FIRES']);
  });

  it('is not judged without a snapshot of the same check, and the report says so', async () => {
    const accountId = await lab.user({ onMaxDrawdown: 'exit' });
    await lab.hold(accountId, BTC, '0.02', '1000');
    await lab.protect(accountId);
    lab.clock.advance(MINUTE);
    lab.simulator.faults.inject({ kind: 'HTTP_5XX', accountId, endpoint: 'TradesHistory', times: Infinity });

    const { byPrices, byEquity } = await lab.check(accountId);

    expect(byEquity?.equityNotJudged).toContain('no snapshot of this check');
    expect(byPrices?.symbols).toMatchObject([{ state: 'HELD' }]);
  });
});
