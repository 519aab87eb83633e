import * as z from 'zod';
import type { StoredItem } from '../aws/dynamodb/value.ts';
import { CHECK_EVERY_MS } from '../world/sources.ts';
import { copyOf } from './evidence/copies.ts';
import type { Evidence } from './evidence/evidence.ts';
import { mayWait, rests } from './evidence/waiting.ts';
import { guarantee } from './guarantee.ts';

const kinds = (evidence: Evidence, kind: string): readonly StoredItem[] =>
  [...evidence.items()].filter((item) => item['kind'] === kind);

const openOrders = (evidence: Evidence): string | undefined => {
  for (const item of kinds(evidence, 'ORDER')) {
    const accountId = String(item['accountId']);
    // A master's orders are followed up by its ticks, as its executions show how they ended.
    if (item['state'] !== 'INTENT' || !evidence.keyWorks(accountId) || accountId.startsWith('m-')) continue;
    return `order ${String(item['clientOrderId'])} of ${accountId} (${String(item['side'])} ${String(item['symbol'])}) is in doubt still`;
  }
  return undefined;
};

/**
 * The master goes on to the end, and a sale that it made right before has its checks yet to come: one that tries,
 * one that finds what is missing gone, and one more where the key was busy.
 */
const MADE_GOOD_WITHIN_MS = 3 * CHECK_EVERY_MS;

const openSales = (evidence: Evidence): string | undefined => {
  for (const item of kinds(evidence, 'COPY')) {
    const { accountId, trade, owed } = copyOf(item);
    if (owed === undefined || owed.madeGood !== undefined) continue;
    const now = evidence.world.sim.now();
    if (now - owed.since < MADE_GOOD_WITHIN_MS) continue;
    if (mayWait(evidence, accountId, trade.symbol) || rests(owed, now)) continue;
    return `the sale of ${trade.symbol} for ${trade.tradeId} of ${accountId} is owed still: ${owed.lastReason}`;
  }
  return undefined;
};

const zExit = z.looseObject({
  accountId: z.string(),
  requestId: z.string(),
  state: z.enum(['RUNNING', 'FLAT']),
  results: z.array(z.looseObject({ symbol: z.string(), state: z.string(), detail: z.string().min(1) })),
});

/** An exit goes on by itself with what there was when it was asked for; what came since, somebody has to ask for. */
const ASKS = [
  'how much of it was to be sold was not known: ask again',
  'more was bought since this exit was asked for: ask again',
];

const openExits = (evidence: Evidence): string | undefined => {
  for (const item of kinds(evidence, 'EXIT')) {
    const { accountId, requestId, state, results } = zExit.parse(item);
    if (state === 'FLAT' || results.length === 0) continue;
    const [open] = results.filter(
      (result) =>
        result.state === 'FAILED' &&
        !mayWait(evidence, accountId, result.symbol) &&
        !ASKS.some((asks) => result.detail.includes(asks)) &&
        !rests(result, evidence.world.sim.now()),
    );
    if (open !== undefined)
      return `exit ${requestId} of ${accountId} is not flat still: ${open.symbol}: ${open.detail}`;
  }
  return undefined;
};

const zProtection = z.looseObject({
  accountId: z.string(),
  symbol: z.string(),
  rule: z.string(),
  state: z.string(),
  result: z.looseObject({ detail: z.string() }).optional(),
});

const openProtections = (evidence: Evidence): string | undefined => {
  for (const item of kinds(evidence, 'PROTECTION')) {
    const { accountId, symbol, rule, state, result } = zProtection.parse(item);
    if (state !== 'RUNNING' || mayWait(evidence, accountId, symbol)) continue;
    if (rests(result, evidence.world.sim.now())) continue;
    return `the sale of ${symbol} of ${accountId} by ${rule} goes on still: ${result?.detail ?? 'not tried'}`;
  }
  return undefined;
};

/** Whatever was begun has ended, or waits by name for somebody else. */
export const allComesToAnEnd = guarantee('liveness: what was begun ends', (evidence) => {
  return () =>
    openOrders(evidence) ?? openSales(evidence) ?? openExits(evidence) ?? openProtections(evidence);
});
