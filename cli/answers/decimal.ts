import * as z from 'zod';

/** An exact decimal as functions answer it; very small ones come as `1e-8`. */
export const zDecimal = z
  .string()
  .regex(/^-?\d+(\.\d+)?(e[+-]?\d{1,3})?$/, 'a decimal text looks like -12.50');
