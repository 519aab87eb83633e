import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inParallel } from '../../../cli/transport/in-parallel.ts';

test('all are done, never more at once than allowed, and the results keep their order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer(), { maxLength: 30 }),
      fc.integer({ min: 1, max: 6 }),
      fc.scheduler(),
      async (items, most, scheduler) => {
        let running = 0;
        let highest = 0;
        const work = async (item: number): Promise<number> => {
          running += 1;
          highest = Math.max(highest, running);
          await scheduler.schedule(Promise.resolve());
          running -= 1;
          return item * 2;
        };

        const done = inParallel(items, most, work);
        await scheduler.waitFor(done);

        expect(await done).toEqual(items.map((item) => item * 2));
        expect(highest).toBeLessThanOrEqual(most);
      },
    ),
  );
});
