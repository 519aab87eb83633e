import { type AccountId, ROLES, type Role, roleOf } from '../account/account.ts';
import type { AccountPage } from './contract/figures.ts';
import type { ReportingPorts, TradePlace } from './ports.ts';

/** Which accounts are asked for. */
export interface AccountsAsked {
  readonly accountId?: AccountId;
  readonly role?: Role;
  readonly limit: number;
  /** The id of the last account of the page before. */
  readonly cursor?: string;
}

/** All ids of a role, by name; in few requests, since the index holds keys alone. */
export const accountIdsOf = async (
  role: Role,
  { ledger }: Pick<ReportingPorts, 'ledger'>,
): Promise<readonly AccountId[]> => {
  const ids: AccountId[] = [];
  for await (const page of ledger.accounts.list(role)) ids.push(...page);
  return ids.sort();
};

/**
 * A page of accounts: masters first, then users, by their ids.
 * @throws LedgerError
 */
export const accountPage = async (
  { accountId, role, limit, cursor }: AccountsAsked,
  ports: Pick<ReportingPorts, 'ledger'>,
): Promise<{ readonly ids: readonly AccountId[]; readonly page: AccountPage }> => {
  if (accountId !== undefined) return { ids: [accountId], page: { accounts: 1, covered: 1 } };
  const roles = role === undefined ? ROLES : [role];
  const all = (await Promise.all(roles.map((one) => accountIdsOf(one, ports)))).flat();
  const rest = cursor === undefined ? all : all.filter((id) => isBehind(id, cursor));
  const ids = rest.slice(0, limit);
  const last = ids.at(-1);
  return {
    ids,
    page: {
      accounts: all.length,
      covered: ids.length,
      ...(last === undefined || rest.length <= limit ? {} : { next: last }),
    },
  };
};

/** Masters sort before users, as their ids do. */
const isBehind = (id: AccountId, cursor: string): boolean => id > cursor;

/** That a page is the first one: what concerns all accounts comes with it. */
export const isFirstPage = ({ cursor }: Pick<AccountsAsked, 'cursor'>): boolean => cursor === undefined;

export const isUser = (accountId: AccountId): boolean => roleOf(accountId) === 'user';

/** A place in trades as a cursor. */
export const cursorOf = ({ at, tradeId }: TradePlace): string => `${at}~${tradeId}`;

/** A cursor that no answer has given. */
export class UnknownCursor extends Error {
  override readonly name = 'UnknownCursor';
}

/** @throws UnknownCursor */
export const placeOfCursor = (cursor: string): TradePlace => {
  const parts = /^(\d{1,15})~(.+)$/.exec(cursor);
  const [, at, tradeId] = parts ?? [];
  if (at === undefined || tradeId === undefined)
    throw new UnknownCursor(
      `there is no such place to go on from: ask again with the 'next' of an answer, or without a cursor (given '${cursor.slice(0, 60)}')`,
    );
  return { at: Number(at), tradeId };
};
