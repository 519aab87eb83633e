import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { Copy } from '../../../shared/copying/copy.ts';
import type { Trade } from '../../../shared/copying/trade.ts';
import type { Fill } from '../../../shared/exchange/exchange.ts';
import type { Drift } from '../../../shared/ledger/drift.ts';
import type { Position } from '../../../shared/ledger/position.ts';
import type { Runtime } from '../runtime.ts';
import { MASTER_ID } from './cast.ts';

/** What the ledger says of one account. */
export interface LedgerView {
  readonly accountId: string;
  readonly positions: readonly Position[];
  readonly fills: readonly Fill[];
  readonly copies: readonly Copy[];
  /** Closed ones, too. */
  readonly drifts: readonly Drift[];
  /** By client order id: why each order was placed. */
  readonly orders: ReadonlyMap<string, { readonly cause: string }>;
}

export interface Collected {
  readonly trades: readonly Trade[];
  readonly accounts: readonly LedgerView[];
  /** Every item of the table as text: to be searched for secrets. */
  readonly tableText: string;
}

const AT_ONCE = 16;

/** Reads the whole ledger, for the report and the proofs. No function can do this. */
export const collect = async (runtime: Runtime, accountIds: readonly string[]): Promise<Collected> => {
  const items = await allItems(runtime);
  const accounts: LedgerView[] = [];
  for (let from = 0; from < accountIds.length; from += AT_ONCE) {
    accounts.push(
      ...(await Promise.all(
        accountIds.slice(from, from + AT_ONCE).map(async (id) => await viewOf(runtime, id, items)),
      )),
    );
  }
  return { trades: await runtime.ledger.trades(MASTER_ID), accounts, tableText: JSON.stringify(items) };
};

type Item = Readonly<Record<string, unknown>>;

const allItems = async ({ table }: Runtime): Promise<readonly Item[]> => {
  const items: Item[] = [];
  let from: Item | undefined;
  do {
    const page = await table.client.send(
      new ScanCommand({ TableName: table.name, ...(from === undefined ? {} : { ExclusiveStartKey: from }) }),
    );
    items.push(...(page.Items ?? []));
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
  return items;
};

const viewOf = async (
  { ledger }: Runtime,
  accountId: string,
  items: readonly Item[],
): Promise<LedgerView> => {
  const [positions, fills, copies, drifts] = await Promise.all([
    ledger.positions.list(accountId),
    ledger.fills.list(accountId),
    ledger.copies.list(accountId),
    ledger.reconciliation.drifts(accountId),
  ]);
  const orders = new Map(
    items
      .filter((item) => item['kind'] === 'ORDER' && item['pk'] === accountId)
      .map((item) => [String(item['clientOrderId']), { cause: String(item['cause']) }]),
  );
  return { accountId, positions, fills, copies, drifts, orders };
};
