/** Kraken's own texts. Where its documentation names none, the comment says so. */
export const TEXTS = {
  invalidKey: 'EAPI:Invalid key',
  invalidSignature: 'EAPI:Invalid signature',
  invalidNonce: 'EAPI:Invalid nonce',
  rateLimit: 'EAPI:Rate limit exceeded',
  tooManyRequests: 'EGeneral:Too many requests',
  lockout: 'EGeneral:Temporary lockout',
  permission: 'EGeneral:Permission denied',
  invalidArguments: 'EGeneral:Invalid arguments',
  unknownMethod: 'EGeneral:Unknown method',
  internal: 'EGeneral:Internal error',
  unavailable: 'EService:Unavailable',
  busy: 'EService:Busy',
  deadline: 'EService:Deadline elapsed',
  cancelOnly: 'EService:Market in cancel_only mode',
  postOnlyMode: 'EService:Market in post_only mode',
  limitOnly: 'EService:Market in limit_only mode',
  reduceOnly: 'EService:Market in reduce_only mode',
  unknownPair: 'EQuery:Unknown asset pair',
  unknownAsset: 'EQuery:Unknown asset',
  unknownOrder: 'EOrder:Unknown order',
  // Not in the vendor's list: seen in clients of it.
  duplicateClientId: 'EOrder:Duplicate cl_ord_id',
  funds: 'EOrder:Insufficient funds',
  orderMinimum: 'EOrder:Order minimum not met',
  costMinimum: 'EOrder:Cost minimum not met',
  tick: 'EOrder:Tick size check failed',
  invalidPrice: 'EOrder:Invalid price',
  ordersLimit: 'EOrder:Orders limit exceeded',
  orderRate: 'EOrder:Rate limit exceeded',
} as const;

/** A request that the exchange refuses; the message is what it answers. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

export const invalidArgument = (field: string): Refusal => new Refusal(`${TEXTS.invalidArguments}:${field}`);
