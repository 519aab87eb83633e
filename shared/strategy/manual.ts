import * as z from 'zod';
import { defineStrategy } from './strategy.ts';

/** No decisions of its own: the owner trades by hand, and the fills are ingested and copied. No settings. */
export const manual = defineStrategy({
  name: 'manual',
  revision: 1,
  config: z.strictObject({}),
  candlesNeeded: () => 0,
  decide: () => ({ exits: [], rejections: [], states: new Map() }),
  settle: (accountState) => accountState,
});
