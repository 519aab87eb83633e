import * as z from 'zod';
import type { BackOff } from '../../order/back-off.ts';

export const zBackOff: z.ZodType<BackOff> = z.object({
  refusals: z.int().min(1),
  nextTryAt: z.number(),
  why: z.string(),
});
