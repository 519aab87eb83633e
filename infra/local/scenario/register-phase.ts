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
  readonly refusals: { readonly withdrawal: string | undefined; readonly sameKey: string | undefined };
}

const AT_ONCE = 8;

/** Opens the accounts at the exchange, stores their keys in the vault, and registers them one by one. */
export const registerAll = async (runtime: Runtime, members: readonly Member[]): Promise<RegisterPhase> => {
  const accounts: Registered[] = [];
  for (let from = 0; from < members.length; from += AT_ONCE) {
    accounts.push(
      ...(await Promise.all(
        members.slice(from, from + AT_ONCE).map(async (member) => await register(runtime, member)),
      )),
    );
  }
  return {
    accounts,
    refusals: { withdrawal: await tryWithdrawalKey(runtime), sameKey: await trySameKey(runtime, accounts) },
  };
};

const register = async (runtime: Runtime, member: Member): Promise<Registered> => {
  const { accountId, balances, registration } = member;
  runtime.simulator.createAccount({ accountId, balances });
  const key = runtime.simulator.addKey({ accountId });
  await runtime.storeSecret(accountId, key);
  const role = accountId.startsWith('m-') ? 'register-master' : 'register-user';
  const answer = zRegisteredAnswer.parse(
    await runtime.call(role, { accountId, exchange: 'kraken', ...registration }),
  );
  return { ...member, ...key, keyFingerprint: answer.keyFingerprint };
};

const tryWithdrawalKey = async (runtime: Runtime): Promise<string | undefined> => {
  const accountId = 'u-risky';
  runtime.simulator.createAccount({ accountId, balances: { USD: '100' } });
  const permissions = [
    'query-funds',
    'query-open-trades',
    'query-closed-trades',
    'modify-trades',
    'close-trades',
    'withdraw-funds',
  ] as const;
  await runtime.storeSecret(accountId, runtime.simulator.addKey({ accountId, permissions }));
  return await refusal(runtime, accountId);
};

const trySameKey = async (runtime: Runtime, accounts: readonly Registered[]): Promise<string | undefined> => {
  const other = accounts.find(({ accountId }) => accountId.startsWith('u-'));
  if (other === undefined) return undefined;
  const accountId = 'u-twin';
  await runtime.storeSecret(accountId, { apiKey: other.apiKey, apiSecret: other.apiSecret });
  return await refusal(runtime, accountId);
};

const refusal = async (runtime: Runtime, accountId: string): Promise<string | undefined> => {
  try {
    await runtime.call('register-user', { accountId, exchange: 'kraken' });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};
