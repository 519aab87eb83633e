import type { Account } from '../account/account.ts';
import type { Copy } from '../copying/copy.ts';
import type { Asset } from '../exchange/market.ts';
import type { RecordedFill } from '../ledger/ledger.ts';
import {
  type BasisPoints,
  bps,
  minus,
  notional,
  type Price,
  plus,
  type QuoteAmount,
  type Side,
} from '../money/money.ts';
import type { Instant } from '../time/clock.ts';
import { assetOf } from './carry-out.ts';
import { missedCopies } from './missed.ts';
import { priceIn } from './prices.ts';
import { returnBps, shareBps, shown } from './returns.ts';
import type { Tracking } from './statement.ts';
import type { Standing, Stretch } from './stretch.ts';

export interface TrackingFacts {
  readonly masterId: string;
  /** Of the account, over the period; at least one. */
  readonly own: readonly [Stretch, ...Stretch[]];
  /** Of its master, over the same time. */
  readonly master: readonly Stretch[];
  /** Of this master's trades, since it is followed; by the trades' time. */
  readonly copies: readonly Copy[];
  readonly fills: readonly RecordedFill[];
  readonly account: Pick<Account, 'sizing' | 'limits'>;
  equityAt(at: Instant): QuoteAmount;
}

/**
 * How far the account's return is from its master's, and by what, each against the equity of its moment: what prices
 * had moved before an order was decided, what they moved until it was filled, fees beyond the master's own, what
 * copies that were not made would have brought. The rest makes them add up.
 */
export const trackingOf = (facts: TrackingFacts): Extract<Tracking, { known: true }> => {
  const accountBps = returnBps(facts.own);
  const masterBps = returnBps(facts.master);
  const differenceBps = minus(accountBps, masterBps);
  const prices = pricePaid(facts);
  const latency = shown(prices.latency);
  const slippage = shown(prices.slippage);
  const fees = shown(minus(feesOf(facts.own), feesOf(facts.master)));
  const skipped = shown(skippedOf(facts));
  const rest = [latency, slippage, fees, skipped].reduce(minus, differenceBps);
  return {
    known: true,
    masterId: facts.masterId,
    accountBps,
    masterBps,
    differenceBps,
    causes: [
      { cause: 'latency', bps: latency },
      { cause: 'slippage', bps: slippage },
      { cause: 'fees', bps: fees },
      { cause: 'skipped', bps: skipped },
      { cause: 'rest', bps: rest },
    ],
  };
};

const ZERO_BPS = bps('0');

const feesOf = (stretches: readonly Stretch[]): BasisPoints =>
  stretches.reduce((sum, stretch) => plus(sum, shareBps(stretch.parts.fees, stretch)), ZERO_BPS);

/** What `actual` is worse by than `reference`, below zero; for as many units as were traded. */
const gainOf = (
  side: Side,
  reference: Price,
  actual: Price,
  copied: Copy['trade']['quantity'],
): QuoteAmount => {
  const [from, to] = side === 'BUY' ? [actual, reference] : [reference, actual];
  return minus(notional(copied, to), notional(copied, from));
};

/** Where the market's price was not kept with the order, all of the difference counts as slippage. */
const pricePaid = ({ copies, own }: TrackingFacts) => {
  let latency = ZERO_BPS;
  let slippage = ZERO_BPS;
  for (const { trade, outcome } of copies) {
    if (outcome?.state !== 'FILLED') continue;
    const stretch = stretchAt(own, trade.at + outcome.fillLatencyMs);
    if (stretch === undefined) continue;
    const { price, quantity, marketPrice = trade.price } = outcome;
    latency = plus(latency, shareBps(gainOf(trade.side, trade.price, marketPrice, quantity), stretch));
    slippage = plus(slippage, shareBps(gainOf(trade.side, marketPrice, price, quantity), stretch));
  }
  return { latency, slippage };
};

/** The one in which a moment lies. */
const stretchAt = (stretches: readonly Stretch[], at: Instant): Stretch | undefined =>
  stretches.find(({ from, to }) => from.snapshot.at < at && at <= to.snapshot.at);

const skippedOf = ({ own, master, ...facts }: TrackingFacts): BasisPoints => {
  const worthOf = missedCopies(facts);
  const mastersAt = mastersStanding(master);
  const worthAt = (standing: Standing): QuoteAmount => {
    const { at } = standing.snapshot;
    const masters = mastersAt(at);
    return worthOf(at, (symbol) => priceAt(standing, masters, assetOf(symbol)));
  };
  let before = worthAt(own[0].from);
  let sum = ZERO_BPS;
  for (const stretch of own) {
    const after = worthAt(stretch.to);
    sum = plus(sum, shareBps(minus(before, after), stretch));
    before = after;
  }
  return sum;
};

/** The account's own where it holds the asset: what it does not hold, its master may. */
const priceAt = ({ snapshot }: Standing, masters: Standing | undefined, asset: Asset): Price | undefined =>
  snapshot.holdings.find((holding) => holding.asset === asset)?.price ??
  (masters === undefined ? undefined : priceIn(masters.prices, asset));

/** Asked with rising moments: how the master stood last. */
const mastersStanding = (stretches: readonly Stretch[]): ((at: Instant) => Standing | undefined) => {
  const standings = [...stretches.slice(0, 1).map(({ from }) => from), ...stretches.map(({ to }) => to)];
  let index = 0;
  return (at) => {
    for (
      let next = standings[index + 1];
      next !== undefined && next.snapshot.at <= at;
      next = standings[index + 1]
    )
      index += 1;
    return standings[index];
  };
};
