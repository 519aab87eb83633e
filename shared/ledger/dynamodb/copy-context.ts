import type { AccountId } from '../../account/account.ts';
import { clientOrderIdOf } from '../../order/order.ts';
import { type CopyContext, LedgerError } from '../ledger.ts';
import { attemptRead } from '../read.ts';
import { accountEntity, profileKey } from './accounts.ts';
import { circuitEntity, circuitKey } from './circuit.ts';
import { haltFromItem } from './control.ts';
import { copyEntity, copyKey } from './copies.ts';
import { type Entity, fromItem, type Item, type Key } from './entity.ts';
import { HALT_KEY, RUNAWAY_KEY, RUNAWAY_LIMITS_KEY, statusKey } from './keys.ts';
import { masterStatusEntity } from './master-status.ts';
import { orderEntity, orderKey } from './orders.ts';
import { riskEntity, riskKey } from './risk.ts';
import { breakerFromItems } from './runaway.ts';
import { placeOf, type Table } from './table-access.ts';

export const copyContext =
  (table: Table) =>
  async (accountId: AccountId, tradeId: string, masterId: AccountId): Promise<CopyContext> => {
    const keys = {
      account: profileKey(accountId),
      copy: copyKey(accountId, tradeId),
      order: orderKey(accountId, clientOrderIdOf({ kind: 'copy', accountId, tradeId })),
      risk: riskKey(accountId),
      circuit: circuitKey(accountId),
      halt: HALT_KEY,
      runaway: RUNAWAY_KEY,
      runawayLimits: RUNAWAY_LIMITS_KEY,
      status: statusKey(masterId),
    };
    const what = `read what a copy of trade ${tradeId} for ${accountId} is decided on`;
    const read = await reader(table, what, Object.values(keys));
    const value = async <T extends object>(entity: Entity<T>, key: Key): Promise<T | undefined> => {
      const item = await read(key);
      return item === undefined ? undefined : fromItem(entity, item);
    };
    return {
      account: await value(accountEntity, keys.account),
      copy: await value(copyEntity, keys.copy),
      order: await value(orderEntity, keys.order),
      halt: await attemptRead(async () => haltFromItem(await read(keys.halt))),
      masterStatus: await attemptRead(() => value(masterStatusEntity, keys.status)),
      risk: await attemptRead(() => value(riskEntity, keys.risk)),
      runaway: await attemptRead(async () =>
        breakerFromItems(await read(keys.runaway), await read(keys.runawayLimits)),
      ),
      circuit: await attemptRead(() => value(circuitEntity, keys.circuit)),
    };
  };

type Reader = (key: Key) => Promise<Item | undefined>;

/** All in one call; where that fails, one by one, so that a switch that may not be read stops no SELL. */
const reader = async (table: Table, what: string, keys: readonly Key[]): Promise<Reader> => {
  try {
    const items = await table.getAll(what, keys);
    return async (key) => items.get(placeOf(key));
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    return async (key) => await table.get(what, key);
  }
};
