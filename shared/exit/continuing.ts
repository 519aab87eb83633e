import type { PositionStore } from '../ledger/ledger.ts';
import { plus, type Quantity } from '../money/money.ts';
import { type ExitRequest, type ExitSymbolResult, lastAskedAt } from './exit-request.ts';

/** What an exit that goes on by itself may sell of a symbol. */
export type Bound =
  | { readonly sells: 'all' }
  /** Over all rounds, those of earlier tries included. */
  | { readonly sells: 'at most'; readonly most: Quantity }
  /** Nothing more; an order of an earlier try is found out, and somebody has to ask again. */
  | { readonly sells: 'nothing'; readonly most: Quantity; readonly because: string };

/** Those that an exit has named and not sold yet: it goes on with nothing else. */
export const unsold = ({ results }: ExitRequest): readonly ExitSymbolResult[] =>
  results.filter(({ state }) => state === 'FAILED');

/**
 * Nobody asks again when an exit goes on with a check, so it sells what there was when it was asked for: of
 * what is managed a position that has not grown since, of everything what the last try showed as left. What
 * came later was bought or brought on purpose.
 */
export const boundOf = async (
  request: ExitRequest,
  earlier: ExitSymbolResult,
  positions: Pick<PositionStore, 'get'>,
): Promise<Bound> => {
  const { accountId, scope } = request;
  if (scope === 'everything') {
    return earlier.left.isZero() && earlier.leftIsKnown !== true
      ? {
          sells: 'nothing',
          most: earlier.quantity,
          because: 'how much of it was to be sold was not known: ask again, and all that is held is sold',
        }
      : { sells: 'at most', most: plus(earlier.quantity, earlier.left) };
  }
  const position = await positions.get(accountId, earlier.symbol);
  if (position === undefined || position.quantity.isZero()) return { sells: 'all' };
  return (position.grewAt ?? position.openedAt) <= lastAskedAt(request)
    ? { sells: 'all' }
    : {
        sells: 'nothing',
        most: earlier.quantity,
        because: 'more was bought since this exit was asked for: ask again, and it is sold, too',
      };
};
