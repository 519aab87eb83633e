import type { Copy } from '../../../shared/copying/copy.ts';
import type { Instant } from '../../../shared/time/clock.ts';
import { SLOW, SLOW_ANSWER_MS, SLOW_ORDERS } from './cast.ts';
import { copyOrders, type Evidence, placedByNija } from './evidence.ts';
import { type Guarantee, guarantee } from './guarantee.ts';

const NAME = 'oneSlowAccountDelaysNoOther';
/** With so many followers all copies of a trade run at once. */
const ALL_AT_ONCE = 8;
/** With more followers, so many must at least have ended while one waited. */
const LEAST_ENDED = 8;

/** One wait of the slow account, by both clocks, and what the others did with that trade. */
interface Wait {
  readonly tradeId: string;
  readonly from: Instant;
  readonly until: Instant;
  readonly copies: readonly Copy[];
  readonly traded: readonly Copy[];
  readonly during: readonly Copy[];
}

/** While one account waited for its exchange, the other copies of the same trade were filled and ended. */
export const oneSlowAccountDelaysNoOther = (evidence: Evidence): Guarantee => {
  const waits = slowCopies(evidence).map(({ copy, from, until }) => waitOf(evidence, copy, from, until));
  const [first, ...others] = waits;
  if (first === undefined)
    return guarantee(NAME, [`no order of ${SLOW} from its ${SLOW_ORDERS.first}rd on was answered late`], '');
  const problems = waits.flatMap(endedLate);
  const telling = others.reduce(
    (most, wait) => (wait.during.length > most.during.length ? wait : most),
    first,
  );
  const { tradeId, from, until, copies, traded, during } = telling;
  const least = copies.length < ALL_AT_ONCE ? 1 : Math.max(1, Math.min(LEAST_ENDED, traded.length));
  if (during.length < least)
    problems.push(
      `${during.length} of ${traded.length} other copies of ${tradeId} ended while ${SLOW} waited, not ${least}`,
    );
  return guarantee(
    NAME,
    problems,
    `${during.length} of ${traded.length} other copies of a trade were filled and ended during the ${until - from} ms that ${SLOW} waited for its exchange`,
  );
};

const waitOf = (evidence: Evidence, slow: Copy, from: Instant, until: Instant): Wait => {
  const { tradeId } = slow.trade;
  const copies = evidence.collected.accounts
    .flatMap((view) => view.copies)
    .filter(({ accountId, trade }) => accountId !== SLOW && trade.tradeId === tradeId);
  const traded = copies.filter(({ outcome }) => outcome?.state === 'FILLED');
  const during = traded.filter(({ finishedAt = until }) => finishedAt >= from && finishedAt < until);
  return { tradeId, from, until, copies, traded, during };
};

/** With so few followers that all run at once, none may end after the slow one. */
const endedLate = ({ tradeId, until, copies, traded }: Wait): readonly string[] =>
  copies.length >= ALL_AT_ONCE
    ? []
    : traded
        .filter(({ finishedAt = until }) => finishedAt >= until)
        .map(
          ({ accountId }) => `${accountId} ended its copy of ${tradeId} only after ${SLOW} had its answer`,
        );

/** The copies whose orders the exchange took at once and answered late, and how long each waited. */
const slowCopies = (
  evidence: Evidence,
): readonly { readonly copy: Copy; readonly from: Instant; readonly until: Instant }[] => {
  const { first, count } = SLOW_ORDERS;
  const orders = placedByNija(evidence).filter(({ accountId }) => accountId === SLOW);
  const orderOf = copyOrders(evidence);
  const copies = evidence.collected.accounts
    .flatMap((view) => view.copies)
    .filter(({ accountId }) => accountId === SLOW);
  return orders.slice(first - 1, first - 1 + count).flatMap(({ orderId, openedAt }) => {
    const copy = copies.find(({ trade }) => orderOf(SLOW, trade.tradeId)?.orderId === orderId);
    const until = copy?.finishedAt;
    if (copy === undefined || until === undefined || until - openedAt < SLOW_ANSWER_MS) return [];
    return [{ copy, from: openedAt, until }];
  });
};
