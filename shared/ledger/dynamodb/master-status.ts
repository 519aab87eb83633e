import * as z from 'zod';
import { zAccountId } from '../../account/account.ts';
import type { MasterStatus, MasterStatusReader } from '../../copying/master-status.ts';
import { type Entity, fromItem } from './entity.ts';
import { statusKey } from './keys.ts';
import type { Table } from './table-access.ts';

export const masterStatusEntity: Entity<MasterStatus> = {
  kind: 'MASTER_STATUS',
  schema: z.object({
    masterId: zAccountId,
    healthy: z.boolean(),
    reason: z.string(),
    at: z.number(),
    periodMs: z.number().positive(),
  }),
  key: (status) => statusKey(status.masterId),
};

export const dynamoMasterStatus = (table: Table): MasterStatusReader => ({
  read: async (masterId) => {
    const item = await table.get(`read the status of ${masterId}`, statusKey(masterId));
    return item === undefined ? undefined : fromItem(masterStatusEntity, item);
  },
});
