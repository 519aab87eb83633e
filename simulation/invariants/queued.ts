import * as z from 'zod';
import { COPY_HIDDEN_MS } from '../../infra/functions/specs.ts';
import { type Instant, SECOND } from '../../shared/time/clock.ts';
import { jsonOf } from './evidence/json.ts';
import { guarantee } from './guarantee.ts';

/** A queue gives out at once what nothing stands before. */
const MOST_MS = SECOND;

const zQueued = z.looseObject({
  Records: z.array(
    z.looseObject({
      messageId: z.string(),
      body: z.string(),
      attributes: z.looseObject({
        SentTimestamp: z.coerce.number(),
        ApproximateFirstReceiveTimestamp: z.coerce.number(),
      }),
    }),
  ),
});
const zOfAccount = z.looseObject({ accountId: z.string(), tradeId: z.string() });
const zAnswered = z.looseObject({ batchItemFailures: z.array(z.unknown()).min(1) });

/** Since when nothing of an account is on its way to or with a worker; 'busy' where that is not known. */
type Free = Instant | 'busy';

/** What was lost has its message come again: until then the account's next waits behind it. */
const LOST = /^(?:queue of copy-worker#\d+ deletion lost|copy-worker invocation#\d+ lost answer)$/;

/** A message waits for those of its own account and for no other's, however long these take. */
export const nobodyQueuesForOthers = guarantee(
  '13 no account waits in the queue for another',
  (evidence, broken) => {
    const { choices } = evidence.world.sim;
    const free = new Map<string, Free>();
    const known = new Set<string>();
    const workedFor = new Map<string, string>();
    const comesAgain = (since: Instant): boolean =>
      choices.taken.some(({ id, at }) => at >= since - COPY_HIDDEN_MS && LOST.test(id));
    evidence.onSeen((seen, at) => {
      if (seen.kind === 'answer' && seen.fn === 'copy-worker') {
        const accountId = workedFor.get(seen.process);
        const done = 'result' in seen.answer && !zAnswered.safeParse(seen.answer.result).success;
        if (accountId !== undefined && done) free.set(accountId, at);
        return;
      }
      if (seen.kind !== 'invocation' || seen.fn !== 'copy-worker') return;
      for (const { messageId, body, attributes } of zQueued.safeParse(seen.event).data?.Records ?? []) {
        const message = zOfAccount.safeParse(jsonOf(body)).data;
        if (message === undefined) continue;
        const { accountId, tradeId } = message;
        const since = free.get(accountId) ?? Number.NEGATIVE_INFINITY;
        free.set(accountId, 'busy');
        workedFor.set(seen.process, accountId);
        const isFirst = !known.has(messageId);
        known.add(messageId);
        if (!isFirst || since === 'busy') continue;
        const { SentTimestamp: sentAt, ApproximateFirstReceiveTimestamp: receivedAt } = attributes;
        const waited = receivedAt - Math.max(sentAt, since);
        if (waited > MOST_MS && !comesAgain(sentAt))
          broken(
            `the copy of trade ${tradeId} for ${accountId} lay in the queue for ${waited / SECOND} s, and nothing of ${accountId} was before it`,
          );
      }
    });
    return undefined;
  },
);
