import { type Instant, SECOND } from '../../shared/time/clock.ts';
import type { Value } from '../aws/dynamodb/value.ts';
import type { Evidence, OurOrder } from './evidence/evidence.ts';
import type { Invocation } from './evidence/invocations.ts';
import { guarantee } from './guarantee.ts';

/** An order's deadline, and how far the clock of who sends it may be ahead of the exchange's. */
const LATEST_AFTER_READ_MS = 8 * SECOND + 2 * SECOND;
/** Two clocks may be off by two seconds each. */
const CLOCKS_MS = 4 * SECOND;
const HEALTHY_PERIODS = 3;

const numberAt = (value: Value | undefined): number => (typeof value === 'number' ? value : Number.NaN);

/** What was read of the switches and stops this order; as it was in the table when it was read. */
const stoppedBy = (ours: OurOrder, { switches }: Invocation, evidence: Evidence): string | undefined => {
  const { haltAt, halt, runaway, profile, masterStatus } = switches;
  if (haltAt === undefined) return 'the halt was not read after the exchange was last asked';
  if (halt?.['engaged'] === true) return 'all buying was halted, as it had read';
  if (runaway === undefined) return 'the breaker over all accounts was not read';
  if (runaway.item?.['trip'] !== undefined)
    return 'the breaker over all accounts had tripped, as it had read';
  const account = profile?.item;
  if (account === undefined) return 'the profile was not read';
  if (account['enabled'] === false) return 'the account was disabled, as it had read';
  if (account['exitOnly'] === true) return 'the account was exit-only, as it had read';
  if (ours.cause?.kind !== 'copy') return undefined;
  if (account['copyPaused'] === true) return 'copying was paused, as it had read';
  const { symbol } = ours.order;
  const [denied, allowed] = [account['deniedSymbols'], account['allowedSymbols']];
  if (Array.isArray(denied) && denied.includes(symbol)) return `${symbol} was denied, as it had read`;
  if (Array.isArray(allowed) && !allowed.includes(symbol)) return `${symbol} was not allowed, as it had read`;
  const trade = evidence.tradeItem(ours.cause.tradeId);
  if (trade === undefined) return `trade ${ours.cause.tradeId} was never published`;
  if (account['follows'] !== trade['masterId'])
    return `the account followed ${String(account['follows'])}, not ${String(trade['masterId'])}, as it had read`;
  return staleBy(numberAt(trade['at']), account['limits'], haltAt) ?? sick(masterStatus?.item, haltAt);
};

const staleBy = (tradedAt: Instant, limits: Value | undefined, readAt: Instant): string | undefined => {
  const seconds =
    typeof limits === 'object' && limits !== null && 'maxTradeAgeSeconds' in limits
      ? numberAt(limits['maxTradeAgeSeconds'])
      : Number.NaN;
  const age = readAt - tradedAt;
  return age > seconds * SECOND + CLOCKS_MS
    ? `the trade was ${age / SECOND} s old, and ${seconds} s is the oldest`
    : undefined;
};

const sick = (status: Readonly<Record<string, Value>> | undefined, readAt: Instant): string | undefined => {
  if (status === undefined) return "the master's status was not there";
  if (status['healthy'] !== true) return 'the master was not healthy, as it had read';
  const age = readAt - numberAt(status['at']);
  const oldest = HEALTHY_PERIODS * numberAt(status['periodMs']) + CLOCKS_MS;
  return age > oldest ? `the master's status was ${age / SECOND} s old` : undefined;
};

/**
 * A BUY goes out only after the switches were read, all of them, after the exchange was last asked, and none of
 * them stopped it; and never long after that, so that a halt ends all buying within seconds.
 */
export const switchesStopBuys = guarantee('8 switches stop every BUY', (evidence, broken) => {
  evidence.onOrder((ours) => {
    const { side, orderId, accountId, symbol, quantity, clientOrderId } = ours.order;
    if (side !== 'BUY') return;
    const what = `BUY ${orderId} of ${accountId} (${quantity} ${symbol})`;
    const sender = evidence.invocations.writerOf(accountId, `ORDER#${clientOrderId ?? ''}`);
    if (sender === undefined) return broken(`${what}: nobody has decided on it`);
    const why = stoppedBy(ours, sender, evidence);
    if (why !== undefined) return broken(`${what} by ${sender.process}: ${why}`);
    const since = evidence.world.sim.now() - (sender.switches.haltAt ?? 0);
    if (since > LATEST_AFTER_READ_MS)
      broken(`${what} was taken ${since / SECOND} s after ${sender.process} had read the switches`);
  });
  return undefined;
});
