import * as z from 'zod';
import { zAccountName, zAccountPage, zDecimalText, zInstant, zUnreadable } from './figures.ts';

/**
 * A price or a moment at which something is sold without anybody asking. waiting: not armed yet (a trailing stop
 * before its activation). armed: in force. reached: it is being sold for it, or will be with the next check.
 * done: it has been sold for it. off: protection is switched off.
 */
export const zLevel = z.object({
  kind: z.enum(['stop', 'trailing-stop', 'take-profit', 'max-holding']),
  state: z.enum(['waiting', 'armed', 'reached', 'done', 'off']),
  /** Quote units; absent for max-holding, and where it cannot be known yet. */
  price: zDecimalText.exactOptional(),
  /** Of max-holding. */
  until: zInstant.exactOptional(),
  /** Of take-profit: which share of the position is sold. */
  sell: zDecimalText.exactOptional(),
  detail: z.string(),
});
export type Level = z.infer<typeof zLevel>;

/** The last price that the ledger knows, and where it comes from; view asks no exchange. */
export const zKnownPrice = z.discriminatedUnion('known', [
  z.object({ known: z.literal(true), price: zDecimalText, from: z.enum(['snapshot', 'fill']), at: zInstant }),
  z.object({ known: z.literal(false), why: z.string() }),
]);

export const zPositionView = z.object({
  symbol: z.string(),
  quantity: zDecimalText,
  /** What it cost, fees included, and that by quantity; no average where the cost is not known. */
  costBasis: zDecimalText,
  averageCost: zDecimalText.exactOptional(),
  openedAt: zInstant,
  price: zKnownPrice,
  /** quantity × price, and that less the cost; absent where there is no price. */
  value: zDecimalText.exactOptional(),
  unrealised: zDecimalText.exactOptional(),
  levels: z.array(zLevel),
  /** Why its stops and targets are not known, where they cannot be read: then there may be some all the same. */
  levelsUnreadable: z.string().exactOptional(),
  /** Why nobody judges it, since when and in how many checks in a row; absent where it is judged. */
  unjudged: z.object({ why: z.string(), since: zInstant, checks: z.int() }).exactOptional(),
  /** A protective sale that is being carried out. */
  selling: z.string().exactOptional(),
});
export type PositionView = z.infer<typeof zPositionView>;

export const zPositionsAnswer = z.object({
  query: z.literal('positions'),
  at: zInstant,
  accounts: z.array(
    z.discriminatedUnion('readable', [
      z.object({
        accountId: zAccountName,
        readable: z.literal(true),
        quoteCurrency: z.string(),
        positions: z.array(zPositionView),
        /** Why stops are not shown, where they cannot be read: the positions are there all the same. */
        levelsUnreadable: z.string().exactOptional(),
        /** Why it is not known whether checks judge its stops: one that is armed may be judged by nobody. */
        unjudgedUnreadable: z.string().exactOptional(),
      }),
      zUnreadable,
    ]),
  ),
  page: zAccountPage,
});
