import * as z from 'zod';
import { type AccountId, zAccountId, zSymbol } from '../../account/account.ts';
import type { MarketSymbol } from '../../exchange/market.ts';
import { zQuantity, zQuote } from '../../money/schema.ts';
import type { PositionStore } from '../ledger.ts';
import type { Position } from '../position.ts';
import { type Entity, fromItem, type Key, toItem } from './entity.ts';
import { SORT } from './keys.ts';
import type { Table } from './table-access.ts';
import { ABSENT, type Expression, type Write } from './writes.ts';

const positionKey = (accountId: AccountId, symbol: MarketSymbol): Key => ({
  pk: accountId,
  sk: SORT.position(symbol),
});

const positionEntity: Entity<Position> = {
  kind: 'POSITION',
  schema: z.object({
    accountId: zAccountId,
    symbol: zSymbol,
    quantity: zQuantity,
    costBasis: zQuote,
    openedAt: z.number(),
    grewAt: z.number().exactOptional(),
    oversold: z.array(z.object({ quantity: zQuantity, at: z.number() })).exactOptional(),
    version: z.int().min(1),
  }),
  key: (position) => positionKey(position.accountId, position.symbol),
};

const asRead = (before: Position | undefined): Expression =>
  before === undefined ? ABSENT : { expression: '#version = :version', values: { version: before.version } };

/**
 * The write of a position, or where fills change nothing of it the check that it is as it was read. A closed
 * position stays, with quantity 0: its version goes on rising, so a writer that read an earlier life of it
 * never passes.
 */
export const positionChange = (
  accountId: AccountId,
  symbol: MarketSymbol,
  before: Position | undefined,
  after: Position | undefined,
): Write => {
  const what = `the position ${symbol} of ${accountId}`;
  return after === undefined || after.version === before?.version
    ? { type: 'check', what, key: positionKey(accountId, symbol), condition: asRead(before) }
    : { type: 'put', what, item: toItem(positionEntity, after), condition: asRead(before) };
};

export const dynamoPositions = (table: Table): PositionStore => ({
  get: async (accountId, symbol) => {
    const item = await table.get(
      `read the position ${symbol} of ${accountId}`,
      positionKey(accountId, symbol),
    );
    return item === undefined ? undefined : fromItem(positionEntity, item);
  },
  list: async (accountId) => {
    const items = await table.all({
      what: `list the positions of ${accountId}`,
      where: {
        expression: '#pk = :account AND begins_with(#sk, :positions)',
        values: { account: accountId, positions: SORT.position('') },
      },
      consistent: true,
    });
    return items.map((item) => fromItem(positionEntity, item)).filter(({ quantity }) => quantity.gt(0));
  },
});
