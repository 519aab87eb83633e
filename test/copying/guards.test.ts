import { describe, expect, it } from 'vitest';
import { BUY_GUARDS, type BuyGuard } from '../../shared/copying/copy.ts';
import { QUEUE_RETRIES_MS } from '../../shared/copying/copy-message.ts';
import {
  type AccountFacts,
  type AdmissionFacts,
  admitAccount,
  admitBuy,
  openSymbolsOf,
  priceCap,
} from '../../shared/copying/guards.ts';
import { sizeBuy } from '../../shared/copying/size.ts';
import { marketSymbol } from '../../shared/exchange/market.ts';
import type { Position } from '../../shared/ledger/position.ts';
import { bps, fraction, price, quantity, quote, text } from '../../shared/money/money.ts';
import { equityGuard, observeEquity, type RiskState, rateGuard } from '../../shared/protection/risk.ts';
import { DEFAULT_RUNAWAY_LIMITS } from '../../shared/protection/runaway.ts';
import { account, BTC, limits, market, NOON, ticker, trade } from './made.ts';

const admissible = (facts: Partial<AdmissionFacts> = {}): AdmissionFacts => ({
  account: account(),
  trade: trade(),
  halt: { readable: true, value: { engaged: false } },
  runaway: { readable: true, value: { countsSince: 0, limits: DEFAULT_RUNAWAY_LIMITS } },
  masterHealth: { healthy: true },
  exchangeFailing: undefined,
  market: market('BTC/USD'),
  now: NOON,
  ...facts,
});

const calm: RiskState = observeEquity(undefined, {
  accountId: 'u-ann',
  equity: quote('1000'),
  cash: quote('1000'),
  at: NOON,
});

const affordable = (facts: Partial<AccountFacts> = {}): AccountFacts => ({
  account: account(),
  trade: trade(),
  market: market('BTC/USD'),
  equity: quote('1000'),
  ticker: ticker(BTC, '50000'),
  openSymbols: [],
  ...facts,
});

const limited = (changes: Partial<typeof limits>) => ({ ...account(), limits: { ...limits, ...changes } });

/** Applies the repairs one after the other and tells what was refused before each, and at the end. */
const reasonsWhileRepairing = <T>(
  broken: T,
  repairs: readonly ((facts: T) => T)[],
  reasonOf: (facts: T) => BuyGuard | undefined,
): readonly (BuyGuard | undefined)[] => {
  let facts = broken;
  return [
    reasonOf(facts),
    ...repairs.map((repair) => {
      facts = repair(facts);
      return reasonOf(facts);
    }),
  ];
};

describe('the guards before the exchange is asked', () => {
  it.each([
    { settings: { followsSince: NOON }, reason: undefined },
    { settings: { followsSince: NOON + 1 }, reason: 'NOT_FOLLOWING' },
    { settings: { registeredAt: NOON + 1 }, reason: 'NOT_FOLLOWING' },
    { settings: { registeredAt: NOON + 1, followsSince: NOON - 1 }, reason: undefined },
  ])('let nobody buy what was traded before he followed, or came back: %o', ({ settings, reason }) => {
    expect(admitBuy(admissible({ account: account(settings) }))?.reason).toBe(reason);
  });

  it('record the first that fails, in the order of the list, while one after the other is repaired', () => {
    const broken = admissible({
      account: account({
        enabled: false,
        exitOnly: true,
        copyPaused: true,
        follows: 'm-other',
        deniedSymbols: ['BTC/USD'],
      }),
      halt: { readable: true, value: { engaged: true, by: 'ops', why: 'drill', since: NOON } },
      masterHealth: { healthy: false, reason: 'no heartbeat' },
      exchangeFailing: 'five time-outs in a row',
      now: NOON + 3_600_000,
      market: undefined,
    });
    const having =
      (change: Partial<AdmissionFacts['account']>) =>
      (facts: AdmissionFacts): AdmissionFacts => ({ ...facts, account: { ...facts.account, ...change } });

    const reasons = reasonsWhileRepairing<AdmissionFacts>(
      broken,
      [
        having({ enabled: true }),
        (facts) => ({ ...facts, halt: { readable: true, value: { engaged: false } } }),
        having({ exitOnly: false }),
        having({ copyPaused: false }),
        having({ follows: trade().masterId }),
        (facts) => ({ ...facts, masterHealth: { healthy: true } }),
        (facts) => ({ ...facts, now: NOON }),
        (facts) => ({ ...facts, exchangeFailing: undefined }),
        (facts) => ({ ...facts, market: market('BTC/USD') }),
        having({ deniedSymbols: [] }),
      ],
      (facts) => admitBuy(facts)?.reason,
    );

    expect(reasons).toEqual([...BUY_GUARDS.slice(0, BUY_GUARDS.indexOf('PRICE_MOVED')), undefined]);
  });

  it('stop a BUY where the halt switch cannot be read', () => {
    expect(admitBuy(admissible({ halt: { readable: false, why: 'the table timed out' } }))).toEqual({
      reason: 'HALTED',
      detail: 'the halt switch could not be read: the table timed out',
    });
  });

  it('stop a BUY where the breaker over all accounts has tripped, or cannot be read', () => {
    const trip = { by: 'u-bob', at: NOON, why: '3 BUYs; at most 2', orders: 3, notional: quote('30') };
    const limitsOfAll = DEFAULT_RUNAWAY_LIMITS;

    expect(
      admitBuy(
        admissible({ runaway: { readable: true, value: { trip, countsSince: 0, limits: limitsOfAll } } }),
      ),
    ).toEqual({
      reason: 'HALTED',
      detail: 'the breaker over all accounts has tripped: 3 BUYs; at most 2',
    });
    expect(admitBuy(admissible({ runaway: { readable: false, why: 'the table timed out' } }))).toEqual({
      reason: 'HALTED',
      detail: 'the breaker over all accounts could not be read: the table timed out',
    });
  });

  it('name who halted and why', () => {
    const halt = { readable: true, value: { engaged: true, by: 'ops', why: 'drill', since: NOON } } as const;
    expect(admitBuy(admissible({ halt }))?.detail).toBe('halted by ops: drill');
  });

  it.each([
    ['just as old as it may be', 120_000, undefined],
    ['a millisecond older', 120_001, 'STALE'],
    ['of this moment', 0, undefined],
    ['a little ahead of our clock', -500, undefined],
  ])('see to a trade that is %s', (_, age, reason) => {
    expect(admitBuy(admissible({ now: NOON + age }))?.reason).toBe(reason);
  });

  it.each([
    ['just before the queue gives it up', QUEUE_RETRIES_MS - 1, undefined],
    ['when the queue has given it up: SELLs behind it may have been made', QUEUE_RETRIES_MS, 'STALE'],
  ])('see to a trade that comes %s, whatever age its owner allows', (_, age, reason) => {
    const patient = account({ limits: { maxTradeAgeSeconds: 3600 } });

    expect(admitBuy(admissible({ account: patient, now: NOON + age }))?.reason).toBe(reason);
  });

  it.each([
    ['online', undefined],
    ['limit_only', undefined],
    ['post_only', 'SYMBOL_UNSUPPORTED'],
    ['cancel_only', 'SYMBOL_UNSUPPORTED'],
    ['reduce_only', 'SYMBOL_UNSUPPORTED'],
    ['maintenance', 'SYMBOL_UNSUPPORTED'],
  ] as const)('ask whether a market in %s mode takes a limit order', (status, reason) => {
    expect(admitBuy(admissible({ market: market('BTC/USD', { status }) }))?.reason).toBe(reason);
  });

  it.each([
    ['on the deny list', { deniedSymbols: ['BTC/USD'] }, 'SYMBOL_DENIED'],
    ['not on a deny list', { deniedSymbols: ['ETH/USD'] }, undefined],
    ['on the allow list', { allowedSymbols: ['BTC/USD'] }, undefined],
    ['not on the allow list', { allowedSymbols: ['ETH/USD'] }, 'SYMBOL_DENIED'],
    ['on both', { allowedSymbols: ['BTC/USD'], deniedSymbols: ['BTC/USD'] }, 'SYMBOL_DENIED'],
    ['judged by an empty allow list', { allowedSymbols: [] }, 'SYMBOL_DENIED'],
  ])('see to a symbol that is %s', (_, lists, reason) => {
    expect(admitBuy(admissible({ account: account(lists) }))?.reason).toBe(reason);
  });
});

interface WholeFacts {
  readonly facts: AccountFacts;
  readonly risk: RiskState;
  readonly freeQuote: string;
}

/** The second stage as a BUY passes it: the account's guards, its losses, the rate of orders, then the size. */
const secondStage = ({ facts, risk, freeQuote }: WholeFacts): BuyGuard | undefined => {
  const refused = admitAccount(facts);
  if (refused !== undefined) return refused.reason;
  const lost = equityGuard(facts.equity, risk, facts.account.limits);
  if (lost !== undefined) return lost.reason;
  const size = sizeBuy({
    trade: facts.trade,
    sizing: facts.account.sizing,
    limits: facts.account.limits,
    equity: facts.equity,
    freeQuote: quote(freeQuote),
    limitPrice: priceCap(facts.trade, facts.account, facts.market),
    takerFee: fraction('0.004'),
    market: facts.market,
  });
  const next = { clientOrderId: 'next', notional: size.ok ? size.notional : quote('0'), at: NOON };
  const tooMany = rateGuard(next, risk, facts.equity, facts.account.limits);
  if (tooMany !== undefined) return tooMany.reason;
  return size.ok ? undefined : size.reason;
};

describe('the guards that ask for the account’s own balance and prices', () => {
  it('record the first that fails, in the order of the list, while one after the other is repaired', () => {
    const broken: WholeFacts = {
      facts: affordable({
        account: limited({ maxOrdersPerHour: 0, maxOpenPositions: 0, minimumEquity: quote('1001') }),
        trade: trade({ notional: quote('1') }),
        ticker: ticker(BTC, '60000'),
      }),
      risk: { ...calm, dayOpenEquity: quote('2000'), peakEquity: quote('2000') },
      freeQuote: '0',
    };
    const withFacts =
      (change: (facts: AccountFacts) => Partial<AccountFacts>) =>
      (whole: WholeFacts): WholeFacts => ({ ...whole, facts: { ...whole.facts, ...change(whole.facts) } });
    const withLimits = (change: Partial<typeof limits>) =>
      withFacts(({ account: known }) => ({ account: { ...known, limits: { ...known.limits, ...change } } }));
    const withRisk =
      (change: Partial<RiskState>) =>
      (whole: WholeFacts): WholeFacts => ({ ...whole, risk: { ...whole.risk, ...change } });

    const reasons = reasonsWhileRepairing<WholeFacts>(
      broken,
      [
        withLimits({ minimumEquity: quote('25') }),
        withFacts(() => ({ ticker: ticker(BTC, '50000') })),
        withLimits({ maxOpenPositions: 8 }),
        withRisk({ dayOpenEquity: quote('1000') }),
        withRisk({ peakEquity: quote('1000') }),
        withLimits({ maxOrdersPerHour: 60 }),
        (whole) => ({ ...whole, freeQuote: '1000' }),
        withFacts(() => ({ trade: trade() })),
      ],
      secondStage,
    );

    expect(reasons).toEqual(['EXIT_ONLY', ...BUY_GUARDS.slice(BUY_GUARDS.indexOf('PRICE_MOVED')), undefined]);
  });

  it('make an account exit-only by itself below its minimum equity, and let it recover by itself', () => {
    const at = (equity: string) => admitAccount(affordable({ equity: quote(equity) }));
    expect(at('25')).toBeUndefined();
    expect(at('24.99999999')).toEqual({
      reason: 'EXIT_ONLY',
      detail: "equity 24.99999999 is below the account's minimum of 25",
    });
    expect(at('25')).toBeUndefined();
  });

  it.each([
    ['at the cap', '50250', undefined],
    ['a tick above the cap', '50250.1', 'PRICE_MOVED'],
    ['better than the master’s', '49000', undefined],
  ])('see to an ask %s', (_, ask, reason) => {
    expect(admitAccount(affordable({ ticker: ticker(BTC, '50000', ask) }))?.reason).toBe(reason);
  });

  it('stop a BUY where there is no price', () => {
    expect(admitAccount(affordable({ ticker: undefined }))).toEqual({
      reason: 'PRICE_MOVED',
      detail: 'there is no price for BTC/USD now',
    });
  });

  it.each<[string, number, readonly string[], string | undefined]>([
    ['one below the limit', 7, [], undefined],
    ['at the limit', 8, [], 'MAX_POSITIONS'],
    ['above the limit', 9, [], 'MAX_POSITIONS'],
    ['at the limit, one of them in this very symbol', 7, ['BTC/USD'], undefined],
  ])('count open positions that are %s', (_, others, own, reason) => {
    const openSymbols = [
      ...Array.from({ length: others }, (_unused, i) => marketSymbol(`C${i}/USD`)),
      ...own.map(marketSymbol),
    ];
    expect(admitAccount(affordable({ openSymbols }))?.reason).toBe(reason);
  });
});

describe('the open positions of an account', () => {
  const position = (symbol: string, amount: string): Position => ({
    accountId: 'u-ann',
    symbol: marketSymbol(symbol),
    quantity: quantity(amount),
    costBasis: quote('1'),
    openedAt: NOON,
    version: 1,
  });
  const rules = [market('BTC/USD', { minimumQuantity: quantity('0.001'), minimumCost: quote('100') })];
  const open = (held: Position, known = new Map([[BTC, ticker(BTC, '50000')]])) =>
    openSymbolsOf([held], rules, known);

  it.each([
    ['at the minimum', '0.002', ['BTC/USD']],
    ['worth less than the minimum cost', '0.0019', []],
    ['below the minimum quantity', '0.0009', []],
    ['below one step', '0.000000001', []],
  ])('are those that can be sold: one %s', (_, amount, symbols) => {
    expect(open(position('BTC/USD', amount))).toEqual(symbols);
  });

  it('are judged by the rules of their own markets, whatever others are listed before', () => {
    const cheap = market('ADA/USD', { minimumQuantity: quantity('0.0000001'), minimumCost: quote('0') });

    expect(openSymbolsOf([position('BTC/USD', '0.0009')], [cheap, ...rules], new Map())).toEqual([]);
  });

  it('count where there is no price or no market to judge them by', () => {
    expect(open(position('BTC/USD', '0.001'), new Map())).toEqual(['BTC/USD']);
    expect(open(position('GONE/USD', '0.001'))).toEqual(['GONE/USD']);
  });
});

describe('the price cap', () => {
  it.each([
    ['50', '50000', '50250'],
    ['0', '50000', '50000'],
    ['1000', '50000', '55000'],
    ['50', '50000.33', '50250.3'],
  ])('with %s bp above %s lies at %s, on the price tick and never above', (points, masterPrice, cap) => {
    const limit = limited({ maxSlippageBps: bps(points) });
    expect(text(priceCap({ price: price(masterPrice) }, limit, market('BTC/USD')))).toBe(cap);
  });
});
