import * as z from 'zod';
import { bps, type DecimalText, fraction, MoneyError, price, quantity, quote, units } from './money.ts';

const decimal = <T>(read: (value: DecimalText) => T) =>
  z.string('decimals are written as texts, in quotes: "0.05"').transform((value, context): T => {
    try {
      return read(value);
    } catch (error) {
      if (!(error instanceof MoneyError)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
      return z.NEVER;
    }
  });

/** Decimal texts with units, for every edge (events, secrets, table items, exchange answers). */
export const zQuantity = decimal(quantity);
export const zUnits = decimal(units);
export const zPrice = decimal(price);
export const zQuote = decimal(quote);
export const zFraction = decimal(fraction);
export const zBps = decimal(bps);
