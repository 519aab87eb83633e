import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { BuyGuard } from '../../shared/copying/copy.ts';
import type { MasterStatus } from '../../shared/copying/master-status.ts';
import type { Trade } from '../../shared/copying/trade.ts';
import { marketSymbol } from '../../shared/exchange/market.ts';
import { circuitKey } from '../../shared/ledger/dynamodb/circuit.ts';
import { HALT_KEY, RUNAWAY_KEY, RUNAWAY_LIMITS_KEY, statusKey } from '../../shared/ledger/dynamodb/keys.ts';
import { riskKey } from '../../shared/ledger/dynamodb/risk.ts';
import { price, quote } from '../../shared/money/money.ts';
import type { AccountSwitch } from '../../shared/protection/control.ts';
import type { RiskState } from '../../shared/protection/risk.ts';
import { DEFAULT_RUNAWAY_LIMITS } from '../../shared/protection/runaway.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../shared/time/clock.ts';
import { bossIsHealthy } from '../functions/causes.ts';
import type { Lab, NewAccount } from '../functions/lab.ts';
import { BTC, ETH, SOL } from '../local/kraken/exchange.ts';

/** One thing that stops a BUY, everything else being right. */
export interface Wrong {
  readonly name: string;
  readonly reason: BuyGuard;
  readonly detail: RegExp;
  /** What it sets: two that set the same cannot be had together. */
  readonly sets: readonly string[];
  readonly account?: Omit<NewAccount, 'accountId'>;
  readonly trade?: (now: number) => Partial<Trade>;
  readonly risk?: (now: number) => Partial<RiskState>;
  readonly arrange?: (lab: Lab, accountId: string) => Promise<unknown>;
  /** Of what is no single account's. */
  readonly restore?: (lab: Lab) => Promise<unknown>;
  /** Whether it stops an order, too, that is decided already. */
  readonly asksAgain?: true;
}

export const NOPE = marketSymbol('NOPE/USD');
/** Listed, but never with a price. */
export const MUTE = marketSymbol('LTC/USD');
const TRADED = [BTC, ETH, NOPE, MUTE];

const OPS = { by: 'ops', why: 'a drill' };
/** Kept by nobody's code: cannot be read as what it should be. */
export const damage = async ({ table }: Lab, key: { readonly pk: string; readonly sk: string }) =>
  await table.client.send(new PutCommand({ TableName: table.table, Item: { ...key, kind: 'PERHAPS' } }));

const switched = (name: AccountSwitch, on: boolean) => ({
  sets: [name],
  asksAgain: true as const,
  arrange: async ({ ledger, clock }: Lab, accountId: string) =>
    await ledger.control.setSwitch({ ...OPS, accountId, switch: name, on, at: clock.now() }),
});

export const setHalt = async ({ ledger, clock }: Lab, engaged: boolean) =>
  await ledger.control.setHalt({ ...OPS, engaged, at: clock.now() });
const halting = (arrange: (lab: Lab) => Promise<unknown>) => ({
  sets: ['halt'],
  asksAgain: true as const,
  arrange,
  restore: (lab: Lab) => setHalt(lab, false),
});

export const trip = async ({ ledger, clock }: Lab) =>
  await ledger.runaway.trip(
    { by: 'u-other', at: clock.now(), why: 'too many', orders: 9, notional: quote('9') },
    await ledger.runaway.breaker(),
  );
export const allMayBuy = async ({ ledger, clock }: Lab, maxNotional: string) =>
  await ledger.control.setRunawayLimits({
    ...OPS,
    at: clock.now(),
    limits: { maxNotional: quote(maxNotional) },
  });
/** Damaged limits stay damaged until somebody removes them. */
export const restoreRunaway = async (lab: Lab) => {
  const limits = { ...DEFAULT_RUNAWAY_LIMITS, maxNotional: '1000000' };
  const Item = { ...RUNAWAY_LIMITS_KEY, kind: 'RUNAWAY_LIMITS', ...limits };
  await lab.table.client.send(new PutCommand({ TableName: lab.table.table, Item }));
  await setHalt(lab, false);
};

/** Past the master, which publishes only what is true of it. */
const putStatus = async ({ table }: Lab, status: MasterStatus) => {
  const Item = { ...statusKey(status.masterId), kind: 'MASTER_STATUS', ...status };
  await table.client.send(new PutCommand({ TableName: table.table, Item }));
};
const status = (changes: (now: number) => Partial<MasterStatus>) => ({
  sets: ['health'],
  asksAgain: true as const,
  arrange: async (lab: Lab) => {
    const at = lab.clock.now();
    const heard = { masterId: 'm-boss', healthy: true, reason: 'ok', at, periodMs: MINUTE };
    await putStatus(lab, { ...heard, ...changes(at) });
  },
  restore: bossIsHealthy,
});

const circuit = (state: 'OPEN' | 'PROBING') => ({
  sets: ['circuit'],
  arrange: async ({ ledger, clock }: Lab, accountId: string) =>
    await ledger.circuits.save({
      accountId,
      version: 1,
      state,
      openings: 1,
      until: clock.now() + HOUR,
      lastFailure: 'TIMEOUT',
    }),
});

const lists = (which: 'denied' | 'allowed', symbols: readonly (typeof BTC)[]) => ({
  sets: [which],
  asksAgain: true as const,
  arrange: async ({ ledger, clock }: Lab, accountId: string) =>
    await ledger.control.setSymbols({ ...OPS, accountId, at: clock.now(), [which]: symbols }),
});

/** Every reason, by everything that leads to it, in the order in which it is found. */
export const WRONGS: readonly Wrong[] = [
  {
    name: 'the account is disabled',
    reason: 'ACCOUNT_DISABLED',
    detail: /is disabled/,
    ...switched('enabled', false),
  },
  {
    name: 'buying is halted',
    reason: 'HALTED',
    detail: /^halted by ops: a drill$/,
    ...halting((lab) => setHalt(lab, true)),
  },
  {
    name: 'the halt cannot be read',
    reason: 'HALTED',
    detail: /^the halt switch could not be read: /,
    ...halting((lab) => damage(lab, HALT_KEY)),
  },
  {
    name: 'the breaker over all accounts has tripped',
    reason: 'HALTED',
    detail: /^the breaker over all accounts has tripped: too many$/,
    sets: ['runaway', 'runaway-limits'],
    asksAgain: true,
    arrange: trip,
    restore: restoreRunaway,
  },
  {
    name: 'the breaker over all accounts cannot be read',
    reason: 'HALTED',
    detail: /^the breaker over all accounts could not be read: /,
    sets: ['runaway'],
    asksAgain: true,
    arrange: (lab) => damage(lab, RUNAWAY_KEY),
    restore: restoreRunaway,
  },
  {
    name: 'the limits of all accounts cannot be read',
    reason: 'HALTED',
    detail: /^the breaker over all accounts could not be read: /,
    sets: ['runaway-limits'],
    asksAgain: true,
    arrange: (lab) => damage(lab, RUNAWAY_LIMITS_KEY),
    restore: restoreRunaway,
  },
  {
    name: 'the account is exit-only',
    reason: 'EXIT_ONLY',
    detail: /is set to exit-only/,
    ...switched('exitOnly', true),
  },
  {
    name: 'copying is paused',
    reason: 'COPY_PAUSED',
    detail: /^copying is paused for u-/,
    ...switched('copyPaused', true),
  },
  {
    name: 'the master says that it is not well',
    reason: 'MASTER_UNHEALTHY',
    detail: /^the key is revoked$/,
    ...status(() => ({ healthy: false, reason: 'the key is revoked' })),
  },
  {
    name: 'the heartbeat of the master is old',
    reason: 'MASTER_UNHEALTHY',
    detail: /heartbeat is 181 s old/,
    ...status((now) => ({ at: now - 181 * SECOND })),
  },
  {
    name: 'the heartbeat of the master is ahead of our clock',
    reason: 'MASTER_UNHEALTHY',
    detail: /ahead of our clock/,
    ...status((now) => ({ at: now + DAY })),
  },
  {
    name: 'the status of the master cannot be read',
    reason: 'MASTER_UNHEALTHY',
    detail: /^the master's status could not be read: /,
    ...status(() => ({})),
    arrange: (lab) => damage(lab, statusKey('m-boss')),
  },
  {
    name: 'the master has never published a status',
    reason: 'MASTER_UNHEALTHY',
    detail: /never published/,
    sets: ['health'],
    trade: () => ({ masterId: 'm-nobody' }),
  },
  {
    name: 'the trade is old',
    reason: 'STALE',
    detail: /is 121 s old; at most 120 s$/,
    sets: ['age'],
    trade: (now) => ({ at: now - 121 * SECOND }),
  },
  {
    name: 'the exchange keeps failing',
    reason: 'EXCHANGE_FAILING',
    detail: /last with TIMEOUT/,
    ...circuit('OPEN'),
  },
  {
    name: 'another BUY tries whether the exchange answers',
    reason: 'EXCHANGE_FAILING',
    detail: /last with TIMEOUT/,
    ...circuit('PROBING'),
  },
  {
    name: 'how the exchange answers cannot be read',
    reason: 'EXCHANGE_FAILING',
    detail: /could not be read: /,
    sets: ['circuit'],
    arrange: (lab, accountId) => damage(lab, circuitKey(accountId)),
  },
  {
    name: 'the symbol is not listed',
    reason: 'SYMBOL_UNSUPPORTED',
    detail: /^NOPE\/USD is not traded at kraken$/,
    sets: ['symbol'],
    trade: () => ({ symbol: NOPE }),
  },
  {
    name: 'the market takes no orders',
    reason: 'SYMBOL_UNSUPPORTED',
    detail: /is in cancel_only mode/,
    sets: ['symbol'],
    trade: () => ({ symbol: ETH }),
  },
  { name: 'the symbol is denied', reason: 'SYMBOL_DENIED', detail: /deny list$/, ...lists('denied', TRADED) },
  {
    name: 'the symbol is not among those allowed',
    reason: 'SYMBOL_DENIED',
    detail: /allow list$/,
    ...lists('allowed', [SOL]),
  },
  {
    name: 'an asset has no price, so the equity is not known',
    reason: 'PRICE_MOVED',
    detail: /equity is not known$/,
    sets: ['unpriced'],
    arrange: async ({ simulator }, accountId) => simulator.deposit(accountId, 'LTC', '5'),
  },
  {
    name: 'the equity is below the minimum of the account',
    reason: 'EXIT_ONLY',
    detail: /below the account's minimum/,
    sets: ['minimumEquity'],
    account: { limits: { minimumEquity: '1000000000' } },
  },
  {
    name: 'there is no price',
    reason: 'PRICE_MOVED',
    detail: /^there is no price for LTC\/USD now$/,
    sets: ['symbol', 'price'],
    trade: () => ({ symbol: MUTE }),
  },
  {
    name: 'the price moved away',
    reason: 'PRICE_MOVED',
    detail: /^the ask .* is above 2010,/,
    sets: ['price'],
    trade: () => ({ price: price('2000') }),
  },
  {
    name: 'as many positions are open as may be',
    reason: 'MAX_POSITIONS',
    detail: /^1 positions are open; at most 1$/,
    sets: ['maxOpenPositions'],
    account: { limits: { maxOpenPositions: 1 } },
    arrange: (lab, accountId) => lab.givePosition(accountId, SOL, '1'),
  },
  {
    name: 'the risk record cannot be read',
    reason: 'DAILY_LOSS',
    detail: /risk record could not be read: /,
    sets: ['day', 'peak', 'recent'],
    arrange: (lab, accountId) => damage(lab, riskKey(accountId)),
  },
  {
    name: 'too much was lost today',
    reason: 'DAILY_LOSS',
    detail: /the day's opening 1000000 /,
    sets: ['day'],
    risk: () => ({ dayOpenEquity: quote('1000000') }),
  },
  {
    name: 'too much was lost since the peak',
    reason: 'MAX_DRAWDOWN',
    detail: /the peak 1000000 /,
    sets: ['peak'],
    risk: () => ({ peakEquity: quote('1000000') }),
  },
  {
    name: 'too many BUYs were made within the hour',
    reason: 'ORDER_RATE',
    detail: /^60 BUYs within an hour; at most 60$/,
    sets: ['recent'],
    risk: (now) => ({
      recentOrders: Array.from({ length: 60 }, (_, index) => ({
        clientOrderId: `o-${index}`,
        notional: quote('1'),
        at: now - MINUTE,
      })),
    }),
  },
  {
    name: 'the BUYs of the hour come to too much',
    reason: 'ORDER_RATE',
    detail: /^BUYs within an hour would come to /,
    sets: ['maxHourlyTurnover', 'recent'],
    account: { limits: { maxHourlyTurnover: '0' } },
    risk: (now) => ({ recentOrders: [{ clientOrderId: 'o-0', notional: quote('1'), at: now - MINUTE }] }),
  },
  {
    name: 'there is no cash',
    reason: 'INSUFFICIENT_CASH',
    detail: /can be spent after reserve and fee/,
    sets: ['cash'],
    account: { balances: { USD: '0.1', BTC: '1' } },
  },
  {
    name: 'the trade is too small to be copied',
    reason: 'BELOW_MINIMUM',
    detail: /the trade calls for/,
    sets: ['notional'],
    trade: () => ({ notional: quote('1') }),
  },
  {
    name: 'all accounts together would buy too much with it',
    reason: 'HALTED',
    detail: /at most 0\.01 \(the last by u-/,
    sets: ['runaway-limits', 'runaway'],
    arrange: (lab) => allMayBuy(lab, '0.01'),
    restore: restoreRunaway,
  },
];
