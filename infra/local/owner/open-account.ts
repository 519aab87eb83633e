import type { KrakenSimulator } from '../kraken/simulator.ts';
import type { Runtime } from '../runtime.ts';

export interface Key {
  readonly apiKey: string;
  readonly apiSecret: string;
}

/** What the exchange gives a key; all that Nija needs where nothing is said. */
type KeyOptions = Omit<Parameters<KrakenSimulator['addKey']>[0], 'accountId'>;

/** As its owner does it: an account at the exchange with a key, which goes into the vault. */
export const openAccount = async (
  { simulator, storeSecret }: Pick<Runtime, 'simulator' | 'storeSecret'>,
  account: {
    readonly accountId: string;
    /** By asset, e.g. `{ USD: '100' }`. */
    readonly balances: Readonly<Record<string, string>>;
    readonly key?: KeyOptions;
  },
): Promise<Key> => {
  const { accountId, balances, key: options } = account;
  simulator.createAccount({ accountId, balances });
  const key = simulator.addKey({ accountId, ...options });
  await storeSecret(accountId, key);
  return key;
};

/** The function that registers accounts of this kind. */
export const registrarOf = (accountId: string): 'register-master' | 'register-user' =>
  accountId.startsWith('m-') ? 'register-master' : 'register-user';

/**
 * Registers an account whose key is in the vault, anew or again.
 *
 * @param settings what a registration may name beside account and exchange
 * @returns what the function answers. @throws what it throws
 */
export const register = async (
  { call }: Pick<Runtime, 'call'>,
  accountId: string,
  settings: object = {},
): Promise<unknown> => await call(registrarOf(accountId), { accountId, exchange: 'kraken', ...settings });
