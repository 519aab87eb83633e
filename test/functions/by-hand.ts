import { orderForm, read, send, zPlaced } from '../local/kraken/exchange.ts';
import type { Lab } from './lab.ts';

/** An order that the owner makes with a key of his own, past Nija; gives the exchange's id of it. */
export const orderByHand = async (
  { simulator }: Lab,
  accountId: string,
  form: Readonly<Record<string, string>>,
): Promise<string> => {
  const key = simulator.addKey({ accountId, tier: 'pro', name: 'by hand' });
  const call = { url: simulator.url, ...key, endpoint: 'AddOrder', nonce: '1', form: orderForm(form) };
  const { error, result } = await read(await send(call));
  if (error.length > 0) throw new Error(`the order by hand was refused: ${error.join(', ')}`);
  return zPlaced.parse(result).txid[0];
};

/** The owner changes his mind. */
export const cancelByHand = async ({ simulator }: Lab, accountId: string, orderId: string): Promise<void> => {
  const key = simulator.addKey({ accountId, tier: 'pro', name: 'by hand' });
  const call = { url: simulator.url, ...key, endpoint: 'CancelOrder', nonce: '1', form: { txid: orderId } };
  const { error } = await read(await send(call));
  if (error.length > 0) throw new Error(`the cancellation by hand was refused: ${error.join(', ')}`);
};
