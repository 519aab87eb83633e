import * as z from 'zod';
import { zAccountName, zAccountPage } from './figures.ts';

/** critical: money is at risk or nobody is protected. warning: something does not work. info: good to know. */
export const SEVERITIES = ['critical', 'warning', 'info'] as const;

/** What is wrong with a set-up, and what to do about it. */
export const zFinding = z.object({
  severity: z.enum(SEVERITIES),
  /** Stable, for programs: `CHECK_OVERDUE`. */
  code: z.string().min(1),
  /** One sentence, with the figures. */
  what: z.string(),
  /** What to do next, in a sentence. */
  remedy: z.string(),
  /** Whose; absent where it concerns all. */
  accountId: zAccountName.exactOptional(),
});
export type Finding = z.infer<typeof zFinding>;

export const zDoctorAnswer = z.object({
  query: z.literal('doctor'),
  at: z.number(),
  /** The worst first. None: nothing was found in what could be read. */
  findings: z.array(zFinding),
  page: zAccountPage,
});
