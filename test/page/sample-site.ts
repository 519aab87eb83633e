import type { PageData } from '../../page/data/page-data.ts';
import { type PageServer, startPageServer } from '../../page/server/page-server.ts';

/** The answers of a page by their queries. */
export const answersOf = (data: PageData): ReadonlyMap<string, unknown> =>
  new Map<string, unknown>(
    Object.values(data).flatMap((read) =>
      typeof read === 'object' && read.readable ? [[read.answer.query, read.answer] as const] : [],
    ),
  );

/** The page on answers that are given once and for all. */
export const openSampleSite = async (data: PageData): Promise<PageServer> => {
  const answers = answersOf(data);
  return await startPageServer({
    source: { ask: async ({ query }) => answers.get(query), now: () => data.now, report: () => undefined },
    callExit: async () => {
      throw new Error('nothing can be sold here');
    },
    newId: () => '1',
    secret: 'of this test alone',
  });
};
