import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../simulation/kernel/random.ts';

const drawn = (random: Random, count = 8) => Array.from({ length: count }, () => random.bits());

describe('random numbers', () => {
  it('are the same for the same seed and name, and others for others', () => {
    const same = [Random.of(7).split('market'), Random.of(7).split('market')].map((random) => drawn(random));
    const others = [
      Random.of(8).split('market'),
      Random.of(7).split('markets'),
      Random.of(7 + 2 ** 32).split('market'),
      Random.of(7).at(0),
      Random.of(7).at(1),
    ].map((random) => drawn(random).join());

    expect(same[0]).toEqual(same[1]);
    expect(new Set([...others, same[0]?.join()]).size).toBe(6);
  });

  it('of one part do not depend on how many another part has drawn', () => {
    fc.assert(
      fc.property(fc.nat(), fc.string(), fc.nat(50), (seed, name, draws) => {
        const [fresh, used] = [Random.of(seed), Random.of(seed)];
        drawn(used, draws);
        expect(drawn(used.split(name))).toEqual(drawn(fresh.split(name)));
        expect(drawn(used.at(draws))).toEqual(drawn(fresh.at(draws)));
      }),
    );
  });

  it('fall evenly: chi-square over a hundred bins, of one source and of the first draws of many', () => {
    const CRITICAL_99_9 = 148.2;
    const one = Random.of(1);
    const root = Random.of(2);
    const sources: (() => number)[] = [() => one.whole(0, 99)];
    for (const next of [
      (ordinal: number) => root.at(ordinal),
      (ordinal: number) => root.split(`p.${ordinal}`),
    ]) {
      let ordinal = 0;
      sources.push(() => {
        ordinal += 1;
        return next(ordinal).whole(0, 99);
      });
    }

    for (const source of sources) {
      const bins = Array<number>(100).fill(0);
      for (let count = 0; count < 50_000; count += 1) {
        const bin = source();
        bins[bin] = (bins[bin] ?? 0) + 1;
      }
      const chiSquare = bins.reduce((sum, observed) => sum + (observed - 500) ** 2 / 500, 0);
      expect(chiSquare).toBeLessThan(CRITICAL_99_9);
    }
  });

  it('refuse a seed that is none, and an empty list', () => {
    expect(() => Random.of(-1)).toThrow('(given -1)');
    expect(() => Random.of(1.5)).toThrow('(given 1.5)');
    expect(() => Random.of(1).pick([])).toThrow('the list is empty');
  });

  it('make ids in the form of UUIDs', () => {
    expect(Random.of(3).uuid()).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });
});
