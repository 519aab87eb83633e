import type { Copy } from '../copying/copy.ts';
import type { OwedSale } from '../copying/owed-sale.ts';
import type { Read } from '../ledger/read.ts';
import { plus, text } from '../money/money.ts';
import type { CopyView } from './contract/trade-answer.ts';
import type { PastTrade } from './ports.ts';

type Facts = Pick<CopyView, 'accountId' | 'tradeId' | 'masterId' | 'symbol' | 'side' | 'tradedAt'>;
type Outcome = Omit<CopyView, keyof Facts>;

/** What a copy came to; one that is damaged says so in its place. */
export const copyView = (read: Read<Copy>, known: Facts): CopyView => {
  if (!read.readable) return { ...known, outcome: 'UNREADABLE', detail: read.why };
  const { accountId, trade, owed, finishedAt } = read.value;
  return {
    accountId,
    tradeId: trade.tradeId,
    masterId: trade.masterId,
    symbol: trade.symbol,
    side: trade.side,
    tradedAt: trade.at,
    ...outcomeOf(read.value),
    ...(finishedAt === undefined ? {} : { finishedAt }),
    ...(owed === undefined ? {} : { owed: owedView(owed) }),
  };
};

const outcomeOf = ({ outcome }: Copy): Outcome => {
  switch (outcome?.state) {
    case undefined:
      return { outcome: 'OPEN' };
    case 'SKIPPED':
      return { outcome: 'SKIPPED', reason: outcome.reason, detail: outcome.detail };
    case 'FAILED':
      return {
        outcome: 'FAILED',
        reason: outcome.reason,
        detail: outcome.detail,
        ...(outcome.asked === undefined ? {} : { requested: text(outcome.asked) }),
      };
    case 'FILLED': {
      const { quantity, short } = outcome;
      return {
        outcome: 'FILLED',
        requested: text(short === undefined ? quantity : plus(quantity, short)),
        filled: text(quantity),
        price: text(outcome.price),
        fees: text(outcome.fees),
        orderLatencyMs: outcome.orderLatencyMs,
        fillLatencyMs: outcome.fillLatencyMs,
        slippageBps: text(outcome.slippageBps),
      };
    }
  }
};

const owedView = ({ since, remaining, sold, tries, lastReason, madeGood }: OwedSale) => ({
  since,
  ...(remaining === undefined ? {} : { remaining: text(remaining) }),
  sold: text(sold),
  tries,
  lastReason,
  ...(madeGood === undefined ? {} : { madeGood: { ...madeGood } }),
});

/** What is known of a copy whose own row is damaged: what its trade says, where that can be read. */
export const knownOf = (accountId: string, masterId: string, { tradeId, at, trade }: PastTrade): Facts => ({
  accountId,
  tradeId,
  masterId,
  tradedAt: at,
  ...(trade.readable ? { symbol: trade.value.symbol, side: trade.value.side } : {}),
});
