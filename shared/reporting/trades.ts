import type { AccountId } from '../account/account.ts';
import { text } from '../money/money.ts';
import type { Instant } from '../time/clock.ts';
import type { CopyView, TradeView } from './contract/trade-answer.ts';
import { copyView, knownOf } from './copy-view.ts';
import { assertNamesExist } from './known-names.ts';
import { accountIdsOf, cursorOf, placeOfCursor } from './pages.ts';
import { type MastersTrade, pastTrades } from './past-trades.ts';
import type { ReportingPorts } from './ports.ts';
import type { ViewAnswerOf } from './view-contract.ts';

export interface TradesQuery {
  readonly masterId?: AccountId;
  readonly copies: boolean;
  readonly limit: number;
  readonly cursor?: string;
  readonly from?: Instant;
  readonly to?: Instant;
}

/** Accounts whose copies come with a trade; the others are asked for by `copies`. */
const ACCOUNTS_WITH_A_TRADE = 100;
/** Lambda answers up to 6 MB: with many trades come those of fewer accounts. */
const MOST_COPIES = 4_000;

/** @throws LedgerError where not even the accounts can be listed; UnknownCursor; UnknownAccount of a master */
export const answerTrades = async (
  { masterId, copies, limit, cursor, from = 0, to }: TradesQuery,
  ports: ReportingPorts,
): Promise<ViewAnswerOf<'trades'>> => {
  const at = ports.clock.now();
  const before = cursor === undefined ? undefined : placeOfCursor(cursor);
  const [masterIds, userIds] = await Promise.all([
    masterId === undefined ? accountIdsOf('master', ports) : [masterId],
    copies ? accountIdsOf('user', ports) : [],
  ]);
  const asked = { from, to: to ?? at, limit, ...(before === undefined ? {} : { before }) };
  const { trades, more, failing } = await pastTrades(masterIds, asked, ports);
  if (masterId !== undefined && trades.length + failing.length === 0 && cursor === undefined)
    await assertNamesExist({ masterId }, ports);
  const shown = userIds.slice(0, Math.min(ACCOUNTS_WITH_A_TRADE, Math.floor(MOST_COPIES / limit)));
  const copied = copies ? await copiesOf(trades, shown, ports) : [];
  const next = userIds.length > shown.length ? shown.at(-1) : undefined;
  const last = trades.at(-1);
  return {
    query: 'trades',
    at,
    trades: trades.map((trade, index) => tradeView(trade, copied[index], next)),
    failing: [...failing],
    ...(more && last !== undefined ? { next: cursorOf(last) } : {}),
  };
};

/** Of each trade the copies of these accounts. */
const copiesOf = async (
  trades: readonly MastersTrade[],
  userIds: readonly AccountId[],
  { ledger }: ReportingPorts,
): Promise<readonly (readonly CopyView[])[]> => {
  const rows = trades.flatMap((trade) =>
    userIds.map((accountId) => ({ accountId, tradeId: trade.tradeId, trade })),
  );
  const found = rows.length === 0 ? [] : await ledger.history.copies(rows);
  return trades.map((_, index) =>
    userIds.flatMap((accountId, column) => {
      const row = index * userIds.length + column;
      const read = found[row];
      const trade = rows[row]?.trade;
      return read === undefined || trade === undefined
        ? []
        : [copyView(read, knownOf(accountId, trade.masterId, trade))];
    }),
  );
};

const tradeView = (
  past: MastersTrade,
  copies: readonly CopyView[] | undefined,
  next: string | undefined,
): TradeView => {
  const { trade: read, tradeId, masterId, at } = past;
  if (!read.readable) return { readable: false, tradeId, masterId, at, why: read.why };
  const trade = read.value;
  return {
    readable: true,
    tradeId,
    masterId,
    symbol: trade.symbol,
    side: trade.side,
    quantity: text(trade.quantity),
    price: text(trade.price),
    notional: text(trade.notional),
    masterEquityBefore: text(trade.masterEquityBefore),
    soldFraction: text(trade.soldFraction),
    at,
    ...(copies === undefined
      ? {}
      : {
          copies: {
            counts: countsOf(copies),
            list: [...copies],
            ...(next === undefined ? {} : { next }),
          },
        }),
  };
};

const countsOf = (copies: readonly CopyView[]) => {
  const count = (outcome: CopyView['outcome']): number =>
    copies.filter((copy) => copy.outcome === outcome).length;
  return {
    filled: count('FILLED'),
    skipped: count('SKIPPED'),
    failed: count('FAILED'),
    open: count('OPEN'),
    unreadable: count('UNREADABLE'),
  };
};
