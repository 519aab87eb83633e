import { TRADE_INSERTS } from '../../shared/ledger/dynamodb/trade-items.ts';
import { HOUR, type Instant, iso, MINUTE } from '../../shared/time/clock.ts';
import type { Lambda } from '../kernel/lambda.ts';
import type { Sim } from '../kernel/sim.ts';
import { startSimQueue } from '../kernel/sources/queue-source.ts';
import { type SimSchedule, startSimSchedule } from '../kernel/sources/schedule.ts';
import { startSimStream } from '../kernel/sources/stream-source.ts';
import type { Platform } from './platform.ts';
import { tradeFeed } from './trade-feed.ts';

/** As a stage has them unless configured. */
export const CHECK_EVERY_MS = 15 * MINUTE;
export const TICK_EVERY_MS = 5 * MINUTE;

/** What invokes functions without anybody asking. */
export interface Sources {
  /** A master's ticks, from that moment on. */
  scheduleMaster(accountId: string, startAt: Instant): void;
  switchMasters(enabled: boolean): void;
}

export const startSources = (sim: Sim, lambda: Lambda, platform: Platform): Sources => {
  const { database, copies, checks, lostTrades } = platform;
  const stream = startSimStream({
    sim,
    lambda,
    functionName: 'trade-copier',
    stream: tradeFeed(database.stream),
    filters: [TRADE_INSERTS],
    batchSize: 10,
    // Far fewer than a stage has: so that some are given up, and an operator has to send them on.
    retry: { maxRetries: 10, maxRecordAgeMs: HOUR },
    onFailure: (record) => {
      lostTrades.send({ body: JSON.stringify(record), sender: 'trade-copier' });
    },
  });
  let seen: string | undefined;
  sim.observe(() => {
    if (database.stream.last === seen) return;
    seen = database.stream.last;
    stream.wake();
  });
  startSimQueue({ sim, lambda, functionName: 'copy-worker', queue: copies.queue });
  startSimQueue({ sim, lambda, functionName: 'account-check', queue: checks.queue });
  startSimSchedule({
    sim,
    lambda,
    name: 'checks',
    functionName: 'check-dispatcher',
    rateMs: CHECK_EVERY_MS,
    startAt: sim.now() + CHECK_EVERY_MS,
    input: (scheduledAt) => ({ slot: iso(scheduledAt) }),
  });
  const masters: SimSchedule[] = [];
  return {
    scheduleMaster: (accountId, startAt) => {
      const schedule = startSimSchedule({
        sim,
        lambda,
        name: `ticks of ${accountId}`,
        functionName: 'master-tick',
        rateMs: TICK_EVERY_MS,
        startAt,
        input: (scheduledAt) => ({ accountId, scheduledAt: iso(scheduledAt), periodMs: TICK_EVERY_MS }),
      });
      masters.push(schedule);
    },
    switchMasters: (enabled) => {
      for (const schedule of masters) schedule.enabled = enabled;
    },
  };
};
