import * as z from 'zod';
import { Decimal } from '../../infra/local/kraken/decimal.ts';
import { type MarketSymbol, marketSymbol } from '../../shared/exchange/market.ts';
import type { Evidence } from './evidence/evidence.ts';
import { clearlySellable } from './evidence/sellable.ts';
import { isStaked } from './evidence/waiting.ts';
import { guarantee } from './guarantee.ts';

const zExit = z.looseObject({
  accountId: z.string(),
  requestId: z.string(),
  scope: z.enum(['managed', 'everything']),
  state: z.enum(['RUNNING', 'FLAT']),
  requestedAt: z.number().optional(),
  symbols: z.array(z.string()).optional(),
  results: z.array(
    z.looseObject({
      symbol: z.string(),
      state: z.enum(['SOLD', 'FLAT', 'DUST', 'STAKED', 'DELISTED', 'WOULD_SELL', 'FAILED']),
      detail: z.string(),
    }),
  ),
});
type Exit = z.infer<typeof zExit>;

/** What is left of a symbol that an exit calls done, where that could still be sold. */
const leftOf = (
  { accountId, scope, results }: Pick<Exit, 'accountId' | 'scope' | 'results'>,
  at: number,
  evidence: Evidence,
): string | undefined => {
  const { books } = evidence.world.exchange;
  for (const { symbol: name, state } of results) {
    const symbol = marketSymbol(name);
    if (mayBeLeft(evidence, accountId, symbol, state)) continue;
    const free = new Decimal(books.balances(accountId)[name.split('/')[0] ?? '']?.free ?? 0);
    const managed = evidence.holdings.of(accountId, symbol);
    const left = scope === 'everything' ? free : Decimal.min(managed, free);
    // Bought or brought while the exit ran, or shown late by the exchange.
    if (cameSince(evidence, accountId, symbol, at) || books.showsOldBalances(accountId)) continue;
    if (clearlySellable(evidence, symbol, left))
      return `${symbol} is ${state}, and ${left.toFixed()} are left`;
  }
  return undefined;
};

/** Each reason for leaving coins is one that the exchange itself gives. */
const mayBeLeft = (
  evidence: Evidence,
  accountId: string,
  symbol: MarketSymbol,
  state: Exit['results'][number]['state'],
): boolean => {
  switch (state) {
    case 'SOLD':
    case 'FLAT':
    case 'DUST':
      return false;
    case 'STAKED':
      return isStaked(evidence, accountId, symbol);
    case 'DELISTED':
      return evidence.world.exchange.price(symbol) === undefined;
    case 'WOULD_SELL':
    case 'FAILED':
      return true;
  }
};

/** What an exit of all should have been about. */
const forgottenBy = (
  { accountId, symbols, results }: Pick<Exit, 'accountId' | 'symbols' | 'results'>,
  at: number,
  evidence: Evidence,
): MarketSymbol | undefined =>
  evidence.world.symbols.find(
    (symbol) =>
      (symbols?.includes(symbol) ?? true) &&
      !results.some((result) => result.symbol === symbol) &&
      !cameSince(evidence, accountId, symbol, at) &&
      !evidence.world.exchange.books.showsOldBalances(accountId) &&
      clearlySellable(evidence, symbol, evidence.holdings.of(accountId, symbol)),
  );

const cameSince = (evidence: Evidence, accountId: string, symbol: string, at: number): boolean => {
  const { books } = evidence.world.exchange;
  const asset = symbol.split('/')[0] ?? symbol;
  return (
    books
      .trades()
      .some(
        (trade) =>
          trade.accountId === accountId && trade.symbol === symbol && trade.side === 'BUY' && trade.at >= at,
      ) ||
    books.transfers(accountId).some((transfer) => transfer.asset === asset && transfer.at >= at) ||
    evidence.world.told.some(
      (told) => 'asset' in told && told.accountId === accountId && told.asset === asset && told.at >= at,
    )
  );
};

/** An exit that calls itself flat is flat by the exchange's books; whatever it could not sell it explains. */
export const exitsAreTrue = guarantee('3 an exit sells, or says why not', (evidence, broken) => {
  evidence.onChange(({ sk, before, after }) => {
    if (!sk.startsWith('EXIT#') || after === undefined) return;
    const exit = zExit.parse(after);
    const what = `exit ${exit.requestId} of ${exit.accountId} (${exit.scope})`;
    const silent = exit.results.find(({ detail }) => detail === '');
    if (silent !== undefined) broken(`${what} says nothing about ${silent.symbol}: ${silent.state}`);
    const earlier = before === undefined ? [] : zExit.parse(before).results;
    const results = exit.results.filter(
      ({ symbol, state }) => !earlier.some((one) => one.symbol === symbol && one.state === state),
    );
    const writer = evidence.invocations.writerOf(exit.accountId, sk);
    // A check goes on with what there was when it was asked for; who asks, asks for all that there is by then.
    const began = writer?.fn === 'account-check' ? exit.requestedAt : writer?.startedAt;
    const left = leftOf({ ...exit, results }, began ?? 0, evidence);
    if (left !== undefined) broken(`${what}: ${left} by the exchange's books`);
    if (before?.['state'] === 'FLAT') return broken(`${what} was over and was changed again`);
    if (exit.state !== 'FLAT') return;
    const open = exit.results.find(({ state }) => state === 'FAILED' || state === 'WOULD_SELL');
    if (open !== undefined) broken(`${what} is flat, while ${open.symbol} is ${open.state}: ${open.detail}`);
    const forgotten = forgottenBy(exit, began ?? 0, evidence);
    if (forgotten !== undefined)
      broken(`${what} is flat, and says nothing of ${forgotten}, which can be sold`);
  });
  return undefined;
});
