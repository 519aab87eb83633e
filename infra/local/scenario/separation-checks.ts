import { fingerprintOf, Secret } from '../../../shared/account/credentials.ts';
import { type Evidence, placedByNija } from './evidence.ts';
import { type Guarantee, guarantee } from './guarantee.ts';
import type { Refusal } from './register-phase.ts';

/** Each order at the exchange lies under the account that owns its key, and that account's ledger alone has its id. */
export const isolation = (evidence: Evidence): Guarantee => {
  const { accounts } = evidence.registered;
  const owners = new Map(accounts.map(({ apiKey, accountId }) => [apiKey, accountId]));
  const orders = placedByNija(evidence);
  const problems = orders.flatMap((order) => {
    const owner = owners.get(order.apiKey);
    if (owner === undefined) return [`order ${order.orderId} was placed with a key that nobody registered`];
    if (owner !== order.accountId)
      return [`order ${order.orderId} of ${order.accountId} was placed with the key of ${owner}`];
    const id = order.clientOrderId ?? '';
    const holders = evidence.collected.accounts
      .filter((view) => view.orders.has(id))
      .map(({ accountId }) => accountId);
    return holders.length === 1 && holders[0] === order.accountId
      ? []
      : [
          `order ${order.orderId} of ${order.accountId} stands in the ledger under ${holders.join(', ') || 'nobody'}`,
        ];
  });
  for (const { accountId, apiKey, keyFingerprint } of accounts) {
    if (fingerprintOf(new Secret(apiKey)) !== keyFingerprint)
      problems.push(`the key fingerprint of ${accountId} is not that of its key (given ${keyFingerprint})`);
  }
  const fingerprints = new Set(accounts.map(({ keyFingerprint }) => keyFingerprint));
  if (fingerprints.size !== accounts.length) problems.push('two accounts share a key fingerprint');
  if (orders.length === 0) problems.push('no order was placed, so nothing was shown');
  return guarantee(
    'isolation',
    problems,
    `${orders.length} orders of ours at the exchange, each under the account that owns its key; ${fingerprints.size} accounts, ${fingerprints.size} key fingerprints`,
  );
};

/** Both bad keys were refused, and each for its own reason. */
export const keysAreSafe = ({ registered: { refusals } }: Evidence): Guarantee => {
  const problems = [
    ...refusalProblems('a key that can withdraw', refusals.withdrawal, 'KEY_CAN_WITHDRAW'),
    ...refusalProblems('the same key twice', refusals.sameKey, 'KEY_IN_USE'),
  ];
  return guarantee(
    'keysAreSafe',
    problems,
    `refused: ${refusals.withdrawal?.message ?? ''}; ${refusals.sameKey?.message ?? ''}`,
  );
};

const refusalProblems = (what: string, refusal: Refusal | undefined, code: string): readonly string[] => {
  if (refusal === undefined) return [`${what} was registered`];
  return refusal.name === 'RegistrationRefused' && refusal.code === code
    ? []
    : [
        `${what} was not refused as ${code} but failed with ${refusal.name} ${refusal.code ?? ''}: ${refusal.message}`,
      ];
};

interface SecretText {
  readonly of: string;
  readonly forms: readonly string[];
}

/** No key and no secret of anybody, plain or as in a URL, stands in the table, a file, a log line or the report. */
export const noSecretLeaks = ({ registered, collected, texts, halt }: Evidence): Guarantee => {
  const secrets: readonly SecretText[] = [
    ...registered.accounts,
    ...registered.refusedKeys,
    { accountId: 'the owner', apiKey: halt.ownerKey, apiSecret: halt.ownerSecret },
  ].flatMap(({ accountId, apiKey, apiSecret }) => [
    { of: `the key of ${accountId}`, forms: [apiKey, encodeURIComponent(apiKey)] },
    { of: `the secret of ${accountId}`, forms: [apiSecret, encodeURIComponent(apiSecret)] },
  ]);
  const shortest = Math.min(...secrets.flatMap(({ forms }) => forms.map(({ length }) => length)));
  const places = [{ name: 'the table', text: collected.tableText }, ...texts];
  const problems = places.flatMap(({ name, text }) => {
    const candidates = longWords(text, shortest);
    return secrets
      .filter(({ forms }) => forms.some((form) => candidates.includes(form)))
      .map(({ of }) => `${of} stands in ${name}`);
  });
  for (const { name } of places.filter(({ text }) => text === '')) problems.push(`${name} is empty`);
  return guarantee(
    'noSecretLeaks',
    problems,
    `${secrets.length} keys and secrets looked for in ${places.map(({ name }) => name).join(', ')}`,
  );
};

/** The parts of a text in which a base64 text of that length can stand: little is left to be searched hundreds of times. */
const longWords = (text: string, shortest: number): string => {
  const words = new Set<string>();
  for (const [word] of text.matchAll(new RegExp(`[A-Za-z0-9+/=%]{${shortest},}`, 'g'))) words.add(word);
  return [...words].join('\n');
};
