import type { Invariant } from '../world/world.ts';
import { balancesAreTrue } from './balances.ts';
import { closedWithExecutions } from './closed-orders.ts';
import { everyCopyEnds } from './copied.ts';
import { moneyIsDecimal } from './decimals.ts';
import { nobodyDelaysOthers } from './delays.ts';
import { everyCopyIsDelivered } from './delivered.ts';
import { exitsAreTrue } from './exits.ts';
import { keysAreGivenBack, queuesAreEmpty } from './given-back.ts';
import { haltsHold } from './halts.ts';
import { independence } from './independence.ts';
import { isolation } from './isolation.ts';
import { ledgerIsExchange } from './ledger.ts';
import { allComesToAnEnd } from './liveness.ts';
import { oncePerCause } from './once-per-cause.ts';
import { noDebtIsForgotten, unsoldIsOwed } from './owed-sales.ts';
import { tradesArePublished } from './published.ts';
import { nobodyQueuesForOthers } from './queued.ts';
import { sellsAreNotOvertaken } from './sales-before-buys.ts';
import { noSecretLeaks } from './secrets.ts';
import { sellsByPhysics } from './sells.ts';
import { buysWithinBounds } from './sized-buys.ts';
import { neverMoreThanHeld, partsAreParts, salesInProportion } from './sized-sales.ts';
import { stopsAreJustified, stopsFire } from './stops.ts';
import { switchesStopBuys } from './switches.ts';
import { givenUpIsTold } from './told.ts';
import { oneWriterPerKey } from './writers.ts';

/** All that is held of a simulated world, by the numbers of the guarantees. */
export const INVARIANTS: readonly Invariant[] = [
  isolation,
  independence,
  stopsFire,
  sellsByPhysics,
  exitsAreTrue,
  unsoldIsOwed,
  noDebtIsForgotten,
  oncePerCause,
  oneWriterPerKey,
  salesInProportion,
  partsAreParts,
  tradesArePublished,
  everyCopyEnds,
  everyCopyIsDelivered,
  sellsAreNotOvertaken,
  neverMoreThanHeld,
  // First, since who has not read the switches has not read the limits either.
  switchesStopBuys,
  haltsHold,
  buysWithinBounds,
  balancesAreTrue,
  stopsAreJustified,
  noSecretLeaks,
  ledgerIsExchange,
  closedWithExecutions,
  moneyIsDecimal,
  nobodyDelaysOthers,
  nobodyQueuesForOthers,
  allComesToAnEnd,
  keysAreGivenBack,
  queuesAreEmpty,
  givenUpIsTold,
];
