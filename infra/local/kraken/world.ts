import type { Clock } from '../../../shared/time/clock.ts';
import type { Account, ApiKey } from './accounts.ts';
import type { Authentication } from './authentication.ts';
import type { Engine } from './engine.ts';
import type { Faults } from './faults.ts';
import type { Fees } from './fees.ts';
import type { MarketView } from './market-view.ts';
import type { OrderBook } from './order-book.ts';
import type { Form } from './order-request.ts';
import type { Listing } from './pairs.ts';
import type { RateLimits } from './rate-limits.ts';
import type { Visibility } from './visibility.ts';

export const SYSTEM_STATUSES = ['online', 'maintenance', 'cancel_only', 'post_only'] as const;
export type SystemStatus = (typeof SYSTEM_STATUSES)[number];

/** Everything the exchange is: what endpoints read and change. */
export interface World {
  readonly clock: Clock;
  readonly seed: number;
  readonly listing: Listing;
  /** By pair id. */
  readonly markets: ReadonlyMap<string, MarketView>;
  readonly accounts: Map<string, Account>;
  /** By API key. */
  readonly keys: Map<string, ApiKey>;
  readonly orders: OrderBook;
  readonly engine: Engine;
  readonly fees: Fees;
  readonly limits: RateLimits;
  readonly authentication: Authentication;
  readonly faults: Faults;
  readonly visibility: Visibility;
  readonly keyInfoCase: 'snake' | 'camel';
  system: SystemStatus;
}

/** @returns the result, or a JSON text of it that is ready to send. @throws Refusal */
export type PublicEndpoint = (world: World, form: Form) => unknown;
export type PrivateEndpoint = (world: World, key: ApiKey, form: Form) => unknown;

/** A result that is JSON text already. */
export class Rendered {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
