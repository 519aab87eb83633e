import * as z from 'zod';
import { zMasterId } from '../../shared/account/account.ts';
import { type ConnectPorts, withConnection } from '../../shared/account/connect.ts';
import type { Valuation } from '../../shared/account/equity.ts';
import { UnknownAccount } from '../../shared/account/errors.ts';
import type { Trade } from '../../shared/copying/trade.ts';
import { ExchangeError } from '../../shared/exchange/exchange.ts';
import { attemptRead } from '../../shared/ledger/read.ts';
import type { MasterLedger } from '../../shared/strategy/master-ledger.ts';
import type { LoadedStrategy } from '../../shared/strategy/strategy.ts';
import type { Meter } from '../../shared/telemetry/telemetry.ts';
import { type Clock, MINUTE, SECOND } from '../../shared/time/clock.ts';
import { VaultError } from '../../shared/vault/vault.ts';
import { evaluate } from './evaluate.ts';

export const zTickInput = z.strictObject({
  accountId: zMasterId,
  /** When the tick was due: the same tick delivered twice places nothing twice. */
  scheduledAt: z.iso.datetime(),
  periodMs: z
    .int()
    .min(SECOND)
    .max(60 * MINUTE)
    .default(5 * MINUTE),
});
export type TickInput = z.infer<typeof zTickInput>;

export interface MasterTickPorts extends ConnectPorts {
  readonly ledger: MasterLedger;
  readonly clock: Clock;
  readonly meter: Meter;
  /** @throws StrategyConfigError naming the field */
  strategy(name: string, config: unknown): LoadedStrategy;
}

export interface TickReport {
  readonly accountId: string;
  /** The master's balance as the tick found it. */
  readonly balance: Valuation;
  readonly trades: readonly Trade[];
  readonly decisions: readonly string[];
}

/**
 * One evaluation of a master's strategy: positions first, then at most one entry; then all that the exchange
 * executed since the cursor is recorded and published. Ends by publishing the master's health, also on failure.
 *
 * @throws what kept the tick from finishing; the same tick again goes on where it stopped
 */
export const runTick = async (input: TickInput, ports: MasterTickPorts): Promise<TickReport> => {
  const { accountId } = input;
  await tellHalt(accountId, ports);
  try {
    const report = await tick(input, ports);
    await publish(input, { healthy: true, reason: 'ok' }, ports);
    ports.meter.count('TickSucceeded', { account: accountId }, { master: accountId });
    return report;
  } catch (error) {
    ports.log.error('a tick failed', error, { account: accountId, cause: `tick ${input.scheduledAt}` });
    ports.meter.count('TickFailed', { account: accountId }, { master: accountId });
    const told = await attemptRead(() => publish(input, { healthy: false, reason: reasonOf(error) }, ports));
    if (!told.readable)
      ports.log.warn("the master's status could not be published; it grows old instead", {
        account: accountId,
        why: told.why,
      });
    throw error;
  }
};

/** A halt is told at every tick, entry or not: nobody is to wonder for days why nothing is bought. */
const tellHalt = async (accountId: string, { ledger, log, meter }: MasterTickPorts): Promise<void> => {
  const read = await attemptRead(() => Promise.all([ledger.control.halt(), ledger.runaway.breaker()]));
  if (!read.readable) {
    log.warn('the halt switch could not be read: nothing is bought', { account: accountId, why: read.why });
    return;
  }
  const [halt, { trip }] = read.value;
  if (halt.engaged) meter.count('HaltEngaged', { account: accountId, by: halt.by, why: halt.why });
  else if (trip !== undefined) meter.count('HaltEngaged', { account: accountId, by: trip.by, why: trip.why });
};

/** A master that must not trade now. */
export class MasterDisabled extends Error {
  override readonly name = 'MasterDisabled';
}

const tick = async (input: TickInput, ports: MasterTickPorts): Promise<TickReport> => {
  const { accountId } = input;
  const account = await ports.ledger.accounts.get(accountId);
  if (account === undefined) throw new UnknownAccount(accountId);
  if (!account.enabled)
    throw new MasterDisabled(`${accountId} is disabled: enable it, or switch its schedule off`);
  const plan = account.strategy;
  if (plan === undefined)
    throw new MasterDisabled(
      `${accountId} has no strategy: register it with one ('manual' only copies what the owner does)`,
    );
  const strategy = ports.strategy(plan.name, plan.config);
  const terms = { holder: `tick ${input.scheduledAt}`, priority: 'normal', waitMs: 10 * SECOND } as const;
  return await withConnection(
    account,
    terms,
    ports,
    async (connection) => await evaluate(input, { ...account, strategy: plan }, strategy, connection, ports),
  );
};

const publish = async (
  { accountId, periodMs }: TickInput,
  status: { readonly healthy: boolean; readonly reason: string },
  { ledger, clock }: MasterTickPorts,
): Promise<void> => await ledger.publishStatus({ masterId: accountId, ...status, at: clock.now(), periodMs });

/** What followers read: the kind of failure, without its details. */
const reasonOf = (error: unknown): string => {
  if (error instanceof ExchangeError) return `the exchange answers the master with ${error.code}`;
  if (error instanceof VaultError) return `the master's key cannot be loaded (${error.code})`;
  if (error instanceof MasterDisabled) return 'the master is disabled';
  return `the master's tick failed (${error instanceof Error ? error.name : 'unknown error'})`;
};
