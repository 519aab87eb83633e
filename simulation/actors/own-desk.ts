import * as z from 'zod';
import { signatureOf, signingKey } from '../../infra/local/kraken/authentication.ts';
import type { Call } from '../../infra/local/kraken/respond.ts';
import type { MarketSymbol } from '../../shared/exchange/market.ts';
import { type Price, type Quantity, text } from '../../shared/money/money.ts';
import type { Member, World } from '../world/world.ts';
import { perWorld } from './per-world.ts';
import { assetOf, pairOf } from './purse.ts';

/** What the owner of an account is answered; undefined: nothing of use. */
type OwnAnswer = z.infer<typeof zAnswer> | undefined;

const zAnswer = z.object({ error: z.array(z.string()), result: z.unknown().optional() });
const zPlaced = z.object({ txid: z.tuple([z.string()]) });

const noncesOf = perWorld(() => new Map<string, number>());

/** A request of an account's owner, with the key that Nija does not know. It is not part of any process. */
const askAsOwner = (
  world: World,
  member: Member,
  endpoint: string,
  form: Readonly<Record<string, string>>,
): OwnAnswer => {
  const nonces = noncesOf(world);
  const nonce = Math.max(world.sim.now() * 1_000, (nonces.get(member.accountId) ?? 0) + 1);
  nonces.set(member.accountId, nonce);
  const path = `/0/private/${endpoint}`;
  const body = new URLSearchParams({ nonce: String(nonce), ...form }).toString();
  const secret = signingKey(member.ownSecret);
  const call: Call = {
    path,
    query: new URLSearchParams(),
    body,
    isJson: false,
    apiKey: member.ownKey,
    signature: signatureOf(secret, path, String(nonce), body).toString('base64'),
    address: `home of ${member.accountId}`,
  };
  const reaction = world.exchange.receive(call);
  switch (reaction.kind) {
    case 'ANSWER':
      return read(reaction.answer.body);
    case 'LATER':
      world.sim.after(reaction.afterMs, () => void reaction.carryOut());
      return undefined;
    case 'SILENCE':
    case 'HANG_UP':
      return undefined;
  }
};

const read = (body: string): OwnAnswer => {
  if (!body.startsWith('{')) return undefined;
  try {
    return zAnswer.parse(JSON.parse(body));
  } catch (error) {
    // A fault of the exchange: half an answer.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};

export interface OwnOrder {
  readonly side: 'BUY' | 'SELL';
  readonly symbol: MarketSymbol;
  readonly quantity: Quantity;
  /** Without one a market order. */
  readonly limit?: Price;
  /** A limit order rests until it is filled or cancelled, unless it is `immediate`. */
  readonly immediate?: boolean;
  readonly feeInBase?: boolean;
}

/**
 * An owner's order by hand. It is told whatever is answered: it may have been carried out.
 * @returns the exchange's id, where it was answered
 */
export const placeByHand = (
  world: World,
  who: string,
  member: Member,
  order: OwnOrder,
): string | undefined => {
  const { side, symbol, limit, immediate = false, feeInBase = false } = order;
  const { accountId } = member;
  const answer = askAsOwner(world, member, 'AddOrder', {
    pair: pairOf(symbol).id,
    type: side === 'BUY' ? 'buy' : 'sell',
    volume: text(order.quantity),
    ...(limit === undefined
      ? { ordertype: 'market' }
      : { ordertype: 'limit', price: text(limit), timeinforce: immediate ? 'IOC' : 'GTC' }),
    ...(feeInBase ? { oflags: 'fcib' } : {}),
  });
  world.told.push({ what: 'own-trade', accountId, asset: assetOf(symbol), at: world.sim.now() });
  const how = limit === undefined ? 'at market' : `at ${text(limit)}${immediate ? ' at once' : ''}`;
  const said = answer === undefined ? 'no answer' : answer.error.join(', ') || 'placed';
  world.sim.note(who, `${accountId} ${side} ${text(order.quantity)} ${symbol} ${how}`, said);
  const placed = zPlaced.safeParse(answer?.result);
  return placed.success ? placed.data.txid[0] : undefined;
};

export const cancelByHand = (world: World, who: string, member: Member, orderId: string): void => {
  const answer = askAsOwner(world, member, 'CancelOrder', { txid: orderId });
  const said = answer === undefined ? 'no answer' : answer.error.join(', ') || 'cancelled';
  world.sim.note(who, `${member.accountId} cancels ${orderId}`, said);
};
