import { TRADING_PERMISSIONS } from '../../infra/local/kraken/accounts.ts';
import { TIERS } from '../../infra/local/kraken/rate-limits.ts';
import type { Random } from '../kernel/random.ts';
import { drawKey } from '../world/keys.ts';
import type { Actor, Member, World } from '../world/world.ts';
import { callPatiently, endOf } from './consoles.ts';
import { minutes } from './durations.ts';
import { pickAnyone, pickRegistered } from './people.ts';
import { perWorld } from './per-world.ts';
import { leaveExitOnly } from './switches.ts';

/** Hours: until the account is registered with its new key, nothing of it works. */
const ATTEMPTS = 100;

const revokedOf = perWorld(() => new Map<Member, Random>());
const changedOf = perWorld(() => new Set<string>());

/** As owners do it: a new key at the exchange, into the vault, and the account registered with it again. */
const replaceKey = async (world: World, who: string, member: Member, random: Random): Promise<void> => {
  const { accountId, role, apiKey: before } = member;
  revokedOf(world).delete(member);
  const key = world.exchange.addKey({
    accountId,
    tier: random.pick(TIERS),
    ...drawKey(random.split('key'), world.canary),
  });
  world.storeSecret(member, key);
  world.told.push({ what: 'key', accountId, before, after: key.apiKey, at: world.sim.now() });
  world.sim.note(who, `${accountId} gets a new key`);
  const fn = role === 'master' ? 'register-master' : 'register-user';
  const end = await callPatiently(world, random, fn, { accountId, exchange: 'kraken' }, ATTEMPTS);
  world.sim.note(who, `${accountId} is registered again`, endOf(end));
};

/** The old key is revoked some time before or after, or left as it is. */
const replaces: Actor = {
  name: 'key replaced',
  weight: 8,
  act: async (world, random) => {
    const member = pickAnyone(world, random);
    if (member === undefined || revokedOf(world).has(member)) return;
    const { apiKey: old } = member;
    if (random.chance(0.4)) world.exchange.revokeKey(old);
    else if (random.chance(0.6)) world.sim.after(minutes(random, 0, 30), () => world.exchange.revokeKey(old));
    await replaceKey(world, replaces.name, member, random);
  },
};

const revokes = (name: string, weight: number, role: Member['role'], most: number): Actor => ({
  name,
  weight,
  act: async (world, random) => {
    const member = pickRegistered(world, role, random);
    if (member === undefined || revokedOf(world).has(member)) return;
    world.exchange.revokeKey(member.apiKey);
    world.sim.note(name, member.accountId);
    revokedOf(world).set(member, random);
    await world.sim.clock.sleep(minutes(random, 5, most));
    // Replaced by somebody else meanwhile, or because faults have stopped.
    if (revokedOf(world).has(member)) await replaceKey(world, name, member, random);
  },
  mend: (world) => {
    for (const [member, random] of revokedOf(world)) world.sim.watch(replaceKey(world, name, member, random));
  },
});

/** For a while its key may do something else; it is again as it was, later. */
const mayOtherwise = (
  name: string,
  weight: number,
  most: number,
  change: (world: World, apiKey: string, random: Random) => void,
  changeBack: (world: World, apiKey: string) => void,
  afterwards?: (world: World, member: Member, random: Random) => Promise<void>,
): Actor => ({
  name,
  weight,
  act: async (world, random) => {
    const member = pickAnyone(world, random);
    if (member === undefined) return;
    const { accountId, apiKey } = member;
    change(world, apiKey, random);
    changedOf(world).add(apiKey);
    world.sim.note(name, accountId);
    await world.sim.clock.sleep(minutes(random, 5, most));
    changeBack(world, apiKey);
    await afterwards?.(world, member, random);
  },
  mend: (world) => {
    for (const apiKey of changedOf(world)) changeBack(world, apiKey);
  },
});

const usualRights = ({ exchange }: World, apiKey: string): void =>
  exchange.setPermissions(apiKey, TRADING_PERMISSIONS);

const canWithdraw = mayOtherwise(
  'key can withdraw',
  4,
  120,
  ({ exchange }, apiKey) => exchange.setPermissions(apiKey, [...TRADING_PERMISSIONS, 'withdraw-funds']),
  usualRights,
  async (world, { accountId, role }, random) => {
    // A check may have set it exit-only, which nothing lifts but somebody who has seen to the key.
    if (role === 'user' && random.chance(0.8))
      await leaveExitOnly(world, 'key can withdraw', accountId, random);
  },
);

const lostRights = mayOtherwise(
  'key lost rights',
  4,
  90,
  ({ exchange }, apiKey, random) => {
    const lost = random.pick(TRADING_PERMISSIONS);
    exchange.setPermissions(
      apiKey,
      TRADING_PERMISSIONS.filter((permission) => permission !== lost && permission !== 'close-trades'),
    );
  },
  usualRights,
);

/** So large a window lets a nonce pass that is some milliseconds too low. */
const nonceWindow = mayOtherwise(
  'nonce window',
  3,
  120,
  ({ exchange }, apiKey, random) =>
    exchange.setKeyTerms(apiKey, { nonceWindow: random.pick([1, 1_000, 50_000]) }),
  ({ exchange }, apiKey) => exchange.setKeyTerms(apiKey, { nonceWindow: 0 }),
);

/** What happens to keys. */
export const KEYS: readonly Actor[] = [
  replaces,
  revokes("user's key revoked", 5, 'user', 150),
  revokes("master's key revoked", 3, 'master', 60),
  canWithdraw,
  lostRights,
  nonceWindow,
];
