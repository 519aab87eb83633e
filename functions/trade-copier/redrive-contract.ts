import * as z from 'zod';
import { zMasterId } from '../../shared/account/account.ts';
import { zTradeId } from '../../shared/copying/copy-message.ts';
import type { Trade, TradeReader } from '../../shared/copying/trade.ts';
import type { Meter } from '../../shared/telemetry/telemetry.ts';
import type { FanOut, TradeCopierPorts } from './trade-copier.ts';

const zMoment = z.iso
  .datetime({ offset: true, error: 'is a moment like 2026-01-31T10:00:00Z' })
  .transform((text) => Date.parse(text));

/** What an operator asks of trades whose fan-out was given up. */
export const zRedriveInput = z
  .strictObject({
    masterId: zMasterId,
    /** When the trades were published, at the earliest; they are looked for from an hour before. */
    since: zMoment,
    /** When they were published, at the latest. Without it: all since then. */
    until: zMoment.exactOptional(),
    /** Only where a report says so: `since` is then this trade's own time, and it goes on right behind it. */
    after: zTradeId.exactOptional(),
    /** Says what would be done; writes and sends nothing. */
    dryRun: z.boolean().default(false),
  })
  // Going on behind a trade, `since` may be a little later: a trade's own time and its publication differ.
  .refine(({ since, until, after }) => after !== undefined || until === undefined || until >= since, {
    path: ['until'],
    error: 'is before since',
  });
export type RedriveInput = z.infer<typeof zRedriveInput>;
/** The same as the operator writes it. */
export type RedriveRequest = z.input<typeof zRedriveInput>;

export interface RedrivePorts extends TradeCopierPorts {
  readonly trades: TradeReader;
  readonly meter: Meter;
}

export interface RedrivenTrade extends FanOut, Pick<Trade, 'tradeId' | 'symbol' | 'side'> {
  readonly at: string;
}

export interface RedriveReport {
  readonly masterId: string;
  /** DONE: all of them. INCOMPLETE: ask again with `next`. PLANNED, PLANNED_IN_PART: the same of a dry run. */
  readonly state: 'DONE' | 'INCOMPLETE' | 'PLANNED' | 'PLANNED_IN_PART';
  /** Of the trades' own times: what was looked at. */
  readonly lookedAt: { readonly since: string; readonly until?: string };
  /** Trades in that time, of which one call does at most 1,000. */
  readonly found: number;
  /** Those that are done, oldest first. */
  readonly trades: readonly RedrivenTrade[];
  /** Why it is incomplete. */
  readonly why?: string;
  /** The event that goes on from here. */
  readonly next?: { readonly redrive: RedriveRequest };
}
