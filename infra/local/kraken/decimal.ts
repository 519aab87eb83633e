import { Decimal as Base } from 'decimal.js';

/** The exchange's own arithmetic, apart from the product's, so that neither proves the other by sharing a mistake. */
export const Decimal = Base.clone({ precision: 50, toExpNeg: -50, toExpPos: 50, defaults: true });
export type Decimal = Base;

export const ZERO = new Decimal(0);

const PLAIN = /^\d{1,20}(\.\d{1,30})?$/;

/** An unsigned decimal as a form field carries it, or undefined. */
export const parseDecimal = (text: string): Decimal | undefined =>
  PLAIN.test(text) ? new Decimal(text) : undefined;

/** `10^-places` */
export const step = (places: number): Decimal => new Decimal(10).pow(-places);

export const shown = (value: Decimal, places: number): string => value.toFixed(places, Decimal.ROUND_DOWN);
