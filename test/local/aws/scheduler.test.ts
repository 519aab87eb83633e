import { describe, expect, it } from 'vitest';
import type { LocalFunction } from '../../../infra/local/aws/lambda.ts';
import { Scheduler } from '../../../infra/local/aws/scheduler.ts';

const START = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;

const recording = (name: string) => {
  const events: unknown[] = [];
  const fn: LocalFunction = {
    name,
    timeoutMs: 5_000,
    handler: async (event, context) => {
      events.push(event);
      return [context.functionName, context.getRemainingTimeInMillis() > 0];
    },
  };
  return { events, fn };
};

describe('the scheduler', () => {
  it('runs what is due at its rate, and nothing before', async () => {
    const scheduler = new Scheduler();
    const tick = recording('master-tick');
    scheduler.create({
      name: 'm-apex',
      rateMs: 5 * MINUTE,
      startAt: START,
      fn: tick.fn,
      input: { masterId: 'm-apex' },
    });

    const runs = [];
    for (const minute of [-1, 0, 3, 5, 9, 10]) runs.push(await scheduler.runDue(START + minute * MINUTE));

    expect(runs.map((one) => one.length)).toEqual([0, 1, 0, 1, 0, 1]);
    expect(runs[1]).toEqual([
      { schedule: 'm-apex', scheduledAt: START, state: 'SUCCEEDED', result: ['master-tick', true] },
    ]);
    expect(tick.events).toEqual([{ masterId: 'm-apex' }, { masterId: 'm-apex' }, { masterId: 'm-apex' }]);
    expect(scheduler.nextAt()).toBe(START + 15 * MINUTE);
  });

  it('makes up once for what was missed, and tells the function when it was scheduled', async () => {
    const scheduler = new Scheduler();
    const tick = recording('master-tick');
    const input = { at: '<aws.scheduler.scheduled-time>' };
    scheduler.create({ name: 'm-apex', rateMs: 5 * MINUTE, startAt: START, fn: tick.fn, input });

    await scheduler.runDue(START + 62 * MINUTE);

    expect(tick.events).toEqual([{ at: '2026-01-01T01:00:00.000Z' }]);
    expect(scheduler.nextAt()).toBe(START + 65 * MINUTE);
  });

  it('leaves a disabled schedule alone, and does not make up for that time', async () => {
    const scheduler = new Scheduler();
    const tick = recording('master-tick');
    scheduler.create({ name: 'm-apex', rateMs: 5 * MINUTE, startAt: START, fn: tick.fn, input: {} });

    scheduler.disable('m-apex');
    const whileDisabled = await scheduler.runDue(START + 5 * MINUTE);
    const nothingNext = scheduler.nextAt();
    scheduler.enable('m-apex');
    const atOnce = await scheduler.runDue(START + 6 * MINUTE);
    const later = await scheduler.runDue(START + 10 * MINUTE);

    expect([whileDisabled.length, atOnce.length, later.length]).toEqual([0, 0, 1]);
    expect(nothingNext).toBeUndefined();
  });

  it('reports a failing function and runs it again when it is due', async () => {
    const scheduler = new Scheduler();
    let failing = true;
    const fn: LocalFunction = {
      name: 'account-check',
      timeoutMs: 5_000,
      handler: async () => {
        if (failing) throw new Error('the exchange is away');
        return 'fine';
      },
    };
    scheduler.create({ name: 'check', rateMs: MINUTE, startAt: START, fn, input: {} });

    const first = await scheduler.runDue(START);
    failing = false;
    const second = await scheduler.runDue(START + MINUTE);

    expect(first).toMatchObject([{ state: 'FAILED', error: { message: 'the exchange is away' } }]);
    expect(second).toMatchObject([{ state: 'SUCCEEDED', result: 'fine' }]);
  });

  it('does not start a run while the last one of the schedule has not ended', async () => {
    const scheduler = new Scheduler();
    const gate = Promise.withResolvers<void>();
    const fn: LocalFunction = { name: 'slow', timeoutMs: 60_000, handler: () => gate.promise };
    scheduler.create({ name: 'slow', rateMs: MINUTE, startAt: START, fn, input: {} });

    const first = scheduler.runDue(START);
    const second = await scheduler.runDue(START + MINUTE);
    gate.resolve();
    await scheduler.settle();

    expect([second.length, (await first).length]).toEqual([0, 1]);
  });

  it('refuses an unknown name, a name twice, and a rate of nothing', () => {
    const scheduler = new Scheduler();
    const { fn } = recording('master-tick');
    const schedule = { name: 'm-apex', rateMs: MINUTE, startAt: START, fn, input: {} };
    scheduler.create(schedule);

    expect(() => scheduler.disable('m-none')).toThrow("(given 'm-none')");
    expect(() => scheduler.create(schedule)).toThrow('already');
    expect(() => scheduler.create({ ...schedule, name: 'other', rateMs: 0 })).toThrow('(given 0)');
  });
});
