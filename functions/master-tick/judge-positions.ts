import type { Connection } from '../../shared/account/connect.ts';
import type { MarketSymbol } from '../../shared/exchange/market.ts';
import type { Position } from '../../shared/ledger/position.ts';
import { type Fraction, quote } from '../../shared/money/money.ts';
import type { Decision, HeldPosition, LoadedStrategy } from '../../shared/strategy/strategy.ts';
import type { Instant } from '../../shared/time/clock.ts';
import type { MasterTickPorts } from './master-tick.ts';
import { closedCandles, freeCash, type Snapshot, type TradingAccount } from './observe.ts';
import type { Memories, TickMemory } from './tick-memory.ts';

interface Judged {
  readonly account: TradingAccount;
  readonly strategy: LoadedStrategy;
  /** The strategy's own memory of the account, as it is now. */
  readonly state: unknown;
  readonly roundTripFee: Fraction;
  readonly memories: Memories;
  readonly snapshot: Snapshot;
}

export interface Judgement {
  readonly decided: Decision;
  /** Those of the strategy and those held. */
  readonly symbols: readonly MarketSymbol[];
  readonly held: ReadonlySet<MarketSymbol>;
  readonly lastCandles: TickMemory['lastCandles'];
}

/** What the strategy decides by the positions as they are recorded now. */
export const judgePositions = async (
  { account, strategy, state, roundTripFee, memories, snapshot }: Judged,
  connection: Connection,
  ports: MasterTickPorts,
): Promise<Judgement> => {
  const positions = await ports.ledger.positions.list(account.accountId);
  const symbols = [...new Set([...account.strategy.symbols, ...positions.map(({ symbol }) => symbol)])];
  const candles = await closedCandles(symbols, account, strategy, ports);
  const newest = (symbol: MarketSymbol): Instant | undefined => candles.get(symbol)?.at(-1)?.at;
  const judgedLast = (symbol: MarketSymbol): Instant => memories.tick.lastCandles[symbol] ?? 0;
  const decided = strategy.decide({
    now: ports.clock.now(),
    candles,
    newCandles: new Set(
      account.strategy.symbols.filter((symbol) => (newest(symbol) ?? 0) > judgedLast(symbol)),
    ),
    prices: snapshot.tickers,
    positions: heldPositions(positions, memories),
    account: {
      equity: snapshot.valuation.equity,
      cash: quote(freeCash(snapshot.balances, account)),
      roundTripFee,
      state,
    },
    markets: new Map(connection.markets.map((market) => [market.symbol, market])),
  });
  const lastCandles = symbols.map((symbol) => [symbol, newest(symbol) ?? judgedLast(symbol)]);
  return {
    decided,
    symbols,
    held: new Set(positions.map(({ symbol }) => symbol)),
    lastCandles: Object.fromEntries(lastCandles),
  };
};

const heldPositions = (
  positions: readonly Position[],
  memories: Memories,
): ReadonlyMap<MarketSymbol, HeldPosition> =>
  new Map(
    positions.map(({ symbol, quantity, costBasis, openedAt }) => [
      symbol,
      { quantity, costBasis, openedAt, state: memories.planOf(symbol) },
    ]),
  );
