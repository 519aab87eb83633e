import * as z from 'zod';
import type { ScheduledRun } from '../aws/scheduler.ts';
import { SCHEDULE } from './cast.ts';

/** What the functions answer over the wire: decimals are texts. */
export const zValuation = z.object({ cash: z.string(), held: z.string(), equity: z.string() });

export const zBalanceAnswer = z.discriminatedUnion('connected', [
  z.object({
    connected: z.literal(true),
    accountId: z.string(),
    exchange: z.string(),
    currency: z.string(),
    keyFingerprint: z.string(),
    status: z.string(),
    statusReason: z.string(),
    ...zValuation.shape,
    assets: z.array(
      z.object({ asset: z.string(), total: z.string(), free: z.string(), value: z.string().optional() }),
    ),
  }),
  z.object({
    connected: z.literal(false),
    accountId: z.string(),
    exchange: z.string(),
    currency: z.string(),
    keyFingerprint: z.string(),
    status: z.string(),
    statusReason: z.string(),
    code: z.string(),
    message: z.string(),
    cash: z.never().optional(),
    equity: z.never().optional(),
  }),
]);
export type BalanceAnswer = z.infer<typeof zBalanceAnswer>;

export const zTickAnswer = z.object({
  balance: zValuation,
  trades: z.array(z.object({ tradeId: z.string() })),
});
export type TickAnswer = z.infer<typeof zTickAnswer>;

export const zExitAnswer = z.object({
  accountId: z.string(),
  requestId: z.string(),
  state: z.enum(['FLAT', 'INCOMPLETE', 'PLANNED']),
  results: z.array(
    z.object({
      symbol: z.string(),
      state: z.string(),
      quantity: z.string(),
      price: z.string().optional(),
      proceeds: z.string(),
      fees: z.string(),
      left: z.string(),
      detail: z.string(),
    }),
  ),
  notes: z.array(z.string()),
});
export type ExitAnswer = z.infer<typeof zExitAnswer>;

export const zRegisteredAnswer = z.object({ accountId: z.string(), keyFingerprint: z.string() });

/** What became of the ticks among what the schedules ran. */
export const tickRuns = (
  runs: readonly ScheduledRun[],
): { readonly answers: readonly TickAnswer[]; readonly failed: readonly string[] } => {
  const answers: TickAnswer[] = [];
  const failed: string[] = [];
  for (const run of runs.filter(({ schedule }) => schedule === SCHEDULE)) {
    if (run.state === 'SUCCEEDED') answers.push(zTickAnswer.parse(JSON.parse(JSON.stringify(run.result))));
    else failed.push(run.error instanceof Error ? run.error.message : String(run.error));
  }
  return { answers, failed };
};
