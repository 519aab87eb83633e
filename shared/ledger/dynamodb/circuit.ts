import * as z from 'zod';
import { type AccountId, zAccountId } from '../../account/account.ts';
import { EXCHANGE_ERROR_CODES } from '../../exchange/exchange.ts';
import { ConcurrentChange } from '../../order/order.ts';
import type { Circuit, CircuitStore } from '../../protection/circuit.ts';
import { type Entity, fromItem, type Key, toItem } from './entity.ts';
import { SORT } from './keys.ts';
import { ConditionFailed, type Table } from './table-access.ts';
import { nextVersion } from './versions.ts';

export const circuitKey = (accountId: AccountId): Key => ({ pk: accountId, sk: SORT.circuit });

const common = { accountId: zAccountId, version: z.int().min(1) };

export const circuitEntity: Entity<Circuit> = {
  kind: 'CIRCUIT',
  schema: z.discriminatedUnion('state', [
    z.object({ ...common, state: z.literal('CLOSED'), failures: z.int().min(0) }),
    z.object({
      ...common,
      state: z.enum(['OPEN', 'PROBING']),
      openings: z.int().min(1),
      until: z.number(),
      lastFailure: z.enum(EXCHANGE_ERROR_CODES),
    }),
  ]),
  key: ({ accountId }) => circuitKey(accountId),
};

export const dynamoCircuits = (table: Table): CircuitStore => ({
  get: async (accountId) => {
    const what = `read how the exchange of ${accountId} has been answering`;
    const item = await table.get(what, circuitKey(accountId));
    return item === undefined ? undefined : fromItem(circuitEntity, item);
  },
  save: async (circuit) => {
    const what = `how the exchange of ${circuit.accountId} has been answering`;
    try {
      const item = toItem(circuitEntity, circuit);
      await table.write({ type: 'put', what, item, condition: nextVersion(circuit.version) });
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      throw new ConcurrentChange(
        `${what} changed in between: read it again (given version ${circuit.version})`,
      );
    }
  },
});
