import type { Connection } from '../account/connect.ts';
import type { CopyContext } from '../ledger/ledger.ts';
import { settleDoubtful } from '../ledger/settle-doubtful.ts';
import { clientOrderIdOf, type OrderRecord } from '../order/order.ts';
import { OrderInDoubt } from '../order/resume-order.ts';
import type { Copy } from './copy.ts';
import type { CopyPorts } from './copy-ports.ts';

/**
 * What a copy is decided on, read again as the only writer: another delivery of the same message may have come
 * first. Every other order of the symbol that is in doubt is found out before. A sale (of an exit, or an owed one)
 * may have sold what the ledger still calls held, and the rest is the owner's own; recorded after a new purchase, it
 * would be taken from the position that this one opened. A purchase, whose own message may be long in the dead
 * letters, may have bought more than the ledger knows, and a sale is to sell its share of that, too.
 *
 * @throws OrderInDoubt while that cannot be found out
 */
export const contextAsSettled = async (
  copy: Copy,
  connection: Connection,
  ports: CopyPorts,
): Promise<CopyContext> => {
  const { accountId, trade } = copy;
  const { ledger } = ports;
  const own = clientOrderIdOf({ kind: 'copy', accountId, tradeId: trade.tradeId });
  const isOther = ({ symbol, clientOrderId }: OrderRecord): boolean =>
    symbol === trade.symbol && clientOrderId !== own;
  const read = () => ledger.copyContext(accountId, trade.tradeId, trade.masterId);
  const [now, inDoubt] = await Promise.all([read(), ledger.orders.inDoubt(accountId)]);
  if (!inDoubt.some(isOther)) return now;
  await settleDoubtful(accountId, [trade.symbol], connection, ports);
  const left = (await ledger.orders.inDoubt(accountId)).find(isOther);
  if (left === undefined) return await read();
  throw new OrderInDoubt(
    `another order of ${trade.symbol}, the ${left.side} ${left.clientOrderId} of ${accountId}, is in doubt: the ${trade.side} waits to know what is held`,
  );
};
