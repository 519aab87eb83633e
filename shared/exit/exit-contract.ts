import * as z from 'zod';
import { zSymbol, zUserId } from '../account/account.ts';
import type { ConnectPorts } from '../account/connect.ts';
import type { ExchangeOrder } from '../exchange/exchange.ts';
import type { MarketSymbol } from '../exchange/market.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Meter } from '../telemetry/telemetry.ts';
import type { Clock } from '../time/clock.ts';
import type { Ids } from '../time/jitter.ts';
import { EXIT_SCOPES, type ExitScope, type ExitSymbolResult } from './exit-request.ts';

export const zExitInput = z.strictObject({
  accountId: zUserId,
  /**
   * The same id again goes on with the same exit; it never sells twice. Without one, an exit of the same scope
   * and symbols that is not flat yet goes on; where there is none, a new one begins.
   */
  requestId: z
    .string()
    .regex(/^[A-Za-z0-9._:-]{1,64}$/, 'a request id has 1 to 64 letters, digits or . _ : -')
    .optional(),
  scope: z.enum(EXIT_SCOPES).default('managed'),
  symbols: z.array(zSymbol).min(1).optional(),
  /** Says what would be sold; sells, cancels and writes nothing. */
  dryRun: z.boolean().default(false),
});
export type ExitInput = z.infer<typeof zExitInput>;

export interface ExitPorts extends ConnectPorts {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly meter: Meter;
  readonly chance: Ids;
}

export interface ExitReport {
  readonly accountId: string;
  /** The one given, or the one this call found or made. */
  readonly requestId: string;
  /** Whether an exit that was begun before went on. */
  readonly resumed: boolean;
  readonly scope: ExitScope;
  /** FLAT: verified at the exchange. INCOMPLETE: ask again, with this request id or without any. PLANNED: a dry run. */
  readonly state: 'FLAT' | 'INCOMPLETE' | 'PLANNED';
  readonly canceledOrders: readonly string[];
  readonly results: readonly ExitSymbolResult[];
  /** What else the operator should know. */
  readonly notes: readonly string[];
}

/**
 * Whether an open order is one that the exit cancels: those of the symbols it sells. An exit of everything
 * cancels all, since all may lock what is to be sold.
 */
export const concerns = (input: ExitInput, targets: readonly MarketSymbol[], order: ExchangeOrder): boolean =>
  (input.scope === 'everything' && input.symbols === undefined) || targets.includes(order.symbol);
