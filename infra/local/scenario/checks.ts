import { enoughWasTraded, everyCopyEnded, haltStopsEveryBuy, oneOrderPerCause } from './copy-checks.ts';
import type { Evidence } from './evidence.ts';
import type { Guarantee } from './guarantee.ts';
import { moneyIsExact, nothingOversold } from './money-checks.ts';
import { anErrorIsNeverZero, stayerKeepsItsPosition, userIndependence } from './outage-checks.ts';
import { sellNeverBlocked } from './sell-checks.ts';
import { isolation, keysAreSafe, noSecretLeaks } from './separation-checks.ts';
import { oneSlowAccountDelaysNoOther } from './slow-check.ts';

/** Every guarantee that a run can show, judged by the exchange's own books. */
export const judge = (evidence: Evidence): readonly Guarantee[] => [
  isolation(evidence),
  keysAreSafe(evidence),
  userIndependence(evidence),
  sellNeverBlocked(evidence),
  oneOrderPerCause(evidence),
  everyCopyEnded(evidence),
  enoughWasTraded(evidence),
  nothingOversold(evidence),
  anErrorIsNeverZero(evidence),
  haltStopsEveryBuy(evidence),
  noSecretLeaks(evidence),
  moneyIsExact(evidence),
  oneSlowAccountDelaysNoOther(evidence),
  stayerKeepsItsPosition(evidence),
];
