import { describe, expect, it } from 'vitest';
import { PORTS } from '../../../simulation/kernel/call.ts';
import { drawFault, killedAfter, killedBefore, slow } from '../../../simulation/kernel/faults.ts';
import { faultyProfiles } from '../../../simulation/kernel/profiles.ts';
import { Random } from '../../../simulation/kernel/random.ts';
import { aSimWith, aWrite, FOREVER, stateOf } from './made.ts';

/** 99.9 % of honest dice stay below, for so many degrees of freedom. */
const CRITICAL = [0, 10.8, 13.8, 16.3, 18.5, 20.5, 22.5, 24.3, 26.1, 27.9, 29.6];

describe('faults', () => {
  it.each(PORTS)('of the port "%s" come at their declared rates: chi-square over their kinds', (port) => {
    const CALLS = 200_000;
    const profile = faultyProfiles[port];
    const root = Random.of(11).split(port);
    const seen = new Map<string, number>();
    for (let call = 0; call < CALLS; call += 1) {
      const fault = drawFault(profile, { ...aWrite, port }, root.at(call));
      seen.set(fault?.name ?? 'none', (seen.get(fault?.name ?? 'none') ?? 0) + 1);
    }

    const declared = profile.faults.map(({ name, probability }) => ({ name, probability }));
    const none = 1 - declared.reduce((sum, { probability }) => sum + probability, 0);
    const chiSquare = [...declared, { name: 'none', probability: none }].reduce((sum, one) => {
      const expected = one.probability * CALLS;
      return sum + ((seen.get(one.name) ?? 0) - expected) ** 2 / expected;
    }, 0);
    expect(chiSquare).toBeLessThan(CRITICAL[declared.length] ?? 0);
  });

  it('apply only to what they are for, at the same rate', () => {
    const fault = { ...slow(0.5, { from: 1, to: 2 }), applies: ({ writes }: { writes: boolean }) => writes };
    const profile = { latencyMs: { from: 1, to: 1 }, faults: [fault] };
    const share = (writes: boolean) =>
      Array.from({ length: 10_000 }, (_, call) =>
        drawFault(profile, { ...aWrite, writes }, Random.of(5).at(call)),
      ).filter((drawn) => drawn !== undefined).length / 10_000;

    expect(share(false)).toBe(0);
    expect(Math.abs(share(true) - 0.5)).toBeLessThan(0.02);
  });

  it('happen at the same points again when only they are allowed, and at no other', async () => {
    const faults = [killedBefore(0.02), killedAfter(0.02), slow(0.3, { from: 10, to: 20 })];
    const history = async (allow?: ReadonlySet<string>) => {
      const sim = aSimWith('store', faults, allow === undefined ? {} : { allow });
      for (let count = 0; count < 5; count += 1) {
        const process = sim.process('p');
        const work = async () => {
          for (let call = 0; call < 20; call += 1) await process.point(aWrite, () => call);
        };
        stateOf(work());
      }
      await sim.run(FOREVER);
      return { ids: sim.choices.taken.map(({ id }) => id), hash: sim.trace.hash };
    };

    const free = await history();
    const bound = await history(new Set(free.ids));
    const one = await history(new Set(free.ids.slice(0, 1)));

    expect(free.ids.length).toBeGreaterThan(5);
    expect(bound).toEqual(free);
    expect(one.ids).toEqual(free.ids.slice(0, 1));
    expect(await history(new Set())).toMatchObject({ ids: [] });
  });
});
