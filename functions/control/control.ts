import { UnknownAccount } from '../../shared/account/errors.ts';
import { text } from '../../shared/money/money.ts';
import type {
  AccountSettings,
  AccountSwitch,
  AccountSwitches,
  AuditEntry,
  Changed,
  ControlStore,
  Halt,
} from '../../shared/protection/control.ts';
import type { RunawayBreaker, RunawayLimits } from '../../shared/protection/runaway.ts';
import type { Log, Meter } from '../../shared/telemetry/telemetry.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { ControlInput } from './control-contract.ts';

type HaltInput = Extract<ControlInput, { action: 'halt' | 'resume' | 'status' | 'set-runaway-limits' }>;
type AccountInput = Exclude<ControlInput, HaltInput>;
type SwitchAction = Exclude<AccountInput['action'], 'set-limits' | 'set-protection' | 'set-symbols'>;

/** What each action does to which switch. */
const SWITCHED = {
  enable: { switch: 'enabled', on: true },
  disable: { switch: 'enabled', on: false },
  'pause-copying': { switch: 'copyPaused', on: true },
  'resume-copying': { switch: 'copyPaused', on: false },
  'exit-only': { switch: 'exitOnly', on: true },
  'leave-exit-only': { switch: 'exitOnly', on: false },
} as const satisfies Record<SwitchAction, { readonly switch: AccountSwitch; readonly on: boolean }>;

export interface ControlPorts {
  readonly control: ControlStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
}

/** The state after the call. */
export interface ControlReport {
  /** One sentence for whoever asked. */
  readonly summary: string;
  /** Absent where an account was changed: the change neither read nor touched it. */
  readonly halt?: Halt;
  /** The breaker over all accounts: its limits, and whether it has tripped. With `status` and what changes it. */
  readonly runaway?: RunawayBreaker;
  /** Of a user: its switches, limits, sizing, protection and lists of symbols. */
  readonly account?: AccountSettings;
  /** What the audit trail keeps of this call. */
  readonly entry?: AuditEntry;
  /** What it keeps of the breaker, where `resume` has cleared that, too. */
  readonly cleared?: AuditEntry;
  /** With `status`: the last changes of the account or of the halt, newest first. */
  readonly lastChanges?: readonly AuditEntry[];
}

const SHOWN = 20;

/**
 * Halts and resumes all buying, or sets switches, limits, protection and symbols of one user; each change together with its
 * entry in the audit trail. It holds from the next order on: guards read the settings right before they send.
 * A SELL asks none of them. Doing what is so already succeeds, and is kept, too.
 *
 * @throws UnknownAccount
 * @throws LedgerError: it is not certain that the change was made; ask again, twice does no harm
 */
export const runControl = async (input: ControlInput, ports: ControlPorts): Promise<ControlReport> => {
  const report = await act(input, ports);
  if (report.halt?.engaged === true)
    ports.meter.count('HaltEngaged', { by: report.halt.by, why: report.halt.why });
  else if (report.runaway?.trip !== undefined)
    ports.meter.count('HaltEngaged', { by: report.runaway.trip.by, why: report.runaway.trip.why });
  if (report.entry !== undefined) tell(report.entry, ports.log);
  if (report.cleared !== undefined) tell(report.cleared, ports.log);
  return report;
};

/** Log fields are flat. */
const tell = (entry: AuditEntry, log: Log): void => {
  if ('switch' in entry) {
    log.warn('a switch was set', { ...entry });
  } else {
    const [before, after] = [JSON.stringify(entry.before), JSON.stringify(entry.after)];
    log.warn('a setting was changed', { ...entry, before, after });
  }
};

const act = async (input: ControlInput, ports: ControlPorts): Promise<ControlReport> => {
  const { control, clock } = ports;
  switch (input.action) {
    case 'status':
      return await status(input.accountId, control);
    case 'halt':
    case 'resume': {
      const { by, why } = input;
      const engaged = input.action === 'halt';
      const { now, entry, cleared } = await control.setHalt({ engaged, by, why, at: clock.now() });
      if (cleared === undefined) return { summary: `${already(entry)}${haltText(now)}`, halt: now, entry };
      return { summary: `${haltText(now)} The breaker is cleared, too.`, halt: now, entry, cleared };
    }
    case 'set-runaway-limits': {
      const { by, why, limits } = input;
      const { entry } = await control.setRunawayLimits({ limits, by, why, at: clock.now() });
      const runaway = await control.runaway();
      return { summary: `${already(entry)}${limitsText(runaway.limits)}`, runaway, entry };
    }
    default: {
      const changed = await change(input, ports);
      if (changed === undefined) throw new UnknownAccount(input.accountId);
      const { now, entry } = changed;
      return { summary: `${already(entry)}${accountText(now)}`, account: now, entry };
    }
  }
};

const change = async (
  input: AccountInput,
  { control, clock }: ControlPorts,
): Promise<Changed<AccountSettings> | undefined> => {
  const { accountId, by, why } = input;
  const who = { accountId, by, why, at: clock.now() };
  switch (input.action) {
    case 'set-limits':
      return await control.setLimits({ ...who, limits: input.limits });
    case 'set-protection':
      return await control.setProtection({ ...who, protection: input.protection });
    case 'set-symbols': {
      const { denied, allowed } = input;
      return await control.setSymbols({
        ...who,
        ...(denied === undefined ? {} : { denied: denied ?? [] }),
        ...(allowed === undefined ? {} : { allowed }),
      });
    }
    default:
      return await control.setSwitch({ ...who, ...SWITCHED[input.action] });
  }
};

const status = async (accountId: string | undefined, control: ControlStore): Promise<ControlReport> => {
  const [halt, runaway] = await Promise.all([control.halt(), control.runaway()]);
  const lastChanges = async (subject: string) => (await control.trail(subject)).slice(-SHOWN).reverse();
  if (accountId === undefined)
    return { summary: haltText(halt, runaway), halt, runaway, lastChanges: await lastChanges('halt') };
  const account = await control.settings(accountId);
  if (account === undefined) throw new UnknownAccount(accountId);
  return {
    summary: `${accountText(account)} ${haltText(halt, runaway)}`,
    halt,
    runaway,
    account,
    lastChanges: await lastChanges(accountId),
  };
};

const already = ({ before, after }: AuditEntry): string =>
  JSON.stringify(before) === JSON.stringify(after) ? 'It was so already. ' : '';

const haltText = (halt: Halt, runaway?: RunawayBreaker): string => {
  if (halt.engaged)
    return `All buying is halted, by ${halt.by}: ${halt.why}. Sales, copied sales and exits go on.`;
  return runaway?.trip === undefined
    ? 'Buying is not halted.'
    : `All buying is halted, by the breaker over all accounts: ${runaway.trip.why}. Sales, copied sales and exits go on.`;
};

const limitsText = ({ maxOrders, maxNotional, windowMinutes }: RunawayLimits): string =>
  `All accounts together may send ${maxOrders} BUYs of ${text(maxNotional)} within ${windowMinutes} minutes; above that all buying stops.`;

const accountText = ({ accountId, enabled, copyPaused, exitOnly }: AccountSwitches): string => {
  const stops = [
    ...(enabled ? [] : ['disabled']),
    ...(exitOnly ? ['exit-only'] : []),
    ...(copyPaused ? ['copying paused'] : []),
  ];
  return stops.length === 0
    ? `${accountId} may buy.`
    : `${accountId} buys nothing (${stops.join(', ')}); it can always sell.`;
};
