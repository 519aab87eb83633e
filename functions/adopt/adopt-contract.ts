import * as z from 'zod';
import { zSymbol, zUserId } from '../../shared/account/account.ts';
import { zAsks } from '../../shared/account/asked.ts';
import type { ConnectPorts } from '../../shared/account/connect.ts';
import type { Asset } from '../../shared/exchange/market.ts';
import type { Adjustment } from '../../shared/ledger/adjustment.ts';
import type { Drift } from '../../shared/ledger/drift.ts';
import type { Ledger } from '../../shared/ledger/ledger.ts';
import type { Position } from '../../shared/ledger/position.ts';
import type { Quantity } from '../../shared/money/money.ts';
import { zPrice, zQuantity } from '../../shared/money/schema.ts';

const asked = {
  accountId: zUserId,
  symbol: zSymbol,
  /** The same id again does nothing more. */
  requestId: z
    .string('give the request an id of its own: the same id again does nothing more')
    .regex(/^[A-Za-z0-9._:-]{1,64}$/, 'a request id has 1 to 64 letters, digits or . _ : -'),
  ...zAsks,
};

export const zAdoptInput = z.discriminatedUnion('action', [
  z.strictObject({
    action: z.literal('adopt'),
    ...asked,
    quantity: zQuantity.refine((amount) => amount.gt(0), 'a quantity to adopt is above zero'),
    /** Quote units for each unit, fees included: a cost basis is never invented. */
    costPerUnit: zPrice,
  }),
  z.strictObject({ action: z.literal('release'), ...asked }),
  z.strictObject({ action: z.literal('status'), accountId: zUserId }),
]);
export type AdoptInput = z.infer<typeof zAdoptInput>;
export type Adoption = Extract<AdoptInput, { action: 'adopt' }>;
export type Release = Extract<AdoptInput, { action: 'release' }>;

export interface AdoptPorts extends ConnectPorts {
  readonly ledger: Ledger;
}

export interface AdoptReport {
  readonly accountId: string;
  /** One sentence for whoever asked. */
  readonly summary: string;
  /** What was changed; with `repeated` what an earlier call with this request id has changed. */
  readonly adjustment?: Adjustment;
  readonly repeated?: boolean;
  /** With `status`: what is managed, what is the owner's own, where they differ, and the last changes. */
  readonly positions?: readonly Position[];
  readonly unmanaged?: readonly { readonly asset: Asset; readonly unmanaged: Quantity }[];
  readonly drifts?: readonly Drift[];
  /** Newest first. */
  readonly lastChanges?: readonly Adjustment[];
}

/** Nothing was changed; the message says why, and what to do. */
export class AdoptionRefused extends Error {
  override readonly name = 'AdoptionRefused';
}
