import * as z from 'zod';
import { zAccountId } from '../../shared/account/account.ts';
import { UnknownAccount } from '../../shared/account/errors.ts';
import type {
  AccountSwitch,
  AccountSwitches,
  AuditEntry,
  ControlStore,
  Halt,
} from '../../shared/protection/control.ts';
import type { Log, Meter } from '../../shared/telemetry/telemetry.ts';
import type { Clock } from '../../shared/time/clock.ts';

const said = (most: number, what: string) =>
  z.string(what).trim().min(1, what).max(most, `at most ${most} characters`);
const asked = {
  by: said(100, 'say who asks'),
  why: said(500, 'say why: it is kept in the audit trail'),
};

const accountAction = <A extends string>(action: A) =>
  z.strictObject({ action: z.literal(action), accountId: zAccountId, ...asked });
/** A master copies nobody: what is meant is `halt`, or to disable the master. */
const copyAction = <A extends string>(action: A) =>
  z.strictObject({
    action: z.literal(action),
    accountId: zAccountId.startsWith(
      'u-',
      'only users copy: to stop all copying, halt; to stop a master, disable it',
    ),
    ...asked,
  });

export const zControlInput = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('halt'), ...asked }),
  z.strictObject({ action: z.literal('resume'), ...asked }),
  z.strictObject({ action: z.literal('status'), accountId: zAccountId.optional() }),
  accountAction('enable'),
  accountAction('disable'),
  copyAction('pause-copying'),
  copyAction('resume-copying'),
  accountAction('exit-only'),
  accountAction('leave-exit-only'),
]);
export type ControlInput = z.infer<typeof zControlInput>;
type AccountAction = Exclude<ControlInput['action'], 'halt' | 'resume' | 'status'>;

/** What each action does to which switch. */
const SWITCHED = {
  enable: { switch: 'enabled', on: true },
  disable: { switch: 'enabled', on: false },
  'pause-copying': { switch: 'copyPaused', on: true },
  'resume-copying': { switch: 'copyPaused', on: false },
  'exit-only': { switch: 'exitOnly', on: true },
  'leave-exit-only': { switch: 'exitOnly', on: false },
} as const satisfies Record<AccountAction, { readonly switch: AccountSwitch; readonly on: boolean }>;

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
  readonly account?: AccountSwitches;
  /** What the audit trail keeps of this call. */
  readonly entry?: AuditEntry;
  /** With `status`: the last changes of the account or of the halt, newest first. */
  readonly lastChanges?: readonly AuditEntry[];
}

const SHOWN = 20;

/**
 * Halts and resumes all buying, or sets the switches of one account; each change together with its entry in
 * the audit trail. It holds from the next order on: guards read the switches right before they send. A SELL
 * asks none of them. Doing what is so already succeeds, and is kept, too.
 *
 * @throws UnknownAccount
 * @throws LedgerError: it is not certain that the change was made; ask again, twice does no harm
 */
export const runControl = async (input: ControlInput, ports: ControlPorts): Promise<ControlReport> => {
  const report = await act(input, ports);
  if (report.halt?.engaged === true)
    ports.meter.count('HaltEngaged', { by: report.halt.by, why: report.halt.why });
  if (report.entry !== undefined) ports.log.warn('a switch was set', { ...report.entry });
  return report;
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
      const { now, entry } = await control.setHalt({ engaged, by, why, at: clock.now() });
      return { summary: `${already(entry)}${haltText(now)}`, halt: now, entry };
    }
    default: {
      const { accountId, by, why } = input;
      const change = { accountId, ...SWITCHED[input.action], by, why, at: clock.now() };
      const changed = await control.setSwitch(change);
      if (changed === undefined) throw new UnknownAccount(accountId);
      const { now, entry } = changed;
      return { summary: `${already(entry)}${accountText(now)}`, account: now, entry };
    }
  }
};

const status = async (accountId: string | undefined, control: ControlStore): Promise<ControlReport> => {
  const halt = await control.halt();
  const lastChanges = async (subject: string) => (await control.trail(subject)).slice(-SHOWN).reverse();
  if (accountId === undefined)
    return { summary: haltText(halt), halt, lastChanges: await lastChanges('halt') };
  const account = await control.switches(accountId);
  if (account === undefined) throw new UnknownAccount(accountId);
  return {
    summary: `${accountText(account)} ${haltText(halt)}`,
    halt,
    account,
    lastChanges: await lastChanges(accountId),
  };
};

const already = ({ before, after }: AuditEntry): string => (before === after ? 'It was so already. ' : '');

const haltText = (halt: Halt): string =>
  halt.engaged
    ? `All buying is halted, by ${halt.by}: ${halt.why}. Sales, copied sales and exits go on.`
    : 'Buying is not halted.';

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
