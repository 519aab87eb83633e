import { CreateSecretCommand, DeleteSecretCommand } from '@aws-sdk/client-secrets-manager';
import type { CopyWorkerPorts } from '../../functions/copy-worker/copy-worker.ts';
import type { ExitPorts } from '../../functions/exit/exit-contract.ts';
import type { Host } from '../../functions/host.ts';
import type { MasterTickPorts } from '../../functions/master-tick/master-tick.ts';
import type { Tier } from '../../infra/local/kraken/rate-limits.ts';
import {
  createKrakenSimulator,
  type KrakenSimulator,
  type KrakenSimulatorOptions,
} from '../../infra/local/kraken/simulator.ts';
import { type LogLine, localHost, seededIds } from '../../infra/local/local-host.ts';
import { type Account, type AccountRecord, roleOf, zAccount } from '../../shared/account/account.ts';
import { fingerprintOf, Secret } from '../../shared/account/credentials.ts';
import type { Exchange } from '../../shared/exchange/exchange.ts';
import { krakenExchange } from '../../shared/exchange/kraken/kraken.ts';
import { send } from '../../shared/exchange/kraken/transport.ts';
import type { MarketSymbol } from '../../shared/exchange/market.ts';
import { cachedMarketRules } from '../../shared/exchange/market-rules.ts';
import type { LedgerClient } from '../../shared/ledger/dynamodb/document-client.ts';
import { dynamoMasterLedger } from '../../shared/ledger/dynamodb/master-ledger.ts';
import { quantity, quote } from '../../shared/money/money.ts';
import { loadStrategy } from '../../shared/strategy/strategies.ts';
import type { LoadedStrategy } from '../../shared/strategy/strategy.ts';
import { type Clock, SECOND } from '../../shared/time/clock.ts';
import { dynamoLeases } from '../../shared/vault/dynamodb/leases.ts';
import { secretsManagerVault } from '../../shared/vault/secrets-manager/vault.ts';
import { secretName } from '../../shared/vault/vault.ts';
import { flatPrices, ManualClock } from '../local/kraken/exchange.ts';
import { openPlaces } from './lab-places.ts';
import type { Life } from './mortality.ts';

const STAGE = 'test';
const TABLE = 'ledger';
/** Of a function that has just been called. */
const REMAINING_MS = 60 * SECOND;

export interface ProcessOptions {
  readonly life?: Life;
  /** How long this process's leases hold after it died. */
  readonly leaseMs?: number;
  /** Of one request to the exchange; real milliseconds. */
  readonly timeoutMs?: number;
  readonly client?: LedgerClient;
  readonly strategy?: LoadedStrategy;
}

export interface NewAccount extends Partial<AccountRecord> {
  readonly balances?: Readonly<Record<string, string>>;
  /** How much the exchange lets the key ask. */
  readonly tier?: Tier;
}

/** What every use case runs on. */
export type LabPorts = MasterTickPorts & ExitPorts & CopyWorkerPorts;

/** An exchange, a ledger and a vault, all real, for one test file. */
export const openLab = async <C extends Clock = ManualClock>(
  options: { readonly clock?: C; readonly simulator?: Partial<KrakenSimulatorOptions> } = {},
) => {
  const manual = new ManualClock();
  const clock: Clock = options.clock ?? manual;
  const simulator: KrakenSimulator = createKrakenSimulator({
    clock,
    seed: 7,
    prices: flatPrices,
    rateLimits: { private: false, engine: false },
    ...options.simulator,
  });
  const chance = seededIds(7, 'lab');
  const places = await openPlaces({ table: TABLE, simulator, clock, chance });
  const { documents, vault: vaultClient, brought } = places;
  const env: Host['env'] = { ...places.env, NIJA_STAGE: STAGE, NIJA_TABLE: TABLE };
  const table = { client: documents, table: TABLE, clock, chance };
  const ledger = dynamoMasterLedger(table);
  const lines: LogLine[] = [];
  const host: Host = {
    ...localHost({ env, clock, chance, write: (line) => lines.push(line) }),
    clients: brought,
  };
  const reached = {
    url: env['NIJA_EXCHANGE_URL_KRAKEN'] ?? '',
    clock,
    transport: brought.kraken ?? send,
  };
  await ledger.markets.save('kraken', await krakenExchange(reached).marketData.markets(), clock.now());

  const storeSecret = async (
    accountId: string,
    key: { readonly apiKey: string; readonly apiSecret: string },
  ): Promise<void> => {
    const Name = secretName(STAGE, roleOf(accountId), accountId);
    const SecretString = JSON.stringify({ accountId, exchange: 'kraken', ...key });
    await vaultClient.send(new CreateSecretCommand({ Name, SecretString }));
  };

  // Slow to make, and all that they remember is a price for a second: processes share them.
  const krakens = new Map<number | undefined, Exchange>();
  const krakenWith = (timeoutMs: number | undefined): Exchange => {
    const known =
      krakens.get(timeoutMs) ??
      krakenExchange({ ...reached, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
    krakens.set(timeoutMs, known);
    return known;
  };
  const vault = secretsManagerVault({
    env,
    client: vaultClient,
    stage: STAGE,
    accounts: ledger.accounts,
    clock,
    cacheMs: 0,
  });

  let opened = 0;
  return {
    /** The clock that moves when told to; of no meaning where another was given. */
    clock: manual,
    simulator,
    /** How the exchange is reached. */
    reached,
    ledger,
    env,
    host,
    lines,
    table,
    storeSecret,

    deleteSecret: async (accountId: string): Promise<void> => {
      const SecretId = secretName(STAGE, roleOf(accountId), accountId);
      await vaultClient.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }));
    },

    /** A new process: it remembers nothing of the ones before. Serves every use case. */
    process: (process: ProcessOptions = {}): LabPorts => {
      const own = { ...table, client: process.client ?? table.client };
      const ownLedger = dynamoMasterLedger(own);
      const kraken = krakenWith(process.timeoutMs);
      const exchange = () => kraken;
      const { log, meter } = host.telemetry('test');
      const world = {
        ledger: ownLedger,
        vault,
        leases: dynamoLeases({
          ...own,
          ...(process.leaseMs === undefined ? {} : { ttlMs: process.leaseMs }),
        }),
        marketRules: cachedMarketRules({ store: ownLedger.markets, exchange, clock, log }),
        exchange,
      };
      const { strategy } = process;
      const rest = {
        clock,
        chance,
        log,
        meter,
        strategy: strategy === undefined ? loadStrategy : () => strategy,
        remainingMs: () => REMAINING_MS,
      };
      return { ...(process.life === undefined ? world : process.life.ports(world)), ...rest };
    },

    /** An account with a key at the exchange, its secret in the vault and its profile in the ledger. */
    openAccount: async (
      role: 'master' | 'user',
      { balances = { USD: '10000' }, tier = 'pro', ...profile }: NewAccount = {},
    ): Promise<Account & { readonly apiKey: string }> => {
      opened += 1;
      const accountId = profile.accountId ?? `${role === 'master' ? 'm' : 'u'}-${opened}`;
      simulator.createAccount({ accountId, balances });
      const key = simulator.addKey({ accountId, tier });
      await storeSecret(accountId, key);
      const account = zAccount.parse({
        accountId,
        role,
        exchange: 'kraken',
        keyFingerprint: fingerprintOf(new Secret(key.apiKey)),
        registeredAt: clock.now(),
        ...(role === 'user' ? { follows: 'm-boss' } : {}),
        ...profile,
      });
      await ledger.accounts.register(account);
      return { ...account, apiKey: key.apiKey };
    },

    /** What Nija has bought for the account earlier, at the exchange and in the ledger. */
    givePosition: async (accountId: string, symbol: MarketSymbol, amount: string): Promise<void> => {
      simulator.deposit(accountId, symbol.slice(0, symbol.indexOf('/')), amount);
      const after = {
        accountId,
        symbol,
        quantity: quantity(amount),
        costBasis: quote('100'),
        openedAt: clock.now(),
        version: 1,
      };
      await ledger.recordExecution({
        accountId,
        symbol,
        fills: [],
        position: { before: undefined, after },
        at: clock.now(),
      });
    },

    stop: async (): Promise<void> => await places.stop(),
  };
};
export type Lab = Awaited<ReturnType<typeof openLab>>;
