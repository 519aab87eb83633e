import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Limits } from '../../shared/account/limits.ts';
import { runCopy } from '../../shared/copying/run-copy.ts';
import { circuitKey } from '../../shared/ledger/dynamodb/circuit.ts';
import { HALT_KEY, RUNAWAY_KEY, RUNAWAY_LIMITS_KEY, statusKey } from '../../shared/ledger/dynamodb/keys.ts';
import { riskKey } from '../../shared/ledger/dynamodb/risk.ts';
import { fraction, quote } from '../../shared/money/money.ts';
import { DAY, MINUTE } from '../../shared/time/clock.ts';
import { expectLedgerAsExchange, heldAtExchange, ordersAtExchange } from '../functions/books.ts';
import { bossTrade, giveCopy } from '../functions/causes.ts';
import { type Lab, type NewAccount, openLab } from '../functions/lab.ts';
import { BTC, SOL } from '../local/kraken/exchange.ts';
import {
  damage,
  failing,
  putStatus,
  restoreRunaway,
  riskOf,
  setHalt,
  together,
  trip,
} from './admission-states.ts';
import { pairwise, productOf } from './pairwise.ts';
import { lateSell, TAKES_PROFIT, WAYS, type WayOfSelling } from './ways-of-selling.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.stop());
beforeEach(async () => {
  const at = lab.clock.now();
  const status = { healthy: true, reason: 'ok', at, periodMs: DAY };
  await putStatus(lab, { ...status, masterId: 'm-well' });
  await putStatus(lab, { ...status, masterId: 'm-ill', healthy: false, reason: 'the key is revoked' });
  await putStatus(lab, { ...status, masterId: 'm-old', at: at - DAY, periodMs: MINUTE });
  await putStatus(lab, { ...status, masterId: 'm-ahead', at: at + DAY });
  await damage(lab, statusKey('m-damaged'));
});

/** One value of one factor. */
interface State {
  readonly name: string;
  readonly account?: Omit<NewAccount, 'accountId'>;
  readonly arrange?: (accountId: string) => Promise<unknown>;
  readonly way?: WayOfSelling;
}

const MASTERS = ['m-well', 'm-ill', 'm-old', 'm-ahead', 'm-missing', 'm-damaged'];
const HALTS: readonly State[] = [
  { name: 'no halt', arrange: () => setHalt(lab, false) },
  { name: 'a halt', arrange: () => setHalt(lab, true) },
  { name: 'a halt that cannot be read', arrange: () => damage(lab, HALT_KEY) },
];
const BREAKERS: readonly State[] = [
  { name: 'a breaker that has not tripped' },
  { name: 'a breaker that has tripped', arrange: () => trip(lab) },
  { name: 'a breaker that cannot be read', arrange: () => damage(lab, RUNAWAY_KEY) },
  { name: 'a breaker whose limits cannot be read', arrange: () => damage(lab, RUNAWAY_LIMITS_KEY) },
];
const SWITCHES: readonly (readonly State[])[] = [
  [{ name: 'enabled' }, { name: 'disabled', account: { enabled: false } }],
  [{ name: 'copying' }, { name: 'paused', account: { copyPaused: true } }],
  [{ name: 'may buy' }, { name: 'exit-only', account: { exitOnly: true } }],
];

/** Each at the end where it lets through the least: an equity below the minimum, no order within the hour. */
const TIGHTEST = {
  maxTradeFraction: '0',
  maxOpenPositions: 0,
  maxSlippageBps: '0',
  maxTradeAgeSeconds: 1,
  maxDailyLoss: '0',
  maxDrawdown: '0',
  cashReserve: '1',
  minimumEquity: '1000000000',
  maxOrdersPerHour: 0,
  maxHourlyTurnover: '0',
} satisfies Record<keyof Limits, string | number>;

const exhausted = (accountId: string) => {
  const order = { clientOrderId: 'o-0', notional: quote('1000000000'), at: lab.clock.now() };
  const base = quote('1000000');
  const lost = { dayOpenEquity: base, peakEquity: base, recentOrders: [order] };
  return lab.ledger.risk.save(riskOf(lab, accountId, lost));
};

const FACTORS: readonly (readonly State[])[] = [
  WAYS.map((way) => ({ name: way.name, way })),
  ...SWITCHES,
  HALTS,
  BREAKERS,
  MASTERS.map((follows) => ({ name: `following ${follows}`, account: { follows } })),
  [{ name: 'the default limits' }, { name: 'the tightest limits', account: { limits: TIGHTEST } }],
  [
    { name: 'any symbol' },
    { name: 'the symbol denied', account: { deniedSymbols: [BTC] } },
    { name: 'another symbol allowed', account: { allowedSymbols: [SOL] } },
    { name: 'no symbol allowed', account: { allowedSymbols: [] } },
  ],
  [
    { name: 'no losses' },
    { name: 'losses and orders above every limit', arrange: exhausted },
    { name: 'a risk record that cannot be read', arrange: (id) => damage(lab, riskKey(id)) },
  ],
  [
    { name: 'an exchange that answers' },
    { name: 'an exchange that keeps failing', arrange: (id) => failing(lab, id, 'OPEN') },
    { name: 'an exchange that is tried', arrange: (id) => failing(lab, id, 'PROBING') },
    { name: 'no word of how it answers', arrange: (id) => damage(lab, circuitKey(id)) },
  ],
];

const combine = (states: readonly State[]): NewAccount => ({
  balances: { USD: '1000' },
  protection: TAKES_PROFIT,
  ...together(states.map(({ account }) => account)),
});

describe('a position', () => {
  it('is sold in every way, each state of one thing meeting each of every other, while no BUY is made', async () => {
    const rows = pairwise(FACTORS);
    const named = (row: readonly State[]): string => row.map(({ name }) => name).join(', ');
    expect(productOf(FACTORS)).toBe(5 * 8 * 3 * 4 * 6 * 2 * 4 * 3 * 4);
    expect(new Set(rows.map(named)).size).toBe(rows.length);
    let stopped = 0;

    for (const row of rows) {
      const profile = combine(row);
      const { accountId, follows = '' } = await lab.openAccount('user', profile);
      await lab.givePosition(accountId, BTC, '0.02');
      const way = row.find((state) => state.way !== undefined)?.way;
      const sell = await way?.prepare(lab, accountId, follows);
      for (const { arrange } of row) await arrange?.(accountId);

      const anyWrong = row.slice(1).some((state, index) => state !== FACTORS[index + 1]?.[0]);
      if (anyWrong) {
        const bought = await runCopy(
          await giveCopy(lab, accountId, bossTrade(lab.clock.now(), { masterId: follows })),
          lab.process(),
        );
        expect(bought.state, named(row)).toBe('SKIPPED');
        stopped += 1;
      }

      await sell?.(lab.process());

      await restoreRunaway(lab);
      const orders = ordersAtExchange(lab, accountId);
      expect(orders, named(row)).toMatchObject([{ side: 'SELL', type: 'market', filled: '0.02' }]);
      expect(heldAtExchange(lab, accountId, BTC), named(row)).toBe('0');
      await expectLedgerAsExchange(lab, accountId, BTC, named(row));
    }

    expect(stopped).toBeGreaterThanOrEqual(rows.length - WAYS.length);
  });
});

describe('a copied SELL', () => {
  it('sells in every state of every switch, whatever the master’s health, at the tightest of all limits', async () => {
    const product = (left: readonly (readonly State[])[]): readonly (readonly State[])[] =>
      left.reduce<readonly (readonly State[])[]>(
        (rows, states) => rows.flatMap((row) => states.map((state) => [...row, state])),
        [[]],
      );
    const tight: State = {
      name: 'tight',
      account: { limits: TIGHTEST, deniedSymbols: [BTC], allowedSymbols: [] },
    };
    const accounts: string[] = [];
    for (const states of product(SWITCHES)) {
      const { accountId } = await lab.openAccount('user', combine([...states, tight]));
      await lab.givePosition(accountId, BTC, '1');
      await exhausted(accountId);
      accounts.push(accountId);
    }
    const ports = lab.process();
    const sell = async (accountId: string, masterId: string): Promise<string> => {
      const trade = lateSell(lab, masterId, { soldFraction: fraction('0.01') });
      const message = await giveCopy(lab, accountId, trade);
      await failing(lab, accountId, 'OPEN');
      return (await runCopy(message, ports)).state;
    };

    const states = product([HALTS, BREAKERS]);
    const ends: string[] = [];
    for (const state of states) {
      for (const { arrange } of state) await arrange?.('');
      for (const masterId of MASTERS)
        ends.push(...(await Promise.all(accounts.map((accountId) => sell(accountId, masterId)))));
      await restoreRunaway(lab);
    }

    expect(ends).toEqual(Array.from({ length: 8 * 3 * 4 * 6 }, () => 'FILLED'));
    for (const accountId of accounts) {
      const orders = ordersAtExchange(lab, accountId);
      expect(orders.filter(({ side, filled }) => side === 'SELL' && filled !== '0')).toHaveLength(3 * 4 * 6);
      expect(orders).toHaveLength(3 * 4 * 6);
      await expectLedgerAsExchange(lab, accountId, BTC, accountId);
    }
  });
});
