import * as z from 'zod';
import { type AccountId, zAccountId } from '../../account/account.ts';
import type { Instant } from '../../time/clock.ts';
import { SHARDS, type UnfinishedKind, unfinishedKey } from './keys.ts';
import { type TableConfig, tableAccess } from './table-access.ts';

/** `id`: the trade of a copy or of a sale that is owed, the client id of an order, the request of an exit. */
export interface UnfinishedWork {
  readonly kind: UnfinishedKind;
  readonly accountId: AccountId;
  readonly id: string;
  readonly since: Instant;
}

const zPlace = z.object({ pk: zAccountId, sk: z.string(), gsi2sk: z.string() });

/**
 * Copies without an outcome, owed sales, orders in doubt and exits that are not flat, of all accounts, in pages; what
 * finished a moment ago may still be among them.
 *
 * @throws LedgerError
 */
export const dynamoUnfinishedWork = (config: TableConfig) => {
  const table = tableAccess(config);
  return async function* (kind: UnfinishedKind): AsyncGenerator<readonly UnfinishedWork[]> {
    for (let shard = 0; shard < SHARDS; shard += 1) {
      const pages = table.pages({
        what: `list the unfinished work of kind ${kind}`,
        index: 'gsi2',
        where: { expression: '#gsi2pk = :kind', values: { kind: unfinishedKey(kind, shard) } },
        consistent: false,
      });
      for await (const page of pages) {
        yield page.map((item) => {
          const { pk, sk, gsi2sk } = zPlace.parse(item);
          return {
            kind,
            accountId: pk,
            id: sk.slice(sk.indexOf('#') + 1),
            since: Number.parseInt(gsi2sk, 10),
          };
        });
      }
    }
  };
};
