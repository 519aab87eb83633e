import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { VirtualClock } from '../../infra/local/clock/virtual-clock.ts';
import { startFunctionEndpoint } from '../../infra/local/function-endpoint.ts';
import { OPERATOR } from '../../infra/local/functions.ts';
import { openAccount, register } from '../../infra/local/owner/open-account.ts';
import { ownerOf } from '../../infra/local/owner/owner.ts';
import { fixedPrice } from '../../infra/local/prices/price-source.ts';
import { bootRuntime } from '../../infra/local/runtime.ts';
import { announceServing } from '../../infra/local/state/serving.ts';
import { openState } from '../../infra/local/state/state-folder.ts';
import { marketSymbol } from '../../shared/exchange/market.ts';
import { MINUTE } from '../../shared/time/clock.ts';

const PROJECT = join(import.meta.dirname, '..', '..');
const BTC = marketSymbol('BTC/USD');
export const MASTER = 'm-hand';
/** They follow the master and hold what it bought. */
export const USERS = ['u-ann', 'u-ben', 'u-cho'] as const;

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A local runtime that answers calls, as `npm start -- --serve` leaves one: a master, three followers, one trade that
 * was copied. With the command, run as people run it: in a process of its own.
 */
export const openServedRuntime = async () => {
  const clock = new VirtualClock();
  const state = await openState('throw-away', clock.now());
  const runtime = await bootRuntime({
    state,
    clock,
    seed: 11,
    simulator: { prices: [fixedPrice(BTC, '50000')] },
  });
  const { simulator } = runtime;
  const endpoint = await startFunctionEndpoint(
    (name, event) => runtime.call(name, event),
    (_request, response) => response.writeHead(404).end(),
  );
  const { url } = endpoint;
  const { secretsEndpoint } = runtime;
  const announced = await announceServing(state, { url, secretsEndpoint, operator: OPERATOR });

  const tick = async (): Promise<void> => {
    const scheduledAt = new Date(clock.now()).toISOString();
    await runtime.call('master-tick', { accountId: MASTER, scheduledAt });
    await runtime.settle();
  };
  await openAccount(runtime, { accountId: MASTER, balances: { USD: '100000' }, key: { tier: 'pro' } });
  await register(runtime, MASTER, { strategy: { name: 'manual', symbols: [BTC], mode: 'live' } });
  for (const accountId of USERS) {
    await openAccount(runtime, { accountId, balances: { USD: '10000' }, key: { tier: 'pro' } });
    await register(runtime, accountId, { follows: MASTER });
  }
  const owner = await ownerOf(MASTER, runtime, clock);
  await tick();
  await owner.trade('BUY', BTC, '0.1', '50500');
  await tick();

  const begin = (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const argv = [join(PROJECT, 'cli', 'main.ts'), ...args];
    const child = spawn(process.execPath, argv, {
      cwd: PROJECT,
      stdio: 'pipe',
      env: { ...process.env, ...env },
    });
    const said = { stdout: '', stderr: '' };
    const spoke = new Promise<string>((resolve) => {
      child.stdout.setEncoding('utf8').on('data', (part: string) => {
        said.stdout += part;
        resolve(said.stdout);
      });
      child.once('close', () => resolve(said.stdout));
    });
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      said.stderr += part;
    });
    // A command that reads no input may be gone before it is written.
    child.stdin.on('error', () => undefined);
    const ended = new Promise<Ended>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, ...said }));
    });
    return { child, spoke, ended };
  };

  const nija = async (args: readonly string[], input = ''): Promise<Ended> => {
    const { child, ended } = begin(['--state', state.path, ...args]);
    child.stdin.end(input);
    return await ended;
  };
  /** The same on a stage, whose Lambda is at this address. */
  const nijaOnStage = async (args: readonly string[], lambda: string): Promise<Ended> => {
    const { child, ended } = begin(['--stage', 'prod', ...args], {
      AWS_ENDPOINT_URL_LAMBDA: lambda,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    });
    child.stdin.end();
    return await ended;
  };

  return {
    nija,
    nijaOnStage,
    /** A command that goes on: once it has said something, `look`; then Ctrl-C. */
    nijaUntil: async <T>(
      args: readonly string[],
      look: (said: string) => Promise<T>,
    ): Promise<Ended & { readonly seen: T }> => {
      const { child, spoke, ended } = begin(['--state', state.path, ...args]);
      try {
        const seen = await look(await spoke);
        child.kill('SIGINT');
        return { ...(await ended), seen };
      } finally {
        child.kill('SIGKILL');
      }
    },
    runtime,
    state,
    /** A minute goes by, after which every key may ask the exchange again. */
    rest: (): void => clock.advanceTo(clock.now() + MINUTE),
    origin: new URL(url.replace('<name>', 'x')).origin,
    /** What an account has at the exchange, of this asset. */
    held: (accountId: string, asset: string): string =>
      simulator.books.balances(accountId)[asset]?.total ?? '0',
    /** An account at the exchange with a key that Nija does not have yet. */
    newKey: (accountId: string) => {
      simulator.createAccount({ accountId, balances: { USD: '500' } });
      return simulator.addKey({ accountId, tier: 'pro' });
    },
    stop: async (): Promise<void> => {
      await announced.withdraw();
      await endpoint.stop();
      await runtime.stop();
      await state.close();
    },
  };
};
export type ServedRuntime = Awaited<ReturnType<typeof openServedRuntime>>;
