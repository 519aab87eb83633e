/**
 * Everything but our functions, in a process of its own: the database, secrets, queues, event sources and the
 * exchange. What the functions' own process spends is then ours alone. Forked by world.ts.
 */
import * as z from 'zod';
import { VirtualClock } from '../infra/local/clock/virtual-clock.ts';
import { openAccount } from '../infra/local/owner/open-account.ts';
import { type Owner, ownerOf } from '../infra/local/owner/owner.ts';
import { measuredPrices, STEADY } from '../infra/local/prices/measured-markets.ts';
import { bootRuntime } from '../infra/local/runtime.ts';
import { openState } from '../infra/local/state/state-folder.ts';
import { linkTo, type Method } from './link.ts';

const { latencyMs, copiesAtOnce } = z
  .object({ latencyMs: z.number(), copiesAtOnce: z.number() })
  .parse(JSON.parse(process.argv[2] ?? '{}'));
const SEED = 1;

const clock = new VirtualClock();
const state = await openState('throw-away', clock.now());
const variables: Record<string, Readonly<Record<string, string>>> = {};
const methods: Record<string, Method> = {};
const functions = linkTo(process, methods);

const runtime = await bootRuntime({
  state,
  clock,
  seed: SEED,
  copyConcurrency: copiesAtOnce,
  simulator: {
    prices: measuredPrices(clock.now(), SEED),
    latencyMs,
    // More trades in a minute than any owner makes: the counters would measure Kraken, not us.
    rateLimits: { private: false, engine: false },
  },
  runElsewhere: (name, env) => {
    variables[name] = env;
    return async (event) => await functions.call('invoke', { name, event });
  },
  report: ({ functionName, message, error }) => {
    process.stderr.write(`${functionName}: ${message}: ${error instanceof Error ? error.message : error}\n`);
  },
});

const owners = new Map<string, Owner>();
const zAccount = z.object({ accountId: z.string(), balances: z.record(z.string(), z.string()) });
const zTrade = z.object({ accountId: z.string(), side: z.enum(['BUY', 'SELL']), size: z.string() });

methods['variables'] = async () => variables;
methods['openAccount'] = async (params) => {
  await openAccount(runtime, zAccount.parse(params));
};
methods['trade'] = async (params) => {
  const { accountId, side, size } = zTrade.parse(params);
  const owner = owners.get(accountId) ?? (await ownerOf(accountId, runtime, clock));
  owners.set(accountId, owner);
  await owner.trade(side, STEADY, size, '50500');
};
methods['settle'] = async () => await runtime.settle();
methods['advance'] = async (moment) => clock.advanceTo(z.number().parse(moment));
methods['copies'] = async (accountId) => {
  const copies = await runtime.ledger.copies.list(z.string().parse(accountId));
  return copies.map(({ outcome }) => outcome ?? { state: 'OPEN' });
};
const stop = async (): Promise<void> => {
  await runtime.stop();
  await state.close();
};
let stopped: Promise<void> | undefined;
methods['stop'] = async () => {
  stopped ??= stop();
  await stopped;
};
// A Ctrl-C reaches both processes; this one goes when the one that measures is gone, in order.
process.on('SIGINT', () => undefined);
process.on('disconnect', async () => {
  stopped ??= stop();
  await stopped;
  process.exit();
});
await functions.call('booted');
