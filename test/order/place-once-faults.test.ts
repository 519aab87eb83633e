import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FAULT_KINDS, type FaultSpec } from '../../infra/local/kraken/faults.ts';
import { SECOND } from '../../shared/time/clock.ts';
import {
  bossIsHealthy,
  copiedBuy,
  copiedSell,
  exitOfTwo,
  madeGood,
  tickedEntry,
  tickedSale,
  type Undertaking,
  type UndertakingKind,
} from '../functions/causes.ts';
import { type Lab, openLab } from '../functions/lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
  await bossIsHealthy(lab);
});
afterAll(() => lab.stop());

const TIMEOUT_MS = 80;
const MOST_TRIES = 12;

type Fault = Omit<FaultSpec, 'endpoint' | 'accountId'>;

/** Texts of which none is final for a read. */
const PASSING_TEXTS = [
  'EAPI:Invalid nonce',
  'EAPI:Rate limit exceeded',
  'EOrder:Rate limit exceeded',
  'EService:Throttled:1700000000',
  'EService:Market in cancel_only mode',
  'EService:Deadline elapsed',
  'EService:Timeout',
  'EService:Unavailable',
  'EService:Busy',
  'EGeneral:Internal error',
  'EGeneral:Temporary lockout',
  'EOrder:Duplicate cl_ord_id',
  'EWeather:Never seen before',
];
/** They prove that no order was taken; only the ambiguous ones may come with an order all the same. */
const PROOFS = PASSING_TEXTS.slice(0, 6);

/** Of every way in which a text is understood one. */
const READ_TEXTS: ReadonlySet<string> = new Set(['EAPI:Invalid nonce', 'EGeneral:Internal error']);

const broken: readonly Fault[] = FAULT_KINDS.flatMap((kind): readonly Fault[] => {
  switch (kind) {
    case 'ERROR_TEXT':
      return PASSING_TEXTS.map((text) => ({ kind, text }));
    case 'SLOW':
    case 'LATE':
      return [{ kind, ms: TIMEOUT_MS + 60 }];
    default:
      return [{ kind }];
  }
});

const brokenReads = broken.filter(({ text }) => text === undefined || READ_TEXTS.has(text));

/** The same where the exchange has taken the order although its answer says nothing of it. */
const broughtAlong: readonly Fault[] = [
  ...(['HTTP_5XX', 'HTTP_520', 'HTML', 'EMPTY', 'EMPTY_RESULT', 'TRUNCATED'] as const).map((kind) => ({
    kind,
  })),
  ...PASSING_TEXTS.filter((text) => !PROOFS.includes(text)).map(
    (text) => ({ kind: 'ERROR_TEXT', text }) as const,
  ),
].map((fault) => ({ ...fault, accept: true }));

/** For the causes that come after the first: the order goes the same way with all of them. */
const someAnswers = [
  ...brokenReads,
  ...broughtAlong.filter(
    ({ kind, text }) => kind !== 'HTML' && (text ?? 'EService:Busy') === 'EService:Busy',
  ),
];

const TOO_LITTLE = ['EOrder:Order minimum not met', 'EOrder:Cost minimum not met'];
const OTHER_REJECTIONS = [
  'EOrder:Insufficient funds',
  'EGeneral:Permission denied',
  'EGeneral:Invalid arguments:volume',
  'EQuery:Unknown asset pair',
];
const REJECTIONS = [...TOO_LITTLE, ...OTHER_REJECTIONS];

/** What is tried here is not the age. */
const patient = copiedBuy({ limits: { maxTradeAgeSeconds: 3600 } });

const shown = ({ kind, text, accept, times }: Fault): string =>
  `${kind}${text === undefined ? '' : ` '${text}'`}${accept === true ? ', taken all the same' : ''}${times === undefined ? '' : ` × ${times}`}`;

const toTheEnd = async (undertaking: Undertaking, when: string): Promise<void> => {
  let last: unknown;
  for (let tries = 1; tries <= MOST_TRIES; tries += 1) {
    try {
      if (await undertaking.run(lab.process({ timeoutMs: TIMEOUT_MS }))) return;
    } catch (error) {
      last = error;
    }
    lab.clock.advance(5 * SECOND);
  }
  throw new Error(`not finished after ${MOST_TRIES} tries: ${when}`, { cause: last });
};

/** Runs with faults and asserts that they were met, unless nobody asked that endpoint. */
const underFault = async (kind: UndertakingKind, faults: readonly FaultSpec[]): Promise<void> => {
  const when = faults.map((fault) => `${fault.endpoint}: ${shown(fault)}`).join('; ');
  const undertaking = await kind.prepare(lab);
  const { accountId } = undertaking;
  const handles = faults.map((fault) => lab.simulator.faults.inject({ accountId, ...fault }));

  await toTheEnd(undertaking, when);

  for (const handle of handles) expect(handle.hits(), `${kind.name}, ${when}`).toBeGreaterThan(0);
  lab.simulator.faults.clear();
  await undertaking.assess(when);
};

const LOST: FaultSpec = { kind: 'EMPTY', accept: true, endpoint: 'AddOrder' };

const READS: readonly (readonly [UndertakingKind, readonly string[]])[] = [
  [patient, ['BalanceEx', 'TradeVolume', 'QueryOrders', 'QueryTrades']],
  [copiedSell, ['BalanceEx']],
  [madeGood, ['BalanceEx', 'QueryOrders']],
  [exitOfTwo, ['OpenOrders', 'BalanceEx', 'QueryOrders', 'QueryTrades']],
  [tickedEntry, ['BalanceEx', 'TradesHistory']],
];

describe.each(READS)('$name', (kind, endpoints) => {
  it.each(endpoints)('is made once whatever goes wrong with %s', async (endpoint) => {
    for (const fault of brokenReads) await underFault(kind, [{ ...fault, endpoint }]);
  });
});

const ORDERING = [patient, copiedSell, madeGood, tickedEntry, tickedSale];

describe.each(ORDERING)('the order of $name', (kind) => {
  it('is taken once whatever becomes of the answer', async () => {
    for (const fault of kind === patient ? [...broken, ...broughtAlong] : someAnswers)
      await underFault(kind, [{ ...fault, endpoint: 'AddOrder' }]);
  });

  it('is taken once where the answers to the first three sends are lost', async () => {
    for (const fault of [{ kind: 'RESET_BEFORE' }, { kind: 'EMPTY' }, { kind: 'HTTP_520' }] as const)
      await underFault(kind, [{ ...fault, times: 3, endpoint: 'AddOrder' }]);
  });

  it.each([1, 4, 9])('is found although %i lists do not show it', async (calls) => {
    const undertaking = await kind.prepare(lab);
    const { accountId } = undertaking;
    const hiding = lab.simulator.hideNewOrders({ accountId, calls });
    lab.simulator.faults.inject({ ...LOST, accountId });

    await toTheEnd(undertaking, `hidden from ${calls} lists`);

    hiding.clear();
    await undertaking.assess(`hidden from ${calls} lists`);
  });

  it('is not sent again where balances lag behind', async () => {
    const undertaking = await kind.prepare(lab);
    lab.simulator.freezeBalances({ accountId: undertaking.accountId, calls: 6 });

    await toTheEnd(undertaking, 'balances lag behind');

    await undertaking.assess('balances lag behind');
  });
});

describe.each([patient, tickedEntry])('the order of $name whose answer was lost', (kind) => {
  it.each([
    'OpenOrders',
    'ClosedOrders',
  ])('is found by %s, whatever goes wrong with that', async (endpoint) => {
    for (const fault of brokenReads) await underFault(kind, [LOST, { ...fault, endpoint }]);
  });
});

describe('the orders of an exit', () => {
  it('are taken once each whatever becomes of the answers', async () => {
    for (const fault of someAnswers)
      await underFault(exitOfTwo, [{ ...fault, times: 2, endpoint: 'AddOrder' }]);
  });

  it('are taken once each where balances lag behind', async () => {
    const undertaking = await exitOfTwo.prepare(lab);
    lab.simulator.freezeBalances({ accountId: undertaking.accountId, calls: 6 });

    await toTheEnd(undertaking, 'balances lag behind');

    await undertaking.assess('balances lag behind');
  });
});

describe('an order that the exchange refuses for good', () => {
  it.each(REJECTIONS)('ends a copied BUY without an order, with the reason (%s)', async (text) => {
    const undertaking = await patient.prepare(lab);
    const { accountId } = undertaking;
    lab.simulator.faults.inject({ kind: 'ERROR_TEXT', text, endpoint: 'AddOrder', accountId });

    await toTheEnd(undertaking, text);

    const [copy] = await lab.ledger.copies.list(accountId);
    expect(copy?.outcome).toMatchObject({
      state: 'FAILED',
      reason: 'REJECTED',
      detail: expect.stringContaining(text),
    });
    await undertaking.assess(text);
  });

  it.each(
    TOO_LITTLE,
  )('ends an exit of all that is held: the exchange says that it is too little (%s)', async (text) => {
    const undertaking = await exitOfTwo.prepare(lab);
    const { accountId } = undertaking;
    lab.simulator.faults.inject({ kind: 'ERROR_TEXT', text, endpoint: 'AddOrder', accountId });

    const ended = await undertaking.run(lab.process());

    const [exit] = await lab.ledger.exits.list(accountId);
    const states = exit?.results.map(({ state }) => state);
    expect(ended).toBe(true);
    expect(states?.toSorted()).toEqual(['DUST', 'SOLD']);
  });

  it.each(
    OTHER_REJECTIONS,
  )('lets an exit go on with a new order when it is asked again (%s)', async (text) => {
    const undertaking = await exitOfTwo.prepare(lab);
    const { accountId } = undertaking;
    lab.simulator.faults.inject({ kind: 'ERROR_TEXT', text, endpoint: 'AddOrder', accountId });

    const first = await undertaking.run(lab.process());
    const second = await undertaking.run(lab.process());

    expect([first, second]).toEqual([false, true]);
  });
});
