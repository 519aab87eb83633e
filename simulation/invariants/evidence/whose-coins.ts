import type { Evidence, OurOrder } from './evidence.ts';

/** An exit of everything sells what is the owner's own, too: the exchange bounds it. */
export const sellsAnyones = ({ order, cause }: OurOrder, evidence: Evidence): boolean =>
  cause?.kind === 'exit' &&
  evidence.item(order.accountId, `EXIT#${cause.requestId}`)?.['scope'] === 'everything';
