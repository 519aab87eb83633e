import type { Account } from '../account/account.ts';
import { type Connection, withConnection } from '../account/connect.ts';
import { symbolsToPrice, valueAccount, whyIncomplete } from '../account/equity.ts';
import type { Market } from '../exchange/market.ts';
import type { CopyContext } from '../ledger/ledger.ts';
import { quote, ZERO_QUANTITY, ZERO_QUOTE } from '../money/money.ts';
import { type Cause, clientOrderIdOf } from '../order/order.ts';
import { placeOnce } from '../order/place-once.ts';
import { resumeOrder } from '../order/resume-order.ts';
import { claimProbe, type Passage, passageOf } from '../protection/circuit-passage.ts';
import { countOrder, equityGuard, observeEquity, rateGuard, tradingEquity } from '../protection/risk.ts';
import { type CountedBuy, judgeRunaway } from '../protection/runaway.ts';
import { pricesFrom } from '../snapshot/holdings.ts';
import { contextAsSettled } from './context-as-settled.ts';
import type { Copy, CopyOutcome } from './copy.ts';
import {
  AccountChanged,
  type CopyPorts,
  type CopyRunPorts,
  concludeCopy,
  connectionTerms,
  lookUpPorts,
} from './copy-ports.ts';
import { admitAccount, admitBuy, openSymbolsOf, priceCap, type Refusal } from './guards.ts';
import { healthOf, type MasterHealth } from './master-status.ts';
import { sizeBuy } from './size.ts';

/**
 * Replicates a master's BUY: guards, size, one capped limit order, and the record of how it ended.
 *
 * @throws whatever keeps the outcome open: an order in doubt, the exchange, the ledger, the lease
 */
export const copyBuy = async (
  copy: Copy,
  account: Account,
  context: CopyContext,
  ports: CopyRunPorts,
): Promise<CopyOutcome> => {
  const listed = await marketOf(copy, ports);
  const mayBeAtExchange = context.order !== undefined && context.order.state !== 'NOT_PLACED';
  if (!mayBeAtExchange) {
    const passage = passageOf(context.circuit, ports.clock.now());
    const refusal = admit(copy, account, context, listed, ports, passage);
    if (refusal !== undefined) return await skip(copy, refusal, ports);
    const untried = await claimProbe(passage, ports);
    if (untried !== undefined)
      return await skip(copy, { reason: 'EXCHANGE_FAILING', detail: untried }, ports);
  }
  const terms = { ...connectionTerms(copy, ports), circuit: context.circuit };
  return await withConnection(account, terms, ports, async (connection) => {
    const now = await contextAsSettled(copy, connection, ports);
    if (now.copy?.outcome !== undefined) return now.copy.outcome;
    // It may have been delisted since the order was begun: what was bought is concluded all the same.
    const market = connection.everListed.find(({ symbol }) => symbol === copy.trade.symbol);
    if (market === undefined)
      throw new Error(
        `the rules of ${copy.trade.symbol}, in which ${account.accountId} has begun an order, are not known`,
      );
    if (now.order === undefined) return await buyAsSettled(copy, market, now, connection, ports);
    const resumed = await resumeOrder(now.order, lookUpPorts(ports, connection));
    if (resumed.state !== 'ABSENT') return await concludeCopy(copy, market, resumed, ports);
    if (market.status === 'delisted') return await skip(copy, delisted(copy), ports);
    return await buyAsSettled(copy, market, { ...now, order: resumed.record }, connection, ports);
  });
};

/** How often a BUY is decided anew because its account's limits changed meanwhile. */
const DECISIONS = 3;

/** Decides by the limits as they are when the order goes out: where they changed meanwhile, it is decided anew. */
const buyAsSettled = async (
  copy: Copy,
  market: Market,
  context: CopyContext,
  connection: Connection,
  ports: CopyPorts,
): Promise<CopyOutcome> => {
  let now = context;
  for (let decision = 1; decision <= DECISIONS; decision += 1) {
    if (now.account === undefined) return await skip(copy, unregistered(copy), ports);
    const outcome = await buy(copy, now.account, market, now, connection, ports);
    if (outcome !== LIMITS_CHANGED) return outcome;
    const anew = await ports.ledger.copyContext(copy.accountId, copy.trade.tradeId, copy.trade.masterId);
    now = { ...anew, order: context.order };
  }
  throw new AccountChanged(
    `the limits of ${copy.accountId} kept changing while its copy of ${copy.trade.tradeId} was decided: nothing was sent, and it is tried again`,
  );
};

const LIMITS_CHANGED = 'LIMITS_CHANGED';

const unregistered = ({ accountId }: Copy): Refusal => ({
  reason: 'ACCOUNT_DISABLED',
  detail: `${accountId} is not registered any more`,
});

const delisted = ({ trade }: Copy): Refusal => ({
  reason: 'SYMBOL_UNSUPPORTED',
  detail: `${trade.symbol} was delisted at ${trade.exchange} before it was bought`,
});

const marketOf = async (copy: Copy, ports: CopyPorts): Promise<Market | undefined> =>
  (await ports.marketRules.of(copy.trade.exchange)).find(({ symbol }) => symbol === copy.trade.symbol);

/** @param passage absent where the exchange has just answered this account */
const admit = (
  copy: Copy,
  account: Account,
  context: CopyContext,
  market: Market | undefined,
  ports: CopyPorts,
  passage?: Passage,
) =>
  admitBuy({
    account,
    trade: copy.trade,
    halt: context.halt,
    runaway: context.runaway,
    masterHealth: healthFrom(context, ports),
    exchangeFailing: passage?.may === 'WAIT' ? passage.why : undefined,
    market,
    now: ports.clock.now(),
  });

const healthFrom = ({ masterStatus }: CopyContext, ports: CopyPorts): MasterHealth =>
  masterStatus.readable
    ? healthOf(masterStatus.value, ports.clock.now())
    : { healthy: false, reason: `the master's status could not be read: ${masterStatus.why}` };

const skip = async (copy: Copy, { reason, detail }: Refusal, ports: CopyPorts): Promise<CopyOutcome> => {
  const outcome: CopyOutcome = { state: 'SKIPPED', reason, detail };
  await ports.ledger.copies.finish(copy, outcome, ports.clock.now());
  return outcome;
};

/** For an order that is provably not at the exchange. `LIMITS_CHANGED`: nothing was sent. */
const buy = async (
  copy: Copy,
  account: Account,
  market: Market,
  context: CopyContext,
  connection: Connection,
  ports: CopyPorts,
): Promise<CopyOutcome | typeof LIMITS_CHANGED> => {
  const { trade } = copy;
  const { accountId, limits } = account;
  const { ledger, clock } = ports;
  if (!context.runaway.readable) {
    const detail = `the breaker over all accounts could not be read: ${context.runaway.why}`;
    return await skip(copy, { reason: 'HALTED', detail }, ports);
  }
  const breaker = context.runaway.value;
  const balances = await connection.session.balances();
  const symbols = [...new Set([trade.symbol, ...symbolsToPrice(balances, connection.markets)])];
  const [tickers, positions] = await Promise.all([
    ports.exchange(account.exchange).marketData.tickers(symbols),
    ledger.positions.list(accountId),
  ]);
  const valuation = valueAccount(balances, tickers, connection.markets);
  const { equity, cash } = valuation;
  if (!valuation.complete) {
    const detail = `${whyIncomplete(valuation)}, so the account's equity is not known`;
    return await skip(copy, { reason: 'PRICE_MOVED', detail }, ports);
  }
  const openSymbols = openSymbolsOf(positions, connection.markets, tickers);
  const ticker = tickers.get(trade.symbol);
  const refused = admitAccount({ account, trade, market, equity, ticker, openSymbols });
  if (refused !== undefined) return await skip(copy, refused, ports);
  if (!context.risk.readable) {
    const detail = `the account's risk record could not be read: ${context.risk.why}`;
    return await skip(copy, { reason: 'DAILY_LOSS', detail }, ports);
  }
  const seen = { accountId, equity, cash, at: clock.now() };
  const risk = observeEquity(context.risk.value, seen);
  const judged = tradingEquity(risk, seen, pricesFrom(tickers, connection.markets));
  const lost = equityGuard(judged, risk, limits);
  if (lost !== undefined) return await skip(copy, lost, ports);

  const limitPrice = priceCap(trade, account, market);
  const takerFee = await connection.session.takerFee(market);
  const freeQuote = quote(balances.find(({ asset }) => asset === market.quote)?.free ?? ZERO_QUANTITY);
  const size = sizeBuy({
    trade,
    sizing: account.sizing,
    limits,
    equity,
    freeQuote,
    limitPrice,
    takerFee,
    market,
  });
  const cause: Cause = { kind: 'copy', accountId, tradeId: trade.tradeId };
  const counted: CountedBuy = {
    accountId,
    clientOrderId: clientOrderIdOf(cause),
    notional: size.ok ? size.notional : ZERO_QUOTE,
    at: clock.now(),
  };
  const tooMany = rateGuard(counted, risk, equity, limits);
  if (tooMany !== undefined) return await skip(copy, tooMany, ports);
  if (!size.ok) return await skip(copy, size, ports);

  const request = {
    cause,
    market,
    quantity: size.quantity,
    side: 'BUY',
    type: 'LIMIT_IOC',
    limitPrice,
    ...(ticker === undefined ? {} : { marketPrice: ticker.ask }),
  } as const;
  const result = await placeOnce(request, context.order, {
    ...lookUpPorts(ports, connection),
    beforeSend: async () => {
      // Both windows are counted before the order goes out: a crash in between counts one too many, never one too few.
      await Promise.all([
        ledger.risk.save(countOrder(risk, counted)),
        ledger.runaway.count(counted, breaker),
      ]);
      const [runaway, refusal] = await Promise.all([
        judgeRunaway(counted, breaker, { ...ports, runaway: ledger.runaway }),
        stillAdmitted(
          copy,
          { limits: limitsOf(account, context), key: connection.fingerprint },
          market,
          ports,
        ),
      ]);
      return runaway === undefined ? refusal : ({ reason: 'HALTED', detail: runaway } as const);
    },
  });
  if (result.state === 'WITHHELD')
    return result.because === LIMITS_CHANGED ? LIMITS_CHANGED : await skip(copy, result.because, ports);
  const position = positions.find(({ symbol }) => symbol === trade.symbol);
  const asRead = position === undefined ? {} : { position };
  return await concludeCopy(copy, market, result, ports, context.order === undefined ? { asRead } : {});
};

/** The settings as they are at this moment: a halt, a pause or a tighter limit holds for an order already decided. */
const stillAdmitted = async (
  copy: Copy,
  decidedOn: { readonly limits: string; readonly key: string },
  market: Market,
  ports: CopyPorts,
): Promise<Refusal | typeof LIMITS_CHANGED | undefined> => {
  const now = await ports.ledger.copyContext(copy.accountId, copy.trade.tradeId, copy.trade.masterId);
  if (now.account === undefined) return unregistered(copy);
  const refusal = admit(copy, now.account, now, market, ports);
  if (refusal !== undefined) return refusal;
  if (now.account.keyFingerprint !== decidedOn.key) {
    const what = `${copy.accountId} has got another key while its copy of ${copy.trade.tradeId} was decided`;
    throw new AccountChanged(`${what} on what the old one showed: nothing was sent, and it is decided anew`);
  }
  return limitsOf(now.account, now) === decidedOn.limits ? undefined : LIMITS_CHANGED;
};

/** Equal where an order would be sized, judged and counted alike. */
const limitsOf = ({ limits, sizing }: Account, { runaway }: CopyContext): string =>
  JSON.stringify([limits, sizing, runaway.readable && runaway.value.countsSince]);
