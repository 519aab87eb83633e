import * as z from 'zod';
import { type Account, type AccountId, zUserId } from '../../shared/account/account.ts';
import { type ConnectPorts, withConnection } from '../../shared/account/connect.ts';
import { symbolsToPrice, type Valuation, valueAccount } from '../../shared/account/equity.ts';
import { UnknownAccount } from '../../shared/account/errors.ts';
import { type AccountStanding, standingOf } from '../../shared/copying/account-status.ts';
import { ExchangeError } from '../../shared/exchange/exchange.ts';
import type { Ledger } from '../../shared/ledger/ledger.ts';
import { attemptRead } from '../../shared/ledger/read.ts';
import { type QuoteAmount, text } from '../../shared/money/money.ts';
import { observeEquity } from '../../shared/protection/risk.ts';
import type { Meter } from '../../shared/telemetry/telemetry.ts';
import { type Clock, type Instant, SECOND } from '../../shared/time/clock.ts';
import { LeaseLost, LeaseUnavailable } from '../../shared/vault/lease.ts';
import { VaultError } from '../../shared/vault/vault.ts';

export const zBalanceRequest = z.strictObject({ accountId: zUserId });

export interface BalancePorts extends ConnectPorts {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly meter: Meter;
}

/** One account's true balance, or why it could not be read; never a zero in place of an error. */
export type Balance = {
  readonly accountId: AccountId;
  readonly exchange: Account['exchange'];
  readonly currency: Account['quoteCurrency'];
  readonly keyFingerprint: string;
  readonly asOf: Instant;
} & AccountStanding &
  (
    | ({ readonly connected: true } & Valuation)
    | {
        readonly connected: false;
        readonly code: string;
        readonly message: string;
        /** Only ever shown as such. */
        readonly lastKnown?: {
          readonly cash: QuoteAmount;
          readonly equity: QuoteAmount;
          readonly at: Instant;
          readonly ageMs: number;
        };
      }
  );

const LEASE_WAIT_MS = 25 * SECOND;

/**
 * Reads one user's balance with the user's own key. Reads nothing of a master but the status it publishes.
 *
 * @throws UnknownAccount, LedgerError; what the exchange or the vault refuses is in the answer
 */
export const readBalance = async (accountId: AccountId, ports: BalancePorts): Promise<Balance> => {
  try {
    const balance = await balanceOf(accountId, ports);
    if (balance.connected) ports.meter.count('BalanceRead', { account: accountId });
    else ports.meter.count('BalanceFailed', { account: accountId, code: balance.code });
    return balance;
  } catch (error) {
    const code = error instanceof Error ? error.name : 'unknown error';
    ports.meter.count('BalanceFailed', { account: accountId, code });
    throw error;
  }
};

const balanceOf = async (accountId: AccountId, ports: BalancePorts): Promise<Balance> => {
  const account = await ports.ledger.accounts.get(accountId);
  if (account === undefined) throw new UnknownAccount(accountId);
  const status = await standingOf(account, ports);
  const head = {
    accountId,
    exchange: account.exchange,
    currency: account.quoteCurrency,
    keyFingerprint: account.keyFingerprint,
  };
  try {
    const valuation = await value(account, ports);
    return {
      ...head,
      ...statusWith(valuation, status, account),
      asOf: ports.clock.now(),
      connected: true,
      ...valuation,
    };
  } catch (error) {
    const failure = connectionFailure(error);
    if (failure === undefined) throw error;
    ports.log.error('a balance could not be read', error, { account: accountId, code: failure.code });
    return {
      ...head,
      ...status,
      asOf: ports.clock.now(),
      connected: false,
      ...failure,
      ...(await lastKnown(accountId, ports)),
    };
  }
};

const value = async (account: Account, ports: BalancePorts): Promise<Valuation> => {
  const { accountId } = account;
  const terms = { holder: 'balance', priority: 'normal', waitMs: LEASE_WAIT_MS } as const;
  return await withConnection(account, terms, ports, async ({ session, markets }) => {
    const balances = await session.balances();
    const symbols = symbolsToPrice(balances, markets);
    const { marketData } = ports.exchange(account.exchange);
    const tickers = symbols.length === 0 ? new Map() : await marketData.tickers(symbols);
    const valuation = valueAccount(balances, tickers, markets);
    if (valuation.complete) {
      const fields = { account: accountId, currency: account.quoteCurrency };
      ports.meter.quoteUnits('Equity', valuation.equity, fields, { role: 'user' });
    }
    const observed = { accountId, equity: valuation.equity, cash: valuation.cash, at: ports.clock.now() };
    const saved = await attemptRead(async () => {
      // An equity without some of its prices must not open a day or set a peak.
      if (!valuation.complete) return;
      await ports.ledger.risk.save(observeEquity(await ports.ledger.risk.get(accountId), observed));
    });
    // The balance is true all the same; only the last known value stays older.
    if (!saved.readable)
      ports.log.warn('the equity read was not remembered', { account: accountId, why: saved.why });
    return valuation;
  });
};

const connectionFailure = (
  error: unknown,
): { readonly code: string; readonly message: string } | undefined => {
  if (error instanceof ExchangeError || error instanceof VaultError)
    return { code: error.code, message: error.message };
  if (error instanceof LeaseUnavailable || error instanceof LeaseLost)
    return { code: 'KEY_BUSY', message: error.message };
  return undefined;
};

type LastKnown = Extract<Balance, { connected: false }>['lastKnown'];

const lastKnown = async (
  accountId: AccountId,
  { ledger, clock, log }: BalancePorts,
): Promise<{ readonly lastKnown?: NonNullable<LastKnown> }> => {
  const read = await attemptRead(() => ledger.risk.get(accountId));
  if (!read.readable) {
    log.warn('the last known balance could not be read either', { account: accountId, why: read.why });
    return {};
  }
  if (read.value === undefined) return {};
  const { lastCash, lastEquity, lastAt } = read.value;
  return { lastKnown: { cash: lastCash, equity: lastEquity, at: lastAt, ageMs: clock.now() - lastAt } };
};

/** Below its minimum equity an account does not buy: exit-only by itself, and back by itself. */
const statusWith = (
  { equity }: Valuation,
  standing: AccountStanding,
  { limits }: Account,
): AccountStanding =>
  equity.lt(limits.minimumEquity) && standing.status !== 'disabled'
    ? {
        ...standing,
        status: 'exit-only',
        statusReason: `equity is below the account's minimum of ${text(limits.minimumEquity)}`,
      }
    : standing;
