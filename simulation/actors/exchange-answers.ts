import type { FaultHandle, FaultKind, FaultSpec } from '../../infra/local/kraken/faults.ts';
import type { Random } from '../kernel/random.ts';
import type { Actor, Member, World } from '../world/world.ts';
import { minutes } from './durations.ts';
import { pickAnyone } from './people.ts';

/** How often all accounts, each for itself; else one. Never the owners' own keys. */
const FOR_ALL = 0.5;

/** What is asked about orders: answers to these decide whether one is taken for absent. */
const LOOK_UPS = ['OpenOrders', 'ClosedOrders', 'QueryOrders', 'TradesHistory'] as const;
const READS = ['BalanceEx', 'GetApiKeyInfo', 'TradeVolume', ...LOOK_UPS] as const;

type Drawn = Pick<FaultSpec, 'kind' | 'accept' | 'ms' | 'status' | 'text'>;

/** The next requests of an account's key go wrong like that. @param onHit told of each of them */
export const answerWrongly = (
  world: World,
  who: string,
  { accountId, apiKey }: Pick<Member, 'accountId' | 'apiKey'>,
  spec: Omit<FaultSpec, 'apiKey' | 'accountId'>,
  onHit: () => void = () => {},
): Pick<FaultHandle, 'clear'> =>
  world.exchange.faults.inject({ ...spec, apiKey }, () => {
    world.sim.reach(`hit: ${who}`);
    world.sim.note(who, `hits ${accountId}`);
    const at = world.sim.now();
    world.told.push({ what: 'outage', scope: accountId, beganAt: at, endedAt: at + (spec.ms ?? 0) });
    onHit();
  });

/** The next requests of an account's key to an endpoint go wrong; if none come, the fault goes by. */
const answering = (
  name: string,
  weight: number,
  endpoints: readonly string[] | undefined,
  draw: (random: Random) => Drawn,
  most = 2,
): Actor => ({
  name,
  weight,
  act: (world, random) => {
    const member = pickAnyone(world, random);
    if (member === undefined) return;
    const endpoint = endpoints === undefined ? undefined : random.pick(endpoints);
    const all = random.chance(FOR_ALL);
    const hit = all ? world.members : [member];
    const spec: FaultSpec = {
      ...draw(random),
      times: random.whole(1, most),
      skip: random.chance(0.2) ? 1 : 0,
      ...(endpoint === undefined ? {} : { endpoint }),
    };
    world.sim.note(name, `${all ? 'all' : member.accountId} ${endpoint ?? 'anything'} ${spec.kind}`);
    const forMs = minutes(random, 20, 120);
    for (const one of hit) {
      const fault = answerWrongly(world, name, one, spec);
      world.sim.after(forMs, () => fault.clear());
    }
  },
});

const ADD_ORDER = ['AddOrder'];
const plain = (kind: FaultKind) => (): Drawn => ({ kind });
const maybeDone =
  (kind: FaultKind) =>
  (random: Random): Drawn => ({ kind, accept: random.chance(0.5) });

/** Only what is never said of an order that was taken. */
const REFUSALS = [
  'EAPI:Rate limit exceeded',
  'EOrder:Rate limit exceeded',
  'EService:Throttled',
  'EService:Market in post_only mode',
  'EOrder:Insufficient funds',
  'EGeneral:Permission denied',
];
/** Said of orders that were taken, and of such that were not. */
const DOUBTS = [
  'EService:Timeout',
  'EService:Unavailable',
  'EService:Busy',
  'EGeneral:Internal error',
  'EDatabase:Internal error',
  'ESomething:Nobody has seen before',
];

/** What the exchange answers wrongly, or not at all. */
export const EXCHANGE_ANSWERS: readonly Actor[] = [
  answering('order: no answer, not taken', 8, ADD_ORDER, plain('TIMEOUT_BEFORE')),
  answering('order: no answer, but taken', 12, ADD_ORDER, plain('TIMEOUT_AFTER')),
  answering('order: connection broken, not taken', 5, ADD_ORDER, plain('RESET_BEFORE')),
  answering('order: connection broken, but taken', 10, ADD_ORDER, plain('RESET_AFTER')),
  answering('order: answer without an id', 8, ADD_ORDER, maybeDone('EMPTY_RESULT')),
  answering('order: half an answer', 5, ADD_ORDER, maybeDone('TRUNCATED')),
  answering('order: empty answer', 4, ADD_ORDER, maybeDone('EMPTY')),
  answering('order: a web page', 5, ADD_ORDER, maybeDone('HTML')),
  answering('order: 5xx', 8, ADD_ORDER, (random) => ({
    kind: 'HTTP_5XX',
    status: random.pick([500, 502, 503, 504]),
    accept: random.chance(0.5),
  })),
  answering('order: 520', 4, ADD_ORDER, maybeDone('HTTP_520')),
  answering('order: a doubtful text', 8, ADD_ORDER, (random) => ({
    kind: 'ERROR_TEXT',
    text: random.pick(DOUBTS),
    accept: random.chance(0.5),
  })),
  answering('order: refused', 8, ADD_ORDER, (random) => ({
    kind: 'ERROR_TEXT',
    text: random.pick(REFUSALS),
  })),
  answering('order: carried out late', 8, ADD_ORDER, (random) => ({
    kind: 'LATE',
    ms: random.whole(500, 20_000),
  })),
  answering('order: answered late', 5, ADD_ORDER, (random) => ({
    kind: 'SLOW',
    ms: random.whole(500, 30_000),
  })),
  answering('a read fails', 8, READS, (random) =>
    random.pick<Drawn>([
      { kind: 'TIMEOUT_BEFORE' },
      { kind: 'RESET_BEFORE' },
      { kind: 'HTML' },
      { kind: 'HTTP_5XX', status: 502 },
      { kind: 'TRUNCATED', accept: true },
      { kind: 'EMPTY_RESULT' },
      { kind: 'ERROR_TEXT', text: 'EGeneral:Internal error' },
    ]),
  ),
  answering('look-ups fail', 6, LOOK_UPS, plain('HTTP_5XX'), 8),
  answering('cancel fails', 3, ['CancelOrder'], (random) => ({
    kind: random.pick(['TIMEOUT_AFTER', 'TIMEOUT_BEFORE', 'RESET_AFTER', 'HTTP_5XX']),
  })),
  answering('rate limit', 6, undefined, () => ({ kind: 'ERROR_TEXT', text: 'EAPI:Rate limit exceeded' }), 10),
  answering('invalid nonce', 6, undefined, () => ({ kind: 'ERROR_TEXT', text: 'EAPI:Invalid nonce' })),
];
