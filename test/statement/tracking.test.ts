import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Copy, CopyOutcome } from '../../shared/copying/copy.ts';
import type { Trade } from '../../shared/copying/trade.ts';
import type { RecordedFill } from '../../shared/ledger/ledger.ts';
import { bps, fraction, plus, price, quantity, quote, text, ZERO_QUOTE } from '../../shared/money/money.ts';
import type { EquitySnapshot } from '../../shared/snapshot/snapshot.ts';
import { buildStatement } from '../../shared/statement/build-statement.ts';
import { replay } from '../../shared/statement/replay.ts';
import { returnBps } from '../../shared/statement/returns.ts';
import type { Tracking } from '../../shared/statement/statement.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../shared/time/clock.ts';
import { account, NOON, trade } from '../copying/made.ts';
import type { Happening } from '../snapshot/model.ts';
import { factsOf } from './facts.ts';
import { anyHistory, historyOf } from './history.ts';

const CHECK: Happening = { what: 'check', between: [], late: 0 };
const wait = (ms: number): Happening => ({ what: 'wait', ms });
const NOVEMBER = '2026-11';

/** An account that stands still, and as much of its snapshots as a statement needs. */
const still = () => historyOf({ USD: '10000' }, [wait(HOUR), CHECK]);

const copyOf = (facts: Partial<Trade>, outcome: CopyOutcome): Copy => {
  const copied = trade({ at: NOON + MINUTE, ...facts });
  return { accountId: 'u-ann', trade: copied, createdAt: copied.at, outcome, finishedAt: copied.at };
};
const filled = (changes: Partial<Extract<CopyOutcome, { state: 'FILLED' }>> = {}): CopyOutcome => ({
  state: 'FILLED',
  quantity: quantity('0.01'),
  price: price('50200'),
  fees: quote('2'),
  orderLatencyMs: SECOND,
  fillLatencyMs: 2 * SECOND,
  slippageBps: bps('40'),
  clientOrderId: 'c1',
  ...changes,
});
const skipped: CopyOutcome = { state: 'SKIPPED', reason: 'STALE', detail: 'too late' };

/** Of the master: cash alone, or one BTC at the prices given, at noon and an hour later. */
const masters = (noon: string, later: string): readonly EquitySnapshot[] =>
  [noon, later].map((worth, index) => ({
    accountId: 'm-apex',
    at: NOON + index * HOUR,
    cash: ZERO_QUOTE,
    held: ZERO_QUOTE,
    equity: quote(worth),
    holdings: [{ asset: 'BTC', total: quantity('1'), price: price(worth) }],
    flows: [],
    flow: ZERO_QUOTE,
    paidIn: quote(noon),
    counted: [],
    countedFrom: NOON + index * HOUR,
  }));

const trackingOf = (
  copies: readonly Copy[],
  snapshots = masters('50000', '50000'),
  fills: readonly RecordedFill[] = [],
): Extract<Tracking, { known: true }> => {
  const master = { readable: true, value: { snapshots, records: { fills: [], adjustments: [] } } } as const;
  const facts = factsOf({ ...still(), fills }, NOVEMBER, { copies, master });
  if (facts === undefined) throw new Error('there are two snapshots in the month');
  const { tracking } = buildStatement(facts);
  if (!tracking.known) throw new Error(tracking.why);
  return tracking;
};
const causesOf = ({ causes }: Extract<Tracking, { known: true }>) =>
  Object.fromEntries(causes.map(({ cause, bps }) => [cause, text(bps)]));

describe('the distance to the master', () => {
  it('is the difference of two returns, and its causes add up to it exactly', () => {
    const outcomes = fc.constantFrom<CopyOutcome>(
      filled(),
      filled({ marketPrice: price('50123.4'), short: quantity('0.003') }),
      skipped,
      { state: 'FAILED', reason: 'REJECTED', detail: 'no', asked: quantity('0.004') },
    );
    const copies = fc.array(
      fc
        .tuple(outcomes, fc.constantFrom('BUY' as const, 'SELL' as const), fc.nat(50))
        .map(([outcome, side, at]) =>
          copyOf({ side, soldFraction: fraction('0.333333333333333333'), at: NOON + at * MINUTE }, outcome),
        ),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(copies, fc.integer({ min: 30_000, max: 70_000 }), (made, later) => {
        const tracking = trackingOf(
          [...made].sort((a, b) => a.trade.at - b.trade.at),
          masters('50000', String(later)),
        );

        const sum = tracking.causes.reduce((total, one) => plus(total, one.bps), bps('0'));
        expect(sum.toFixed()).toBe(text(tracking.differenceBps));
        expect(tracking.accountBps.minus(tracking.masterBps).toFixed()).toBe(text(tracking.differenceBps));
      }),
      { numRuns: 60 },
    );
  });

  it('by price is latency until the order was decided, and slippage from then on', () => {
    const copies = [copyOf({}, filled({ marketPrice: price('50150') }))];

    // 0.01 bought 150 and 50 above the master's price, of 10,000.
    expect(causesOf(trackingOf(copies))).toMatchObject({ latency: '-1.5', slippage: '-0.5', skipped: '0' });
  });

  it('by price is a gain where a sale brings more than it brought the master', () => {
    const copies = [copyOf({ side: 'SELL' }, filled({ marketPrice: price('50150') }))];

    expect(causesOf(trackingOf(copies))).toMatchObject({ latency: '1.5', slippage: '0.5' });
  });

  it('is slippage alone where the market’s price was not kept, which a note says', () => {
    const history = still();
    const copies = [copyOf({}, filled())];

    const facts = factsOf(history, NOVEMBER, { copies });

    expect(causesOf(trackingOf(copies))).toMatchObject({ latency: '0', slippage: '-2' });
    const statement = facts === undefined ? undefined : buildStatement(facts);
    expect(statement?.notes.join(' ')).toContain('counts as slippage');
  });

  it('by a purchase that was skipped is what it would have brought, at the size of the account', () => {
    const tracking = trackingOf([copyOf({}, skipped)], masters('50000', '55000'));

    // 5 % of 10,000 would have gained 10 %: 50 of 10,000.
    expect(causesOf(tracking)).toMatchObject({ skipped: '-50' });
    expect([tracking.accountBps, tracking.masterBps].map(text)).toEqual(['0', '1000']);
  });

  it('by a skipped purchase ends with the master’s sale of it', () => {
    const later = { at: NOON + 2 * MINUTE, side: 'SELL', price: price('51000') } as const;
    const sale = copyOf(
      { ...later, tradeId: 't-2' },
      { state: 'SKIPPED', reason: 'NO_POSITION', detail: 'none' },
    );

    const tracking = trackingOf([copyOf({}, skipped), sale], masters('50000', '90000'));

    // Sold at 51,000, not at 90,000: 2 % of 500.
    expect(causesOf(tracking)).toMatchObject({ skipped: '-10' });
  });

  it('by a skipped purchase of which the master sells a part goes on with the rest', () => {
    const half = { at: NOON + 2 * MINUTE, side: 'SELL', price: price('51000') } as const;
    const sale = copyOf(
      { ...half, tradeId: 't-2', soldFraction: fraction('0.5') },
      { state: 'SKIPPED', reason: 'NO_POSITION', detail: 'none' },
    );

    const tracking = trackingOf([copyOf({}, skipped), sale], masters('50000', '60000'));

    // Half of 500 sold 2 % higher, the other half 20 % higher at the end.
    expect(causesOf(tracking)).toMatchObject({ skipped: '-55' });
  });

  const failed: CopyOutcome = { state: 'FAILED', reason: 'NOT_SOLD', detail: 'no', asked: quantity('0.01') };

  it('by a sale that failed is what the price did since', () => {
    const owing = copyOf({ side: 'SELL' }, failed);

    // Not sold at 50,000; at 40,000 it is worth 100 less.
    expect(causesOf(trackingOf([owing], masters('50000', '40000')))).toMatchObject({ skipped: '-100' });
  });

  it('by a sale that failed is what the price did until it was made good, by an order of its own or by others', () => {
    const owing = copyOf({ side: 'SELL' }, failed);
    const late: RecordedFill = {
      fillId: 'late',
      exchangeOrderId: 'O-late',
      symbol: owing.trade.symbol,
      side: 'SELL',
      quantity: quantity('0.01'),
      price: price('49000'),
      cost: quote('490'),
      fee: { asset: 'USD', amount: quantity('0') },
      at: NOON + 20 * MINUTE,
      recordedAt: NOON + 20 * MINUTE,
      cause: JSON.stringify(['owed', 'u-ann', 't-1', 1]),
    };
    const closed: Copy = {
      ...owing,
      owed: {
        since: NOON + MINUTE,
        sold: quantity('0'),
        rounds: 0,
        tries: 1,
        lastReason: 'NOT_SOLD',
        madeGood: { at: NOON + 20 * MINUTE, by: 'CLOSED', detail: 'an exit sold it' },
        version: 2,
      },
    };

    expect(causesOf(trackingOf([owing], masters('50000', '40000'), [late]))).toMatchObject({
      skipped: '-10',
    });
    // By others: at what price is not known here, so it is taken as the master's.
    expect(causesOf(trackingOf([closed], masters('50000', '40000')))).toMatchObject({ skipped: '0' });
  });

  it('is not known, and says why, where the master cannot be read or was not measured', () => {
    const history = still();
    const why = (master: NonNullable<Parameters<typeof factsOf>[2]>['master']) => {
      const facts = factsOf(history, NOVEMBER, master === undefined ? {} : { master });
      return facts === undefined ? undefined : buildStatement(facts).tracking;
    };

    expect(why({ readable: false, why: 'no access' })).toMatchObject({ known: false, why: /no access/ });
    const none = { snapshots: [], records: { fills: [], adjustments: [] } };
    expect(why({ readable: true, value: none })).toMatchObject({ known: false, why: /not measured/ });
    const alone = factsOf(history, NOVEMBER, { account: account({ follows: undefined }) });
    expect(alone === undefined ? undefined : buildStatement(alone).tracking).toMatchObject({
      known: false,
      why: /follows no master/,
    });
  });
});

describe('an account that follows its master for a part of the month', () => {
  const since = NOON + 30 * MINUTE;
  const told = (followsSince: number) => {
    const master = {
      readable: true,
      value: { snapshots: masters('50000', '60000'), records: { fills: [], adjustments: [] } },
    } as const;
    const history = historyOf({ USD: '10000' }, [wait(30 * MINUTE), CHECK, wait(28 * MINUTE), CHECK]);
    const facts = factsOf(history, NOVEMBER, { master, account: account({ followsSince }) });
    return facts === undefined ? undefined : buildStatement(facts).tracking;
  };

  it('is compared from then on', () => {
    expect(told(since)).toMatchObject({ known: true, masterBps: bps('2000') });
  });

  it('is not compared where it was never measured since', () => {
    expect(told(NOON + DAY)).toMatchObject({ known: false, why: /since 2026-11-21/ });
  });
});

describe('a time-weighted return', () => {
  it('is not moved by what comes before trades and leaves after them', () => {
    const flows = (share: number): readonly Happening[] => [
      { what: 'deposit', asset: 'USD', amount: 9_000 },
      CHECK,
      wait(HOUR),
      { what: 'withdraw', asset: 'USD', share },
      CHECK,
    ];
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 900 }), (share) => {
        const history = historyOf({ USD: '10000' }, flows(share));

        const { stretches } = replay(history.snapshots, history, 'fifo');

        expect(text(returnBps(stretches))).toBe('0');
      }),
      { numRuns: 20 },
    );
  });

  it('of any history is never below minus all', () => {
    fc.assert(
      fc.property(anyHistory, (events) => {
        const history = historyOf({ USD: '10000', BTC: '0.2', ETH: '4' }, events);

        const { stretches } = replay(history.snapshots, history, 'fifo');

        expect(returnBps(stretches).gte(-10_000)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });
});
