import { describe, expect, it } from 'vitest';
import { fewAtOnce } from '../../../page/data/few-at-once.ts';
import { loadPage } from '../../../page/data/load-page.ts';

describe('a look at the page', () => {
  it('asks two questions at a time, and each of them, also where some fail', async () => {
    const asked: string[] = [];
    const seen = { now: 0, most: 0 };
    const failed: string[] = [];

    const data = await loadPage({
      ask: async ({ query }) => {
        asked.push(query);
        seen.now += 1;
        seen.most = Math.max(seen.most, seen.now);
        await new Promise((resolve) => setImmediate(resolve));
        seen.now -= 1;
        throw new Error(`no ${query}`);
      },
      now: () => 7,
      report: (part) => failed.push(part),
    });

    expect(seen.most).toBe(2);
    expect(asked).toEqual(['overview', 'equity', 'positions', 'trades', 'distribution', 'events']);
    expect(failed.toSorted()).toEqual(asked.toSorted());
    expect(data.events.readable).toBe(false);
  });
});

describe('few at once', () => {
  it('gives what each brought, in whatever order they end', async () => {
    const inTurn = fewAtOnce(2);

    const brought = await Promise.all(
      [3, 1, 2].map((turns) =>
        inTurn(async () => {
          for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
          return turns;
        }),
      ),
    );

    expect(brought).toEqual([3, 1, 2]);
  });
});
