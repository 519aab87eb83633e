import { type AccountId, roleOf } from '../account/account.ts';
import { secretName } from '../account/secret-name.ts';
import { attemptRead, type Read } from '../ledger/read.ts';
import { clientOrderIdOfText, type OrderRecord } from '../order/order.ts';
import { eachOf } from './at-once.ts';
import { type AccountsAsked, accountPage } from './pages.ts';
import type { ReportingPorts } from './ports.ts';
import type { ViewAnswerOf } from './view-contract.ts';

type Separation = ViewAnswerOf<'separation'>;
type Shown = Separation['accounts'][number];
type Readable = Extract<Shown, { readable: true }>;

/** Of one account in one answer; each is a line of about half a kilobyte. */
const MOST_ORDERS = 5_000;
/** In sentences; the figures count all. */
const MOST_PROBLEMS = 10;

/** @throws LedgerError where not even the accounts can be listed */
export const answerSeparation = async (asked: AccountsAsked, ports: ReportingPorts): Promise<Separation> => {
  const { ids, page } = await accountPage(asked, ports);
  const looked = await eachOf(ids, async (accountId) => {
    const read = await attemptRead(async () => await separationOf(accountId, ports));
    return read.readable ? read.value : { shown: { accountId, ...read }, orders: [] };
  });
  const problems = [...sharedKeys(looked.map(({ shown }) => shown)), ...sharedOrders(looked)];
  return {
    query: 'separation',
    at: ports.clock.now(),
    holds:
      problems.length === 0 && looked.every(({ shown }) => shown.readable && shown.problems.length === 0),
    accounts: looked.map(({ shown }) => shown),
    problems,
    page,
  };
};

interface Looked {
  readonly shown: Shown;
  readonly orders: readonly OrderRecord[];
}

const separationOf = async (
  accountId: AccountId,
  { ledger, stage, secretReaders }: ReportingPorts,
): Promise<Looked> => {
  const role = roleOf(accountId);
  const { profile } = await ledger.history.records(accountId);
  if (!profile.readable) throw new Error(profile.why);
  if (profile.value === undefined) throw new Error(`there is no account of this id (given '${accountId}')`);
  const { keyFingerprint } = profile.value;
  const [keyOwner, { orders, complete }] = await Promise.all([
    ledger.accounts.ownerOf(keyFingerprint),
    ledger.history.orders(accountId, MOST_ORDERS),
  ]);
  const ownership = ownershipOf(accountId, orders);
  return {
    shown: {
      accountId,
      readable: true,
      role,
      secretName: secretName(stage, role, accountId),
      keyFingerprint,
      keyOwner: keyOwner ?? null,
      readBy: [...secretReaders[role]],
      ordersByOwner: ownership.byOwner,
      orders: orders.length,
      complete,
      problems: [
        ...(keyOwner === accountId
          ? []
          : [
              `the ledger has ${keyOwner ?? 'nobody'} as the owner of the key ${keyFingerprint} of ${accountId}`,
            ]),
        ...ownership.problems,
      ],
    },
    orders: orders.flatMap((read) => (read.readable ? [read.value] : [])),
  };
};

/**
 * Whom the causes of an account's orders name. A client id is the hash of its cause, which names the account: an order
 * whose id is not that hash, or whose cause names another, was not made for this account.
 */
export const ownershipOf = (
  accountId: AccountId,
  orders: readonly Read<Pick<OrderRecord, 'cause' | 'clientOrderId' | 'symbol' | 'side'>>[],
): { readonly byOwner: Record<string, number>; readonly problems: readonly string[] } => {
  const byOwner: Record<string, number> = {};
  const problems: string[] = [];
  for (const read of orders) {
    if (!read.readable) {
      problems.push(`an order of ${accountId} cannot be read: ${read.why}`);
      continue;
    }
    const { cause, clientOrderId, symbol, side } = read.value;
    const owner = ownerOfCause(cause) ?? 'unknown';
    byOwner[owner] = (byOwner[owner] ?? 0) + 1;
    const name = `the ${side} of ${symbol} with client id ${clientOrderId}, among the orders of ${accountId},`;
    if (owner !== accountId) problems.push(`${name} was made for ${owner}`);
    if (clientOrderIdOfText(cause) !== clientOrderId)
      problems.push(`${name} has not the client id of its cause`);
  }
  const rest = problems.length - MOST_PROBLEMS;
  return {
    byOwner,
    problems: rest > 0 ? [...problems.slice(0, MOST_PROBLEMS), `and ${rest} more of the kind`] : problems,
  };
};

/** A cause's text is a list: its kind, then its account. */
const ownerOfCause = (cause: string): string | undefined => {
  try {
    const parts: unknown = JSON.parse(cause);
    const owner: unknown = Array.isArray(parts) ? parts[1] : undefined;
    return typeof owner === 'string' ? owner : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};

const isReadable = (shown: Shown): shown is Readable => shown.readable;

/** Two accounts with one key. */
const sharedKeys = (accounts: readonly Shown[]): readonly string[] =>
  twice(accounts.filter(isReadable).map(({ accountId, keyFingerprint }) => [keyFingerprint, accountId])).map(
    ([fingerprint, ids]) => `${ids.join(' and ')} have the same key ${fingerprint}`,
  );

/** Two accounts with one order at the exchange. */
const sharedOrders = (looked: readonly Looked[]): readonly string[] =>
  twice(
    looked.flatMap(({ shown, orders }) =>
      orders.flatMap(({ exchangeOrderId }) =>
        exchangeOrderId === undefined ? [] : [[exchangeOrderId, shown.accountId] as const],
      ),
    ),
  )
    .slice(0, MOST_PROBLEMS)
    .map(([order, ids]) => `${ids.join(' and ')} have the same order ${order} at the exchange`);

const twice = (
  pairs: readonly (readonly [string, string])[],
): readonly (readonly [string, readonly string[]])[] => {
  const byKey = new Map<string, Set<string>>();
  for (const [key, id] of pairs) byKey.set(key, (byKey.get(key) ?? new Set<string>()).add(id));
  return [...byKey].filter(([, ids]) => ids.size > 1).map(([key, ids]) => [key, [...ids]]);
};
