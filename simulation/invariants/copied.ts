import { type Instant, SECOND } from '../../shared/time/clock.ts';
import { publishedTrade } from './evidence/copies.ts';
import { guarantee } from './guarantee.ts';

/** Clocks differ by up to two seconds each, and an index may lag by five. */
const UNCLEAR_MS = 10 * SECOND;

interface Following {
  readonly masterId: string;
  readonly since: Instant;
  until: Instant | undefined;
}

/**
 * Each trade has a copy for each who followed its master at its time and since, and for nobody else; each of them
 * ends. Who has changed masters meanwhile may have one.
 */
export const everyCopyEnds = guarantee('5 every trade × follower ends', (evidence, broken) => {
  const followings = new Map<string, Following[]>();
  evidence.onChange(({ pk, sk, before, after, at }) => {
    if (sk === 'PROFILE' && pk.startsWith('u-') && after !== undefined) {
      if (before?.['follows'] === after['follows'] && before?.['followsSince'] === after['followsSince'])
        return;
      const all = followings.get(pk) ?? [];
      const last = all.at(-1);
      if (last !== undefined) last.until ??= at;
      const { follows, followsSince, registeredAt } = after;
      if (typeof follows === 'string') {
        const since = Number(followsSince ?? registeredAt);
        all.push({ masterId: follows, since, until: undefined });
      }
      followings.set(pk, all);
    } else if (sk.startsWith('COPY#') && after !== undefined && before === undefined) {
      const item = evidence.tradeItem(sk.slice('COPY#'.length));
      if (item === undefined) return broken(`${pk} has ${sk}, and no such trade was published`);
      const { tradeId, masterId, at: tradedAt } = publishedTrade(item);
      const followed = followings.get(pk) ?? [];
      if (!followed.some((one) => one.masterId === masterId && one.since <= tradedAt + UNCLEAR_MS))
        broken(`${pk} has a copy of trade ${tradeId}, and did not follow ${masterId} when it was made`);
    } else if (sk.startsWith('COPY#') && before?.['outcome'] !== undefined) {
      if (JSON.stringify(before['outcome']) !== JSON.stringify(after?.['outcome']))
        broken(`the copy of trade ${sk.slice('COPY#'.length)} of ${pk} had ended, and was given another end`);
    }
  });
  return () => {
    for (const item of evidence.tradeItems()) {
      const { tradeId, masterId, at, side, symbol } = publishedTrade(item);
      for (const [accountId, all] of followings) {
        const copy = evidence.item(accountId, `COPY#${tradeId}`);
        const what = `trade ${tradeId} of ${masterId} (${side} ${symbol})`;
        const now = all.find((one) => one.masterId === masterId && one.until === undefined);
        if (copy === undefined && now !== undefined && now.since + UNCLEAR_MS < at)
          return `${what} has no copy for ${accountId}, which followed`;
        if (copy !== undefined && copy['outcome'] === undefined)
          return `the copy of ${what} for ${accountId} has not ended`;
      }
    }
    return undefined;
  };
});
