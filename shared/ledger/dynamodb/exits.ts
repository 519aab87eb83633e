import * as z from 'zod';
import { type AccountId, zAccountId, zSymbol } from '../../account/account.ts';
import { EXIT_SCOPES, type ExitRequest, type ExitStore } from '../../exit/exit-request.ts';
import { zPrice, zQuantity, zQuote } from '../../money/schema.ts';
import { ConcurrentChange } from '../../order/order.ts';
import { zBackOff } from './back-off.ts';
import { type Entity, fromItem, type Key, toItem } from './entity.ts';
import { SORT, UNFINISHED_EXITS, unfinishedExitSort, unfinishedIndexes } from './keys.ts';
import { ConditionFailed, type Table } from './table-access.ts';
import { nextVersion } from './versions.ts';

const exitKey = (accountId: AccountId, requestId: string): Key => ({
  pk: accountId,
  sk: SORT.exit(requestId),
});

export const zExitSymbolResult = z.object({
  symbol: zSymbol,
  state: z.enum(['SOLD', 'FLAT', 'DUST', 'STAKED', 'DELISTED', 'WOULD_SELL', 'FAILED']),
  quantity: zQuantity,
  price: zPrice.exactOptional(),
  proceeds: zQuote,
  fees: zQuote,
  left: zQuantity,
  leftIsKnown: z.literal(true).exactOptional(),
  detail: z.string(),
  tooLittle: z.literal(true).exactOptional(),
  rounds: z.int().min(0),
  backOff: zBackOff.exactOptional(),
});

const exitEntity: Entity<ExitRequest> = {
  kind: 'EXIT',
  schema: z.object({
    accountId: zAccountId,
    requestId: z.string().min(1),
    scope: z.enum(EXIT_SCOPES),
    symbols: z.array(zSymbol).exactOptional(),
    state: z.enum(['RUNNING', 'FLAT']),
    results: z.array(zExitSymbolResult),
    requestedAt: z.number(),
    askedAgainAt: z.number().exactOptional(),
    finishedAt: z.number().exactOptional(),
    version: z.int().min(1),
  }),
  key: (exit) => exitKey(exit.accountId, exit.requestId),
  indexes: (exit) =>
    exit.state === 'RUNNING'
      ? {
          lsi1sk: unfinishedExitSort(exit.requestedAt, exit.requestId),
          ...unfinishedIndexes('exit', exit.accountId, exit.requestedAt, exit.requestId),
        }
      : {},
};

export const dynamoExits = (table: Table): ExitStore => ({
  get: async (accountId, requestId) => {
    const item = await table.get(`read exit ${requestId} of ${accountId}`, exitKey(accountId, requestId));
    return item === undefined ? undefined : fromItem(exitEntity, item);
  },
  save: async (request) => {
    try {
      await table.write({
        type: 'put',
        what: `exit ${request.requestId} of ${request.accountId}`,
        item: toItem(exitEntity, request),
        condition: nextVersion(request.version),
      });
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      throw new ConcurrentChange(
        `exit ${request.requestId} of ${request.accountId} was changed by another run: read it again (given version ${request.version})`,
      );
    }
  },
  list: async (accountId) => {
    const items = await table.all({
      what: `list the exits of ${accountId}`,
      where: {
        expression: '#pk = :account AND begins_with(#sk, :exits)',
        values: { account: accountId, exits: SORT.exit('') },
      },
      consistent: true,
    });
    return items
      .map((item) => fromItem(exitEntity, item))
      .sort((a, b) => a.requestedAt - b.requestedAt || a.requestId.localeCompare(b.requestId));
  },
  unfinished: async (accountId) => {
    const items = await table.all({
      what: `list the exits of ${accountId} that are not flat`,
      index: 'lsi1',
      where: {
        expression: '#pk = :account AND begins_with(#lsi1sk, :exits)',
        values: { account: accountId, exits: UNFINISHED_EXITS },
      },
      consistent: true,
    });
    return items.map((item) => fromItem(exitEntity, item));
  },
});
