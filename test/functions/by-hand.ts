import { fingerprintOf, Secret } from '../../shared/account/credentials.ts';
import { orderForm, type RawAnswer, readText, signed, zPlaced } from '../local/kraken/exchange.ts';
import type { Lab } from './lab.ts';

const TIMEOUT_MS = 30_000;

/** With a key of the owner's own, past Nija. */
const ask = async (
  { simulator, reached }: Lab,
  accountId: string,
  endpoint: string,
  form: Readonly<Record<string, string>>,
): Promise<RawAnswer> => {
  const key = simulator.addKey({ accountId, tier: 'pro', name: 'by hand' });
  const request = signed({ url: reached.url, ...key, endpoint, nonce: '1', form });
  const { body } = await reached.transport({ ...request, timeoutMs: TIMEOUT_MS });
  return readText(body);
};

/** An order that the owner makes; gives the exchange's id of it. */
export const orderByHand = async (
  lab: Lab,
  accountId: string,
  form: Readonly<Record<string, string>>,
): Promise<string> => {
  const { error, result } = await ask(lab, accountId, 'AddOrder', orderForm(form));
  if (error.length > 0) throw new Error(`the order by hand was refused: ${error.join(', ')}`);
  return zPlaced.parse(result).txid[0];
};

/** The owner changes his mind. */
export const cancelByHand = async (lab: Lab, accountId: string, orderId: string): Promise<void> => {
  const { error } = await ask(lab, accountId, 'CancelOrder', { txid: orderId });
  if (error.length > 0) throw new Error(`the cancellation by hand was refused: ${error.join(', ')}`);
};

/** The owner stores another key, as the account's registration has it then. */
export const giveNewKey = async (
  { simulator, storeSecret, ledger }: Lab,
  accountId: string,
): Promise<void> => {
  const profile = await ledger.accounts.read(accountId);
  if (profile === undefined) throw new Error(`${accountId} is gone`);
  const key = simulator.addKey({ accountId, tier: 'pro', name: 'another' });
  await storeSecret(accountId, key);
  const keyFingerprint = fingerprintOf(new Secret(key.apiKey));
  await ledger.accounts.register({ ...profile.account, keyFingerprint }, profile);
};
