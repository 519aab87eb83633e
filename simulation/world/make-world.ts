import { CreateSecretCommand, UpdateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { createKrakenSimulator } from '../../infra/local/kraken/simulator.ts';
import type { LogLine } from '../../infra/local/local-host.ts';
import { roleOf } from '../../shared/account/account.ts';
import { dynamoMasterLedger } from '../../shared/ledger/dynamodb/master-ledger.ts';
import { secretName } from '../../shared/vault/vault.ts';
import { Lambda } from '../kernel/lambda.ts';
import { faultyProfiles } from '../kernel/profiles.ts';
import type { SeedRun } from '../kernel/seed-run.ts';
import { Sim } from '../kernel/sim.ts';
import { drawCast, type Part, tradesByItself } from './cast.ts';
import { Deployments } from './deployments.ts';
import { canaryOf, drawKey, type SimulatedKey } from './keys.ts';
import { drawMarkets } from './markets.ts';
import { idsOf, makePlatform, type Platform, STAGE, TABLE } from './platform.ts';
import { Sightings } from './sightings.ts';
import { type Sources, startSources } from './sources.ts';
import type { Member, World } from './world.ts';

/** A Monday, at no special time of the day. */
const START_AT = Date.UTC(2026, 0, 5, 9, 30);
/** Enough to read the last hours of a history; the hash is over all of it. */
const TRACE_RECORDS = 20_000;

/** A world with what only its own stage hands know of. */
export interface Staged {
  readonly world: World;
  readonly platform: Platform;
  readonly sources: Sources;
  /** Who plays which part. */
  readonly parts: ReadonlyMap<Member, Part>;
}

/** Everything of one seed, before anything has happened: accounts have keys and secrets, nobody is registered. */
export const makeWorld = ({ seed, steps, allow }: SeedRun): Staged => {
  const sim = new Sim({
    seed,
    startAt: START_AT,
    profiles: faultyProfiles,
    traceLimit: TRACE_RECORDS,
    ...(allow === undefined ? {} : { allow }),
  });
  const drawn = sim.random.split('world');
  const markets = drawMarkets(drawn, { seed, startAt: START_AT, withHistory: tradesByItself(drawn) });
  const cast = drawCast(drawn, markets.symbols, steps);
  const exchange = createKrakenSimulator({ clock: sim.clock, seed, prices: markets.prices });
  const sightings = new Sightings(() => sim.now());
  const platform = makePlatform(sim, exchange, sightings);
  const canary = canaryOf(seed);
  const lines: LogLine[] = [];
  const parts = { platform, sightings, write: (line: LogLine) => void lines.push(line) };
  const lambda = new Lambda(sim);
  const deployments = new Deployments(sim, lambda, parts);
  const sources = startSources(sim, lambda, platform);

  const secretOf = ({ accountId }: Pick<Member, 'accountId'>, { apiKey, apiSecret }: SimulatedKey) => ({
    name: secretName(STAGE, roleOf(accountId), accountId),
    text: JSON.stringify({ accountId, exchange: 'kraken', apiKey, apiSecret }),
  });

  const roles = new Map<Member, Part>();
  for (const part of cast.parts) {
    const { accountId, role, balances, tier } = part;
    const keys = drawn.split(`keys of ${accountId}`);
    exchange.createAccount({ accountId, balances });
    const own = exchange.addKey({
      accountId,
      name: "the owner's own",
      tier: 'pro',
      ...drawKey(keys, canary),
    });
    const key = exchange.addKey({ accountId, tier, ...drawKey(keys, canary) });
    const secret = secretOf(part, key);
    sim.watch(platform.vault.send(new CreateSecretCommand({ Name: secret.name, SecretString: secret.text })));
    const member: Member = {
      accountId,
      role,
      apiKey: key.apiKey,
      ownKey: own.apiKey,
      ownSecret: own.apiSecret,
      registeredAt: undefined,
    };
    roles.set(member, part);
  }

  const world: World = {
    sim,
    canary,
    exchange,
    symbols: markets.symbols,
    members: [...roles.keys()],
    ledger: dynamoMasterLedger({
      client: platform.database.client,
      table: TABLE,
      clock: sim.clock,
      chance: idsOf(sim, 'who looks on'),
    }),
    items: () => platform.database.items(),
    changes: platform.database.stream,
    queues: [platform.copies, platform.checks]
      .flatMap(({ queue, deadLetters }) => [queue, deadLetters])
      .concat(platform.lostTrades)
      .map((queue) => ({ name: queue.settings.name, counts: () => queue.counts() })),
    lines,
    told: [],
    onSeen: (listener) => sightings.listen(listener),
    call: (fn, event) => lambda.invoke(fn, event),
    storeSecret: (member, key) => {
      const secret = secretOf(member, key);
      member.apiKey = key.apiKey;
      sim.watch(
        platform.vault.send(new UpdateSecretCommand({ SecretId: secret.name, SecretString: secret.text })),
      );
    },
    stopMaster: () => sources.switchMasters(false),
    startMaster: () => sources.switchMasters(true),
    deploy: (fn, forMs) => deployments.next(fn, forMs),
    recycle: (fn) => lambda.recycle(fn),
    redriveDeadLetters: () => {
      for (const { queue, deadLetters } of [platform.copies, platform.checks]) {
        const count = deadLetters.redriveTo(() => queue);
        if (count > 0) sim.note('operator', `sends ${count} dead letters on`, queue.settings.name);
      }
    },
  };
  return { world, platform, sources, parts: roles };
};
