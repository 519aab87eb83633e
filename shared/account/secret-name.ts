import type { AccountId, Role } from './account.ts';

/** Where an account's secret lies: `nija/<stage>/<role>/<accountId>`. It is no secret itself. */
export const secretName = (stage: string, role: Role, accountId: AccountId): string =>
  `nija/${stage}/${role}/${accountId}`;
