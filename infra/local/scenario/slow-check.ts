import type { Copy } from '../../../shared/copying/copy.ts';
import type { Instant } from '../../../shared/time/clock.ts';
import { SLOW, SLOW_ANSWER_MS, SLOW_ORDER } from './cast.ts';
import { copyOrders, type Evidence, placedByNija } from './evidence.ts';
import { type Guarantee, guarantee } from './guarantee.ts';

const NAME = 'oneSlowAccountDelaysNoOther';
/** With so many followers all copies of a trade run at once. */
const ALL_AT_ONCE = 8;
/** With more followers, so many must at least have ended while one waited. */
const LEAST_ENDED = 8;

/** While one account waited for its exchange, the other copies of the same trade were filled and ended. */
export const oneSlowAccountDelaysNoOther = (evidence: Evidence): Guarantee => {
  const wait = slowCopy(evidence);
  if (wait === undefined)
    return guarantee(NAME, [`order ${SLOW_ORDER} of ${SLOW} was not answered late`], '');
  const { tradeId } = wait.copy.trade;
  const copies = evidence.collected.accounts
    .flatMap((view) => view.copies)
    .filter(({ accountId, trade }) => accountId !== SLOW && trade.tradeId === tradeId);
  const traded = copies.filter(({ outcome }) => outcome?.state === 'FILLED');
  const late = traded.filter(({ finishedAt = wait.until }) => finishedAt >= wait.until);
  const during = traded.filter(
    ({ finishedAt = wait.until }) => finishedAt >= wait.from && finishedAt < wait.until,
  );
  const problems: string[] = [];
  if (copies.length < ALL_AT_ONCE) {
    for (const { accountId } of late)
      problems.push(`${accountId} ended its copy of ${tradeId} only after ${SLOW} had its answer`);
  }
  const least = copies.length < ALL_AT_ONCE ? 1 : Math.min(LEAST_ENDED, traded.length);
  if (during.length < Math.max(1, least))
    problems.push(
      `${during.length} of ${traded.length} other copies of ${tradeId} ended while ${SLOW} waited, not ${least}`,
    );
  return guarantee(
    NAME,
    problems,
    `${during.length} of ${traded.length} other copies of a trade were filled and ended during the ${wait.until - wait.from} ms that ${SLOW} waited for its exchange`,
  );
};

/** The copy whose order the exchange took at once and answered late, and how long it waited, by both clocks. */
const slowCopy = (
  evidence: Evidence,
): { readonly copy: Copy; readonly from: Instant; readonly until: Instant } | undefined => {
  const order = placedByNija(evidence).filter(({ accountId }) => accountId === SLOW)[SLOW_ORDER - 1];
  const orderOf = copyOrders(evidence);
  const copy = evidence.collected.accounts
    .flatMap(({ copies }) => copies)
    .find(
      ({ accountId, trade }) =>
        accountId === SLOW && order !== undefined && orderOf(SLOW, trade.tradeId)?.orderId === order.orderId,
    );
  if (order === undefined || copy?.finishedAt === undefined) return undefined;
  return copy.finishedAt - order.openedAt < SLOW_ANSWER_MS
    ? undefined
    : { copy, from: order.openedAt, until: copy.finishedAt };
};
