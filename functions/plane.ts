import type { Exchange } from '../shared/exchange/exchange.ts';
import { withFeeCache } from '../shared/exchange/fee-cache.ts';
import { krakenExchange } from '../shared/exchange/kraken/kraken.ts';
import type { ExchangeName } from '../shared/exchange/market.ts';
import { cachedMarketRules } from '../shared/exchange/market-rules.ts';
import { dynamoLedger } from '../shared/ledger/dynamodb/ledger.ts';
import { dynamoLeases } from '../shared/vault/dynamodb/leases.ts';
import { secretsManagerVault } from '../shared/vault/secrets-manager/vault.ts';
import { environment, exchangeVariables, ledgerVariables } from './environment.ts';
import type { Host } from './host.ts';
import { ledgerClient } from './ledger-client.ts';

/** What every function that reaches an exchange with an account's own key is wired from. */
export const accountPlane = (host: Host, functionName: string) => {
  const env = environment(host, { ...ledgerVariables, ...exchangeVariables });
  const { clock, chance } = host;
  const { log, meter } = host.telemetry(functionName);
  const client = ledgerClient(host);
  const table = { client, table: env.NIJA_TABLE, clock, chance };
  const ledger = dynamoLedger(table);
  const at = { url: env.NIJA_EXCHANGE_URL_KRAKEN, clock, transport: host.clients?.kraken };
  const kraken = withFeeCache(krakenExchange(at), clock);
  const exchange = (name: ExchangeName): Exchange => {
    switch (name) {
      case 'kraken':
        return kraken;
    }
  };
  return {
    clock,
    chance,
    log,
    meter,
    table,
    ledger,
    exchange,
    vault: secretsManagerVault({
      env: host.env,
      client: host.clients?.secrets,
      stage: env.NIJA_STAGE,
      accounts: ledger.accounts,
      clock,
    }),
    leases: dynamoLeases(table),
    marketRules: cachedMarketRules({ store: ledger.markets, exchange, clock, log }),
  };
};
