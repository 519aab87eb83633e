import { Decimal } from 'decimal.js';

/** Figures as a person reads them in the report; what is not known is empty. */

/** Two places. */
export const cents = (amount: string | null): string =>
  amount === null ? 'unreadable' : new Decimal(amount).toFixed(2);

/** That many significant digits. */
export const short = (figure: string | null, digits: number): string =>
  figure === null ? '' : new Decimal(figure).toSignificantDigits(digits).toFixed();

export const milliseconds = (value: number | null | undefined): string =>
  value === null || value === undefined ? '' : `${value} ms`;

/** One place, and zero without a sign. */
export const basisPoints = (value: string | number | null | undefined): string =>
  value === null || value === undefined
    ? ''
    : `${new Decimal(value).toDecimalPlaces(1).plus(0).toFixed(1)} bp`;

/** `01-31 23:55` of an ISO instant. */
export const minute = (instant: string): string => instant.slice(5, 16).replace('T', ' ');
