import { type Instant, iso, SECOND } from '../../shared/time/clock.ts';
import { NONCE_RANGE } from '../../shared/vault/dynamodb/held-lease.ts';
import type { StoredItem } from '../aws/dynamodb/value.ts';
import { guarantee } from './guarantee.ts';

/** Two clocks may be off by two seconds each. */
const CLOCKS_MS = 4 * SECOND;

/** What is wrong with a lease that was one thing and is another now. */
const wrong = (before: StoredItem, after: StoredItem, at: Instant): string | undefined => {
  const [nonce, next] = [before['lastNonce'], after['lastNonce']];
  if (typeof nonce === 'number' && next !== nonce && !(Number(next) - NONCE_RANGE >= nonce))
    return `nonces up to ${nonce} were reserved, and now ${NONCE_RANGE} up to ${String(next)}: the exchange takes none twice`;
  const [token, heldUntil] = [before['token'], before['heldUntil']];
  if (token === undefined || after['token'] === undefined || token === after['token']) return undefined;
  return typeof heldUntil === 'number' && heldUntil > at + CLOCKS_MS
    ? `${String(after['holder'])} took it from ${String(before['holder'])}, which had it until ${iso(heldUntil)}`
    : undefined;
};

/** A key has one writer at a time, and its nonces only rise: what two decide at once nobody has sized together. */
export const oneWriterPerKey = guarantee('4 each key has one writer', (evidence, broken) => {
  evidence.onChange(({ pk, sk, before, after, at }) => {
    if (!sk.startsWith('LEASE#') || before === undefined) return;
    if (after === undefined) return broken(`the lease ${pk} / ${sk} was removed, and its nonces with it`);
    const why = wrong(before, after, at);
    if (why !== undefined) broken(`the lease of a key of ${pk}: ${why}`);
  });
  return undefined;
});
