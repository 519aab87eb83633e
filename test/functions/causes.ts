import { expect } from 'vitest';
import { runCopy } from '../../functions/copy-worker/copy-worker.ts';
import { runExit } from '../../functions/exit/exit.ts';
import { zExitInput } from '../../functions/exit/exit-contract.ts';
import { runTick, zTickInput } from '../../functions/master-tick/master-tick.ts';
import type { CopyOutcome } from '../../shared/copying/copy.ts';
import { redriveWork } from '../../shared/copying/redrive-work.ts';
import type { Trade } from '../../shared/copying/trade.ts';
import { fraction, price, quantity, quote } from '../../shared/money/money.ts';
import type { Cause } from '../../shared/order/order.ts';
import type { Decision, LoadedStrategy } from '../../shared/strategy/strategy.ts';
import { DAY, iso } from '../../shared/time/clock.ts';
import { BTC, ETH } from '../local/kraken/exchange.ts';
import { expectLedgerAsExchange, expectOnceAtExchange, ordersAtExchange } from './books.ts';
import type { Lab, LabPorts, NewAccount } from './lab.ts';

/** Something that may place orders, begun in one process and finished in others. */
export interface Undertaking {
  /** One try. True when it has come to its end. */
  run(ports: LabPorts): Promise<boolean>;
  /** Judged by the exchange's own books. */
  assess(when: string): Promise<void>;
  readonly accountId: string;
}

export interface UndertakingKind {
  readonly name: string;
  prepare(lab: Lab): Promise<Undertaking>;
}

let trades = 0;

/** A trade of m-boss that every account can follow: 5 % of the master's equity in BTC. */
export const bossTrade = (at: number, changes: Partial<Trade> = {}): Trade => {
  trades += 1;
  return {
    tradeId: `t-${trades}`,
    masterId: 'm-boss',
    exchange: 'kraken',
    symbol: BTC,
    side: 'BUY',
    quantity: quantity('0.1'),
    price: price('50000'),
    notional: quote('5000'),
    masterEquityBefore: quote('100000'),
    soldFraction: fraction('1'),
    at,
    exchangeOrderId: 'OBOSS',
    ...changes,
  };
};

export const bossIsHealthy = async (lab: Lab): Promise<void> =>
  await lab.ledger.publishStatus({
    masterId: 'm-boss',
    healthy: true,
    reason: 'ok',
    at: lab.clock.now(),
    periodMs: 365 * DAY,
  });

/** A row as the copier writes it, and the message that leads to it. */
export const giveCopy = async (lab: Lab, accountId: string, trade: Trade) => {
  await lab.ledger.copies.create({ accountId, trade, createdAt: trade.at });
  return { accountId, masterId: trade.masterId, tradeId: trade.tradeId };
};

const copyCause = (accountId: string, { tradeId }: Trade): Cause => ({ kind: 'copy', accountId, tradeId });

export const copiedBuy = (profile: NewAccount = {}): UndertakingKind => ({
  name: 'a copied BUY',
  prepare: async (lab) => {
    const { accountId } = await lab.openAccount('user', profile);
    const trade = bossTrade(lab.clock.now());
    const message = await giveCopy(lab, accountId, trade);
    let outcome: CopyOutcome | undefined;
    return {
      accountId,
      run: async (ports) => {
        outcome = await runCopy(message, ports);
        return true;
      },
      assess: async (when) => {
        const copy = await lab.ledger.copies.get(accountId, trade.tradeId);
        expect(copy?.outcome, when).toEqual(outcome);
        if (copy?.outcome?.state === 'FILLED') {
          await expectOnceAtExchange(lab, copyCause(accountId, trade), BTC, when);
          expect(copy.outcome.quantity.toFixed(), when).toBe(ordersAtExchange(lab, accountId)[0]?.filled);
        } else {
          expect(outcome?.state === 'FILLED' ? 'FILLED' : outcome?.reason, when).toBeDefined();
          expect(ordersAtExchange(lab, accountId), when).toEqual([]);
          await expectLedgerAsExchange(lab, accountId, BTC, when);
        }
      },
    };
  },
});

export const copiedSell: UndertakingKind = {
  name: 'a copied SELL',
  prepare: async (lab) => {
    const { accountId } = await lab.openAccount('user');
    await lab.givePosition(accountId, BTC, '0.02');
    const trade = bossTrade(lab.clock.now(), { side: 'SELL', soldFraction: fraction('0.5') });
    const message = await giveCopy(lab, accountId, trade);
    return {
      accountId,
      run: async (ports) => {
        await runCopy(message, ports);
        return true;
      },
      assess: async (when) => {
        await expectOnceAtExchange(lab, copyCause(accountId, trade), BTC, when);
        expect((await lab.ledger.copies.get(accountId, trade.tradeId))?.outcome?.state, when).toBe('FILLED');
        expect(ordersAtExchange(lab, accountId)[0], when).toMatchObject({ side: 'SELL', filled: '0.01' });
      },
    };
  },
};

/** A refused SELL of half, made good by checks. */
export const madeGood: UndertakingKind = {
  name: 'an owed sale that is made good',
  prepare: async (lab) => {
    const { accountId } = await lab.openAccount('user');
    await lab.givePosition(accountId, BTC, '0.02');
    const trade = bossTrade(lab.clock.now(), { side: 'SELL', soldFraction: fraction('0.5') });
    const { tradeId } = trade;
    const text = 'EOrder:Insufficient funds';
    lab.simulator.faults.inject({ kind: 'ERROR_TEXT', text, endpoint: 'AddOrder', accountId });
    await runCopy(await giveCopy(lab, accountId, trade), lab.process());
    return {
      accountId,
      run: async (ports) => {
        const { sales, failures } = await redriveWork(
          accountId,
          { mayGoOn: () => true, patienceMs: () => 20_000 },
          ports,
        );
        return failures.length === 0 && sales.every(({ state }) => state === 'MADE_GOOD');
      },
      assess: async (when) => {
        expect(ordersAtExchange(lab, accountId), when).toMatchObject([{ side: 'SELL', filled: '0.01' }]);
        await expectLedgerAsExchange(lab, accountId, BTC, when);
        const copy = await lab.ledger.copies.get(accountId, tradeId);
        expect(copy, when).toMatchObject({
          outcome: { state: 'FAILED' },
          owed: { madeGood: { by: 'SOLD' } },
        });
        expect(copy?.owed?.sold.toFixed(), when).toBe('0.01');
        expect(await lab.ledger.copies.unfinished(accountId), when).toEqual([]);
      },
    };
  },
};

const exitWith = (name: string, requestId?: string): UndertakingKind => ({
  name,
  prepare: async (lab) => {
    const { accountId } = await lab.openAccount('user');
    await lab.givePosition(accountId, BTC, '0.02');
    await lab.givePosition(accountId, ETH, '0.3');
    const input = zExitInput.parse({ accountId, requestId });
    return {
      accountId,
      run: async (ports) => (await runExit(input, ports)).state === 'FLAT',
      assess: async (when) => {
        const stored = await lab.ledger.exits.list(accountId);
        expect(new Set(stored.map(({ state }) => state)), when).toEqual(new Set(['FLAT']));
        if (requestId !== undefined)
          expect(
            stored.map((exit) => exit.requestId),
            when,
          ).toEqual([requestId]);
        const results = stored.flatMap((exit) => exit.results);
        for (const [symbol, sold] of [
          [BTC, '0.02'],
          [ETH, '0.3'],
        ] as const) {
          const orders = ordersAtExchange(lab, accountId).filter((order) => order.symbol === symbol);
          expect(orders, when).toMatchObject([{ side: 'SELL', filled: sold }]);
          await expectLedgerAsExchange(lab, accountId, symbol, when);
          const told = results.filter((one) => one.symbol === symbol);
          expect(told, when).toMatchObject([{ state: 'SOLD' }]);
          expect(told[0]?.quantity.toFixed(), when).toBe(sold);
        }
      },
    };
  },
});
export const exitOfTwo = exitWith('an exit of two positions', 'away');
export const exitWithoutId = exitWith('an exit without a request id');

export const undecided: Decision = { exits: [], rejections: [], states: new Map() };

/** A strategy that decides by the function given, whatever it remembers. */
export const strategyOf = (decide: LoadedStrategy['decide']): LoadedStrategy => ({
  name: 'given',
  version: 'given/1',
  candlesNeeded: 0,
  decide,
  settle: (state) => state,
});

/** Wants to buy in every evaluation, also when it has bought already. */
export const alwaysBuys = strategyOf(() => ({
  ...undecided,
  entry: { symbol: BTC, amount: quote('500'), state: { plan: 'hold' }, reasons: ['always'], numbers: {} },
}));

/** Wants to sell half of what is held in every evaluation. */
export const alwaysSells = strategyOf(({ positions }) => ({
  ...undecided,
  exits: [...positions].map(([symbol, { quantity: held }]) => ({
    symbol,
    quantity: quantity(held.div(2)),
    reason: 'always',
    numbers: {},
  })),
}));

export const liveMaster: NewAccount = {
  balances: { USD: '100000' },
  strategy: { name: 'manual', symbols: [BTC], mode: 'live' },
};

const ticked = (side: 'BUY' | 'SELL'): UndertakingKind => ({
  name: side === 'BUY' ? 'an entry of a tick' : 'a sale of a tick',
  prepare: async (lab) => {
    const { accountId } = await lab.openAccount('master', liveMaster);
    if (side === 'SELL') await lab.givePosition(accountId, BTC, '0.02');
    const tickId = iso(lab.clock.now());
    const input = zTickInput.parse({ accountId, scheduledAt: tickId });
    const strategy = side === 'BUY' ? alwaysBuys : alwaysSells;
    return {
      accountId,
      run: async (ports) => {
        await runTick(input, { ...ports, strategy: () => strategy });
        return true;
      },
      assess: async (when) => {
        const cause: Cause = { kind: 'tick', accountId, tickId, symbol: BTC, side };
        await expectOnceAtExchange(lab, cause, BTC, when);
        const [order] = ordersAtExchange(lab, accountId);
        const published = await lab.ledger.trades(accountId);
        expect(published, when).toHaveLength(1);
        expect(published[0], when).toMatchObject({ side, exchangeOrderId: order?.orderId });
        expect(published[0]?.quantity.toFixed(), when).toBe(order?.filled);
        expect(await lab.ledger.masterStatus.read(accountId), when).toMatchObject({ healthy: true });
      },
    };
  },
});
export const tickedEntry = ticked('BUY');
export const tickedSale = ticked('SELL');

export const ALL_UNDERTAKINGS: readonly UndertakingKind[] = [
  copiedBuy(),
  copiedSell,
  madeGood,
  exitOfTwo,
  exitWithoutId,
  tickedEntry,
  tickedSale,
];
