import type { Account } from '../account/account.ts';
import type { Connection } from '../account/connect.ts';
import type { AssetBalance } from '../exchange/exchange.ts';
import type { MarketSymbol } from '../exchange/market.ts';
import { attemptRead } from '../ledger/read.ts';
import { notional, text, ZERO_QUANTITY, ZERO_QUOTE } from '../money/money.ts';
import { findExit } from './begin-exit.ts';
import { concerns, type ExitInput, type ExitPorts, type ExitReport } from './exit-contract.ts';
import { wantedOf, whyStaked } from './exit-holding.ts';
import type { ExitSymbolResult } from './exit-request.ts';
import { exitTargets } from './exit-targets.ts';
import { whyDelisted } from './why-unsold.ts';

/** What an exit would cancel and sell now. Writes nothing, sends no order. */
export const planExit = async (
  input: ExitInput,
  account: Account,
  { session, markets, everListed }: Connection,
  ports: ExitPorts,
): Promise<ExitReport> => {
  const { requestId, stored } = await findExit(input, ports);
  const head = {
    accountId: input.accountId,
    requestId,
    resumed: stored !== undefined,
    scope: input.scope,
    state: 'PLANNED',
    canceledOrders: [],
  } as const;
  if (stored?.state === 'FLAT') {
    const note = 'this exit was finished before and would sell nothing more: leave the request id out';
    return { ...head, results: [], notes: [note] };
  }
  const balances = await session.balances();
  const positions = await ports.ledger.positions.list(account.accountId);
  const { symbols, notes } = exitTargets({
    scope: input.scope,
    only: input.symbols,
    begun: stored?.results.map(({ symbol }) => symbol) ?? [],
    positions,
    balances,
    markets,
  });
  const orders = (await session.openOrders()).filter((open) => concerns(input, symbols, open));
  const delisted = new Map(
    everListed.filter(({ status }) => status === 'delisted').map((market) => [market.symbol, market]),
  );
  const priced = symbols.filter((symbol) => !delisted.has(symbol));
  const tickers = await attemptRead(() => ports.exchange(account.exchange).marketData.tickers(priced));
  const results = symbols.map((symbol): ExitSymbolResult => {
    const held = heldOf(symbol, balances);
    const managed = positions.find((position) => position.symbol === symbol)?.quantity ?? ZERO_QUANTITY;
    const { wanted, unstaked: quantity } = wantedOf(input.scope, { ...held, managed });
    const gone = delisted.get(symbol);
    if (gone !== undefined && !wanted.isZero())
      return {
        symbol,
        state: 'DELISTED',
        quantity: ZERO_QUANTITY,
        proceeds: ZERO_QUOTE,
        fees: ZERO_QUOTE,
        left: wanted,
        detail: whyDelisted(gone, wanted),
        rounds: 0,
      };
    const isStaked = !wanted.eq(quantity);
    const bid = tickers.readable ? tickers.value.get(symbol)?.bid : undefined;
    return {
      symbol,
      state: quantity.isZero() ? (isStaked ? 'STAKED' : 'FLAT') : 'WOULD_SELL',
      quantity,
      ...(bid === undefined ? {} : { price: bid }),
      proceeds: bid === undefined ? ZERO_QUOTE : notional(quantity, bid),
      fees: ZERO_QUOTE,
      left: wanted,
      detail: [
        bid === undefined
          ? 'no price now, so no estimate of the proceeds'
          : `at the bid of ${text(bid)}, before fees`,
        ...(isStaked ? [whyStaked(held, { base: baseOf(symbol) })] : []),
      ].join('; '),
      rounds: 0,
    };
  });
  return {
    ...head,
    results,
    notes: [
      ...notes,
      ...orders.map(({ exchangeOrderId, symbol }) => `would cancel order ${exchangeOrderId} (${symbol})`),
    ],
  };
};

const baseOf = (symbol: MarketSymbol): string => symbol.slice(0, symbol.indexOf('/'));

const heldOf = (symbol: MarketSymbol, balances: readonly AssetBalance[]) => {
  const balance = balances.find(({ asset }) => asset === baseOf(symbol));
  return { total: balance?.total ?? ZERO_QUANTITY, bonded: balance?.bonded ?? ZERO_QUANTITY };
};
