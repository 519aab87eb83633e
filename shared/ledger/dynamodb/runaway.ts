import * as z from 'zod';
import { zAccountId } from '../../account/account.ts';
import { type QuoteAmount, quote } from '../../money/money.ts';
import { zQuote } from '../../money/schema.ts';
import {
  DEFAULT_RUNAWAY_LIMITS,
  type RunawayBreaker,
  type RunawayLimits,
  type RunawayStore,
  zRunawayLimits,
} from '../../protection/runaway.ts';
import { HOUR, type Instant, MINUTE, SECOND } from '../../time/clock.ts';
import { type Entity, fromItem, type Item, type Key, toItem } from './entity.ts';
import { RATE_SHARDS, RUNAWAY_KEY, RUNAWAY_LIMITS_KEY, rateKey, rateShardOf } from './keys.ts';
import { LEDGER_EXPIRY } from './table.ts';
import { ConditionFailed, type Table } from './table-access.ts';
import type { Expression, Write } from './writes.ts';

export type RunawayState = Omit<RunawayBreaker, 'limits'>;

export const zRunawayTrip = z.object({
  by: zAccountId,
  at: z.number(),
  why: z.string(),
  orders: z.int().min(0),
  notional: zQuote,
});

const stateEntity: Entity<RunawayState> = {
  kind: 'RUNAWAY',
  schema: z.object({
    trip: zRunawayTrip.exactOptional(),
    countsSince: z.number(),
  }),
  key: () => RUNAWAY_KEY,
};

const limitsEntity: Entity<RunawayLimits> = {
  kind: 'RUNAWAY_LIMITS',
  schema: zRunawayLimits,
  key: () => RUNAWAY_LIMITS_KEY,
};

/** What was bought within a slice of time, as far as one shard counted it. */
interface RateCount {
  readonly slice: Instant;
  readonly shard: number;
  readonly countsSince: Instant;
  readonly orders: number;
  /** Hundredths of a quote unit: whole, because they are added up by the table. */
  readonly hundredths: number;
}

const rateEntity: Entity<RateCount> = {
  kind: 'RATE',
  schema: z.object({
    slice: z.number(),
    shard: z.int(),
    countsSince: z.number(),
    orders: z.int().min(0),
    hundredths: z.int().min(0),
  }),
  key: ({ slice, shard, countsSince }) => rateKey(slice, shard, countsSince),
};

const SLICE_MS = MINUTE;
/** Longer than any window. */
const KEPT_MS = HOUR;

const sliceOf = (at: Instant): Instant => Math.floor(at / SLICE_MS) * SLICE_MS;

/** Rounded up: the sum of many is never too small. */
const hundredthsOf = (notional: QuoteAmount): number => {
  const hundredths = notional.times(100).ceil().toNumber();
  if (!Number.isSafeInteger(hundredths) || hundredths < 0)
    throw new RangeError(`a BUY has no notional that can be counted (given ${notional.toFixed()})`);
  return hundredths;
};

const quoteOf = (hundredths: bigint): QuoteAmount =>
  quote(`${hundredths / 100n}.${String(hundredths % 100n).padStart(2, '0')}`);

type Put = Extract<Write, { type: 'put' }>;

/** @throws LedgerError when one of the items is damaged */
export const breakerFromItems = (state: Item | undefined, limits: Item | undefined): RunawayBreaker => ({
  ...runawayFromItem(state),
  limits: runawayLimitsFromItem(limits),
});

export const runawayFromItem = (item: Item | undefined): RunawayState =>
  item === undefined ? { countsSince: 0 } : fromItem(stateEntity, item);

export const runawayLimitsFromItem = (item: Item | undefined): RunawayLimits =>
  item === undefined ? DEFAULT_RUNAWAY_LIMITS : fromItem(limitsEntity, item);

export const runawayWrite = (state: RunawayState, condition: Expression): Put => ({
  type: 'put',
  what: 'the breaker over all accounts',
  item: toItem(stateEntity, state),
  condition,
});

export const runawayLimitsWrite = (limits: RunawayLimits, condition: Expression): Put => ({
  type: 'put',
  what: 'the limits of the breaker over all accounts',
  item: toItem(limitsEntity, limits),
  condition,
});

const READ = 'read the breaker over all accounts';

export const readBreaker = async (table: Table): Promise<RunawayBreaker> => {
  const [state, limits] = await Promise.all([
    table.get(READ, RUNAWAY_KEY),
    table.get(READ, RUNAWAY_LIMITS_KEY),
  ]);
  return breakerFromItems(state, limits);
};

/**
 * Counters by minute and shard, so that no partition is written by all at once: DynamoDB takes 1,000 writes a second
 * of one, and no table that was just made takes more than four times that. What counts for a BUY is written before it
 * is read, so that those who come at once see each other.
 */
export const dynamoRunaway = (table: Table): RunawayStore => ({
  breaker: async () => await readBreaker(table),
  count: async ({ accountId, clientOrderId, notional, at }, { countsSince }) => {
    const slice = sliceOf(at);
    const shard = rateShardOf(clientOrderId);
    await table.write({
      type: 'update',
      what: `the BUY ${clientOrderId} of ${accountId} among those of all accounts`,
      key: rateKey(slice, shard, countsSince),
      set: {
        kind: rateEntity.kind,
        slice,
        shard,
        countsSince,
        [LEDGER_EXPIRY]: Math.ceil((slice + KEPT_MS) / SECOND),
      },
      add: { orders: 1, hundredths: hundredthsOf(notional) },
    });
  },
  bought: async ({ countsSince, limits }, now) => {
    const items = await table.getAll(
      'read what all accounts bought',
      windowKeys(now, limits.windowMinutes, countsSince),
    );
    const counts = [...items.values()].map((item) => fromItem(rateEntity, item));
    return {
      orders: counts.reduce((sum, { orders }) => sum + orders, 0),
      notional: quoteOf(counts.reduce((sum, { hundredths }) => sum + BigInt(hundredths), 0n)),
    };
  },
  trip: async (trip, { countsSince }) => {
    const condition = {
      expression:
        'attribute_not_exists(#pk) OR (attribute_not_exists(#trip) AND #countsSince = :countsSince)',
      values: { countsSince },
    };
    try {
      await table.write(runawayWrite({ trip, countsSince }, condition));
      return true;
    } catch (error) {
      if (error instanceof ConditionFailed) return false;
      throw error;
    }
  },
});

/** The running slice, those of the window, and the next: the clocks of two senders are not quite the same. */
const windowKeys = (now: Instant, minutes: number, countsSince: Instant): readonly Key[] =>
  Array.from({ length: minutes + 2 }, (_, index) => sliceOf(now) + (1 - index) * SLICE_MS).flatMap((slice) =>
    Array.from({ length: RATE_SHARDS }, (_, shard) => rateKey(slice, shard, countsSince)),
  );
