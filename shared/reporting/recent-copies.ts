import type { AccountId } from '../account/account.ts';
import type { Copy } from '../copying/copy.ts';
import { attemptRead, type Read } from '../ledger/read.ts';
import { DAY, type Instant, iso, MINUTE } from '../time/clock.ts';
import { eachOf } from './at-once.ts';
import type { Finding } from './contract/finding.ts';
import { type MastersTrade, pastTrades } from './past-trades.ts';
import type { ReportingPorts } from './ports.ts';

/** Trades that are looked at, and followers of each. */
const MOST_TRADES = 10;
const MOST_FOLLOWERS = 500;
/** A trade is handed to its followers within seconds. */
const HANDED_OUT_MS = 2 * MINUTE;

/**
 * Whether the last trades of a day have reached all who followed their master: a follower without a copy was not
 * even skipped. Never throws: what cannot be looked at is a finding, too.
 */
export const recentCopyFindings = async (
  masterIds: readonly AccountId[],
  at: Instant,
  ports: ReportingPorts,
): Promise<readonly Finding[]> => {
  const period = { from: Math.max(0, at - DAY), to: at - HANDED_OUT_MS };
  const { trades, failing } = await pastTrades(masterIds, { ...period, limit: MOST_TRADES }, ports);
  const found = await eachOf(trades, async (trade) => {
    const read = await attemptRead(async () => await findingsOfTrade(trade, ports));
    return read.readable ? read.value : [unreadable(trade.masterId, `trade ${trade.tradeId}`, read.why)];
  });
  return [...failing.map(({ accountId, why }) => unreadable(accountId, 'trades', why)), ...found.flat()];
};

const findingsOfTrade = async (
  { masterId, tradeId, at }: MastersTrade,
  { ledger }: ReportingPorts,
): Promise<readonly Finding[]> => {
  const followers: AccountId[] = [];
  for await (const page of ledger.accounts.followersOf(masterId, at)) {
    followers.push(...page);
    if (followers.length >= MOST_FOLLOWERS) break;
  }
  const asked = followers.slice(0, MOST_FOLLOWERS);
  const copies = await ledger.history.copies(asked.map((accountId) => ({ accountId, tradeId })));
  const without = asked.filter((_, index) => copies[index] === undefined);
  const failed = copies.filter((copy) => hasFailed(copy)).length;
  const trade = `its trade ${tradeId} of ${iso(at)}`;
  return [
    ...(without.length === 0
      ? []
      : [
          {
            severity: 'critical' as const,
            code: 'NOT_HANDED_OUT',
            accountId: masterId,
            what: `${trade} has not reached ${without.length} of ${asked.length} followers (${shown(without)})`,
            remedy: `run trade-copier with a redrive of ${masterId} since then; late purchases end as STALE, sales are made`,
          },
        ]),
    ...(failed === 0
      ? []
      : [
          {
            severity: 'warning' as const,
            code: 'COPIES_FAILED',
            accountId: masterId,
            what: `of ${trade} ${failed} of ${asked.length} copies failed`,
            remedy: 'its copies say why; what a sale has left is tried again with each check',
          },
        ]),
  ];
};

const hasFailed = (copy: Read<Copy> | undefined): boolean =>
  copy?.readable === true && copy.value.outcome?.state === 'FAILED';

const SHOWN = 5;
const shown = (ids: readonly AccountId[]): string =>
  ids.length > SHOWN ? `${ids.slice(0, SHOWN).join(', ')} and ${ids.length - SHOWN} more` : ids.join(', ');

const unreadable = (accountId: AccountId, what: string, why: string): Finding => ({
  severity: 'critical',
  code: 'UNREADABLE',
  accountId,
  what: `whether its ${what} reached all followers cannot be told: ${why}`,
  remedy: 'restore the damaged item from a backup of the table, or see whether the table can be read at all',
});
