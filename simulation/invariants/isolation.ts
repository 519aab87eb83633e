import type { Seen } from '../world/world.ts';
import type { Evidence } from './evidence/evidence.ts';
import { type Broken, guarantee } from './guarantee.ts';

/** Whose key it is, by the exchange. Keys are only ever added. */
const keyOwners = ({ world }: Evidence): ((apiKey: string) => string | undefined) => {
  const owners = new Map<string, string>();
  return (apiKey) => {
    if (!owners.has(apiKey))
      for (const key of world.exchange.books.keys()) owners.set(key.apiKey, key.accountId);
    return owners.get(apiKey);
  };
};

const watchRequests = (evidence: Evidence, broken: Broken): void => {
  const ownerOf = keyOwners(evidence);
  const ownersKeys = new Set(evidence.world.members.map(({ ownKey }) => ownKey));
  const judge = (seen: Extract<Seen, { kind: 'sent' }>): void => {
    const { process, apiKey, endpoint } = seen;
    const accountIds = evidence.invocations.of(process)?.accountIds ?? [];
    const owner = ownerOf(apiKey);
    if (ownersKeys.has(apiKey))
      broken(`${process} asks the exchange for ${endpoint} with the own key of the owner of ${owner}`);
    else if (owner === undefined || !accountIds.includes(owner))
      broken(
        `${process} works for ${accountIds.join(', ') || 'nobody'} and asks the exchange for ${endpoint} with a key of ${owner ?? 'nobody'}`,
      );
  };
  evidence.onSeen((seen) => {
    if (seen.kind === 'sent') judge(seen);
  });
};

const watchSecrets = (evidence: Evidence, broken: Broken): void =>
  evidence.onSeen((seen) => {
    if (seen.kind !== 'secret') return;
    const accountIds = evidence.invocations.of(seen.process)?.accountIds ?? [];
    if (!accountIds.some((accountId) => seen.secretId.endsWith(`/${accountId}`)))
      broken(
        `${seen.process} works for ${accountIds.join(', ') || 'nobody'} and reads the secret ${seen.secretId}`,
      );
  });

/** A key has one account, in the ledger as at the exchange. */
const watchOrders = (evidence: Evidence, broken: Broken): void =>
  evidence.onOrder(({ order, cause }) => {
    if (cause !== undefined && cause.accountId !== order.accountId)
      broken(
        `order ${order.orderId} of ${order.accountId} at the exchange was made for ${cause.accountId} (${cause.kind})`,
      );
  });

/** Every call for an account uses a key of that account, and reads no other's secret. */
export const isolation = guarantee('1 accounts are never mixed', (evidence, broken) => {
  watchRequests(evidence, broken);
  watchSecrets(evidence, broken);
  watchOrders(evidence, broken);
  return undefined;
});
