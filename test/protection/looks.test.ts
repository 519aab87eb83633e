import { describe, expect, it } from 'vitest';
import type { Account } from '../../shared/account/account.ts';
import { valueAccount } from '../../shared/account/equity.ts';
import type { CheckFacts } from '../../shared/check/check-facts.ts';
import type { Ticker } from '../../shared/exchange/exchange.ts';
import { type MarketSymbol, marketSymbol } from '../../shared/exchange/market.ts';
import { type Price, quote, ZERO_QUOTE } from '../../shared/money/money.ts';
import type { EquityLoss } from '../../shared/protection/equity-losses.ts';
import { type LookPorts, looksAtEquity, looksAtPrices } from '../../shared/protection/looks.ts';
import type { RiskState } from '../../shared/protection/risk.ts';
import { account, BTC, balance, market, NOON, ticker } from '../copying/made.ts';
import { atTheExchange } from '../order/at-the-exchange.ts';

const ETH = marketSymbol('ETH/USD');
type Tickers = ReadonlyMap<MarketSymbol, Ticker>;
const priced = (btc: string, eth: string): Tickers =>
  new Map([
    [BTC, ticker(BTC, btc)],
    [ETH, ticker(ETH, eth)],
  ]);
/** As an exchange might give it whose answers nobody validates. */
const NO_BID = ZERO_QUOTE as unknown as Price;
const AT_FIRST = priced('50000', '2500');

/** A check that found one BTC and 2 ETH. */
const factsWith = (changes: Partial<CheckFacts> = {}): CheckFacts => {
  const { ports } = atTheExchange();
  const markets = [market('BTC/USD'), market('ETH/USD')];
  const balances = [balance('BTC', '1'), balance('ETH', '2')];
  const tickers = changes.tickers ?? AT_FIRST;
  return {
    account: account(),
    connection: {
      session: ports.session,
      lease: { next: () => 1, renew: async () => {}, release: async () => {} },
      markets,
      everListed: markets,
      fingerprint: 'f',
      keep: async () => {},
    },
    balances,
    tickers,
    valuation: valueAccount(balances, tickers, markets),
    doubtful: new Map(),
    at: NOON,
    ...changes,
  };
};

/** What is asked for again is answered so; an error is thrown. */
const portsWith = (answers: { account?: Account | Error | 'gone'; tickers?: (Tickers | Error)[] } = {}) => {
  const { log } = atTheExchange().ports;
  const asked: (readonly string[])[] = [];
  const warned: unknown[] = [];
  const left = [...(answers.tickers ?? [])];
  const ports: LookPorts = {
    ledger: {
      accounts: {
        get: async () => {
          if (answers.account instanceof Error) throw answers.account;
          return answers.account === 'gone' ? undefined : answers.account;
        },
      },
    },
    exchange: (name) => ({
      session: () => {
        throw new Error('a look needs no key');
      },
      marketData: {
        exchange: name,
        markets: async () => [],
        candles: async () => [],
        tickers: async (symbols, options) => {
          asked.push([...symbols, ...(options?.anew === true ? ['anew'] : [])]);
          const next = left.shift() ?? new Map();
          if (next instanceof Error) throw next;
          return next;
        },
      },
    }),
    log: { ...log, warn: (message, fields) => warned.push([message, fields]) },
  };
  return { ports, asked, warned };
};

const bidOf = (tickers: Tickers, symbol: MarketSymbol = BTC) => tickers.get(symbol)?.bid.toFixed();

describe('what a position is judged by at first', () => {
  it('is what the check read, and no loss of equity', () => {
    const facts = factsWith();

    const { first } = looksAtPrices(facts, portsWith().ports);

    expect(first).toEqual({ account: facts.account, tickers: facts.tickers, losses: [] });
  });
});

describe('what a position is judged by right before its sale', () => {
  it('is its bid and its owner’s settings of this moment, and of all else what was read', async () => {
    const now = account({ protection: { stopLoss: '0.3' } });
    const fresh = new Map([[BTC, ticker(BTC, '48000')]]);
    const { ports, asked, warned } = portsWith({ account: now, tickers: [fresh] });

    const look = await looksAtPrices(factsWith(), ports).again(BTC);

    expect(look.account).toEqual(now);
    expect([bidOf(look.tickers), bidOf(look.tickers, ETH)]).toEqual(['48000', '2500']);
    expect(look.losses).toEqual([]);
    expect(asked).toEqual([[BTC, 'anew']]);
    expect(warned).toEqual([]);
  });

  it.each([
    ['there is no bid now', new Map([[BTC, { ...ticker(BTC, '48000'), bid: NO_BID }]])],
    ['the exchange names no price now', new Map()],
  ])('is the bid of a moment ago where %s', async (_where, fresh) => {
    const { ports } = portsWith({ account: account(), tickers: [fresh] });

    expect(bidOf((await looksAtPrices(factsWith(), ports).again(BTC)).tickers)).toBe('50000');
  });

  it('is what was read at first where nothing can be read now, and that is said', async () => {
    const facts = factsWith();
    const { ports, warned } = portsWith({ account: new Error('throttled'), tickers: [new Error('hangs')] });

    const look = await looksAtPrices(facts, ports).again(BTC);

    expect(look).toEqual({ account: facts.account, tickers: facts.tickers, losses: [] });
    expect(warned).toEqual([
      [
        'protection goes by settings of a moment ago',
        { account: 'u-ann', why: expect.stringContaining('throttled') },
      ],
      [
        'protection goes by a price of a moment ago',
        { account: 'u-ann', why: expect.stringContaining('hangs') },
      ],
    ]);
  });

  it('are the settings that were read where the account is gone', async () => {
    const facts = factsWith();

    const { account: judgedBy } = await looksAtPrices(facts, portsWith({ account: 'gone' }).ports).again(BTC);

    expect(judgedBy).toEqual(facts.account);
  });
});

describe('prices that the exchange does not give', () => {
  const unread = factsWith({ tickers: new Map(), pricesUnread: new Error('hangs') });

  it.each<[string, CheckFacts, (Tickers | Error)[], number]>([
    ['neither at first nor before the first sale are not asked for again', unread, [new Error('hangs')], 1],
    ['at first, but before the first sale, are asked for before each', unread, [AT_FIRST, AT_FIRST], 2],
    ['before the first sale, but at first, are asked for before each', factsWith(), [new Error('hangs')], 2],
  ])('%s', async (_which, facts, tickers, times) => {
    const { ports, asked } = portsWith({ account: account(), tickers });
    const looks = looksAtPrices(facts, ports);

    await looks.again(BTC);
    const last = await looks.again(ETH);

    expect(asked).toHaveLength(times);
    expect(bidOf(last.tickers, ETH)).toBe(facts === unread && times === 1 ? undefined : '2500');
  });
});

describe('a loss of equity right before the sales for it', () => {
  const LOSS: EquityLoss = { rule: 'max-drawdown', because: 'of a moment ago', numbers: {} };
  const risk: RiskState = {
    accountId: 'u-ann',
    day: '2026-11-20',
    dayOpenEquity: quote('100000'),
    peakEquity: quote('100000'),
    lastEquity: quote('55000'),
    lastCash: quote('0'),
    lastAt: NOON,
    recentOrders: [],
    version: 1,
    measured: { at: NOON, holdings: [] },
  };
  const exits = account({ protection: { onMaxDrawdown: 'exit' }, limits: { maxDrawdown: '0.2' } });

  it('is judged anew by one reading of all prices for all positions', async () => {
    const { ports, asked } = portsWith({ account: exits, tickers: [priced('40000', '2000')] });
    const looks = looksAtEquity(factsWith(), risk, [LOSS], ports);

    const [first, second] = [await looks.again(BTC), await looks.again(ETH)];

    expect(asked).toEqual([[BTC, ETH, 'anew']]);
    for (const { losses } of [first, second])
      expect(losses).toMatchObject([{ rule: 'max-drawdown', numbers: { equity: '44000' } }]);
    expect(bidOf(second.tickers, ETH)).toBe('2000');
  });

  it.each([
    ['is none any more where prices have come back', exits, priced('96000', '2000')],
    ['is none where its owner wants no exit for it any more', account(), priced('40000', '2000')],
  ])('%s', async (_what, now, tickers) => {
    const { ports } = portsWith({ account: now, tickers: [tickers] });

    expect((await looksAtEquity(factsWith(), risk, [LOSS], ports).again(BTC)).losses).toEqual([]);
  });

  it('is what it was where it cannot be judged now', async () => {
    const { ports } = portsWith({ account: exits, tickers: [AT_FIRST] });
    const looks = looksAtEquity(factsWith(), undefined, [LOSS], ports);

    expect((await looks.again(BTC)).losses).toEqual([LOSS]);
    expect(looks.first.losses).toEqual([LOSS]);
  });
});
