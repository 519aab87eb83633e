import type { AccountId } from '../account/account.ts';
import type { Copy, CopyOutcome } from '../copying/copy.ts';
import type { Read } from '../ledger/read.ts';
import { text } from '../money/money.ts';
import { DAY, type Instant } from '../time/clock.ts';
import { assertNamesExist } from './known-names.ts';
import { accountIdsOf } from './pages.ts';
import { pastTrades } from './past-trades.ts';
import type { ReportingPorts } from './ports.ts';
import { spreadOf } from './spread.ts';
import type { ViewAnswerOf } from './view-contract.ts';

type Distribution = ViewAnswerOf<'distribution'>;

/** What an answer is about where no time is named. */
export const USUAL_PERIOD_MS = 30 * DAY;
/** Copies that one answer looks for: with many accounts, those of the newest trades. */
const MOST_ROWS = 4_000;
const MOST_TRADES = 1_000;

/** @throws LedgerError; UnknownAccount of who is named and not known */
export const answerDistribution = async (
  {
    accountId,
    masterId,
    ...period
  }: {
    readonly accountId?: AccountId;
    readonly masterId?: AccountId;
    readonly from?: Instant;
    readonly to?: Instant;
  },
  ports: ReportingPorts,
): Promise<Distribution> => {
  const at = ports.clock.now();
  const { to = at, from = to - USUAL_PERIOD_MS } = period;
  const [masterIds, userIds] = await Promise.all([
    masterId === undefined ? accountIdsOf('master', ports) : [masterId],
    accountId === undefined ? accountIdsOf('user', ports) : [accountId],
  ]);
  const limit = Math.min(MOST_TRADES, Math.max(1, Math.floor(MOST_ROWS / Math.max(1, userIds.length))));
  const { trades, more, failing } = await pastTrades(
    masterIds,
    { from: Math.max(0, from), to, limit },
    ports,
  );
  const rows = trades.flatMap(({ tradeId }) => userIds.map((id) => ({ accountId: id, tradeId })));
  const found = rows.length === 0 ? [] : await ports.ledger.history.copies(rows);
  const copies = found.filter((read): read is Read<Copy> => read !== undefined);
  if (copies.length === 0)
    await assertNamesExist(
      { ...(accountId === undefined ? {} : { accountId }), ...(masterId === undefined ? {} : { masterId }) },
      ports,
    );
  return {
    query: 'distribution',
    at,
    since: more ? (trades.at(-1)?.at ?? from) : from,
    complete: !more && failing.length === 0,
    ...distributionOf(copies),
  };
};

/** How copies ended, how late, and at how much worse a price. */
export const distributionOf = (
  copies: readonly Read<Copy>[],
): Omit<Distribution, 'query' | 'at' | 'since' | 'complete'> => {
  const outcomes: Record<string, number> = {};
  const filled: Extract<CopyOutcome, { state: 'FILLED' }>[] = [];
  for (const read of copies) {
    const outcome = read.readable ? read.value.outcome : undefined;
    const name = !read.readable ? 'UNREADABLE' : outcome === undefined ? 'OPEN' : nameOf(outcome);
    outcomes[name] = (outcomes[name] ?? 0) + 1;
    if (outcome?.state === 'FILLED') filled.push(outcome);
  }
  const rising = (a: number, b: number): number => a - b;
  const slippage = spreadOf(
    filled.map(({ slippageBps }) => slippageBps),
    (a, b) => a.comparedTo(b),
  );
  return {
    copies: copies.length,
    outcomes,
    orderLatencyMs: spreadOf(
      filled.map(({ orderLatencyMs }) => orderLatencyMs),
      rising,
    ),
    fillLatencyMs: spreadOf(
      filled.map(({ fillLatencyMs }) => fillLatencyMs),
      rising,
    ),
    slippageBps:
      slippage === null
        ? null
        : {
            count: slippage.count,
            min: text(slippage.min),
            median: text(slippage.median),
            p95: text(slippage.p95),
            max: text(slippage.max),
            values: slippage.values.map(text),
          },
  };
};

const nameOf = (outcome: CopyOutcome): string => (outcome.state === 'FILLED' ? 'FILLED' : outcome.reason);
