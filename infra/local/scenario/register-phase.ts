import * as z from 'zod';
import { openAccount, register } from '../owner/open-account.ts';
import type { Runtime } from '../runtime.ts';
import { zRegisteredAnswer } from './answers.ts';
import type { Member } from './cast.ts';

export interface Registered extends Member {
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly keyFingerprint: string;
}

export interface RegisterPhase {
  readonly accounts: readonly Registered[];
  /** What registration said of a key that can withdraw, and of one that another account has. */
  readonly refusals: { readonly withdrawal: Refusal | undefined; readonly sameKey: Refusal | undefined };
  /** Keys that the vault holds and no account has. */
  readonly refusedKeys: readonly Pick<Registered, 'accountId' | 'apiKey' | 'apiSecret'>[];
}

/** The error of a registration that failed. */
const zRefusal = z.object({ name: z.string(), code: z.string().optional(), message: z.string() });
export type Refusal = z.infer<typeof zRefusal>;

const AT_ONCE = 8;

/** Opens the accounts at the exchange, stores their keys in the vault, and registers them one by one. */
export const registerAll = async (runtime: Runtime, members: readonly Member[]): Promise<RegisterPhase> => {
  const accounts: Registered[] = [];
  for (let from = 0; from < members.length; from += AT_ONCE) {
    accounts.push(
      ...(await Promise.all(
        members.slice(from, from + AT_ONCE).map(async (member) => await join(runtime, member)),
      )),
    );
  }
  const risky = await tryWithdrawalKey(runtime);
  return {
    accounts,
    refusals: { withdrawal: risky.refusal, sameKey: await trySameKey(runtime, accounts) },
    refusedKeys: [risky.key],
  };
};

const join = async (runtime: Runtime, member: Member): Promise<Registered> => {
  const { accountId, balances, registration } = member;
  const key = await openAccount(runtime, { accountId, balances });
  const answer = zRegisteredAnswer.parse(await register(runtime, accountId, registration));
  return { ...member, ...key, keyFingerprint: answer.keyFingerprint };
};

const tryWithdrawalKey = async (
  runtime: Runtime,
): Promise<{
  readonly refusal: Refusal | undefined;
  readonly key: RegisterPhase['refusedKeys'][number];
}> => {
  const accountId = 'u-risky';
  const permissions = [
    'query-funds',
    'query-open-trades',
    'query-closed-trades',
    'modify-trades',
    'close-trades',
    'withdraw-funds',
  ] as const;
  const key = await openAccount(runtime, { accountId, balances: { USD: '100' }, key: { permissions } });
  return { refusal: await refusalOf(runtime, accountId), key: { accountId, ...key } };
};

const trySameKey = async (
  runtime: Runtime,
  accounts: readonly Registered[],
): Promise<Refusal | undefined> => {
  const other = accounts.find(({ accountId }) => accountId.startsWith('u-'));
  if (other === undefined) return undefined;
  const accountId = 'u-twin';
  await runtime.storeSecret(accountId, { apiKey: other.apiKey, apiSecret: other.apiSecret });
  return await refusalOf(runtime, accountId);
};

const refusalOf = async (runtime: Runtime, accountId: string): Promise<Refusal | undefined> => {
  try {
    await register(runtime, accountId);
    return undefined;
  } catch (error) {
    return zRefusal.parse(error);
  }
};
