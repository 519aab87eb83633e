import fc from 'fast-check';
import type { Fill } from '../../shared/exchange/exchange.ts';
import { type Asset, isCash, type MarketSymbol, marketSymbol } from '../../shared/exchange/market.ts';
import {
  floorTo,
  fraction,
  lessAtMost,
  notional,
  type Price,
  plus,
  price,
  type Quantity,
  type QuoteAmount,
  quantity,
  quote,
  scale,
  ZERO_QUANTITY,
  ZERO_QUOTE,
} from '../../shared/money/money.ts';
import { measureEquity, type RiskState } from '../../shared/protection/risk.ts';
import { type Holding, worthOf } from '../../shared/snapshot/holdings.ts';
import { fillsNeededFrom, measure, movementTo } from '../../shared/snapshot/measure.ts';
import type { EquitySnapshot } from '../../shared/snapshot/snapshot.ts';
import { type Instant, MINUTE } from '../../shared/time/clock.ts';
import { NOON } from '../copying/made.ts';

const STEP = quantity('0.00000001');
const PAR = price('1');
const FEE = fraction('0.004');
const ACCOUNT = 'u-ann';
export const COINS = ['BTC', 'ETH'] as const;
export type Coin = (typeof COINS)[number];

/** What can happen to an account. Shares are thousandths of what is held. */
export type Happening =
  | { readonly what: 'deposit'; readonly asset: Asset; readonly amount: number }
  | { readonly what: 'withdraw'; readonly asset: Asset; readonly share: number }
  | { readonly what: 'buy' | 'sell'; readonly coin: Coin; readonly share: number; readonly baseFee: boolean }
  | { readonly what: 'price'; readonly coin: Coin; readonly percent: number }
  | { readonly what: 'wait'; readonly ms: number }
  /** What happens between the reading of balances and of executions; which of the youngest is listed late, 0 for none. */
  | { readonly what: 'check'; readonly between: readonly Happening[]; readonly late: number };

const share = fc.integer({ min: 1, max: 1000 });
const coin = fc.constantFrom(...COINS);
export const trading: fc.Arbitrary<Happening> = fc.record({
  what: fc.constantFrom('buy' as const, 'sell' as const),
  coin,
  share,
  baseFee: fc.boolean(),
});
export const moving: fc.Arbitrary<Happening> = fc.record({
  what: fc.constant('price' as const),
  coin,
  percent: fc.integer({ min: 50, max: 150 }),
});
export const flowing = (assets: readonly Asset[]): fc.Arbitrary<Happening> =>
  fc.oneof(
    fc.record({
      what: fc.constant('deposit' as const),
      asset: fc.constantFrom(...assets),
      amount: fc.integer({ min: 1, max: 10_000 }),
    }),
    fc.record({ what: fc.constant('withdraw' as const), asset: fc.constantFrom(...assets), share }),
  );
export const waiting: fc.Arbitrary<Happening> = fc.record({
  what: fc.constant('wait' as const),
  ms: fc.oneof(fc.nat(2 * MINUTE), fc.nat(600 * MINUTE)),
});
export const checking = (
  between: fc.Arbitrary<Happening>,
  late: fc.Arbitrary<number> = fc.constant(0),
): fc.Arbitrary<Happening> =>
  fc.record({ what: fc.constant('check' as const), between: fc.array(between, { maxLength: 3 }), late });
export const quietCheck = checking(fc.constant({ what: 'wait', ms: 0 }));

/** An exchange with one account, and what snapshots make of it. All figures exact. */
export class Model {
  readonly held = new Map<Asset, Quantity>();
  readonly prices = new Map<Asset, Price>([
    ['BTC', price('50000')],
    ['ETH', price('2500')],
    ['USD', PAR],
  ]);
  readonly fills: Fill[] = [];
  /** What came less what left since the first snapshot, by asset. */
  readonly external = new Map<Asset, QuoteAmount>();
  readonly snapshots: EquitySnapshot[] = [];
  risk: RiskState | undefined;
  now: Instant = NOON;

  constructor(balances: Readonly<Record<Asset, string>>) {
    for (const [asset, amount] of Object.entries(balances)) this.held.set(asset, quantity(amount));
    this.check({ between: [], late: 0 });
  }

  priceOf = (asset: Asset): Price | undefined => (this.of(asset).isZero() ? undefined : this.priceAt(asset));
  priceAt = (asset: Asset): Price => this.prices.get(asset) ?? PAR;
  of = (asset: Asset): Quantity => this.held.get(asset) ?? ZERO_QUANTITY;
  holdings = (): readonly Holding[] =>
    [...this.held]
      .filter(([, total]) => !total.isZero())
      .map(([asset, total]) => ({ asset, total, price: this.priceAt(asset) }));
  equity = (): QuoteAmount => worthOf(this.holdings(), (asset) => this.priceAt(asset));

  happen(event: Happening): void {
    switch (event.what) {
      case 'deposit': {
        // As many units as are worth that much cash, or a little of them.
        const amount = this.#inUnits(event.asset, quote(String(event.amount)));
        this.held.set(event.asset, plus(this.of(event.asset), amount));
        this.#flowed(event.asset, quote(amount));
        return;
      }
      case 'withdraw': {
        const amount = this.#part(event.asset, event.share);
        this.held.set(event.asset, lessAtMost(this.of(event.asset), amount));
        this.#flowed(event.asset, quote(amount.negated()));
        return;
      }
      case 'buy':
      case 'sell':
        this.#trade(event.what, event.coin, event.share, event.baseFee);
        return;
      case 'price': {
        const now = this.priceAt(event.coin);
        this.prices.set(
          event.coin,
          price(floorTo(scale(now, fraction(String(event.percent / 100))), price('0.0001')).plus('0.0001')),
        );
        return;
      }
      case 'wait':
        this.now += event.ms;
        return;
      case 'check':
        this.check(event);
    }
  }

  check({ between, late }: { readonly between: readonly Happening[]; readonly late: number }): void {
    const last = this.snapshots.at(-1);
    const at = this.now;
    const holdings = this.holdings();
    const prices = new Map(this.prices);
    const equity = this.equity();
    for (const event of between) this.happen(event);
    const from = fillsNeededFrom(last, at);
    const listed = this.fills.filter((fill) => fill.at >= from);
    const hidden = late === 0 ? undefined : listed.at(-late);
    if (hidden !== undefined && hidden.at > at - 5 * MINUTE) listed.splice(listed.indexOf(hidden), 1);
    const cash = quote(holdings.find(({ asset }) => isCash(asset))?.total ?? ZERO_QUANTITY);
    const held = new Set(holdings.map(({ asset }) => asset));
    const priceOf = (asset: Asset) => (held.has(asset) ? prices.get(asset) : undefined);
    const valuation = { cash, held: ZERO_QUOTE, equity };
    const reading = { accountId: ACCOUNT, at, valuation, holdings, priceOf };
    const snapshot = measure(last, reading, { fills: listed, unlisted: [] });
    if (snapshot === undefined) throw new Error('nothing was executed before the first snapshot');
    const seen = { accountId: ACCOUNT, equity, cash, at: snapshot.at, holdings };
    this.risk = measureEquity(
      this.risk,
      seen,
      movementTo(snapshot, last, reading, { fills: listed, unlisted: [] }),
    );
    this.snapshots.push(snapshot);
  }

  /** What all snapshots say came less what they say left, by asset. */
  recognised(): ReadonlyMap<Asset, QuoteAmount> {
    const sums = new Map<Asset, QuoteAmount>();
    for (const { kind, asset, amount } of this.snapshots.flatMap(({ flows }) => flows)) {
      const signed = quote(kind === 'DEPOSIT' ? amount : amount.negated());
      sums.set(asset, plus(sums.get(asset) ?? ZERO_QUOTE, signed));
    }
    return sums;
  }

  #inUnits(asset: Asset, amount: QuoteAmount): Quantity {
    return floorTo(quantity(amount.div(this.priceAt(asset))), STEP);
  }

  #part(asset: Asset, thousandths: number): Quantity {
    return floorTo(scale(this.of(asset), fraction(String(thousandths / 1000))), STEP);
  }

  #flowed(asset: Asset, amount: QuoteAmount): void {
    this.external.set(asset, plus(this.external.get(asset) ?? ZERO_QUOTE, amount));
  }

  #trade(what: 'buy' | 'sell', base: Coin, thousandths: number, baseFee: boolean): void {
    const at = this.priceAt(base);
    const spent = quote(scale(this.#part('USD', thousandths), fraction('0.99')));
    const amount =
      what === 'buy' ? this.#inUnits(base, spent) : scale(this.#part(base, thousandths), fraction('0.99'));
    if (amount.isZero()) return;
    const cost = notional(amount, at);
    const fee = baseFee
      ? { asset: base, amount: scale(amount, FEE) }
      : { asset: 'USD', amount: quantity(scale(cost, FEE)) };
    const symbol: MarketSymbol = marketSymbol(`${base}/USD`);
    const id = `T${this.fills.length}`;
    const side = what === 'buy' ? 'BUY' : 'SELL';
    this.fills.push({
      fillId: id,
      exchangeOrderId: `O${id}`,
      symbol,
      side,
      quantity: amount,
      price: at,
      cost,
      fee,
      at: this.now,
    });
    const add = (asset: Asset, change: Quantity | QuoteAmount, sign: 1 | -1) =>
      this.held.set(asset, quantity(this.of(asset).plus(change.times(sign))));
    add(base, amount, what === 'buy' ? 1 : -1);
    add('USD', cost, what === 'buy' ? -1 : 1);
    add(fee.asset, fee.amount, -1);
  }
}
