import type { Market, MarketSymbol } from '../exchange/market.ts';
import {
  type Fraction,
  floorTo,
  minus,
  notional,
  type Price,
  plus,
  type QuoteAmount,
  quantity,
  quantityFor,
  ratio,
  scale,
  ZERO_QUOTE,
} from '../money/money.ts';
import type { Instant } from '../time/clock.ts';
import type { ExitDecision, HeldPosition, Sale } from './strategy.ts';

/** One position from its purchase until it was sold. */
export interface BacktestTrade {
  readonly symbol: MarketSymbol;
  readonly openedAt: Instant;
  readonly closedAt: Instant;
  /** What was paid for the asset, fees apart. */
  readonly spent: QuoteAmount;
  /** All fees, of the purchase and of every sale. */
  readonly fees: QuoteAmount;
  /** After fees. */
  readonly profit: QuoteAmount;
  /** The reason of each sale, in order. */
  readonly exits: readonly string[];
}

/** Figures that do not allow a backtest. */
export class BacktestError extends Error {
  override readonly name = 'BacktestError';
}

interface Holding extends HeldPosition {
  readonly spent: QuoteAmount;
  readonly fees: QuoteAmount;
  readonly profit: QuoteAmount;
  readonly exits: readonly string[];
}

const NOTHING: Omit<Holding, 'openedAt' | 'state'> = {
  quantity: quantity('0'),
  costBasis: ZERO_QUOTE,
  spent: ZERO_QUOTE,
  fees: ZERO_QUOTE,
  profit: ZERO_QUOTE,
  exits: [],
};

/** A wallet that fills every order whole, at once, at the given price, for the fee. */
export class Wallet {
  readonly positions = new Map<MarketSymbol, Holding>();
  readonly trades: BacktestTrade[] = [];
  readonly #fee: Fraction;
  cash: QuoteAmount;
  feesPaid = ZERO_QUOTE;

  constructor(cash: QuoteAmount, fee: Fraction) {
    this.cash = cash;
    this.#fee = fee;
  }

  /**
   * What is bought of a market that is held already joins that position, as it does in the ledger.
   *
   * @throws BacktestError where it buys nothing, or for more than the cash
   */
  buy(market: Market, amount: QuoteAmount, at: Price, now: Instant, state: unknown): void {
    const bought = floorTo(quantityFor(amount, at), market.quantityStep);
    const spent = notional(bought, at);
    const fees = scale(spent, this.#fee);
    const costBasis = plus(spent, fees);
    if (bought.isZero() || costBasis.gt(this.cash)) {
      throw new BacktestError(
        `${market.symbol}: an entry must buy something and fit the cash (given ${amount.toFixed()} of ${this.cash.toFixed()})`,
      );
    }
    this.cash = minus(this.cash, costBasis);
    this.feesPaid = plus(this.feesPaid, fees);
    const held = this.positions.get(market.symbol) ?? { ...NOTHING, openedAt: now };
    this.positions.set(market.symbol, {
      ...held,
      quantity: quantity(held.quantity.plus(bought)),
      costBasis: plus(held.costBasis, costBasis),
      spent: plus(held.spent, spent),
      fees: plus(held.fees, fees),
      state,
    });
  }

  /** What the sale brought, and whether it closed the position. @throws BacktestError */
  sell(exit: ExitDecision, market: Market, at: Price, now: Instant): Omit<Sale, 'id'> {
    const held = this.positions.get(exit.symbol);
    if (held === undefined || exit.quantity.gt(held.quantity)) {
      throw new BacktestError(
        `${exit.symbol}: an exit must not exceed the position (given ${exit.quantity.toFixed()} of ${held?.quantity.toFixed() ?? 'nothing'})`,
      );
    }
    const revenue = notional(exit.quantity, at);
    const fee = scale(revenue, this.#fee);
    const proceeds = minus(revenue, fee);
    const soldCost = scale(held.costBasis, ratio(exit.quantity, held.quantity));
    const profit = minus(proceeds, soldCost);
    this.cash = plus(this.cash, proceeds);
    this.feesPaid = plus(this.feesPaid, fee);
    const left = quantity(held.quantity.minus(exit.quantity));
    const rest: Holding = {
      ...held,
      quantity: left,
      costBasis: minus(held.costBasis, soldCost),
      fees: plus(held.fees, fee),
      profit: plus(held.profit, profit),
      exits: [...held.exits, exit.reason],
    };
    const closed = left.lt(market.quantityStep);
    if (closed) {
      const { openedAt, spent, fees, exits } = rest;
      this.positions.delete(exit.symbol);
      this.trades.push({
        symbol: exit.symbol,
        openedAt,
        closedAt: now,
        spent,
        fees,
        profit: rest.profit,
        exits,
      });
    } else {
      this.positions.set(exit.symbol, rest);
    }
    return { symbol: exit.symbol, profit, closed };
  }
}
