import * as z from 'zod';
import { zAccountId, zMasterId } from '../account/account.ts';
import { zAccountAnswer, zAccountsAnswer } from './contract/account-answer.ts';
import { zDoctorAnswer } from './contract/finding.ts';
import { zEquityAnswer, zEventsAnswer } from './contract/history-answer.ts';
import { zMastersAnswer, zOverviewAnswer } from './contract/master-answer.ts';
import { zPositionsAnswer } from './contract/position-answer.ts';
import { zSeparationAnswer } from './contract/separation-answer.ts';
import { zCopiesAnswer, zDistributionAnswer, zTradesAnswer } from './contract/trade-answer.ts';

/**
 * What may be asked of `view`, and what it answers. It reads the ledger alone: no vault, no exchange, and it changes
 * nothing. Money is exact decimal texts, moments are milliseconds since 1970. What cannot be read is named as failing,
 * with the reason, beside what can.
 */

/** `2026-01-31T10:00:00Z`, or milliseconds since 1970. */
const zMoment = z.union(
  [z.int().min(0), z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))],
  'is a moment like 2026-01-31T10:00:00Z',
);
/** As an answer gave it in `next`. */
const zCursor = z.string().min(1).max(300);
const upTo = (most: number, unlessTold: number) => z.int().min(1).max(most).default(unlessTold);

const period = { from: zMoment.exactOptional(), to: zMoment.exactOptional() };
/** Of one account, or of a page of all: `limit` counts accounts. */
const accounts = (most: number, unlessTold: number) => ({
  accountId: zAccountId.exactOptional(),
  role: z.enum(['master', 'user']).exactOptional(),
  limit: upTo(most, unlessTold),
  cursor: zCursor.exactOptional(),
});

export const zViewQuery = z.discriminatedUnion('query', [
  z.strictObject({ query: z.literal('overview'), ...accounts(200, 50) }),
  z.strictObject({ query: z.literal('masters') }),
  z.strictObject({ query: z.literal('accounts'), ...accounts(200, 50) }),
  z.strictObject({ query: z.literal('account'), accountId: zAccountId }),
  z.strictObject({ query: z.literal('positions'), ...accounts(200, 50) }),
  z.strictObject({
    query: z.literal('trades'),
    masterId: zMasterId.exactOptional(),
    /** With each trade's copies, of up to 100 accounts; of fewer where there are more than 40 trades. */
    copies: z.boolean().default(false),
    /** Counts trades. */
    limit: upTo(100, 20),
    cursor: zCursor.exactOptional(),
    ...period,
  }),
  /** Of one account, newest first; or of one trade, then with `masterId`. A name that there is not is an error. */
  z
    .strictObject({
      query: z.literal('copies'),
      accountId: zAccountId.exactOptional(),
      masterId: zMasterId.exactOptional(),
      tradeId: z.string().min(1).max(200).exactOptional(),
      limit: upTo(200, 50),
      cursor: zCursor.exactOptional(),
      ...period,
    })
    .refine(
      ({ accountId, tradeId, masterId }) =>
        tradeId === undefined ? accountId !== undefined : accountId !== undefined || masterId !== undefined,
      'name the accountId whose copies are meant, or the masterId and the tradeId of the trade',
    ),
  /** The latency and slippage of copies; of the last 30 days unless told. */
  z.strictObject({
    query: z.literal('distribution'),
    accountId: zAccountId.exactOptional(),
    masterId: zMasterId.exactOptional(),
    ...period,
  }),
  /**
   * Of the last 30 days unless told. `most` counts events: of halts, resumptions and the breaker; of switches, settings
   * and registrations; and of all others. None of these takes the place of another.
   */
  z.strictObject({ query: z.literal('events'), ...accounts(200, 50), most: upTo(500, 100), ...period }),
  /**
   * Of the last 30 days unless told; of the last 7 where more than 10 accounts are asked for at once. `points` is how
   * many of each curve, at most; of many accounts each has fewer.
   */
  z.strictObject({
    query: z.literal('equity'),
    ...accounts(50, 10),
    points: z.int().min(2).max(2_000).default(200),
    ...period,
  }),
  z.strictObject({ query: z.literal('separation'), ...accounts(50, 20) }),
  z.strictObject({ query: z.literal('doctor'), ...accounts(200, 100) }),
]);
/** As a caller writes it. */
export type ViewRequest = z.input<typeof zViewQuery>;
export type ViewQuery = z.infer<typeof zViewQuery>;
export type ViewQueryName = ViewQuery['query'];

export const VIEW_ANSWERS = {
  overview: zOverviewAnswer,
  masters: zMastersAnswer,
  accounts: zAccountsAnswer,
  account: zAccountAnswer,
  positions: zPositionsAnswer,
  trades: zTradesAnswer,
  copies: zCopiesAnswer,
  distribution: zDistributionAnswer,
  events: zEventsAnswer,
  equity: zEquityAnswer,
  separation: zSeparationAnswer,
  doctor: zDoctorAnswer,
} as const satisfies Record<ViewQueryName, z.ZodType>;

export type ViewAnswerOf<Name extends ViewQueryName> = z.infer<(typeof VIEW_ANSWERS)[Name]>;
export type ViewAnswer = ViewAnswerOf<ViewQueryName>;

/**
 * The answer to a query of this name, checked: for whoever has called `view`.
 * @throws z.ZodError naming each field that is not as agreed
 */
export const viewAnswerOf = <Name extends ViewQueryName>(name: Name, answer: unknown): ViewAnswerOf<Name> =>
  VIEW_ANSWERS[name].parse(answer) as ViewAnswerOf<Name>;
