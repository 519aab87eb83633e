import * as z from 'zod';
import { type AccountId, zAccountId } from '../../account/account.ts';
import { fingerprintOf, Secret } from '../../account/credentials.ts';
import type { ExchangeName } from '../../exchange/market.ts';
import { type LoadedSecret, VaultError } from '../vault.ts';

const FIELDS = {
  accountId: 'the id of the account that the secret belongs to',
  exchange: 'the name of the exchange, for example kraken',
  apiKey: 'the API key, without blanks',
  apiSecret: 'the API secret: base64 as Kraken shows it, without blanks',
} as const;

const BASE64 = /^(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const zSecret = z.strictObject({
  accountId: z.string().min(1),
  exchange: z.string().min(1),
  apiKey: z.string().regex(/^[\x21-\x7e]{1,256}$/),
  apiSecret: z.string().regex(BASE64),
});

/**
 * Reads a secret's text. What parsers say is not passed on, because they quote what they read.
 *
 * @throws VaultError SECRET_MALFORMED, SECRET_OF_ANOTHER_ACCOUNT
 */
export const readSecretText = (
  text: string | undefined,
  expected: { readonly accountId: AccountId; readonly exchange: ExchangeName; readonly name: string },
): LoadedSecret => {
  const { accountId, exchange, name } = expected;
  const malformed = (what: string): VaultError =>
    new VaultError(
      'SECRET_MALFORMED',
      accountId,
      `the secret '${name}' of ${accountId} cannot be used: ${what}. Store {"accountId","exchange","apiKey","apiSecret"} as JSON text`,
    );
  const parsed = zSecret.safeParse(jsonOf(text, malformed));
  if (!parsed.success) throw malformed(wrongFields(parsed.error));
  const secret = parsed.data;
  if (secret.accountId !== accountId) {
    const named = zAccountId.safeParse(secret.accountId).success ? secret.accountId : 'no account id';
    throw new VaultError(
      'SECRET_OF_ANOTHER_ACCOUNT',
      accountId,
      `the secret '${name}' does not belong to ${accountId}: store the account's own credentials there, with its id (given '${named}')`,
    );
  }
  if (secret.exchange !== exchange) throw malformed(`its exchange is not ${exchange}`);
  const apiKey = new Secret(secret.apiKey);
  return {
    credentials: { apiKey, apiSecret: new Secret(secret.apiSecret) },
    fingerprint: fingerprintOf(apiKey),
  };
};

const jsonOf = (text: string | undefined, malformed: (what: string) => VaultError): unknown => {
  if (text === undefined) throw malformed('it holds no text');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw malformed('it is not JSON');
  }
};

/** Names our own fields only: a key that is not ours may itself be a part of a secret. */
const wrongFields = (error: z.ZodError): string => {
  const wrong = new Set(error.issues.map((issue) => String(issue.path[0] ?? '')));
  const named = Object.entries(FIELDS)
    .filter(([field]) => wrong.has(field))
    .map(([field, meaning]) => `${field} must be ${meaning}`);
  const unknown = error.issues.some((issue) => issue.code === 'unrecognized_keys');
  const rest = unknown ? ['it has fields that do not belong there'] : [];
  const all = [...named, ...rest];
  return all.length === 0 ? 'it is not a JSON object' : all.join('; ');
};
