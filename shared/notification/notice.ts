import type { AccountId } from '../account/account.ts';
import type { Instant } from '../time/clock.ts';

/** urgent: somebody has to act. warning: somebody has to know. info: it went as it should. */
export const SEVERITIES = ['info', 'warning', 'urgent'] as const;
export type Severity = (typeof SEVERITIES)[number];

export const atLeast = (severity: Severity, least: Severity): boolean =>
  SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least);

/** In the order in which one message tells them: what endangers money first. */
export const NOTICE_KINDS = [
  'key-can-withdraw',
  'runaway-tripped',
  'halted',
  'exit-stuck',
  'sale-failed',
  'protection-stuck',
  'positions-unjudged',
  'key-unusable',
  'key-broken',
  'alarm',
  'drift-found',
  'sale-owed',
  'exit-left',
  'protection-fired',
  'master-down',
  'standalone',
  'buy-failed',
  'key-warning',
  'switched',
  'exit-begun',
  'exit-ended',
  'protection-ended',
  'sale-made-good',
  'drift-closed',
  'key-works-again',
  'master-back',
  'following-again',
  'resumed',
  'test',
] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];

/** One account, whoever has money here, or those alone who operate Nija. */
export type Concerned = AccountId | 'everyone' | 'operators';

/** Something that happened, for somebody to read. It holds no secret, and no text that a program acts on. */
export interface Notice {
  /** What it was told for: the same cause again is the same notice. */
  readonly cause: string;
  readonly kind: NoticeKind;
  readonly concerns: Concerned;
  readonly at: Instant;
  /** By which notices of a kind are counted, in a few words: 'REJECTED', 'stop-loss BTC/USD'. */
  readonly reason: string;
  /** What happened to whom, in one sentence. May quote what people and exchanges have said. */
  readonly says: string;
  /** The same for the owner of an account, where `says` has words that operators wrote for themselves. */
  readonly toOwners?: Pick<Notice, 'reason' | 'says'>;
  /** What to do, where that is more than the kind's own advice. */
  readonly todo?: string;
}
