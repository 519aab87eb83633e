import type { KeyState } from '../account/key-watch.ts';
import { UNUSABLE_TODO } from '../account/unusable-codes.ts';
import type { FollowingState } from '../copying/following.ts';
import type { ExitRequest, ExitSymbolResult } from '../exit/exit-request.ts';
import type { Adjustment } from '../ledger/adjustment.ts';
import type { Drift } from '../ledger/drift.ts';
import { text } from '../money/money.ts';
import type { ProtectiveExit } from '../protection/protective-exit.ts';
import type { EventView } from './contract/history-answer.ts';

/** A stop, a take profit, or another sale that nobody asked for. */
export const protectionEvent = (exit: ProtectiveExit): EventView => {
  const { accountId, symbol, rule, because, numbers, decidedAt, state, endedAt, result } = exit;
  return {
    at: decidedAt,
    kind: 'protection',
    severity: state === 'RUNNING' ? 'critical' : 'warning',
    accountId,
    symbol,
    what: `${rule} of ${symbol}: ${because}`,
    state,
    ...(endedAt === undefined ? {} : { endedAt }),
    numbers: { ...numbers, ...(result === undefined ? {} : soldOf(result)) },
  };
};

const soldOf = ({ quantity, price, proceeds, fees, left }: ExitSymbolResult) => ({
  sold: text(quantity),
  ...(price === undefined ? {} : { soldAt: text(price) }),
  proceeds: text(proceeds),
  fees: text(fees),
  left: text(left),
});

/** An exit that somebody asked for. */
export const exitEvent = (exit: ExitRequest): EventView => {
  const { accountId, requestId, scope, state, results, requestedAt, finishedAt, symbols } = exit;
  const of = symbols === undefined ? scope : `${symbols.join(', ')} (${scope})`;
  return {
    at: requestedAt,
    kind: 'exit',
    severity: state === 'RUNNING' ? 'critical' : 'info',
    accountId,
    what: state === 'RUNNING' ? `an exit of ${of} is not flat yet` : `an exit of ${of} ended flat`,
    state,
    ...(finishedAt === undefined ? {} : { endedAt: finishedAt }),
    numbers: {
      requestId,
      ...Object.fromEntries(
        results.map((result) => [
          result.symbol,
          `${result.state} ${text(result.quantity)} for ${text(result.proceeds)}`,
        ]),
      ),
    },
  };
};

/** That the exchange holds less than the positions say. */
export const driftEvent = (drift: Drift): EventView => {
  const { accountId, asset, symbols, managed, held, missing, why, firstSeen, closedAt } = drift;
  return {
    at: firstSeen,
    kind: 'drift',
    severity: closedAt === undefined ? 'warning' : 'info',
    accountId,
    ...(symbols[0] === undefined ? {} : { symbol: symbols[0] }),
    what: `${text(missing)} ${asset} was missing at the exchange: ${why}`,
    state: closedAt === undefined ? 'OPEN' : 'CLOSED',
    ...(closedAt === undefined ? {} : { endedAt: closedAt }),
    numbers: { managed: text(managed), held: text(held), missing: text(missing) },
  };
};

/** A position that changed without an execution of ours. */
export const adjustmentEvent = (adjustment: Adjustment): EventView => {
  const { accountId, symbol, reason, quantityBefore, quantityAfter, by, why, at } = adjustment;
  return {
    at,
    kind: 'adjustment',
    severity: reason === 'ADOPTED' || reason === 'RELEASED' ? 'info' : 'warning',
    accountId,
    symbol,
    what: `the position ${symbol} was changed from ${text(quantityBefore)} to ${text(quantityAfter)} (${reason})`,
    by,
    why,
    numbers: {
      costBefore: text(adjustment.costBefore),
      costAfter: text(adjustment.costAfter),
      ...(adjustment.held === undefined ? {} : { held: text(adjustment.held) }),
    },
  };
};

/** That a key stopped working, or works again. */
export const keyEvent = (state: KeyState): EventView =>
  state.usable
    ? {
        at: state.since,
        kind: 'key',
        severity: 'info',
        accountId: state.accountId,
        what: 'its key can be used again',
        numbers: {},
      }
    : {
        at: state.since,
        kind: 'key',
        severity: 'critical',
        accountId: state.accountId,
        what: `its key cannot be used (${state.code}): ${UNUSABLE_TODO[state.code]}`,
        numbers: { code: state.code },
      };

/** That the master of an account was seen to be gone, or back: only the last change is kept. */
export const masterEvent = (note: FollowingState): EventView => ({
  at: note.since,
  kind: 'master',
  severity: note.state === 'standalone' ? 'warning' : 'info',
  accountId: note.accountId,
  what:
    note.state === 'standalone'
      ? `it is standalone: its master ${note.masterId} is not healthy (${note.reason})`
      : `it follows ${note.masterId}, which is healthy`,
  numbers: {},
});
