import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FUNCTION_SPECS } from '../../infra/functions/specs.ts';
import type { MarketSymbol } from '../../shared/exchange/market.ts';
import { price, quantity } from '../../shared/money/money.ts';
import { clientOrderIdOf } from '../../shared/order/order.ts';
import { HOUR, SECOND } from '../../shared/time/clock.ts';
import { expectLedgerAsExchange, heldAtExchange, ordersAtExchange } from '../functions/books.ts';
import { orderByHand } from '../functions/by-hand.ts';
import { BTC, ETH, SOL } from '../local/kraken/exchange.ts';
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

/** A position of 0.02 BTC that its stop calls for selling. */
const stopped = async (settings: Record<string, unknown> = {}): Promise<string> => {
  const accountId = await lab.user(settings);
  await lab.hold(accountId, BTC, '0.02', '1000');
  lab.setPrice(BTC, '44000');
  return accountId;
};
const soldOf = (accountId: string) =>
  ordersAtExchange(lab, accountId)
    .filter(({ side }) => side === 'SELL')
    .map(({ symbol, filled }) => `${symbol} ${filled}`);

/** Purchases of ETH that stay open at the exchange: how they end is not known. */
const leaveInDoubt = async (accountId: string, tradeIds: readonly string[]): Promise<void> => {
  lab.simulator.deposit(accountId, 'USD', '10000');
  for (const tradeId of tradeIds) {
    const cause = { kind: 'copy', accountId, tradeId } as const;
    const clientOrderId = clientOrderIdOf(cause);
    const at = lab.clock.now();
    await lab.ledger.orders.create({
      accountId,
      clientOrderId,
      cause: JSON.stringify(cause),
      symbol: ETH,
      side: 'BUY',
      type: 'LIMIT_IOC',
      quantity: quantity('0.1'),
      state: 'INTENT',
      attempt: 1,
      createdAt: at,
      intendedAt: at,
      deadline: at + 8 * SECOND,
    });
    const limit = { pair: 'ETHUSD', type: 'buy', ordertype: 'limit', price: '1000', volume: '0.1' };
    await orderByHand(lab, accountId, { ...limit, cl_ord_id: clientOrderId });
  }
};

/** The tickers of the exchange, changed by whether they are those of right before a sale. */
const withTickers =
  (change: (bid: string, anew: boolean, symbol: MarketSymbol) => string | undefined): Change =>
  (ports) => {
    const exchange: typeof ports.exchange = (name) => {
      const real = ports.exchange(name);
      const tickers: typeof real.marketData.tickers = async (symbols, options) => {
        const found = await real.marketData.tickers(symbols, options);
        return new Map(
          [...found].flatMap(([symbol, ticker]) => {
            const bid = change(ticker.bid.toFixed(), options?.anew === true, symbol);
            return bid === undefined ? [] : [[symbol, { ...ticker, bid: price(bid) }]];
          }),
        );
      };
      return { ...real, marketData: { ...real.marketData, tickers } };
    };
    return { ...ports, exchange };
  };

const withSession =
  (
    change: (session: ReturnType<ReturnType<Parameters<Change>[0]['exchange']>['session']>) => object,
  ): Change =>
  (ports) => ({
    ...ports,
    exchange: (name) => {
      const real = ports.exchange(name);
      return {
        ...real,
        session: (input) => {
          const session = real.session(input);
          return { ...session, ...change(session) };
        },
      };
    },
  });

describe('the stops of a check', () => {
  it('come before all that may take long, and are judged where the executions are never read', async () => {
    const accountId = await stopped();
    const slow = withSession(() => ({
      fillsSince: async () => {
        lab.clock.advance(25 * SECOND);
        throw new Error('the list does not end');
      },
    }));

    const report = await lab.wholeCheck(accountId, slow);

    expect(soldOf(accountId)).toEqual(['BTC/USD 0.02']);
    expect(report.steps.map(({ step, state }) => `${step} ${state}`).slice(0, 4)).toEqual([
      'connect DONE',
      'protect DONE',
      'key-usable DONE',
      'reconcile FAILED',
    ]);
  });

  it('leave books that agree: what they sold is neither missing nor a flow', async () => {
    const accountId = await lab.user();
    await lab.hold(accountId, BTC, '0.02', '1000');
    await lab.wholeCheck(accountId);
    lab.setPrice(BTC, '44000');

    const reports = [await lab.wholeCheck(accountId), await lab.wholeCheck(accountId)];

    expect(soldOf(accountId)).toEqual(['BTC/USD 0.02']);
    for (const report of reports) {
      expect(report.state).toBe('COMPLETED');
      const resultOf = (name: string) => report.steps.find(({ step }) => step === name);
      expect(resultOf('reconcile')).toMatchObject({ result: { adjusted: [], drifts: [], missedFills: [] } });
      expect(resultOf('snapshot')).toMatchObject({ result: { outcome: 'TAKEN', flows: [] } });
    }
    await expectLedgerAsExchange(lab, accountId, BTC, 'after the sale');
  });

  it('wait for a key that has asked too often, and sell in the same check', async () => {
    const text = 'EAPI:Rate limit exceeded';
    for (const endpoint of ['BalanceEx', 'QueryOrders', 'QueryTrades', 'Ticker']) {
      const accountId = await stopped();
      const who = endpoint === 'Ticker' ? {} : { accountId };
      lab.simulator.faults.inject({ kind: 'ERROR_TEXT', text, endpoint, times: 2, ...who });
      await lab.protect(accountId);
      lab.simulator.faults.clear();

      expect(soldOf(accountId), endpoint).toEqual(['BTC/USD 0.02']);
      expect(await lab.decisions(accountId), endpoint).toEqual(['stop-loss SOLD 0.02']);
    }
  });

  it('and all else have the time for a key that is taken, an order in doubt and too many questions at once', async () => {
    const accountId = await stopped();
    await leaveInDoubt(accountId, ['t-1']);
    const account = await lab.ledger.accounts.get(accountId);
    const { leases } = lab.process();
    // By somebody who died.
    await leases.acquire({
      accountId,
      fingerprint: account?.keyFingerprint ?? '',
      holder: 'a copy',
      priority: 'normal',
      waitMs: 0,
    });
    const text = 'EAPI:Rate limit exceeded';
    lab.simulator.faults.inject({ kind: 'ERROR_TEXT', text, endpoint: 'BalanceEx', times: 4, accountId });
    const begun = lab.clock.now();
    const { timeoutMs } = FUNCTION_SPECS['account-check'];
    const remainingMs = () => timeoutMs - (lab.clock.now() - begun);

    const report = await lab.wholeCheck(accountId, undefined, {}, remainingMs);

    expect(soldOf(accountId)).toEqual(['BTC/USD 0.02']);
    expect(report.steps.filter(({ state }) => state === 'FAILED')).toEqual([]);
  });

  it('do not wait for one order in doubt after the other', async () => {
    const accountId = await stopped();
    await leaveInDoubt(accountId, ['t-1', 't-2', 't-3', 't-4']);
    const begun = lab.clock.now();
    let soldAfterMs = 0;
    const timed = withSession((session) => ({
      place: async (order: Parameters<typeof session.place>[0]) => {
        soldAfterMs = lab.clock.now() - begun;
        return await session.place(order);
      },
    }));

    const { checked } = await lab.check(accountId, {}, timed);

    expect(soldOf(accountId)).toEqual(['BTC/USD 0.02']);
    expect(soldAfterMs).toBeGreaterThan(0);
    expect(soldAfterMs).toBeLessThanOrEqual(21 * SECOND);
    expect(
      Object.keys((checked.steps[0] as { result?: { doubtful: object } }).result?.doubtful ?? {}),
    ).toEqual([ETH]);
  });
});

describe('a sale for protection', () => {
  it('is not begun where the owner has switched protection off, or loosened it, since the check began', async () => {
    for (const { settings, enabled, held } of [
      { settings: {}, enabled: false, held: 'BTC/USD HELD OFF' },
      { settings: { stopLoss: '0.5' }, enabled: true, held: 'BTC/USD HELD NO_RULE_FIRES' },
    ]) {
      const accountId = await stopped();
      const change: Change = (ports) => {
        const { protections } = ports.ledger;
        // The check has read its settings by then.
        const watches: typeof protections.watches = async (of) => {
          await lab.switchProtection(accountId, settings, enabled);
          return await protections.watches(of);
        };
        return { ...ports, ledger: { ...ports.ledger, protections: { ...protections, watches } } };
      };

      expect(await lab.protect(accountId, {}, change)).toEqual([held]);
      expect(soldOf(accountId)).toEqual([]);
      expect(await lab.decisions(accountId)).toEqual([]);
    }
  });

  it('is not begun for the bid of one moment', async () => {
    const accountId = await lab.user({ trailing: { activateAt: '0.05', distance: '0.05' } });
    await lab.hold(accountId, BTC, '0.02', '1000');
    const spike = withTickers((bid, anew) => (anew ? bid : '44000'));

    const told = await lab.toldBy(async () => {
      expect(await lab.protect(accountId, {}, spike)).toEqual(['BTC/USD HELD NO_RULE_FIRES']);
    });

    expect(soldOf(accountId)).toEqual([]);
    expect(told.map(({ message }) => message)).toContain('a rule fired that does not a moment later');
  });

  it('is recorded with the bid of right before it', async () => {
    const accountId = await stopped();
    const falling = withTickers((bid, anew) => (anew ? '43000' : bid));

    await lab.protect(accountId, {}, falling);

    const [decision] = await lab.ledger.protections.exits(accountId);
    expect(decision).toMatchObject({ state: 'SOLD', numbers: { price: '43000' } });
  });

  it('is made by the first bid where there is no answer to the second question', async () => {
    for (const second of ['none', 'failing'] as const) {
      const accountId = await stopped();
      const silent = withTickers((bid, anew) => {
        if (!anew) return bid;
        if (second === 'failing') throw new Error('the exchange does not answer');
        return undefined;
      });

      expect(await lab.protect(accountId, {}, silent), second).toEqual(['BTC/USD ENDED']);
      expect(soldOf(accountId), second).toEqual(['BTC/USD 0.02']);
    }
  });

  it('is not passed for dust by the bid of one moment', async () => {
    const accountId = await lab.user();
    await lab.hold(accountId, BTC, '0.02', '1000');
    await lab.protect(accountId);
    lab.setPrice(BTC, '44000');
    const glitch = withTickers((bid, anew) => (anew ? bid : '0.1'));

    expect(await lab.protect(accountId, {}, glitch)).toEqual(['BTC/USD ENDED']);

    expect(await lab.decisions(accountId)).toEqual(['stop-loss SOLD 0.02']);
  });

  it('of the second pass goes by what the first one has left', async () => {
    const accountId = await lab.user({ stopLoss: '0.2', onMaxDrawdown: 'exit' });
    await lab.hold(accountId, BTC, '0.2', '10000');
    await lab.hold(accountId, ETH, '4', '10000');
    await lab.wholeCheck(accountId);

    lab.setPrice(BTC, '30000');
    await lab.wholeCheck(accountId);

    expect((await lab.decisions(accountId)).toSorted()).toEqual([
      'max-drawdown SOLD 4',
      'stop-loss SOLD 0.2',
    ]);
    expect([heldAtExchange(lab, accountId, BTC), heldAtExchange(lab, accountId, ETH)]).toEqual(['0', '0']);
  });

  it('for a loss of equity is not begun for the prices of one moment', async () => {
    const accountId = await lab.user({ stopLoss: null, onMaxDrawdown: 'exit' });
    await lab.hold(accountId, BTC, '0.2', '10000');
    await lab.wholeCheck(accountId);
    lab.clock.advance(60 * SECOND);
    const dip: Change = (ports) => ({
      ...ports,
      exchange: (name) => {
        const real = ports.exchange(name);
        const tickers: typeof real.marketData.tickers = async (symbols, options) => {
          const found = await real.marketData.tickers(symbols, options);
          if (options?.anew === true) return found;
          return new Map([...found].map(([symbol, one]) => [symbol, { ...one, last: price('30000') }]));
        };
        return { ...real, marketData: { ...real.marketData, tickers } };
      },
    });

    await lab.protect(accountId, {}, dip);

    expect(soldOf(accountId)).toEqual([]);
  });
});

describe('a check that gets no prices', () => {
  const ANSWERS = [{ kind: 'ERROR_TEXT', text: 'EAPI:Rate limit exceeded' }, { kind: 'HTTP_5XX' }] as const;
  const withoutPrices = (answer: (typeof ANSWERS)[number]) =>
    lab.simulator.faults.inject({ ...answer, endpoint: 'Ticker', times: Infinity });
  const hours = (count: number) => lab.clock.advance(count * HOUR);

  it.each(ANSWERS)('goes on with a sale that was decided: $kind', async (answer) => {
    const accountId = await stopped();
    const text = 'EGeneral:Permission denied';
    lab.simulator.faults.inject({ kind: 'ERROR_TEXT', text, endpoint: 'AddOrder', accountId });
    await lab.wholeCheck(accountId);
    expect(await lab.decisions(accountId)).toEqual(['stop-loss RUNNING 0']);
    lab.clock.advance(60 * SECOND);
    withoutPrices(answer);

    await lab.wholeCheck(accountId);

    expect(soldOf(accountId)).toEqual(['BTC/USD 0.02']);
    expect(await lab.decisions(accountId)).toEqual(['stop-loss SOLD 0.02']);
  });

  it.each(ANSWERS)('sells what was held for long enough: $kind', async (answer) => {
    const accountId = await lab.user({ maxHoldingHours: 2 });
    await lab.hold(accountId, BTC, '0.02', '1000');
    await lab.wholeCheck(accountId);
    withoutPrices(answer);
    hours(1);
    await lab.wholeCheck(accountId);
    expect(soldOf(accountId)).toEqual([]);
    hours(1);

    await lab.wholeCheck(accountId);

    expect(soldOf(accountId)).toEqual(['BTC/USD 0.02']);
    expect(await lab.decisions(accountId)).toEqual(['max-holding SOLD 0.02']);
  });

  it('holds the rest, says so, and reconciles all the same', async () => {
    const accountId = await stopped({ onMaxDrawdown: 'exit' });
    withoutPrices(ANSWERS[1]);

    const first = await lab.wholeCheck(accountId);
    const told = await lab.toldBy(() => lab.wholeCheck(accountId));

    expect(soldOf(accountId)).toEqual([]);
    expect(first.state).toBe('FAILED');
    expect(first.steps.filter(({ state }) => state === 'FAILED')).toMatchObject([
      { step: 'prices', code: 'UNAVAILABLE' },
      { step: 'prices-books', code: 'UNAVAILABLE' },
    ]);
    expect(first.steps).toContainEqual(
      expect.objectContaining({
        step: 'snapshot',
        result: expect.objectContaining({ outcome: 'SKIPPED' }),
      }),
    );
    expect(first.steps.map(({ step, state }) => `${step} ${state}`)).toContain('reconcile DONE');
    const unjudged = told.filter(({ message }) => message === 'PositionUnjudged');
    expect(unjudged.map(({ fields }) => fields?.['symbol'])).toEqual([BTC, 'equity']);
  });

  it('asks for them no more than once again, however many sales it goes on with', async () => {
    const accountId = await lab.user();
    for (const [symbol, amount, cost] of [
      [BTC, '0.02', '1000'],
      [ETH, '0.4', '1000'],
      [SOL, '10', '1000'],
    ] as const)
      await lab.hold(accountId, symbol, amount, cost);
    lab.setPrice(BTC, '40000');
    lab.setPrice(ETH, '2000');
    lab.setPrice(SOL, '80');
    const text = 'EGeneral:Permission denied';
    lab.simulator.faults.inject({ kind: 'ERROR_TEXT', text, endpoint: 'AddOrder', times: 3, accountId });
    await lab.protect(accountId);
    let asked = 0;
    const silent: Change = (ports) => ({
      ...ports,
      exchange: (name) => {
        const real = ports.exchange(name);
        const tickers: typeof real.marketData.tickers = async () => {
          asked += 1;
          throw new Error('the exchange does not answer');
        };
        return { ...real, marketData: { ...real.marketData, tickers } };
      },
    });

    await lab.check(accountId, {}, silent);
    lab.setPrice(SOL, '100');

    expect(soldOf(accountId)).toEqual(['BTC/USD 0.02', 'ETH/USD 0.4', 'SOL/USD 10']);
    // At first, and once before the sales; by the second pass nothing is left to be priced.
    expect(asked).toBe(2);
  });
});

describe('a position that no check can judge', () => {
  const unjudged = (told: Awaited<ReturnType<ProtectedLab['toldBy']>>) =>
    told.filter(({ message }) => message === 'PositionUnjudged').map(({ fields }) => fields);

  it('is told from the second check in a row on, and not any more once it is judged', async () => {
    const accountId = await lab.user();
    await lab.hold(accountId, SOL, '10', '1000');
    const blind = withTickers((bid, _anew, symbol) => (symbol === SOL ? undefined : bid));
    const worlds = [blind, blind, blind, undefined, blind];

    const counts: number[] = [];
    for (const world of worlds) {
      const told = await lab.toldBy(() => lab.protect(accountId, {}, world));
      counts.push(unjudged(told).length);
      if (counts.length === 2) {
        expect(unjudged(told)).toMatchObject([{ account: accountId, symbol: SOL }]);
        expect(told.filter(({ level }) => level === 'error').map(({ message }) => message)).toEqual([
          'a position is not protected',
        ]);
      }
    }

    expect(counts).toEqual([0, 1, 1, 0, 0]);
  });

  it('is told where an order of it stays in doubt, or its sale fails', async () => {
    const failing = await stopped();
    const text = 'EGeneral:Permission denied';
    lab.simulator.faults.inject({
      kind: 'ERROR_TEXT',
      text,
      endpoint: 'AddOrder',
      times: 9,
      accountId: failing,
    });
    await lab.protect(failing);
    const ofFailing = await lab.toldBy(() => lab.protect(failing));

    lab.simulator.faults.clear();
    const doubtful = await stopped();
    lab.simulator.faults.inject({
      kind: 'HTTP_5XX',
      accountId: doubtful,
      endpoint: 'AddOrder',
      accept: true,
    });
    lab.simulator.faults.inject({ kind: 'HTTP_5XX', accountId: doubtful, endpoint: 'OpenOrders', times: 99 });
    await lab.protect(doubtful);
    const ofDoubtful = await lab.toldBy(() => lab.protect(doubtful));

    expect(unjudged(ofFailing)).toMatchObject([{ account: failing, symbol: BTC }]);
    expect(unjudged(ofDoubtful)).toMatchObject([{ account: doubtful, symbol: BTC }]);
  });

  it('is told where checks cannot even read the account, unless that is told as its key’s', async () => {
    const accountId = await lab.user({ onMaxDrawdown: 'exit' });
    await lab.hold(accountId, BTC, '0.02', '1000');
    const empty = await lab.user();
    const off = await lab.user({ enabled: false });
    await lab.hold(off, BTC, '0.02', '1000');
    const text = 'EAPI:Rate limit exceeded';
    lab.simulator.faults.inject({ kind: 'ERROR_TEXT', text, endpoint: 'BalanceEx', times: Infinity });

    const checks = [1, 2, 3].map(() => () => lab.wholeCheck(accountId));
    const counts: unknown[] = [];
    for (const check of checks)
      counts.push(unjudged(await lab.toldBy(check)).map((fields) => fields?.['symbol']));
    const others = await lab.toldBy(async () => {
      for (const other of [empty, off, empty, off]) await lab.wholeCheck(other);
    });
    lab.simulator.faults.clear();
    const again = await lab.toldBy(() => lab.wholeCheck(accountId));
    await lab.deleteSecret(accountId);
    const revoked = await lab.toldBy(async () => {
      for (const _ of [1, 2, 3]) await lab.wholeCheck(accountId);
    });

    expect(counts).toEqual([[], [BTC, 'equity'], [BTC, 'equity']]);
    expect([...unjudged(others), ...unjudged(again), ...unjudged(revoked)]).toEqual([]);
    expect(revoked.map(({ message }) => message)).toContain('KeyUnusable');
  });

  it('is none where its owner has switched protection off', async () => {
    const accountId = await lab.user({ enabled: false });
    await lab.hold(accountId, SOL, '10', '1000');
    const blind = withTickers(() => undefined);
    await lab.protect(accountId, {}, blind);

    expect(unjudged(await lab.toldBy(() => lab.protect(accountId, {}, blind)))).toEqual([]);
  });

  it('is told of the equity, too, where a loss of it is to be answered by an exit', async () => {
    const accountId = await lab.user({ onMaxDrawdown: 'exit' });
    await lab.hold(accountId, BTC, '0.02', '1000');
    await lab.protect(accountId);
    lab.clock.advance(60 * SECOND);
    const endpoint = 'TradesHistory';
    lab.simulator.faults.inject({ kind: 'HTTP_5XX', accountId, endpoint, times: Infinity });

    const first = await lab.toldBy(() => lab.protect(accountId));
    const second = await lab.toldBy(() => lab.protect(accountId));
    lab.simulator.faults.clear();
    const third = await lab.toldBy(() => lab.protect(accountId));

    expect([first, second, third].map((told) => unjudged(told).length)).toEqual([0, 1, 0]);
    expect(unjudged(second)).toMatchObject([{ account: accountId, symbol: 'equity' }]);
  });
});
