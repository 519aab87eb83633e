import type * as z from 'zod';
import type { Item } from '../../../ledger/dynamodb/entity.ts';
import type { Instant } from '../../../time/clock.ts';
import type { Notice } from '../../notice.ts';
import { unreadable } from '../../unreadable.ts';

/** One write to the ledger, as its stream tells it. */
export interface LedgerChange {
  readonly now: Item;
  /** Absent where the item was not there before. */
  readonly before: Item | undefined;
  /** When it was written, to the second; for what says no time itself. */
  readonly at: Instant;
}

/** What there is to say of a change; nothing of most. @throws Unreadable */
export type ChangeReader = (change: LedgerChange) => readonly Notice[];

/** Items are read as far as they are told of, so that what else is stored in them may change. */
export const reading =
  <T>(
    schema: z.ZodType<T>,
    tell: (now: T, before: T | undefined, at: Instant) => readonly (Notice | undefined)[],
  ): ChangeReader =>
  ({ now, before, at }) => {
    const earlier = before === undefined ? undefined : schema.safeParse(before);
    const parsed = schema.safeParse(now);
    if (!parsed.success)
      throw unreadable(`the ledger's item ${String(now['pk'])} / ${String(now['sk'])}`, parsed.error);
    return tell(parsed.data, earlier?.data, at).filter((notice) => notice !== undefined);
  };

/** A cause that no other has: its parts may hold anything but this sign unnoticed. */
export const causeOf = (...parts: readonly (string | number)[]): string => JSON.stringify(parts);
