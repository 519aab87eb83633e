import { Secret } from '../../../shared/account/credentials.ts';
import { krakenExchange } from '../../../shared/exchange/kraken/kraken.ts';
import { type MarketSymbol, marketSymbol } from '../../../shared/exchange/market.ts';
import { floorTo, fraction, price, quantityFor, quote, scale } from '../../../shared/money/money.ts';
import { type Clock, MINUTE } from '../../../shared/time/clock.ts';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import type { Runtime } from '../runtime.ts';
import { zTickAnswer } from './answers.ts';
import { MASTER_ID, TICK_MS } from './cast.ts';

/** What became of a BUY that the owner made by hand while everything was halted. */
export interface HaltPhase {
  /** Of the master, published from the fills of the owner's own order. */
  readonly tradeIds: readonly string[];
  readonly orderId: string;
  readonly ownerKey: string;
  readonly ownerSecret: string;
}

/**
 * Engages the halt, lets the owner buy by hand on the master account, with a key that Nija does not know, and
 * lets the next tick find it; then resumes.
 */
export const tradeWhileHalted = async (
  runtime: Runtime,
  clock: VirtualClock,
  symbols: readonly MarketSymbol[],
): Promise<HaltPhase> => {
  await runtime.call('control', { action: 'halt', by: 'operator', why: 'demonstration' });
  const held = new Set((await runtime.ledger.positions.list(MASTER_ID)).map(({ symbol }) => symbol));
  const symbol = symbols.find((candidate) => !held.has(candidate)) ?? symbols[0] ?? marketSymbol('BTC/USD');
  const key = runtime.simulator.addKey({ accountId: MASTER_ID, name: "the owner's own" });
  const orderId = await buyByHand(runtime, clock, key, symbol);
  const due = runtime.scheduler.nextAt() ?? clock.now() + TICK_MS;
  clock.advanceTo(Math.max(due + 1_000, clock.now()));
  const tradeIds: string[] = [];
  for (const run of await runtime.scheduler.runDue(clock.now())) {
    if (run.state === 'FAILED') throw run.error;
    const answer = zTickAnswer.parse(JSON.parse(JSON.stringify(run.result)));
    tradeIds.push(...answer.trades.map(({ tradeId }) => tradeId));
  }
  await runtime.settle();
  await runtime.call('control', { action: 'resume', by: 'operator', why: 'demonstration over' });
  return { tradeIds, orderId, ownerKey: key.apiKey, ownerSecret: key.apiSecret };
};

const buyByHand = async (
  runtime: Runtime,
  clock: Clock,
  key: { readonly apiKey: string; readonly apiSecret: string },
  symbol: MarketSymbol,
): Promise<string> => {
  const exchange = krakenExchange({ url: runtime.simulator.url, clock });
  const markets = (await runtime.ledger.markets.all('kraken'))?.markets ?? [];
  const market = markets.find((candidate) => candidate.symbol === symbol);
  const ticker = (await exchange.marketData.tickers([symbol])).get(symbol);
  if (market === undefined || ticker === undefined)
    throw new Error(`the simulated exchange has no market ${symbol}`);
  let nonce = clock.now() * 1_000;
  const session = exchange.session({
    accountId: MASTER_ID,
    credentials: { apiKey: new Secret(key.apiKey), apiSecret: new Secret(key.apiSecret) },
    nonces: {
      next: () => {
        nonce += 1;
        return nonce;
      },
    },
    markets,
  });
  const limitPrice = price(floorTo(scale(ticker.ask, fraction('1.01')), market.priceTick));
  const placement = await session.place({
    clientOrderId: 'owner-by-hand',
    market,
    quantity: floorTo(quantityFor(quote('1500'), limitPrice), market.quantityStep),
    deadline: clock.now() + MINUTE / 2,
    firstSend: true,
    side: 'BUY',
    type: 'LIMIT_IOC',
    limitPrice,
  });
  if (placement.outcome !== 'PLACED')
    throw new Error(`the owner's order was not placed: ${placement.message}`);
  return placement.exchangeOrderId;
};
