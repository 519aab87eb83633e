import { withCandleCache } from '../../shared/exchange/candle-cache.ts';
import type { Exchange } from '../../shared/exchange/exchange.ts';
import type { ExchangeName } from '../../shared/exchange/market.ts';
import { dynamoMasterLedger } from '../../shared/ledger/dynamodb/master-ledger.ts';
import { loadStrategy } from '../../shared/strategy/strategies.ts';
import type { Host } from '../host.ts';
import { onLambda } from '../lambda-host.ts';
import { callable } from '../middleware.ts';
import { accountPlane } from '../plane.ts';
import { runTick, zTickInput } from './master-tick.ts';

export const createHandler = (host: Host) => {
  const plane = accountPlane(host, 'master-tick');
  const exchanges = new Map<ExchangeName, Exchange>();
  const exchange = (name: ExchangeName): Exchange => {
    const known = exchanges.get(name);
    if (known !== undefined) return known;
    const cached = { ...plane.exchange(name), marketData: withCandleCache(plane.exchange(name).marketData) };
    exchanges.set(name, cached);
    return cached;
  };
  const ports = { ...plane, exchange, ledger: dynamoMasterLedger(plane.table), strategy: loadStrategy };
  return callable(zTickInput, ports.log, async (input) => await runTick(input, ports));
};

export const handler = onLambda(createHandler);
