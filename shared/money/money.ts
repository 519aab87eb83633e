import { Decimal as Base } from 'decimal.js';

/**
 * Money arithmetic. 60 significant digits: products and quotients of exchange figures (at most 18
 * digits each) stay exact to far below any quantity step, and nothing is ever printed as `1e-7`.
 */
const Decimal = Base.clone({ precision: 60, toExpNeg: -60, toExpPos: 60, defaults: true });

declare const unit: unique symbol;

/** Base asset units, never negative. */
export type Quantity = Base & { readonly [unit]: 'quantity' };
/** Quote units per base unit, always positive. */
export type Price = Base & { readonly [unit]: 'price' };
/** Base asset units; negative only where a difference is meant. */
export type Units = Base & { readonly [unit]: 'units' };
/** Quote units; negative only where a difference (profit, loss) is meant. */
export type QuoteAmount = Base & { readonly [unit]: 'quote' };
/** A share or factor: 0.05 is five percent. Never negative. */
export type Fraction = Base & { readonly [unit]: 'fraction' };
/** Hundredths of a percent: 50 is 0.5 %. Signed. */
export type BasisPoints = Base & { readonly [unit]: 'bps' };

/** Anything that carries a unit. */
export type Amount = Quantity | Units | Price | QuoteAmount | Fraction | BasisPoints;

/** What a unit can be read from. Binary floats are not accepted. */
export type DecimalText = string | bigint | Base;

export type Side = 'BUY' | 'SELL';

/** A figure that is not a decimal, or not one that its unit allows. */
export class MoneyError extends Error {
  override readonly name = 'MoneyError';
}

/** Powers of ten. A figure beyond would turn into an infinity or a zero, or print as megabytes. */
const LARGEST_EXPONENT = 60;

const parse = (value: DecimalText, what: string): Base => {
  const text = typeof value === 'string' ? value.trim() : value.toString();
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) {
    throw new MoneyError(`${what} must be a decimal number (given '${text.slice(0, 40)}')`);
  }
  const decimal = new Decimal(text);
  if (
    !decimal.isFinite() ||
    Math.abs(decimal.e) > LARGEST_EXPONENT ||
    (decimal.isZero() && /[1-9]/.test(mantissa(text)))
  ) {
    throw new MoneyError(`${what} must be of a size that money has (given '${text.slice(0, 40)}')`);
  }
  // There is one zero: the negative one would be printed as `-0`.
  return decimal.isZero() ? decimal.abs() : decimal;
};

const mantissa = (text: string): string => text.replace(/e.*$/i, '');

const nonNegative = (value: DecimalText, what: string): Base => {
  const decimal = parse(value, what);
  if (decimal.isNegative() && !decimal.isZero()) {
    throw new MoneyError(`${what} must not be negative (given '${decimal.toFixed()}')`);
  }
  return decimal.abs();
};

/** @throws MoneyError unless `value` is a decimal ≥ 0 */
export const quantity = (value: DecimalText): Quantity => nonNegative(value, 'a quantity') as Quantity;

/** @throws MoneyError unless `value` is a decimal */
export const units = (value: DecimalText): Units => parse(value, 'units of an asset') as Units;

/** The same amount, where a difference is to be made of it. */
export const unitsOf = (amount: Quantity): Units => amount as unknown as Units;

/** @throws MoneyError unless `value` is a decimal > 0 */
export const price = (value: DecimalText): Price => {
  const decimal = nonNegative(value, 'a price');
  if (decimal.isZero()) throw new MoneyError("a price must be positive (given '0')");
  return decimal as Price;
};

/** @throws MoneyError unless `value` is a decimal */
export const quote = (value: DecimalText): QuoteAmount => parse(value, 'a quote amount') as QuoteAmount;

/** @throws MoneyError unless `value` is a decimal ≥ 0 */
export const fraction = (value: DecimalText): Fraction => nonNegative(value, 'a fraction') as Fraction;

/** @throws MoneyError unless `value` is a decimal */
export const bps = (value: DecimalText): BasisPoints => parse(value, 'basis points') as BasisPoints;

export const ZERO_QUANTITY = quantity('0');
export const ZERO_UNITS = units('0');
export const ZERO_QUOTE = quote('0');
export const ONE = fraction('1');

/** The exact decimal text: what is stored, sent and shown. */
export const text = (amount: Amount): string => amount.toFixed();

export const plus = <T extends Amount>(a: T, b: T): T => a.plus(b) as T;

/** For what may turn negative. */
export const minus = <T extends Units | QuoteAmount | BasisPoints>(a: T, b: T): T => a.minus(b) as T;

/** What is left of `a` after taking `b`, never below zero. */
export const lessAtMost = <T extends Quantity | QuoteAmount | Fraction>(a: T, b: T): T =>
  (b.gte(a) ? new Decimal(0) : a.minus(b)) as T;

export const least = <T extends Amount>(first: T, ...rest: readonly T[]): T =>
  rest.reduce((low, next) => (next.lt(low) ? next : low), first);

export const greatest = <T extends Amount>(first: T, ...rest: readonly T[]): T =>
  rest.reduce((high, next) => (next.gt(high) ? next : high), first);

export const scale = <T extends Amount>(amount: T, by: Fraction): T => amount.times(by) as T;

/** `part ÷ whole`, both of one unit. @throws MoneyError when `whole` is zero or the ratio negative */
export const ratio = <T extends Quantity | QuoteAmount | Price>(part: T, whole: T): Fraction => {
  if (whole.isZero()) throw new MoneyError('a ratio to zero has no value');
  return fraction(part.div(whole));
};

/** quantity × price */
export const notional = (amount: Quantity | Units, at: Price): QuoteAmount =>
  amount.times(at) as unknown as QuoteAmount;

/** amount ÷ price. @throws MoneyError for a negative amount */
export const quantityFor = (amount: QuoteAmount, at: Price): Quantity => quantity(amount.div(at));

/** cost ÷ quantity, to 18 significant digits. @throws MoneyError when nothing was bought */
export const averagePrice = (cost: QuoteAmount, amount: Quantity): Price => {
  if (amount.isZero()) throw new MoneyError('an average price of nothing has no value');
  return price(cost.div(amount).toSignificantDigits(18));
};

/** The largest multiple of `step` that is not above `amount`. @throws MoneyError unless `step` is positive */
export const floorTo = <T extends Quantity | Price | QuoteAmount>(amount: T, step: T): T => {
  if (!step.gt(0)) throw new MoneyError(`a step must be positive (given '${step.toFixed()}')`);
  return amount.div(step).floor().times(step) as T;
};

/** 50 bp → 0.005. @throws MoneyError for negative basis points */
export const fractionOfBps = (points: BasisPoints): Fraction => fraction(points.div(10_000));

export const bpsOfFraction = (share: Fraction): BasisPoints => share.times(10_000) as unknown as BasisPoints;

/**
 * How much worse `actual` is than `reference` for someone on `side`: positive is worse, negative better.
 * `(actual − reference) ÷ reference × 10 000`, sign turned for a sale; to four decimals.
 */
export const slippageBps = (reference: Price, actual: Price, side: Side): BasisPoints => {
  const points = actual.minus(reference).div(reference).times(10_000).toDecimalPlaces(4);
  return (side === 'BUY' ? points : points.negated()) as unknown as BasisPoints;
};
