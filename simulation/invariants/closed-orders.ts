import { guarantee } from './guarantee.ts';

/** Whoever reads of an order that it is over finds all that it has bought or sold: nobody looks for more of it. */
export const closedWithExecutions = guarantee(
  '10 an order is closed with all its executions',
  (evidence, broken) => {
    const { books } = evidence.world.exchange;
    const closed = new Map<string, { readonly pk: string; readonly exchangeOrderId: string }>();
    evidence.onChange(({ pk, sk, before, after }) => {
      // Of a master ticks record executions by themselves, and orders as they end.
      if (!sk.startsWith('ORDER#') || pk.startsWith('m-')) return;
      if (after?.['state'] !== 'CLOSED' || before?.['state'] === 'CLOSED') return;
      closed.set(`${pk} ${sk}`, { pk, exchangeOrderId: String(after['exchangeOrderId']) });
    });
    evidence.onRest(() => {
      for (const [order, { pk, exchangeOrderId }] of closed) {
        const missing = books
          .order(exchangeOrderId)
          ?.tradeIds.find((id) => evidence.item(pk, `FILL#${id}`) === undefined);
        if (missing !== undefined)
          broken(
            `order ${order} (${exchangeOrderId}) is closed, and its execution ${missing} is not recorded`,
          );
      }
      closed.clear();
    });
    return undefined;
  },
);
