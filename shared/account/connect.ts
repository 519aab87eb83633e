import type { Exchange, PrivateSession } from '../exchange/exchange.ts';
import type { ExchangeName, Market } from '../exchange/market.ts';
import type { Read } from '../ledger/read.ts';
import { afterSuccess, type Circuit, exchangeFailureOf } from '../protection/circuit.ts';
import { type CircuitPorts, noteHeard } from '../protection/circuit-feed.ts';
import { ANSWERS, type Heard, hearing } from '../protection/hearing.ts';
import type { Log } from '../telemetry/telemetry.ts';
import { type Clock, type Instant, SECOND } from '../time/clock.ts';
import type { Lease, LeasePriority, Leases } from '../vault/lease.ts';
import type { LoadedSecret, Vault } from '../vault/vault.ts';
import type { Account } from './account.ts';

/** The market rules of an exchange, cached. @throws ExchangeError, LedgerError when there are none to be had */
export interface MarketRules {
  of(exchange: ExchangeName): Promise<readonly Market[]>;
  /** The same, and those that the exchange listed once. */
  everListed(exchange: ExchangeName): Promise<readonly Market[]>;
  /**
   * Reads them from the exchange now: something was traded that the cached ones do not know. Not where they were read
   * after that trade: then the exchange lists it no more.
   *
   * @returns whether they were read again
   */
  refresh(exchange: ExchangeName, tradedAt?: Instant): Promise<boolean>;
}

export interface ConnectPorts extends CircuitPorts {
  readonly vault: Vault;
  readonly leases: Leases;
  readonly marketRules: MarketRules;
  exchange(name: ExchangeName): Exchange;
  readonly log: Log;
  readonly clock: Clock;
}

/** Half of a lease's time to live. */
const RENEW_AFTER_MS = 10 * SECOND;

export interface Connection {
  readonly session: PrivateSession;
  readonly lease: Lease;
  /** Those that the exchange lists: what can be traded. */
  readonly markets: readonly Market[];
  /** These, and those that it listed once: to read and record what was done in them. */
  readonly everListed: readonly Market[];
  readonly fingerprint: string;
  /**
   * Renews the lease when half its time is over: to be called before each order of several.
   * @throws LeaseLost
   */
  keep(): Promise<void>;
}

export interface ConnectTerms {
  /** Who has the key, for people. */
  readonly holder: string;
  readonly priority: LeasePriority;
  readonly waitMs: number;
  /** How the exchange has been answering, as it was read with other things; without it, it is read afterwards. */
  readonly circuit?: Read<Circuit | undefined>;
}

/**
 * Runs `use` as the only writer with this account's own key. How the exchange answers a user is noted at the end:
 * whether its next BUY may go out depends on it.
 *
 * @throws VaultError, LeaseUnavailable before anything was sent; else what `use` throws
 */
export const withConnection = async <T>(
  account: Account,
  { circuit, ...terms }: ConnectTerms,
  ports: ConnectPorts,
  use: (connection: Connection) => Promise<T>,
): Promise<T> => {
  const secret = await ports.vault.credentialsOf(account);
  if (account.role === 'master') return await withSecret(account, secret, terms, ports, use);
  let last: Heard | undefined;
  const exchange: ConnectPorts['exchange'] = (name) =>
    hearing(ports.exchange(name), (heard) => {
      last = heard;
    });
  try {
    const result = await withSecret(account, secret, terms, { ...ports, exchange }, use);
    const known = last === ANSWERS && isWell(circuit);
    if (last !== undefined && !known) await noteHeard(account.accountId, last, ports);
    return result;
  } catch (error) {
    const failure = exchangeFailureOf(error);
    if (failure !== undefined) await noteHeard(account.accountId, failure, ports);
    throw error;
  }
};

/** Known to be well. What could not be read is no reason for a write either. */
const isWell = (circuit: ConnectTerms['circuit']): boolean =>
  circuit !== undefined && (!circuit.readable || afterSuccess(circuit.value) === undefined);

/** The same for an account that is not registered yet. */
export const withSecret = async <T>(
  account: Pick<Account, 'accountId' | 'exchange'>,
  secret: LoadedSecret,
  terms: Omit<ConnectTerms, 'circuit'>,
  ports: Omit<ConnectPorts, 'vault' | keyof CircuitPorts> & Pick<ConnectPorts, 'clock' | 'log'>,
  use: (connection: Connection) => Promise<T>,
): Promise<T> => {
  const { accountId } = account;
  const markets = await ports.marketRules.of(account.exchange);
  const everListed = await ports.marketRules.everListed(account.exchange);
  const lease = await ports.leases.acquire({ accountId, fingerprint: secret.fingerprint, ...terms });
  try {
    const session = ports
      .exchange(account.exchange)
      .session({ accountId, credentials: secret.credentials, nonces: lease, markets: everListed });
    let renewedAt = ports.clock.now();
    const keep = async (): Promise<void> => {
      if (ports.clock.now() - renewedAt < RENEW_AFTER_MS) return;
      await lease.renew();
      renewedAt = ports.clock.now();
    };
    return await use({ session, lease, markets, everListed, fingerprint: secret.fingerprint, keep });
  } finally {
    // A lease that is not given back runs out by itself; it must not hide the result or the first error.
    await lease.release().catch((error: unknown) => {
      ports.log.error('a lease was not given back and runs out by itself', error, { account: accountId });
    });
  }
};
