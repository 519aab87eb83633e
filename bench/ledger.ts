import { startDynamoDb } from '../infra/local/aws/dynamodb.ts';
import { localAwsEnv } from '../infra/local/aws/environment.ts';
import { ensureTable } from '../infra/local/aws/table.ts';
import { seededIds } from '../infra/local/local-host.ts';
import type { Fill } from '../shared/exchange/exchange.ts';
import { marketSymbol } from '../shared/exchange/market.ts';
import { applyFills } from '../shared/ledger/apply-fills.ts';
import { documentClient } from '../shared/ledger/dynamodb/document-client.ts';
import { dynamoLedger } from '../shared/ledger/dynamodb/ledger.ts';
import { ledgerTable } from '../shared/ledger/dynamodb/table.ts';
import type { Position } from '../shared/ledger/position.ts';
import { price, quantity, quote } from '../shared/money/money.ts';
import { systemClock } from '../shared/time/system-clock.ts';
import { dynamoLeases } from '../shared/vault/dynamodb/leases.ts';
import { looseMarket } from './backtest-candles.ts';
import { type Figure, figure, measured } from './figures.ts';

const ROUNDS = 7;
const ACCOUNTS = 8;
const EACH = 15;
const TABLE = 'ledger';
const BTC = marketSymbol('BTC/USD');

/** One round is the same work for several accounts at once. The first warms up. */
const perSecond = async (work: (account: number, round: number) => Promise<void>) => {
  const rates: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const { ms } = await measured(() =>
      Promise.all(Array.from({ length: ACCOUNTS }, (_, account) => work(account, round))),
    );
    if (round > 0) rates.push((ACCOUNTS * EACH * 1_000) / ms);
  }
  return rates;
};

const fill = (id: string): Fill => ({
  fillId: id,
  exchangeOrderId: `O-${id}`,
  symbol: BTC,
  side: 'BUY',
  quantity: quantity('0.001'),
  price: price('50000'),
  cost: quote('50'),
  fee: { asset: 'USD', amount: quantity('0.2') },
  at: systemClock.now(),
});

/** Leases and recorded executions per second, on the embedded database with streams. */
export const ledgerFigures = async (): Promise<readonly Figure[]> => {
  const database = await startDynamoDb();
  const client = documentClient(localAwsEnv({ dynamodb: database.endpoint }));
  try {
    await ensureTable(client, ledgerTable(TABLE));
    const config = { client, table: TABLE, clock: systemClock, chance: seededIds(1, 'ledger') };
    const leases = dynamoLeases(config);
    const ledger = dynamoLedger(config);
    const leased = await perSecond(async (account) => {
      const terms = { holder: 'bench', priority: 'normal', waitMs: 5_000 } as const;
      for (let count = 0; count < EACH; count += 1) {
        const accountId = `u-${account}`;
        await (await leases.acquire({ accountId, fingerprint: `key-${account}`, ...terms })).release();
      }
    });
    const held = new Map<number, Position>();
    const recorded = await perSecond(async (account, round) => {
      for (let count = 0; count < EACH; count += 1) {
        const accountId = `u-${account}`;
        const fills = [fill(`F-${account}-${round}-${count}`)];
        const before = held.get(account);
        const after = applyFills(before, fills, looseMarket(BTC), accountId);
        const at = systemClock.now();
        await ledger.recordExecution({ accountId, symbol: BTC, fills, position: { before, after }, at });
        if (after !== undefined) held.set(account, after);
      }
    });
    const group = `ledger, ${ACCOUNTS} accounts at once`;
    return [
      figure(group, 'lease acquired and released', '1/s', leased),
      figure(group, 'execution recorded', '1/s', recorded),
    ];
  } finally {
    client.destroy();
    await database.stop();
  }
};
