import { text } from '../../../shared/money/money.ts';
import type { BookedOrder } from '../kraken/books.ts';
import type { KrakenSimulator } from '../kraken/simulator.ts';
import { LEAVER, STAYER } from './cast.ts';
import type { Collected, LedgerView } from './collect.ts';
import { type Guarantee, guarantee } from './guarantee.ts';
import type { HaltPhase } from './halt-phase.ts';
import type { MarketPhase } from './market-phase.ts';
import { moneyIsExact, nothingOversold } from './money-checks.ts';
import type { OutagePhase } from './outage-phase.ts';
import type { Registered, RegisterPhase } from './register-phase.ts';

/** All that a run has left behind. */
export interface Evidence {
  readonly simulator: KrakenSimulator;
  readonly registered: RegisterPhase;
  readonly market: MarketPhase;
  readonly halt: HaltPhase;
  readonly outage: OutagePhase;
  readonly collected: Collected;
  /** Everything the functions logged, and the report itself. */
  readonly texts: readonly string[];
  readonly deadLetters: number;
}

/** Every guarantee that a run can show, judged by the exchange's own books. */
export const judge = (evidence: Evidence): readonly Guarantee[] => [
  isolation(evidence),
  keysAreSafe(evidence),
  userIndependence(evidence),
  sellNeverBlocked(evidence),
  oneOrderPerCause(evidence),
  everyCopyEnded(evidence),
  nothingOversold(evidence),
  anErrorIsNeverZero(evidence),
  haltStopsEveryBuy(evidence),
  noSecretLeaks(evidence),
  moneyIsExact(evidence),
  oneSlowAccountDelaysNoOther(evidence),
  stayerKeepsItsPosition(evidence),
];

const ownerOfKey = ({ registered }: Evidence): ReadonlyMap<string, Registered> =>
  new Map(registered.accounts.map((account) => [account.apiKey, account]));

const viewOf = ({ collected }: Evidence, accountId: string): LedgerView | undefined =>
  collected.accounts.find((view) => view.accountId === accountId);

const placedByNija = (evidence: Evidence): readonly BookedOrder[] =>
  evidence.simulator.books.orders().filter(({ apiKey }) => apiKey !== evidence.halt.ownerKey);

/** Each order at the exchange lies under the account that owns its key, and that account's ledger alone has its id. */
const isolation = (evidence: Evidence): Guarantee => {
  const owners = ownerOfKey(evidence);
  const orders = placedByNija(evidence);
  const problems = orders.flatMap((order) => {
    const owner = owners.get(order.apiKey);
    if (owner === undefined) return [`order ${order.orderId} was placed with a key that nobody registered`];
    if (owner.accountId !== order.accountId)
      return [`order ${order.orderId} of ${order.accountId} was placed with the key of ${owner.accountId}`];
    const id = order.clientOrderId ?? '';
    const holders = evidence.collected.accounts
      .filter((view) => view.orders.has(id))
      .map(({ accountId }) => accountId);
    return holders.length === 1 && holders[0] === order.accountId
      ? []
      : [
          `order ${order.orderId} of ${order.accountId} stands in the ledger under ${holders.join(', ') || 'nobody'}`,
        ];
  });
  const fingerprints = new Set(evidence.registered.accounts.map(({ keyFingerprint }) => keyFingerprint));
  if (fingerprints.size !== evidence.registered.accounts.length)
    problems.push('two accounts share a key fingerprint');
  return guarantee(
    'isolation',
    problems,
    `${orders.length} orders at the exchange, each under the account that owns its key; ${fingerprints.size} accounts, ${fingerprints.size} key fingerprints`,
  );
};

const keysAreSafe = ({ registered }: Evidence): Guarantee => {
  const { withdrawal, sameKey } = registered.refusals;
  const problems: string[] = [];
  if (withdrawal === undefined) problems.push('a key that can withdraw was registered');
  if (sameKey === undefined) problems.push('the same key was registered twice');
  return guarantee('keysAreSafe', problems, `refused: ${withdrawal ?? ''}; ${sameKey ?? ''}`);
};

const userIndependence = (evidence: Evidence): Guarantee => {
  const { outage, simulator } = evidence;
  const problems: string[] = [];
  if (outage.masterError === undefined) problems.push('the master could still be reached');
  for (const balance of outage.balances) {
    if (!balance.connected)
      problems.push(`the balance of ${balance.accountId} could not be read: ${balance.code}`);
    else if (balance.status === 'following')
      problems.push(`${balance.accountId} is still following a master that is gone`);
  }
  const left = Object.entries(simulator.books.balances(LEAVER)).filter(
    ([asset, { total }]) => asset !== 'USD' && total !== '0',
  );
  if (outage.exit.state !== 'FLAT') problems.push(`the exit of ${LEAVER} ended ${outage.exit.state}`);
  for (const [asset, { total }] of left) {
    const dust = outage.exit.results.some(
      ({ symbol, state }) => symbol.startsWith(`${asset}/`) && state === 'DUST',
    );
    if (!dust) problems.push(`${LEAVER} still holds ${total} ${asset}`);
  }
  return guarantee(
    'userIndependence',
    problems,
    `with the master gone ${outage.balances.length} balances were read and ${LEAVER} is flat at the exchange`,
  );
};

/** The exit ran with the halt engaged, and every published SELL reached who held something. */
const sellNeverBlocked = (evidence: Evidence): Guarantee => {
  const problems: string[] = [];
  const copies = evidence.collected.accounts
    .flatMap(({ copies: all }) => all)
    .filter(({ trade }) => trade.side === 'SELL');
  const physics = new Set(['NO_POSITION', 'NOTHING_HELD', 'BELOW_MINIMUM']);
  for (const { accountId, trade, outcome } of copies) {
    if (outcome?.state === 'FILLED' || (outcome?.state === 'SKIPPED' && physics.has(outcome.reason)))
      continue;
    problems.push(`SELL ${trade.tradeId} of ${accountId} ended ${outcome?.state ?? 'not at all'}`);
  }
  if (evidence.outage.exit.results.length === 0)
    problems.push('there was nothing to exit, so nothing was shown');
  const sold = copies.filter(({ outcome }) => outcome?.state === 'FILLED').length;
  return guarantee(
    'sellNeverBlocked',
    problems,
    `${sold} SELL copies filled, ${copies.length - sold} had nothing to sell; the exit ran while everything was halted`,
  );
};

const oneOrderPerCause = (evidence: Evidence): Guarantee => {
  const { market, outage } = evidence;
  const seen = new Map<string, number>();
  for (const { clientOrderId } of placedByNija(evidence))
    seen.set(clientOrderId ?? '', (seen.get(clientOrderId ?? '') ?? 0) + 1);
  const problems = [...seen]
    .filter(([, count]) => count > 1)
    .map(([id, count]) => `${count} orders at the exchange have the id ${id}`);
  if (seen.has('')) problems.push('an order has no id of ours');
  if (outage.orders.after !== outage.orders.before)
    problems.push('the same exit request placed another order');
  return guarantee(
    'oneOrderPerCause',
    problems,
    `${seen.size} causes, ${seen.size} orders; ${market.lostAnswers} answers were lost after the exchange had taken the order, and one exit was asked twice`,
  );
};

const everyCopyEnded = (evidence: Evidence): Guarantee => {
  const followers = evidence.registered.accounts.filter(
    ({ registration }) => registration['follows'] !== undefined,
  );
  const { trades } = evidence.collected;
  const problems: string[] = [];
  for (const { accountId } of followers) {
    const copies = new Map(
      (viewOf(evidence, accountId)?.copies ?? []).map((copy) => [copy.trade.tradeId, copy]),
    );
    for (const { tradeId } of trades) {
      const copy = copies.get(tradeId);
      if (copy === undefined) problems.push(`trade ${tradeId} has no copy for ${accountId}`);
      else if (copy.outcome === undefined)
        problems.push(`the copy of ${tradeId} for ${accountId} has not ended`);
      else if (copy.outcome.state === 'FAILED')
        problems.push(`the copy of ${tradeId} for ${accountId} failed: ${copy.outcome.detail}`);
    }
  }
  if (evidence.deadLetters > 0) problems.push(`${evidence.deadLetters} messages are in dead-letter queues`);
  return guarantee(
    'everyCopyEnded',
    problems,
    `${trades.length} trades × ${followers.length} followers = ${trades.length * followers.length} copies, all ended with a reason`,
  );
};

const anErrorIsNeverZero = ({ outage }: Evidence): Guarantee => {
  const { failing } = outage;
  const problems = failing.connected
    ? [`a balance was shown for ${failing.accountId} although the exchange sent an error page`]
    : [];
  return guarantee(
    'anErrorIsNeverZero',
    problems,
    failing.connected ? '' : `an unreadable balance is shown as ${failing.code}, without a figure`,
  );
};

const haltStopsEveryBuy = (evidence: Evidence): Guarantee => {
  const { halt, collected } = evidence;
  const bought = new Set(halt.tradeIds);
  const copies = collected.accounts
    .flatMap(({ copies: all }) => all)
    .filter(({ trade }) => bought.has(trade.tradeId) && trade.side === 'BUY');
  const problems = copies
    .filter(
      ({ outcome }) =>
        !(
          outcome?.state === 'SKIPPED' &&
          (outcome.reason === 'HALTED' || outcome.reason === 'ACCOUNT_DISABLED')
        ),
    )
    .map(({ accountId, outcome }) => `${accountId} was not stopped by the halt: ${outcome?.state ?? 'open'}`);
  if (copies.length === 0) problems.push('no BUY was published while halted');
  return guarantee(
    'haltStopsEveryBuy',
    problems,
    `the owner bought by hand while halted; ${copies.length} copies ended HALTED`,
  );
};

const noSecretLeaks = ({ registered, collected, texts, halt }: Evidence): Guarantee => {
  const secrets = [
    ...registered.accounts.flatMap(({ apiKey, apiSecret }) => [apiKey, apiSecret]),
    halt.ownerKey,
  ];
  const places = [collected.tableText, ...texts];
  const found = secrets.filter((secret) => places.some((place) => place.includes(secret))).length;
  return guarantee(
    'noSecretLeaks',
    found === 0 ? [] : [`${found} keys or secrets stand in the table, the logs or the report`],
    `${secrets.length} keys and secrets looked for in every table item, every log line and this report`,
  );
};

const oneSlowAccountDelaysNoOther = ({ market: { slow } }: Evidence): Guarantee => {
  if (slow === undefined) return guarantee('oneSlowAccountDelaysNoOther', ['no slow answer was met'], '');
  const problems =
    slow.finishedBefore > 0 ? [] : [`no other copy ended while ${slow.account} waited for its exchange`];
  return guarantee(
    'oneSlowAccountDelaysNoOther',
    problems,
    `${slow.finishedBefore} of ${slow.others} other copies of a trade ended while ${slow.account} waited a second for its exchange`,
  );
};

const stayerKeepsItsPosition = ({ simulator, outage, collected }: Evidence): Guarantee => {
  const now = simulator.books.balances(STAYER);
  const positions = collected.accounts.find(({ accountId }) => accountId === STAYER)?.positions ?? [];
  const problems = Object.entries(outage.stayerBefore)
    .filter(([asset, { total }]) => now[asset]?.total !== total)
    .map(
      ([asset, { total }]) =>
        `${STAYER} held ${total} ${asset} before the outage and ${now[asset]?.total ?? 'none'} after`,
    );
  if (positions.length === 0) problems.push(`${STAYER} had no copied position, so nothing was shown`);
  return guarantee(
    'aPositionNobodyExitsStays',
    problems,
    `${STAYER} still holds ${positions.map(({ symbol, quantity }) => `${text(quantity)} ${symbol}`).join(', ')}`,
  );
};
