import { describe, expect, it } from 'vitest';
import { type InvocationEnd, Lambda, type SimFunction } from '../../../simulation/kernel/lambda.ts';
import type { Process } from '../../../simulation/kernel/process.ts';
import { aSim, aWrite, FOREVER, START } from './made.ts';

const NEVER = { recycled: 0, lostAnswer: 0, late: 0 };

/** A function that makes a call and answers with how often this instance was called. */
const counting = (created: string[], version = 'v1'): SimFunction => ({
  name: 'copy-worker',
  version,
  timeoutMs: 60_000,
  create: (process: Process) => {
    created.push(process.id);
    let calls = 0;
    return async (event) => {
      await process.point(aWrite, () => {});
      if (event === 'fail') throw new RangeError('refused');
      if (event === 'sleep') await process.clock.sleep(100_000);
      calls += 1;
      return `${process.id} call ${calls}`;
    };
  },
});

const ended = async (sim: ReturnType<typeof aSim>, ends: readonly Promise<InvocationEnd>[]) => {
  await sim.run(FOREVER);
  return (await Promise.all(ends)).map((end) => (end.state === 'SUCCEEDED' ? end.result : end.error));
};

describe('a function', () => {
  it('keeps its instance for one invocation after the other, and has one for each at once', async () => {
    const sim = aSim();
    const created: string[] = [];
    const lambda = new Lambda(sim, NEVER);
    lambda.deploy([{ fn: counting(created), share: 1 }]);

    const first = await ended(sim, [lambda.invoke('copy-worker', {})]);
    const both = await ended(sim, [lambda.invoke('copy-worker', {}), lambda.invoke('copy-worker', {})]);

    expect(first).toEqual(['copy-worker@v1.1 call 1']);
    expect(both).toEqual(['copy-worker@v1.1 call 2', 'copy-worker@v1.2 call 1']);
    expect(created).toHaveLength(2);
  });

  it('tells what it throws as a failure, and goes on warm', async () => {
    const sim = aSim();
    const lambda = new Lambda(sim, NEVER);
    lambda.deploy([{ fn: counting([]), share: 1 }]);

    const failed = await ended(sim, [lambda.invoke('copy-worker', 'fail')]);
    const next = await ended(sim, [lambda.invoke('copy-worker', {})]);

    expect([...failed, ...next]).toEqual(['RangeError', 'copy-worker@v1.1 call 1']);
  });

  it('is killed at its timeout, and at a point where its process dies; the next starts cold', async () => {
    const sim = aSim();
    const lambda = new Lambda(sim, NEVER);
    lambda.deploy([{ fn: counting([]), share: 1 }]);
    sim.plan.killAt('copy-worker@v1.2', 1, 'after');

    const timedOut = await ended(sim, [lambda.invoke('copy-worker', 'sleep')]);
    const killed = await ended(sim, [lambda.invoke('copy-worker', {})]);
    const next = await ended(sim, [lambda.invoke('copy-worker', {})]);

    expect([...timedOut, ...killed]).toEqual(['Runtime.ExitError', 'Runtime.ExitError']);
    expect(next).toEqual(['copy-worker@v1.3 call 1']);
    expect(lambda.running).toBe(0);
  });

  it('knows how much time is left, by true time', async () => {
    const sim = aSim();
    const left: number[] = [];
    const lambda = new Lambda(sim, NEVER);
    const create: SimFunction['create'] = (process) => async (_event, context) => {
      left.push(context.getRemainingTimeInMillis());
      await process.clock.sleep(9_000);
      left.push(context.getRemainingTimeInMillis());
    };
    lambda.deploy([{ fn: { name: 'exit', version: 'v1', timeoutMs: 10_000, create }, share: 1 }]);

    await ended(sim, [lambda.invoke('exit', {})]);

    expect(left).toEqual([10_000, 1_000]);
  });

  it('runs in two versions at once, each with its own instances, by their shares', async () => {
    const sim = aSim();
    const created: string[] = [];
    const lambda = new Lambda(sim, NEVER);
    lambda.deploy([
      { fn: counting(created, 'v1'), share: 0.8 },
      { fn: counting(created, 'v2'), share: 0.2 },
    ]);

    const results: unknown[] = [];
    for (let count = 0; count < 200; count += 1)
      results.push(...(await ended(sim, [lambda.invoke('copy-worker', {})])));
    const second = results.filter((result) => String(result).startsWith('copy-worker@v2')).length;
    lambda.deploy([{ fn: counting(created, 'v2'), share: 1 }]);
    const last = await ended(sim, [lambda.invoke('copy-worker', {})]);

    expect(created.sort()).toEqual(['copy-worker@v1.1', 'copy-worker@v2.1']);
    expect(Math.abs(second - 40)).toBeLessThan(20);
    expect(last).toEqual([`copy-worker@v2.1 call ${second + 1}`]);
  });

  it('may have done its work and yet have failed for who invoked it', async () => {
    const sim = aSim();
    const lambda = new Lambda(sim, { ...NEVER, lostAnswer: 1 });
    lambda.deploy([{ fn: counting([]), share: 1 }]);

    const end = await ended(sim, [lambda.invoke('copy-worker', {})]);

    expect(end).toEqual(['ServiceException']);
    expect(sim.trace.render()).toContain('invocation ends → ok');
  });

  it('invoked without waiting is tried again after one and after two minutes, then given up', async () => {
    const sim = aSim();
    const starts: number[] = [];
    const givenUp: InvocationEnd[] = [];
    const lambda = new Lambda(sim, NEVER);
    const create: SimFunction['create'] = (process) => async () => {
      starts.push(Math.floor((sim.now() - START) / 60_000));
      await process.clock.sleep(1);
      throw new RangeError('refused');
    };
    lambda.deploy([{ fn: { name: 'tick', version: 'v1', timeoutMs: 10_000, create }, share: 1 }]);

    lambda.invokeLater('tick', {}, 2, (end) => givenUp.push(end));
    await sim.run(FOREVER);

    expect(starts).toEqual([0, 1, 3]);
    expect(givenUp).toMatchObject([{ state: 'FAILED', error: 'RangeError' }]);
  });
});
