import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MINUTE, SECOND } from '../../shared/time/clock.ts';
import { expectLedgerAsExchange, ordersAtExchange } from '../functions/books.ts';
import { Life, type Moment } from '../functions/mortality.ts';
import { BTC } from '../local/kraken/exchange.ts';
import { openProtectedLab, type ProtectedLab } from './protected-lab.ts';

let lab: ProtectedLab;
beforeAll(async () => {
  lab = await openProtectedLab();
});
afterAll(() => lab.stop());

/** A process that died keeps the key from others for so long. */
const LEASE_MS = 2 * SECOND;
const MOST_CALLS = 200;
const MOST_CHECKS = 4;

/** A position whose price calls for sales, and what is right once they are made. */
interface Case {
  readonly name: string;
  readonly settings: Record<string, unknown>;
  readonly price: string;
  readonly sold: readonly string[];
  readonly decisions: readonly string[];
}
const CASES: readonly Case[] = [
  {
    name: 'a stop loss',
    settings: {},
    price: '44000',
    sold: ['0.02'],
    decisions: ['stop-loss SOLD 0.02'],
  },
  {
    name: 'two levels of take profit at once, of which the second sells the rest',
    settings: {
      takeProfit: [
        { at: '0.05', sell: '0.5' },
        { at: '0.1', sell: '0.5' },
      ],
    },
    price: '56000',
    sold: ['0.01', '0.01'],
    decisions: ['take-profit 0.05 SOLD 0.01', 'take-profit 0.1 SOLD 0.01'],
  },
];

const prepare = async ({ settings, price }: Case): Promise<string> => {
  lab.setPrice(BTC, price);
  const accountId = await lab.user(settings);
  await lab.hold(accountId, BTC, '0.02', '1000');
  return accountId;
};

/** Checks until all is sold and nothing goes on any more, then once more: what is done stays done. */
const finish = async (accountId: string, { sold }: Pick<Case, 'sold'>, pauseMs: number): Promise<void> => {
  const check = async (): Promise<void> => {
    lab.clock.advance(pauseMs);
    await lab.check(accountId);
  };
  for (let checks = 1; checks < MOST_CHECKS; checks += 1) {
    await check();
    const [watch] = await lab.ledger.protections.watches(accountId);
    const goesOn = watch !== undefined && 'running' in watch;
    if (!goesOn && ordersAtExchange(lab, accountId).length >= sold.length) break;
  }
  await check();
};

const assess = async (accountId: string, { sold, decisions }: Case, when: string): Promise<void> => {
  const orders = ordersAtExchange(lab, accountId);
  expect(
    orders.map(({ side, filled }) => `${side} ${filled}`),
    when,
  ).toEqual(sold.map((amount) => `SELL ${amount}`));
  expect((await lab.decisions(accountId)).toSorted(), when).toEqual(decisions);
  await expectLedgerAsExchange(lab, accountId, BTC, when);
  const [watch] = await lab.ledger.protections.watches(accountId);
  expect(watch, when).not.toHaveProperty('running');
};

describe.each(CASES)('$name', (one: Case) => {
  it.each<[string, Moment, number]>([
    ['before it has an effect, and the next check comes at once', 'BEFORE', LEASE_MS],
    ['after it had its effect, and the next check comes much later', 'AFTER', 5 * MINUTE],
  ])('sells once whatever call the process dies at %s', async (_name, moment, pauseMs) => {
    let survived = false;
    for (let call = 1; call <= MOST_CALLS && !survived; call += 1) {
      const accountId = await prepare(one);
      const life = new Life(call, moment);

      await lab.check(accountId, { life, leaseMs: LEASE_MS });
      survived = life.died === undefined;
      await finish(accountId, one, pauseMs);

      await assess(accountId, one, `died ${life.died ?? 'never'}`);
    }
    expect(survived).toBe(true);
    expect(lab.simulator.books.audit()).toEqual([]);
  });
});

it.each<Moment>([
  'BEFORE',
  'AFTER',
])('sells once where protection is switched off and on again, whatever call the checks die at %s its effect', async (moment) => {
  const one = {
    name: 'a stop loss that was refused',
    settings: {},
    price: '44000',
    sold: ['0.02'],
    decisions: ['stop-loss ABANDONED 0', 'stop-loss SOLD 0.02'],
  };
  let survived = false;
  for (let call = 1; call <= MOST_CALLS && !survived; call += 1) {
    const accountId = await prepare(one);
    lab.simulator.faults.inject({
      kind: 'ERROR_TEXT',
      text: 'EGeneral:Permission denied',
      endpoint: 'AddOrder',
      accountId,
    });
    await lab.check(accountId);
    const deaths: string[] = [];

    for (const enabled of [false, true]) {
      await lab.switchProtection(accountId, one.settings, enabled);
      const life = new Life(call, moment);
      await lab.check(accountId, { life, leaseMs: LEASE_MS });
      deaths.push(life.died ?? 'never');
      await finish(accountId, enabled ? one : { sold: [] }, LEASE_MS);
    }
    survived = deaths.every((death) => death === 'never');

    await assess(accountId, one, `died ${deaths.join(', then ')}`);
  }
  expect(survived).toBe(true);
});

it('sells once also where two processes die one after the other, or an answer is lost', async () => {
  const death = fc.record({
    call: fc.integer({ min: 1, max: 45 }),
    moment: fc.constantFrom<Moment>('BEFORE', 'AFTER'),
    pauseMs: fc.constantFrom(0, LEASE_MS, 10 * SECOND, 5 * MINUTE),
  });
  const lost = fc.constantFrom('RESET_AFTER', 'EMPTY_RESULT', 'HTTP_5XX', undefined);
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...CASES), death, death, lost, async (one, first, second, kind) => {
      const accountId = await prepare(one);
      if (kind !== undefined) lab.simulator.faults.inject({ kind, accountId, endpoint: 'AddOrder' });

      const deaths: string[] = [];
      for (const { call, moment, pauseMs } of [first, second]) {
        const life = new Life(call, moment);
        await lab.check(accountId, { life, leaseMs: LEASE_MS });
        deaths.push(life.died ?? 'never');
        lab.clock.advance(pauseMs);
      }
      lab.simulator.faults.clear();
      await finish(accountId, one, 30 * SECOND);

      await assess(accountId, one, `died ${deaths.join(', then ')}; ${kind ?? 'no fault'}`);
    }),
    { seed: 20261120, numRuns: 40 },
  );
});
