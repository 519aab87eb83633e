import * as z from 'zod';
import type { Evidence } from './evidence.ts';

const isListed = ({ world }: Evidence, symbol: string): boolean => world.exchange.price(symbol) !== undefined;

/** Whether the account has coins that only its owner can set free. */
export const isStaked = ({ world }: Evidence, accountId: string, symbol: string): boolean => {
  const asset = symbol.split('/')[0] ?? symbol;
  return Object.entries(world.exchange.books.balances(accountId)).some(
    ([code, { total }]) => code.startsWith(`${asset}.`) && Number(total) > 0,
  );
};

/** Whether the owner keeps coins of the account locked, in open orders or staked: these no order of ours can sell. */
export const isLocked = (evidence: Evidence, accountId: string, symbol: string): boolean => {
  const { world } = evidence;
  const held = world.exchange.books.balances(accountId)[symbol.split('/')[0] ?? symbol]?.held;
  return Number(held ?? 0) > 0 || isStaked(evidence, accountId, symbol);
};

/** What only owners, operators or the exchange can change: work waits for it, by name. */
export const mayWait = (evidence: Evidence, accountId: string, symbol: string): boolean =>
  !evidence.keyWorks(accountId) || !isListed(evidence, symbol) || isLocked(evidence, accountId, symbol);

/** A sale that is refused rests for longer and longer: then it is tried again, and never forgotten. */
export const rests = (item: unknown, now: number): boolean => {
  const parsed = z.looseObject({ backOff: z.looseObject({ nextTryAt: z.number() }) }).safeParse(item);
  return parsed.success && parsed.data.backOff.nextTryAt > now;
};
