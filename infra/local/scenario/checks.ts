import { enoughWasTraded, everyCopyEnded, oneOrderPerCause } from './copy-checks.ts';
import { driftIsFoundAndNamed } from './drift-check.ts';
import type { Evidence } from './evidence.ts';
import type { Guarantee } from './guarantee.ts';
import { haltStopsEveryBuy, haltStopsNoSell } from './halt-checks.ts';
import { failedSaleIsMadeGood } from './made-good-check.ts';
import { moneyIsExact, nothingOversold } from './money-checks.ts';
import { anErrorIsNeverZero, stayerKeepsItsPosition, userIndependence } from './outage-checks.ts';
import { everyUserIsChecked, hangingAccountDelaysNoOther } from './round-checks.ts';
import { sellNeverBlocked } from './sell-checks.ts';
import { isolation, keysAreSafe, noSecretLeaks } from './separation-checks.ts';
import { oneSlowAccountDelaysNoOther } from './slow-check.ts';
import { stopFiresWithoutTheMaster } from './stop-check.ts';

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
  haltStopsNoSell(evidence),
  noSecretLeaks(evidence),
  moneyIsExact(evidence),
  oneSlowAccountDelaysNoOther(evidence),
  stopFiresWithoutTheMaster(evidence),
  failedSaleIsMadeGood(evidence),
  driftIsFoundAndNamed(evidence),
  everyUserIsChecked(evidence),
  hangingAccountDelaysNoOther(evidence),
  stayerKeepsItsPosition(evidence),
];
