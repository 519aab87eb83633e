import type { AccountId } from '../account/account.ts';
import type { Instant } from '../time/clock.ts';
import type { CopyView } from './contract/trade-answer.ts';
import { copyView, knownOf } from './copy-view.ts';
import { assertNamesExist } from './known-names.ts';
import { accountIdsOf, cursorOf, placeOfCursor } from './pages.ts';
import { pastTrades } from './past-trades.ts';
import type { ReportingPorts, TradePlace } from './ports.ts';
import type { ViewAnswerOf } from './view-contract.ts';

export interface CopiesQuery {
  readonly accountId?: AccountId;
  readonly masterId?: AccountId;
  readonly tradeId?: string;
  readonly limit: number;
  readonly cursor?: string;
  readonly from?: Instant;
  readonly to?: Instant;
}

type Copies = ViewAnswerOf<'copies'>;
type Found = Omit<Copies, 'query' | 'at'>;

/** Rows that one answer looks for: of most trades an account has a copy, of one it did not follow none. */
const ROWS_AT_ONCE = 100;
const MOST_ROWS = 2_000;

/** @throws LedgerError, UnknownCursor, CopiesUnreadable; UnknownAccount, UnknownTrade where nothing has such a name */
export const answerCopies = async (query: CopiesQuery, ports: ReportingPorts): Promise<Copies> => {
  const at = ports.clock.now();
  const found = await copiesOf(query, at, ports);
  if (found.copies.length === 0 && query.cursor === undefined) await assertNamesExist(query, ports);
  return { query: 'copies', at, ...found };
};

const copiesOf = async (query: CopiesQuery, at: Instant, ports: ReportingPorts): Promise<Found> => {
  const { tradeId, accountId } = query;
  if (tradeId !== undefined) return await copiesOfTrade({ ...query, tradeId }, ports);
  return accountId === undefined ? { copies: [] } : await copiesOfAccount({ ...query, accountId }, at, ports);
};

/** By account; whoever has no copy of it is not named. */
const copiesOfTrade = async (
  { tradeId, masterId, accountId, limit, cursor }: CopiesQuery & { readonly tradeId: string },
  ports: ReportingPorts,
): Promise<Found> => {
  const all = accountId === undefined ? await accountIdsOf('user', ports) : [accountId];
  const rest = cursor === undefined ? all : all.filter((id) => id > cursor);
  const copies: CopyView[] = [];
  let looked = 0;
  while (looked < rest.length && copies.length < limit && looked < MOST_ROWS) {
    const ids = rest.slice(looked, looked + Math.min(ROWS_AT_ONCE, limit - copies.length));
    const found = await ports.ledger.history.copies(ids.map((id) => ({ accountId: id, tradeId })));
    for (const [index, id] of ids.entries()) {
      const read = found[index];
      if (read === undefined) continue;
      const known = { accountId: id, tradeId, ...(masterId === undefined ? {} : { masterId }) };
      copies.push(copyView(read, known));
    }
    looked += ids.length;
  }
  const last = rest[looked - 1];
  return { copies, ...(last === undefined || looked >= rest.length ? {} : { next: last }) };
};

/**
 * Newest first, by the trades of all masters: copies themselves have no order by time, and whom an account followed
 * then is not asked.
 */
const copiesOfAccount = async (
  { accountId, masterId, limit, cursor, from = 0, to }: CopiesQuery & { readonly accountId: AccountId },
  at: Instant,
  ports: ReportingPorts,
): Promise<Found> => {
  const masterIds = masterId === undefined ? await accountIdsOf('master', ports) : [masterId];
  const copies: CopyView[] = [];
  let before: TradePlace | undefined = cursor === undefined ? undefined : placeOfCursor(cursor);
  let more = true;
  for (let looked = 0; more && copies.length < limit && looked < MOST_ROWS; ) {
    const asked = { from, to: to ?? at, limit: Math.min(ROWS_AT_ONCE, limit - copies.length) };
    const page = await pastTrades(
      masterIds,
      { ...asked, ...(before === undefined ? {} : { before }) },
      ports,
    );
    // A page without the trades of one master would be taken for all there is.
    const [unread] = page.failing;
    if (unread !== undefined)
      throw new CopiesUnreadable(
        `the copies of ${accountId} cannot be listed: the trades of ${unread.accountId} cannot be read: ${unread.why}`,
      );
    const rows = page.trades.map(({ tradeId }) => ({ accountId, tradeId }));
    const found = rows.length === 0 ? [] : await ports.ledger.history.copies(rows);
    for (const [index, trade] of page.trades.entries()) {
      const read = found[index];
      if (read !== undefined) copies.push(copyView(read, knownOf(accountId, trade.masterId, trade)));
    }
    looked += rows.length;
    before = page.trades.at(-1) ?? before;
    more = page.more;
  }
  return { copies, ...(more && before !== undefined ? { next: cursorOf(before) } : {}) };
};

/** The copies of an account could not be listed. */
export class CopiesUnreadable extends Error {
  override readonly name = 'CopiesUnreadable';
}
