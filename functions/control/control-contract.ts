import * as z from 'zod';
import { zAccountId, zSymbols } from '../../shared/account/account.ts';
import { zAsks } from '../../shared/account/asked.ts';
import { zLimitChanges } from '../../shared/account/limits.ts';
import { zProtectionChanges } from '../../shared/protection/protection-settings.ts';
import { zRunawayLimitChanges } from '../../shared/protection/runaway.ts';

const asked = { by: zAsks.by, why: zAsks.why };

/** The user plane touches nothing of a master. */
const zOfUser = zAccountId.refine((accountId) => !accountId.startsWith('m-'), {
  error: ({ input }) =>
    `control changes users alone (given '${String(input)}', a master): to stop what it buys, call register-master with "enabled": false, or pause its schedule, or halt all buying`,
});

const switchAction = <A extends string>(action: A) =>
  z.strictObject({ action: z.literal(action), accountId: zOfUser, ...asked });

const zSetLimits = z.strictObject({
  action: z.literal('set-limits'),
  accountId: zOfUser,
  limits: zLimitChanges.refine(
    (limits) => Object.keys(limits).length > 0,
    'name at least one limit: what is not named stays as it is',
  ),
  ...asked,
});

const zSetProtection = z.strictObject({
  action: z.literal('set-protection'),
  accountId: zOfUser,
  protection: zProtectionChanges.refine(
    (protection) => Object.keys(protection).length > 0,
    'name at least one setting: what is not named stays as it is',
  ),
  ...asked,
});

const zSetSymbols = z
  .strictObject({
    action: z.literal('set-symbols'),
    accountId: zOfUser,
    /** `null`: none. */
    denied: zSymbols.nullable().exactOptional(),
    /** Only these; `null`: all that are not denied. */
    allowed: zSymbols.nullable().exactOptional(),
    ...asked,
  })
  .refine(
    ({ denied, allowed }) => denied !== undefined || allowed !== undefined,
    'name denied, allowed or both: a list that is not named stays as it is',
  );

const zSetRunawayLimits = z.strictObject({
  action: z.literal('set-runaway-limits'),
  limits: zRunawayLimitChanges.refine(
    (limits) => Object.keys(limits).length > 0,
    'name at least one limit: what is not named stays as it is',
  ),
  ...asked,
});

export const zControlInput = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('halt'), ...asked }),
  z.strictObject({ action: z.literal('resume'), ...asked }),
  z.strictObject({ action: z.literal('status'), accountId: zOfUser.exactOptional() }),
  switchAction('enable'),
  switchAction('disable'),
  switchAction('pause-copying'),
  switchAction('resume-copying'),
  switchAction('exit-only'),
  switchAction('leave-exit-only'),
  zSetLimits,
  zSetProtection,
  zSetSymbols,
  zSetRunawayLimits,
]);
export type ControlInput = z.infer<typeof zControlInput>;
