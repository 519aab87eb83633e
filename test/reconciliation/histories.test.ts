import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { costOfRest } from '../../shared/ledger/apply-fills.ts';
import type { Position } from '../../shared/ledger/position.ts';
import { floorTo, least, lessAtMost, quantity, text, ZERO_QUANTITY } from '../../shared/money/money.ts';
import { recordMissedFills } from '../../shared/reconciliation/missed-fills.ts';
import { MINUTE } from '../../shared/time/clock.ts';
import { type Lab, openLab } from '../functions/lab.ts';
import { BTC } from '../local/kraken/exchange.ts';
import { check, heldOf, marketOrder, missedOrder, withFacts } from './checked.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.stop());

const STEP = quantity('0.00000001');

type Event =
  | { readonly kind: 'OURS' | 'OWN'; readonly side: 'BUY' | 'SELL'; readonly parts: number }
  | { readonly kind: 'DEPOSIT' | 'WITHDRAW'; readonly parts: number }
  | { readonly kind: 'CHECK'; readonly minutes: number };

/** Quantities are some 0.002 BTC each, so that they often meet: what is sold by hand may be just what was bought. */
const parts = fc.integer({ min: 1, max: 4 });
const side = fc.constantFrom('BUY' as const, 'SELL' as const);
const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ kind: fc.constantFrom('OURS' as const, 'OWN' as const), side, parts }),
  fc.record({ kind: fc.constantFrom('DEPOSIT' as const, 'WITHDRAW' as const), parts }),
  fc.record({ kind: fc.constant('CHECK' as const), minutes: fc.constantFrom(0, 1, 15, 90) }),
);
const sizeOf = (count: number) => quantity(String(count * 2)).div(1_000);

/** What of it is there; undefined where that is too little for an order. */
const atMost = (count: number, there: ReturnType<typeof quantity>): string | undefined => {
  const amount = floorTo(least(quantity(sizeOf(count)), there), STEP);
  return amount.lt('0.0001') ? undefined : text(amount);
};

const positionOf = async (accountId: string): Promise<Position | undefined> =>
  await lab.ledger.positions.get(accountId, BTC);
const managedOf = (position: Position | undefined) => position?.quantity ?? ZERO_QUANTITY;

const happen = async (accountId: string, what: Exclude<Event, { kind: 'CHECK' }>): Promise<void> => {
  const held = heldOf(lab, accountId, 'BTC');
  switch (what.kind) {
    case 'DEPOSIT':
      lab.simulator.deposit(accountId, 'BTC', sizeOf(what.parts).toFixed());
      return;
    case 'WITHDRAW': {
      const amount = atMost(what.parts, held);
      if (amount !== undefined) lab.simulator.withdraw(accountId, 'BTC', amount);
      return;
    }
    case 'OWN':
    case 'OURS': {
      const ours = least(managedOf(await positionOf(accountId)), held);
      const there = what.side === 'BUY' ? quantity('1') : what.kind === 'OURS' ? ours : held;
      const amount = atMost(what.parts, there);
      const place = what.kind === 'OURS' ? missedOrder : marketOrder;
      if (amount !== undefined) await place(lab, accountId, BTC, what.side, amount);
    }
  }
};

/** A check, and right after it the same once more: what both may do, whatever happened before. */
const checkTwice = async (accountId: string): Promise<void> => {
  const { reconciliation, positions } = lab.ledger;
  // What our own executions alone come to.
  const ports = lab.process();
  await withFacts(lab, accountId, ports, ({ account, connection }) =>
    recordMissedFills(account, connection, ports),
  );
  const before = await positionOf(accountId);

  const first = await check(lab, accountId);
  const after = await positionOf(accountId);
  const kept = async () => ({
    positions: await positions.list(accountId),
    adjustments: await reconciliation.adjustments(accountId),
    drifts: await reconciliation.drifts(accountId),
  });
  const left = await kept();
  const second = await check(lab, accountId);

  expect(managedOf(after).lte(managedOf(before)), 'no position grows').toBe(true);
  if (before !== undefined && after !== undefined) {
    const cost = after.quantity.eq(before.quantity)
      ? before.costBasis
      : costOfRest(before.costBasis, before.quantity, after.quantity);
    expect(text(after.costBasis), 'what stays costs what it cost').toBe(text(cost));
  }
  expect(await kept(), 'a second check changes nothing').toEqual(left);
  expect(second.told, 'a second check tells nothing').toEqual([]);
  expect(second.report).toMatchObject({ missedFills: [], adjusted: [], closedDrifts: [] });
  const missing = lessAtMost(managedOf(after), heldOf(lab, accountId, 'BTC'));
  expect(missing.gt(STEP), 'held as managed, or a drift').toBe(first.report.drifts.length > 0);
  expect(first.told.length, 'one drift is told once').toBeLessThanOrEqual(1);
};

describe('whatever happens to an account', () => {
  it('a check only shrinks positions, at the same cost a unit, twice as once, and ends even or in a drift', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 3, maxLength: 10 }), async (events) => {
        const { accountId } = await lab.openAccount('user', { balances: { USD: '1000000' } });
        await missedOrder(lab, accountId, BTC, 'BUY', '0.008');
        await checkTwice(accountId);

        for (const what of [...events, { kind: 'CHECK', minutes: 15 } as const]) {
          if (what.kind === 'CHECK') {
            lab.clock.advance(what.minutes * MINUTE);
            await checkTwice(accountId);
          } else {
            lab.clock.advance(1_000);
            await happen(accountId, what);
          }
        }
      }),
      { numRuns: 30 },
    );
  }, 120_000);
});
