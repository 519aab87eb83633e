import { ConcurrentChange } from '../../order/order.ts';
import { type Execution, LedgerError } from '../ledger.ts';
import { copyEnd } from './copies.ts';
import { fillRecord } from './fills.ts';
import { orderReplacement } from './orders.ts';
import { positionChange } from './positions.ts';
import { ConditionFailed, StillContended, type Table } from './table-access.ts';
import { tradePublication } from './trade-items.ts';
import type { Write } from './writes.ts';

/** A transaction takes 100 items; beside the fills there are a position, an order, a copy and a trade. */
export const MOST_FILLS = 90;

/** More fills than one transaction takes: nothing was written. Record them in several executions. */
export class TooManyFills extends LedgerError {}

export const recordExecution =
  (table: Table) =>
  async (execution: Execution): Promise<void> => {
    judge(execution);
    const writes = writesOf(execution);
    if (writes.length === 0) return;
    try {
      await table.transact(`record an execution in ${execution.symbol} of ${execution.accountId}`, writes);
    } catch (error) {
      if (!(error instanceof ConditionFailed || error instanceof StillContended)) throw error;
      throw new ConcurrentChange(
        `an execution in ${execution.symbol} of ${execution.accountId} was not recorded: ${error.message}. Read again and recompute`,
        { cause: error },
      );
    }
  };

const writesOf = ({
  accountId,
  symbol,
  fills,
  cause,
  position,
  order,
  copy,
  trade,
  at,
}: Execution): readonly Write[] => {
  const moved = fills.length > 0 || position.after?.version !== position.before?.version;
  return [
    ...fills.map((fill) =>
      fillRecord({ ...fill, accountId, recordedAt: at, ...(cause === undefined ? {} : { cause }) }),
    ),
    ...(moved ? [positionChange(accountId, symbol, position.before, position.after)] : []),
    ...(order === undefined ? [] : [orderReplacement(order.before, order.after)]),
    ...(copy === undefined ? [] : [copyEnd(copy.before, copy.outcome, at)]),
    ...(trade === undefined ? [] : [tradePublication(trade)]),
  ];
};

/** What no correct caller asks for: everything belongs to one account and one symbol, and versions rise by one. */
const judge = ({ accountId, symbol, fills, position, order, copy, trade }: Execution): void => {
  const refuse = (why: string): never => {
    throw new LedgerError(`an execution in ${symbol} of ${accountId} was refused: ${why}`);
  };
  if (fills.length > MOST_FILLS) {
    throw new TooManyFills(
      `an execution in ${symbol} of ${accountId} has more fills than one transaction takes: record at most ${MOST_FILLS} at once (given ${fills.length})`,
    );
  }
  if (new Set(fills.map(({ fillId }) => fillId)).size < fills.length) refuse('it names a fill twice');
  const others = [
    ...fills.map((fill) => ({ what: `fill ${fill.fillId}`, accountId, symbol: fill.symbol })),
    ...[position.before, position.after].map((side) => side && { what: 'its position', ...side }),
    ...[order?.before, order?.after].map((side) => side && { what: `order ${side.clientOrderId}`, ...side }),
    copy && { what: 'its copy', accountId: copy.before.accountId, symbol: copy.before.trade.symbol },
    trade && { what: 'its trade', accountId: trade.masterId, symbol: trade.symbol },
  ];
  for (const other of others) {
    if (other !== undefined && (other.accountId !== accountId || other.symbol !== symbol)) {
      refuse(`${other.what} is of another account or symbol (given ${other.symbol} of ${other.accountId})`);
    }
  }
  if (order !== undefined && order.before.clientOrderId !== order.after.clientOrderId) {
    refuse(
      `its order cannot become another (given ${order.before.clientOrderId} and ${order.after.clientOrderId})`,
    );
  }
  const before = position.before?.version ?? 0;
  const after = position.after?.version ?? 0;
  if (after !== before && after !== before + 1) {
    refuse(`a position's version rises by one (given ${before} and then ${after})`);
  }
};
