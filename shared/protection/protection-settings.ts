import * as z from 'zod';
import { zFraction } from '../money/schema.ts';

/** What an owner may mean by 5 is five percent; that is 0.05. */
const share = (what: string) =>
  zFraction.refine((value) => value.gt(0) && value.lt(1), {
    error: ({ input }) =>
      `${what} is a fraction above 0 and below 1: 0.05 is five percent (given '${String(input)}')`,
  });
const upToOne = (what: string) =>
  zFraction.refine((value) => value.gt(0) && value.lte(1), {
    error: ({ input }) =>
      `${what} is a fraction above 0 and at most 1: 0.05 is five percent (given '${String(input)}')`,
  });

const MOST_LEVELS = 10;
const MOST_HOURS = 8_760;

const zLevel = z.strictObject({
  /** Above average cost. */
  at: upToOne('a take-profit level'),
  /** Of the position as it was when the level was first reached. */
  sell: upToOne('what a take-profit level sells'),
});

const ON_LOSS = ['stop-buying', 'exit'] as const;

/** All figures are fractions, not percents; cost is average cost, fees included. */
const fields = {
  enabled: z.boolean(),
  /** Below average cost, where all is sold; `null`: no stop loss. */
  stopLoss: share('stopLoss').nullable(),
  takeProfit: z
    .array(zLevel)
    .max(MOST_LEVELS, `at most ${MOST_LEVELS} take-profit levels`)
    .refine(
      (levels) => levels.every(({ at }, index) => levels[index - 1]?.at.lt(at) ?? true),
      'take-profit levels rise: each `at` is above the one before',
    ),
  /** All is sold this far below the best price seen, once the price was `activateAt` above average cost. */
  trailing: z
    .strictObject({ activateAt: upToOne('trailing.activateAt'), distance: share('trailing.distance') })
    .nullable(),
  maxHoldingHours: z.int().min(1).max(MOST_HOURS).nullable(),
  /** `exit` sells all managed positions; the limits themselves are `limits.maxDrawdown` and `.maxDailyLoss`. */
  onMaxDrawdown: z.enum(ON_LOSS),
  onDailyLoss: z.enum(ON_LOSS),
};

/** All of them: what is not given has its default. */
export const zProtection = z.strictObject({
  enabled: fields.enabled.default(true),
  stopLoss: fields.stopLoss.prefault('0.10'),
  takeProfit: fields.takeProfit.prefault([]),
  trailing: fields.trailing.prefault(null),
  maxHoldingHours: fields.maxHoldingHours.default(null),
  onMaxDrawdown: fields.onMaxDrawdown.default('stop-buying'),
  onDailyLoss: fields.onDailyLoss.default('stop-buying'),
});
/** When an account's positions are sold without anybody asking for it. */
export type Protection = z.infer<typeof zProtection>;
export type TakeProfitLevel = Protection['takeProfit'][number];

/** Some of them: what is not given stays as it is. */
export const zProtectionChanges = z.strictObject(fields).exactPartial();
export type ProtectionChanges = z.infer<typeof zProtectionChanges>;
