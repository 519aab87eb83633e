import { marketSymbol } from '../../shared/exchange/market.ts';
import { circuitKey } from '../../shared/ledger/dynamodb/circuit.ts';
import { HALT_KEY, RUNAWAY_KEY, RUNAWAY_LIMITS_KEY, statusKey } from '../../shared/ledger/dynamodb/keys.ts';
import { riskKey } from '../../shared/ledger/dynamodb/risk.ts';
import { price, quote } from '../../shared/money/money.ts';
import { DAY, MINUTE, SECOND } from '../../shared/time/clock.ts';
import { BTC, ETH, SOL } from '../local/kraken/exchange.ts';
import { allMayBuy, damage, restoreRunaway, setHalt, trip } from './admission-states.ts';
import { circuit, following, halting, lists, status, switched, type Wrong } from './admission-wrong.ts';

export const NOPE = marketSymbol('NOPE/USD');
/** Listed, but never with a price. */
export const MUTE = marketSymbol('LTC/USD');
const TRADED = [BTC, ETH, NOPE, MUTE];

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
    name: 'the account follows another master',
    reason: 'NOT_FOLLOWING',
    detail: /^u-.* follows m-other now, not m-(boss|nobody), whose trade this is$/,
    ...following('m-other'),
  },
  {
    name: 'the account follows no master any more',
    reason: 'NOT_FOLLOWING',
    detail: /^u-.* follows no master now, not m-(boss|nobody), whose trade this is$/,
    ...following(undefined),
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
    sets: ['health', 'follows'],
    account: { follows: 'm-nobody' },
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
